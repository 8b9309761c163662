//! `catalogue schema`: JSON Schema of an e-service's answers, or of e-services themselves.

use std::{
    io::{self, Write},
    path::Path,
};

use ledsaga_forms::export::{answer_schema, definition_schema};

use super::check::{examined, refused};

pub fn schema(given: Option<&Path>, out: &mut impl Write) -> io::Result<bool> {
    let schema = match given.map(|path| (path, examined(path))) {
        None => definition_schema(),
        Some((_, Ok(definition))) => answer_schema(&definition),
        Some((path, Err(wrong))) => {
            writeln!(out, "{}", path.display())?;
            refused(out, &wrong)?;
            return Ok(false);
        }
    };
    writeln!(out, "{schema:#}")?;
    Ok(true)
}
