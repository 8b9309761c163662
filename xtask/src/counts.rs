//! How many tests ran, read from what the test runners print.

/// What a suite counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    /// Not run: ignored by the runner, or impossible on this machine.
    pub skipped: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `N passed, N failed`, with the skipped ones when there are any.
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Sums cargo's `test result: ok. 5 passed; 0 failed; 1 ignored; ...` over all test programs.
pub fn of_cargo(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter(|line| line.trim_start().starts_with("test result:")) {
        counts += Counts {
            passed: number_before(line, "passed"),
            failed: number_before(line, "failed"),
            skipped: number_before(line, "ignored"),
        };
    }
    counts
}

/// Reads the last line that counts: Vitest's `Tests  1 failed | 11 passed | 2 skipped (14)` or a plain
/// `11 passed, 1 failed`.
pub fn of_node(output: &str) -> Counts {
    let counts = output.lines().rev().find(|line| {
        let line = line.trim_start();
        let counted = number_before(line, "passed") + number_before(line, "failed") > 0;
        counted && (line.starts_with("Tests ") || line.starts_with(|first: char| first.is_ascii_digit()))
    });
    counts.map_or_else(Counts::default, |line| Counts {
        passed: number_before(line, "passed"),
        failed: number_before(line, "failed"),
        skipped: number_before(line, "skipped") + number_before(line, "todo"),
    })
}

/// The number in front of a word, 0 when there is none.
fn number_before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split([' ', ';', ',', '|', '.']).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_test_programs_are_summed() {
        let output = "running 2 tests\n\
            test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            a line that says 9 passed; 9 failed\n\
            test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(of_cargo(output), Counts { passed: 16, failed: 2, skipped: 3 });
    }

    #[test]
    fn output_without_counts_counts_nothing() {
        assert_eq!(of_cargo("error: could not compile `x`"), Counts::default());
        assert_eq!(of_node("vite v7.3.8 building"), Counts::default());
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let output = " Test Files  1 failed | 6 passed (7)\n      Tests  1 failed | 40 passed | 2 skipped (43)\n   Start at  10:00:00\n";
        assert_eq!(of_node(output), Counts { passed: 40, failed: 1, skipped: 2 });
    }

    #[test]
    fn a_plain_line_counts_and_the_last_one_wins() {
        let output = "1 passed, 0 failed\nlight\n27 passed, 0 failed\n";
        assert_eq!(of_node(output), Counts { passed: 27, failed: 0, skipped: 0 });
    }

    #[test]
    fn the_summary_names_skipped_tests_only_when_there_are_any() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Counts { passed: 3, failed: 1, skipped: 2 }.to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
