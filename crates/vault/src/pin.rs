//! The PIN: what somebody types, the key that is made of it, and the waiting after wrong ones.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File},
    io::{ErrorKind, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ledsaga_core::error::StoreError;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{
    error::OpenError,
    folder::sync_directory,
    seal::{self, Key, fill},
};

const SHORTEST: usize = 6;
const LONGEST: usize = 64;

/// What somebody typed. It is judged when it is set and not when it is tried: rules may change, PINs stay.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

/// Why a PIN was not set; the one before goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error("the PIN is too short")]
    TooShort,
    #[error("the PIN is too long")]
    TooLong,
    /// All signs are the same, or each follows on the one before.
    #[error("the PIN is too easy to guess")]
    Trivial,
    /// The vault has been closed.
    #[error("the local store is locked")]
    Locked,
    /// The keychain did not keep it.
    #[error(transparent)]
    NotKept(#[from] OpenError),
}

impl PinError {
    /// Stable; the UI's message catalogue has a sentence for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "pin_too_short",
            Self::TooLong => "pin_too_long",
            Self::Trivial => "pin_trivial",
            Self::Locked => "locked",
            Self::NotKept(error) => error.code(),
        }
    }
}

impl Pin {
    /// One letter may be typed as one sign or as two; it is the same PIN.
    pub fn new(typed: &str) -> Self {
        // Roomy, so that no half of it is left behind where it grew out of its place.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
        text.extend(typed.nfc());
        Self(text)
    }

    /// Whether it may be set.
    ///
    /// # Errors
    /// When it is too short, too long or too easy to guess.
    pub fn check(&self) -> Result<(), PinError> {
        match self.0.chars().count() {
            ..SHORTEST => Err(PinError::TooShort),
            SHORTEST..=LONGEST if self.is_trivial() => Err(PinError::Trivial),
            SHORTEST..=LONGEST => Ok(()),
            _ => Err(PinError::TooLong),
        }
    }

    /// 111111, 123456, 890123, 654321 and fedcba are.
    fn is_trivial(&self) -> bool {
        let digits = self.0.bytes().all(|sign| sign.is_ascii_digit());
        let step = |from: char, to: char| {
            let step = i64::from(u32::from(to)) - i64::from(u32::from(from));
            if digits { step.rem_euclid(10) } else { step }
        };
        let down = if digits { 9 } else { -1 };
        let mut steps = self.0.chars().zip(self.0.chars().skip(1)).map(|(from, to)| step(from, to));
        let Some(first) = steps.next() else { return true };
        [0, 1, down].contains(&first) && steps.all(|step| step == first)
    }
}

/// Says nothing, not even how long it is.
impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// How hard it is to make a key of a PIN. Kept beside what the key wraps, so that later versions may make it harder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
/// What a damaged or hostile item may not ask for.
const HIGHEST: Cost = Cost { memory_kib: 1024 * 1024, passes: 64, lanes: 16 };

const SALT: usize = 16;
const HEAD: usize = 3 * 4 + SALT;

/// What a PIN gives: a key, and how it was made.
#[derive(Clone)]
pub(crate) struct PinKey {
    cost: Cost,
    salt: [u8; SALT],
    key: Key,
}

/// Something sealed with the key of a PIN that is not known yet.
pub(crate) struct Pinned {
    cost: Cost,
    salt: [u8; SALT],
    sealed: Vec<u8>,
}

impl PinKey {
    /// With a fresh salt. Takes a while.
    pub async fn new(pin: &Pin) -> Result<Self, StoreError> {
        let mut salt = [0; SALT];
        fill(&mut salt)?;
        Self::make(pin, COST, salt).await
    }

    async fn make(pin: &Pin, cost: Cost, salt: [u8; SALT]) -> Result<Self, StoreError> {
        let pin = pin.clone();
        let made = tokio::task::spawn_blocking(move || key_of(&pin, cost, &salt)).await;
        let key = made.map_err(|_| StoreError::Failed("pin"))??;
        Ok(Self { cost, salt, key })
    }

    /// Cost and salt in clear, then the sealed bytes. Only opens at its `place`, and with the cost that it was made with.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut out = head(self.cost, self.salt);
        out.extend_from_slice(&seal::seal(&self.key, &associated(place, self.cost, self.salt), plain)?);
        Ok(out)
    }
}

impl PinKey {
    /// Whether this PIN makes the same key.
    pub async fn is_of(&self, pin: &Pin) -> Result<bool, StoreError> {
        let sealed = self.seal("check", b"")?;
        let pinned = Pinned::parse(&sealed).ok_or(StoreError::Failed("pin"))?;
        Ok(pinned.open("check", pin).await?.is_some())
    }
}

impl Pinned {
    /// `None` when it is cut off, or asks for more than any version does.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, sealed) = bytes.split_first_chunk::<HEAD>()?;
        let (numbers, salt) = head.split_last_chunk::<SALT>()?;
        let (numbers, _) = numbers.as_chunks::<4>();
        let [memory_kib, passes, lanes] = numbers else { return None };
        let cost = Cost {
            memory_kib: u32::from_be_bytes(*memory_kib),
            passes: u32::from_be_bytes(*passes),
            lanes: u32::from_be_bytes(*lanes),
        };
        let bearable = cost.memory_kib <= HIGHEST.memory_kib
            && cost.passes <= HIGHEST.passes
            && cost.lanes <= HIGHEST.lanes;
        bearable.then(|| Self { cost, salt: *salt, sealed: sealed.to_vec() })
    }

    /// What was sealed and the key that opens it; `None` when the PIN is another. Takes a while.
    pub async fn open(
        &self,
        place: &str,
        pin: &Pin,
    ) -> Result<Option<(Zeroizing<Vec<u8>>, PinKey)>, StoreError> {
        let key = PinKey::make(pin, self.cost, self.salt).await?;
        match seal::open(&key.key, &associated(place, self.cost, self.salt), &self.sealed) {
            Ok(plain) => Ok(Some((plain, key))),
            Err(StoreError::Unreadable) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn head(cost: Cost, salt: [u8; SALT]) -> Vec<u8> {
    let numbers = [cost.memory_kib, cost.passes, cost.lanes];
    let mut head: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    head.extend_from_slice(&salt);
    head
}

fn associated(place: &str, cost: Cost, salt: [u8; SALT]) -> Vec<u8> {
    [format!("ledsaga|pin|{place}|").as_bytes(), &head(cost, salt)].concat()
}

fn key_of(pin: &Pin, cost: Cost, salt: &[u8]) -> Result<Key, StoreError> {
    let failed = |_| StoreError::Failed("pin");
    let mut key = Key::default();
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(key.len())).map_err(failed)?;
    // Ours, because the crate's own is not wiped.
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()].into_boxed_slice());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(pin.0.as_bytes(), salt, key.as_mut_slice(), &mut **memory)
        .map_err(failed)?;
    Ok(key)
}

/// Seconds to wait after so many wrong PINs; the last one for all that follow.
const WAITS: [u32; 9] = [0, 0, 0, 30, 60, 5 * 60, 15 * 60, 30 * 60, 60 * 60];

/// When the last wrong PIN of a vault was tried in this process, or the first time that this process looked: whoever
/// starts the application again waits anew, and whoever sets the clock gains nothing.
static WAITING_SINCE: Mutex<Option<HashMap<PathBuf, Instant>>> = Mutex::new(None);

/// Counts wrong PINs in a file of one vault. Counted before the PIN is tried, so that ending the process gains nothing.
pub(crate) struct Tries {
    path: PathBuf,
}

impl Tries {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Seconds until the next PIN is tried.
    pub fn wait(&self, now: Instant) -> Result<u32, OpenError> {
        let wait = wait_after(self.count()?);
        let passed = now.saturating_duration_since(self.since(now));
        let left = Duration::from_secs(wait.into()).saturating_sub(passed);
        // A second that has begun counts.
        Ok(u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(wait))
    }

    /// Counts a PIN that is about to be tried, and gives the seconds to wait if it is wrong.
    pub fn count_one(&self, now: Instant) -> Result<u32, OpenError> {
        let count = self.count()?.saturating_add(1);
        self.write(count)?;
        self.with_times(|times| times.insert(self.path.clone(), now));
        Ok(wait_after(count))
    }

    /// The right PIN was given, or a new one is about to be set.
    pub fn clear(&self) -> Result<(), OpenError> {
        self.write(0)
    }

    /// There is no PIN any more.
    pub fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    fn count(&self) -> Result<u32, OpenError> {
        match fs::read_to_string(&self.path) {
            // What cannot be read says that somebody has been at it, so that there is a wait.
            Ok(text) => Ok(text.trim().parse().unwrap_or(3)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(3),
            Err(error) => Err(error.into()),
        }
    }

    /// In its place and always as long, so that it needs no space on a full disk once it is there.
    fn write(&self, count: u32) -> Result<(), OpenError> {
        let made = !self.path.exists();
        let mut file = File::options().write(true).create(true).truncate(false).open(&self.path)?;
        file.write_all(format!("{count:010}\n").as_bytes())?;
        file.sync_all()?;
        if made {
            self.path.parent().map_or(Ok(()), sync_directory)?;
        }
        Ok(())
    }

    fn since(&self, now: Instant) -> Instant {
        self.with_times(|times| *times.entry(self.path.clone()).or_insert(now))
    }

    fn with_times<T>(&self, work: impl FnOnce(&mut HashMap<PathBuf, Instant>) -> T) -> T {
        let mut times = WAITING_SINCE.lock().unwrap_or_else(PoisonError::into_inner);
        work(times.get_or_insert_default())
    }
}

fn wait_after(count: u32) -> u32 {
    let at = usize::try_from(count).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    WAITS[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    async fn quick(pin: &str) -> PinKey {
        PinKey::make(&Pin::new(pin), QUICK, [7; SALT]).await.unwrap()
    }

    #[test]
    fn a_pin_says_nothing() {
        assert_eq!(format!("{:?}", Pin::new("739184")), "Pin(..)");
    }

    #[test]
    fn a_pin_has_six_to_sixty_four_signs_and_is_not_the_first_to_be_guessed() {
        let check = |pin: &str| Pin::new(pin).check();
        for good in ["739184", "112233", "123457", "åäöåäö", "hästar är bra", "abcdeg"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(&"7391".repeat(16)), Ok(()));
        for short in ["", "7", "73918"] {
            assert_eq!(check(short), Err(PinError::TooShort), "{short}");
        }
        assert_eq!(check(&"73918".repeat(13)), Err(PinError::TooLong));
        for trivial in ["000000", "aaaaaaa", "123456", "456789012", "654321", "210987", "abcdef", "fedcba"] {
            assert_eq!(check(trivial), Err(PinError::Trivial), "{trivial}");
        }
    }

    #[tokio::test]
    async fn one_letter_in_two_signs_is_the_same_pin() {
        let sealed = quick("kaffeå").await.seal("keyset", b"hemlig").unwrap();
        let pinned = Pinned::parse(&sealed).unwrap();
        let (plain, _) = pinned.open("keyset", &Pin::new("kaffea\u{30a}")).await.unwrap().unwrap();
        assert_eq!(plain.as_slice(), b"hemlig");
    }

    /// The cost that the application uses is the one that is written, and it is no less than what is advised.
    #[tokio::test]
    async fn a_key_is_as_hard_to_make_as_it_is_meant_to_be() {
        let key = PinKey::new(&Pin::new("739184")).await.unwrap();
        let pinned = Pinned::parse(&key.seal("keyset", b"").unwrap()).unwrap();
        assert_eq!(pinned.cost, COST);
        assert_eq!((COST.memory_kib, COST.passes, COST.lanes), (65_536, 3, 1));
        assert_eq!(pinned.salt, key.salt);
        assert_ne!(pinned.salt, PinKey::new(&Pin::new("739184")).await.unwrap().salt);
    }

    #[tokio::test]
    async fn opens_only_with_its_pin_in_its_place_and_unchanged() {
        let key = quick("739184").await;
        let sealed = key.seal("keyset", b"hemlig").unwrap();
        let open = |bytes: &[u8], place: &'static str, pin: &'static str| {
            let pinned = Pinned::parse(bytes);
            async move {
                match pinned {
                    Some(pinned) => {
                        pinned.open(place, &Pin::new(pin)).await.unwrap().map(|(plain, _)| plain.to_vec())
                    }
                    None => None,
                }
            }
        };
        assert_eq!(open(&sealed, "keyset", "739184").await.unwrap(), b"hemlig");
        assert_eq!(open(&sealed, "keyset", "739185").await, None);
        assert_eq!(open(&sealed, "other", "739184").await, None);
        // The first bytes are the cost: a changed one would make another key.
        for at in 12..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&changed, "keyset", "739184").await, None, "byte {at}");
        }
        for length in 0..HEAD {
            assert!(Pinned::parse(&sealed[..length]).is_none());
        }
    }

    #[tokio::test]
    async fn a_cost_that_no_version_asks_for_is_refused() {
        let key = PinKey { cost: Cost { passes: HIGHEST.passes + 1, ..QUICK }, ..quick("739184").await };
        assert!(Pinned::parse(&key.seal("keyset", b"").unwrap()).is_none());
    }

    fn tries() -> (tempfile::TempDir, Tries) {
        let dir = tempfile::tempdir().unwrap();
        let tries = Tries::new(dir.path().join("pin.tries"));
        (dir, tries)
    }

    /// As if the process had just begun.
    fn start_again(tries: &Tries) {
        tries.with_times(|times| times.remove(&tries.path));
    }

    #[test]
    fn the_waits_grow_to_an_hour() {
        let (_dir, tries) = tries();
        let now = Instant::now();
        let waits: Vec<u32> = (0..11).map(|_| tries.count_one(now).unwrap()).collect();
        assert_eq!(waits, [0, 0, 30, 60, 300, 900, 1_800, 3_600, 3_600, 3_600, 3_600]);
        assert_eq!(tries.wait(now).unwrap(), 3_600);
        tries.clear().unwrap();
        assert_eq!(tries.wait(now).unwrap(), 0);
    }

    #[test]
    fn a_wait_ends_with_its_time_and_begins_anew_with_the_process() {
        let (_dir, tries) = tries();
        let now = Instant::now();
        for _ in 0..3 {
            tries.count_one(now).unwrap();
        }
        let after = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(tries.wait(now).unwrap(), 30);
        assert_eq!(tries.wait(after(10)).unwrap(), 20);
        assert_eq!(tries.wait(after(30)).unwrap(), 0);
        start_again(&tries);
        assert_eq!(tries.wait(after(30)).unwrap(), 30);
        assert_eq!(tries.wait(after(59)).unwrap(), 1);
        assert_eq!(tries.wait(after(60)).unwrap(), 0);
    }

    #[test]
    fn a_count_that_cannot_be_read_is_waited_for() {
        let (dir, tries) = tries();
        for garbage in [b"".as_slice(), b"-1", b"hej", b"\xff\xff"] {
            fs::write(dir.path().join("pin.tries"), garbage).unwrap();
            start_again(&tries);
            assert_eq!(tries.wait(Instant::now()).unwrap(), 30, "{garbage:?}");
        }
    }

    #[test]
    fn the_count_needs_no_more_space_once_it_is_there() {
        let (dir, tries) = tries();
        tries.clear().unwrap();
        let length = || fs::metadata(dir.path().join("pin.tries")).unwrap().len();
        let before = length();
        for _ in 0..12 {
            tries.count_one(Instant::now()).unwrap();
        }
        assert_eq!(length(), before);
        tries.remove();
        assert_eq!(tries.wait(Instant::now()).unwrap(), 0);
    }
}
