//! What happens to cases after they were received.
//!
//! Each worker's changes are numbered under the lock of that worker's row, which lasts until the transaction is over:
//! who can read a number can read all lower ones, so a reader that has come to it has missed nothing. Numbers from a
//! sequence would not do: a transaction that took a lower one may end later.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ledsaga_protocol::{ChangeBody, ChangesBody, Message, Stage};
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};
use uuid::Uuid;

use super::{
    Store, now,
    rows::{parts, placeholders},
    signed, unsigned,
};

/// The most that one answer holds.
const PAGE: usize = 200;
const COLUMNS: usize = 7;

/// A change that gets its number when it is added.
pub(super) struct NewChange<'a> {
    pub id: Uuid,
    pub submission: Uuid,
    pub worker: &'a str,
    pub at: Timestamp,
    pub stage: Stage,
    pub message: Option<&'a Message>,
}

/// How far a reader has come: a change's number, and which one that was. Another one under this number means that the
/// database was set back; then the reader begins again, and knows by their ids what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    seq: u64,
    id: Uuid,
}

/// A case without its content, for whoever may see how it stands.
pub struct CaseStanding {
    pub submission: Uuid,
    pub worker: String,
    pub secrecy: bool,
    pub service: String,
    pub received_at: Timestamp,
}

pub enum Move {
    Moved,
    NoSuchCase,
    /// A case with a secrecy marking, of which nothing is said to be read aloud.
    MessageOnMarkedCase,
}

impl Cursor {
    /// As it was given out. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (seq, id) = bytes.split_at_checked(8)?;
        Some(Self { seq: u64::from_be_bytes(seq.try_into().ok()?), id: Uuid::from_slice(id).ok()? })
            .filter(|cursor| i64::try_from(cursor.seq).is_ok())
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes: Vec<u8> = self.seq.to_be_bytes().iter().chain(self.id.as_bytes()).copied().collect();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Store {
    /// What happened to a worker's cases after the cursor, oldest first.
    pub async fn changes(&self, worker: &str, cursor: Cursor) -> sqlx::Result<ChangesBody> {
        let after = self.trusted(worker, cursor).await?;
        let rows = sqlx::query(
            "SELECT case_change.id, case_change.submission, submission.case_number, case_change.at, case_change.stage, \
             case_change.message, case_change.seq FROM case_change \
             JOIN submission ON submission.id = case_change.submission \
             WHERE case_change.worker = $1 AND case_change.seq > $2 ORDER BY case_change.seq LIMIT $3",
        )
        .bind(worker.to_owned())
        .bind(signed(after.seq)?)
        .bind(signed(PAGE as u64 + 1)?)
        .fetch_all(&self.pool)
        .await?;
        let page = rows.get(..PAGE).unwrap_or(&rows);
        let changes = page.iter().map(change).collect::<sqlx::Result<Vec<_>>>()?;
        let cursor = match (page.last(), changes.last()) {
            (Some(row), Some(change)) => Cursor { seq: unsigned(row.try_get("seq")?)?, id: change.id },
            _ => after,
        };
        Ok(ChangesBody { changes, cursor: cursor.to_string(), more: rows.len() > PAGE })
    }

    /// The cursor, or the beginning when the database knows nothing of it.
    async fn trusted(&self, worker: &str, cursor: Cursor) -> sqlx::Result<Cursor> {
        if cursor.seq == 0 {
            return Ok(Cursor::default());
        }
        let row = sqlx::query(
            "SELECT worker.last_change, case_change.id FROM worker LEFT JOIN case_change \
             ON case_change.worker = worker.subject AND case_change.seq = $2 WHERE worker.subject = $1",
        )
        .bind(worker.to_owned())
        .bind(signed(cursor.seq)?)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(Cursor::default()) };
        let known = match row.try_get::<Option<String>, _>("id")? {
            Some(id) => id == cursor.id.to_string(),
            // Gone together with its case, unless it was never there.
            None => cursor.seq <= unsigned(row.try_get("last_change")?)?,
        };
        Ok(if known { cursor } else { Cursor::default() })
    }

    pub async fn case_standing(&self, case_number: &str) -> sqlx::Result<Option<CaseStanding>> {
        sqlx::query(
            "SELECT id, worker, secrecy, service_id, received_at FROM submission WHERE case_number = $1",
        )
        .bind(case_number.to_owned())
        .fetch_optional(&self.pool)
        .await?
        .map(|row| {
            Ok(CaseStanding {
                submission: id(&row, "id")?,
                worker: row.try_get("worker")?,
                secrecy: row.try_get::<i64, _>("secrecy")? != 0,
                service: row.try_get("service_id")?,
                received_at: time(&row, "received_at")?,
            })
        })
        .transpose()
    }

    /// What happened to one case, oldest first; nothing for the nil id.
    pub async fn changes_of(&self, submission: Uuid) -> sqlx::Result<Vec<ChangeBody>> {
        sqlx::query(
            "SELECT case_change.id, case_change.submission, submission.case_number, case_change.at, case_change.stage, \
             case_change.message FROM case_change JOIN submission ON submission.id = case_change.submission \
             WHERE case_change.submission = $1 ORDER BY case_change.seq",
        )
        .bind(submission.to_string())
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(change)
        .collect()
    }

    /// A case officer's move.
    pub async fn move_case(
        &self,
        case_number: &str,
        stage: Stage,
        message: Option<&Message>,
    ) -> sqlx::Result<Move> {
        let Some(case) = self.case_standing(case_number).await? else { return Ok(Move::NoSuchCase) };
        if case.secrecy && message.is_some() {
            return Ok(Move::MessageOnMarkedCase);
        }
        let change = NewChange {
            id: Uuid::now_v7(),
            submission: case.submission,
            worker: &case.worker,
            at: now(),
            stage,
            message,
        };
        let mut writing = self.write().await?;
        let touched = add(&mut writing.transaction, &[change]).await?;
        self.announce(&mut writing.transaction, &touched).await?;
        writing.commit().await?;
        self.bell.ring(&touched);
        Ok(Move::Moved)
    }
}

/// Adds changes under the next numbers of their workers, and says whose they are.
pub(super) async fn add(
    connection: &mut AnyConnection,
    changes: &[NewChange<'_>],
) -> sqlx::Result<Vec<String>> {
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    for change in changes {
        *own.entry(change.worker).or_default() += 1;
    }
    // In one order, so that two transactions never wait for each other.
    let own: Vec<(&str, u64)> = own.into_iter().collect();
    let mut last: HashMap<String, i64> = HashMap::with_capacity(own.len());
    for part in parts(&own) {
        let sql = format!(
            "INSERT INTO worker (subject, last_change) VALUES {} ON CONFLICT (subject) \
             DO UPDATE SET last_change = worker.last_change + excluded.last_change RETURNING subject, last_change",
            placeholders(part.len(), 2)
        );
        let mut count = sqlx::query(AssertSqlSafe(sql));
        for (worker, changes) in part {
            count = count.bind((*worker).to_owned()).bind(signed(*changes)?);
        }
        for row in count.fetch_all(&mut *connection).await? {
            last.insert(row.try_get("subject")?, row.try_get("last_change")?);
        }
    }
    let mut before: HashMap<&str, i64> = HashMap::with_capacity(own.len());
    for (worker, changes) in &own {
        let last = last.get(*worker).ok_or(sqlx::Error::RowNotFound)?;
        before.insert(worker, last - signed(*changes)?);
    }
    for part in parts(changes) {
        let sql = format!(
            "INSERT INTO case_change (id, submission, worker, seq, at, stage, message) VALUES {}",
            placeholders(part.len(), COLUMNS)
        );
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for change in part {
            let seq = before.get_mut(change.worker).ok_or(sqlx::Error::RowNotFound)?;
            *seq += 1;
            insert = insert
                .bind(change.id.to_string())
                .bind(change.submission.to_string())
                .bind(change.worker.to_owned())
                .bind(*seq)
                .bind(change.at.to_string())
                .bind(stage_name(change.stage)?)
                .bind(change.message.map(|message| message.0.clone()));
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(own.into_iter().map(|(worker, _)| worker.to_owned()).collect())
}

fn change(row: &AnyRow) -> sqlx::Result<ChangeBody> {
    let stage: String = row.try_get("stage")?;
    Ok(ChangeBody {
        id: id(row, "id")?,
        submission: id(row, "submission")?,
        case_number: row.try_get("case_number")?,
        at: time(row, "at")?,
        stage: serde_json::from_value(stage.into()).map_err(|e| sqlx::Error::Decode(e.into()))?,
        message: row.try_get::<Option<String>, _>("message")?.map(Message),
    })
}

/// As on the wire.
fn stage_name(stage: Stage) -> sqlx::Result<String> {
    let name = serde_json::to_value(stage).map_err(|e| sqlx::Error::Encode(e.into()))?;
    name.as_str().map(str::to_owned).ok_or_else(|| sqlx::Error::Encode("a stage without a name".into()))
}

fn id(row: &AnyRow, column: &str) -> sqlx::Result<Uuid> {
    row.try_get::<String, _>(column)?.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

fn time(row: &AnyRow, column: &str) -> sqlx::Result<Timestamp> {
    row.try_get::<String, _>(column)?.parse().map_err(|e: jiff::Error| sqlx::Error::Decode(e.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written_and_nothing_else_does() {
        let cursor = Cursor { seq: 7, id: Uuid::now_v7() };
        let text = cursor.to_string();
        assert_eq!(Cursor::parse(&text), Some(cursor));
        assert!(text.is_ascii() && text.len() <= 200);
        let negative = Cursor { seq: u64::MAX, ..cursor }.to_string();
        for wrong in ["", "7", "åäö", &text[1..], &format!("{text}AAAA"), &negative] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}
