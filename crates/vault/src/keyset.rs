//! The keys of one vault, as one small secret in the keychain.

use std::collections::BTreeMap;

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

const FORMAT: u8 = 1;
const ID: usize = 8;
const EPOCH: usize = 4 + 32;
const CHECKSUM: usize = 8;

/// The database key, and one key for each day (or week) on which something is to be purged.
pub(crate) struct KeySet {
    id: [u8; ID],
    database: Key,
    epochs: BTreeMap<Day, Key>,
}

impl KeySet {
    /// A new set with keys for what begins in the days from `today` and is kept for `kept` days.
    pub fn new(today: Day, kept: Day) -> Result<Self, StoreError> {
        let mut id = [0; ID];
        fill(&mut id)?;
        let mut keys = Self { id, database: new_key()?, epochs: BTreeMap::new() };
        keys.provide(today, kept)?;
        Ok(keys)
    }

    /// Names the set; no secret.
    pub fn id(&self) -> String {
        hex::encode(self.id)
    }

    pub fn database(&self) -> &Key {
        &self.database
    }

    /// The first epoch that ends on or after the day, or else the last one: something can always be saved.
    pub fn epoch_for(&self, purge_on: Day) -> Option<(Day, &Key)> {
        let epoch = self.epochs.range(purge_on..).next().or_else(|| self.epochs.iter().next_back());
        epoch.map(|(day, key)| (*day, key))
    }

    pub fn epoch(&self, day: Day) -> Option<&Key> {
        self.epochs.get(&day)
    }

    /// Adds the keys that the coming days need, as long as there is room. Does nothing when tomorrow's is there.
    pub fn provide(&mut self, today: Day, kept: Day) -> Result<(), StoreError> {
        if self.epochs.contains_key(&bucket(today + kept + 1, today)) {
            return Ok(());
        }
        for day in 0..=AHEAD {
            let bucket = bucket(today + kept + day, today);
            if self.epochs.len() < MOST_EPOCHS && !self.epochs.contains_key(&bucket) {
                self.epochs.insert(bucket, new_key()?);
            }
        }
        Ok(())
    }

    /// Forgets the keys of past days under which nothing is kept any more.
    pub fn forget_unused(&mut self, today: Day, in_use: &[Day]) {
        self.epochs.retain(|day, _| *day >= today || in_use.contains(day));
    }

    /// Whether both hold the same keys.
    pub fn same_as(&self, other: &Self) -> bool {
        self.id == other.id && self.epochs.keys().eq(other.epochs.keys())
    }

    /// Format, id, database key, (day, key) in order, checksum. Binary, because 40 epochs as JSON would not fit.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(1 + ID + 32 + self.epochs.len() * EPOCH + CHECKSUM));
        out.push(FORMAT);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(self.database.as_slice());
        for (day, key) in &self.epochs {
            out.extend_from_slice(&day.to_be_bytes());
            out.extend_from_slice(key.as_slice());
        }
        let checksum = checksum(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// # Errors
    /// `Unreadable` when a byte differs or is missing, `NewerVersion` when the format is not known yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        let (body, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(OpenError::Unreadable)?;
        if checksum(body) != *sum {
            return Err(OpenError::Unreadable);
        }
        match body.split_first() {
            Some((&FORMAT, fields)) => Self::decode_fields(fields).ok_or(OpenError::Unreadable),
            Some((format, _)) if *format > FORMAT => Err(OpenError::NewerVersion),
            _ => Err(OpenError::Unreadable),
        }
    }

    fn decode_fields(fields: &[u8]) -> Option<Self> {
        let (id, rest) = fields.split_first_chunk::<ID>()?;
        let (database, rest) = rest.split_first_chunk::<32>()?;
        let (epochs, rest) = rest.as_chunks::<EPOCH>();
        if epochs.is_empty() || !rest.is_empty() {
            return None;
        }
        let epochs = epochs.iter().map(|epoch| {
            let (day, key) = epoch.split_first_chunk::<4>()?;
            Some((Day::from_be_bytes(*day), Key::new(key.try_into().ok()?)))
        });
        Some(Self { id: *id, database: Key::new(*database), epochs: epochs.collect::<Option<_>>()? })
    }
}

/// Against damage, not against people.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
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

/// The day `days` after a date; the last day of the calendar when there is none.
pub(crate) fn days_after(date: Date, days: Day) -> Day {
    day(date.saturating_add(days.days()))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use jiff::civil::{Weekday, date};

    use super::*;

    const TODAY: Day = 20_000;

    fn keys_of(keys: &KeySet) -> Vec<(Day, [u8; 32])> {
        keys.epochs.iter().map(|(day, key)| (*day, **key)).collect()
    }

    #[test]
    fn a_day_is_counted_from_1970() {
        assert_eq!(day(date(1970, 1, 1)), 0);
        assert_eq!(day(date(2026, 11, 22)), 20_779);
        assert_eq!(day(date(1969, 12, 31)), -1);
        assert_eq!(days_after(date(2026, 12, 31), 14), day(date(2027, 1, 14)));
        assert_eq!(days_after(Date::MAX, 14), day(Date::MAX));
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
        let encoded = keys.encode();
        let decoded = KeySet::decode(&encoded).unwrap();
        assert_eq!(decoded.id(), keys.id());
        assert_eq!(decoded.database(), keys.database());
        assert_eq!(keys_of(&decoded), keys_of(&keys));
        assert!(decoded.same_as(&keys));

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
            assert!(BASE64_STANDARD.encode(keys.encode()).len() < 2_560);
            assert!(keys.epoch_for(today + 14).is_some());
        }
        assert_eq!(keys.epochs.len(), MOST_EPOCHS);
    }

    #[test]
    fn a_record_gets_the_key_of_its_purge_day_or_the_next_there_is() {
        let keys = KeySet::new(TODAY, 14).unwrap();
        let epoch = |purge_on| keys.epoch_for(purge_on).unwrap().0;
        assert_eq!(epoch(TODAY + 14), TODAY + 14);
        assert_eq!(epoch(TODAY + 20), TODAY + 20);
        assert_eq!(epoch(TODAY), TODAY + 14);
        assert_eq!(epoch(TODAY + 1_000), TODAY + 14 + AHEAD);
    }

    #[test]
    fn only_past_and_unused_keys_are_forgotten() {
        let mut keys = KeySet::new(TODAY, 14).unwrap();
        let later = TODAY + 17;
        keys.forget_unused(later, &[TODAY + 15]);
        assert!(keys.epoch(TODAY + 14).is_none());
        assert!(keys.epoch(TODAY + 15).is_some());
        assert!(keys.epoch(TODAY + 16).is_none());
        assert!(keys.epoch(later).is_some());
    }
}
