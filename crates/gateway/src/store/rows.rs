//! Several rows in one statement, in so few forms that a connection keeps all of them prepared.

/// Rows of one statement; any number is a sum of these.
const SIZES: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

/// The rows in order, a statement's at a time.
pub(super) fn parts<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (part, after) = rest.split_at(size);
        rest = after;
        Some(part)
    })
}

/// For a list in which it says nothing new to say the last one again: as long as one of the [`SIZES`], or a larger power
/// of two.
pub(super) fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

/// `($1, $2), ($3, $4)`
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let names: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", names.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_in_one_part_and_in_its_place() {
        for count in 0..=200 {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = parts(&rows).collect();
            assert_eq!(cut.concat(), rows);
            assert!(cut.iter().all(|part| SIZES.contains(&part.len())));
        }
    }

    #[test]
    fn a_list_has_few_lengths_and_says_nothing_new() {
        let lengths: BTreeSet<usize> = (1..=64).map(|count| padded(vec![count; count]).len()).collect();
        assert_eq!(lengths.into_iter().rev().collect::<Vec<_>>(), SIZES);
        assert_eq!(padded(vec!["a", "b", "c"]), ["a", "b", "c", "c"]);
        assert!(padded(Vec::<u8>::new()).is_empty());
    }

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(placeholders(2, 2), "($1, $2), ($3, $4)");
    }
}
