//! The key set as one item of the keychain: the only place that reads and writes it.

use std::sync::Arc;

use ledsaga_core::ports::SecretStore;
use zeroize::Zeroizing;

use crate::{
    error::OpenError,
    keyset::{KeySet, checked, checksum},
    pin::{Pin, PinKey, Pinned},
};

/// The first byte of an item whose key set is sealed with a PIN; every other one is the format of a key set.
const PINNED: u8 = 0x80;

/// Where one vault keeps its key set, and the key of its PIN once that is known.
pub(crate) struct KeyItem {
    secrets: Arc<dyn SecretStore>,
    name: String,
    pin: Option<PinKey>,
}

/// What the item holds.
pub(crate) enum Kept {
    Keys(KeySet),
    /// The PIN is needed first.
    Pinned(Pinned),
}

struct Found {
    bytes: Zeroizing<Vec<u8>>,
    kept: Kept,
    beside: bool,
}

impl KeyItem {
    pub fn new(secrets: Arc<dyn SecretStore>, vault: &str) -> Self {
        Self { secrets, name: format!("keyset.{vault}"), pin: None }
    }

    /// What is kept, without a change to the keychain.
    pub async fn look(&self) -> Result<Option<Kept>, OpenError> {
        Ok(self.find().await?.map(|found| found.kept))
    }

    /// What is kept. Finishes or takes away what a crash has left of [`Self::keep`].
    pub async fn read(&self) -> Result<Option<Kept>, OpenError> {
        let Some(found) = self.find().await? else { return Ok(None) };
        if found.beside {
            self.put(&self.name, &found.bytes).await?;
        }
        self.remove_beside().await;
        Ok(Some(found.kept))
    }

    /// Opens what the PIN closes; `None` when the PIN is another.
    pub async fn unlock(&mut self, pinned: &Pinned, pin: &Pin) -> Result<Option<KeySet>, OpenError> {
        let Some((plain, key)) = pinned.open(&self.name, pin).await? else { return Ok(None) };
        self.pin = Some(key);
        KeySet::decode(&plain).map(Some)
    }

    pub fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// Whether this is the PIN that the key set is kept under.
    pub async fn is_pin(&self, pin: &Pin) -> Result<bool, OpenError> {
        let Some(key) = &self.pin else { return Err(OpenError::Failed) };
        Ok(key.is_of(pin).await?)
    }

    /// Puts the key set in the place of the one before. It is first put beside it and read back, so that after a
    /// crash, or with a keychain that does not keep what it is given, one of the two is there.
    ///
    /// # Errors
    /// When the keychain does not have it, or not only: either may be there at the next start.
    pub async fn keep(&self, keys: &KeySet) -> Result<(), OpenError> {
        self.keep_with(keys, self.pin.as_ref()).await
    }

    /// Keeps the key set under another PIN, or under none.
    ///
    /// # Errors
    /// The PIN from before goes on, as far as the keychain lets it.
    pub async fn set_pin(&mut self, keys: &KeySet, pin: Option<&Pin>) -> Result<(), OpenError> {
        let key = match pin {
            Some(pin) => Some(PinKey::new(pin).await?),
            None => None,
        };
        if let Err(error) = self.keep_with(keys, key.as_ref()).await {
            let _ = self.keep(keys).await;
            return Err(error);
        }
        self.pin = key;
        Ok(())
    }

    /// Takes a key set away that nothing has been sealed with yet.
    pub async fn forget(&self) {
        self.remove_beside().await;
        if self.secrets.delete(&self.name).await.is_err() {
            tracing::warn!("a key set of no use is left in the keychain");
        }
    }

    async fn keep_with(&self, keys: &KeySet, pin: Option<&PinKey>) -> Result<(), OpenError> {
        let bytes = match pin {
            Some(pin) => self.pinned(keys, pin)?,
            None => keys.encode(),
        };
        if let Err(error) = self.put(&self.beside(), &bytes).await {
            self.remove_beside().await;
            return Err(error);
        }
        self.put(&self.name, &bytes).await?;
        self.remove_beside().await;
        Ok(())
    }

    fn pinned(&self, keys: &KeySet, pin: &PinKey) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut bytes = vec![PINNED];
        bytes.extend_from_slice(&pin.seal(&self.name, &keys.encode())?);
        // Tells damage from a wrong PIN.
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        Ok(Zeroizing::new(bytes))
    }

    async fn put(&self, name: &str, bytes: &Zeroizing<Vec<u8>>) -> Result<(), OpenError> {
        self.secrets.set(name, bytes).await?;
        if self.secrets.get(name).await?.as_ref() == Some(bytes) { Ok(()) } else { Err(OpenError::Failed) }
    }

    /// What is in its place, or else what waits beside it: it was whole before the other was touched.
    async fn find(&self) -> Result<Option<Found>, OpenError> {
        let in_place = self.found(&self.name, false).await;
        let (Ok(None) | Err(OpenError::Unreadable)) = in_place else { return in_place };
        match self.found(&self.beside(), true).await {
            Ok(None) | Err(OpenError::Unreadable) => in_place,
            beside => beside,
        }
    }

    async fn found(&self, name: &str, beside: bool) -> Result<Option<Found>, OpenError> {
        let Some(bytes) = self.secrets.get(name).await? else { return Ok(None) };
        let kept = match checked(&bytes)? {
            (PINNED, fields) => Kept::Pinned(Pinned::parse(fields).ok_or(OpenError::Unreadable)?),
            _ => Kept::Keys(KeySet::decode(&bytes)?),
        };
        Ok(Some(Found { bytes, kept, beside }))
    }

    async fn remove_beside(&self) {
        if self.secrets.delete(&self.beside()).await.is_err() {
            tracing::warn!("a copy of the key set is left in the keychain until the next change");
        }
    }

    /// Where a key set waits until it has been read back.
    fn beside(&self) -> String {
        format!("{}.new", self.name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{collections::HashMap, sync::Mutex};

    use async_trait::async_trait;
    use base64::{Engine, prelude::BASE64_STANDARD};
    use ledsaga_core::ports::SecretError;

    use super::*;
    use crate::keyset::{Day, Epoch};

    const TODAY: Day = 20_000;

    /// A keychain that fails as it is told.
    #[derive(Default)]
    pub(crate) struct Items {
        pub secrets: Mutex<HashMap<String, Vec<u8>>>,
        pub locked: Mutex<bool>,
        /// How many of the next writes come out wrong.
        pub garbles: Mutex<u32>,
        /// How many more calls there will be before the process dies.
        pub calls_left: Mutex<Option<u32>>,
    }

    impl Items {
        /// The key set that the next start will find.
        pub async fn keys(self: &Arc<Self>) -> KeySet {
            match KeyItem::new(self.clone(), "disa").look().await.unwrap().unwrap() {
                Kept::Keys(keys) => keys,
                Kept::Pinned(_) => panic!("a PIN is needed"),
            }
        }

        fn call(&self) -> Result<(), SecretError> {
            match &mut *self.calls_left.lock().unwrap() {
                Some(0) => return Err(SecretError::Failed),
                Some(left) => *left -= 1,
                None => {}
            }
            if *self.locked.lock().unwrap() { Err(SecretError::Locked) } else { Ok(()) }
        }
    }

    #[async_trait]
    impl SecretStore for Items {
        async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
            self.call()?;
            Ok(self.secrets.lock().unwrap().get(name).cloned().map(Zeroizing::new))
        }

        async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
            self.call()?;
            let mut garbles = self.garbles.lock().unwrap();
            let length = if *garbles > 0 { secret.len() - 1 } else { secret.len() };
            *garbles = garbles.saturating_sub(1);
            self.secrets.lock().unwrap().insert(name.into(), secret[..length].to_vec());
            Ok(())
        }

        async fn delete(&self, name: &str) -> Result<(), SecretError> {
            self.call()?;
            self.secrets.lock().unwrap().remove(name);
            Ok(())
        }
    }

    fn pin() -> Pin {
        Pin::new("739184")
    }

    fn item(items: &Arc<Items>) -> KeyItem {
        KeyItem::new(items.clone(), "disa")
    }

    /// What the next start finds, with the PIN if it needs one.
    async fn found(items: &Arc<Items>) -> (KeySet, bool) {
        let mut item = item(items);
        let found = match item.read().await.unwrap().unwrap() {
            Kept::Keys(keys) => (keys, false),
            Kept::Pinned(pinned) => (item.unlock(&pinned, &pin()).await.unwrap().unwrap(), true),
        };
        assert_eq!(items.secrets.lock().unwrap().len(), 1, "nothing is left beside it");
        found
    }

    #[tokio::test]
    async fn a_crash_at_any_call_leaves_the_old_keys_or_the_new() {
        let old = KeySet::new(TODAY, 14).unwrap();
        let (new, _) = old.with_new_turn(Epoch::first(TODAY + 14)).unwrap();
        let mut seen = (0, 0);
        for calls in 0..5 {
            let items = Arc::new(Items::default());
            item(&items).keep(&old).await.unwrap();
            *items.calls_left.lock().unwrap() = Some(calls);
            let kept = item(&items).keep(&new).await;
            *items.calls_left.lock().unwrap() = None;
            let (keys, _) = found(&items).await;
            if keys.same_as(&new) {
                seen.1 += 1;
            } else {
                assert!(keys.same_as(&old));
                assert!(kept.is_err(), "what is said to be kept is kept");
                seen.0 += 1;
            }
        }
        assert!(seen.0 > 0 && seen.1 > 0);
    }

    /// What would happen if the keychain tore the item while it is replaced.
    #[tokio::test]
    async fn a_torn_item_is_made_good_from_the_one_beside_it() {
        let old = KeySet::new(TODAY, 14).unwrap();
        let (new, _) = old.with_new_turn(Epoch::first(TODAY + 14)).unwrap();
        let items = Arc::new(Items::default());
        item(&items).keep(&old).await.unwrap();
        // One beside it and read back, and then the process dies in the middle of the second write.
        *items.calls_left.lock().unwrap() = Some(3);
        item(&items).keep(&new).await.unwrap_err();
        *items.calls_left.lock().unwrap() = None;
        let torn = |items: &Items| items.secrets.lock().unwrap().get_mut("keyset.disa").unwrap().truncate(9);
        torn(&items);
        assert!(found(&items).await.0.same_as(&new));

        torn(&items);
        assert_eq!(item(&items).read().await.err(), Some(OpenError::Unreadable), "without it nothing helps");
    }

    #[tokio::test]
    async fn what_comes_back_otherwise_is_not_put_in_place() {
        let old = KeySet::new(TODAY, 14).unwrap();
        let items = Arc::new(Items::default());
        item(&items).keep(&old).await.unwrap();
        *items.garbles.lock().unwrap() = 1;
        let new = KeySet::new(TODAY, 14).unwrap();
        assert_eq!(item(&items).keep(&new).await, Err(OpenError::Failed));
        assert!(found(&items).await.0.same_as(&old));
    }

    #[tokio::test]
    async fn a_pinned_item_opens_with_the_pin_and_stays_pinned_when_it_is_kept_again() {
        let old = KeySet::new(TODAY, 14).unwrap();
        let items = Arc::new(Items::default());
        let mut open = item(&items);
        open.keep(&old).await.unwrap();
        let plain = items.secrets.lock().unwrap()["keyset.disa"].clone();
        open.set_pin(&old, Some(&pin())).await.unwrap();
        let (keys, pinned) = found(&items).await;
        assert!(keys.same_as(&old) && pinned);
        let sealed = items.secrets.lock().unwrap()["keyset.disa"].clone();
        let key = old.database().as_slice();
        assert!(plain.windows(32).any(|bytes| bytes == key));
        assert!(!sealed.windows(32).any(|bytes| bytes == key), "no key is in it in clear");

        let (new, _) = old.with_new_turn(Epoch::first(TODAY + 14)).unwrap();
        open.keep(&new).await.unwrap();
        let (keys, pinned) = found(&items).await;
        assert!(keys.same_as(&new) && pinned);

        open.set_pin(&new, None).await.unwrap();
        let (keys, pinned) = found(&items).await;
        assert!(keys.same_as(&new) && !pinned);
    }

    #[tokio::test]
    async fn another_pin_and_another_vault_open_nothing() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let items = Arc::new(Items::default());
        item(&items).set_pin(&keys, Some(&pin())).await.unwrap();
        let Some(Kept::Pinned(pinned)) = item(&items).read().await.unwrap() else {
            panic!("a PIN is needed")
        };
        assert!(item(&items).unlock(&pinned, &Pin::new("739185")).await.unwrap().is_none());
        let mut other = KeyItem::new(items.clone(), "edla");
        assert!(other.unlock(&pinned, &pin()).await.unwrap().is_none());
        assert!(item(&items).unlock(&pinned, &pin()).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_crash_while_a_pin_is_set_leaves_a_vault_with_it_or_without() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let mut seen = [0, 0];
        for calls in 0..5 {
            let items = Arc::new(Items::default());
            item(&items).keep(&keys).await.unwrap();
            *items.calls_left.lock().unwrap() = Some(calls);
            let _ = item(&items).set_pin(&keys, Some(&pin())).await;
            *items.calls_left.lock().unwrap() = None;
            let (found, pinned) = found(&items).await;
            assert!(found.same_as(&keys));
            seen[usize::from(pinned)] += 1;
        }
        assert!(seen[0] > 0 && seen[1] > 0);
    }

    #[tokio::test]
    async fn a_pin_that_was_not_kept_is_not_needed() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        for garbles in [1, 2] {
            let items = Arc::new(Items::default());
            let mut open = item(&items);
            open.keep(&keys).await.unwrap();
            *items.garbles.lock().unwrap() = garbles;
            assert_eq!(open.set_pin(&keys, Some(&pin())).await, Err(OpenError::Failed));
            *items.garbles.lock().unwrap() = 0;
            open.keep(&keys).await.unwrap();
            assert!(!found(&items).await.1);
        }
    }

    #[tokio::test]
    async fn damage_is_told_from_a_wrong_pin() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let items = Arc::new(Items::default());
        item(&items).set_pin(&keys, Some(&pin())).await.unwrap();
        let whole = items.secrets.lock().unwrap()["keyset.disa"].clone();
        for at in (0..whole.len()).step_by(7) {
            items.secrets.lock().unwrap().get_mut("keyset.disa").unwrap()[at] ^= 1;
            assert_eq!(item(&items).read().await.err(), Some(OpenError::Unreadable), "byte {at}");
            items.secrets.lock().unwrap().insert("keyset.disa".into(), whole.clone());
        }
    }

    #[tokio::test]
    async fn the_largest_item_is_within_the_limit_of_windows() {
        let mut keys = KeySet::new(TODAY, 14).unwrap();
        for today in TODAY..TODAY + 100 {
            keys.provide(today, 14).unwrap();
        }
        let (keys, _) = keys.with_next().unwrap().with_new_turn(Epoch::first(TODAY + 14)).unwrap();
        assert_eq!(keys.epochs().count(), 41);
        let items = Arc::new(Items::default());
        item(&items).set_pin(&keys, Some(&pin())).await.unwrap();
        let length = BASE64_STANDARD.encode(&items.secrets.lock().unwrap()["keyset.disa"]).len();
        assert!(length < 2_560, "{length}");
    }
}
