//! Whether the write-ahead log has lost commits. SQLite takes the log in up to the first frame whose checksum is wrong and
//! says nothing of what follows, since a write that was cut short ends the log too. But the frames of what follows are
//! still there, and a commit among them was made: then the log did not end, it was damaged.
//! The format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::{
    fs::File,
    io::{BufReader, ErrorKind, Read, Result},
    path::Path,
};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The last bit tells the byte order of what is summed.
const MAGIC: u32 = 0x377f_0682;
const PAGE_SIZES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// Only true when a commit was begun that the database will not have. Of a log that is not there, false.
pub(crate) fn has_lost_commits(log: &Path) -> Result<bool> {
    match File::open(log) {
        Ok(file) => lost_commits(BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn lost_commits(mut log: impl Read) -> Result<bool> {
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(false);
    }
    let [magic, _, page_size, _, salt_1, salt_2, sum_1, sum_2] = words(&header);
    let mut sum = Sum { big_endian: magic & 1 == 1, parts: (0, 0) };
    sum.add(&header[..24]);
    if magic & !1 != MAGIC || !PAGE_SIZES.contains(&page_size) || sum.parts != (sum_1, sum_2) {
        // None of its frames is taken in; without any, it had only been begun.
        return fill(&mut log, &mut [0; FRAME_HEADER]);
    }
    let mut header = [0; FRAME_HEADER];
    let mut page = vec![0; page_size as usize];
    let mut whole = true;
    while fill(&mut log, &mut header)? && fill(&mut log, &mut page)? {
        let [_, commit, first, second, sum_1, sum_2] = words(&header);
        // What was in the file before the log began anew.
        let is_of_this_log = (first, second) == (salt_1, salt_2);
        sum.add(&header[..8]);
        sum.add(&page);
        whole &= is_of_this_log && sum.parts == (sum_1, sum_2);
        if !whole && is_of_this_log && commit > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether there was as much.
fn fill(log: &mut impl Read, bytes: &mut [u8]) -> Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u32; WORDS] {
    let (words, _) = bytes.as_chunks::<4>();
    std::array::from_fn(|at| words.get(at).map_or(0, |word| u32::from_be_bytes(*word)))
}

/// The running checksum.
struct Sum {
    big_endian: bool,
    parts: (u32, u32),
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let word =
            |word: [u8; 4]| if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
        let (mut one, mut two) = self.parts;
        let (pairs, _) = bytes.as_chunks::<8>();
        for [a, b, c, d, e, f, g, h] in pairs {
            one = one.wrapping_add(word([*a, *b, *c, *d])).wrapping_add(two);
            two = two.wrapping_add(word([*e, *f, *g, *h])).wrapping_add(one);
        }
        self.parts = (one, two);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sqlx::SqliteConnection;

    use super::*;
    use crate::{
        database::{Database, connect},
        export::with_ending,
        seal::{Key, new_key},
    };

    const MIGRATION: &str = "CREATE TABLE word (text TEXT NOT NULL) STRICT;";
    const FRAME: usize = FRAME_HEADER + 4_096;

    /// The log of a process that died after so many commits, and the database that goes with it.
    async fn log_of(commits: usize) -> (tempfile::TempDir, Key, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let (path, key) = (dir.path().join("vault.db"), new_key().unwrap());
        let mut database = Database::open(path.clone(), key.clone(), &[MIGRATION], true).await.unwrap();
        // The log begins anew, over what is still in the file.
        database.rest().await.unwrap();
        let mut connection = database.lend().await.unwrap();
        for _ in 0..commits {
            save(&mut connection).await;
        }
        let log = fs::read(with_ending(&path, "-wal")).unwrap();
        (dir, key, log)
    }

    async fn save(connection: &mut SqliteConnection) {
        sqlx::query("INSERT INTO word VALUES (hex(zeroblob(3000)))").execute(connection).await.unwrap();
    }

    #[tokio::test]
    async fn a_log_that_was_not_written_back_has_lost_nothing() {
        let (dir, _, log) = log_of(20).await;
        assert!(log.len() > 20 * FRAME);
        assert!(!lost_commits(log.as_slice()).unwrap());
        assert!(!has_lost_commits(&dir.path().join("nowhere")).unwrap());
        // Nor has one that ends in mid-write.
        let last = log.len() - FRAME;
        for length in [0, 31, 32, 40, HEADER + FRAME, last, last + 10, last + 2_000, log.len() - 1] {
            assert!(!lost_commits(&log[..length]).unwrap(), "length {length}");
        }
    }

    #[tokio::test]
    async fn a_changed_bit_is_told_when_commits_follow_it() {
        let (dir, key, log) = log_of(20).await;
        let frames = (log.len() - HEADER) / FRAME;
        let mut told = 0;
        for frame in 0..frames {
            let begin = HEADER + frame * FRAME;
            // Its number, its first checksum, and three places of its page.
            for at in [0, 16, FRAME_HEADER, FRAME_HEADER + 2_000, FRAME - 1] {
                let mut changed = log.clone();
                changed[begin + at] ^= 4;
                assert!(lost_commits(changed.as_slice()).unwrap(), "frame {frame}, byte {at}");
                told += 1;
            }
        }
        assert!(told > 100);
        for at in 0..HEADER {
            let mut changed = log.clone();
            changed[at] ^= 4;
            assert!(lost_commits(changed.as_slice()).unwrap(), "byte {at} of the header");
        }

        // The counter-test: SQLite itself takes it for a shorter log.
        let path = dir.path().join("copy.db");
        fs::copy(dir.path().join("vault.db"), &path).unwrap();
        let mut changed = log.clone();
        changed[HEADER + 5 * FRAME + 100] ^= 4;
        fs::write(with_ending(&path, "-wal"), changed).unwrap();
        let mut connection = connect(&path, &key, false).await.unwrap();
        let words: i64 =
            sqlx::query_scalar("SELECT count(*) FROM word").fetch_one(&mut connection).await.unwrap();
        assert!(words < 20, "without a word");
    }

    #[tokio::test]
    async fn what_was_before_the_log_began_anew_is_none_of_its_commits() {
        let (_dir, _, log) = log_of(20).await;
        let mut anew = log.clone();
        // The second half is of an earlier log.
        let half = HEADER + FRAME * ((log.len() - HEADER) / FRAME / 2);
        for frame in anew[half..].chunks_mut(FRAME) {
            frame[8] ^= 1;
        }
        assert!(!lost_commits(anew.as_slice()).unwrap());
    }
}
