//! The words after the program's name.

use std::{ffi::OsString, path::PathBuf};

use ledsaga_core::audit::Fingerprint;

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Version,
    Verify {
        file: PathBuf,
        key: Option<Fingerprint>,
    },
    Doctor,
    /// Makes a recovery key.
    CopyKey {
        file: PathBuf,
    },
    /// Shows what is in a sealed copy.
    CopyOpen {
        file: PathBuf,
        identity: PathBuf,
    },
    /// Makes a vault of a sealed copy.
    CopyRestore {
        file: PathBuf,
        identity: PathBuf,
    },
}

/// Words that begin like a command and are none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    #[error("Efter audit ska det stå verify och en fil.")]
    Audit,
    #[error("Skriv vilken fil som ska kontrolleras.")]
    NoFile,
    #[error("En fil i taget kan kontrolleras.")]
    ManyFiles,
    #[error(
        "Ett fingeravtryck är 32 tecken, siffror och bokstäver a till f. Kontrollera det du skrev efter --key."
    )]
    Key,
    #[error("--key får stå en gång.")]
    TwoKeys,
    #[error("Efter copy ska det stå key, open eller restore och en fil.")]
    Copy,
    #[error("Skriv vilken fil det gäller, en.")]
    CopyFile,
    #[error("Skriv --identity och filen med återställningsnyckeln, en gång.")]
    Identity,
    #[error("Det finns inget val som heter så: {0}")]
    Unknown(String),
}

/// `None` when no command is meant: desktops start programs with words of their own, and the window must open then.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Option<Command>, Misuse> {
    let mut words = words.into_iter();
    let Some(first) = words.next() else { return Ok(None) };
    let command = match first.to_str() {
        Some("help" | "--help" | "-h") => Command::Help,
        Some("--version" | "-V") => Command::Version,
        Some("doctor") => match words.next() {
            None => Command::Doctor,
            Some(word) => return Err(unknown(&word)),
        },
        Some("audit") => match words.next() {
            Some(word) if word == "verify" => verify(words)?,
            _ => return Err(Misuse::Audit),
        },
        Some("copy") => copy(words)?,
        _ => return Ok(None),
    };
    Ok(Some(command))
}

fn copy(mut words: impl Iterator<Item = OsString>) -> Result<Command, Misuse> {
    let what = words.next().ok_or(Misuse::Copy)?;
    let what = what.to_str().filter(|what| ["key", "open", "restore"].contains(what)).ok_or(Misuse::Copy)?;
    let (mut files, mut identities) = (Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if what != "key" && text == "--identity" {
            identities.push(PathBuf::from(words.next().ok_or(Misuse::Identity)?));
        } else if let Some(identity) = text.strip_prefix("--identity=").filter(|_| what != "key") {
            identities.push(PathBuf::from(identity));
        } else if text.starts_with('-') {
            return Err(unknown(&word));
        } else {
            files.push(PathBuf::from(word));
        }
    }
    let [file] = <[PathBuf; 1]>::try_from(files).map_err(|_| Misuse::CopyFile)?;
    if what == "key" {
        return Ok(Command::CopyKey { file });
    }
    let [identity] = <[PathBuf; 1]>::try_from(identities).map_err(|_| Misuse::Identity)?;
    Ok(match what {
        "open" => Command::CopyOpen { file, identity },
        _ => Command::CopyRestore { file, identity },
    })
}

fn verify(words: impl Iterator<Item = OsString>) -> Result<Command, Misuse> {
    let mut words = words.peekable();
    let (mut file, mut key) = (None, None);
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text == "--key" || text.starts_with("--key=") {
            let mut digits = text.strip_prefix("--key=").unwrap_or_default().to_owned();
            // The groups as they are shown, also without quotation marks around them.
            while let Some(group) = words.next_if(|group| is_missing(&digits, &group.to_string_lossy())) {
                digits.push_str(&group.to_string_lossy());
            }
            let fingerprint = digits.parse().map_err(|_| Misuse::Key)?;
            if key.replace(fingerprint).is_some() {
                return Err(Misuse::TwoKeys);
            }
        } else if text.starts_with('-') {
            return Err(unknown(&word));
        } else if file.replace(PathBuf::from(&word)).is_some() {
            return Err(Misuse::ManyFiles);
        }
    }
    Ok(Command::Verify { file: file.ok_or(Misuse::NoFile)?, key })
}

/// Whether the word goes on with a fingerprint that is not whole yet.
fn is_missing(digits: &str, word: &str) -> bool {
    let count = |text: &str| text.chars().filter(char::is_ascii_hexdigit).count();
    let is_group = word.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ' ' | ':' | '-'));
    is_group && count(word) > 0 && count(digits) + count(word) <= 32
}

fn unknown(word: &OsString) -> Misuse {
    Misuse::Unknown(super::harmless(&word.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use ledsaga_core::audit::LogKey;

    use super::*;

    fn parsed(words: &[&str]) -> Result<Option<Command>, Misuse> {
        parse(words.iter().map(OsString::from))
    }

    fn verify(key: Option<Fingerprint>) -> Result<Option<Command>, Misuse> {
        Ok(Some(Command::Verify { file: "logg.jsonl".into(), key }))
    }

    #[test]
    fn without_a_command_the_window_opens() {
        for words in [&[][..], &["-psn_0_12345"], &["--gapplication-service"], &["logg.jsonl"]] {
            assert_eq!(parsed(words), Ok(None), "{words:?}");
        }
    }

    #[test]
    fn commands_are_known_by_their_words() {
        assert_eq!(parsed(&["--help"]), Ok(Some(Command::Help)));
        assert_eq!(parsed(&["--version"]), Ok(Some(Command::Version)));
        assert_eq!(parsed(&["doctor"]), Ok(Some(Command::Doctor)));
        assert_eq!(parsed(&["audit", "verify", "logg.jsonl"]), verify(None));
    }

    #[test]
    fn a_copy_is_opened_and_restored_with_an_identity() {
        let (file, identity) = (PathBuf::from("kopia.age"), PathBuf::from("nyckel.txt"));
        let open = Ok(Some(Command::CopyOpen { file: file.clone(), identity: identity.clone() }));
        assert_eq!(parsed(&["copy", "open", "kopia.age", "--identity", "nyckel.txt"]), open);
        assert_eq!(parsed(&["copy", "open", "--identity=nyckel.txt", "kopia.age"]), open);
        let restore = Ok(Some(Command::CopyRestore { file, identity: identity.clone() }));
        assert_eq!(parsed(&["copy", "restore", "kopia.age", "--identity", "nyckel.txt"]), restore);
        assert_eq!(parsed(&["copy", "key", "nyckel.txt"]), Ok(Some(Command::CopyKey { file: identity })));

        assert_eq!(parsed(&["copy"]), Err(Misuse::Copy));
        assert_eq!(parsed(&["copy", "kopia.age"]), Err(Misuse::Copy));
        assert_eq!(parsed(&["copy", "key"]), Err(Misuse::CopyFile));
        assert_eq!(parsed(&["copy", "open", "a", "b", "--identity", "c"]), Err(Misuse::CopyFile));
        assert_eq!(parsed(&["copy", "open", "a"]), Err(Misuse::Identity));
        assert_eq!(parsed(&["copy", "open", "a", "--identity"]), Err(Misuse::Identity));
        assert_eq!(parsed(&["copy", "open", "a", "--identity", "b", "--identity=c"]), Err(Misuse::Identity));
        assert_eq!(parsed(&["copy", "open", "a", "--into"]), Err(Misuse::Unknown("--into".into())));
        assert_eq!(
            parsed(&["copy", "key", "a", "--identity=b"]),
            Err(Misuse::Unknown("--identity=b".into()))
        );
    }

    #[test]
    fn a_fingerprint_may_be_given_as_it_is_shown() {
        let key = LogKey::from_seed(&[1; 32]).fingerprint();
        let shown = key.to_string();
        let groups: Vec<&str> = shown.split(' ').collect();
        assert_eq!(parsed(&["audit", "verify", "logg.jsonl", "--key", &shown]), verify(Some(key)));
        let joined = format!("--key={}", shown.replace(' ', ":"));
        assert_eq!(parsed(&["audit", "verify", &joined, "logg.jsonl"]), verify(Some(key)));
        let words = [&["audit", "verify", "--key"], groups.as_slice(), &["logg.jsonl"]].concat();
        assert_eq!(parsed(&words), verify(Some(key)));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        let verify = |rest: &[&str]| parsed(&[&["audit", "verify"], rest].concat());
        assert_eq!(parsed(&["audit"]), Err(Misuse::Audit));
        assert_eq!(parsed(&["audit", "logg.jsonl"]), Err(Misuse::Audit));
        assert_eq!(verify(&[]), Err(Misuse::NoFile));
        assert_eq!(verify(&["a", "b"]), Err(Misuse::ManyFiles));
        assert_eq!(verify(&["a", "--key"]), Err(Misuse::Key));
        assert_eq!(verify(&["a", "--key", "12ab"]), Err(Misuse::Key));
        let key = "0".repeat(32);
        assert_eq!(verify(&["a", "--key", &key, "--key", &key]), Err(Misuse::TwoKeys));
        assert_eq!(verify(&["a", "--quiet"]), Err(Misuse::Unknown("--quiet".into())));
        assert_eq!(parsed(&["doctor", "now"]), Err(Misuse::Unknown("now".into())));
    }
}
