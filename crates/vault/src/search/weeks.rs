//! A table of words for each week.
//!
//! Removing a document for good (`secure-delete`) walks through the lists of its words, and a beginning of four letters
//! or more gathers the lists of all words that begin so. In one table both cost more with every document there ever was;
//! so they cost as much as a week has, and a search that has found enough never looks at the weeks before.

use std::ops::Range;

use ledsaga_core::error::StoreError;
use sqlx::{
    AssertSqlSafe, SqliteConnection,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::MOST_HITS;
use crate::error::store_error;

/// Bytes of what FTS5 reads and writes in one. SQLCipher keeps 80 bytes of each page of 4,096 for itself: with FTS5's
/// usual 4,050 each would lie in two pages, and twice as much would have to be decrypted.
const LEAF: u32 = 3_900;

/// Weeks that are looked through by one statement; SQLite allows 500.
const TOGETHER: usize = 60;

/// Milliseconds.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;

pub(super) fn week(number: i64) -> i64 {
    number.div_euclid(WEEK)
}

/// Quoted, since a week before 1970 has a sign.
pub(super) fn table(week: i64) -> String {
    format!("\"words_{week}\"")
}

/// What the table of a week has been made of.
fn texts(week: i64) -> String {
    format!("\"texts_{week}\"")
}

/// Makes the table of a week unless there is one.
pub(super) async fn make(connection: &mut SqliteConnection, week: i64) -> Result<(), StoreError> {
    let made = sqlx::query("INSERT OR IGNORE INTO week (week) VALUES (?)").bind(week);
    if made.execute(&mut *connection).await.map_err(store_error)?.rows_affected() == 0 {
        return Ok(());
    }
    let (table, texts, since) = (table(week), texts(week), week.saturating_mul(WEEK));
    // What core calls letters and digits is a token for `ascii`. Without `secure-delete` the words of a removed document
    // stay in the file; it has no effect with `contentless_delete`. The words of a row are read anew when it is removed.
    let sql = format!(
        "CREATE VIEW {texts} AS
           SELECT number, case_number, service, caller_name, phone, asked_for, note, answer
           FROM document JOIN answers USING (number) WHERE number >= {since} AND number < {until};
         CREATE VIRTUAL TABLE {table} USING fts5 (
           case_number, service, caller_name, phone, asked_for, note, answer,
           content = {texts}, content_rowid = 'number',
           tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0
         );
         INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1);
         INSERT INTO {table} ({table}, rank) VALUES ('pgsz', {LEAF});",
        until = since.saturating_add(WEEK),
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(store_error)
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    number: i64,
    fields: &[String],
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {} (rowid, case_number, service, caller_name, phone, asked_for, note, answer) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        table(week(number))
    );
    let mut row = query(sql).bind(number);
    for field in fields {
        row = row.bind(field);
    }
    row.execute(connection).await.map(drop).map_err(store_error)
}

pub(super) async fn delete(connection: &mut SqliteConnection, number: i64) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {} WHERE rowid = ?", table(week(number)));
    query(sql).bind(number).execute(connection).await.map(drop).map_err(store_error)
}

/// The weeks that have a table, the newest first.
pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<i64>, StoreError> {
    sqlx::query_scalar("SELECT week FROM week ORDER BY week DESC")
        .fetch_all(connection)
        .await
        .map_err(store_error)
}

/// The newest rows that match, newest first: id, call and the fields but for the answers. `weeks` are all there are.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    weeks: &[i64],
    times: Range<i64>,
    expression: &str,
) -> Result<Vec<SqliteRow>, StoreError> {
    let within = week(times.start)..=week(times.end);
    let weeks: Vec<i64> = weeks.iter().copied().filter(|week| within.contains(week)).collect();
    let mut rows = Vec::new();
    for weeks in weeks.chunks(TOGETHER) {
        let found = query(statement(weeks)).bind(times.start).bind(times.end).bind(expression);
        rows.extend(found.fetch_all(&mut *connection).await.map_err(store_error)?);
        if rows.len() >= MOST_HITS {
            break;
        }
    }
    rows.truncate(MOST_HITS);
    Ok(rows)
}

/// One statement for many weeks, since each statement is a way to SQLite's thread and back. Its parts are gone through
/// one after the other, and those after the last row that is asked for not at all.
fn statement(weeks: &[i64]) -> String {
    // FTS5 gives the rows in falling order by itself, and stops at the last one asked for. How many that are is in the
    // text: SQLite prepares a statement anew each time when its limit is bound, here for longer than the search takes.
    let of_week = |week: &i64| {
        format!(
            "SELECT * FROM (SELECT id, call, document.case_number, document.service, document.caller_name, \
             document.phone, document.asked_for, document.note \
             FROM {table} AS words CROSS JOIN document ON number = words.rowid \
             WHERE words.rowid >= ?1 AND words.rowid < ?2 AND {table} MATCH ?3 \
             ORDER BY words.rowid DESC LIMIT {MOST_HITS})",
            table = table(*week)
        )
    };
    let parts: Vec<String> = weeks.iter().map(of_week).collect();
    format!("{} LIMIT {MOST_HITS}", parts.join(" UNION ALL "))
}

/// The only thing in the text that is not fixed is the number of a week.
fn query<'q>(sql: String) -> sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments> {
    sqlx::query(AssertSqlSafe(sql))
}
