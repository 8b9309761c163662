//! What every released version has written opens with this one, and nothing of it is lost. The folders in `golden`
//! were made by those versions and are never changed; what is in them is invented.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{collections::BTreeMap, fs, path::Path};

use ledsaga_core::{
    audit::AuditEvent,
    call::{Call, CallId},
    catalogue::Catalogue,
    draft::{Draft, Outline},
    outbox::OutboxItem,
    ports::{Change, Shredding, Store},
    submission::Submission,
};
use ledsaga_vault::Vault;
use serde::Deserialize;
use support::{Computer, worker};
use uuid::Uuid;

/// What was read back with the version that wrote it.
#[derive(Deserialize)]
struct Records {
    calls: Vec<Call>,
    drafts: Vec<Draft>,
    /// By id, in hexadecimal digits.
    files: BTreeMap<Uuid, String>,
    submissions: Vec<Submission>,
    outbox: Vec<OutboxItem>,
    catalogue: Option<Catalogue>,
    audit: Vec<AuditEvent>,
    resume: Option<CallId>,
}

/// A computer with a vault from an earlier version.
async fn with_vault_of(version: &str) -> (Computer, Records) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(version);
    let computer = Computer::new();
    computer.open(&worker("disa")).await.unwrap().close().await;
    let folder = computer.folder();
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    for file in ["vault.db", "vault.meta"] {
        fs::copy(golden.join(file), folder.join(file)).unwrap();
    }
    let keys = fs::read(golden.join("keyset")).unwrap();
    computer.secrets.replace(|items| items.values_mut().for_each(|item| item.clone_from(&keys)));
    let records = serde_json::from_slice(&fs::read(golden.join("records.json")).unwrap()).unwrap();
    (computer, records)
}

async fn has_all(vault: &Vault, records: &Records) {
    assert!(vault.calls().await.unwrap() == records.calls);
    let outlines: Vec<Outline> = records.drafts.iter().map(Draft::outline).collect();
    assert_eq!(vault.outlines().await.unwrap(), outlines);
    for draft in &records.drafts {
        assert!(vault.draft(draft.id).await.unwrap().as_ref() == Some(draft));
        assert!(vault.revisions(draft.id).await.unwrap().is_empty());
    }
    for (id, bytes) in &records.files {
        assert_eq!(vault.file(*id).await.unwrap().map(hex::encode).as_ref(), Some(bytes));
    }
    for submission in &records.submissions {
        assert!(vault.submission(submission.id).await.unwrap().as_ref() == Some(submission));
    }
    assert_eq!(vault.outbox().await.unwrap(), records.outbox);
    assert_eq!(vault.catalogue().await.unwrap(), records.catalogue);
    assert_eq!(vault.audit().await.unwrap(), records.audit);
    assert_eq!(vault.resume().await.unwrap(), records.resume);
    assert_eq!(vault.verify().await, Ok(()));
    assert_eq!(vault.health().await.unwrap().damaged, 0);
}

#[tokio::test]
async fn everything_of_the_first_version_is_there() {
    let (computer, records) = with_vault_of("v1").await;
    assert!(records.drafts.len() == 15 && records.files.len() == 15 && records.submissions.len() == 6);
    for _ in 0..2 {
        let vault = computer.open(&worker("disa")).await.unwrap();
        has_all(&vault, &records).await;
        vault.close().await;
    }
}

#[tokio::test]
async fn what_is_put_again_and_shredded_mixes_with_what_the_first_version_wrote() {
    let (computer, mut records) = with_vault_of("v1").await;
    let vault = computer.open(&worker("disa")).await.unwrap();
    let gone = records.drafts.remove(3);
    let reduced = &mut records.drafts[1];
    reduced.form.answers.clear();
    let parents = [gone.id, reduced.id];
    vault
        .commit(vec![
            Change::RemoveDraft { id: gone.id },
            Change::ReduceDraft(reduced.clone()),
            Change::PutDraft(records.drafts[0].clone()),
            Change::PutCall(records.calls[0].clone()),
        ])
        .await
        .unwrap();
    while vault.shred().await.unwrap() != Shredding::Done {}
    let mut left = BTreeMap::new();
    for (id, bytes) in &records.files {
        if vault.file(*id).await.unwrap().is_some() {
            left.insert(*id, bytes.clone());
        }
    }
    assert_eq!(left.len(), records.files.len() - parents.len());
    records.files = left;
    records.submissions.retain(|submission| !parents.contains(&submission.draft_id));
    for _ in 0..2 {
        has_all(&vault, &records).await;
    }
    vault.close().await;
    has_all(&computer.open(&worker("disa")).await.unwrap(), &records).await;
}
