//! So many calls, each with one draft of 4 KB: any of them can be made again by its number.

use anyhow::Result;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use ledsaga_core::{
    call::{Call, Caller},
    clock::{Clock, SystemClock},
    draft::{CaseState, Draft, ServicePin},
    ports::Change,
    protection::Protection,
};
use ledsaga_forms::{Answer, FormState};
use uuid::Uuid;

use super::words::Vocabulary;

/// Bytes of a draft's JSON.
const DRAFT: usize = 4_096;
/// Changes in one transaction when a store is filled.
pub const BATCH: usize = 1_000;
/// Purge days that the cases are spread over. A new vault has keys from its fifteenth day on, for eight days.
const DAYS: usize = 8;
const FIRST_DAY: i64 = 14;
const THOUSAND: usize = 1_000;

pub struct Cases {
    pub count: usize,
    vocabulary: Vocabulary,
    /// Of the first call.
    since: Timestamp,
    step: SignedDuration,
    today: Date,
}

impl Cases {
    /// Made in the last seven days.
    pub fn new(count: usize) -> Result<Self> {
        let days = SignedDuration::from_hours(7 * 24);
        Ok(Self {
            count,
            vocabulary: Vocabulary::new(20_000),
            since: Timestamp::now() - days,
            step: days / i32::try_from(count)?,
            today: SystemClock.today(),
        })
    }

    pub fn at(&self, number: usize) -> Timestamp {
        self.since + self.step * i32::try_from(number).unwrap_or(i32::MAX)
    }

    /// In the order of time, as every id is.
    fn id(&self, number: usize, kind: u128) -> Uuid {
        let milliseconds = self.at(number).as_millisecond().cast_unsigned();
        Uuid::from_u128(u128::from(milliseconds) << 80 | 7 << 76 | 2 << 62 | (number as u128) << 1 | kind)
    }

    pub fn draft_id(&self, number: usize) -> Uuid {
        self.id(number, 1)
    }

    /// The first seven thousands have a purge day each, the other cases and all calls have the eighth.
    fn day(&self, of: usize) -> Date {
        self.today.saturating_add((FIRST_DAY + of.min(DAYS - 1) as i64).days())
    }

    /// The numbers of the drafts that are to go on one day, and nothing else is: a thousand, all over the time.
    pub fn of_day(&self, day: usize) -> Vec<usize> {
        (0..self.count).filter(|number| self.is_of(*number, &[day])).collect()
    }

    pub fn is_of(&self, number: usize, days: &[usize]) -> bool {
        days.contains(&self.nth(number))
    }

    fn nth(&self, number: usize) -> usize {
        number % (self.count / THOUSAND)
    }

    pub fn call(&self, number: usize) -> Call {
        let at = self.at(number);
        Call {
            id: self.id(number, 0),
            rev: 1,
            code: "A".to_owned(),
            colour: 0,
            started_at: at,
            ended_at: Some(at),
            caller: Caller { name: format!("Kim Exempel {number}"), ..Caller::default() },
            asked_for: "Vill ansöka om färdtjänst".to_owned(),
            note: String::new(),
            protection: Protection::NotRaised,
            arrived_rev: None,
            reduced: false,
            kept_through: Some(self.day(DAYS)),
        }
    }

    pub fn draft(&self, number: usize, rev: u64) -> Draft {
        let rng = &mut Rng::with_seed(number as u64);
        let answer = |text| Answer::Text { text };
        let at = self.at(number);
        let mut draft = Draft {
            id: self.draft_id(number),
            call_id: self.id(number, 0),
            service: ServicePin {
                id: "fardtjanst".into(),
                version: 1,
                hash: "ab".repeat(32),
                name: "Färdtjänst".to_owned(),
            },
            form: FormState {
                rev,
                position: "resor".into(),
                answers: [("namn".to_owned(), answer(format!("Kim Exempel {number}")))].into(),
                left: Default::default(),
                left_steps: Default::default(),
                later: Default::default(),
                tried: false,
                applied: Default::default(),
            },
            created_at: at,
            updated_at: at,
            confirmed: None,
            state: CaseState::Editing,
            submission_id: None,
            set_aside: Vec::new(),
            kept_through: Some(self.day(self.nth(number))),
            extended: 0,
            discarded_at: None,
            revised: None,
            standing: None,
        };
        let so_far = serde_json::to_vec(&draft).map_or(0, |json| json.len());
        let text = self.vocabulary.text(rng, DRAFT - so_far - 48);
        draft.form.answers.insert("beskrivning".to_owned(), answer(text));
        draft
    }

    /// All of it, in transactions.
    pub fn batches(&self) -> impl Iterator<Item = (Vec<Call>, Vec<Draft>)> {
        (0..self.count).step_by(BATCH / 2).map(|first| {
            let numbers = first..(first + BATCH / 2).min(self.count);
            (numbers.clone().map(|n| self.call(n)).collect(), numbers.map(|n| self.draft(n, 1)).collect())
        })
    }
}

pub fn changes(calls: &[Call], drafts: &[Draft]) -> Vec<Change> {
    let calls = calls.iter().cloned().map(Change::PutCall);
    calls.chain(drafts.iter().cloned().map(Change::PutDraft)).collect()
}
