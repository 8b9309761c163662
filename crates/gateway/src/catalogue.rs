//! Publishing e-services from files.

use std::{fs, io, path::Path};

use serde_json::Value;

use crate::{
    app::is_service_id,
    config::Catalogue,
    store::{Publication, Published, Store},
};

static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the catalogue cannot be read: {0}")]
    File(#[from] io::Error),
    #[error("the catalogue cannot be stored")]
    Database(#[source] sqlx::Error),
}

/// Publishes every definition; one that is wrong is named in the log.
///
/// A demo publishes wrong ones too, so that clients can show that they skip them, and lets a changed file replace the
/// version that is out.
///
/// # Errors
/// [`CatalogueError`]
pub async fn publish(store: &Store, catalogue: &Catalogue, demo: bool) -> Result<(), CatalogueError> {
    let files = match catalogue {
        Catalogue::None => return Ok(()),
        Catalogue::Embedded => {
            EMBEDDED.iter().map(|(name, json)| ((*name).to_owned(), json.to_vec())).collect()
        }
        Catalogue::Folder(folder) => read(folder)?,
    };
    for (position, (name, json)) in files.iter().enumerate() {
        let Some(publication) = publication(name, json, position, demo) else { continue };
        match store.publish(&publication, demo).await.map_err(CatalogueError::Database)? {
            Published::New => tracing::info!(file = name, version = publication.version, "published"),
            Published::Same => {}
            Published::Conflict => {
                tracing::error!(
                    file = name,
                    version = publication.version,
                    "this version is out with other content"
                );
            }
        }
    }
    Ok(())
}

fn read(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, fs::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn publication(name: &str, json: &[u8], position: usize, demo: bool) -> Option<Publication> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    match ledsaga_forms::load(json) {
        Ok(definition) if is_service_id(&definition.id) => {
            let body = String::from_utf8(ledsaga_forms::to_json(&definition)).ok()?;
            Some(Publication {
                id: definition.id,
                version: definition.version,
                position,
                hash: definition.hash,
                body,
            })
        }
        Ok(_) => {
            tracing::error!(
                file = name,
                "skipped: the id may only have lower-case letters, digits and hyphens"
            );
            None
        }
        Err(error) => {
            tracing::error!(file = name, %error, "not a definition that can be used");
            if demo { unreadable(name, json, position) } else { None }
        }
    }
}

/// Something that is JSON but no definition, as a client may meet it.
fn unreadable(name: &str, json: &[u8], position: i64) -> Option<Publication> {
    let value: Value = serde_json::from_slice(json).ok()?;
    let id = value.get("id").and_then(Value::as_str).unwrap_or(name.trim_end_matches(".json")).to_owned();
    let version =
        value.get("version").and_then(Value::as_u64).and_then(|v| u32::try_from(v).ok()).unwrap_or(0);
    let body = value.to_string();
    Some(Publication { id, version, position, hash: ledsaga_protocol::digest::hex(body.as_bytes()), body })
}
