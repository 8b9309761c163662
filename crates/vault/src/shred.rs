//! Shredding: what was removed goes from every copy of the disk, because the key that wraps its data key goes.
//!
//! Each removal has noted in its own transaction which epochs are tainted and what has become rubbish. For the tainted
//! epochs then, each step whole before the next: the keychain gets a fresh turn of their days; what is still needed
//! under them is sealed by that, bundle by bundle; the keychain lets go of the tainted ones, and from here on no copy of
//! the disk opens what was removed; the note goes. Rubbish is cleared away afterwards, in small steps. After a crash
//! anywhere the same again comes to the same end. No save waits for the keychain meanwhile.

use std::collections::BTreeMap;

use ledsaga_core::{
    clock::{Clock, SystemClock},
    error::StoreError,
    ports::Shredding,
};
use sqlx::{Connection, SqliteConnection};

use crate::{
    bundle::{self, Looked},
    data_key,
    error::{OpenError, store_error},
    key_item::KeyItem,
    keyset::{Day, Epoch, KeySet, day},
    rubbish,
    vault::{Open, Vault},
};

/// Bundles of data keys that are sealed anew in one transaction.
const AT_ONCE: u32 = 32;

/// What is to become of the tainted epochs.
struct Plan {
    /// The keys with a fresh turn for each epoch that needs one.
    turned: KeySet,
    /// From the tainted epoch to the one that takes what is left in it.
    turns: Vec<(Epoch, Epoch)>,
    /// The tainted epochs.
    gone: Vec<Epoch>,
}

impl Plan {
    /// For as many of the tainted epochs as the key set has room for. `alive` are those that still wrap something.
    fn of(keys: &KeySet, tainted: &[Epoch], alive: &[Epoch], today: Day) -> Result<Self, StoreError> {
        let mut days: BTreeMap<Day, Vec<Epoch>> = BTreeMap::new();
        for epoch in tainted {
            days.entry(epoch.day).or_default().push(*epoch);
        }
        let mut plan = Self { turned: keys.clone(), turns: Vec::new(), gone: Vec::new() };
        let mut refused = None;
        for (day, epochs) in days {
            let held: Vec<Epoch> =
                epochs.iter().copied().filter(|epoch| keys.epoch(*epoch).is_some()).collect();
            let Some(newest) = held.last() else {
                plan.gone.extend(epochs);
                continue;
            };
            // A day to come keeps a key, so that what is still to be saved for it does not go under a later one.
            if day < today && !held.iter().any(|epoch| alive.contains(epoch)) {
                plan.gone.extend(epochs);
                continue;
            }
            match plan.turned.with_new_turn(*newest) {
                Ok((turned, turn)) => {
                    plan.turned = turned;
                    plan.turns.extend(held.iter().map(|epoch| (*epoch, turn)));
                    plan.gone.extend(epochs);
                }
                // No room until others have gone.
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if plan.gone.is_empty() => Err(error),
            _ => Ok(plan),
        }
    }
}

impl Vault {
    pub(crate) async fn shred_one_step(&self) -> Result<Shredding, StoreError> {
        // Nobody opens the vault anew while its keys are changing, even if it is closed meanwhile.
        let (item, _folder) = self.with(|open| (open.item.clone(), open.folder.clone())).await?;
        let item = item.lock().await;
        match self.destroy_keys(&item).await {
            Ok(destroyed) => self.clear(destroyed).await,
            Err(Stopped::Keychain(_)) => Ok(Shredding::KeysLeft),
            Err(Stopped::Store(error)) => Err(error),
        }
    }

    /// Destroys the keys of all tainted epochs; whether there were any. The item stays locked all the while, so that
    /// nobody else changes the keys.
    pub(crate) async fn destroy_keys(&self, item: &KeyItem) -> Result<bool, Stopped> {
        let mut destroyed = false;
        while let Some(plan) = self.begin().await? {
            if !plan.turns.is_empty() {
                item.keep(&plan.turned).await.map_err(Stopped::Keychain)?;
                self.with(|open| open.keys = plan.turned.clone()).await?;
                for (from, to) in &plan.turns {
                    self.move_on(*from, *to).await?;
                }
            }
            let left = plan.turned.without(&plan.gone);
            item.keep(&left).await.map_err(Stopped::Keychain)?;
            self.finish(left, &plan.gone).await?;
            destroyed = true;
        }
        Ok(destroyed)
    }

    /// What is to be done, if anything. An epoch that is to go without a new turn takes nothing in from here on.
    async fn begin(&self) -> Result<Option<Plan>, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        let mut connection = open.database.lend().await?;
        let tainted = tainted(&mut connection).await;
        let (tainted, alive) = open.database.settle(connection, tainted).await?;
        if tainted.is_empty() {
            return Ok(None);
        }
        let mut plan = Plan::of(&open.keys, &tainted, &alive, day(SystemClock.today()))?;
        let moved = |epoch: &Epoch| plan.turns.iter().any(|(from, _)| from == epoch);
        let retired: Vec<Epoch> = plan.gone.iter().copied().filter(|epoch| !moved(epoch)).collect();
        open.keys = open.keys.without(&retired);
        plan.turned = plan.turned.without(&retired);
        Ok(Some(plan))
    }

    /// What is still needed under a tainted epoch goes under its new turn.
    async fn move_on(&self, from: Epoch, to: Epoch) -> Result<(), StoreError> {
        let mut damaged = 0;
        loop {
            let mut open = self.open.lock().await;
            let open = open.as_mut().ok_or(StoreError::Locked)?;
            let looked = open.step(&Step::MoveOn { from, to, skip: damaged }).await?;
            damaged += looked.damaged;
            if looked.seen < AT_ONCE {
                return Ok(());
            }
        }
    }

    /// The keychain has these keys only; the note goes.
    async fn finish(&self, keys: KeySet, gone: &[Epoch]) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        open.keys = keys;
        open.database.will_delete();
        open.step(&Step::Forget(gone)).await?;
        open.database.truncate_log().await;
        Ok(())
    }

    /// One step of clearing away, unless the keys have been destroyed just now.
    async fn clear(&self, destroyed: bool) -> Result<Shredding, StoreError> {
        let mut open = self.open.lock().await;
        let open = open.as_mut().ok_or(StoreError::Locked)?;
        if !destroyed && open.has_rubbish().await? {
            open.database.will_delete();
            open.step(&Step::Clear).await?;
        }
        if open.has_rubbish().await? || (open.database.truncate_due() && !open.database.truncate_log().await)
        {
            return Ok(Shredding::KeysGone);
        }
        open.reserve.provide();
        Ok(Shredding::Done)
    }
}

/// Why keys are not destroyed yet.
pub(crate) enum Stopped {
    Keychain(OpenError),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Stopped> for OpenError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Keychain(error) => error,
            Stopped::Store(error) => error.into(),
        }
    }
}

/// What is done in one transaction.
enum Step<'a> {
    MoveOn { from: Epoch, to: Epoch, skip: u32 },
    Forget(&'a [Epoch]),
    Taint(&'a [Epoch]),
    Clear,
}

impl Step<'_> {
    async fn take(&self, connection: &mut SqliteConnection, keys: &KeySet) -> Result<Looked, StoreError> {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        let mut looked = Looked::default();
        match self {
            Self::MoveOn { from, to, skip } => {
                looked = bundle::move_some(&mut transaction, keys, (*from, *to), AT_ONCE, *skip).await?;
            }
            Self::Forget(epochs) => data_key::forget(&mut transaction, epochs).await?,
            Self::Taint(epochs) => data_key::taint(&mut transaction, epochs).await?,
            Self::Clear => rubbish::clear_some(&mut transaction).await?,
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(looked)
    }
}

impl Open {
    /// Every day is to have a fresh key.
    pub(crate) async fn taint_all(&mut self) -> Result<(), StoreError> {
        let epochs: Vec<Epoch> = self.keys.epochs().collect();
        self.step(&Step::Taint(&epochs)).await?;
        Ok(())
    }

    /// Leaves less than there was, so that on a full disk it may use the room that is set aside.
    async fn step(&mut self, step: &Step<'_>) -> Result<Looked, StoreError> {
        match self.try_step(step).await {
            Err(StoreError::DiskFull) if self.reserve.give_up() => self.try_step(step).await,
            looked => looked,
        }
    }

    async fn try_step(&mut self, step: &Step<'_>) -> Result<Looked, StoreError> {
        let mut connection = self.database.lend().await?;
        let looked = step.take(&mut connection, &self.keys).await;
        self.database.settle(connection, looked).await
    }

    async fn has_rubbish(&mut self) -> Result<bool, StoreError> {
        let mut connection = self.database.lend().await?;
        let some = rubbish::is_there(&mut connection).await;
        self.database.settle(connection, some).await
    }
}

/// The tainted epochs, and those of them that still wrap something.
async fn tainted(connection: &mut SqliteConnection) -> Result<(Vec<Epoch>, Vec<Epoch>), StoreError> {
    Ok((data_key::tainted(connection).await?, data_key::tainted_in_use(connection).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = 20_000;

    /// As many days as a key set holds.
    fn full() -> KeySet {
        let mut keys = KeySet::new(TODAY, 14).unwrap();
        for today in TODAY..TODAY + 100 {
            keys.provide(today, 14).unwrap();
        }
        keys
    }

    #[test]
    fn a_full_key_set_has_room_to_turn_every_day_one_after_the_other() {
        let mut keys = full();
        // One was cut short before.
        let last = keys.epochs().last().unwrap();
        keys = keys.with_new_turn(last).unwrap().0;
        let days: Vec<Day> = keys.epochs().map(|epoch| epoch.day).collect();
        let mut tainted: Vec<Epoch> = keys.epochs().filter(|epoch| epoch.turn == 0).collect();
        let all = tainted.clone();
        let mut rounds = 0;
        while !tainted.is_empty() {
            let plan = Plan::of(&keys, &tainted, &tainted, TODAY).unwrap();
            assert!(plan.turns.iter().all(|(from, to)| from.day == to.day && from.turn < to.turn));
            keys = plan.turned.without(&plan.gone);
            tainted.retain(|epoch| !plan.gone.contains(epoch));
            rounds += 1;
            assert!(rounds < 100, "it never ends");
        }
        assert!(all.iter().all(|epoch| keys.epoch(*epoch).is_none()));
        assert!(days.iter().all(|day| keys.epochs().any(|epoch| epoch == Epoch { day: *day, turn: 1 })));
    }

    #[test]
    fn a_day_that_is_over_and_empty_goes_without_a_new_turn() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let (empty, alive) = (Epoch::first(TODAY + 14), Epoch::first(TODAY + 15));
        let plan = Plan::of(&keys, &[empty, alive], &[alive], TODAY + 16).unwrap();
        assert_eq!(plan.gone, [empty, alive]);
        assert_eq!(plan.turns, [(alive, Epoch { turn: 1, ..alive })]);
    }

    #[test]
    fn all_turns_of_a_day_go_under_the_newest() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let first = Epoch::first(TODAY + 14);
        let (keys, second) = keys.with_new_turn(first).unwrap();
        let third = Epoch { turn: 2, ..first };
        let plan = Plan::of(&keys, &[first, second], &[first], TODAY).unwrap();
        assert_eq!(plan.turns, [(first, third), (second, third)]);
        // The second one was made by what was cut short, and takes in the first.
        let plan = Plan::of(&keys, &[first], &[first], TODAY).unwrap();
        assert_eq!(plan.turns, [(first, second)]);
        assert!(plan.turned.same_as(&keys));
    }

    #[test]
    fn a_key_that_is_gone_already_is_no_hindrance() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let gone = Epoch { day: TODAY + 14, turn: 7 };
        let plan = Plan::of(&keys, &[gone], &[gone], TODAY).unwrap();
        assert_eq!((plan.gone, plan.turns), (vec![gone], vec![]));
        assert!(plan.turned.same_as(&keys));
    }
}
