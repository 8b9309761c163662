//! The application's own home: everything that it and its webview write is below one folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use tempfile::TempDir;

use crate::process::built;

pub struct Folders {
    root: TempDir,
}

impl Folders {
    /// # Errors
    /// The folder or the programs of this workspace are not there.
    pub fn new() -> Result<Self> {
        let folders = Self { root: tempfile::Builder::new().prefix("ledsaga-e2e-").tempdir()? };
        for name in ["home", "data/applications", "config", "cache", "state", "tmp"] {
            fs::create_dir_all(folders.root.path().join(name))?;
        }
        folders.set_browser(&format!("{} sign-in %u", built("sign-in-browser")?.display()))?;
        Ok(folders)
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Makes `command` the desktop's default browser.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn set_browser(&self, command: &str) -> Result<()> {
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Test browser\nExec={command}\nMimeType=x-scheme-handler/http;\n"
        );
        fs::write(self.root().join("data/applications/test-browser.desktop"), entry)?;
        fs::write(
            self.root().join("config/mimeapps.list"),
            "[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n",
        )?;
        Ok(())
    }

    /// The environment in which the application finds these folders, and nothing of the user's.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("TMPDIR", "tmp"),
        ]
        .map(|(name, folder)| (name, self.root().join(folder)))
        .to_vec()
    }

    /// The folder that holds the vaults.
    pub fn vaults(&self) -> PathBuf {
        self.root().join("data/se.ledsaga.app/vault")
    }
}
