//! The worker's preferences: how the window looks. A small file without personal data.

use std::{io, path::PathBuf};

use crate::ipc::view::{Preferences, Theme, UiLanguage};

pub struct PreferenceFile {
    path: PathBuf,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { theme: Theme::System, language: UiLanguage::Sv, text_size: 14 }
    }
}

impl PreferenceFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What is kept, or the defaults when there is nothing readable.
    pub fn load(&self) -> Preferences {
        std::fs::read(&self.path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// # Errors
    /// The file cannot be written; the old one is then still whole.
    pub fn save(&self, preferences: &Preferences) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let new = self.path.with_extension("new");
        std::fs::write(&new, serde_json::to_vec_pretty(preferences)?)?;
        std::fs::rename(new, &self.path)
    }
}
