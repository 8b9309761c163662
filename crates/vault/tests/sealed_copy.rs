//! A sealed copy holds everything and opens with the recovery key alone; what was removed before is not in it, and what
//! is made of it is a vault like every other. What a copy must not do has its counter-test.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, ToSpan};
use ledsaga_core::{
    audit::{AuditAction, AuditEvent},
    call::Call,
    clock::{Clock, SystemClock},
    draft::{CaseState, Draft, Refusal, Revision},
    error::StoreError,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, SecretError, Shredding, Store},
    submission::{Receipt, Submission},
};
use ledsaga_vault::{
    Copied, CopyContents, CopyFault, NotCopied, OpenError, Pin, RecoveryIdentity, Vault, look_into_copy,
    restore_copy,
};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use support::{Computer, Secrets, call, draft, folders, worker};
use uuid::Uuid;

const FILE: usize = 150_000;

/// A recovery key, and the copies that were sealed for it.
struct Recovery {
    identity: RecoveryIdentity,
    dir: tempfile::TempDir,
}

impl Recovery {
    fn new() -> Self {
        Self { identity: RecoveryIdentity::generate(), dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("kopia.age")
    }

    async fn copy(&self, vault: &Vault) -> Result<Copied, NotCopied> {
        vault.seal_copy(&self.identity.recipient().unwrap(), &self.path()).await
    }

    async fn look(&self) -> Result<CopyContents, CopyFault> {
        look_into_copy(&self.path(), &self.identity).await
    }

    async fn restore(&self, computer: &Computer) -> Result<CopyContents, CopyFault> {
        restore_copy(&self.path(), &self.identity, computer.dir.path(), computer.secrets.clone()).await
    }

    /// A new computer with a vault made of the copy.
    async fn restored(&self) -> Computer {
        let computer = Computer::new();
        self.restore(&computer).await.unwrap();
        computer
    }
}

fn receipt(submission: Uuid) -> Receipt {
    Receipt {
        submission,
        digest: "cd".repeat(32),
        case_number: "EXB-2026-1".into(),
        received_at: Timestamp::now(),
        proof: "a.b.c".into(),
        to_supplement: vec![],
    }
}

/// What a call with a case in one state leaves in the store.
fn case_in(state: CaseState, number: u8) -> (Call, Draft, Vec<Change>) {
    let mut call = call(&format!("Anteckning {number}"));
    call.arrived_rev = Some(call.rev);
    let mut draft = draft(&call, &format!("Svar {number}"));
    draft.state = state;
    let earlier = support::draft(&call, "Tidigare svar");
    let mut changes = vec![
        Change::PutCall(call.clone()),
        Change::PutDraft(draft.clone()),
        Change::PutFile { id: file_of(&draft), draft: draft.id, bytes: vec![number; FILE] },
        Change::KeepRevision(Revision {
            id: Uuid::now_v7(),
            draft: draft.id,
            at: call.started_at,
            question: None,
            service: earlier.service,
            form: earlier.form,
            set_aside: Vec::new(),
        }),
    ];
    if let Some(submission) = draft.state.submission() {
        changes.push(Change::PutSubmission(Submission {
            id: submission,
            draft_id: draft.id,
            call_id: call.id,
            payload: vec![number; 5_000],
            digest: "cd".repeat(32),
            frozen_at: call.started_at,
        }));
        let task = Task::Submission { submission, draft: draft.id };
        changes.push(Change::PutOutbox(item(&call, task)));
    }
    (call, draft, changes)
}

/// As a store has kept it.
fn item(call: &Call, task: Task) -> OutboxItem {
    let item = json!({
        "id": Uuid::now_v7(), "call_id": call.id, "task": task, "state": ItemState::Ready, "attempts": 2,
        "created_at": call.started_at,
    });
    serde_json::from_value(item).unwrap()
}

/// A file's id follows from its draft's.
fn file_of(draft: &Draft) -> Uuid {
    Uuid::from_u128(draft.id.as_u128() ^ 1)
}

fn states() -> Vec<CaseState> {
    let at = Timestamp::now();
    let submission = Uuid::now_v7;
    let received = submission();
    vec![
        CaseState::Editing,
        CaseState::Queued { submission: submission(), at },
        CaseState::Unknown { submission: submission(), at },
        CaseState::Received { submission: received, receipt: receipt(received) },
        CaseState::NeedsAction {
            submission: submission(),
            reason: Refusal { code: "answers_invalid".into(), questions: vec!["namn".into()] },
        },
    ]
}

fn event(action: AuditAction) -> Change {
    Change::AppendAudit(AuditEvent::new(Timestamp::now(), "disa", action))
}

/// A vault with a case in every state, and one that was thrown away.
async fn filled(computer: &Computer) -> Vault {
    let vault = computer.open(&worker("disa")).await.unwrap();
    for (number, state) in (1..).zip(states()) {
        let (call, _, changes) = case_in(state, number);
        vault.commit(changes).await.unwrap();
        vault.commit(vec![Change::PutResume { call: call.id }]).await.unwrap();
    }
    let (_, mut thrown, changes) = case_in(CaseState::Editing, 9);
    thrown.discarded_at = Some(Timestamp::now());
    vault.commit(changes).await.unwrap();
    vault.commit(vec![Change::PutDraft(thrown), event(AuditAction::Exported)]).await.unwrap();
    vault
}

/// All that a store holds of calls and cases.
#[derive(PartialEq)]
struct Everything {
    calls: Vec<Call>,
    drafts: Vec<Option<Draft>>,
    revisions: Vec<Vec<Revision>>,
    files: Vec<Option<Vec<u8>>>,
    submissions: Vec<Option<Submission>>,
    outbox: Vec<OutboxItem>,
    resume: Option<Uuid>,
}

async fn everything(vault: &Vault) -> Everything {
    let mut all = Everything {
        calls: vault.calls().await.unwrap(),
        drafts: Vec::new(),
        revisions: Vec::new(),
        files: Vec::new(),
        submissions: Vec::new(),
        outbox: vault.outbox().await.unwrap(),
        resume: vault.resume().await.unwrap(),
    };
    for outline in vault.outlines().await.unwrap() {
        let draft = vault.draft(outline.id).await.unwrap();
        all.revisions.push(vault.revisions(outline.id).await.unwrap());
        all.files.push(vault.file(file_of(draft.as_ref().unwrap())).await.unwrap());
        if let Some(submission) = outline.state.submission() {
            all.submissions.push(vault.submission(submission).await.unwrap());
        }
        all.drafts.push(draft);
    }
    all
}

async fn shred_all(vault: &Vault) {
    while vault.shred().await.unwrap() != Shredding::Done {}
}

/// What is in the folder of the only vault, but for the lock and the room that is set aside.
fn files(computer: &Computer) -> Vec<String> {
    let mut names: Vec<String> = folders(&computer.folder())
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "vault.lock" && name != "vault.reserve")
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn everything_comes_back_byte_for_byte() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    let before = everything(&vault).await;
    assert!(before.drafts.len() == 6 && before.files.iter().all(Option::is_some));
    assert!(before.submissions.len() == 4 && before.submissions.iter().all(Option::is_some));
    assert_eq!(recovery.copy(&vault).await, Ok(Copied { calls: 6, drafts: 6 }));
    // The work goes on, and of what the copy was made of nothing is left.
    assert!(everything(&vault).await == before);
    let (call, _, changes) = case_in(CaseState::Editing, 77);
    vault.commit(changes).await.unwrap();
    assert_eq!(files(&computer), ["vault.db", "vault.db-wal", "vault.meta"]);
    vault.close().await;

    let contents = recovery.look().await.unwrap();
    assert_eq!((contents.calls, contents.drafts, contents.files), (6, 6, 6));
    assert_eq!((contents.unsent, contents.on_the_way, contents.damaged, contents.past), (4, 3, 0, 0));
    assert_eq!(contents.last_day, Some(SystemClock.today().saturating_add(14.days())));

    let other = Computer::new();
    assert_eq!(recovery.restore(&other).await, Ok(contents));
    assert_eq!(files(&other), ["vault.db", "vault.meta"]);
    for start in 0..2 {
        let restored = other.open(&worker("disa")).await.unwrap();
        assert!(everything(&restored).await == before, "start {start}");
        assert_eq!(restored.call(call.id).await.unwrap(), None, "what was saved later is not in it");
        assert_eq!(restored.verify().await, Ok(()));
        assert_eq!(restored.health().await.unwrap().to_shred, 0);
        restored.close().await;
    }
}

#[tokio::test]
async fn a_restored_vault_works_like_every_other() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    recovery.copy(&vault).await.unwrap();
    vault.close().await;
    let other = recovery.restored().await;
    let vault = other.open(&worker("disa")).await.unwrap();
    let drafts = vault.outlines().await.unwrap();
    let (_, _, changes) = case_in(CaseState::Editing, 10);
    vault.commit(changes).await.unwrap();
    let image = other.image(&other.secrets.items());
    vault.commit(vec![Change::RemoveDraft { id: drafts[0].id }]).await.unwrap();
    shred_all(&vault).await;
    vault.change_keys().await.unwrap();
    vault.set_pin(Some(Pin::new("918273"))).await.unwrap();
    assert_eq!(vault.verify().await, Ok(()));
    assert_eq!(vault.outlines().await.unwrap().len(), drafts.len());
    vault.close().await;
    assert!(other.needs_pin(&worker("disa")).await.unwrap());
    // It shreds too: the disk from before does not open with the keychain as after.
    let seen = image.image(&other.secrets.items());
    assert_eq!(seen.open_with(&worker("disa"), "918273").await.err(), Some(OpenError::Unreadable));
    let vault = other.open_with(&worker("disa"), "918273").await.unwrap();
    assert_eq!(vault.outlines().await.unwrap().len(), drafts.len());
    // And copies can be made of it.
    recovery.copy(&vault).await.unwrap();
    assert_eq!(recovery.look().await.unwrap().drafts, 6);
}

#[tokio::test]
async fn only_the_recovery_key_opens_it() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    recovery.copy(&filled(&computer).await).await.unwrap();
    let other = RecoveryIdentity::generate();
    assert_eq!(look_into_copy(&recovery.path(), &other).await, Err(CopyFault::OtherKey));
    let elsewhere = Computer::new();
    let restored =
        restore_copy(&recovery.path(), &other, elsewhere.dir.path(), elsewhere.secrets.clone()).await;
    assert_eq!(restored, Err(CopyFault::OtherKey));
    assert!(folders(elsewhere.dir.path()).is_empty() && elsewhere.secrets.items().is_empty());
    assert!(recovery.look().await.is_ok(), "the counter-test: with the right key it opens");
}

#[tokio::test]
async fn a_changed_or_shortened_copy_is_told_and_restores_nothing() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = computer.open(&worker("disa")).await.unwrap();
    vault.commit(case_in(CaseState::Editing, 1).2).await.unwrap();
    recovery.copy(&vault).await.unwrap();
    let whole = fs::read(recovery.path()).unwrap();
    let elsewhere = Computer::new();
    let mut told = 0;
    // The header sign by sign, then every part of the sealed stream, and the end.
    let places = (0..200).chain((200..whole.len()).step_by(whole.len() / 150)).chain([whole.len() - 1]);
    for at in places {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(recovery.path(), changed).unwrap();
        let fault = recovery.restore(&elsewhere).await.unwrap_err();
        assert!(
            matches!(fault, CopyFault::NotACopy | CopyFault::OtherKey | CopyFault::Damaged),
            "byte {at}: {fault:?}"
        );
        told += 1;
    }
    for length in
        (0..200).step_by(7).chain((200..whole.len()).step_by(whole.len() / 40)).chain([whole.len() - 1])
    {
        fs::write(recovery.path(), &whole[..length]).unwrap();
        let fault = recovery.restore(&elsewhere).await.unwrap_err();
        assert!(
            matches!(fault, CopyFault::NotACopy | CopyFault::Damaged),
            "cut off after {length}: {fault:?}"
        );
        told += 1;
    }
    fs::write(recovery.path(), [whole.as_slice(), b"x"].concat()).unwrap();
    assert_eq!(recovery.look().await, Err(CopyFault::Damaged));
    assert!(told > 400 && folders(elsewhere.dir.path()).is_empty() && elsewhere.secrets.items().is_empty());
    fs::write(recovery.path(), &whole).unwrap();
    assert!(recovery.look().await.is_ok(), "the counter-test: unharmed it opens");
}

#[tokio::test]
async fn what_is_sealed_for_the_key_and_is_no_copy_is_refused() {
    let recovery = Recovery::new();
    let sealed = |text: &[u8]| {
        let recipient: age::x25519::Recipient =
            recovery.identity.recipient().unwrap().to_string().parse().unwrap();
        age::encrypt(&recipient, text).unwrap()
    };
    let head = |folder: &str, format: u32| {
        format!(
            r#"{{"kind":"ledsaga-copy","format":{format},"made_at":"2026-11-29T08:00:00Z","folder":"{folder}","folder_format":1,"last_day":null}}"#
        )
    };
    let name = "0123456789abcdef".repeat(2);
    for (text, fault) in [
        (String::new(), CopyFault::Damaged),
        ("Hej".to_owned(), CopyFault::Damaged),
        ("{}\n".to_owned(), CopyFault::NotACopy),
        ("x".repeat(10_000), CopyFault::NotACopy),
        (format!("{}\n", head("../../../../etc/ledsaga", 1)), CopyFault::NotACopy),
        (format!("{}\n", head(&name, 2)), CopyFault::Newer),
        (format!("{}\n", head(&name, 1)), CopyFault::Damaged),
        (format!("{}\n\u{7f}\u{7f}\u{7f}\u{7f}", head(&name, 1)), CopyFault::NotACopy),
        (format!("{}\n\0\0\0\u{1}x", head(&name, 1)), CopyFault::Damaged),
    ] {
        fs::write(recovery.path(), sealed(text.as_bytes())).unwrap();
        assert_eq!(recovery.look().await, Err(fault), "{text:.60}");
    }
    assert!(matches!(
        look_into_copy(Path::new("/nowhere/kopia.age"), &recovery.identity).await,
        Err(CopyFault::Unreadable(std::io::ErrorKind::NotFound))
    ));
}

#[tokio::test]
async fn nothing_is_restored_over_a_vault_or_a_key() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    recovery.copy(&vault).await.unwrap();
    assert_eq!(recovery.restore(&computer).await, Err(CopyFault::VaultThere), "in use");
    vault.close().await;
    let before = (everything_on(&computer), computer.secrets.items());
    assert_eq!(recovery.restore(&computer).await, Err(CopyFault::VaultThere));
    assert_eq!((everything_on(&computer), computer.secrets.items()), before);

    // A vault whose key is lost is still a vault: the key may come back.
    let items = computer.secrets.items();
    computer.secrets.replace(|items| items.clear());
    assert_eq!(recovery.restore(&computer).await, Err(CopyFault::VaultThere));
    computer.secrets.replace(|empty| *empty = items.clone());
    assert_eq!(everything_on(&computer), before.0);

    // A key whose vault is elsewhere is not written over, damaged or not.
    let other = Computer::new();
    let changes: [fn(&mut Vec<u8>); 2] = [|_| (), |item| item.truncate(20)];
    for change in changes {
        let mut items = items.clone();
        items.values_mut().for_each(change);
        other.secrets.replace(|theirs| *theirs = items.clone());
        assert_eq!(recovery.restore(&other).await, Err(CopyFault::VaultThere));
        assert_eq!(other.secrets.items(), items);
        assert!(folders(other.dir.path()).is_empty());
    }
    other.secrets.replace(|items| items.clear());
    assert!(recovery.restore(&other).await.is_ok(), "the counter-test: with neither it is restored");
    assert_eq!(recovery.restore(&other).await, Err(CopyFault::VaultThere), "once");
}

fn everything_on(computer: &Computer) -> Vec<(PathBuf, Vec<u8>)> {
    let files = folders(computer.dir.path()).into_iter().flat_map(|folder| folders(&folder));
    let mut files: Vec<_> = files.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_keychain_that_fails_leaves_no_half_vault() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    recovery.copy(&filled(&computer).await).await.unwrap();
    let other = Computer::new();
    let mut failed = 0;
    for calls in 0.. {
        *other.secrets.calls_left.lock().unwrap() = Some(calls);
        let restored = recovery.restore(&other).await;
        let spent = *other.secrets.calls_left.lock().unwrap() == Some(0);
        *other.secrets.calls_left.lock().unwrap() = None;
        if restored.is_ok() && !spent {
            break;
        }
        if restored.is_ok() {
            let vault = other.open(&worker("disa")).await.unwrap();
            assert_eq!(vault.outlines().await.unwrap().len(), 6);
            vault.close().await;
            fs::remove_dir_all(other.folder()).unwrap();
        } else {
            failed += 1;
            if !folders(other.dir.path()).is_empty() {
                assert_eq!(files(&other), Vec::<String>::new(), "call {calls}");
            }
        }
        // A keychain that fails for good cannot be tidied; support does.
        other.secrets.replace(|items| items.clear());
    }
    assert!(failed >= 3);
    for failure in [SecretError::NoKeychain, SecretError::Locked] {
        let locked = Computer::new();
        locked.secrets.fail(failure);
        let expected = match failure {
            SecretError::Locked => OpenError::KeychainLocked,
            _ => OpenError::NoKeychain,
        };
        assert_eq!(recovery.restore(&locked).await, Err(CopyFault::Computer(expected)));
        assert!(folders(locked.dir.path()).is_empty());
    }
}

/// A PIN that is forgotten is what copies are for: it is neither asked for nor taken along.
#[tokio::test]
async fn a_vault_under_a_pin_is_copied_and_restored_without_it() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    vault.set_pin(Some(Pin::new("918273"))).await.unwrap();
    let before = everything(&vault).await;
    recovery.copy(&vault).await.unwrap();
    vault.close().await;
    assert_eq!(computer.open(&worker("disa")).await.err(), Some(OpenError::PinNeeded));
    let other = recovery.restored().await;
    assert!(!other.needs_pin(&worker("disa")).await.unwrap());
    assert!(everything(&other.open(&worker("disa")).await.unwrap()).await == before);
}

#[tokio::test]
async fn what_was_removed_before_is_not_in_the_copy() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    let gone: Draft = vault.draft(vault.outlines().await.unwrap()[5].id).await.unwrap().unwrap();
    let image = computer.image(&computer.secrets.items());
    vault.commit(vec![Change::RemoveDraft { id: gone.id }]).await.unwrap();
    // Removed and not shredded yet, its rubbish still there; and then shredded.
    for shredded in [false, true] {
        if shredded {
            shred_all(&vault).await;
        }
        recovery.copy(&vault).await.unwrap();
        assert_eq!(recovery.look().await.unwrap().drafts, 5);
        let other = recovery.restored().await;
        let restored = other.open(&worker("disa")).await.unwrap();
        assert_eq!(restored.draft(gone.id).await, Ok(None));
        assert_eq!(restored.file(file_of(&gone)).await, Ok(None));
        assert_eq!(restored.revisions(gone.id).await, Ok(vec![]));
        assert_eq!(restored.health().await.unwrap().to_shred, 0, "not even what nobody can open");
        // The keys that came of the copy open no disk from before.
        restored.close().await;
        let with_its_keys = image.image(&other.secrets.items());
        assert!(with_its_keys.open(&worker("disa")).await.is_err());
    }
    let before = image.open(&worker("disa")).await.unwrap();
    assert!(
        before.draft(gone.id).await.unwrap() == Some(gone),
        "the counter-test: with its own keys it opens"
    );
}

/// What a copy holds outlives what is removed afterwards; a restoring by its rules takes it out again.
#[tokio::test]
async fn a_draft_whose_last_day_has_passed_is_left_out_and_what_is_on_its_way_never_is() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = computer.open(&worker("disa")).await.unwrap();
    let yesterday = SystemClock.today().yesterday().unwrap();
    let mut kept = Vec::new();
    let mut past = Vec::new();
    for (number, state) in (1..).zip(states()) {
        let (_, mut draft, changes) = case_in(state, number);
        draft.kept_through = Some(yesterday);
        vault.commit(changes).await.unwrap();
        vault.commit(vec![Change::PutDraft(draft.clone())]).await.unwrap();
        match draft.state {
            CaseState::Editing | CaseState::Received { .. } => past.push(draft),
            _ => kept.push(draft.id),
        }
    }
    // The municipality does not know yet what the caller wanted.
    let (mut unknown, mut draft, changes) = case_in(CaseState::Editing, 8);
    (unknown.arrived_rev, draft.kept_through) = (None, Some(yesterday));
    vault.commit(changes).await.unwrap();
    let changes =
        vec![Change::PutCall(unknown), Change::PutDraft(draft.clone()), event(AuditAction::Exported)];
    vault.commit(changes).await.unwrap();
    kept.push(draft.id);
    recovery.copy(&vault).await.unwrap();
    vault.close().await;

    assert_eq!(recovery.look().await.unwrap().past, 2);
    let other = Computer::new();
    assert_eq!(recovery.restore(&other).await.unwrap().past, 2);
    let restored = other.open(&worker("disa")).await.unwrap();
    for draft in &past {
        assert_eq!(restored.draft(draft.id).await, Ok(None));
        assert_eq!(restored.file(file_of(draft)).await, Ok(None));
    }
    let mut left: Vec<Uuid> = restored.outlines().await.unwrap().iter().map(|draft| draft.id).collect();
    left.sort();
    kept.sort();
    assert_eq!(left, kept);
    let log = restored.audit().await.unwrap();
    let purged = log.iter().filter(|event| event.action == AuditAction::Purged);
    let purged: Vec<Option<Uuid>> = purged.map(|event| event.subject).collect();
    assert!(purged.len() == 2 && past.iter().all(|draft| purged.contains(&Some(draft.id))), "certified");
    shred_all(&restored).await;
    assert_eq!(restored.verify().await, Ok(()));
}

/// The municipality may have more of the old log than the copy knows: the same number must not tell of two events.
#[tokio::test]
async fn the_log_goes_on_as_a_new_one_with_what_had_not_arrived() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = computer.open(&worker("disa")).await.unwrap();
    let actions = [AuditAction::CallStarted, AuditAction::Viewed, AuditAction::Exported];
    vault.commit(actions.into_iter().map(event).collect()).await.unwrap();
    vault.commit(vec![Change::LogArrived { seq: 1 }]).await.unwrap();
    let (old, old_key) = (vault.log_state().await.unwrap(), vault.log_key().await.unwrap());
    let waiting: Vec<AuditEvent> = vault.audit().await.unwrap().split_off(1);
    recovery.copy(&vault).await.unwrap();
    vault.close().await;

    let other = recovery.restored().await;
    let restored = other.open(&worker("disa")).await.unwrap();
    let state = restored.log_state().await.unwrap();
    assert_ne!(state.vault, old.vault);
    assert_eq!((state.arrived, state.fault), (0, None));
    assert_ne!(
        restored.log_key().await.unwrap().fingerprint(),
        old_key.fingerprint(),
        "the old key stays where it was"
    );
    let mut log = restored.audit().await.unwrap();
    let last = log.pop().unwrap();
    assert_eq!((last.action, last.worker.as_str()), (AuditAction::Restored, "disa"));
    assert_eq!(log, waiting);
}

#[tokio::test]
async fn a_copy_of_an_earlier_version_is_restored() {
    // The database of the first version, taken in by this one when the vault is opened; then copied.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let (computer, recovery) = (Computer::new(), Recovery::new());
    computer.open(&worker("disa")).await.unwrap().close().await;
    let folder = computer.folder();
    for file in ["vault.db", "vault.meta"] {
        fs::copy(golden.join(file), folder.join(file)).unwrap();
    }
    let keys = fs::read(golden.join("keyset")).unwrap();
    computer.secrets.replace(|items| items.values_mut().for_each(|item| item.clone_from(&keys)));
    let vault = computer.open(&worker("disa")).await.unwrap();
    let calls = vault.calls().await.unwrap();
    recovery.copy(&vault).await.unwrap();
    let contents = recovery.look().await.unwrap();
    assert_eq!((contents.drafts, contents.files, contents.damaged), (15, 15, 0));
    let other = recovery.restored().await;
    let restored = other.open(&worker("disa")).await;
    assert!(restored.unwrap().calls().await.unwrap() == calls);
}

#[tokio::test]
async fn a_damaged_record_comes_along_as_it_is_and_is_told() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    filled(&computer).await.close().await;
    // By somebody with the key: the bodies of two drafts, and the data keys of all files.
    let keys = computer.secrets.items().into_values().next().unwrap();
    let mut database = SqliteConnectOptions::new()
        .filename(computer.folder().join("vault.db"))
        .pragma("key", format!("\"x'{}'\"", hex::encode(&keys[9..41])))
        .connect()
        .await
        .unwrap();
    let sql = "UPDATE draft SET body = zeroblob(99) WHERE rowid IN (SELECT rowid FROM draft LIMIT 2); \
               UPDATE bundle SET body = zeroblob(72) WHERE shelf = 'file'";
    sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
    database.close().await.unwrap();

    let vault = computer.open(&worker("disa")).await.unwrap();
    recovery.copy(&vault).await.unwrap();
    let contents = recovery.look().await.unwrap();
    assert_eq!((contents.drafts, contents.files, contents.damaged), (6, 6, 8));
    let other = recovery.restored().await;
    let restored = other.open(&worker("disa")).await.unwrap();
    let mut unreadable = 0;
    for outline in restored.outlines().await.unwrap() {
        unreadable += usize::from(restored.draft(outline.id).await == Err(StoreError::Unreadable));
    }
    assert_eq!(unreadable, 2);
    assert_eq!(restored.verify().await, Err(StoreError::Unreadable), "and nothing takes it for whole");
}

#[tokio::test]
async fn a_copy_is_for_its_owner_alone_and_a_failed_one_leaves_nothing() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = filled(&computer).await;
    recovery.copy(&vault).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(recovery.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(folders(recovery.dir.path()).len(), 1);
    let nowhere = recovery.dir.path().join("nowhere").join("kopia.age");
    let recipient = recovery.identity.recipient().unwrap();
    let refused = vault.seal_copy(&recipient, &nowhere).await;
    assert_eq!(refused, Err(NotCopied::Unwritable(std::io::ErrorKind::NotFound)));
    assert_eq!(files(&computer), ["vault.db", "vault.db-wal", "vault.meta"]);
    // A folder in its place: the last step fails.
    let taken = recovery.dir.path().join("taken");
    fs::create_dir(&taken).unwrap();
    assert!(vault.seal_copy(&recipient, &taken).await.is_err());
    assert_eq!(folders(recovery.dir.path()).len(), 2);
    vault.close().await;
    assert_eq!(recovery.copy(&vault).await, Err(NotCopied::Store(StoreError::Locked)));
    assert!(recovery.look().await.is_ok(), "the one from before is as it was");
}

/// While a copy is being made, work goes on; and it holds one moment, not two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saving_and_shredding_go_on_beside_it() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    let vault = std::sync::Arc::new(filled(&computer).await);
    let writer = tokio::spawn({
        let vault = vault.clone();
        async move {
            for number in 0..30 {
                let (_, draft, changes) = case_in(CaseState::Editing, number);
                vault.commit(changes).await.unwrap();
                if number % 3 == 0 {
                    vault.commit(vec![Change::RemoveDraft { id: draft.id }]).await.unwrap();
                    vault.shred().await.unwrap();
                }
            }
        }
    });
    for _ in 0..3 {
        recovery.copy(&vault).await.unwrap();
        let contents = recovery.look().await.unwrap();
        assert_eq!((contents.files, contents.damaged), (contents.drafts, 0));
    }
    writer.await.unwrap();
    shred_all(&vault).await;
    assert_eq!(vault.verify().await, Ok(()));
}

/// The keychain of one computer says nothing of the other's.
#[tokio::test]
async fn two_restored_copies_have_nothing_in_common_but_what_they_hold() {
    let (computer, recovery) = (Computer::new(), Recovery::new());
    recovery.copy(&filled(&computer).await).await.unwrap();
    let (first, second) = (recovery.restored().await, recovery.restored().await);
    let strange = first.image(&second.secrets.items());
    assert_eq!(strange.open(&worker("disa")).await.err(), Some(OpenError::Unreadable));
    let mine = first.image(&first.secrets.items());
    assert!(mine.open(&worker("disa")).await.is_ok(), "the counter-test: with its own it opens");
    let items = |secrets: &Secrets| secrets.items().into_values().next().unwrap();
    assert_ne!(items(&first.secrets), items(&computer.secrets));
}
