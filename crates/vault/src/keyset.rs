//! The keys of one vault, as one small secret in the keychain.

use std::{collections::BTreeMap, fmt};

use jiff::{ToSpan, civil::Date};
use ledsaga_core::error::StoreError;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    error::OpenError,
    seal::{Key, fill, new_key},
};

/// A day, counted from 1970-01-01.
pub(crate) type Day = i32;

/// Days ahead for which every day has a key of its own; beyond them a week shares one.
const DAILY: Day = 30;
/// So that the secret in its text form stays below the 2,560 bytes that Windows allows.
const MOST_EPOCHS: usize = 40;
/// Days to come whose keys are made when the vault opens, so that no save ever waits for the keychain.
const AHEAD: Day = 7;

const FIRST_FORMAT: u8 = 1;
const FORMAT: u8 = 2;
const ID: usize = 8;
const FIRST_EPOCH: usize = 4 + 32;
const EPOCH: usize = 4 + 2 + 32;
const CHECKSUM: usize = 8;

/// What one key wraps: what is to be purged on a day. A later turn of the same day has a fresh key, so that the one
/// before can be destroyed while what is left of the day goes on under the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Epoch {
    pub day: Day,
    pub turn: u16,
}

impl Epoch {
    const TURNS: i64 = 1 << 16;

    pub fn first(day: Day) -> Self {
        Self { day, turn: 0 }
    }

    /// As one number in the order of the epochs.
    pub fn to_sql(self) -> i64 {
        i64::from(self.day) * Self::TURNS + i64::from(self.turn)
    }

    /// `None` for what is no epoch. The first day of all is none, so that a day without a turn, as the first version
    /// wrote it, is never taken for one.
    pub fn from_sql(number: i64) -> Option<Self> {
        let day = Day::try_from(number.div_euclid(Self::TURNS)).ok().filter(|day| *day != 0)?;
        Some(Self { day, turn: u16::try_from(number.rem_euclid(Self::TURNS)).ok()? })
    }
}

/// The first turn is written as its day alone, as it was before there were turns: what was wrapped then still opens.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.turn {
            0 => write!(f, "{}", self.day),
            turn => write!(f, "{}.{turn}", self.day),
        }
    }
}

/// The database key, and one key for each day (or week) on which something is to be purged.
#[derive(Clone)]
pub(crate) struct KeySet {
    id: [u8; ID],
    database: Key,
    /// The database key to come, while the change to it is under way.
    next: Option<Key>,
    epochs: BTreeMap<Epoch, Key>,
}

impl KeySet {
    /// A new set with keys for what begins in the days from `today` and is kept for `kept` days.
    pub fn new(today: Day, kept: Day) -> Result<Self, StoreError> {
        let mut id = [0; ID];
        fill(&mut id)?;
        let mut keys = Self { id, database: new_key()?, next: None, epochs: BTreeMap::new() };
        keys.provide(today, kept)?;
        Ok(keys)
    }

    /// A new set with a key for each of the days on which something may end that is kept for at most `kept` days.
    pub fn for_kept(today: Day, kept: Day) -> Result<Self, StoreError> {
        let mut keys = Self::new(today, 0)?;
        for ahead in (0..=kept).step_by(AHEAD as usize) {
            keys.provide(today, ahead)?;
        }
        Ok(keys)
    }

    /// A new set in which one key is for all days: of what is copied whole and never purged in parts.
    pub fn for_copy() -> Result<Self, StoreError> {
        const ALL_DAYS: Epoch = Epoch { day: 1, turn: 0 };
        let mut id = [0; ID];
        fill(&mut id)?;
        let epochs = BTreeMap::from([(ALL_DAYS, new_key()?)]);
        Ok(Self { id, database: new_key()?, next: None, epochs })
    }

    /// Names the set; no secret.
    pub fn id(&self) -> String {
        hex::encode(self.id)
    }

    pub fn database(&self) -> &Key {
        &self.database
    }

    /// The first day that ends on or after the given one, or else the last one: something can always be saved. Of a
    /// day's turns the newest.
    pub fn epoch_for(&self, purge_on: Day) -> Option<(Epoch, &Key)> {
        let later = self.epochs.range(Epoch::first(purge_on)..).next();
        let (first, _) = later.or_else(|| self.epochs.iter().next_back())?;
        let (epoch, key) = self.turns(first.day).next_back()?;
        Some((*epoch, key))
    }

    pub fn epoch(&self, epoch: Epoch) -> Option<&Key> {
        self.epochs.get(&epoch)
    }

    /// In order.
    pub fn epochs(&self) -> impl Iterator<Item = Epoch> + '_ {
        self.epochs.keys().copied()
    }

    /// A copy with a fresh key for the epoch's day, and that key's epoch. When the day has a newer turn already, from
    /// a rotation that was cut short, that one goes on.
    pub fn with_new_turn(&self, epoch: Epoch) -> Result<(Self, Epoch), StoreError> {
        let newest = self.turns(epoch.day).next_back().map_or(epoch.turn, |(newest, _)| newest.turn);
        if newest > epoch.turn {
            return Ok((self.clone(), Epoch { turn: newest, ..epoch }));
        }
        if self.epochs.len() > MOST_EPOCHS {
            return Err(StoreError::Failed("too_many_epochs"));
        }
        let turn = epoch.turn.checked_add(1).ok_or(StoreError::Failed("too_many_turns"))?;
        let turned = Epoch { turn, ..epoch };
        let mut keys = self.clone();
        keys.epochs.insert(turned, new_key()?);
        Ok((keys, turned))
    }

    /// A copy without the keys of these epochs.
    pub fn without(&self, epochs: &[Epoch]) -> Self {
        let mut keys = self.clone();
        keys.epochs.retain(|epoch, _| !epochs.contains(epoch));
        keys
    }

    /// Adds the keys that the coming days need, as long as there is room. Does nothing when tomorrow's is there.
    pub fn provide(&mut self, today: Day, kept: Day) -> Result<(), StoreError> {
        if self.has_day(bucket(today + kept + 1, today)) {
            return Ok(());
        }
        for day in 0..=AHEAD {
            let bucket = bucket(today + kept + day, today);
            if self.epochs.len() < MOST_EPOCHS && !self.has_day(bucket) {
                self.epochs.insert(Epoch::first(bucket), new_key()?);
            }
        }
        Ok(())
    }

    /// Forgets the keys under which nothing is kept and nothing will be: those of past days and of older turns.
    pub fn forget_unused(&mut self, today: Day, in_use: &[Epoch]) {
        let newest: BTreeMap<Day, u16> = self.epochs.keys().map(|epoch| (epoch.day, epoch.turn)).collect();
        self.epochs.retain(|epoch, _| {
            let to_come = epoch.day >= today && newest.get(&epoch.day) == Some(&epoch.turn);
            to_come || in_use.contains(epoch)
        });
    }

    /// The database key to come.
    pub fn next(&self) -> Option<&Key> {
        self.next.as_ref()
    }

    /// A copy in which a change to a fresh database key is under way.
    pub fn with_next(&self) -> Result<Self, StoreError> {
        Ok(Self { next: Some(new_key()?), ..self.clone() })
    }

    /// A copy in which the key to come is the database key, and the one before is gone.
    pub fn advanced(&self) -> Self {
        let database = self.next.clone().unwrap_or_else(|| self.database.clone());
        Self { database, next: None, ..self.clone() }
    }

    /// A copy in which no change of the database key is under way.
    pub fn settled(&self) -> Self {
        Self { next: None, ..self.clone() }
    }

    /// Whether both hold the same keys.
    pub fn same_as(&self, other: &Self) -> bool {
        self.id == other.id
            && self.database == other.database
            && self.next == other.next
            && self.epochs == other.epochs
    }

    /// Format, id, database key, the next one if any, (day, turn, key) in order, checksum. Binary, because 40 epochs
    /// as JSON would not fit.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let size = 1 + ID + 32 + 1 + 32 + self.epochs.len() * EPOCH + CHECKSUM;
        let mut out = Zeroizing::new(Vec::with_capacity(size));
        out.push(FORMAT);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(self.database.as_slice());
        out.push(u8::from(self.next.is_some()));
        if let Some(next) = &self.next {
            out.extend_from_slice(next.as_slice());
        }
        for (epoch, key) in &self.epochs {
            out.extend_from_slice(&epoch.day.to_be_bytes());
            out.extend_from_slice(&epoch.turn.to_be_bytes());
            out.extend_from_slice(key.as_slice());
        }
        let checksum = checksum(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// # Errors
    /// `Unreadable` when a byte differs or is missing, `NewerVersion` when the format is not known yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        match checked(bytes)? {
            (FIRST_FORMAT, fields) => Self::decode_first(fields).ok_or(OpenError::Unreadable),
            (FORMAT, fields) => Self::decode_fields(fields).ok_or(OpenError::Unreadable),
            (format, _) if format > FORMAT => Err(OpenError::NewerVersion),
            _ => Err(OpenError::Unreadable),
        }
    }

    fn decode_first(fields: &[u8]) -> Option<Self> {
        let (id, rest) = fields.split_first_chunk::<ID>()?;
        let (database, rest) = rest.split_first_chunk::<32>()?;
        let (epochs, rest) = rest.as_chunks::<FIRST_EPOCH>();
        if epochs.is_empty() || !rest.is_empty() {
            return None;
        }
        let epochs = epochs.iter().map(|epoch| {
            let (day, key) = epoch.split_first_chunk::<4>()?;
            Some((Epoch::first(Day::from_be_bytes(*day)), Key::new(key.try_into().ok()?)))
        });
        Some(Self {
            id: *id,
            database: Key::new(*database),
            next: None,
            epochs: epochs.collect::<Option<_>>()?,
        })
    }

    fn decode_fields(fields: &[u8]) -> Option<Self> {
        let (id, rest) = fields.split_first_chunk::<ID>()?;
        let (database, rest) = rest.split_first_chunk::<32>()?;
        let (next, rest) = match rest.split_first()? {
            (0, rest) => (None, rest),
            (1, rest) => rest.split_first_chunk::<32>().map(|(next, rest)| (Some(Key::new(*next)), rest))?,
            _ => return None,
        };
        let (epochs, rest) = rest.as_chunks::<EPOCH>();
        if !rest.is_empty() {
            return None;
        }
        let epochs = epochs.iter().map(|epoch| {
            let (day, rest) = epoch.split_first_chunk::<4>()?;
            let (turn, key) = rest.split_first_chunk::<2>()?;
            let epoch = Epoch { day: Day::from_be_bytes(*day), turn: u16::from_be_bytes(*turn) };
            Some((epoch, Key::new(key.try_into().ok()?)))
        });
        Some(Self { id: *id, database: Key::new(*database), next, epochs: epochs.collect::<Option<_>>()? })
    }

    fn turns(&self, day: Day) -> impl DoubleEndedIterator<Item = (&Epoch, &Key)> {
        self.epochs.range(Epoch::first(day)..=Epoch { day, turn: u16::MAX })
    }

    fn has_day(&self, day: Day) -> bool {
        self.turns(day).next().is_some()
    }
}

/// The format and the fields of what ends in its checksum.
pub(crate) fn checked(bytes: &[u8]) -> Result<(u8, &[u8]), OpenError> {
    let (body, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(OpenError::Unreadable)?;
    match body.split_first() {
        Some((format, fields)) if checksum(body) == *sum => Ok((*format, fields)),
        _ => Err(OpenError::Unreadable),
    }
}

/// Against damage, not against people.
pub(crate) fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&Sha256::digest(bytes)[..CHECKSUM]);
    sum
}

/// The epoch of a purge day: the day itself, or the Sunday of its week when that is far away.
fn bucket(purge_on: Day, today: Day) -> Day {
    const A_SUNDAY: Day = 3;
    if purge_on - today <= DAILY { purge_on } else { purge_on + (A_SUNDAY - purge_on).rem_euclid(7) }
}

pub(crate) fn day(date: Date) -> Day {
    const FIRST: Date = Date::constant(1970, 1, 1);
    (date - FIRST).get_days()
}

/// The date of a day; the first or last one of the calendar when there is none.
pub(crate) fn date_of(day: Day) -> Date {
    const FIRST: Date = Date::constant(1970, 1, 1);
    FIRST.saturating_add(i64::from(day).days())
}

/// The day `days` after a date; the last day of the calendar when there is none.
pub(crate) fn days_after(date: Date, days: Day) -> Day {
    day(date.saturating_add(days.days()))
}

#[cfg(test)]
pub(crate) mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use jiff::civil::{Weekday, date};

    use super::*;

    const TODAY: Day = 20_000;

    fn keys_of(keys: &KeySet) -> Vec<(Epoch, [u8; 32])> {
        keys.epochs.iter().map(|(epoch, key)| (*epoch, **key)).collect()
    }

    fn first(day: Day) -> Epoch {
        Epoch::first(day)
    }

    #[test]
    fn a_day_is_counted_from_1970() {
        assert_eq!(day(date(1970, 1, 1)), 0);
        assert_eq!(day(date(2026, 11, 22)), 20_779);
        assert_eq!(day(date(1969, 12, 31)), -1);
        assert_eq!(days_after(date(2026, 12, 31), 14), day(date(2027, 1, 14)));
        assert_eq!(days_after(Date::MAX, 14), day(Date::MAX));
        assert_eq!(date_of(20_779), date(2026, 11, 22));
    }

    #[test]
    fn a_set_for_what_is_kept_has_a_key_for_each_of_its_days() {
        let keys = KeySet::for_kept(TODAY, 14).unwrap();
        for purge_on in TODAY..=TODAY + 14 {
            assert_eq!(keys.epoch_for(purge_on).unwrap().0, first(purge_on));
        }
        assert!(keys.epochs().count() <= MOST_EPOCHS);
    }

    #[test]
    fn the_one_key_of_a_copy_is_for_every_day() {
        let keys = KeySet::for_copy().unwrap();
        let only = keys.epochs().next().unwrap();
        assert_eq!(keys.epochs().count(), 1);
        assert_eq!(Epoch::from_sql(only.to_sql()), Some(only));
        for purge_on in [-1, 0, 1, TODAY] {
            assert_eq!(keys.epoch_for(purge_on).unwrap().0, only);
        }
        assert!(KeySet::decode(&keys.encode()).unwrap().same_as(&keys));
    }

    #[test]
    fn beyond_a_month_a_week_shares_its_sunday() {
        assert_eq!(bucket(TODAY + 30, TODAY), TODAY + 30);
        for purge_on in TODAY + 31..TODAY + 400 {
            let bucket = bucket(purge_on, TODAY);
            assert!((purge_on..purge_on + 7).contains(&bucket));
            let sunday = Date::constant(1970, 1, 1).saturating_add(bucket.days());
            assert_eq!(sunday.weekday(), Weekday::Sunday);
        }
    }

    #[test]
    fn survives_encoding_and_nothing_else_decodes() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let (keys, _) = keys.with_next().unwrap().with_new_turn(first(TODAY + 14)).unwrap();
        let encoded = keys.encode();
        let decoded = KeySet::decode(&encoded).unwrap();
        assert_eq!(decoded.id(), keys.id());
        assert_eq!(decoded.database(), keys.database());
        assert_eq!(keys_of(&decoded), keys_of(&keys));
        assert!(decoded.same_as(&keys));
        assert!(!decoded.same_as(&keys.settled()));
        assert!(!decoded.same_as(&keys.advanced()));

        for length in 0..encoded.len() {
            assert_eq!(
                KeySet::decode(&encoded[..length]).err(),
                Some(OpenError::Unreadable),
                "length {length}"
            );
        }
        for at in 0..encoded.len() {
            let mut changed = encoded.to_vec();
            changed[at] ^= 1;
            assert_eq!(KeySet::decode(&changed).err(), Some(OpenError::Unreadable), "byte {at}");
        }
    }

    /// As the first version wrote it.
    pub(crate) fn encoded_in_the_first_format(keys: &KeySet) -> Vec<u8> {
        let mut out = vec![FIRST_FORMAT];
        out.extend_from_slice(&keys.id);
        out.extend_from_slice(keys.database.as_slice());
        for (epoch, key) in &keys.epochs {
            out.extend_from_slice(&epoch.day.to_be_bytes());
            out.extend_from_slice(key.as_slice());
        }
        let checksum = checksum(&out);
        out.extend_from_slice(&checksum);
        out
    }

    #[test]
    fn the_keys_of_the_first_format_are_the_first_turns() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let decoded = KeySet::decode(&encoded_in_the_first_format(&keys)).unwrap();
        assert!(decoded.same_as(&keys));
        assert!(decoded.epochs().all(|epoch| epoch.turn == 0));
        assert!(decoded.next().is_none());
    }

    #[test]
    fn an_epoch_is_one_number_in_order_and_back() {
        let mut before = i64::MIN;
        for day in [Day::MIN, -1, 1, TODAY, TODAY + 1, Day::MAX] {
            for turn in [0, 1, u16::MAX] {
                let epoch = Epoch { day, turn };
                let number = epoch.to_sql();
                assert_eq!(Epoch::from_sql(number), Some(epoch));
                assert!(number > before);
                before = number;
            }
        }
        assert_eq!(first(TODAY).to_sql(), i64::from(TODAY) * 65_536);
        assert_eq!(Epoch::from_sql(TODAY.into()), None, "a day alone");
        assert_eq!(Epoch::from_sql(i64::MAX), None);
        assert_eq!(Epoch::from_sql(i64::MIN), None);
    }

    #[test]
    fn the_first_turn_is_named_as_days_were_and_later_ones_otherwise() {
        assert_eq!(first(TODAY).to_string(), "20000");
        assert_eq!(Epoch { day: TODAY, turn: 3 }.to_string(), "20000.3");
    }

    #[test]
    fn a_later_format_is_told_from_damage() {
        let later = [FORMAT + 1, 7, 7, 7];
        let later = [later.as_slice(), &checksum(&later)].concat();
        assert_eq!(KeySet::decode(&later).err(), Some(OpenError::NewerVersion));
    }

    #[test]
    fn years_of_daily_use_never_outgrow_the_limit_of_windows() {
        let mut keys = KeySet::new(TODAY, 14).unwrap();
        for today in TODAY..TODAY + 1_000 {
            keys.provide(today, 14).unwrap();
            assert!(keys.epoch_for(today + 14).is_some());
        }
        assert_eq!(keys.epochs.len(), MOST_EPOCHS);
        let (turned, _) = keys.with_next().unwrap().with_new_turn(first(TODAY + 14)).unwrap();
        assert_eq!(turned.epochs.len(), MOST_EPOCHS + 1);
        assert!(BASE64_STANDARD.encode(turned.encode()).len() < 2_560);
        let another = turned.with_new_turn(first(TODAY + 15));
        assert_eq!(another.err(), Some(StoreError::Failed("too_many_epochs")));
    }

    #[test]
    fn a_record_gets_the_key_of_its_purge_day_or_the_next_there_is() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let epoch = |purge_on| keys.epoch_for(purge_on).unwrap().0.day;
        assert_eq!(epoch(TODAY + 14), TODAY + 14);
        assert_eq!(epoch(TODAY + 20), TODAY + 20);
        assert_eq!(epoch(TODAY), TODAY + 14);
        assert_eq!(epoch(TODAY + 1_000), TODAY + 14 + AHEAD);
    }

    #[test]
    fn only_past_and_unused_keys_are_forgotten() {
        let mut keys = KeySet::new(TODAY, 14).unwrap();
        let later = TODAY + 17;
        keys.forget_unused(later, &[first(TODAY + 15)]);
        assert!(keys.epoch(first(TODAY + 14)).is_none());
        assert!(keys.epoch(first(TODAY + 15)).is_some());
        assert!(keys.epoch(first(TODAY + 16)).is_none());
        assert!(keys.epoch(first(later)).is_some());
    }

    #[test]
    fn a_new_turn_has_a_fresh_key_and_is_the_one_to_use() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let day = TODAY + 16;
        let (turned, epoch) = keys.with_new_turn(first(day)).unwrap();
        assert_eq!(epoch, Epoch { day, turn: 1 });
        assert_ne!(turned.epoch(epoch), turned.epoch(first(day)));
        assert_eq!(turned.epoch(first(day)), keys.epoch(first(day)), "the one before is still there");
        assert_eq!(turned.epoch_for(day).unwrap().0, epoch);
        assert_eq!(turned.epoch_for(day - 1).unwrap().0, first(day - 1));
        assert_eq!(keys.epoch(epoch), None);

        let left = turned.without(&[first(day)]);
        assert!(left.epoch(first(day)).is_none());
        assert_eq!(left.epoch(epoch), turned.epoch(epoch));
        assert_eq!(left.epochs().count(), keys.epochs().count());
    }

    #[test]
    fn a_rotation_that_was_cut_short_goes_on_with_its_own_turn() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let (turned, epoch) = keys.with_new_turn(first(TODAY + 16)).unwrap();
        let (again, same) = turned.with_new_turn(first(TODAY + 16)).unwrap();
        assert_eq!(same, epoch);
        assert!(again.same_as(&turned));
        assert_eq!(turned.with_new_turn(epoch).unwrap().1.turn, 2);
        let last = Epoch { day: TODAY + 16, turn: u16::MAX };
        assert_eq!(keys.with_new_turn(last).err(), Some(StoreError::Failed("too_many_turns")));
    }

    #[test]
    fn an_older_turn_is_forgotten_once_nothing_uses_it() {
        let day = TODAY + 16;
        let (turned, epoch) = KeySet::new(TODAY, 14).unwrap().with_new_turn(first(day)).unwrap();
        let mut used = turned.clone();
        used.forget_unused(TODAY, &[first(day)]);
        assert!(used.same_as(&turned));
        let mut unused = turned.clone();
        unused.forget_unused(TODAY, &[]);
        assert!(unused.same_as(&turned.without(&[first(day)])));
        assert!(unused.epoch(epoch).is_some());
    }

    #[test]
    fn the_key_to_come_takes_the_place_of_the_one_before_or_goes() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let changing = keys.with_next().unwrap();
        assert_eq!(changing.database(), keys.database());
        let next = changing.next().unwrap();
        assert_ne!(next, keys.database());
        assert_eq!(changing.advanced().database(), next);
        assert!(changing.advanced().next().is_none());
        assert!(changing.settled().same_as(&keys));
    }
}
