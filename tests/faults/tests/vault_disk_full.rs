//! The disk is full while the worker types: an error that says so, nothing that was saved is lost, and the work goes
//! on when there is room again; and a disk that has become read-only. Mounts small file systems, which needs root; otherwise the tests count as ignored.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
};

use ledsaga_core::{
    error::StoreError,
    ports::{Change, Shredding, Store},
};
use ledsaga_faults::{
    FileSecrets,
    report::{Kind, row},
    rooted, save, whole_cases, worker,
};
use ledsaga_vault::{CopyFault, NotCopied, OpenError, RecoveryIdentity, Vault, restore_copy};

const FILE: usize = 20_000;
/// In bytes; set aside on the small disk so that there is something to make room with.
const BALLAST: usize = 300_000;

/// In megabytes: 1 fills before the first checkpoint of the log, 9 after several.
const SMALL: &[u32] = &[1, 2, 5, 9];
/// Enough for the vault to set room aside.
const ROOMY: &[u32] = &[24];

fn main() -> ExitCode {
    let tests: [rooted::Test; 7] = [
        ("a_full_disk_is_told_and_loses_nothing", || {
            on_each(
                SMALL,
                "filled while saving, tried three times, restarted, with room again",
                |disk, secrets| {
                    block_on(a_full_disk_is_told_and_loses_nothing(disk, secrets));
                },
            );
        }),
        ("a_disk_that_is_full_at_the_first_start_is_told", || {
            on_each(SMALL, "full at the first start, then with room", |disk, secrets| {
                block_on(a_disk_that_is_full_at_the_first_start_is_told(disk, secrets));
            });
        }),
        ("a_disk_with_room_is_never_called_full", || {
            on_each(&[1], "never called full with room", |disk, secrets| {
                block_on(a_disk_with_room_is_never_called_full(disk, secrets));
            });
        }),
        ("on_a_full_disk_drafts_can_still_be_removed_and_shredded", || {
            on_each(ROOMY, "full, 30 drafts removed and shredded by the room set aside", |disk, secrets| {
                block_on(on_a_full_disk_drafts_can_still_be_removed_and_shredded(disk, secrets));
            });
        }),
        ("without_room_set_aside_a_full_disk_stops_the_removing_too", || {
            for megabytes in ROOMY {
                let (disk, secrets) = (Disk::mount(*megabytes).unwrap(), tempfile::tempdir().unwrap());
                block_on(without_room_set_aside_a_full_disk_stops_the_removing_too(&disk, secrets.path()));
                let what = "the same without room set aside: nothing can be removed";
                row(Kind::CounterTest, "disk full", what, 1, 1);
            }
        }),
        ("a_copy_that_does_not_fit_leaves_nothing", || {
            on_each(ROOMY, "a sealed copy that does not fit, and one with room again", |disk, secrets| {
                block_on(a_copy_that_does_not_fit_leaves_nothing(disk, secrets));
            });
        }),
        ("a_read_only_disk_is_told_and_loses_nothing", || {
            on_each(ROOMY, "mounted read-only, then writable again", |disk, secrets| {
                block_on(a_read_only_disk_is_told_and_loses_nothing(disk, secrets));
            });
        }),
    ];
    rooted::run(&tests, Disk::mount(1).is_none().then_some("needs root"))
}

/// Runs it on a disk of each size, in megabytes.
fn on_each(sizes: &[u32], what: &str, test: fn(&Disk, &Path)) {
    for megabytes in sizes {
        let (disk, secrets) = (Disk::mount(*megabytes).unwrap(), tempfile::tempdir().unwrap());
        test(&disk, secrets.path());
    }
    row(Kind::Test, "disk full", what, sizes.len(), 0);
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(test);
}

/// A file system of its own in memory, unmounted at the end.
struct Disk(PathBuf);

impl Disk {
    /// `None` when this process may not mount.
    fn mount(megabytes: u32) -> Option<Self> {
        let path = tempfile::tempdir().ok()?.keep();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(path));
        }
        let _ = fs::remove_dir(&path);
        None
    }

    fn remount(&self, how: &str) {
        let remounted = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(remounted.is_ok_and(|status| status.success()));
    }

    fn vaults(&self) -> PathBuf {
        self.0.join("vaults")
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Takes what room there is.
    fn fill(&self) {
        let mut filling = File::options();
        let filling = filling.append(true).create(true).open(self.0.join("filling")).unwrap();
        for size in [100_000, 4_096, 1] {
            while std::io::Write::write_all(&mut &filling, &vec![1; size]).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a thread may still be closing its file.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

async fn open(disk: &Disk, secrets: &Path) -> Result<Vault, OpenError> {
    Vault::open(&disk.vaults(), &worker(), Arc::new(FileSecrets::new(secrets)), None).await
}

async fn a_full_disk_is_told_and_loses_nothing(disk: &Disk, secrets: &Path) {
    fs::write(disk.ballast(), vec![1; BALLAST]).unwrap();
    let vault = open(disk, secrets).await.unwrap();
    let mut saved = 0;
    let error = loop {
        match save(&vault, saved + 1, FILE).await {
            Ok(()) => saved += 1,
            Err(error) => break error,
        }
        // What stays of each case is small beside its file, so room is taken from outside as well.
        if saved == 15 {
            disk.fill();
        }
        assert!(saved < 10_000, "the disk never filled");
    };
    assert_eq!(error, StoreError::DiskFull);
    assert!(saved > 0);
    for _ in 0..3 {
        assert_eq!(save(&vault, saved + 1, FILE).await, Err(StoreError::DiskFull));
        assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(saved)), "while the disk is full");
    }
    vault.close().await;

    let vault = open(disk, secrets).await.unwrap();
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(saved)), "after a start on a full disk");
    fs::remove_file(disk.ballast()).unwrap();
    assert_eq!(save(&vault, saved + 1, FILE).await, Ok(()), "with room again");
    assert_eq!(vault.verify().await, Ok(()));
    vault.close().await;

    let vault = open(disk, secrets).await.unwrap();
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(saved + 1)));
    vault.close().await;
}

async fn a_disk_that_is_full_at_the_first_start_is_told(disk: &Disk, secrets: &Path) {
    // Room for the empty vault and one case.
    fs::write(disk.ballast(), vec![1; 2 * BALLAST]).unwrap();
    disk.fill();
    assert_eq!(open(disk, secrets).await.err(), Some(OpenError::DiskFull));
    fs::remove_file(disk.ballast()).unwrap();
    let vault = open(disk, secrets).await.unwrap();
    assert_eq!(save(&vault, 1, FILE).await, Ok(()));
    vault.close().await;
}

/// A vault with cases in it, on a disk without a byte left, its log empty.
async fn on_a_full_disk(disk: &Disk, secrets: &Path) -> Vault {
    fs::write(disk.ballast(), vec![1; BALLAST]).unwrap();
    let vault = open(disk, secrets).await.unwrap();
    assert!(vault.health().await.unwrap().reserve, "there is room to set aside");
    for number in 1..=30 {
        assert_eq!(save(&vault, number, FILE).await, Ok(()));
    }
    vault.close().await;
    let vault = open(disk, secrets).await.unwrap();
    disk.fill();
    vault
}

async fn on_a_full_disk_drafts_can_still_be_removed_and_shredded(disk: &Disk, secrets: &Path) {
    let vault = on_a_full_disk(disk, secrets).await;
    assert_eq!(save(&vault, 31, FILE).await, Err(StoreError::DiskFull), "what adds may not use it");
    assert!(vault.health().await.unwrap().reserve);
    for draft in vault.outlines().await.unwrap() {
        assert_eq!(vault.commit(vec![Change::RemoveDraft { id: draft.id }]).await, Ok(()));
    }
    while vault.shred().await.unwrap() != Shredding::Done {}
    let health = vault.health().await.unwrap();
    assert_eq!((health.reserve, health.to_shred), (false, 0));
    assert_eq!(vault.verify().await, Ok(()));

    // With room again there is a reserve again.
    fs::remove_file(disk.0.join("filling")).unwrap();
    assert_eq!(vault.shred().await, Ok(Shredding::Done));
    assert!(vault.health().await.unwrap().reserve);
    vault.close().await;
    let vault = open(disk, secrets).await.unwrap();
    assert!(vault.outlines().await.unwrap().is_empty());
    vault.close().await;
}

/// On the disk that it goes to, on the one that it is made on, and on the one that it is restored to.
async fn a_copy_that_does_not_fit_leaves_nothing(disk: &Disk, secrets: &Path) {
    let identity = RecoveryIdentity::generate();
    let recipient = identity.recipient().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (here, there) = (disk.0.join("kopia.age"), elsewhere.path().join("kopia.age"));
    let vault =
        Vault::open(&elsewhere.path().join("vaults"), &worker(), Arc::new(FileSecrets::new(secrets)), None)
            .await
            .unwrap();
    for number in 1..=10 {
        assert_eq!(save(&vault, number, FILE).await, Ok(()));
    }
    fs::write(disk.ballast(), vec![1; 20 * BALLAST]).unwrap();
    disk.fill();
    let full = vault.seal_copy(&recipient, &here).await;
    assert_eq!(full, Err(NotCopied::DiskFull));
    assert_eq!(names(&disk.0), ["ballast", "filling"], "nothing is left of it");
    vault.seal_copy(&recipient, &there).await.unwrap();
    vault.close().await;

    let theirs = tempfile::tempdir().unwrap();
    let keychain = || Arc::new(FileSecrets::new(theirs.path()));
    let restored = restore_copy(&there, &identity, &disk.vaults(), keychain()).await;
    assert_eq!(restored, Err(CopyFault::Computer(OpenError::DiskFull)));
    assert!(names(theirs.path()).is_empty(), "no key of a vault that is none");
    fs::remove_file(disk.ballast()).unwrap();
    restore_copy(&there, &identity, &disk.vaults(), keychain()).await.unwrap();
    let vault = Vault::open(&disk.vaults(), &worker(), keychain(), None).await.unwrap();
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(10)), "with room again");

    fs::write(disk.ballast(), vec![1; BALLAST]).unwrap();
    disk.fill();
    assert!(vault.seal_copy(&recipient, &there).await.is_err(), "there is no room to make one in");
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(10)));
    fs::remove_file(disk.0.join("filling")).unwrap();
    vault.seal_copy(&recipient, &here).await.unwrap();
    vault.close().await;
}

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn without_room_set_aside_a_full_disk_stops_the_removing_too(disk: &Disk, secrets: &Path) {
    let vault = on_a_full_disk(disk, secrets).await;
    let drafts = vault.outlines().await.unwrap();
    let folder = fs::read_dir(disk.vaults()).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(folder.join("vault.reserve")).unwrap();
    disk.fill();
    let removed = vault.commit(vec![Change::RemoveDraft { id: drafts[0].id }]).await;
    assert_eq!(removed, Err(StoreError::DiskFull));
    assert_eq!(vault.outlines().await.unwrap(), drafts);
    vault.close().await;
}

async fn a_disk_with_room_is_never_called_full(_: &Disk, secrets: &Path) {
    let roomy = tempfile::tempdir().unwrap();
    let vault =
        Vault::open(roomy.path(), &worker(), Arc::new(FileSecrets::new(secrets)), None).await.unwrap();
    for number in 1..=30 {
        assert_eq!(save(&vault, number, FILE).await, Ok(()));
    }
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(30)));
    vault.close().await;
}

async fn a_read_only_disk_is_told_and_loses_nothing(disk: &Disk, secrets: &Path) {
    let vault = open(disk, secrets).await.unwrap();
    for number in 1..=12 {
        assert_eq!(save(&vault, number, FILE).await, Ok(()));
    }
    vault.close().await;
    drop(vault);
    disk.remount("ro");
    for _ in 0..2 {
        assert_eq!(open(disk, secrets).await.err(), Some(OpenError::Failed));
    }
    disk.remount("rw");
    let vault = open(disk, secrets).await.unwrap();
    assert_eq!(whole_cases(&vault, FILE).await, Ok(Some(12)));
    assert_eq!(save(&vault, 13, FILE).await, Ok(()));
    assert_eq!(vault.verify().await, Ok(()));
    vault.close().await;
}
