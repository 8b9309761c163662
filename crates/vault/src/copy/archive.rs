//! The file: inside the age encryption, which notices every changed or missing byte, a line of JSON, the key set after its
//! length, and the database to the end.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read, Write},
    path::Path,
};

use age::{DecryptError, Decryptor, Encryptor};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    CopyFault, NotCopied,
    recovery_key::{RecoveryIdentity, RecoveryRecipient},
};
use crate::{
    error::OpenError,
    folder::{self, create_private_file, replace},
    keyset::KeySet,
};

const KIND: &str = "ledsaga-copy";
const FORMAT: u32 = 1;
/// Bytes of the first line, at most.
const LONGEST_HEAD: usize = 4_096;
/// Bytes of a key set, at most.
const LONGEST_KEYS: u32 = 16_384;
const BLOCK: usize = 64 * 1024;

/// What the first line says. No secrets, and nobody's name.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    kind: String,
    format: u32,
    pub made_at: Timestamp,
    /// The name of the vault's folder and the format of that.
    pub folder: String,
    folder_format: u32,
    /// The last day on which anything in it is to be kept.
    pub last_day: Option<Date>,
}

impl Head {
    pub fn new(made_at: Timestamp, folder: &str, last_day: Option<Date>) -> Self {
        Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            made_at,
            folder: folder.to_owned(),
            folder_format: folder::FORMAT,
            last_day,
        }
    }

    fn read(line: &[u8]) -> Result<Self, CopyFault> {
        #[derive(Deserialize)]
        struct Kind {
            kind: String,
            format: u32,
            folder_format: u32,
        }
        let kind: Kind = serde_json::from_slice(line).map_err(|_| CopyFault::NotACopy)?;
        if kind.kind != KIND {
            return Err(CopyFault::NotACopy);
        }
        if kind.format > FORMAT || kind.folder_format > folder::FORMAT {
            return Err(CopyFault::Newer);
        }
        let head: Self = serde_json::from_slice(line).map_err(|_| CopyFault::NotACopy)?;
        // It becomes a part of a path.
        if folder::is_name(&head.folder) { Ok(head) } else { Err(CopyFault::NotACopy) }
    }
}

/// Writes the whole file or leaves what was there.
pub(super) fn write(
    to: &Path,
    recipient: &RecoveryRecipient,
    head: &Head,
    keys: &KeySet,
    database: &Path,
) -> Result<(), NotCopied> {
    let database = File::open(database)?;
    let written = replace(to, |file| {
        if cfg!(feature = "plaintext-for-tests") {
            return fill(file, head, keys, database);
        }
        let sealed = Encryptor::with_recipients(recipient.for_age()).map_err(io::Error::other)?;
        let mut out = Remembering { file, failed: None };
        let written = sealed.wrap_output(&mut out).and_then(|mut sealed| {
            // The keys come first, so that the database overwrites them where age gathers what it is to seal.
            fill(&mut sealed, head, keys, database)?;
            sealed.finish().map(drop)
        });
        match out.failed {
            Some(kind) => Err(kind.into()),
            None => written,
        }
    });
    Ok(written?)
}

/// Keeps what the system said of the file: age says only that something could not be written.
struct Remembering<'f> {
    file: &'f mut File,
    failed: Option<ErrorKind>,
}

impl Write for Remembering<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.failed =
            written.as_ref().err().map(io::Error::kind).filter(|kind| *kind != ErrorKind::Interrupted);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn fill(out: &mut impl Write, head: &Head, keys: &KeySet, mut database: File) -> io::Result<()> {
    out.write_all(&serde_json::to_vec(head)?)?;
    out.write_all(b"\n")?;
    let keys = keys.encode();
    let length = u32::try_from(keys.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&keys)?;
    io::copy(&mut database, out)?;
    Ok(())
}

/// Opens the file and writes the database, sealed under the key that comes with it, to a new file. What it answers counts
/// only once it has answered: the end of the file says whether it is whole.
pub(super) fn read(
    from: &Path,
    identity: &RecoveryIdentity,
    database: &Path,
) -> Result<(Head, KeySet), CopyFault> {
    let file = File::open(from).map_err(|error| CopyFault::Unreadable(error.kind()))?;
    let sealed = Decryptor::new_buffered(BufReader::new(file)).map_err(|error| match error {
        DecryptError::Io(error) if error.kind() != ErrorKind::UnexpectedEof => {
            CopyFault::Unreadable(error.kind())
        }
        _ => CopyFault::NotACopy,
    })?;
    let mut plain = sealed.decrypt(identity.for_age()).map_err(|error| match error {
        DecryptError::NoMatchingKeys => CopyFault::OtherKey,
        _ => CopyFault::Damaged,
    })?;
    let head = Head::read(&line(&mut plain)?)?;
    let mut length = [0; 4];
    plain.read_exact(&mut length).map_err(unread)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST_KEYS {
        return Err(CopyFault::NotACopy);
    }
    let mut keys = Zeroizing::new(vec![0; length as usize]);
    plain.read_exact(&mut keys).map_err(unread)?;
    let keys = KeySet::decode(&keys)?;

    let mut out = create_private_file(database).map_err(unwritten)?;
    let mut block = vec![0; BLOCK];
    loop {
        match plain.read(&mut block).map_err(unread)? {
            0 => break,
            count => out.write_all(&block[..count]).map_err(unwritten)?,
        }
    }
    Ok((head, keys))
}

/// Sign by sign, so that nothing of what follows is left behind in a buffer.
fn line(plain: &mut impl Read) -> Result<Vec<u8>, CopyFault> {
    let mut line = Vec::new();
    let mut sign = [0];
    while line.len() < LONGEST_HEAD {
        plain.read_exact(&mut sign).map_err(unread)?;
        match sign {
            [b'\n'] => return Ok(line),
            [sign] => line.push(sign),
        }
    }
    Err(CopyFault::NotACopy)
}

fn unread(error: io::Error) -> CopyFault {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => CopyFault::Damaged,
        kind => CopyFault::Unreadable(kind),
    }
}

fn unwritten(error: io::Error) -> CopyFault {
    CopyFault::Computer(OpenError::from(error))
}
