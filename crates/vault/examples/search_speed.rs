//! How fast the search is among many documents of 4 KB, beside plain SQLite: the same words of the same documents in one
//! FTS5 table without a key. Both answer each query in turn, in the same run.
//!
//! `cargo run --release -p ledsaga-vault --example search_speed -- 100000`
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal")]

use std::{fs, path::Path, time::Instant};

use jiff::{SignedDuration, Timestamp, civil::date};
use ledsaga_core::search::{Field, Pattern, Query, SearchDocument, spellings};
use ledsaga_vault::SearchIndex;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use uuid::Uuid;

const ROUNDS: usize = 400;

/// The same numbers each run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Made of Swedish parts, the first ones far more common than the last, as in any text.
struct Vocabulary {
    words: Vec<String>,
    sums: Vec<f64>,
}

const PARTS: &str = "fär tjänst an sök bo stad bil kort hem vår den som det för att med pla skol bar nog rör lse hin der \
    kom mun en dag be slut ut ska in tra fik vat ten av lopp par ke gran ne väg sjö hus lån vå ung kul tur mil jö";
const ENDINGS: &str = "a an or en ar arna et er erna ning ningen t s e";

impl Vocabulary {
    fn new(random: &mut Random, size: usize) -> Self {
        let parts: Vec<&str> = PARTS.split_whitespace().collect();
        let endings: Vec<&str> = ENDINGS.split(' ').collect();
        let words = (0..size)
            .map(|_| {
                let mut word: String =
                    (0..=random.below(3)).map(|_| parts[random.below(parts.len())]).collect();
                if random.below(2) == 0 {
                    word.push_str(endings[random.below(endings.len())]);
                }
                word
            })
            .collect();
        let sums = (1..=size).scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        });
        Self { words, sums: sums.collect() }
    }

    fn word(&self, random: &mut Random) -> &str {
        let at = (random.next() >> 11) as f64 / (1_u64 << 53) as f64 * self.sums[self.sums.len() - 1];
        &self.words[self.sums.partition_point(|sum| *sum < at).min(self.words.len() - 1)]
    }

    fn text(&self, random: &mut Random, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            text.push_str(self.word(random));
            text.push(' ');
        }
        text
    }
}

fn document(random: &mut Random, vocabulary: &Vocabulary, at: Timestamp) -> SearchDocument {
    let text = |random: &mut Random, bytes| vocabulary.text(random, bytes);
    SearchDocument {
        draft: Some(Uuid::now_v7()),
        call: Uuid::now_v7(),
        at,
        texts: vec![
            (Field::CaseNumber, format!("EXB-2026-{:04X}-{:02X}", random.below(65_536), random.below(256))),
            (Field::Service, vocabulary.words[random.below(60)].clone()),
            (Field::CallerName, text(random, 16)),
            (
                Field::Phone,
                format!("070-{:03} {:02} {:02}", random.below(1000), random.below(100), random.below(100)),
            ),
            (Field::AskedFor, text(random, 60)),
            (Field::Note, text(random, 600)),
            (Field::Answer, text(random, 3_300)),
        ],
    }
}

/// The same without a key.
struct Plain {
    connection: SqliteConnection,
}

impl Plain {
    async fn open(path: &Path) -> Self {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
            .pragma("secure_delete", "ON")
            .pragma("cache_size", "-8192")
            .disable_statement_logging()
            .connect()
            .await
            .unwrap();
        let tables = "CREATE TABLE document (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, call BLOB NOT NULL) STRICT;
            CREATE INDEX document_call ON document (call);
            CREATE VIRTUAL TABLE words USING fts5 (
              case_number, service, caller_name, phone, asked_for, note, answer,
              tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0
            );
            INSERT INTO words (words, rank) VALUES ('secure-delete', 1);";
        sqlx::raw_sql(tables).execute(&mut connection).await.unwrap();
        Self { connection }
    }

    async fn put_all(&mut self, documents: &[SearchDocument]) {
        let mut transaction = self.connection.begin().await.unwrap();
        for document in documents {
            let number = document.at.as_millisecond();
            sqlx::query("INSERT INTO document (number, id, call) VALUES (?, ?, ?)")
                .bind(number)
                .bind(document.id().as_bytes().as_slice())
                .bind(document.call.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await
                .unwrap();
            let mut words = sqlx::query(
                "INSERT INTO words (rowid, case_number, service, caller_name, phone, asked_for, note, answer) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(number);
            for (_, text) in &document.texts {
                words = words.bind(spellings(text).join(" "));
            }
            words.execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    async fn put_again(&mut self, document: &SearchDocument) {
        for sql in ["DELETE FROM words WHERE rowid = ?", "DELETE FROM document WHERE number = ?"] {
            sqlx::query(sql).bind(document.at.as_millisecond()).execute(&mut self.connection).await.unwrap();
        }
        self.put_all(std::slice::from_ref(document)).await;
    }

    async fn find(&mut self, query: &Query) -> usize {
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
        rows.fetch_all(&mut self.connection).await.unwrap().len()
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

fn beginning(word: &str, letters: usize) -> String {
    word.chars().take(letters).collect()
}

fn quantile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * part).round() as usize]
}

fn row(name: &str, mut ours: Vec<f64>, mut plain: Vec<f64>, hits: usize) {
    let (median, worst) = (quantile(&mut ours, 0.5), quantile(&mut ours, 0.99));
    let (plain_median, plain_worst) = (quantile(&mut plain, 0.5), quantile(&mut plain, 0.99));
    println!(
        "| {name} | {median:.2} | {worst:.2} | {:.2} | {plain_median:.2} | {plain_worst:.2} | {:.2}x | {:.2}x | {hits} |",
        quantile(&mut ours, 1.0),
        median / plain_median,
        worst / plain_worst,
    );
}

/// Milliseconds since some moment: of the clock, or with `--cpu` of this process alone, for a busy machine (Linux).
fn now() -> f64 {
    use std::sync::OnceLock;
    static START: OnceLock<(Instant, bool)> = OnceLock::new();
    let (start, cpu) =
        START.get_or_init(|| (Instant::now(), std::env::args().any(|argument| argument == "--cpu")));
    if !cpu {
        return start.elapsed().as_secs_f64() * 1e3;
    }
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let times = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        times.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let (count, batch) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(SearchIndex::BATCH));
    let dir = tempfile::tempdir_in(".").unwrap();
    let random = &mut Random(0x2545_F491_4F6C_DD1D);
    let vocabulary = Vocabulary::new(random, 20_000);
    let index = SearchIndex::open(dir.path()).await.unwrap();
    let mut plain = Plain::open(&dir.path().join("plain.db")).await;

    let mut at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut some = Vec::new();
    let mut bytes = 0;
    for _ in 0..count / batch {
        let documents: Vec<SearchDocument> = (0..batch)
            .map(|_| {
                at += SignedDuration::from_millis(1_000 + random.below(480_000) as i64);
                document(random, &vocabulary, at)
            })
            .collect();
        bytes += documents.iter().flat_map(|d| &d.texts).map(|(_, text)| text.len()).sum::<usize>();
        some.push(documents[0].clone());
        let start = now();
        plain.put_all(&documents).await;
        theirs.push(now() - start);
        let start = now();
        index.put_all(documents).await.unwrap();
        ours.push(now() - start);
    }
    let rate = |times: &[f64]| count as f64 / times.iter().sum::<f64>() * 1e3;
    let size = |name| fs::metadata(dir.path().join(name)).unwrap().len() / 1_000_000;
    println!(
        "{count} documents of {} bytes; file {} MB, plain {} MB",
        bytes / count,
        size("search.db"),
        size("plain.db")
    );
    println!("filled at {:.0} documents/s, plain {:.0}/s", rate(&ours), rate(&theirs));
    println!(
        "| in ms | median | p99 | most | plain median | plain p99 | ratio | ratio p99 | hits |\n|---|---|---|---|---|---|---|---|---|"
    );
    row(&format!("put {batch} at once"), ours, theirs, 0);

    let today = date(2026, 11, 24);
    type Make = fn(&mut Random, &Vocabulary) -> String;
    let kinds: [(&str, Make); 8] = [
        ("two letters", |random, v| beginning(v.word(random), 2)),
        ("three letters", |random, v| beginning(v.word(random), 3)),
        ("five letters", |random, v| beginning(v.word(random), 5)),
        ("a word, as common as in texts", |random, v| v.word(random).to_owned()),
        ("one of the 20 most common words", |random, v| v.words[random.below(20)].clone()),
        ("a rare word", |random, v| v.words[10_000 + random.below(10_000)].clone()),
        ("two words", |random, v| format!("{} {}", v.word(random), v.word(random))),
        ("a word and a day", |random, v| format!("{} {}/3", v.word(random), 1 + random.below(28))),
    ];
    for (name, make) in kinds {
        let (mut ours, mut theirs, mut hits) = (Vec::new(), Vec::new(), 0);
        for round in 0..ROUNDS {
            let query = Query::parse(&make(random, &vocabulary), today);
            let mut found = [0; 2];
            for turn in 0..2 {
                let start = now();
                if (round + turn) % 2 == 0 {
                    found[0] = index.find(&query).await.unwrap().len();
                    ours.push(now() - start);
                } else {
                    found[1] = plain.find(&query).await;
                    theirs.push(now() - start);
                }
            }
            assert_eq!(found[0], found[1]);
            hits += found[0];
        }
        row(name, ours, theirs, hits / ROUNDS);
    }

    let mut again = Vec::new();
    let mut removed = Vec::new();
    for (round, document) in some.iter().take(ROUNDS).enumerate() {
        let start = now();
        if round % 2 == 0 {
            index.put(document.clone()).await.unwrap();
            again.push(now() - start);
        } else {
            index.remove_call(document.call).await.unwrap();
            removed.push(now() - start);
        }
    }
    let mut plain_again = Vec::new();
    for document in some.iter().take(20) {
        let start = now();
        plain.put_again(document).await;
        plain_again.push(now() - start);
    }
    for (name, mut times) in
        [("put one again in one plain table", plain_again), ("put one again", again), ("remove one", removed)]
    {
        println!(
            "{name}: median {:.1} ms, p99 {:.1} ms",
            quantile(&mut times, 0.5),
            quantile(&mut times, 0.99)
        );
    }
    index.close().await;
}
