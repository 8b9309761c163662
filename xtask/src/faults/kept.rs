//! What each part of the fault run has noted last. The long run takes hours, so that it can be done in parts; the table is
//! made of what is kept.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::counts::Counts;

/// One line of the table.
pub struct Row {
    pub name: String,
    pub done: String,
    pub count: String,
    pub lost: String,
    pub result: String,
}

impl Row {
    /// As a test notes it.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next();
        Some(Self { name: next()?, done: next()?, count: next()?, lost: next()?, result: next()? })
    }

    /// For tests that are only counted.
    pub fn counted(name: &str, done: &str, counts: Counts) -> Self {
        let result = match (counts.passed, counts.failed) {
            (0, 0) => "NOT RUN",
            (_, 0) => "holds",
            _ => "FAILS",
        };
        Self {
            name: name.into(),
            done: done.into(),
            count: format!("{} tests", counts.passed + counts.failed),
            lost: counts.failed.to_string(),
            result: result.into(),
        }
    }

    pub fn is_good(&self) -> bool {
        ["holds", "counter-test: seen"].contains(&self.result.as_str())
    }

    fn line(&self) -> String {
        let Self { name, done, count, lost, result } = self;
        format!("{name}\t{done}\t{count}\t{lost}\t{result}")
    }
}

/// A part as it was run last.
pub struct Kept {
    pub part: String,
    /// What was run: the commit, with a plus when something had been changed since.
    pub commit: String,
    pub seconds: u64,
    pub rows: Vec<Row>,
}

impl Kept {
    pub fn read(folder: &Path, part: &str) -> Result<Option<Self>> {
        let path = file(folder, part);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path)?;
        Self::parse(part, &text)
            .with_context(|| format!("{} is damaged: remove it", path.display()))
            .map(Some)
    }

    fn parse(part: &str, text: &str) -> Option<Self> {
        let (head, rows) = text.split_once('\n')?;
        let (commit, seconds) = head.split_once('\t')?;
        Some(Self {
            part: part.to_owned(),
            commit: commit.to_owned(),
            seconds: seconds.parse().ok()?,
            rows: rows.lines().map(Row::parse).collect::<Option<_>>()?,
        })
    }

    /// In the place of what was kept of the part before.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::write(file(folder, &self.part), self.text())?;
        Ok(())
    }

    fn text(&self) -> String {
        let lines = self.rows.iter().map(Row::line);
        let head = format!("{}\t{}", self.commit, self.seconds);
        std::iter::once(head).chain(lines).map(|line| line + "\n").collect()
    }
}

fn file(folder: &Path, part: &str) -> PathBuf {
    folder.join(part)
}

/// The rows that tests have noted in a file of their own; none when there is none.
pub fn noted(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(Row::parse).collect()
}

pub fn table(parts: &[Kept], length: &str) -> Result<String> {
    let mut rows: Vec<&Row> = parts.iter().flat_map(|part| &part.rows).collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    let mut table =
        format!("Of {length}:\n\n| row | what was done | count | lost | result |\n|---|---|--:|--:|---|\n");
    for Row { name, done, count, lost, result } in rows {
        writeln!(table, "| {name} | {done} | {count} | {lost} | {result} |")?;
    }
    let runs =
        parts.iter().map(|Kept { part, commit, seconds, .. }| format!("{part} {commit} ({seconds} s)"));
    writeln!(table, "\nRun at: {}.", runs.collect::<Vec<_>>().join(", "))?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        let row = Row::parse("kill -9\tkilled while saving\t30\t0\tholds").unwrap();
        Kept { part: "vault_kill".into(), commit: "811d3e7".into(), seconds: 435, rows: vec![row] }
    }

    #[test]
    fn a_noted_row_becomes_a_line_of_the_table() {
        assert!(kept().rows[0].is_good());
        let table = table(&[kept()], "the short run").unwrap();
        assert!(table.contains("| kill -9 | killed while saving | 30 | 0 | holds |\n"));
        assert!(table.ends_with("Run at: vault_kill 811d3e7 (435 s).\n"));
        assert!(Row::parse("half\ta row").is_none());
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let text = kept().text();
        assert_eq!(Kept::parse("vault_kill", &text).unwrap().text(), text);
        assert!(Kept::parse("vault_kill", "811d3e7\tsoon\n").is_none());
        assert!(Kept::parse("vault_kill", &(text + "half\ta row\n")).is_none());
    }

    #[test]
    fn what_did_not_run_is_not_good() {
        assert!(!Row::counted("a", "b", Counts::default()).is_good());
        let failed = Counts { passed: 3, failed: 1, skipped: 0 };
        assert!(!Row::counted("a", "b", failed).is_good());
    }
}
