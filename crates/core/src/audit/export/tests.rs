#![allow(clippy::unwrap_used, reason = "tests may")]

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::audit::{
    AuditAction, AuditEvent, Fingerprint, LogKey,
    chain::{Chain, ChainBreak, ChainFault},
    key::is_signed,
};

const VAULT: Uuid = Uuid::from_u128(7);

fn key() -> LogKey {
    LogKey::from_seed(&[9; 32])
}

fn event(number: u64) -> Vec<u8> {
    let at = jiff::Timestamp::from_second(1_800_000_000 + number as i64 * 60).unwrap();
    let event = AuditEvent {
        id: Uuid::from_u128(number.into()),
        call_id: Some(Uuid::from_u128(1_000)),
        reason: "Återtaget på begäran".into(),
        ..AuditEvent::new(at, "demo-astrid", AuditAction::Viewed)
    };
    serde_json::to_vec(&event).unwrap()
}

/// An export of the events after `skipped`.
fn exported(skipped: u64, count: u64) -> Vec<u8> {
    let mut chain = Chain::at(ChainHead::start(VAULT));
    for number in 1..=skipped {
        chain.append(&event(number));
    }
    let mut export = ExportWriter::begin(Vec::new(), VAULT, "demo-astrid", chain.head()).unwrap();
    for number in skipped + 1..=skipped + count {
        let event = event(number);
        let link = chain.append(&event);
        export.event(link.seq, &event, &link.hash).unwrap();
    }
    export.finish(chain.head(), &key()).unwrap()
}

fn check(export: &[u8]) -> Result<Report, ExportFault> {
    verify(export, Some(key().fingerprint()))
}

fn chain_fault(seq: u64, fault: ChainFault) -> Result<Report, ExportFault> {
    Err(ExportFault::Chain(ChainBreak { seq, fault }))
}

fn lines(export: &[u8]) -> Vec<Vec<u8>> {
    export.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn an_export_is_whole_and_says_what_is_in_it() {
    let report = check(&exported(0, 3)).unwrap();
    assert_eq!((report.vault, report.worker.as_str()), (VAULT, "demo-astrid"));
    assert_eq!((report.before.seq, report.count, report.head.seq, report.unread), (0, 3, 3, 0));
    let (earliest, latest) = report.times.unwrap();
    assert_eq!((latest - earliest).get_seconds(), 120);
    assert_eq!(report.key, key().fingerprint());
}

#[test]
fn a_later_part_and_an_empty_log_are_whole_too() {
    let report = check(&exported(5, 3)).unwrap();
    assert_eq!((report.before.seq, report.count, report.head.seq), (5, 3, 8));
    let report = check(&exported(0, 0)).unwrap();
    assert_eq!((report.before.seq, report.count, report.head.seq, report.times), (0, 0, 0, None));
}

#[test]
fn an_event_of_a_newer_version_is_whole_and_counted_as_unread() {
    let mut chain = Chain::at(ChainHead::start(VAULT));
    let mut export = ExportWriter::begin(Vec::new(), VAULT, "demo-astrid", chain.head()).unwrap();
    let later = br#"{"action":"said_by_a_later_version"}"#;
    let link = chain.append(later);
    export.event(1, later, &link.hash).unwrap();
    let export = export.finish(chain.head(), &key()).unwrap();
    let report = check(&export).unwrap();
    assert_eq!((report.count, report.unread, report.times), (1, 1, None));
}

#[test]
fn another_key_is_found_out_when_the_key_is_asked_for() {
    let export = exported(0, 3);
    let other: Fingerprint = LogKey::from_seed(&[8; 32]).fingerprint();
    assert_eq!(verify(&export[..], Some(other)), Err(ExportFault::OtherKey(key().fingerprint())));
    assert!(verify(&export[..], None).is_ok());
}

#[test]
fn each_kind_of_change_is_named() {
    let export = exported(0, 4);
    let whole = lines(&export);
    let with = |change: fn(&mut Vec<Vec<u8>>)| {
        let mut lines = whole.clone();
        change(&mut lines);
        check(&lines.concat())
    };
    let replaced = |line: usize, from: &str, to: &str| {
        let mut lines = whole.clone();
        let text = String::from_utf8(lines[line].clone()).unwrap();
        assert!(text.contains(from));
        lines[line] = text.replacen(from, to, 1).into_bytes();
        check(&lines.concat())
    };
    assert_eq!(with(|lines| drop(lines.remove(2))), chain_fault(2, ChainFault::Missing));
    assert_eq!(with(|lines| lines.swap(2, 4)), chain_fault(2, ChainFault::Reordered));
    assert_eq!(with(|lines| lines.insert(2, lines[1].clone())), chain_fault(2, ChainFault::Inserted));
    assert_eq!(with(|lines| lines.truncate(3)), chain_fault(3, ChainFault::Truncated));
    assert_eq!(with(|lines| drop(lines.remove(4))), chain_fault(4, ChainFault::Truncated));
    assert_eq!(with(|lines| drop(lines.remove(0))), Err(ExportFault::Header));
    assert_eq!(with(|lines| lines.push(lines[5].clone())), Err(ExportFault::Trailing));
    assert_eq!(replaced(3, "viewed", "locked"), chain_fault(3, ChainFault::Altered));
    assert_eq!(replaced(3, r#"{"seq""#, r#"{ "seq""#), Err(ExportFault::Line(4)));
    assert_eq!(replaced(0, "demo-astrid", "demo-bo"), Err(ExportFault::Signature));
    assert_eq!(replaced(0, "ledsaga-audit-1", "ledsaga-audit-2"), Err(ExportFault::Newer));
    assert_eq!(replaced(5, r#""count":4"#, r#""count":3"#), Err(ExportFault::Signature));
    assert_eq!(replaced(5, r#""count""#, r#""count" "#), Err(ExportFault::Line(6)));
    assert_eq!(replaced(5, r#","seq""#, r#", "seq""#), Err(ExportFault::Footer));
    assert_eq!(check(b""), Err(ExportFault::Header));
    assert_eq!(check(b"Datum;Handelse\n"), Err(ExportFault::Header));
}

#[test]
fn a_damaged_log_can_be_exported_and_the_damage_is_in_it() {
    let mut chain = Chain::at(ChainHead::start(VAULT));
    let mut export = ExportWriter::begin(Vec::new(), VAULT, "demo-astrid", chain.head()).unwrap();
    for number in 1..=3 {
        let event = event(number);
        let link = chain.append(&event);
        if number != 2 {
            export.event(link.seq, &event, &link.hash).unwrap();
        }
    }
    let export = export.finish(chain.head(), &key()).unwrap();
    assert_eq!(check(&export), chain_fault(2, ChainFault::Missing));
}

#[test]
fn an_event_that_is_not_one_line_is_not_exported() {
    let mut export = ExportWriter::begin(Vec::new(), VAULT, "demo-astrid", ChainHead::start(VAULT)).unwrap();
    assert!(export.event(1, b"{\n}", &[0; 32]).is_err());
}

#[test]
fn a_line_without_end_is_not_read_into_memory() {
    let endless = std::io::BufReader::new(std::io::repeat(b'a'));
    assert_eq!(verify(endless, None), Err(ExportFault::Line(1)));
}

/// What a check without the chain sees: lines of the right form, as many as the last one says, and a signature that
/// holds.
fn passes_without_the_chain(export: &[u8]) -> bool {
    let lines = lines(export);
    let trimmed = |line: &[u8]| line.strip_suffix(b"\n").unwrap().to_vec();
    let (header, footer) = (trimmed(&lines[0]), trimmed(lines.last().unwrap()));
    let footer: Footer = exactly(&footer).unwrap();
    let head = ChainHead { seq: footer.seq, hash: bytes(&footer.head).unwrap() };
    let (public, signature) = (bytes(&footer.key).unwrap(), bytes(&footer.signature).unwrap());
    let events = &lines[1..lines.len() - 1];
    events.iter().all(|line| serde_json::from_slice::<serde_json::Value>(line).is_ok())
        && events.len() as u64 == footer.count
        && is_signed(&public, &signed(&header, footer.count, head), &signature)
}

#[test]
fn without_the_chain_a_change_a_move_and_an_exchange_go_unseen() {
    let whole = lines(&exported(0, 4));
    let mut moved = whole.clone();
    moved.swap(2, 3);
    let mut exchanged = whole.clone();
    exchanged[2] = exchanged[3].clone();
    let mut altered = whole.clone();
    altered[2] = String::from_utf8(altered[2].clone()).unwrap().replace("viewed", "locked").into_bytes();
    for export in [moved, exchanged, altered] {
        let export = export.concat();
        assert!(passes_without_the_chain(&export), "so the chain is what finds it");
        assert!(check(&export).is_err());
    }
}

#[derive(Debug, Clone)]
enum Mutation {
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Drop(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Double(prop::sample::Index, prop::sample::Index),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), 1_u8..).prop_map(|(at, flip)| Mutation::Flip(at, flip)),
        1 => index().prop_map(Mutation::Remove),
        1 => (index(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        1 => index().prop_map(Mutation::Drop),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        1 => (index(), index()).prop_map(|(from, to)| Mutation::Double(from, to)),
        2 => index().prop_map(Mutation::Cut),
    ]
}

fn mutated(export: &[u8], mutation: &Mutation) -> Vec<u8> {
    let mut bytes = export.to_vec();
    let mut lines = lines(export);
    let at_line = |index: &prop::sample::Index| index.index(lines.len());
    match mutation {
        Mutation::Flip(at, flip) => bytes[at.index(export.len())] ^= flip,
        Mutation::Remove(at) => drop(bytes.remove(at.index(export.len()))),
        Mutation::Insert(at, byte) => bytes.insert(at.index(export.len() + 1), *byte),
        Mutation::Cut(at) => bytes.truncate(at.index(export.len())),
        Mutation::Drop(at) => {
            lines.remove(at_line(at));
            bytes = lines.concat();
        }
        Mutation::Swap(a, b) => {
            let (a, b) = (at_line(a), at_line(b));
            lines.swap(a, b);
            bytes = lines.concat();
        }
        Mutation::Double(from, to) => {
            let (line, to) = (lines[at_line(from)].clone(), at_line(to));
            lines.insert(to, line);
            bytes = lines.concat();
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn whatever_is_changed_is_found_without_knowing_the_key(which in 0_usize..4, mutation in mutation()) {
        // Made once: signing takes most of the time of a build without optimization.
        static EXPORTS: LazyLock<[Vec<u8>; 4]> =
            LazyLock::new(|| [exported(0, 0), exported(0, 1), exported(0, 9), exported(3, 5)]);
        let export = &EXPORTS[which];
        let mutated = mutated(export, &mutation);
        prop_assume!(mutated != *export);
        prop_assert!(verify(&mutated[..], None).is_err());
    }
}
