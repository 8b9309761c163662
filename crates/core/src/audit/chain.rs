//! The chain that ties each event of a log to all before it. Whoever changes, removes, adds or moves one breaks it there;
//! the head, kept apart from the events, shows when the end has been cut off.
//!
//! The same hash is computed by `ledsaga_protocol::audit`; a golden file keeps the two together.

use sha2::{Digest, Sha256};
use uuid::Uuid;

pub type Hash = [u8; 32];

const START: &[u8] = b"ledsaga-audit-start-1\0";
const LINK: &[u8] = b"ledsaga-audit-link-1\0";

/// Where a chain ends: the last event's number and hash. Numbers begin at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    pub seq: u64,
    pub hash: Hash,
}

impl ChainHead {
    /// The head before the first event. It names the vault, so that one vault's log never passes for another's.
    pub fn start(vault: Uuid) -> Self {
        Self { seq: 0, hash: Sha256::new().chain_update(START).chain_update(vault).finalize().into() }
    }
}

/// What is stored beside an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    pub seq: u64,
    pub previous: Hash,
    pub hash: Hash,
}

impl ChainLink {
    /// The head of a chain that ends here.
    pub fn head(&self) -> ChainHead {
        ChainHead { seq: self.seq, hash: self.hash }
    }
}

/// An event as it is stored: its number, its bytes and its hash.
pub type Row<B> = (u64, B, Hash);

/// Where a log is not what it was, by the number of the first event that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} is {fault}")]
pub struct ChainBreak {
    pub seq: u64,
    pub fault: ChainFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Its content or its hash is another.
    #[error("altered")]
    Altered,
    /// It is gone from between others.
    #[error("missing")]
    Missing,
    /// It stands in another place.
    #[error("reordered")]
    Reordered,
    /// There is one more than there was: a number twice, or something after the head.
    #[error("inserted")]
    Inserted,
    /// It and everything after it are gone.
    #[error("truncated")]
    Truncated,
}

/// A chain up to its head, to go on with or to follow and compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    head: ChainHead,
}

impl Chain {
    /// Goes on from a head: [`ChainHead::start`], or that of the last event before.
    pub fn at(head: ChainHead) -> Self {
        Self { head }
    }

    pub fn head(&self) -> ChainHead {
        self.head
    }

    /// The link of the next event; `event` is exactly what is stored.
    pub fn append(&mut self, event: &[u8]) -> ChainLink {
        let seq = self.next();
        let link = ChainLink { seq, previous: self.head.hash, hash: link_hash(seq, &self.head.hash, event) };
        self.head = link.head();
        link
    }

    /// Follows stored events in the order in which they are kept, for as long as they fit. What comes after the first
    /// that does not is read only to tell what happened to it.
    ///
    /// # Errors
    /// The first event that does not fit; the head stays before it.
    pub fn follow<B: AsRef<[u8]>>(
        &mut self,
        rows: impl IntoIterator<Item = Row<B>>,
    ) -> Result<(), ChainBreak> {
        let mut rows = rows.into_iter();
        while let Some((seq, event, hash)) = rows.next() {
            let wanted = self.next();
            let fits = |event: &B| link_hash(wanted, &self.head.hash, event.as_ref());
            let fault = if seq < wanted {
                ChainFault::Inserted
            } else if seq > wanted {
                if rows.any(|(later, ..)| later == wanted) {
                    ChainFault::Reordered
                } else {
                    ChainFault::Missing
                }
            } else if fits(&event) == hash {
                self.head = ChainHead { seq, hash };
                continue;
            } else if rows.any(|(_, event, later)| [hash, later].contains(&fits(&event))) {
                ChainFault::Reordered
            } else {
                ChainFault::Altered
            };
            return Err(ChainBreak { seq: wanted, fault });
        }
        Ok(())
    }

    /// Whether it ends where it must.
    ///
    /// # Errors
    /// Events are gone from the end, there are more than there were, or the last one is another.
    pub fn ends_at(&self, expected: ChainHead) -> Result<(), ChainBreak> {
        let (seq, fault) = match self.head.seq.cmp(&expected.seq) {
            std::cmp::Ordering::Less => (self.next(), ChainFault::Truncated),
            std::cmp::Ordering::Greater => (expected.seq.saturating_add(1), ChainFault::Inserted),
            std::cmp::Ordering::Equal if self.head.hash == expected.hash => return Ok(()),
            std::cmp::Ordering::Equal => (expected.seq, ChainFault::Altered),
        };
        Err(ChainBreak { seq, fault })
    }

    /// Follows a whole log from the head before its first event to the head that is kept apart from it.
    ///
    /// # Errors
    /// [`ChainBreak`]
    pub fn verify<B: AsRef<[u8]>>(
        from: ChainHead,
        rows: impl IntoIterator<Item = Row<B>>,
        expected: ChainHead,
    ) -> Result<(), ChainBreak> {
        let mut chain = Self::at(from);
        chain.follow(rows)?;
        chain.ends_at(expected)
    }

    fn next(&self) -> u64 {
        self.head.seq.saturating_add(1)
    }
}

/// SHA-256 over domain, number, the hash before, length and event; numbers are 64 bits, the highest byte first.
fn link_hash(seq: u64, previous: &Hash, event: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(LINK)
        .chain_update(seq.to_be_bytes())
        .chain_update(previous)
        .chain_update((event.len() as u64).to_be_bytes())
        .chain_update(event)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const VAULT: Uuid = Uuid::from_u128(7);

    /// Rows 1 to `count`, and the head.
    fn log(count: u64) -> (Vec<Row<Vec<u8>>>, ChainHead) {
        let mut chain = Chain::at(ChainHead::start(VAULT));
        let rows = (1..=count)
            .map(|number| {
                let event = format!(r#"{{"number":{number}}}"#).into_bytes();
                let link = chain.append(&event);
                (link.seq, event, link.hash)
            })
            .collect();
        (rows, chain.head())
    }

    fn verify(rows: &[Row<Vec<u8>>], head: ChainHead) -> Result<(), (u64, ChainFault)> {
        Chain::verify(ChainHead::start(VAULT), rows.iter().cloned(), head).map_err(|b| (b.seq, b.fault))
    }

    #[test]
    fn hashes_are_those_of_the_golden_file() {
        let golden: Value =
            serde_json::from_str(include_str!("../../../protocol/tests/golden/audit-chain.json")).unwrap();
        let mut chain = Chain::at(ChainHead::start(golden["vault"].as_str().unwrap().parse().unwrap()));
        assert_eq!(hex::encode(chain.head().hash), golden["start"]);
        for link in golden["links"].as_array().unwrap() {
            let made = chain.append(link["event"].as_str().unwrap().as_bytes());
            assert_eq!((made.seq, hex::encode(made.hash)), (link["seq"].as_u64().unwrap(), text(link)));
        }
        fn text(link: &Value) -> String {
            link["hash"].as_str().unwrap().to_owned()
        }
    }

    #[test]
    fn a_whole_log_holds_from_its_start_and_from_any_head_within() {
        let (rows, head) = log(5);
        assert_eq!(verify(&rows, head), Ok(()));
        assert_eq!(verify(&[], ChainHead::start(VAULT)), Ok(()));
        let after_two = ChainHead { seq: 2, hash: rows[1].2 };
        assert_eq!(Chain::verify(after_two, rows[2..].iter().cloned(), head), Ok(()));
    }

    #[test]
    fn another_vaults_log_does_not_pass_for_this_ones() {
        let (rows, head) = log(3);
        let other = Chain::verify(ChainHead::start(Uuid::from_u128(8)), rows, head);
        assert_eq!(other.unwrap_err(), ChainBreak { seq: 1, fault: ChainFault::Altered });
    }

    #[test]
    fn an_altered_event_is_named_and_so_is_an_altered_hash() {
        let (mut rows, head) = log(5);
        rows[2].1[3] ^= 1;
        assert_eq!(verify(&rows, head), Err((3, ChainFault::Altered)));
        let (mut rows, head) = log(5);
        rows[4].2[0] ^= 1;
        assert_eq!(verify(&rows, head), Err((5, ChainFault::Altered)));
    }

    #[test]
    fn a_log_rewritten_from_the_middle_does_not_end_at_its_head() {
        let (mut rows, head) = log(5);
        let mut chain = Chain::at(ChainHead { seq: 2, hash: rows[1].2 });
        rows[2].1 = b"{}".to_vec();
        for row in &mut rows[2..] {
            row.2 = chain.append(&row.1).hash;
        }
        assert_eq!(verify(&rows, head), Err((5, ChainFault::Altered)));
        // What the head is kept apart for: by the rows alone nothing is wrong.
        assert_eq!(verify(&rows, chain.head()), Ok(()));
    }

    #[test]
    fn a_missing_event_is_named() {
        let (mut rows, head) = log(5);
        rows.remove(2);
        assert_eq!(verify(&rows, head), Err((3, ChainFault::Missing)));
    }

    #[test]
    fn moved_events_are_named_with_and_without_their_numbers() {
        let (mut rows, head) = log(5);
        rows.swap(1, 3);
        assert_eq!(verify(&rows, head), Err((2, ChainFault::Reordered)));
        let (mut rows, head) = log(5);
        let (second, fourth) = (rows[1].clone(), rows[3].clone());
        (rows[1].1, rows[1].2) = (fourth.1, fourth.2);
        (rows[3].1, rows[3].2) = (second.1.clone(), second.2);
        assert_eq!(verify(&rows, head), Err((2, ChainFault::Reordered)));
        let (mut rows, head) = log(5);
        (rows[1].1, rows[3].1) = (rows[3].1.clone(), second.1);
        assert_eq!(verify(&rows, head), Err((2, ChainFault::Reordered)));
    }

    #[test]
    fn an_event_twice_and_one_after_the_head_are_named() {
        let (mut rows, head) = log(5);
        rows.insert(3, rows[2].clone());
        assert_eq!(verify(&rows, head), Err((4, ChainFault::Inserted)));
        let (rows, _) = log(6);
        assert_eq!(verify(&rows, head), Err((6, ChainFault::Inserted)));
    }

    #[test]
    fn a_cut_end_shows_by_the_head_alone() {
        let (rows, head) = log(5);
        assert_eq!(verify(&rows[..3], head), Err((4, ChainFault::Truncated)));
        assert_eq!(verify(&[], head), Err((1, ChainFault::Truncated)));
        // The counter-test: with the head among the rows, the cut is not seen.
        assert_eq!(verify(&rows[..3], ChainHead { seq: 3, hash: rows[2].2 }), Ok(()));
    }

    proptest! {
        #[test]
        fn the_first_wrong_event_is_the_one_that_was_changed(
            count in 1_u64..40, at in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), flip in 1_u8..,
        ) {
            let (mut rows, head) = log(count);
            let at = at.index(rows.len());
            let byte = byte.index(rows[at].1.len());
            rows[at].1[byte] ^= flip;
            prop_assert_eq!(verify(&rows, head), Err((at as u64 + 1, ChainFault::Altered)));
        }
    }
}
