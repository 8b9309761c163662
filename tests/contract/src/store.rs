//! The contract of core's `Store`.

mod drafts;

use std::sync::Arc;

use jiff::ToSpan;
use ledsaga_core::{
    audit::{
        AuditEvent,
        chain::{Chain, ChainHead},
    },
    call::Call,
    catalogue::Catalogue,
    draft::{CaseState, Draft},
    error::StoreError,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, Store},
    standing::{Stage, Standing},
};
use uuid::Uuid;

use crate::samples::{call, catalogue, draft, event, item, later, now, receipt, refusal, submission};

pub use drafts::*;

/// A store under test, with the folder it needs for as long as it lives.
pub struct Subject {
    pub store: Arc<dyn Store>,
    pub folder: Option<tempfile::TempDir>,
}

/// What every behaviour answers: an error of the store is a failure of the test.
pub type Verdict = Result<(), StoreError>;

/// One test for each behaviour, against what `$make` (an async function without arguments) makes.
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $make:path) => {
        $crate::store_contract!(@each $name, $make,
            starts_empty
            every_kind_of_change_comes_back_as_it_was
            a_later_put_replaces_the_earlier
            calls_and_drafts_come_newest_first
            the_outbox_comes_oldest_first_whatever_changed
            audit_events_come_in_the_order_they_were_appended
            what_is_removed_is_gone_and_only_that
            a_draft_goes_with_all_that_belongs_to_it
            a_reduced_draft_is_all_that_is_left_of_it
            a_reduced_call_is_all_that_is_left_of_it
            a_removed_draft_can_be_put_again
            revisions_come_newest_first_and_only_the_newest_are_kept
            outlines_are_what_the_drafts_say
            shredding_comes_to_an_end_and_leaves_what_lives
            health_tells_of_a_sound_store
            within_a_batch_the_last_change_counts
            the_cursor_moves_with_what_it_brought
            files_of_every_size_come_back_whole
            a_reader_never_sees_half_a_batch
            concurrent_batches_are_all_kept
            the_log_is_chained_and_lets_go_of_what_has_arrived
            a_closed_store_is_locked
        );
    };
    (@each $name:ident, $make:path, $($behaviour:ident)*) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() -> $crate::store::Verdict {
                    let subject: $crate::store::Subject = $make().await;
                    $crate::store::$behaviour(subject.store.clone()).await
                }
            )*
        }
    };
}

pub async fn starts_empty(store: Arc<dyn Store>) -> Verdict {
    let id = Uuid::now_v7();
    assert!(store.calls().await?.is_empty());
    assert!(store.outlines().await?.is_empty());
    assert!(store.revisions(id).await?.is_empty());
    assert!(store.outbox().await?.is_empty());
    assert!(store.audit().await?.is_empty());
    assert!(store.catalogue().await?.is_none());
    assert!(store.cursor().await?.is_none());
    assert!(store.resume().await?.is_none());
    assert!(store.call(id).await?.is_none());
    assert!(store.draft(id).await?.is_none());
    assert!(store.file(id).await?.is_none());
    assert!(store.submission(id).await?.is_none());
    store.commit(vec![]).await
}

pub async fn every_kind_of_change_comes_back_as_it_was(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let states = |id| {
        [
            CaseState::Editing,
            CaseState::Queued { submission: id, at: now() },
            CaseState::Unknown { submission: id, at: now() },
            CaseState::Received { submission: id, receipt: receipt(id) },
            CaseState::NeedsAction { submission: id, reason: refusal() },
        ]
    };
    let drafts: Vec<Draft> =
        states(Uuid::now_v7()).into_iter().map(|state| Draft { state, ..draft(&call) }).collect();
    let submission = submission(&drafts[1]);
    let tasks = [
        Task::Contact,
        Task::File {
            file: Uuid::now_v7(),
            draft: drafts[0].id,
            name: "Läkarintyg Å.pdf".into(),
            media_type: "application/pdf".into(),
        },
        Task::Submission { submission: submission.id, draft: drafts[1].id },
    ];
    let item_states = [
        ItemState::Ready,
        ItemState::Blocked,
        ItemState::InFlight,
        ItemState::Unknown,
        ItemState::Waiting { ms: 1_500, asked: true },
        ItemState::Wedged { reason: refusal() },
    ];
    let items: Vec<OutboxItem> = tasks
        .into_iter()
        .flat_map(|task| item_states.iter().map(move |state| (task.clone(), state.clone())))
        .map(|(task, state)| OutboxItem { task, state, attempts: 3, ..item(&call) })
        .collect();
    let (file, bytes) = (Uuid::now_v7(), vec![0, 255, 10]);
    let (catalogue, event) = (catalogue(), event(&call));

    let mut changes = vec![
        Change::PutCall(call.clone()),
        Change::PutFile { id: file, draft: drafts[0].id, bytes: bytes.clone() },
        Change::PutSubmission(submission.clone()),
        Change::PutCatalogue(catalogue.clone()),
        Change::AppendAudit(event.clone()),
        Change::PutResume { call: call.id },
    ];
    changes.extend(drafts.iter().cloned().map(Change::PutDraft));
    changes.extend(items.iter().cloned().map(Change::PutOutbox));
    store.commit(changes).await?;

    assert!(store.call(call.id).await?.as_ref() == Some(&call));
    assert!(store.calls().await? == [call.clone()]);
    for draft in &drafts {
        assert!(store.draft(draft.id).await?.as_ref() == Some(draft), "{:?}", draft.state);
    }
    assert!(store.submission(submission.id).await? == Some(submission));
    assert_eq!(store.file(file).await?, Some(bytes));
    assert_eq!(store.outbox().await?, items);
    assert_eq!(store.catalogue().await?, Some(catalogue));
    assert_eq!(store.audit().await?, [event]);
    assert_eq!(store.resume().await?, Some(call.id));
    Ok(())
}

pub async fn a_later_put_replaces_the_earlier(store: Arc<dyn Store>) -> Verdict {
    let (mut call, mut catalogue, file) = (call(), catalogue(), Uuid::now_v7());
    let (mut draft, mut item) = (draft(&call), item(&call));
    let changes = |call: &Call, draft: &Draft, item: &OutboxItem, catalogue: &Catalogue, bytes: &[u8]| {
        vec![
            Change::PutCall(call.clone()),
            Change::PutDraft(draft.clone()),
            Change::PutOutbox(item.clone()),
            Change::PutCatalogue(catalogue.clone()),
            Change::PutFile { id: file, draft: draft.id, bytes: bytes.to_vec() },
            Change::PutResume { call: call.id },
        ]
    };
    store.commit(changes(&call, &draft, &item, &catalogue, b"first")).await?;
    (call.note, call.rev) = ("Ringer tillbaka".into(), call.rev + 1);
    (draft.form.rev, draft.updated_at) = (draft.form.rev + 1, later(draft.updated_at, 1));
    item.state = ItemState::InFlight;
    catalogue.etag = "\"2\"".into();
    store.commit(changes(&call, &draft, &item, &catalogue, b"second, longer")).await?;

    assert!(store.calls().await? == [call.clone()]);
    assert_eq!(store.outlines().await?, [draft.outline()]);
    assert!(store.draft(draft.id).await? == Some(draft));
    assert_eq!(store.outbox().await?, [item]);
    assert_eq!(store.catalogue().await?, Some(catalogue));
    assert_eq!(store.file(file).await?.as_deref(), Some(b"second, longer".as_slice()));
    assert_eq!(store.resume().await?, Some(call.id));
    Ok(())
}

pub async fn calls_and_drafts_come_newest_first(store: Arc<dyn Store>) -> Verdict {
    let start = now();
    // Put in another order than they were made in, two of them at the same moment.
    let (first, second, twin) = (call(), call(), call());
    let calls = [
        Call { started_at: start, ..first },
        Call { started_at: later(start, 5), ..second },
        Call { started_at: later(start, 5), ..twin },
    ];
    let drafts: Vec<Draft> =
        calls.iter().map(|call| Draft { created_at: call.started_at, ..draft(call) }).collect();
    for at in [1, 0, 2] {
        store.commit(vec![Change::PutCall(calls[at].clone()), Change::PutDraft(drafts[at].clone())]).await?;
    }
    // A change does not move them.
    store.commit(vec![Change::PutDraft(Draft { updated_at: later(start, 60), ..drafts[0].clone() })]).await?;

    let found: Vec<Uuid> = store.calls().await?.iter().map(|call| call.id).collect();
    assert_eq!(found, [calls[2].id, calls[1].id, calls[0].id]);
    let found: Vec<Uuid> = store.outlines().await?.iter().map(|draft| draft.id).collect();
    assert_eq!(found, [drafts[2].id, drafts[1].id, drafts[0].id]);
    Ok(())
}

pub async fn the_outbox_comes_oldest_first_whatever_changed(store: Arc<dyn Store>) -> Verdict {
    let (call, start) = (call(), now());
    // The first three were made in one batch, at one moment: the order of their ids is the order to send them in.
    let items: Vec<OutboxItem> = [0, 0, 0, 1, 2]
        .into_iter()
        .map(|seconds| OutboxItem { created_at: later(start, seconds), ..item(&call) })
        .collect();
    for at in [4, 2, 0, 3, 1] {
        store.commit(vec![Change::PutOutbox(items[at].clone())]).await?;
    }
    let tried =
        OutboxItem { state: ItemState::Waiting { ms: 9, asked: false }, attempts: 1, ..items[0].clone() };
    store.commit(vec![Change::PutOutbox(tried.clone())]).await?;

    let expected: Vec<OutboxItem> = std::iter::once(&tried).chain(&items[1..]).cloned().collect();
    assert_eq!(store.outbox().await?, expected);
    Ok(())
}

pub async fn audit_events_come_in_the_order_they_were_appended(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let first = AuditEvent { at: later(now(), 3_600), ..event(&call) };
    // The clock was set back between them.
    let second = AuditEvent { at: first.at - 2.hours(), ..event(&call) };
    let third = event(&call);
    store.commit(vec![Change::AppendAudit(first.clone()), Change::AppendAudit(second.clone())]).await?;
    store.commit(vec![Change::AppendAudit(third.clone())]).await?;
    assert_eq!(store.audit().await?, [first, second, third]);
    Ok(())
}

pub async fn what_is_removed_is_gone_and_only_that(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let draft = draft(&call);
    let (gone, kept) = (submission(&draft), submission(&draft));
    let (gone_item, kept_item) = (item(&call), item(&call));
    let gone_call = Call { id: Uuid::now_v7(), ..call.clone() };
    store
        .commit(vec![
            Change::PutCall(call.clone()),
            Change::PutCall(gone_call.clone()),
            Change::PutDraft(draft.clone()),
            Change::PutSubmission(gone.clone()),
            Change::PutSubmission(kept.clone()),
            Change::PutOutbox(gone_item.clone()),
            Change::PutOutbox(kept_item.clone()),
        ])
        .await?;
    // Removing what is not there changes nothing, however often.
    for _ in 0..2 {
        store
            .commit(vec![
                Change::RemoveCall { id: gone_call.id },
                Change::RemoveSubmission { id: gone.id },
                Change::RemoveOutbox { id: gone_item.id },
            ])
            .await?;
    }
    assert!(store.call(gone_call.id).await?.is_none());
    assert!(store.calls().await? == [call]);
    assert!(store.submission(gone.id).await?.is_none());
    assert!(store.submission(kept.id).await? == Some(kept));
    assert_eq!(store.outbox().await?, [kept_item]);
    assert!(store.draft(draft.id).await? == Some(draft));
    Ok(())
}

pub async fn within_a_batch_the_last_change_counts(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let item = item(&call);
    let file = Uuid::now_v7();
    let (draft, gone) = (draft(&call), draft(&call));
    store
        .commit(vec![
            Change::PutOutbox(item.clone()),
            Change::RemoveOutbox { id: item.id },
            Change::PutFile { id: file, draft: draft.id, bytes: b"bilaga".to_vec() },
            Change::PutFile { id: file, draft: draft.id, bytes: b"intyg".to_vec() },
            Change::RemoveDraft { id: gone.id },
            Change::PutDraft(gone.clone()),
            Change::RemoveDraft { id: gone.id },
            Change::PutCall(Call { note: "först".into(), ..call.clone() }),
            Change::PutCall(Call { note: "sedan".into(), ..call.clone() }),
        ])
        .await?;
    assert!(store.outbox().await?.is_empty());
    assert_eq!(store.file(file).await?.as_deref(), Some(b"intyg".as_slice()));
    assert!(store.draft(gone.id).await?.is_none());
    assert_eq!(store.call(call.id).await?.map(|call| call.note).as_deref(), Some("sedan"));
    Ok(())
}

pub async fn the_cursor_moves_with_what_it_brought(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let old = Draft {
        state: CaseState::Received { submission: Uuid::now_v7(), receipt: receipt(Uuid::now_v7()) },
        ..draft(&call)
    };
    store.commit(vec![Change::PutCall(call.clone()), Change::PutDraft(old.clone())]).await?;
    for (cursor, stage) in [("a", Stage::InProgress), ("ö/2", Stage::Decided)] {
        let standing = Standing {
            change: Uuid::now_v7(),
            stage,
            at: now(),
            message: Some("Skicka in ett läkarintyg.".into()),
            news: true,
        };
        let told = Draft { standing: Some(standing.clone()), ..old.clone() };
        store
            .commit(vec![Change::PutDraft(told.clone()), Change::PutCursor { cursor: cursor.into() }])
            .await?;
        assert_eq!(store.cursor().await?.as_deref(), Some(cursor));
        assert!(store.draft(old.id).await? == Some(told));
        let outlines = store.outlines().await?;
        assert_eq!(outlines[0].standing, Some(standing.outline()), "lists leave the words out");
    }
    Ok(())
}

pub async fn files_of_every_size_come_back_whole(store: Arc<dyn Store>) -> Verdict {
    let draft = draft(&call());
    for size in [0, 1, 4_095, 4_096, 65_535, 65_536, 65_537, 131_072, 3 * 1024 * 1024 + 1] {
        let id = Uuid::now_v7();
        let bytes: Vec<u8> = (0..size).map(|at: usize| (at % 251) as u8).collect();
        store.commit(vec![Change::PutFile { id, draft: draft.id, bytes: bytes.clone() }]).await?;
        assert!(store.file(id).await? == Some(bytes), "{size} bytes");
    }
    Ok(())
}

pub async fn a_reader_never_sees_half_a_batch(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let drafts: Vec<Draft> = (0..40).map(|_| draft(&call)).collect();
    let writer = {
        let (store, drafts, call) = (store.clone(), drafts.clone(), call.clone());
        tokio::spawn(async move {
            for draft in drafts {
                let task = Task::Submission { submission: Uuid::now_v7(), draft: draft.id };
                let item = OutboxItem { task, ..item(&call) };
                store.commit(vec![Change::PutOutbox(item), Change::PutDraft(draft)]).await?;
            }
            Ok::<_, StoreError>(())
        })
    };
    let mut seen = 0;
    while seen < drafts.len() {
        let items = store.outbox().await?;
        for item in &items[seen..] {
            let Task::Submission { draft, .. } = &item.task else { continue };
            assert!(store.draft(*draft).await?.is_some(), "an outbox item came before its draft");
        }
        seen = items.len();
        tokio::task::yield_now().await;
    }
    writer.await.map_err(|_| StoreError::Failed("writer"))?
}

pub async fn concurrent_batches_are_all_kept(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let writers: Vec<_> = (0..16)
        .map(|_| {
            let (store, draft) = (store.clone(), draft(&call));
            tokio::spawn(async move {
                store.commit(vec![Change::PutDraft(draft.clone())]).await?;
                // A writer sees its own batch at once.
                Ok::<_, StoreError>(store.draft(draft.id).await? == Some(draft))
            })
        })
        .collect();
    for writer in writers {
        assert!(writer.await.map_err(|_| StoreError::Failed("writer"))??);
    }
    assert_eq!(store.outlines().await?.len(), 16);
    Ok(())
}

pub async fn the_log_is_chained_and_lets_go_of_what_has_arrived(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    for _ in 0..5 {
        store.commit(vec![Change::AppendAudit(event(&call))]).await?;
    }
    let state = store.log_state().await?;
    assert_eq!((state.head.seq, state.arrived, state.fault), (5, 0, None));
    let all = store.log(0, 100).await?;
    assert_eq!(all.before, ChainHead::start(state.vault));
    assert_eq!(Chain::verify(all.before, all.rows.clone(), state.head), Ok(()));
    let some = store.log(2, 2).await?;
    assert_eq!(some.before.seq, 2);
    assert!(some.rows == all.rows[2..4]);

    store.commit(vec![Change::LogArrived { seq: 3 }, Change::ForgetLog { seq: 3 }]).await?;
    let left = store.log(0, 100).await?;
    assert_eq!(left.before.seq, 3);
    assert!(left.rows == all.rows[3..]);
    store.commit(vec![Change::AppendAudit(event(&call))]).await?;
    let state = store.log_state().await?;
    assert_eq!((state.head.seq, state.arrived), (6, 3));
    let rows = store.log(3, 100).await?.rows;
    assert_eq!(Chain::verify(left.before, rows, state.head), Ok(()));
    assert_eq!(store.audit().await?.len(), 3);
    // Exports are always signed by the same key.
    assert_eq!(store.log_key().await?.fingerprint(), store.log_key().await?.fingerprint());
    Ok(())
}

pub async fn a_closed_store_is_locked(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let id = call.id;
    store.commit(vec![Change::PutCall(call.clone())]).await?;
    store.close().await;
    store.close().await;
    assert_eq!(store.commit(vec![Change::PutCall(call)]).await, Err(StoreError::Locked));
    assert_eq!(store.commit(vec![]).await, Err(StoreError::Locked));
    assert_eq!(store.calls().await.err(), Some(StoreError::Locked));
    assert_eq!(store.outlines().await.err(), Some(StoreError::Locked));
    assert_eq!(store.revisions(id).await.err(), Some(StoreError::Locked));
    assert_eq!(store.call(id).await.err(), Some(StoreError::Locked));
    assert_eq!(store.draft(id).await.err(), Some(StoreError::Locked));
    assert_eq!(store.file(id).await.err(), Some(StoreError::Locked));
    assert_eq!(store.submission(id).await.err(), Some(StoreError::Locked));
    assert_eq!(store.outbox().await.err(), Some(StoreError::Locked));
    assert_eq!(store.catalogue().await.err(), Some(StoreError::Locked));
    assert_eq!(store.audit().await.err(), Some(StoreError::Locked));
    assert_eq!(store.resume().await.err(), Some(StoreError::Locked));
    assert_eq!(store.shred().await.err(), Some(StoreError::Locked));
    assert_eq!(store.health().await.err(), Some(StoreError::Locked));
    Ok(())
}
