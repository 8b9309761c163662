//! No word of a case is ever in a file. The counter-test runs the same sweep with the encryption off:
//! `cargo test -p ledsaga-vault --features plaintext-for-tests --test plaintext_sweep`.
#![allow(clippy::unwrap_used, reason = "tests may")]

mod support;

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use ledsaga_core::{
    call::Caller,
    draft::Revision,
    outbox::{ItemState, OutboxItem, Task},
    ports::{Change, Shredding, Store},
    submission::Submission,
};
use ledsaga_vault::{RecoveryIdentity, Vault};
use support::{Computer, call, draft, folders, worker};
use uuid::Uuid;

/// One for each place where the words of a case are kept.
const CANARIES: [&str; 9] = [
    "Kanariefågel i anteckningen",
    "Kanariefågel i namnet",
    "189001019802",
    "Kanariefågel i svaret",
    "Kanariefågel i filen",
    "Kanariefågel i ansökan",
    "Filen med kanariefågelns namn.pdf",
    "Kanariefågel i det tidigare svaret",
    "Kanariefåglar ändrar sig",
];

/// Only in the clear when the whole file is.
#[cfg(not(feature = "plaintext-for-tests"))]
const STRUCTURE: [&str; 4] = ["SQLite format", "CREATE TABLE", "fardtjanst", "Färdtjänst"];

/// Fills a vault and sweeps its folder while it is open, right after, and when it is closed.
async fn sweep(words: &[&'static str]) -> Vec<&'static str> {
    let computer = Computer::new();
    let vault = computer.open(&worker("disa")).await.unwrap();
    let mut call = call(CANARIES[0]);
    call.caller =
        Caller { name: CANARIES[1].into(), identity_number: CANARIES[2].into(), ..Caller::default() };
    let mut draft = draft(&call, CANARIES[3]);
    draft.service.name = CANARIES[8].into();
    let earlier = support::draft(&call, CANARIES[7]);
    let (file, submission) = (Uuid::now_v7(), Uuid::now_v7());
    let item = OutboxItem {
        id: Uuid::now_v7(),
        call_id: call.id,
        task: Task::File {
            file,
            draft: draft.id,
            name: CANARIES[6].into(),
            media_type: "application/pdf".into(),
        },
        state: ItemState::Ready,
        attempts: 0,
        resent: 0,
        sent: false,
        bytes: 0,
        created_at: call.started_at,
    };
    let bytes = |canary: &str| canary.as_bytes().repeat(60);
    vault
        .commit(vec![
            Change::PutCall(call.clone()),
            Change::PutDraft(draft.clone()),
            Change::PutFile { id: file, draft: draft.id, bytes: bytes(CANARIES[4]) },
            Change::KeepRevision(Revision {
                id: Uuid::now_v7(),
                draft: draft.id,
                at: call.started_at,
                question: None,
                service: earlier.service,
                form: earlier.form,
                set_aside: Vec::new(),
            }),
            Change::PutOutbox(item.clone()),
            Change::PutSubmission(Submission {
                id: submission,
                draft_id: draft.id,
                call_id: call.id,
                payload: bytes(CANARIES[5]),
                digest: "cd".repeat(32),
                frozen_at: call.started_at,
            }),
        ])
        .await
        .unwrap();
    let mut found = in_folder(&computer.folder(), words);
    found.extend(in_a_copy(&vault, words).await);
    call.rev += 1;
    vault
        .commit(vec![
            Change::PutCall(call),
            Change::RemoveSubmission { id: submission },
            Change::RemoveOutbox { id: item.id },
            Change::RemoveDraft { id: draft.id },
        ])
        .await
        .unwrap();
    found.extend(in_folder(&computer.folder(), words));
    while vault.shred().await.unwrap() != Shredding::Done {}
    found.extend(in_folder(&computer.folder(), words));
    vault.close().await;
    found.extend(in_folder(&computer.folder(), words));
    found.sort_unstable();
    found.dedup();
    found
}

/// The same for a sealed copy.
async fn in_a_copy(vault: &Vault, words: &[&'static str]) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    let recipient = RecoveryIdentity::generate().recipient().unwrap();
    vault.seal_copy(&recipient, &dir.path().join("kopia.age")).await.unwrap();
    let found = in_folder(dir.path(), words);
    // With the encryption off a copy has to give everything away, or this could not see it.
    if cfg!(feature = "plaintext-for-tests") {
        assert_eq!(found, words);
    }
    found
}

/// The words that some file has, in any of the ways in which a program may write them.
fn in_folder(folder: &Path, words: &[&'static str]) -> Vec<&'static str> {
    // The room that is set aside holds random bytes only.
    let files = folders(folder).into_iter().filter(|file| !file.ends_with("vault.reserve"));
    let files: Vec<Vec<u8>> = files.map(|file| fs::read(file).unwrap()).collect();
    assert!(files.iter().any(|file| file.len() > 4_096), "the sweep has something to look at");
    words.iter().copied().filter(|word| ways(word).iter().any(|way| has(&files, way))).collect()
}

fn ways(word: &str) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(word).unwrap();
    // A list of numbers, as JSON writes bytes.
    let numbers: Vec<String> = word.bytes().map(|byte| byte.to_string()).collect();
    let mut ways = vec![
        word.as_bytes().to_vec(),
        json.as_bytes()[1..json.len() - 1].to_vec(),
        numbers.join(",").into_bytes(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        hex::encode(word).into_bytes(),
    ];
    // Base64 depends on where in a group of three the word begins; its ends mix with what is around it.
    for skip in 0..3 {
        let shifted = [vec![0; skip], word.as_bytes().to_vec()].concat();
        let text = BASE64_STANDARD_NO_PAD.encode(shifted);
        ways.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    ways
}

fn has(files: &[Vec<u8>], word: &[u8]) -> bool {
    files.iter().any(|file| file.windows(word.len()).any(|bytes| bytes == word))
}

#[cfg(not(feature = "plaintext-for-tests"))]
#[tokio::test]
async fn no_word_of_a_case_is_in_any_file() {
    assert_eq!(sweep(&CANARIES).await, Vec::<&str>::new());
    assert_eq!(sweep(&STRUCTURE).await, Vec::<&str>::new());
}

#[cfg(feature = "plaintext-for-tests")]
#[tokio::test]
async fn with_the_encryption_off_the_sweep_finds_every_canary() {
    let mut canaries = CANARIES;
    canaries.sort_unstable();
    assert_eq!(sweep(&CANARIES).await, canaries);
}

/// The sweep can see: each way of writing is found in a file that has it.
#[test]
fn the_sweep_finds_every_way_of_writing() {
    let dir = tempfile::tempdir().unwrap();
    let padding = vec![0xA5; 5_000];
    for canary in CANARIES {
        for way in ways(canary) {
            fs::write(dir.path().join("vault.db"), [padding.clone(), way, padding.clone()].concat()).unwrap();
            assert_eq!(in_folder(dir.path(), &CANARIES), [canary]);
        }
    }
    fs::write(dir.path().join("vault.db"), padding).unwrap();
    assert!(in_folder(dir.path(), &CANARIES).is_empty());
}
