//! The keys that sign receipts, taking turns without a pause.
//!
//! A folder holds one file for each key, named by the time from which it signs: `receipt-20261129T101500Z.pem` (PKCS#8),
//! or with `.jwk` for one of which only the public half is left. A key is published as soon as it is in the folder, so
//! that every replica and client knows it before it signs, and for a long time after its last receipt.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::Serialize;

use crate::signing::{KeyError, SigningKey};

const NAMED: &str = "receipt-%Y%m%dT%H%M%SZ";

/// The keys of one gateway, read anew on [`ReceiptKeys::reload`].
pub struct ReceiptKeys {
    path: PathBuf,
    last: Duration,
    ring: RwLock<Arc<Ring>>,
}

struct Ring(Vec<Turn>);

struct Turn {
    /// From when it signs.
    begins: Timestamp,
    half: Half,
}

enum Half {
    Private(SigningKey),
    Public(Jwk),
}

impl Turn {
    fn public(&self) -> &Jwk {
        match &self.half {
            Half::Private(key) => key.jwk(),
            Half::Public(key) => key,
        }
    }
}

impl ReceiptKeys {
    /// Reads one file, or every key of a folder. `last` is how long a key is published after its turn.
    ///
    /// # Errors
    /// A key cannot be read, or there is none that signs.
    pub fn open(path: &Path, last: Duration) -> Result<Self, KeyError> {
        Ok(Self { path: path.to_owned(), last, ring: RwLock::new(Arc::new(Ring::read(path)?)) })
    }

    /// Reads them again. What was read before stays when that fails.
    ///
    /// # Errors
    /// As [`ReceiptKeys::open`].
    pub fn reload(&self) -> Result<(), KeyError> {
        let ring = Arc::new(Ring::read(&self.path)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// # Errors
    /// [`KeyError::Signing`].
    pub fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        self.ring().signing(Timestamp::now()).ok_or(KeyError::Signing)?.sign(kind, claims)
    }

    /// The public halves: of the key that signs, those that will and those that did.
    pub fn public(&self) -> JwkSet {
        self.ring().public(Timestamp::now(), self.last)
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ring {
    fn read(path: &Path) -> Result<Self, KeyError> {
        let mut turns = Vec::new();
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                turns.extend(turn(&entry?.path())?);
            }
        } else {
            turns.push(Turn { begins: Timestamp::UNIX_EPOCH, half: Half::Private(SigningKey::open(path)?) });
        }
        turns.sort_by_key(|turn| turn.begins);
        let ring = Self(turns);
        if ring.signing(Timestamp::now()).is_some() { Ok(ring) } else { Err(KeyError::None) }
    }

    /// The newest whose time has come. Before the time of the first one, that one: there must be a key.
    fn signing(&self, now: Timestamp) -> Option<&SigningKey> {
        let mut private = self.0.iter().filter_map(|turn| match &turn.half {
            Half::Private(key) => Some((turn.begins, key)),
            Half::Public(_) => None,
        });
        let first = private.next()?;
        let begun = private.take_while(|(begins, _)| *begins <= now).last();
        Some(begun.unwrap_or(first).1)
    }

    fn public(&self, now: Timestamp, last: Duration) -> JwkSet {
        let ends = self.0.iter().skip(1).map(|next| Some(next.begins)).chain([None]);
        let is_out = |end: Option<Timestamp>| {
            end.is_some_and(|end| end.saturating_add(last).is_ok_and(|end| end < now))
        };
        let shown = self.0.iter().zip(ends).filter(|(_, end)| !is_out(*end));
        JwkSet { keys: shown.map(|(turn, _)| turn.public().clone()).collect() }
    }
}

/// What a file of the folder is, by its name; others are passed over.
fn turn(path: &Path) -> Result<Option<Turn>, KeyError> {
    let (Some(name), Some(kind)) = (path.file_stem().and_then(|n| n.to_str()), path.extension()) else {
        return Ok(None);
    };
    let Some(begins) = time_of(name) else { return Ok(None) };
    let half = if kind == "pem" {
        Half::Private(SigningKey::open(path)?)
    } else if kind == "jwk" {
        Half::Public(serde_json::from_slice(&fs::read(path)?).map_err(|_| KeyError::NotAKey)?)
    } else {
        return Ok(None);
    };
    Ok(Some(Turn { begins, half }))
}

fn time_of(name: &str) -> Option<Timestamp> {
    let time = DateTime::strptime(NAMED, name).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Makes a key that signs from `begins`, and says where it is. The first key of a folder signs at once.
///
/// # Errors
/// The folder cannot be written, or a key of that second is there.
pub fn make_key(folder: &Path, begins: Timestamp) -> Result<PathBuf, KeyError> {
    let name = begins.to_zoned(TimeZone::UTC).strftime(&format!("{NAMED}.pem")).to_string();
    let path = folder.join(name);
    if path.exists() {
        return Err(KeyError::File(io::ErrorKind::AlreadyExists.into()));
    }
    SigningKey::open_or_create(&path)?;
    Ok(path)
}

/// Leaves only the public half of keys that will sign no more: those with a newer one that has signed for a day. Says
/// which.
///
/// # Errors
/// The folder cannot be read or written.
pub fn tidy_keys(folder: &Path, now: Timestamp) -> Result<Vec<PathBuf>, KeyError> {
    let ring = Ring::read(folder)?;
    let settled = now.saturating_sub(Duration::from_secs(24 * 3600)).unwrap_or(now);
    let mut tidied = Vec::new();
    for (old, next) in ring.0.iter().zip(ring.0.iter().skip(1)) {
        let Half::Private(key) = &old.half else { continue };
        if next.begins > settled {
            continue;
        }
        let name = old.begins.to_zoned(TimeZone::UTC).strftime(NAMED).to_string();
        let (private, public) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.jwk")));
        let json = serde_json::to_vec_pretty(key.jwk()).map_err(|_| KeyError::NotAKey)?;
        crate::signing::write_private(&public, &json)?;
        fs::remove_file(&private)?;
        tidied.push(public);
    }
    Ok(tidied)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use serde_json::json;

    use super::*;

    const YEARS: Duration = Duration::from_secs(3650 * 24 * 3600);

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn kid(token: &str) -> String {
        jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
    }

    fn kids(keys: &JwkSet) -> Vec<String> {
        keys.keys.iter().map(|key| key.common.key_id.clone().unwrap()).collect()
    }

    /// Keys that sign from these times, in this order, and their names.
    fn ring(times: &[&str]) -> (tempfile::TempDir, Ring, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for time in times {
            make_key(folder.path(), at(time)).unwrap();
        }
        let ring = Ring::read(folder.path()).unwrap();
        let kids = kids(&ring.public(at("2000-01-01T00:00:00Z"), YEARS));
        (folder, ring, kids)
    }

    #[test]
    fn the_newest_key_whose_time_has_come_signs() {
        let (_folder, ring, kids) =
            ring(&["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"]);
        let signs = |time| kid(&ring.signing(at(time)).unwrap().sign("JWT", &json!({})).unwrap());
        assert_eq!(signs("2025-12-31T00:00:00Z"), kids[0], "there must be one");
        assert_eq!(signs("2026-05-31T23:59:59Z"), kids[0]);
        assert_eq!(signs("2026-06-01T00:00:00Z"), kids[1]);
        assert_eq!(signs("2026-12-31T00:00:00Z"), kids[1]);
        assert_eq!(signs("2030-01-01T00:00:00Z"), kids[2]);
    }

    #[test]
    fn a_key_is_published_before_its_turn_and_until_its_time_is_over() {
        let (_folder, ring, all) = ring(&["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"]);
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(kids(&ring.public(at("2026-03-01T00:00:00Z"), day)), all);
        assert_eq!(kids(&ring.public(at("2026-06-02T00:00:00Z"), day)), all);
        assert_eq!(kids(&ring.public(at("2026-06-02T00:00:01Z"), day)), all[1..]);
    }

    #[test]
    fn a_new_key_is_taken_up_without_a_restart_and_a_broken_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        make_key(folder.path(), now - 2.hours()).unwrap();
        let keys = ReceiptKeys::open(folder.path(), YEARS).unwrap();
        let before = kid(&keys.sign("JWT", &json!({})).unwrap());
        make_key(folder.path(), now - 1.hour()).unwrap();
        assert_eq!(kid(&keys.sign("JWT", &json!({})).unwrap()), before);
        keys.reload().unwrap();
        let after = kid(&keys.sign("JWT", &json!({})).unwrap());
        assert_ne!(after, before);
        assert_eq!(kids(&keys.public()), [before, after.clone()]);

        fs::write(folder.path().join("receipt-20260101T000000Z.pem"), "not a key").unwrap();
        assert!(keys.reload().is_err());
        assert_eq!(kid(&keys.sign("JWT", &json!({})).unwrap()), after);
    }

    #[test]
    fn only_the_public_half_is_left_of_a_key_that_signs_no_more() {
        let (folder, ring, all) =
            ring(&["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-06-03T00:00:00Z"]);
        drop(ring);
        assert!(
            tidy_keys(folder.path(), at("2026-06-01T23:00:00Z")).unwrap().is_empty(),
            "a day is not over"
        );
        let tidied = tidy_keys(folder.path(), at("2026-06-03T01:00:00Z")).unwrap();
        assert_eq!(tidied, [folder.path().join("receipt-20260101T000000Z.jwk")]);
        assert!(!folder.path().join("receipt-20260101T000000Z.pem").exists());
        let left = Ring::read(folder.path()).unwrap();
        assert_eq!(kids(&left.public(at("2026-06-04T00:00:00Z"), YEARS)), all);
        assert!(!fs::read_to_string(&tidied[0]).unwrap().contains("\"d\""));
    }

    #[test]
    fn one_file_is_a_ring_of_one_and_a_folder_without_keys_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(ReceiptKeys::open(folder.path(), YEARS), Err(KeyError::None)));
        let path = folder.path().join("key.pem");
        SigningKey::open_or_create(&path).unwrap();
        assert!(matches!(ReceiptKeys::open(folder.path(), YEARS), Err(KeyError::None)), "not named as one");
        assert_eq!(ReceiptKeys::open(&path, YEARS).unwrap().public().keys.len(), 1);
    }
}
