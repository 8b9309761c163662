//! A folder for vaults and the keychain that goes with it. Both are files, so that they outlive a process and can be
//! copied: an image of the computer is what is left when the process dies or the disk is taken.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::SystemTime,
};

use async_trait::async_trait;
use ledsaga_core::ports::{SecretError, SecretStore, Store};
use ledsaga_vault::{OpenError, Pin, Vault};
use zeroize::Zeroizing;

use crate::{FileSecrets, worker};

pub struct Computer {
    dir: tempfile::TempDir,
    pub keychain: Arc<Faulty>,
}

impl Computer {
    #[allow(clippy::new_without_default, reason = "it makes folders")]
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let secrets = dir.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        fs::create_dir(dir.path().join("vaults")).unwrap();
        Self { keychain: Arc::new(Faulty::new(&secrets)), dir }
    }

    pub fn vaults(&self) -> PathBuf {
        self.dir.path().join("vaults")
    }

    pub fn secrets(&self) -> PathBuf {
        self.dir.path().join("secrets")
    }

    pub async fn open(&self, pin: Option<&str>) -> Result<Vault, OpenError> {
        let pin = pin.map(Pin::new);
        Vault::open(&self.vaults(), &worker(), self.keychain.clone(), pin.as_ref()).await
    }

    /// Where the only vault is.
    pub fn folder(&self) -> PathBuf {
        let folders = entries(&self.vaults());
        assert_eq!(folders.len(), 1);
        folders[0].clone()
    }

    /// The computer as it is at one moment: while a connection that was given up is still being closed, its files change,
    /// and what was copied meanwhile is thrown away.
    pub fn image(&self) -> Self {
        loop {
            let before = self.state();
            let image = Self::new();
            if self.copy_to(&image).is_ok() && self.state() == before {
                return image;
            }
            std::thread::yield_now();
        }
    }

    fn copy_to(&self, image: &Self) -> std::io::Result<()> {
        for folder in entries(&self.vaults()) {
            let copy = image.vaults().join(folder.file_name().unwrap());
            fs::create_dir_all(&copy)?;
            for file in entries(&folder) {
                fs::copy(&file, copy.join(file.file_name().unwrap()))?;
            }
        }
        for item in entries(&self.secrets()).iter().filter(|path| !path.ends_with("new")) {
            fs::copy(item, image.secrets().join(item.file_name().unwrap()))?;
        }
        Ok(())
    }

    /// Every file with its length and when it changed; `None` for one that went while it was looked at.
    fn state(&self) -> Vec<(PathBuf, Option<(u64, SystemTime)>)> {
        let folders = entries(&self.vaults()).into_iter().chain([self.secrets()]);
        let look = |path: PathBuf| {
            let found = fs::metadata(&path).ok();
            (path, found.and_then(|found| Some((found.len(), found.modified().ok()?))))
        };
        folders.flat_map(|folder| entries(&folder)).map(look).collect()
    }

    /// What the keychain has. Not what it was writing when the process died.
    pub fn items(&self) -> BTreeMap<String, Vec<u8>> {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        entries(&self.secrets())
            .iter()
            .filter(|path| name(path) != "new")
            .map(|path| (name(path), fs::read(path).unwrap()))
            .collect()
    }

    /// The keychain has these items and no others.
    pub fn put_items(&self, items: &BTreeMap<String, Vec<u8>>) {
        entries(&self.secrets()).iter().for_each(|path| fs::remove_file(path).unwrap());
        for (name, secret) in items {
            fs::write(self.secrets().join(name), secret).unwrap();
        }
    }

    /// Every file of the vaults with its bytes, except for the lock and the room that is set aside.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = entries(&self.vaults()).into_iter().flat_map(|folder| entries(&folder));
        files
            .filter(|path| !path.ends_with("vault.lock") && !path.ends_with("vault.reserve"))
            .map(|path| (path.clone(), fs::read(&path).unwrap()))
            .collect()
    }

    /// A vault of the first version with what it holds, as `crates/vault/tests/golden/v1` has it.
    pub async fn with_vault_of_version_1() -> (Self, serde_json::Value) {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/vault/tests/golden/v1");
        let computer = Self::new();
        // Makes the folder and the item under the names that they have here.
        computer.open(None).await.unwrap().close().await;
        let folder = computer.folder();
        entries(&folder).iter().for_each(|path| fs::remove_file(path).unwrap());
        for file in ["vault.db", "vault.meta"] {
            fs::copy(golden.join(file), folder.join(file)).unwrap();
        }
        let mut items = computer.items();
        let keys = fs::read(golden.join("keyset")).unwrap();
        items.values_mut().for_each(|item| item.clone_from(&keys));
        computer.put_items(&items);
        (computer, serde_json::from_slice(&fs::read(golden.join("records.json")).unwrap()).unwrap())
    }
}

/// What is in a folder, in order.
pub fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in entries(from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// The keychain in files, with faults on demand.
pub struct Faulty {
    secrets: FileSecrets,
    /// What every call answers while it is set.
    failure: Mutex<Option<SecretError>>,
    /// How many more calls are answered before all fail, as for a process that dies there.
    calls_left: Mutex<Option<usize>>,
}

impl Faulty {
    fn new(secrets: &Path) -> Self {
        Self { secrets: FileSecrets::new(secrets), failure: Mutex::new(None), calls_left: Mutex::new(None) }
    }

    pub fn fail(&self, failure: impl Into<Option<SecretError>>) {
        *self.failure.lock().unwrap() = failure.into();
    }

    pub fn die_after(&self, calls: impl Into<Option<usize>>) {
        *self.calls_left.lock().unwrap() = calls.into();
    }

    /// The calls that were given have been made, and there may have been one more.
    pub fn is_dead(&self) -> bool {
        *self.calls_left.lock().unwrap() == Some(0)
    }

    fn answer(&self) -> Result<(), SecretError> {
        match &mut *self.calls_left.lock().unwrap() {
            Some(0) => return Err(SecretError::Failed),
            Some(left) => *left -= 1,
            None => {}
        }
        self.failure.lock().unwrap().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl SecretStore for Faulty {
    async fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.answer()?;
        self.secrets.get(name).await
    }

    async fn set(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.answer()?;
        self.secrets.set(name, secret).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.answer()?;
        self.secrets.delete(name).await
    }
}
