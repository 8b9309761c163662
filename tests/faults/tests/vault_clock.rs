//! Whatever the clock says, a vault gives back what it took. What a jump of the clock does to the drafts of a desk is
//! tried in `crates/core/tests/desk/keeping.rs`, and what it does to the keys of days in the unit tests of the vault;
//! here every last day that a clock could have given is kept, opened and shredded beside.
#![allow(clippy::unwrap_used, reason = "tests may")]

use jiff::{ToSpan, civil::date};
use ledsaga_core::{
    clock::{Clock, SystemClock},
    draft::{CaseState, Draft, ServicePin},
    ports::{Change, Shredding, Store},
};
use ledsaga_faults::{
    computer::Computer,
    report::{Kind, row},
};
use ledsaga_forms::{Answer, FormState};
use uuid::Uuid;

const ROW: &str = "clock";

fn draft(kept_through: jiff::civil::Date) -> Draft {
    let at = jiff::Timestamp::now();
    let text = kept_through.to_string();
    Draft {
        id: Uuid::now_v7(),
        call_id: Uuid::nil(),
        service: ServicePin {
            id: "fardtjanst".into(),
            version: 1,
            hash: "ab".repeat(32),
            name: "Färdtjänst".into(),
        },
        form: FormState {
            rev: 1,
            position: "resor".into(),
            answers: [("skal".to_owned(), Answer::Text { text })].into(),
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
        kept_through: Some(kept_through),
        extended: 0,
        discarded_at: None,
        revised: None,
        standing: None,
    }
}

/// Days that a clock which is ten years early or late gives, the days when the clock changes in Sweden, the days
/// around today, and the ends of the calendar.
fn days() -> Vec<jiff::civil::Date> {
    let today = SystemClock.today();
    let mut days = vec![date(1970, 1, 1), date(9_999, 12, 31)];
    days.extend([-10, 10].map(|years: i64| today.saturating_add(years.years())));
    days.extend([date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]);
    days.extend((-3..40_i64).map(|days| today.saturating_add(days.days())));
    days
}

#[tokio::test]
async fn no_last_day_makes_a_vault_lose_a_draft() {
    let computer = Computer::new();
    let drafts: Vec<Draft> = days().into_iter().map(draft).collect();
    let (mut gone, mut lost) = (0, 0);
    let vault = computer.open(None).await.unwrap();
    for draft in &drafts {
        vault.commit(vec![Change::PutDraft(draft.clone())]).await.unwrap();
    }
    vault.close().await;
    // One after the other is removed; between starts, which let go of the keys of past days, the others stay.
    for removed in (0..drafts.len()).step_by(7) {
        let vault = computer.open(None).await.unwrap();
        vault.commit(vec![Change::RemoveDraft { id: drafts[removed].id }]).await.unwrap();
        while vault.shred().await.unwrap() != Shredding::Done {}
        gone += 1;
        for (number, draft) in drafts.iter().enumerate() {
            let is_gone = number % 7 == 0 && number <= removed;
            let found = vault.draft(draft.id).await.unwrap();
            lost += usize::from(if is_gone { found.is_some() } else { found.as_ref() != Some(draft) });
        }
        assert_eq!(vault.verify().await, Ok(()));
        vault.close().await;
    }
    let done = format!("last days from 1970 to 9999, +-10 years, DST; {gone} starts with shredding beside");
    row(Kind::Test, ROW, &done, drafts.len(), lost);
    assert_eq!(lost, 0);
}
