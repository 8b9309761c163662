#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
//! The Ledsaga desktop application.

fn main() -> std::process::ExitCode {
    ledsaga_shell::run()
}
