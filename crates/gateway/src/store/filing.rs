//! Making cases of submissions.
//!
//! Whoever comes while a filing is under way waits, and all who wait are then filed in one transaction: a year's series
//! of case numbers lets only one transaction at a time past it, and a disk does not write more often because more
//! are asking.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use ledsaga_forms::FileRef;
use ledsaga_protocol::{ReceiptBody, Stage};
use sqlx::{AssertSqlSafe, Row};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Filed, Store,
    change::{self, NewChange},
    hindrance::{Statement, bind_file, ids, outdated, used, with_ids},
    now,
    rows::{parts, placeholders},
    signed,
    submission::Fate,
    unsigned,
};
use crate::{case_number, judgement::stockholm, signing::KeyError};

/// The most that are filed in one transaction. The first of them waits for the last one's statements.
const LARGEST_BATCH: usize = 64;
/// Values of one row of `submission`.
const COLUMNS: usize = 13;

/// A submission that has been judged and may be filed.
pub struct Filing {
    pub id: Uuid,
    /// SHA-256 of `body`, lower-case hex.
    pub digest: String,
    /// As it arrived.
    pub body: Vec<u8>,
    pub contact: Uuid,
    pub service_id: String,
    pub service_version: u32,
    /// Of the definition that the answers were judged by.
    pub service_hash: String,
    /// JSON.
    pub answers: String,
    pub secrecy: bool,
    /// The worker's subject.
    pub worker: String,
    /// Files that the answers name.
    pub files: Vec<FileRef>,
    /// Paths of required questions without an answer.
    pub to_supplement: Vec<String>,
    pub case_prefix: String,
    /// Signs the receipt with this case number and time of arrival.
    pub prove: Prove,
}

pub type Prove = Box<dyn Fn(&str, Timestamp) -> Result<String, KeyError> + Send + Sync>;

pub enum FilingOutcome {
    New(ReceiptBody),
    /// The id was taken already.
    Known(Filed),
    /// This worker's or another's tombstone is in its place.
    Withdrawn {
        worker: String,
    },
    /// The e-service is not, or no longer, published as the answers were judged by it.
    ServiceChanged,
    /// A file that the answers name is not here whole.
    AttachmentMissing,
}

/// Those who wait to be filed.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    filing: Filing,
    /// When it was received; the series is that of this time's year.
    received_at: Timestamp,
    tell: oneshot::Sender<sqlx::Result<FilingOutcome>>,
}

/// A batch is filed whole, or it is said who cannot be in it.
enum Attempt {
    Filed(Vec<ReceiptBody>),
    Without(Vec<(Uuid, Obstacle)>),
}

enum Obstacle {
    Taken,
    Withdrawn(String),
    ServiceChanged,
    AttachmentMissing,
}

impl Queue {
    /// The first ones that can be filed together: of one year, and no id twice.
    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch: Vec<Waiting> = Vec::new();
        let mut later = Vec::new();
        for one in waiting.drain(..) {
            let fits = batch.len() < LARGEST_BATCH
                && batch.first().is_none_or(|first| year(first.received_at) == year(one.received_at))
                && batch.iter().all(|other| other.filing.id != one.filing.id);
            if fits { batch.push(one) } else { later.push(one) }
        }
        *waiting = later;
        batch
    }
}

impl Store {
    /// Makes a case of a submission, or finds that it is one already: all in one transaction, so that an id has
    /// one case or none.
    ///
    /// # Errors
    /// The database's, or [`sqlx::Error::Encode`] when the receipt cannot be signed or the year is full.
    pub async fn file(&self, filing: Filing) -> sqlx::Result<FilingOutcome> {
        let (tell, told) = oneshot::channel();
        let one = Waiting { filing, received_at: now(), tell };
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        // A task of its own for each: a client that hangs up takes nobody else's filing with it, and there are always
        // as many tasks to come as submissions that wait.
        let store = self.clone();
        tokio::spawn(async move { store.file_next().await });
        told.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    async fn file_next(&self) {
        let _turn = self.queue.turn.lock().await;
        let mut batch = self.queue.take();
        while !batch.is_empty() {
            match self.file_together(&batch).await {
                Ok(Attempt::Filed(receipts)) => {
                    for (one, receipt) in batch.drain(..).zip(receipts) {
                        let _ = one.tell.send(Ok(FilingOutcome::New(receipt)));
                    }
                }
                Ok(Attempt::Without(obstacles)) => {
                    for (id, obstacle) in obstacles {
                        let Some(place) = batch.iter().position(|one| one.filing.id == id) else { continue };
                        let one = batch.swap_remove(place);
                        let _ = one.tell.send(self.outcome(id, obstacle).await);
                    }
                }
                Err(error) if batch.len() > 1 && error.as_database_error().is_some() => {
                    self.file_each(std::mem::take(&mut batch)).await;
                }
                Err(error) => give_up(std::mem::take(&mut batch), error),
            }
        }
    }

    /// One of them is what the database does not take; the others are not to suffer for it.
    async fn file_each(&self, batch: Vec<Waiting>) {
        let mut rest = batch.into_iter();
        while let Some(one) = rest.next() {
            match self.file_together(std::slice::from_ref(&one)).await {
                Ok(Attempt::Filed(receipts)) => {
                    let receipt = receipts.into_iter().next().ok_or(sqlx::Error::RowNotFound);
                    let _ = one.tell.send(receipt.map(FilingOutcome::New));
                }
                Ok(Attempt::Without(obstacles)) => {
                    let outcome = match obstacles.into_iter().next() {
                        Some((id, obstacle)) => self.outcome(id, obstacle).await,
                        None => Err(sqlx::Error::RowNotFound),
                    };
                    let _ = one.tell.send(outcome);
                }
                Err(error) if error.as_database_error().is_some() => {
                    let _ = one.tell.send(Err(error));
                }
                Err(error) => {
                    give_up(std::iter::once(one).chain(rest).collect(), error);
                    return;
                }
            }
        }
    }

    async fn outcome(&self, id: Uuid, obstacle: Obstacle) -> sqlx::Result<FilingOutcome> {
        match obstacle {
            Obstacle::Withdrawn(worker) => Ok(FilingOutcome::Withdrawn { worker }),
            Obstacle::ServiceChanged => Ok(FilingOutcome::ServiceChanged),
            Obstacle::AttachmentMissing => Ok(FilingOutcome::AttachmentMissing),
            Obstacle::Taken => match self.fate(id).await? {
                Some(Fate::Filed(filed)) => Ok(FilingOutcome::Known(filed)),
                Some(Fate::Withdrawn { worker }) => Ok(FilingOutcome::Withdrawn { worker }),
                None => Err(sqlx::Error::RowNotFound),
            },
        }
    }

    async fn file_together(&self, batch: &[Waiting]) -> sqlx::Result<Attempt> {
        let Some(first) = batch.first() else { return Ok(Attempt::Filed(Vec::new())) };
        // Most of those that cannot be filed are found before the year is locked, so that the others need not be tried
        // twice. One that is used up is known as what it is, whatever has become of its e-service.
        let mut connection = self.pool.acquire().await?;
        let filings: Vec<&Filing> = batch.iter().map(|one| &one.filing).collect();
        let used = used(&mut connection, &filings).await?;
        if !used.is_empty() {
            return Ok(Attempt::Without(used.into_iter().map(|id| (id, Obstacle::Taken)).collect()));
        }
        let outdated = outdated(&mut connection, &filings).await?;
        if !outdated.is_empty() {
            return Ok(Attempt::Without(
                outdated.into_iter().map(|id| (id, Obstacle::ServiceChanged)).collect(),
            ));
        }
        drop(connection);
        let mut fresh_secret = vec![0; 16];
        getrandom::fill(&mut fresh_secret).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;

        let mut writing = self.write().await?;
        let connection = &mut *writing.transaction;
        let year = year(first.received_at);
        // Rolled back with the rest, so the series has no gaps. In PostgreSQL the row's lock lets one transaction at a
        // time past this point, on whatever gateway.
        let series = sqlx::query(
            "INSERT INTO case_series (year, last, secret) VALUES ($1, $2, $3) \
             ON CONFLICT (year) DO UPDATE SET last = case_series.last + excluded.last RETURNING last, secret",
        )
        .bind(i64::from(year))
        .bind(signed(batch.len() as u64)?)
        .bind(fresh_secret)
        .fetch_one(&mut *connection)
        .await?;
        let secret: Vec<u8> = series.try_get("secret")?;
        let before = unsigned(series.try_get("last")?)? - batch.len() as u64;

        let mut receipts = Vec::with_capacity(batch.len());
        for (ordinal, one) in (before + 1..).zip(batch) {
            receipts.push(receipt(one, year, ordinal, &secret)?);
        }
        let mut inserted = Vec::with_capacity(batch.len());
        for (part, receipts) in parts(batch).zip(parts(&receipts)) {
            let sql = format!(
                "INSERT INTO submission (id, digest, body, contact, service_id, service_version, answers, secrecy, \
                 worker, case_number, received_at, to_supplement, proof) VALUES {} \
                 ON CONFLICT (id) DO NOTHING RETURNING id",
                placeholders(part.len(), COLUMNS)
            );
            let mut insert = sqlx::query(AssertSqlSafe(sql));
            for (one, receipt) in part.iter().zip(receipts) {
                insert = bind(insert, &one.filing, receipt)?;
            }
            inserted.extend(ids(&insert.fetch_all(&mut *connection).await?)?);
        }
        let mut obstacles = Vec::new();
        if inserted.len() < batch.len() {
            let taken = batch.iter().map(|one| one.filing.id).filter(|id| !inserted.contains(id));
            obstacles.extend(taken.map(|id| (id, Obstacle::Taken)));
        }

        // After the rows are in: a withdrawal that came first is over by now, and one that comes later waits for them.
        let rows = with_ids(&filings, |list| {
            format!("SELECT submission AS id, worker FROM tombstone WHERE submission IN {list}")
        })
        .fetch_all(&mut *connection)
        .await?;
        for (id, row) in ids(&rows)?.into_iter().zip(&rows) {
            obstacles.push((id, Obstacle::Withdrawn(row.try_get("worker")?)));
        }

        for one in batch {
            let mut whole = true;
            for file in &one.filing.files {
                whole &= bind_file(connection, &one.filing, file).await?;
            }
            if !whole {
                obstacles.push((one.filing.id, Obstacle::AttachmentMissing));
            }
        }
        if !obstacles.is_empty() {
            writing.rollback().await?;
            return Ok(Attempt::Without(obstacles));
        }

        // A case that was frozen before protection was turned on comes without the marking that its contact record has.
        let marking = with_ids(&filings, |list| {
            format!(
                "UPDATE submission SET secrecy = 1 WHERE id IN {list} AND secrecy = 0 AND EXISTS (SELECT 1 FROM contact \
                 WHERE contact.id = submission.contact AND contact.worker = submission.worker AND contact.secrecy = 1)"
            )
        });
        marking.execute(&mut *connection).await?;

        let changes: Vec<NewChange<'_>> = batch
            .iter()
            .map(|one| NewChange {
                id: one.filing.id,
                submission: one.filing.id,
                worker: &one.filing.worker,
                at: one.received_at,
                stage: Stage::Received,
                message: None,
            })
            .collect();
        let touched = change::add(connection, &changes).await?;
        self.announce(connection, &touched).await?;
        writing.commit().await?;
        self.bell.ring(&touched);
        Ok(Attempt::Filed(receipts))
    }
}

fn year(time: Timestamp) -> i16 {
    time.to_zoned(stockholm()).year()
}

/// All of them are told to come again; why is said to the first alone, since an error cannot be doubled.
fn give_up(batch: Vec<Waiting>, error: sqlx::Error) {
    let mut error = Some(error);
    for one in batch {
        let error = error
            .take()
            .unwrap_or_else(|| std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into());
        let _ = one.tell.send(Err(error));
    }
}

fn receipt(one: &Waiting, year: i16, ordinal: u64, secret: &[u8]) -> sqlx::Result<ReceiptBody> {
    let (filing, received_at) = (&one.filing, one.received_at);
    let case_number = case_number::format(&filing.case_prefix, year, ordinal, secret)
        .ok_or_else(|| sqlx::Error::Encode("the case numbers of this year are used up".into()))?;
    let proof = (filing.prove)(&case_number, received_at).map_err(|e| sqlx::Error::Encode(e.into()))?;
    Ok(ReceiptBody {
        submission: filing.id,
        digest: filing.digest.clone(),
        case_number,
        received_at,
        to_supplement: filing.to_supplement.clone(),
        proof,
    })
}

fn bind(insert: Statement, filing: &Filing, receipt: &ReceiptBody) -> sqlx::Result<Statement> {
    let to_supplement =
        serde_json::to_string(&filing.to_supplement).map_err(|e| sqlx::Error::Encode(e.into()))?;
    Ok(insert
        .bind(filing.id.to_string())
        .bind(filing.digest.clone())
        .bind(filing.body.clone())
        .bind(filing.contact.to_string())
        .bind(filing.service_id.clone())
        .bind(i64::from(filing.service_version))
        .bind(filing.answers.clone())
        .bind(i64::from(filing.secrecy))
        .bind(filing.worker.clone())
        .bind(receipt.case_number.clone())
        .bind(receipt.received_at.to_string())
        .bind(to_supplement)
        .bind(receipt.proof.clone()))
}
