//! The vault and the Secret Service itself. In a session of its own, far from the login keyring:
//!
//! ```sh
//! XDG_RUNTIME_DIR=$(mktemp -d) XDG_DATA_HOME=$(mktemp -d) dbus-run-session -- sh -c '
//!   printf %s ci-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null
//!   cargo test -p ledsaga-vault --features real-keychain --test real_keychain'
//! ```
//!
//! Needs gnome-keyring, dbus-run-session (dbus-x11) and gdbus (libglib2.0-bin). On macOS and Windows the tests that
//! lock the keychain are left out.
#![cfg(feature = "real-keychain")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may")]

mod support;

use std::{path::Path, process::Command, sync::Arc};

use ledsaga_core::ports::{Change, SecretStore, Shredding, Store};
use ledsaga_vault::{Keychain, OpenError, Pin, PinError, Vault};
use support::{call, draft, worker};
use tokio::sync::Mutex;
use uuid::Uuid;

/// The keychain is one for all: a test that locks it must not meet another.
static TURN: Mutex<()> = Mutex::const_new(());

fn namespace() -> String {
    format!("se.ledsaga.test.{}", Uuid::now_v7())
}

/// Runs one test of this file in another process.
fn in_another_process(test: &str, variables: &[(&str, &str)]) -> bool {
    let mut process = Command::new(std::env::current_exe().unwrap());
    succeeds(process.args([test, "--exact", "--nocapture"]).envs(variables.iter().copied()))
}

/// What it says is shown if the test that asks fails.
fn succeeds(process: &mut Command) -> bool {
    let output = process.output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

#[tokio::test]
async fn a_secret_is_set_read_replaced_and_deleted() {
    let _turn = TURN.lock().await;
    let keychain = Keychain::new(&namespace());
    assert_eq!(keychain.get("item").await, Ok(None));
    assert_eq!(keychain.delete("item").await, Ok(()));
    // As large as Windows takes once it is text, and no text itself.
    let large: Vec<u8> = (0..1_900).map(|byte: i32| byte.to_le_bytes()[0]).collect();
    for secret in [vec![0xff, 0x00, 0x0a], large] {
        keychain.set("item", &secret).await.unwrap();
        assert_eq!(keychain.get("item").await.unwrap().unwrap().as_slice(), secret);
    }
    assert_eq!(keychain.get("other").await, Ok(None));
    keychain.delete("item").await.unwrap();
    assert_eq!(keychain.get("item").await, Ok(None));
}

#[tokio::test]
async fn another_process_reads_what_this_one_set() {
    const NAME: &str = "another_process_reads_what_this_one_set";
    if let Ok(namespace) = std::env::var("LEDSAGA_TEST_NAMESPACE") {
        let secret = Keychain::new(&namespace).get("item").await.unwrap();
        assert_eq!(secret.unwrap().as_slice(), b"kept");
        return;
    }
    let _turn = TURN.lock().await;
    let namespace = namespace();
    let keychain = Keychain::new(&namespace);
    assert!(!in_another_process(NAME, &[("LEDSAGA_TEST_NAMESPACE", &namespace)]), "nothing is there yet");
    keychain.set("item", b"kept").await.unwrap();
    assert!(in_another_process(NAME, &[("LEDSAGA_TEST_NAMESPACE", &namespace)]));
    keychain.delete("item").await.unwrap();
}

#[tokio::test]
async fn a_vault_keeps_its_keys_there_and_tells_when_they_are_gone() {
    let _turn = TURN.lock().await;
    let dir = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Keychain::new(&namespace()));
    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    vault.commit(vec![Change::PutCall(call("Färdtjänst"))]).await.unwrap();
    vault.close().await;

    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    assert_eq!(vault.calls().await.unwrap()[0].note, "Färdtjänst");
    vault.close().await;

    let item = item(dir.path());
    keychain.delete(&item).await.unwrap();
    let opened = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await;
    assert_eq!(opened.err(), Some(OpenError::KeyLost));
    assert_eq!(keychain.get(&item).await, Ok(None));
}

/// Where the vault of the only folder keeps its key set.
fn item(dir: &Path) -> String {
    let folder = support::folders(dir).remove(0);
    format!("keyset.{}", folder.file_name().unwrap().to_string_lossy())
}

async fn notes(vault: &Vault) -> Vec<String> {
    vault.calls().await.unwrap().into_iter().map(|call| call.note).collect()
}

#[tokio::test]
async fn a_vault_with_a_pin_opens_with_it_in_another_process_too() {
    const NAME: &str = "a_vault_with_a_pin_opens_with_it_in_another_process_too";
    let pin = Pin::new("739184");
    if let (Ok(namespace), Ok(dir)) =
        (std::env::var("LEDSAGA_TEST_NAMESPACE"), std::env::var("LEDSAGA_TEST_DIR"))
    {
        let (dir, keychain) = (Path::new(&dir), Arc::new(Keychain::new(&namespace)));
        assert_eq!(Vault::needs_pin(dir, &worker("disa"), keychain.clone()).await, Ok(true));
        let open = async |pin| Vault::open(dir, &worker("disa"), keychain.clone(), pin).await;
        assert_eq!(open(None).await.err(), Some(OpenError::PinNeeded));
        let wrong = Pin::new("739185");
        assert_eq!(open(Some(&wrong)).await.err(), Some(OpenError::WrongPin { wait_s: 0 }));
        assert_eq!(notes(&open(Some(&pin)).await.unwrap()).await, ["Färdtjänst"]);
        return;
    }
    let _turn = TURN.lock().await;
    let dir = tempfile::tempdir().unwrap();
    let namespace = namespace();
    let keychain = Arc::new(Keychain::new(&namespace));
    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    vault.commit(vec![Change::PutCall(call("Färdtjänst"))]).await.unwrap();
    let again = [("LEDSAGA_TEST_NAMESPACE", namespace.as_str()), ("LEDSAGA_TEST_DIR", text(dir.path()))];
    vault.close().await;
    drop(vault);
    assert!(!in_another_process(NAME, &again), "there is no PIN yet");

    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    vault.set_pin(Some(pin.clone())).await.unwrap();
    vault.close().await;
    drop(vault);
    assert!(in_another_process(NAME, &again));

    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), Some(&pin)).await.unwrap();
    vault.set_pin(None).await.unwrap();
    vault.close().await;
    drop(vault);
    assert_eq!(Vault::needs_pin(dir.path(), &worker("disa"), keychain).await, Ok(false));
}

#[tokio::test]
async fn changed_keys_are_the_only_ones_that_are_left() {
    let _turn = TURN.lock().await;
    let dir = tempfile::tempdir().unwrap();
    let keychain = Arc::new(Keychain::new(&namespace()));
    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    vault.commit(vec![Change::PutCall(call("Färdtjänst"))]).await.unwrap();
    let item = item(dir.path());
    let before = keychain.get(&item).await.unwrap().unwrap();
    vault.change_keys().await.unwrap();
    vault.close().await;
    drop(vault);
    let after = keychain.get(&item).await.unwrap().unwrap();
    // Format and id, and then keys: none of them is the same.
    let same = before[9..].windows(32).any(|key| after.windows(32).any(|other| other == key));
    assert!(!same);
    assert_eq!(keychain.get(&format!("{item}.new")).await, Ok(None), "nothing is left beside it");

    let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
    assert_eq!(notes(&vault).await, ["Färdtjänst"]);
    vault.close().await;
    drop(vault);
    keychain.set(&item, &before).await.unwrap();
    let opened = Vault::open(dir.path(), &worker("disa"), keychain, None).await;
    assert_eq!(opened.err(), Some(OpenError::Unreadable));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[cfg(target_os = "linux")]
mod locking {
    use std::{io::Write, process::Stdio};

    use ledsaga_core::ports::SecretError;

    use super::*;

    /// Runs one test of this file in another D-Bus session with another keyring, since it locks and ends things.
    fn in_a_session_of_its_own(test: &str) -> bool {
        let (runtime, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let start = "printf %s ci-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null; \
                     exec \"$0\" \"$@\"";
        let mut session = Command::new("dbus-run-session");
        session
            .args(["--", "sh", "-c", start])
            .arg(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env("LEDSAGA_TEST_SESSION", "own")
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env("XDG_DATA_HOME", data.path())
            // A prompt that can be shown waits for somebody.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        succeeds(&mut session)
    }

    fn ask_bus(arguments: &[&str]) -> String {
        let answer = Command::new("gdbus").args(["call", "--session"]).args(arguments).output().unwrap();
        assert!(answer.status.success());
        String::from_utf8(answer.stdout).unwrap()
    }

    fn lock() {
        ask_bus(&[
            "--dest=org.freedesktop.secrets",
            "--object-path=/org/freedesktop/secrets",
            "--method=org.freedesktop.Secret.Service.Lock",
            "[objectpath '/org/freedesktop/secrets/collection/login']",
        ]);
    }

    /// A daemon that is told the password at its start; nothing but a person can unlock a running one.
    fn start_again_unlocked() {
        let bus = ["--dest=org.freedesktop.DBus", "--object-path=/org/freedesktop/DBus"];
        let method = "--method=org.freedesktop.DBus.GetConnectionUnixProcessID";
        let process = ask_bus(&[bus[0], bus[1], method, "org.freedesktop.secrets"]);
        let process: String =
            process.split(' ').next_back().unwrap().chars().filter(char::is_ascii_digit).collect();
        assert!(Command::new("kill").arg(&process).status().unwrap().success());
        while Path::new("/proc").join(&process).join("exe").exists() {
            std::thread::yield_now();
        }
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        daemon.stdin.take().unwrap().write_all(b"ci-only").unwrap();
        assert!(daemon.wait().unwrap().success());
    }

    #[tokio::test]
    async fn a_keychain_that_is_locked_mid_way_is_told_and_loses_nothing() {
        const NAME: &str = "locking::a_keychain_that_is_locked_mid_way_is_told_and_loses_nothing";
        if let (Ok(namespace), Ok(dir)) =
            (std::env::var("LEDSAGA_TEST_NAMESPACE"), std::env::var("LEDSAGA_TEST_DIR"))
        {
            let keychain = Arc::new(Keychain::new(&namespace));
            assert_eq!(keychain.get("item").await.unwrap().unwrap().as_slice(), b"kept");
            let vault = Vault::open(Path::new(&dir), &worker("disa"), keychain, None).await.unwrap();
            assert_eq!(notes(&vault).await, ["Bygglov", "Färdtjänst"]);
            return;
        }
        if std::env::var("LEDSAGA_TEST_SESSION").is_err() {
            assert!(in_a_session_of_its_own(NAME));
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let namespace = namespace();
        let keychain = Arc::new(Keychain::new(&namespace));
        let vault = Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await.unwrap();
        keychain.set("item", b"kept").await.unwrap();
        let call_at_work = call("Färdtjänst");
        let gone = draft(&call_at_work, "Svar");
        let changes = vec![Change::PutCall(call_at_work), Change::PutDraft(gone.clone())];
        vault.commit(changes).await.unwrap();

        lock();
        assert_eq!(keychain.get("item").await, Err(SecretError::Locked));
        assert_eq!(keychain.set("item", b"lost").await, Err(SecretError::Locked));
        assert_eq!(vault.change_keys().await, Err(OpenError::KeychainLocked));
        let set = vault.set_pin(Some(Pin::new("739184"))).await;
        assert_eq!(set, Err(PinError::NotKept(OpenError::KeychainLocked)));
        let changes = vec![Change::PutCall(call("Bygglov")), Change::RemoveDraft { id: gone.id }];
        vault.commit(changes).await.unwrap();
        assert_eq!(vault.shred().await, Ok(Shredding::KeysLeft));
        vault.close().await;
        let open = async || Vault::open(dir.path(), &worker("disa"), keychain.clone(), None).await;
        assert_eq!(open().await.err(), Some(OpenError::KeychainLocked));
        let again = [("LEDSAGA_TEST_NAMESPACE", namespace.as_str()), ("LEDSAGA_TEST_DIR", text(dir.path()))];
        assert!(!in_another_process(NAME, &again), "locked for everybody");

        start_again_unlocked();
        // The daemon that this process spoke with is gone; the new one is found without a new start.
        let vault = open().await.unwrap();
        assert_eq!(notes(&vault).await, ["Bygglov", "Färdtjänst"]);
        while vault.shred().await.unwrap() != Shredding::Done {}
        assert!(vault.draft(gone.id).await.unwrap().is_none());
        assert_eq!(vault.verify().await, Ok(()));
        vault.close().await;
        drop(vault);
        assert!(in_another_process(NAME, &again), "everything is there");
    }

    #[tokio::test]
    async fn a_computer_without_secret_service_has_no_keychain() {
        const NAME: &str = "locking::a_computer_without_secret_service_has_no_keychain";
        if std::env::var("LEDSAGA_TEST_WITHOUT").is_ok() {
            let keychain = Keychain::new("se.ledsaga.test");
            assert_eq!(keychain.get("item").await, Err(SecretError::NoKeychain));
            assert_eq!(keychain.set("item", b"lost").await, Err(SecretError::NoKeychain));
            let dir = tempfile::tempdir().unwrap();
            let opened = Vault::open(dir.path(), &worker("disa"), Arc::new(keychain), None).await;
            assert_eq!(opened.err(), Some(OpenError::NoKeychain));
            return;
        }
        let nowhere = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        assert!(in_another_process(NAME, &[("LEDSAGA_TEST_WITHOUT", "1"), nowhere]));
        assert!(!in_another_process(NAME, &[("LEDSAGA_TEST_WITHOUT", "1")]), "with one it is found");
    }
}
