//! Opening a copy: unpacked into a private folder that goes afterwards, where the database stays under the copy's key.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use ledsaga_core::{
    call::Call,
    clock::{Clock, SystemClock},
    draft::{CaseState, Draft},
    error::StoreError,
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::{
    CopyContents, CopyFault,
    archive::{self, Head},
    making::count,
    recovery_key::RecoveryIdentity,
};
use crate::{
    batch::from_json,
    data_key,
    database::{Database, MIGRATIONS, connect, version},
    error::{OpenError, store_error},
    export::{Definitions, census, definitions, verify},
    file,
    keyset::KeySet,
    seal::new_key,
    shelf::{CALLS, DRAFTS, FILES, OUTBOX, SUBMISSIONS},
};

/// What is in a sealed copy. Every byte and every record is looked at, and nothing is kept of it.
///
/// # Errors
/// See [`CopyFault`].
pub async fn look_into_copy(file: &Path, identity: &RecoveryIdentity) -> Result<CopyContents, CopyFault> {
    let copy = Opened::open(file, identity).await?;
    let mut connection = copy.connect().await?;
    let contents = contents(&mut connection, &copy.keys, &copy.head, SystemClock.today()).await;
    connection.close().await.map_err(store_error)?;
    Ok(contents?)
}

/// A copy that is whole, on this version's database format.
pub(super) struct Opened {
    pub head: Head,
    pub keys: KeySet,
    folder: TempDir,
}

impl Opened {
    pub async fn open(file: &Path, identity: &RecoveryIdentity) -> Result<Self, CopyFault> {
        let folder = tempfile::tempdir().map_err(OpenError::from)?;
        let (from, identity, into) = (file.to_owned(), identity.clone(), database(&folder));
        let read = tokio::task::spawn_blocking(move || archive::read(&from, &identity, &into));
        let (head, keys) = read.await.map_err(|_| StoreError::Failed("copy"))??;
        let opened = Self { head, keys, folder };
        opened.settle().await?;
        Ok(opened)
    }

    pub async fn connect(&self) -> Result<SqliteConnection, StoreError> {
        connect(&database(&self.folder), self.keys.database(), false).await
    }

    /// Anybody can seal something for a public key. A database that defines anything else than ours is not touched
    /// further, and one of an earlier version is brought to this one.
    async fn settle(&self) -> Result<(), CopyFault> {
        let mut connection = self.connect().await?;
        let version = version(&mut connection).await?;
        if version > MIGRATIONS.len() {
            return Err(CopyFault::Newer);
        }
        let found = definitions(&mut connection).await?;
        if version == 0 || found != self.expected(version).await? {
            return Err(CopyFault::NotACopy);
        }
        let census = census(&mut connection).await?;
        verify(&mut connection, &census).await.map_err(|error| match error {
            StoreError::Failed("copy") => CopyFault::Damaged,
            error => error.into(),
        })?;
        connection.close().await.map_err(store_error)?;
        let key = self.keys.database().clone();
        Database::open(database(&self.folder), key, MIGRATIONS, false).await?.close().await;
        Ok(())
    }

    /// What a database of a version defines.
    async fn expected(&self, version: usize) -> Result<Definitions, CopyFault> {
        let path = self.folder.path().join("expected.db");
        let mut empty = Database::open(path, new_key()?, &MIGRATIONS[..version], true).await?;
        let mut connection = empty.lend().await?;
        let expected = definitions(&mut connection).await;
        let expected = empty.settle(connection, expected).await?;
        empty.close().await;
        Ok(expected)
    }
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("vault.db")
}

/// What a database holds that was copied.
pub(super) async fn contents(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    head: &Head,
    today: Date,
) -> Result<CopyContents, StoreError> {
    let drafts = drafts(connection, keys).await?;
    let unsent = |draft: &&Draft| is_unsent(draft);
    let mut damaged = count(connection, DRAFTS.table()).await?.saturating_sub(number(drafts.len()));
    for shelf in [&CALLS, &SUBMISSIONS, &OUTBOX] {
        for id in data_key::ids(connection, shelf.table()).await? {
            damaged += u32::from(shelf.get(connection, keys, id).await.is_err());
        }
    }
    for id in data_key::ids(connection, FILES.table()).await? {
        damaged += u32::from(file::get(connection, keys, id).await.is_err());
    }
    Ok(CopyContents {
        made_at: head.made_at,
        calls: count(connection, CALLS.table()).await?,
        drafts: count(connection, DRAFTS.table()).await?,
        unsent: number(drafts.iter().filter(unsent).count()),
        on_the_way: number(drafts.iter().filter(unsent).filter(|draft| is_on_the_way(draft)).count()),
        files: count(connection, FILES.table()).await?,
        damaged,
        last_day: head.last_day,
        past: number(past(connection, keys, today).await?.len()),
    })
}

/// Those that can be read.
async fn drafts(connection: &mut SqliteConnection, keys: &KeySet) -> Result<Vec<Draft>, StoreError> {
    let mut drafts = Vec::new();
    for id in data_key::ids(connection, DRAFTS.table()).await? {
        let body = DRAFTS.get(connection, keys, id).await;
        drafts.extend(body.ok().flatten().and_then(|body| from_json(&body).ok()));
    }
    Ok(drafts)
}

/// The drafts whose last day has passed, by the rule that ends a time on a worker's computer too: never what is on its way,
/// and never before the municipality has the contact record (ADR 10).
pub(super) async fn past(
    connection: &mut SqliteConnection,
    keys: &KeySet,
    today: Date,
) -> Result<Vec<Draft>, StoreError> {
    let mut past = drafts(connection, keys).await?;
    past.retain(|draft| !is_on_the_way(draft) && draft.kept_through() < today);
    let mut ended = Vec::new();
    for draft in past {
        let call = CALLS.get(connection, keys, draft.call_id).await.ok().flatten();
        let call: Option<Call> = call.and_then(|body| from_json(&body).ok());
        if call.is_some_and(|call| call.has_arrived()) {
            ended.push(draft);
        }
    }
    Ok(ended)
}

fn is_on_the_way(draft: &Draft) -> bool {
    !matches!(draft.state, CaseState::Editing | CaseState::Received { .. })
}

fn is_unsent(draft: &Draft) -> bool {
    draft.discarded_at.is_none() && !matches!(draft.state, CaseState::Received { .. })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
