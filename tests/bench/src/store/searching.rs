//! The search index beside plain SQLite: the same words of the same documents in one FTS5 table without a key. Both
//! answer each query in turn.

use std::{path::Path, time::Instant};

use anyhow::{Result, ensure};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, civil::date};
use ledsaga_core::search::{Field, Pattern, Query, SearchDocument, spellings};
use ledsaga_vault::SearchIndex;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use uuid::Uuid;

use super::words::Vocabulary;
use crate::{
    goals::Figure,
    stats::{Times, elapsed},
};

const ROUNDS: usize = 300;

const SLOW: &str = "What is left, by a profile: a word that seldom is has to be sought in each of 52 tables of a week, \
    and a beginning of four letters or more gathers the lists of all its words. Decryption is an eighth, and a cache \
    of 32 MB in place of 8 takes off a fifth. On a machine with others at work the tail is the wait for a processor, \
    twice for each search, to SQLite's thread and back; it is the same beside it.";

const TABLES: &str = "
    CREATE TABLE document (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, call BLOB NOT NULL) STRICT;
    CREATE INDEX document_call ON document (call);
    CREATE VIRTUAL TABLE words USING fts5 (
      case_number, service, caller_name, phone, asked_for, note, answer,
      tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0
    );
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);";

type Make = fn(&mut Rng, &Vocabulary) -> String;
const QUERIES: [(&str, Make); 6] = [
    ("two letters", |rng, v| v.word(rng).chars().take(2).collect()),
    ("a word, as common as in texts", |rng, v| v.word(rng).to_owned()),
    ("one of the 20 most common words", |rng, v| v.words[rng.usize(..20)].clone()),
    ("a rare word", |rng, v| v.words[10_000 + rng.usize(..10_000)].clone()),
    ("two words", |rng, v| format!("{} {}", v.word(rng), v.word(rng))),
    ("a word and a day", |rng, v| format!("{} {}/3", v.word(rng), 1 + rng.u32(..28))),
];

pub async fn measure(dir: &Path, count: usize) -> Result<Vec<Figure>> {
    let rng = &mut Rng::with_seed(5);
    let vocabulary = Vocabulary::new(20_000);
    let index = SearchIndex::open(dir).await?;
    let mut plain = Plain::open(&dir.join("plain-search.db")).await?;
    // The same time for any number of them: a year.
    let step = i64::try_from(365 * 24 * 3_600 * 1_000 / count)?;
    let mut at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    for _ in 0..count / SearchIndex::BATCH {
        let documents: Vec<SearchDocument> = (0..SearchIndex::BATCH)
            .map(|_| {
                at += SignedDuration::from_millis(1 + rng.i64(0..2 * step));
                document(rng, &vocabulary, at)
            })
            .collect();
        plain.put_all(&documents).await?;
        index.put_all(documents).await?;
    }
    let mut figures = Vec::new();
    for (name, make) in QUERIES {
        let (mut own, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let query = Query::parse(&make(rng, &vocabulary), date(2026, 11, 24));
            let mut found = [0; 2];
            for turn in 0..2 {
                let start = Instant::now();
                if (round + turn) % 2 == 0 {
                    found[0] = index.find(&query).await?.len();
                    own.push(elapsed(start));
                } else {
                    found[1] = plain.find(&query).await?;
                    theirs.push(elapsed(start));
                }
            }
            ensure!(found[0] == found[1], "they find {} and {}", found[0], found[1]);
        }
        let (own, theirs) = (Times::of(own)?, Times::of(theirs)?);
        figures.push(
            Figure::compared(format!("search among {count}: {name} (ratio of p99)"), &own, &theirs)
                .ratio(own.p99 as f64 / theirs.p99 as f64)
                .within(own.p99, 20.0, SLOW)
                .at_most(3.0, SLOW),
        );
    }
    index.close().await;
    Ok(figures)
}

fn document(rng: &mut Rng, vocabulary: &Vocabulary, at: Timestamp) -> SearchDocument {
    SearchDocument {
        draft: Some(Uuid::now_v7()),
        call: Uuid::now_v7(),
        at,
        texts: vec![
            (Field::CaseNumber, format!("EXB-2026-{:04X}-{:02X}", rng.u16(..), rng.u8(..))),
            (Field::Service, vocabulary.words[rng.usize(..60)].clone()),
            (Field::CallerName, vocabulary.text(rng, 16)),
            (Field::Phone, format!("070-1740{}", rng.u32(605..700))),
            (Field::AskedFor, vocabulary.text(rng, 60)),
            (Field::Note, vocabulary.text(rng, 600)),
            (Field::Answer, vocabulary.text(rng, 3_300)),
        ],
    }
}

struct Plain {
    connection: SqliteConnection,
}

impl Plain {
    async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-8192")
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        sqlx::raw_sql(TABLES).execute(&mut connection).await?;
        Ok(Self { connection })
    }

    async fn put_all(&mut self, documents: &[SearchDocument]) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        for document in documents {
            let number = document.at.as_millisecond();
            sqlx::query("INSERT INTO document (number, id, call) VALUES (?, ?, ?)")
                .bind(number)
                .bind(document.id().as_bytes().as_slice())
                .bind(document.call.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
            let mut words = sqlx::query(
                "INSERT INTO words (rowid, case_number, service, caller_name, phone, asked_for, note, answer) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(number);
            for (_, text) in &document.texts {
                words = words.bind(spellings(text).join(" "));
            }
            words.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn find(&mut self, query: &Query) -> Result<usize> {
        let (from, to) = query
            .days()
            .and_then(|days| days.times())
            .map_or((i64::MIN, i64::MAX), |times| (times.start.as_millisecond(), times.end.as_millisecond()));
        let words: Vec<String> = query.words().iter().map(expression).collect();
        let rows = sqlx::query(
            "SELECT document.id, document.call, case_number, service, caller_name, phone, asked_for, note, answer \
             FROM words CROSS JOIN document ON document.number = words.rowid \
             WHERE words.rowid >= ?1 AND words.rowid < ?2 AND words MATCH ?3 ORDER BY words.rowid DESC LIMIT 50",
        )
        .bind(from)
        .bind(to)
        .bind(words.join(" AND "));
        Ok(rows.fetch_all(&mut self.connection).await?.len())
    }
}

fn expression(pattern: &Pattern) -> String {
    let joined = |patterns: &[Pattern], between| {
        let words: Vec<String> = patterns.iter().map(expression).collect();
        format!("({})", words.join(between))
    };
    match pattern {
        Pattern::Is(word) => format!("\"{word}\""),
        Pattern::Begins(word) => format!("\"{word}\"*"),
        Pattern::Any(patterns) => joined(patterns, " OR "),
        Pattern::All(patterns) => joined(patterns, " AND "),
    }
}
