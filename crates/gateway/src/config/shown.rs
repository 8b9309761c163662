//! `config check`: what is in force and who said it, without secrets.

use std::fmt::Write;

use super::{
    Config,
    keys::{self, Origin, Values},
};

/// One setting on each line.
pub fn table(values: &Values, config: &Config) -> String {
    let mut out = String::new();
    for key in keys::ALL {
        let said = match values.origin(key) {
            Some(Origin::File) => "file",
            Some(Origin::Environment) => "environment",
            None => "default",
        };
        let value = if key.secret { "(secret)".to_owned() } else { config.shown(key, values) };
        let _ = writeln!(out, "{:<28} {value}  [{said}]", key.name);
    }
    out
}
