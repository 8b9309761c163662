//! The command line of the built binary.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// `catalogue` with these words and then these files: the exit code and what was said.
pub fn catalogue(words: &[&str], files: &[&Path]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledsaga-gateway"));
    let output = command.stdin(Stdio::null()).arg("catalogue").args(words).args(files).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "", "nothing is logged");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
