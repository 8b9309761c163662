//! A part of a log on its way to the municipality.

use uuid::Uuid;

use super::chain::{Chain, ChainBreak, ChainFault, ChainHead, Row};

/// Bytes of events in one batch; JSON may double them, and the municipality takes one mebibyte.
const MOST_BYTES: usize = 256 * 1024;
const MOST_EVENTS: usize = 500;

/// Events in a row that fit the chain: nothing is sent on that is broken already.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditBatch {
    vault: Uuid,
    before: ChainHead,
    chain: Chain,
    events: Vec<String>,
    bytes: usize,
}

impl AuditBatch {
    /// An empty batch after the last event that the municipality has, or after [`ChainHead::start`].
    pub fn begin(vault: Uuid, before: ChainHead) -> Self {
        Self { vault, before, chain: Chain::at(before), events: Vec::new(), bytes: 0 }
    }

    /// Adds the next event as it is stored; `false` when it is full and the event belongs in the next one.
    ///
    /// # Errors
    /// The event does not follow the one before.
    pub fn push(&mut self, (seq, event, hash): Row<Vec<u8>>) -> Result<bool, ChainBreak> {
        let full = self.events.len() >= MOST_EVENTS || self.bytes + event.len() > MOST_BYTES;
        if full && !self.is_empty() {
            return Ok(false);
        }
        let event = String::from_utf8(event).map_err(|_| ChainBreak { seq, fault: ChainFault::Altered })?;
        self.chain.follow([(seq, &event, hash)])?;
        self.bytes += event.len();
        self.events.push(event);
        Ok(true)
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub fn vault(&self) -> Uuid {
        self.vault
    }

    /// The head before the first event.
    pub fn before(&self) -> ChainHead {
        self.before
    }

    /// The number of the first event.
    pub fn first(&self) -> u64 {
        self.before.seq.saturating_add(1)
    }

    /// As they are stored.
    pub fn events(&self) -> &[String] {
        &self.events
    }

    /// The head after the last event.
    pub fn head(&self) -> ChainHead {
        self.chain.head()
    }
}

/// Events hold the worker's own words in their reasons.
impl std::fmt::Debug for AuditBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditBatch({} from {})", self.vault, self.first())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]

    use super::*;

    const VAULT: Uuid = Uuid::from_u128(7);

    fn rows(events: impl IntoIterator<Item = Vec<u8>>) -> Vec<Row<Vec<u8>>> {
        let mut chain = Chain::at(ChainHead::start(VAULT));
        events
            .into_iter()
            .map(|event| {
                let link = chain.append(&event);
                (link.seq, event, link.hash)
            })
            .collect()
    }

    #[test]
    fn a_long_log_goes_in_several_batches_that_follow_each_other() {
        let rows = rows((0..1_200).map(|number| format!("{{\"number\":{number}}}").into_bytes()));
        let mut before = ChainHead::start(VAULT);
        let mut sizes = Vec::new();
        let mut waiting = rows.iter().cloned().peekable();
        while waiting.peek().is_some() {
            let mut batch = AuditBatch::begin(VAULT, before);
            while let Some(row) = waiting.next_if(|row| batch.push(row.clone()).unwrap()) {
                assert_eq!(batch.head().seq, row.0);
            }
            assert_eq!(batch.first(), before.seq + 1);
            sizes.push(batch.events().len());
            before = batch.head();
        }
        assert_eq!(sizes, [500, 500, 200]);
        assert_eq!(before.hash, rows[1_199].2);
    }

    #[test]
    fn an_event_that_is_too_large_for_a_batch_goes_alone() {
        let mut rows = rows([b"{}".to_vec(), vec![b' '; MOST_BYTES + 1], b"{}".to_vec()]).into_iter();
        let mut next = |before| {
            let mut batch = AuditBatch::begin(VAULT, before);
            assert_eq!(batch.push(rows.next().unwrap()), Ok(true));
            assert_eq!(rows.clone().next().map(|row| batch.push(row)), Some(Ok(false)));
            batch.head()
        };
        let first = next(ChainHead::start(VAULT));
        assert_eq!(next(first).seq, 2);
    }

    #[test]
    fn nothing_broken_is_sent_on() {
        let rows = rows([b"{}".to_vec(), b"{}".to_vec()]);
        let mut batch = AuditBatch::begin(VAULT, ChainHead::start(VAULT));
        let missing = ChainBreak { seq: 1, fault: ChainFault::Missing };
        assert_eq!(batch.push(rows[1].clone()), Err(missing));
        let altered = ChainBreak { seq: 1, fault: ChainFault::Altered };
        assert_eq!(batch.push((1, b"[]".to_vec(), rows[0].2)), Err(altered));
        assert_eq!(batch.push((1, vec![0xff], rows[0].2)), Err(altered));
        assert!(batch.is_empty());
    }
}
