//! What the application does in a terminal, without a window: `ledsaga audit verify`, `ledsaga copy` and `ledsaga doctor`.
//! It speaks Swedish, like everything that its users read.

mod arguments;
mod audit;
mod copy;
mod doctor;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use arguments::{Command, parse};

const HELP: &str = "\
ledsaga                                   öppnar programmet
ledsaga audit verify FIL [--key NYCKEL]   kontrollerar en exporterad logg
ledsaga doctor                            kontrollerar den här datorn
ledsaga copy key FIL                      gör en återställningsnyckel för kommunen
ledsaga copy open FIL --identity NYCKEL   visar vad som finns i en förseglad kopia
ledsaga copy restore FIL --identity NYCKEL
                                          gör utkasten i en förseglad kopia till den här datorns
ledsaga --version                         visar versionen

audit verify svarar 0 när loggen är hel, 1 när den inte är det och 2 när den inte kan läsas.
doctor svarar 0 när inget är fel och 1 annars. Det den skriver har inga personuppgifter.
copy svarar 0 när det gick, 1 när kopian inte är som den ska och 2 när något annat hindrar.
I Windows: lägg till \"| more\" efter kommandot för att se svaret.
";

/// What a command has to say, and whether all is well.
struct Outcome {
    text: String,
    code: u8,
}

/// Does what the words after the program's name ask for; `None` when they ask for the window.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let outcome = match parse(words) {
        Ok(None) => return None,
        Ok(Some(Command::Help)) => Outcome { text: HELP.to_owned(), code: 0 },
        Ok(Some(Command::Version)) => {
            Outcome { text: format!("ledsaga {}\n", env!("CARGO_PKG_VERSION")), code: 0 }
        }
        Ok(Some(Command::Verify { file, key })) => audit::verify(&file, key),
        Ok(Some(Command::Doctor)) => doctor::run(),
        Ok(Some(Command::CopyKey { file })) => copy::key(&file),
        Ok(Some(Command::CopyOpen { file, identity })) => copy::open(&file, &identity),
        Ok(Some(Command::CopyRestore { file, identity })) => copy::restore(&file, &identity),
        Err(misuse) => {
            let _ = write!(io::stderr(), "{misuse}\n\n{HELP}");
            return Some(ExitCode::from(2));
        }
    };
    // Whoever closes the other end of a pipe has read enough.
    let _ = io::stdout().write_all(outcome.text.as_bytes());
    Some(ExitCode::from(outcome.code))
}

/// Text from elsewhere, such that it cannot steer the terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_elsewhere_does_not_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\r\u{9b}c å"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c å");
    }
}
