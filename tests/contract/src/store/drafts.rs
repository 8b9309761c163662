//! What becomes of a draft, its revisions and all that belongs to it.

use std::sync::Arc;

use ledsaga_core::{
    call::{Call, Caller},
    draft::{CaseState, Draft, Outline, Revision},
    error::StoreError,
    ports::{Change, REVISIONS, Shredding, Store},
    submission::Submission,
};
use uuid::Uuid;

use super::Verdict;
use crate::samples::{call, draft, item, later, now, reduced_of, refusal, revision, submission};

/// A draft and one of everything that belongs to it.
struct Belongings {
    draft: Draft,
    file: Uuid,
    submission: Submission,
    revision: Revision,
}

impl Belongings {
    fn of(call: &Call) -> Self {
        let draft = draft(call);
        Self { file: Uuid::now_v7(), submission: submission(&draft), revision: revision(&draft, 1), draft }
    }

    async fn put(&self, store: &dyn Store) -> Verdict {
        store
            .commit(vec![
                Change::PutDraft(self.draft.clone()),
                Change::PutFile { id: self.file, draft: self.draft.id, bytes: b"bilaga".to_vec() },
                Change::PutSubmission(self.submission.clone()),
                Change::KeepRevision(self.revision.clone()),
            ])
            .await
    }

    /// The draft as it is, and how many of its belongings are there.
    async fn found(&self, store: &dyn Store) -> Result<(Option<Draft>, usize), StoreError> {
        let there = [
            store.file(self.file).await?.is_some(),
            store.submission(self.submission.id).await?.is_some(),
            store.revisions(self.draft.id).await? == [self.revision.clone()],
        ];
        Ok((store.draft(self.draft.id).await?, there.into_iter().filter(|there| *there).count()))
    }
}

pub async fn a_draft_goes_with_all_that_belongs_to_it(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let (gone, kept) = (Belongings::of(&call), Belongings::of(&call));
    gone.put(&*store).await?;
    kept.put(&*store).await?;
    assert!(gone.found(&*store).await? == (Some(gone.draft.clone()), 3));
    // Once more changes nothing.
    for _ in 0..2 {
        store.commit(vec![Change::RemoveDraft { id: gone.draft.id }]).await?;
        assert!(gone.found(&*store).await? == (None, 0));
        assert!(kept.found(&*store).await? == (Some(kept.draft.clone()), 3));
        assert_eq!(store.outlines().await?, [kept.draft.outline()]);
    }
    Ok(())
}

pub async fn a_reduced_draft_is_all_that_is_left_of_it(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let (reduced, kept) = (Belongings::of(&call), Belongings::of(&call));
    reduced.put(&*store).await?;
    kept.put(&*store).await?;
    let left = reduced_of(&reduced.draft);
    for _ in 0..2 {
        store.commit(vec![Change::ReduceDraft(left.clone())]).await?;
        assert!(reduced.found(&*store).await? == (Some(left.clone()), 0));
        assert!(kept.found(&*store).await? == (Some(kept.draft.clone()), 3));
    }
    let mut outlines = store.outlines().await?;
    outlines.sort_by_key(|outline| outline.id);
    let mut expected = [left.outline(), kept.draft.outline()];
    expected.sort_by_key(|outline| outline.id);
    assert_eq!(outlines, expected);
    Ok(())
}

pub async fn a_reduced_call_is_all_that_is_left_of_it(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let (draft, item) = (draft(&call), item(&call));
    store
        .commit(vec![
            Change::PutCall(call.clone()),
            Change::PutDraft(draft.clone()),
            Change::PutOutbox(item.clone()),
        ])
        .await?;
    let left = Call { caller: Caller::default(), note: String::new(), ..call };
    store.commit(vec![Change::ReduceCall(left.clone())]).await?;
    assert!(store.calls().await? == [left]);
    assert!(store.draft(draft.id).await? == Some(draft));
    assert_eq!(store.outbox().await?, [item]);
    Ok(())
}

pub async fn a_removed_draft_can_be_put_again(store: Arc<dyn Store>) -> Verdict {
    let again = Belongings::of(&call());
    again.put(&*store).await?;
    store.commit(vec![Change::RemoveDraft { id: again.draft.id }]).await?;
    store.commit(vec![Change::PutDraft(again.draft.clone())]).await?;
    assert!(again.found(&*store).await? == (Some(again.draft.clone()), 0), "alone");
    again.put(&*store).await?;
    shred_all(&*store).await?;
    assert!(again.found(&*store).await? == (Some(again.draft.clone()), 3));
    Ok(())
}

pub async fn revisions_come_newest_first_and_only_the_newest_are_kept(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let (many, few) = (draft(&call), draft(&call));
    store.commit(vec![Change::PutDraft(many.clone()), Change::PutDraft(few.clone())]).await?;
    let kept_few = revision(&few, 1);
    store.commit(vec![Change::KeepRevision(kept_few.clone())]).await?;
    // The clock goes backwards meanwhile: the order is the one in which they were kept.
    let revisions: Vec<Revision> = (0..REVISIONS as u64 + 5)
        .map(|rev| Revision { at: later(now(), -(rev as i64)), ..revision(&many, rev) })
        .collect();
    for (kept, revision) in revisions.iter().enumerate() {
        store.commit(vec![Change::KeepRevision(revision.clone()), Change::PutDraft(many.clone())]).await?;
        let newest: Vec<Revision> = revisions[..=kept].iter().rev().take(REVISIONS).cloned().collect();
        assert!(store.revisions(many.id).await? == newest, "after {kept}");
    }
    assert!(store.revisions(few.id).await? == [kept_few]);
    assert!(store.draft(many.id).await? == Some(many));
    Ok(())
}

pub async fn outlines_are_what_the_drafts_say(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    let start = now();
    let mut drafts: Vec<Draft> =
        (0..4).map(|at| Draft { created_at: later(start, -at), ..draft(&call) }).collect();
    drafts[1].discarded_at = Some(start);
    drafts[2].kept_through = Some(jiff::civil::date(2027, 1, 31));
    drafts[3].state = CaseState::NeedsAction { submission: Uuid::now_v7(), reason: refusal() };
    store.commit(drafts.iter().cloned().map(Change::PutDraft).collect()).await?;
    let expected: Vec<Outline> = drafts.iter().map(Draft::outline).collect();
    assert_eq!(store.outlines().await?, expected);

    drafts[0].service.name = "Färdtjänst, ny".into();
    drafts[0].form.rev += 1;
    drafts[3] = reduced_of(&drafts[3]);
    store.commit(vec![Change::PutDraft(drafts[0].clone()), Change::ReduceDraft(drafts[3].clone())]).await?;
    let expected: Vec<Outline> = drafts.iter().map(Draft::outline).collect();
    assert_eq!(store.outlines().await?, expected);
    Ok(())
}

pub async fn shredding_comes_to_an_end_and_leaves_what_lives(store: Arc<dyn Store>) -> Verdict {
    assert_eq!(shred_all(&*store).await?, Shredding::Done, "with nothing to do");
    let call = call();
    let (reduced, kept) = (Belongings::of(&call), Belongings::of(&call));
    let gone: Vec<Belongings> = (0..120).map(|_| Belongings::of(&call)).collect();
    let (gone_item, kept_item) = (item(&call), item(&call));
    let gone_call = Call { id: Uuid::now_v7(), ..call.clone() };
    store
        .commit(vec![
            Change::PutCall(call.clone()),
            Change::PutCall(gone_call.clone()),
            Change::PutOutbox(gone_item.clone()),
            Change::PutOutbox(kept_item.clone()),
        ])
        .await?;
    for belongings in gone.iter().chain([&reduced, &kept]) {
        belongings.put(&*store).await?;
    }
    let moved = Draft { kept_through: Some(jiff::civil::date(2026, 1, 1)), ..draft(&call) };
    store.commit(vec![Change::PutDraft(Draft { kept_through: None, ..moved.clone() })]).await?;

    let left = reduced_of(&reduced.draft);
    let mut changes: Vec<Change> =
        gone.iter().map(|gone| Change::RemoveDraft { id: gone.draft.id }).collect();
    changes.push(Change::ReduceDraft(left.clone()));
    changes.push(Change::PutDraft(moved.clone()));
    changes.push(Change::RemoveOutbox { id: gone_item.id });
    changes.push(Change::RemoveCall { id: gone_call.id });
    store.commit(changes).await?;
    // Work goes on between the steps.
    let mut steps = 0;
    while store.shred().await? != Shredding::Done {
        steps += 1;
        let touched = Draft { updated_at: later(kept.draft.updated_at, steps), ..kept.draft.clone() };
        store.commit(vec![Change::PutDraft(touched)]).await?;
        assert!(steps < 1_000, "it never ends");
    }
    store.commit(vec![Change::PutDraft(kept.draft.clone())]).await?;
    assert_eq!(shred_all(&*store).await?, Shredding::Done);
    assert!(kept.found(&*store).await? == (Some(kept.draft.clone()), 3));
    assert!(reduced.found(&*store).await? == (Some(left), 0));
    assert!(store.draft(moved.id).await? == Some(moved));
    assert!(store.calls().await? == [call]);
    assert_eq!(store.outbox().await?, [kept_item]);
    for gone in &gone {
        assert!(gone.found(&*store).await? == (None, 0));
    }
    assert_eq!(store.health().await?.to_shred, 0);
    Ok(())
}

pub async fn health_tells_of_a_sound_store(store: Arc<dyn Store>) -> Verdict {
    let call = call();
    store.commit(vec![Change::PutDraft(draft(&call)), Change::PutCall(call)]).await?;
    store.calls().await?;
    store.outlines().await?;
    let health = store.health().await?;
    assert_eq!((health.damaged, health.to_shred, health.pin), (0, 0, false));
    Ok(())
}

/// Shreds until there is nothing left to do.
async fn shred_all(store: &dyn Store) -> Result<Shredding, StoreError> {
    for _ in 0..1_000 {
        if store.shred().await? == Shredding::Done {
            return Ok(Shredding::Done);
        }
    }
    Ok(Shredding::KeysGone)
}
