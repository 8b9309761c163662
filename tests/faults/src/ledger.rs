//! What a process said of its numbered cases before it was killed, and whether the vault agrees.

use std::collections::BTreeMap;

use ledsaga_core::{
    error::StoreError,
    ports::{Change, Store},
};

use crate::{answers, draft, draft_id, file, file_id};

/// What is said of a case: before and after each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Saving,
    Saved,
    Removing,
    Removed,
}

impl Said {
    const ALL: [(Self, &str); 4] = [
        (Self::Saving, "saving"),
        (Self::Saved, "saved"),
        (Self::Removing, "removing"),
        (Self::Removed, "removed"),
    ];

    pub fn line(self, number: u64) -> String {
        let word = Self::ALL.iter().find(|(said, _)| *said == self).map_or("", |(_, word)| word);
        format!("{word} {number}\n")
    }

    fn parse(line: &str) -> Option<(Self, u64)> {
        let (word, number) = line.split_once(' ')?;
        let (said, _) = Self::ALL.iter().find(|(_, known)| *known == word)?;
        Some((*said, number.parse().ok()?))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Whole,
    Absent,
    Half,
}

/// How the vault differs from what was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Differences {
    /// Said to be saved, and not there.
    pub lost: usize,
    /// Said to be removed, and there.
    pub back: usize,
    /// Neither whole nor gone.
    pub half: usize,
    /// Of nobody.
    pub strange: usize,
}

impl Differences {
    pub fn count(&self) -> usize {
        self.lost + self.back + self.half + self.strange
    }
}

#[derive(Default)]
pub struct Ledger(BTreeMap<u64, Said>);

impl Ledger {
    pub fn write(&mut self, line: &str) {
        if let Some((said, number)) = Said::parse(line) {
            self.0.insert(number, said);
        }
    }

    /// The number of the next case.
    pub fn next(&self) -> u64 {
        self.0.keys().next_back().map_or(1, |last| last + 1)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares, and takes over how it is where that was open.
    pub async fn compare(&mut self, store: &dyn Store) -> Result<Differences, StoreError> {
        let mut differences = Differences::default();
        for (number, said) in &mut self.0 {
            match (standing(store, *number).await?, *said) {
                (Standing::Half, _) => differences.half += 1,
                (Standing::Absent, Said::Saved) => differences.lost += 1,
                (Standing::Whole, Said::Removed) => differences.back += 1,
                (Standing::Whole, _) => *said = Said::Saved,
                (Standing::Absent, _) => *said = Said::Removed,
            }
        }
        let known = self.0.values().filter(|said| **said == Said::Saved).count() - differences.lost;
        let there = store.outlines().await?.len();
        differences.strange = there.saturating_sub(known + differences.back + differences.half);
        Ok(differences)
    }
}

/// In bytes; the file of each case.
const FILE: usize = 5_000;

pub fn put(number: u64) -> Vec<Change> {
    let draft = draft(number);
    let file = Change::PutFile { id: file_id(number), draft: draft.id, bytes: file(number, FILE) };
    vec![Change::PutDraft(draft), file]
}

pub fn remove(number: u64) -> Change {
    Change::RemoveDraft { id: draft_id(number) }
}

pub async fn standing(store: &dyn Store, number: u64) -> Result<Standing, StoreError> {
    let draft = store.draft(draft_id(number)).await?.map(|draft| draft.form.answers);
    let bytes = store.file(file_id(number)).await?;
    Ok(match (draft, bytes) {
        (None, None) => Standing::Absent,
        (Some(found), Some(bytes)) if found == answers(number) && bytes == file(number, FILE) => {
            Standing::Whole
        }
        _ => Standing::Half,
    })
}

#[cfg(test)]
mod tests {
    use ledsaga_core::memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn every_difference_is_told_from_the_others() {
        let store = MemoryStore::new();
        for number in 1..=4 {
            store.commit(put(number)).await.unwrap();
        }
        let compare = async |lines: &str| {
            let mut ledger = Ledger::default();
            lines.lines().for_each(|line| ledger.write(line));
            ledger.compare(&store).await.unwrap()
        };
        let none = Differences::default();
        assert_eq!(compare("saved 1\nsaving 2\nsaved 3\nremoving 4\nsaving 5\nremoved 6").await, none);
        let three = "saved 1\nsaved 2\nsaved 3\n";
        assert_eq!(compare(three).await, Differences { strange: 1, ..none });
        assert_eq!(compare(&format!("{three}saved 4\nsaved 9")).await, Differences { lost: 1, ..none });
        assert_eq!(compare(&format!("{three}removed 4")).await, Differences { back: 1, ..none });
        store.commit(vec![Change::ReduceDraft(draft(4))]).await.unwrap();
        assert_eq!(compare(&format!("{three}saved 4")).await, Differences { half: 1, ..none });
    }
}
