//! The municipality's policy as it was last seen, for the time without a network. No personal data.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ledsaga_core::retention::Limits;
use ledsaga_protocol::Policy;

/// The file that keeps the last seen policy.
pub struct PolicyFile {
    path: PathBuf,
}

impl PolicyFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What was seen last. A file that is damaged, or laxer than any gateway says, counts as the cautious policy;
    /// without one it is the built-in policy: no gateway has been asked yet.
    pub fn read(&self) -> Policy {
        match fs::read(&self.path) {
            Ok(text) => Policy::from_json(&text).unwrap_or_else(|fault| {
                tracing::warn!("the kept policy counts for nothing: {fault}");
                Policy::cautious()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Policy::default(),
            Err(_) => Policy::cautious(),
        }
    }

    /// # Errors
    /// The file cannot be written; the old one is then still whole.
    pub fn write(&self, policy: &Policy) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let new = self.path.with_extension("new");
        write_through(&new, &serde_json::to_vec_pretty(policy)?)?;
        fs::rename(new, &self.path)
    }
}

/// On disk before it takes the old one's place: half a file would count as damaged.
fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}

/// What the policy says about how long drafts are kept.
pub fn retention_limits(policy: &Policy) -> Limits {
    Limits {
        draft_days: policy.draft_days,
        protected_draft_days: policy.protected_draft_days,
        extensions: policy.extensions,
    }
}

#[cfg(test)]
mod tests {
    use ledsaga_protocol::PinRule;

    use super::*;

    fn file() -> (tempfile::TempDir, PolicyFile) {
        let dir = tempfile::tempdir().unwrap();
        let file = PolicyFile::new(dir.path().join("config").join("policy.json"));
        (dir, file)
    }

    #[test]
    fn the_last_seen_policy_is_read_again() {
        let (_dir, file) = file();
        assert_eq!(file.read(), Policy::default());
        let policy = Policy { pin: PinRule::Off, offline_hours: 3, ..Policy::default() };
        file.write(&policy).unwrap();
        assert_eq!(file.read(), policy);
    }

    /// With a file that was made laxer nobody works longer without the municipality than with none at all.
    #[test]
    fn a_damaged_or_loosened_file_counts_as_the_cautious_policy() {
        let (_dir, file) = file();
        file.write(&Policy::default()).unwrap();
        let whole = fs::read_to_string(&file.path).unwrap();
        for text in [
            "",
            &whole[..whole.len() / 2],
            &whole.replace("\"offline_hours\": 12", "\"offline_hours\": 1200"),
            &whole.replace("\"idle_lock_minutes\": 10", "\"idle_lock_minutes\": 600"),
            &whole.replace("\"draft_days\": 14", "\"draft_days\": 365"),
        ] {
            fs::write(&file.path, text).unwrap();
            assert_eq!(file.read(), Policy::cautious(), "{text}");
        }
        fs::write(&file.path, &whole).unwrap();
        assert_eq!(file.read(), Policy::default(), "the counter-test: the same file unharmed");
    }

    #[test]
    fn what_is_built_in_is_what_core_keeps_to_without_a_policy() {
        assert_eq!(retention_limits(&Policy::default()), Limits::default());
    }
}
