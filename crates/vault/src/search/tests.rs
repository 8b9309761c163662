#![allow(clippy::unwrap_used, reason = "tests may")]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::date};
use proptest::{collection::vec, prelude::*};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::*;

const NOW: &str = "2026-11-24T09:00:00Z";

struct Place {
    dir: TempDir,
    index: SearchIndex,
}

async fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let index = SearchIndex::open(dir.path()).await.unwrap();
    Place { dir, index }
}

/// A draft of a call of its own, made so many hours ago.
fn document(hours: i64, texts: &[(Field, &str)]) -> SearchDocument {
    let now: Timestamp = NOW.parse().unwrap();
    SearchDocument {
        draft: Some(Uuid::now_v7()),
        call: Uuid::now_v7(),
        at: now - SignedDuration::from_hours(hours),
        texts: texts.iter().map(|(field, text)| (*field, (*text).to_owned())).collect(),
    }
}

fn note(hours: i64, text: &str) -> SearchDocument {
    document(hours, &[(Field::Note, text)])
}

fn hit(document: &SearchDocument, field: impl Into<Option<Field>>) -> Hit {
    Hit { draft: document.draft, call: document.call, field: field.into() }
}

impl Place {
    async fn find(&self, text: &str) -> Vec<Hit> {
        self.index.find(&Query::parse(text, date(2026, 11, 24))).await.unwrap()
    }

    async fn sql(&self, sql: &str) {
        let mut connection = self.index.open.lock().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection.as_mut().unwrap().connection)
            .await
            .unwrap();
    }

    /// What FTS5 keeps of the words agrees with the rows.
    async fn assert_whole(&self) {
        let mut connection = self.index.open.lock().await;
        let weeks: Vec<i64> = sqlx::query_scalar("SELECT week FROM week")
            .fetch_all(&mut connection.as_mut().unwrap().connection)
            .await
            .unwrap();
        drop(connection);
        for table in weeks.into_iter().map(weeks::table) {
            self.sql(&format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")).await;
        }
    }

    /// All pages as they are inside the encryption, with what lies unused in them.
    async fn pages(&self) -> Vec<u8> {
        let mut connection = self.index.open.lock().await;
        connection.as_mut().unwrap().connection.serialize(None).await.unwrap().to_vec()
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join(FILE)
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.dir.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test]
async fn a_hit_says_which_case_it_is_and_where_the_words_were() {
    let place = place().await;
    let draft = document(
        1,
        &[
            (Field::Service, "Färdtjänst"),
            (Field::CallerName, "Disa Diktad"),
            (Field::CaseNumber, "EXB-2026-ZDF6-MW"),
            (Field::Answer, "Ansökningar"),
            (Field::Answer, "om färdtjänst för Disa"),
        ],
    );
    let call = SearchDocument { draft: None, ..note(2, "Disa ringer igen om en ansökan") };
    place.index.put_all(vec![draft.clone(), call.clone()]).await.unwrap();

    use Field::{CallerName, CaseNumber, Note, Service};
    assert_eq!(place.find("disa ansökan").await, [hit(&draft, CallerName), hit(&call, Note)]);
    assert_eq!(place.find("fardtj").await, [hit(&draft, Service)]);
    assert_eq!(place.find("exb2026zdf6mw").await, [hit(&draft, CaseNumber)]);
    assert_eq!(place.find("taxi").await, []);
    assert_eq!(place.find(" ").await, []);
    assert_eq!(place.index.count().await.unwrap(), 2);
}

#[tokio::test]
async fn the_newest_come_first_and_no_more_than_fit_a_list() {
    let place = place().await;
    let mut documents: Vec<_> = (0..60).map(|hour| note(hour, "färdtjänst")).collect();
    // Two of the same moment are told apart all the same.
    documents.push(note(0, "färdtjänst"));
    documents.reverse();
    for part in documents.chunks(7) {
        place.index.put_all(part.to_vec()).await.unwrap();
    }
    documents.reverse();
    let found: Vec<_> = place.find("fä").await.into_iter().map(|hit| hit.draft).collect();
    assert_eq!(found.len(), SearchIndex::MOST_HITS);
    let newest: Vec<_> = documents.iter().take(found.len() - 1).map(|document| document.draft).collect();
    assert_eq!(found[2..], newest[1..]);
    assert!(found[..2].contains(&newest[0]));
    assert_eq!(place.index.count().await.unwrap(), 61);
}

#[tokio::test]
async fn days_narrow_the_search() {
    let place = place().await;
    let (today, yesterday, older) = (note(1, "bygglov"), note(24, "bygglov"), note(24 * 30, "bygglov"));
    place.index.put_all(vec![today.clone(), yesterday.clone(), older.clone()]).await.unwrap();
    assert_eq!(place.find("bygglov igår").await, [hit(&yesterday, Field::Note)]);
    assert_eq!(place.find("24/11").await, [hit(&today, None)]);
    assert_eq!(place.find("23/11 24/11").await, [hit(&today, None), hit(&yesterday, None)]);
    assert_eq!(place.find("25 oktober bygglov").await, [hit(&older, Field::Note)]);
    assert_eq!(place.find("taxi igår").await, []);
}

#[tokio::test]
async fn a_document_put_again_takes_the_place_of_the_old_one() {
    let place = place().await;
    let old = note(5, "taxi");
    let new =
        SearchDocument { texts: vec![(Field::Note, "buss".into())], at: NOW.parse().unwrap(), ..old.clone() };
    place.index.put(old.clone()).await.unwrap();
    place.index.put(note(1, "buss")).await.unwrap();
    place.index.put(new.clone()).await.unwrap();
    assert_eq!(place.find("taxi").await, []);
    assert_eq!(place.find("buss").await.first(), Some(&hit(&new, Field::Note)));
    place.index.put_all(vec![new, old]).await.unwrap();
    assert_eq!(place.find("taxi").await.len(), 1);
    assert_eq!(place.index.count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_draft_goes_alone_and_a_call_with_its_drafts() {
    let place = place().await;
    let first = note(1, "taxi");
    let second = SearchDocument { call: first.call, ..note(2, "taxi") };
    let call = SearchDocument { draft: None, ..first.clone() };
    let other = note(3, "taxi");
    place.index.put_all(vec![first.clone(), second.clone(), call, other.clone()]).await.unwrap();
    place.index.remove_draft(first.draft.unwrap()).await.unwrap();
    assert_eq!(place.find("taxi").await.len(), 3);
    place.index.remove_call(second.call).await.unwrap();
    assert_eq!(place.find("taxi").await, [hit(&other, Field::Note)]);
    place.index.remove_call(second.call).await.unwrap();
}

#[tokio::test]
async fn a_closed_index_is_gone_and_says_so() {
    let place = place().await;
    place.index.put(note(1, "taxi")).await.unwrap();
    place.index.close().await;
    place.index.close().await;
    assert!(place.files().is_empty());
    assert_eq!(place.index.put(note(1, "taxi")).await, Err(StoreError::Locked));
    assert_eq!(place.index.find(&Query::of_words("taxi")).await, Err(StoreError::Locked));
    assert_eq!(format!("{:?}", place.index), "SearchIndex(..)");
}

/// What is left of an index when its process dies while it holds the words.
async fn left_by_a_crash(place: &Place) -> Vec<u8> {
    place.index.put(note(1, "Kanariefågel i anteckningen")).await.unwrap();
    assert!(has(&place.pages().await, "kanariefagel"), "inside the encryption it is there");
    let left = fs::read(place.file()).unwrap();
    drop(place.index.open.lock().await.take());
    left
}

/// The counter-test is the same with the encryption off: `cargo test -p ledsaga-vault --features plaintext-for-tests
/// search`.
#[tokio::test]
async fn no_word_can_be_read_in_the_file() {
    let place = place().await;
    let left = left_by_a_crash(&place).await;
    for word in ["kanariefagel", "kanariefågel", "SQLite format", "CREATE", "document"] {
        assert_eq!(has(&left, word), cfg!(feature = "plaintext-for-tests"), "{word}");
    }
}

#[cfg(not(feature = "plaintext-for-tests"))]
#[tokio::test]
async fn what_a_crash_leaves_opens_with_no_key() {
    let place = place().await;
    let left = left_by_a_crash(&place).await;
    let copy = place.dir.path().join("copy.db");
    fs::write(&copy, &left).unwrap();
    let options = SqliteConnectOptions::new().filename(&copy);
    let read = match connect_with(options, &new_key().unwrap()).await {
        Ok(mut connection) => {
            let rows = sqlx::query("SELECT * FROM document").fetch_all(&mut connection).await;
            rows.map(drop).map_err(store_error)
        }
        Err(error) => Err(error),
    };
    assert_eq!(read, Err(StoreError::Unreadable));
}

#[tokio::test]
async fn what_a_crash_leaves_is_removed_and_nothing_else() {
    let mut place = place().await;
    left_by_a_crash(&place).await;
    fs::write(place.dir.path().join("search.db-journal"), b"old").unwrap();
    fs::write(place.dir.path().join("vault.db"), b"not ours").unwrap();
    place.index = SearchIndex::open(place.dir.path()).await.unwrap();
    assert_eq!(place.find("kanariefågel").await, []);
    let mut files = place.files();
    files.sort();
    assert_eq!(files, ["search.db", "vault.db"]);
}

/// Words that share no beginning with one another: FTS5 writes only what differs from the word before.
fn unlike_words(count: u32) -> Vec<String> {
    let letter = |n: u32| char::from(b'a' + (n % 26) as u8);
    (0..count)
        .map(|n| {
            let mut seed = n.wrapping_mul(2_654_435_761);
            let mut word = format!("{}{}", letter(n), letter(n / 26));
            while word.len() < 16 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                word.push(letter(seed >> 24));
            }
            word
        })
        .collect()
}

#[tokio::test]
async fn the_newest_are_found_among_more_weeks_than_one_statement_takes() {
    let place = place().await;
    let documents: Vec<_> =
        (0..130).map(|week| note(24 * 7 * week, if week % 2 == 0 { "buss" } else { "taxi" })).collect();
    place.index.put_all(documents.clone()).await.unwrap();
    let found: Vec<_> = place.find("taxi").await.into_iter().map(|hit| hit.draft).collect();
    let taxis = documents.iter().skip(1).step_by(2).map(|document| document.draft);
    assert_eq!(found, taxis.take(SearchIndex::MOST_HITS).collect::<Vec<_>>());
}

/// How many of the words of removed documents are still in the file, inside the encryption.
async fn traces(setting: fn(&str) -> String) -> usize {
    let place = place().await;
    let first = note(0, "taxi");
    place.index.put(first.clone()).await.unwrap();
    place.sql(&setting(&weeks::table(weeks::week(first.at.as_millisecond())))).await;
    let words = unlike_words(600);
    let documents: Vec<_> = words.iter().map(|word| note(0, &format!("Taxi {word}"))).collect();
    for part in documents.chunks(50) {
        place.index.put_all(part.to_vec()).await.unwrap();
    }
    let (removed, kept) = documents.split_at(60);
    for (at, document) in removed.iter().enumerate() {
        if at % 2 == 0 {
            place.index.remove_draft(document.draft.unwrap()).await.unwrap();
        } else {
            place.index.remove_call(document.call).await.unwrap();
        }
    }
    let pages = place.pages().await;
    let in_pages = |words: &[String]| words.iter().filter(|word| has(&pages, &word[4..])).count();
    assert_eq!(in_pages(&words[60..]), kept.len());
    in_pages(&words[..60])
}

#[tokio::test]
async fn nothing_is_left_of_what_was_removed() {
    assert_eq!(traces(|_| String::new()).await, 0);
}

/// FTS5 also keeps the beginnings of some words, to find its way among its pages.
#[tokio::test]
async fn nothing_is_left_of_words_that_begin_alike() {
    const BEGINNING: &str = "kanariefageln";
    let place = place().await;
    let words: Vec<String> = unlike_words(6_000).iter().map(|word| word[..6].to_owned()).collect();
    let documents: Vec<_> = words
        .chunks(40)
        .map(|ends| note(0, &ends.iter().map(|end| format!("{BEGINNING}{end} ")).collect::<String>()))
        .collect();
    for part in documents.chunks(10) {
        place.index.put_all(part.to_vec()).await.unwrap();
    }
    let (removed, kept) = words.split_at(3_000);
    for document in &documents[..75] {
        place.index.remove_draft(document.draft.unwrap()).await.unwrap();
    }
    let pages = place.pages().await;
    let ends: BTreeSet<&[u8]> = pages
        .windows(BEGINNING.len() + 6)
        .filter(|window| window.starts_with(BEGINNING.as_bytes()))
        .map(|window| &window[BEGINNING.len()..])
        .collect();
    let in_pages = |words: &[String]| words.iter().filter(|word| ends.contains(word.as_bytes())).count();
    assert_eq!((in_pages(removed), in_pages(kept)), (0, 3_000));
}

/// The counter-tests: the traces are seen when either setting is missing.
#[tokio::test]
async fn without_secure_deletion_the_words_stay() {
    let in_fts5 = traces(|table| format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 0)"));
    assert!(in_fts5.await > 40);
    assert!(traces(|_| "PRAGMA secure_delete = OFF".to_owned()).await > 40);
}

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<(u8, u8, i64, String)>),
    RemoveDraft(u8),
    RemoveCall(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop::sample::subsequence(
        vec![
            "färdtjänst",
            "ansökan",
            "ansökningar",
            "EXB-2026-ZDF6-MW",
            "070-174 06 05",
            "för",
            "far",
            "Åsa",
            "x",
        ],
        0..6,
    );
    let put = (0_u8..12, 0_u8..4, 0_i64..900, text.prop_map(|words| words.join(", ")));
    prop_oneof![
        4 => vec(put, 1..5).prop_map(Step::Put),
        1 => (0_u8..12).prop_map(Step::RemoveDraft),
        1 => (0_u8..4).prop_map(Step::RemoveCall),
    ]
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is put and removed in whatever order, the index finds what core says, and is whole inside.
    #[test]
    fn the_index_finds_what_core_finds(steps in vec(step(), 1..12)) {
        run(async {
            let place = place().await;
            let mut model: BTreeMap<Uuid, SearchDocument> = BTreeMap::new();
            let id = |group: u64, n: u8| Uuid::from_u64_pair(group, n.into());
            for step in steps {
                match step {
                    Step::Put(entries) => {
                        let documents: Vec<_> = entries
                            .into_iter()
                            .map(|(draft, call, hours, text)| SearchDocument {
                                draft: Some(id(1, draft)),
                                call: id(2, call),
                                ..note(hours, &text)
                            })
                            .collect();
                        model.extend(documents.iter().map(|document| (document.id(), document.clone())));
                        place.index.put_all(documents).await.unwrap();
                    }
                    Step::RemoveDraft(draft) => {
                        model.remove(&id(1, draft));
                        place.index.remove_draft(id(1, draft)).await.unwrap();
                    }
                    Step::RemoveCall(call) => {
                        model.retain(|_, document| document.call != id(2, call));
                        place.index.remove_call(id(2, call)).await.unwrap();
                    }
                }
            }
            place.assert_whole().await;
            assert_eq!(place.index.count().await.unwrap(), model.len());
            for text in ["fä", "fardtj", "ansökning", "zdf6mw", "0701740605", "för", "far åsa", "x"] {
                let query = Query::of_words(text);
                let found = place.index.find(&query).await.unwrap();
                let mut ids: Vec<_> = found.iter().filter_map(|hit| hit.draft).collect();
                ids.sort_unstable();
                let expected: Vec<_> = model
                    .values()
                    .filter(|document| {
                        let spellings = spellings(&document.texts[0].1);
                        query.words().iter().all(|word| word.holds(&spellings))
                    })
                    .filter_map(|document| document.draft)
                    .collect();
                assert_eq!(ids, expected, "{text}");
                let times: Vec<_> = found.iter().map(|hit| model[&hit.draft.unwrap()].at).collect();
                assert!(times.is_sorted_by(|newer, older| newer >= older));
            }
        });
    }

    #[test]
    fn any_text_can_be_sought(queries in vec("\\PC{0,120}|[\"*:^(){}+a-zåäö0-9 -]{0,60}", 8)) {
        run(async {
            let place = place().await;
            place.index.put_all(vec![note(1, &queries.join(" ")), note(2, "färdtjänst")]).await.unwrap();
            for query in queries {
                place.find(&query).await;
                // All that is words in it is in the first document.
                let words = Query::of_words(&query);
                assert_eq!(place.index.find(&words).await.unwrap().is_empty(), words.is_empty());
            }
        });
    }
}
