//! `ledsaga audit verify`: what a log reviewer is told of an exported log.

use std::{fs::File, io, io::BufReader, path::Path};

use jiff::Timestamp;
use ledsaga_core::{
    audit::{
        Fingerprint,
        chain::{ChainBreak, ChainFault},
        export::{self, ExportFault, Report},
    },
    clock::stockholm,
};

use super::{Outcome, harmless};

const CANNOT_BE_READ: u8 = 2;
const NOT_WHOLE: u8 = 1;

/// What to do with a file that is not whole.
const KEEP_IT: &str = "Spara filen som den är. Be om en ny export från datorn och jämför.";

pub fn verify(path: &Path, key: Option<Fingerprint>) -> Outcome {
    let verdict = match File::open(path) {
        Ok(file) => export::verify(BufReader::new(file), key),
        Err(error) => Err(ExportFault::Unreadable(error.kind())),
    };
    match verdict {
        Ok(report) => Outcome { text: whole(&report, key.is_some()), code: 0 },
        Err(fault @ (ExportFault::Unreadable(_) | ExportFault::Newer)) => {
            Outcome { text: said(&fault), code: CANNOT_BE_READ }
        }
        Err(fault) => Outcome { text: said(&fault), code: NOT_WHOLE },
    }
}

fn whole(report: &Report, pinned: bool) -> String {
    let first = report.before.seq + 1;
    let events = match report.count {
        0 => "inga".to_owned(),
        count => format!("{count}, nummer {first} till {}", report.head.seq),
    };
    let times = report.times.map_or("-".to_owned(), |(from, to)| format!("{} till {}", time(from), time(to)));
    let mut text = format!(
        "Loggen är hel. Inget är ändrat, borttaget, flyttat eller tillagt.\n\n\
         Händelser:      {events}\n\
         Tid:            {times}\n\
         Medarbetare:    {}\n\
         Lager:          {}\n\
         Slutar vid:     {}\n\
         Nyckel:         {}\n",
        harmless(&report.worker),
        report.vault,
        hash(&report.head.hash),
        report.key,
    );
    if report.before.seq > 0 {
        text += &format!(
            "\nFilen fortsätter efter händelse {}. Den föregående filen ska sluta vid:\n{}\n",
            report.before.seq,
            hash(&report.before.hash)
        );
    }
    if report.unread > 0 {
        text += &format!(
            "\n{} händelser är skrivna av en nyare version av Ledsaga. De är hela, men deras tid är inte med ovan.\n",
            report.unread
        );
    }
    text += if pinned {
        "\nNyckeln är den du angav.\n"
    } else {
        "\nNyckeln är inte kontrollerad. Jämför den med fingeravtrycket som du har fått på en annan väg än filen,\n\
         eller kör igen med --key och fingeravtrycket.\n"
    };
    text
}

fn said(fault: &ExportFault) -> String {
    match fault {
        ExportFault::Unreadable(kind) => {
            let (what, remedy) = match kind {
                io::ErrorKind::NotFound => ("filen finns inte", "Kontrollera namnet och mappen."),
                io::ErrorKind::PermissionDenied => {
                    ("du får inte läsa den", "Be den som sköter datorn om rättighet.")
                }
                _ => ("den gick inte att läsa till slutet", "Kontrollera disken och försök igen."),
            };
            format!("Filen kan inte kontrolleras: {what}.\n{remedy}\n")
        }
        ExportFault::Newer => {
            "Filen kan inte kontrolleras: den är skriven av en nyare version av Ledsaga.\nUppdatera Ledsaga.\n"
                .to_owned()
        }
        ExportFault::Header => not_whole(
            "första raden är inte den som en exporterad logg börjar med.",
            "Kontrollera att det är rätt fil. Är den det är raden ändrad: spara filen som den är.",
        ),
        ExportFault::Line(line) => not_whole(&format!("rad {line} är ändrad."), KEEP_IT),
        ExportFault::Chain(ChainBreak { seq, fault }) => {
            let what = match fault {
                ChainFault::Altered => "är ändrad",
                ChainFault::Missing => "saknas",
                ChainFault::Reordered => "är flyttad",
                ChainFault::Inserted => "är tillagd: det är en mer än det fanns",
                ChainFault::Truncated => "och allt efter den är avklippt",
            };
            not_whole(&format!("händelse {seq} {what}."), KEEP_IT)
        }
        ExportFault::Footer => not_whole("sista raden är ändrad.", KEEP_IT),
        ExportFault::Signature => {
            not_whole("signaturen stämmer inte. Första eller sista raden är ändrad.", KEEP_IT)
        }
        ExportFault::OtherKey(found) => not_whole(
            &format!("den är signerad med en annan nyckel än den du angav.\nFilens nyckel: {found}"),
            "Kontrollera fingeravtrycket. Stämmer det du angav är filen inte den du bad om.",
        ),
        ExportFault::Trailing => not_whole("det står något efter sista raden.", KEEP_IT),
    }
}

fn not_whole(what: &str, remedy: &str) -> String {
    format!("Loggen är inte hel: {what}\n{remedy}\n")
}

fn time(time: Timestamp) -> String {
    time.to_zoned(stockholm()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn hash(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ledsaga_core::audit::{
        AuditAction, AuditEvent, LogKey,
        chain::{Chain, ChainHead},
        export::ExportWriter,
    };
    use uuid::Uuid;

    use super::*;

    fn key() -> LogKey {
        LogKey::from_seed(&[9; 32])
    }

    /// An export of two events by this worker, after one that is not in it.
    fn exported(worker: &str) -> Vec<u8> {
        let vault = Uuid::from_u128(7);
        let mut chain = Chain::at(ChainHead::start(vault));
        chain.append(b"{}");
        let mut export = ExportWriter::begin(Vec::new(), vault, worker, chain.head()).unwrap();
        for at in ["2026-07-01T21:59:00Z", "2026-12-01T08:30:00Z"] {
            let event = AuditEvent::new(at.parse().unwrap(), worker, AuditAction::Viewed);
            let event = serde_json::to_vec(&event).unwrap();
            let link = chain.append(&event);
            export.event(link.seq, &event, &link.hash).unwrap();
        }
        export.finish(chain.head(), &key()).unwrap()
    }

    fn outcome(bytes: &[u8], key: Option<Fingerprint>) -> Outcome {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        verify(file.path(), key)
    }

    #[test]
    fn a_whole_log_is_described_in_swedish_time() {
        let Outcome { text, code } = outcome(&exported("demo-astrid"), Some(key().fingerprint()));
        assert_eq!(code, 0, "{text}");
        for part in [
            "Loggen är hel.",
            "2, nummer 2 till 3",
            "2026-07-01 23:59 till 2026-12-01 09:30",
            "demo-astrid",
            "fortsätter efter händelse 1",
            "Nyckeln är den du angav.",
            &key().fingerprint().to_string(),
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn without_a_key_it_says_that_the_key_is_not_checked() {
        let Outcome { text, code } = outcome(&exported("demo-astrid"), None);
        assert_eq!(code, 0);
        assert!(text.contains("Nyckeln är inte kontrollerad"), "{text}");
    }

    #[test]
    fn what_is_wrong_decides_the_answer() {
        let export = exported("demo-astrid");
        let text = String::from_utf8(export.clone()).unwrap();
        let cases = [
            (text.replacen("viewed", "locked", 1), None, 1, "händelse 2 är ändrad"),
            (
                text.lines().take(2).map(|line| format!("{line}\n")).collect(),
                None,
                1,
                "händelse 3 och allt efter",
            ),
            (text.replacen("demo-astrid", "demo-bo", 1), None, 1, "signaturen stämmer inte"),
            (format!("{text}\n"), None, 1, "efter sista raden"),
            ("Datum;Händelse\n".to_owned(), None, 1, "rätt fil"),
            (text.replacen("ledsaga-audit-1", "ledsaga-audit-2", 1), None, 2, "nyare version"),
            (text.clone(), Some(LogKey::from_seed(&[8; 32]).fingerprint()), 1, "en annan nyckel"),
        ];
        for (text, key, code, part) in cases {
            let outcome = outcome(text.as_bytes(), key);
            assert_eq!(outcome.code, code, "{part}: {}", outcome.text);
            assert!(outcome.text.contains(part), "{part} in {}", outcome.text);
        }
        let missing = verify(Path::new("/nowhere/logg.jsonl"), None);
        assert_eq!(missing.code, 2);
        assert!(missing.text.contains("filen finns inte"));
    }

    #[test]
    fn a_hostile_file_does_not_steer_the_terminal() {
        let outcome = outcome(&exported("\u{1b}[2JAllt är bra"), None);
        assert!(!outcome.text.contains('\u{1b}'));
    }
}
