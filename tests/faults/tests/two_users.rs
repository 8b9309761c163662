//! Two users of one Linux computer, and two workers of one user: neither opens the other's drafts. Needs root, to be
//! somebody else; otherwise the tests count as ignored.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Output, Stdio},
};

use ledsaga_faults::{
    computer::{copy_folder, entries},
    report::{Kind, row},
    rooted,
};

const ROW: &str = "two users, two workers";
/// Of nobody on the computer.
const USERS: [u32; 2] = [61_001, 61_002];

fn main() -> ExitCode {
    let tests: [rooted::Test; 3] = [
        ("neither_user_reads_the_files_of_the_other", neither_user_reads_the_files_of_the_other),
        ("copied_files_do_not_open_with_another_keychain", copied_files_do_not_open_with_another_keychain),
        ("a_folder_that_others_may_enter_would_be_read", a_folder_that_others_may_enter_would_be_read),
    ];
    let can = Computer::new().is_some_and(|computer| computer.run_as(USERS[0], "true", &[]).status.success());
    rooted::run(&tests, (!can).then_some("needs root and setpriv"))
}

/// A computer with the home folders of two users.
struct Computer {
    dir: tempfile::TempDir,
    writer: PathBuf,
}

impl Computer {
    /// `None` when this process may not give away files.
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().ok()?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).ok()?;
        for user in USERS {
            let home = dir.path().join(user.to_string());
            // As a distribution makes them that lets everybody look in.
            for folder in [home.clone(), home.join("vaults"), home.join("secrets")] {
                fs::create_dir(&folder).ok()?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).ok()?;
                chown(&folder, Some(user), Some(user)).ok()?;
            }
        }
        let writer = dir.path().join("vault_writer");
        fs::copy(env!("CARGO_BIN_EXE_vault_writer"), &writer).ok()?;
        fs::set_permissions(&writer, fs::Permissions::from_mode(0o755)).ok()?;
        Some(Self { dir, writer })
    }

    fn home(&self, user: u32) -> PathBuf {
        self.dir.path().join(user.to_string())
    }

    fn command(user: u32, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args([format!("--reuid={user}"), format!("--regid={user}")])
            .args(["--clear-groups", program])
            .current_dir("/");
        command
    }

    fn run_as(&self, user: u32, program: &str, arguments: &[&Path]) -> Output {
        let output = Self::command(user, program).args(arguments).stdin(Stdio::null()).output();
        output.unwrap_or_else(|error| panic!("setpriv does not start: {error}"))
    }

    /// The user's writer, until it has saved a case.
    fn saves(&self, user: u32) {
        let home = self.home(user);
        let mut child = Self::command(user, self.writer.to_str().unwrap())
            .args([home.join("vaults"), home.join("secrets")])
            .arg("put")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("saved") {
            assert!(std::io::BufRead::read_line(&mut out, &mut said).unwrap() > 0, "the writer ended");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What the user gets who opens the vaults of a folder with the own keychain.
    fn opens(&self, user: u32, vaults: &Path) -> String {
        let secrets = self.home(user).join("secrets");
        let output = self.run_as(user, self.writer.to_str().unwrap(), &[vaults, &secrets, Path::new("look")]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The files of the user's only vault.
    fn files(&self, user: u32) -> Vec<PathBuf> {
        let folder = entries(&self.home(user).join("vaults")).remove(0);
        entries(&folder)
    }

    /// Which of these files the user can read.
    fn readable(&self, user: u32, files: &[PathBuf]) -> usize {
        files.iter().filter(|file| self.run_as(user, "cat", &[file]).status.success()).count()
    }
}

fn with_two_vaults() -> Computer {
    let computer = Computer::new().unwrap();
    USERS.iter().for_each(|user| computer.saves(*user));
    computer
}

fn others() -> [(u32, u32); 2] {
    [(USERS[0], USERS[1]), (USERS[1], USERS[0])]
}

fn neither_user_reads_the_files_of_the_other() {
    let computer = with_two_vaults();
    let (mut tried, mut read) = (0, 0);
    for (user, other) in others() {
        let files = computer.files(other);
        assert!(files.len() > 2);
        assert_eq!(computer.readable(other, &files), files.len(), "they are readable for their owner");
        tried += files.len();
        read += computer.readable(user, &files);
        let vaults = computer.home(other).join("vaults");
        assert_eq!(computer.opens(user, &vaults), "store_failed");
        let cases = computer.opens(other, &vaults);
        assert!(cases.ends_with("cases") && cases != "0 cases", "{cases}");
    }
    row(Kind::Test, ROW, "files of one Linux user read by the other", tried, read);
    assert_eq!(read, 0);
}

fn copied_files_do_not_open_with_another_keychain() {
    let (mut tried, mut opened) = (0, 0);
    // The other one has a vault and a key of the own under the same names, or has never had one.
    for has_own in [true, false] {
        for (user, other) in others() {
            let computer = Computer::new().unwrap();
            computer.saves(other);
            if has_own {
                computer.saves(user);
            }
            let vaults = computer.home(user).join("copied");
            let folder = entries(&computer.home(other).join("vaults")).remove(0);
            let copy = vaults.join(folder.file_name().unwrap());
            copy_folder(&folder, &copy);
            for path in [vec![vaults.clone(), copy.clone()], entries(&copy)].concat() {
                chown(&path, Some(user), Some(user)).unwrap();
            }
            let expected = if has_own { "store_unreadable" } else { "key_lost" };
            let answer = computer.opens(user, &vaults);
            assert_eq!(answer, expected);
            tried += 1;
            opened += usize::from(answer.ends_with("cases"));
            // With the owner's keychain they do, so that it is the key that is missing.
            entries(&computer.home(user).join("secrets"))
                .iter()
                .for_each(|item| fs::remove_file(item).unwrap());
            for item in entries(&computer.home(other).join("secrets")) {
                let taken = computer.home(user).join("secrets").join(item.file_name().unwrap());
                fs::copy(&item, &taken).unwrap();
                chown(&taken, Some(user), Some(user)).unwrap();
            }
            let answer = computer.opens(user, &vaults);
            assert!(answer.ends_with("cases") && answer != "0 cases", "{answer}");
        }
    }
    row(Kind::Test, ROW, "copied vault opened with the other user's keychain", tried, opened);
    assert_eq!(opened, 0);
}

/// The counter-test: with other permissions the first test would fail.
fn a_folder_that_others_may_enter_would_be_read() {
    let computer = with_two_vaults();
    let files = computer.files(USERS[0]);
    let folder = files[0].parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let read = computer.readable(USERS[1], &files);
    row(Kind::CounterTest, ROW, "the same with a folder that others may enter", files.len(), read);
    assert!(read > 0);
}
