//! The files that a command is given: read with a bound, written without a trace of half a file.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Bytes of a definition that are read; the largest e-services of municipalities have some hundred kilobytes.
pub const DEFINITION_MAX: u64 = 16 << 20;
/// Bytes of another system's file that are read, with its paper forms and pictures.
pub const SOURCE_MAX: u64 = 64 << 20;

/// Why a file or folder was not read or written.
#[derive(Debug)]
pub enum FileError {
    Missing,
    Forbidden,
    TooLarge {
        max: u64,
    },
    /// A folder without `*.json`.
    NothingHere,
    IsFolder,
    /// It is there with other content.
    Exists,
    Other(io::Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            io::ErrorKind::IsADirectory => Self::IsFolder,
            io::ErrorKind::AlreadyExists => Self::Exists,
            _ => Self::Other(error),
        }
    }
}

/// The files as given, and of each folder its `*.json` in order; a schema is no e-service.
pub fn definitions(given: &[PathBuf]) -> Vec<Result<PathBuf, (PathBuf, FileError)>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(Ok(path.clone()));
            continue;
        }
        match in_folder(path) {
            Ok(found) if found.is_empty() => files.push(Err((path.clone(), FileError::NothingHere))),
            Ok(found) => files.extend(found.into_iter().map(Ok)),
            Err(error) => files.push(Err((path.clone(), error.into()))),
        }
    }
    files
}

fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".json") && !name.ends_with(".schema.json") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The whole file, when it is no larger than `max`. The size is found by reading: what is no plain file has none.
pub fn read(path: &Path, max: u64) -> Result<Vec<u8>, FileError> {
    if path.is_dir() {
        return Err(FileError::IsFolder);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max { Err(FileError::TooLarge { max }) } else { Ok(bytes) }
}

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    New,
    Replaced,
    Same,
}

/// Whether `path` may be written: it is not there, has this content, or may be replaced.
pub fn may_write(path: &Path, bytes: &[u8], replace: bool) -> Result<Written, FileError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Written::New),
        Err(error) => Err(error.into()),
        Ok(there) if there.is_dir() => Err(FileError::IsFolder),
        Ok(there) if there.len() == bytes.len() as u64 && fs::read(path)? == bytes => Ok(Written::Same),
        Ok(_) if replace => Ok(Written::Replaced),
        Ok(_) => Err(FileError::Exists),
    }
}

/// Whole or not at all; what is there with other content stays unless it may be replaced.
pub fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<Written, FileError> {
    let written = may_write(path, bytes, replace)?;
    if written == Written::Same {
        return Ok(written);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // Read by whoever runs the gateway; the user's umask decides the rest.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".ledsaga-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let persisted = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    persisted.map_err(|error| FileError::from(error.error))?;
    Ok(written)
}
