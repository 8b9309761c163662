//! The findings in words: for each one whether it is well, and otherwise what to do.

use std::io::ErrorKind;

use jiff::SignedDuration;
use ledsaga_core::{
    error::{LinkError, TlsFault},
    ports::SecretError,
};
use ledsaga_link::RootsError;
use ledsaga_vault::{FolderReport, KeyState, MetaState, ProbeError};

use super::{Findings, Folder, FolderState, Gateway};
use crate::{
    configuration::{Configuration, ConfigurationError, Source},
    terminal::{Outcome, harmless},
};

const MB: u64 = 1 << 20;
/// Below it saving may fail any time.
const TOO_LITTLE: u64 = 100 * MB;
const LITTLE: u64 = 1024 * MB;
/// Sign-in allows for half a minute between two clocks.
const CLOCK_OFF: SignedDuration = SignedDuration::from_secs(30);
const CLOCK_WRONG: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warning,
    Fault,
}

struct Line {
    level: Level,
    what: String,
    /// Empty when there is nothing to do.
    remedy: String,
}

fn ok(what: impl Into<String>) -> Line {
    Line { level: Level::Ok, what: what.into(), remedy: String::new() }
}

fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Line {
    Line { level: Level::Warning, what: what.into(), remedy: remedy.into() }
}

fn fault(what: impl Into<String>, remedy: impl Into<String>) -> Line {
    Line { level: Level::Fault, what: what.into(), remedy: remedy.into() }
}

pub fn outcome(findings: &Findings) -> Outcome {
    let lines = lines(findings);
    let mut text = String::new();
    for Line { level, what, remedy } in &lines {
        let level = match level {
            Level::Ok => "ok      ",
            Level::Warning => "varning ",
            Level::Fault => "fel     ",
        };
        text += &format!("{level} {what}\n");
        if !remedy.is_empty() {
            text += &format!("         Gör så här: {remedy}\n");
        }
    }
    let count = |level| lines.iter().filter(|line| line.level == level).count();
    text += &match (count(Level::Fault), count(Level::Warning)) {
        (0, 0) => "\nAllt är som det ska.\n".to_owned(),
        (faults, warnings) => format!("\n{faults} fel, {warnings} att se över.\n"),
    };
    text += "Här finns inga personuppgifter. Texten kan skickas till support.\n";
    Outcome { text, code: u8::from(count(Level::Fault) > 0) }
}

fn lines(findings: &Findings) -> Vec<Line> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut lines = vec![ok(format!("Ledsaga {} ({os}, {arch})", env!("CARGO_PKG_VERSION")))];
    lines.push(match &findings.configuration {
        Ok(configuration) => address(configuration),
        Err(error) => not_configured(error),
    });
    let configuration = findings.configuration.as_ref().ok();
    lines.extend(configuration.and_then(|configuration| own_root(configuration.roots_fault)));
    lines.extend(findings.gateway.iter().flat_map(|answer| match answer {
        Ok(gateway) => answered(gateway),
        Err(error) => vec![unanswered(error)],
    }));
    lines.extend(findings.folders.iter().map(folder));
    lines.push(keychain(&findings.keychain));
    lines.push(disk(findings.free));
    match &findings.vaults {
        Ok(vaults) if vaults.is_empty() => lines.push(ok("Inga utkast finns på datorn än.")),
        Ok(vaults) => {
            for (number, report) in (1..).zip(vaults) {
                lines.extend(vault(number, report));
            }
        }
        Err(kind) => lines.push(fault(
            format!("Mappen med utkast kan inte läsas: {}.", why(*kind)),
            "Be den som sköter datorn att ge dig rätt till mappen. Ta inte bort något.",
        )),
    }
    if findings.preferences_unfinished {
        lines.push(ok("Senast du ändrade en inställning avbröts det. Den förra inställningen gäller."));
    }
    lines
}

fn why(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "behörighet saknas",
        _ => "disken svarar inte som den ska",
    }
}

fn address(configuration: &Configuration) -> Line {
    let address = harmless(&configuration.gateway);
    match configuration.source {
        Source::Managed => ok(format!("Kommunens adress är {address} (ledsaga.json för hela datorn).")),
        Source::File => ok(format!("Kommunens adress är {address} (ledsaga.json).")),
        Source::Environment => warning(
            format!("Kommunens adress är {address} (miljövariabeln LEDSAGA_GATEWAY)."),
            "I vanlig drift ska adressen stå i ledsaga.json. Ta bort variabeln om den inte ska finnas.",
        ),
        Source::Demo => warning(
            format!("Ingen adress är inställd. Demot används: {address}."),
            "Lägg kommunens ledsaga.json i mappen för inställningar.",
        ),
    }
}

fn not_configured(error: &ConfigurationError) -> Line {
    match error {
        ConfigurationError::NoFolders => fault(
            "Användarens mappar går inte att hitta.",
            "Kontrollera att kontot har en hemmapp, och logga ut ur datorn och in igen.",
        ),
        ConfigurationError::Unreadable(kind) => fault(
            format!("ledsaga.json kan inte läsas: {}.", why(*kind)),
            "Be den som sköter datorn att ge dig rätt att läsa filen.",
        ),
        ConfigurationError::Malformed { line } => fault(
            format!("ledsaga.json är fel skriven, på rad {line}. Programmet startar inte."),
            "Rätta filen. Den ska se ut så: {\"gateway\": \"https://adressen\"}",
        ),
    }
}

fn answered(gateway: &Gateway) -> Vec<Line> {
    let name = harmless(&gateway.municipality);
    let version = harmless(&gateway.version);
    let demo = if gateway.demo { ", demo" } else { "" };
    let mut lines = vec![ok(format!("Kommunen svarar: {name} (version {version}{demo})."))];
    lines.push(match gateway.ahead {
        None => warning("Kommunens klocka syns inte.", "Kontrollera att datorns klocka går rätt."),
        Some(ahead) if ahead.abs() > CLOCK_WRONG => fault(
            format!(
                "Datorns klocka går fel: {} s från kommunens. Inloggningen fungerar inte.",
                ahead.as_secs()
            ),
            "Ställ klockan, helst att den hämtas från nätet.",
        ),
        Some(ahead) if ahead.abs() > CLOCK_OFF => warning(
            format!("Datorns klocka är {} s från kommunens.", ahead.as_secs()),
            "Ställ klockan, helst att den hämtas från nätet.",
        ),
        Some(_) => ok("Datorns klocka går som kommunens."),
    });
    lines
}

fn unanswered(error: &LinkError) -> Line {
    match error {
        LinkError::NoNetwork => warning(
            "Datorn har inget nätverk. Det går att arbeta; ärenden väntar i kö.",
            "Kontrollera nätverkskabeln eller det trådlösa nätet.",
        ),
        LinkError::Unreachable => warning(
            "Kommunens server går inte att nå. Det går att arbeta; ärenden väntar i kö.",
            "Kontrollera nätet. Svarar andra sidor, fråga kommunens it om tjänsten är i gång.",
        ),
        LinkError::NoAnswer => warning(
            "Kommunen svarar inte. Det går att arbeta; ärenden väntar i kö.",
            "Kontrollera nätet. Svarar andra sidor, fråga kommunens it om tjänsten är i gång.",
        ),
        LinkError::WrongServer => fault(
            "Något annat än kommunens server svarar.",
            "Logga in på nätverket om det kräver det. Kontrollera annars adressen i ledsaga.json.",
        ),
        LinkError::WrongAddress => fault(
            "Adressen till kommunen är inte säker (https), eller ingen adress alls.",
            "Rätta adressen i ledsaga.json.",
        ),
        LinkError::Untrusted(fault_of_tls) => untrusted(*fault_of_tls),
        LinkError::Busy { .. } => {
            warning("Kommunens server har mycket att göra.", "Försök igen om en stund.")
        }
        LinkError::Undecided { .. } => warning(
            "Kommunens server svarar, men något går fel där. Det går att arbeta; ärenden väntar i kö.",
            "Försök igen om en stund. Händer det igen, berätta för kommunens it.",
        ),
        LinkError::Maintenance { .. } => {
            warning("Kommunens system är stängt för underhåll.", "Försök igen senare.")
        }
        LinkError::TooOld => fault("Kommunens server tar inte emot den här versionen.", "Uppdatera Ledsaga."),
        LinkError::ServerTooOld => fault(
            "Kommunens server är för gammal för den här versionen.",
            "Be kommunens it att uppgradera servern, eller installera den version som hör till den.",
        ),
        LinkError::SignInNeeded | LinkError::Refused { .. } => fault(
            "Kommunens server svarar på ett sätt som programmet inte förstår.",
            "Kontakta kommunens it. Servern och programmet passar inte ihop.",
        ),
    }
}

fn untrusted(tls: TlsFault) -> Line {
    let clock = "Kontrollera datorns datum och tid. Stämmer de, be kommunens it att byta certifikatet.";
    match tls {
        TlsFault::UnknownIssuer => fault(
            "Datorn litar inte på den som har utfärdat serverns certifikat.",
            "Lägg kommunens egen rot i ledsaga.json (\"ca\"), eller ta reda på vad som läser trafiken på vägen.",
        ),
        TlsFault::WrongName => fault(
            "Serverns certifikat gäller ett annat namn.",
            "Kontrollera adressen i ledsaga.json, och att nätverket inte leder trafiken fel.",
        ),
        TlsFault::Expired => fault("Serverns certifikat har gått ut enligt datorns klocka.", clock),
        TlsFault::NotYetValid => fault("Serverns certifikat gäller inte än enligt datorns klocka.", clock),
        TlsFault::Unacceptable => fault(
            "Serverns certifikat kan inte godkännas.",
            "Be kommunens it att se över certifikatet: ändamål, signatur och återkallelse.",
        ),
        TlsFault::NoTls => fault(
            "Det som svarar har ingen säker anslutning.",
            "Logga in på nätverket om det kräver det. Kontrollera annars adressen och porten i ledsaga.json.",
        ),
    }
}

/// The municipality's own certificate authority.
fn own_root(fault_of_roots: Option<RootsError>) -> Option<Line> {
    let what = match fault_of_roots? {
        RootsError::Missing => "saknas",
        RootsError::Unreadable => "kan inte läsas",
        RootsError::NoCertificate => "innehåller inget certifikat i PEM-form",
        RootsError::Damaged => "är skadad",
    };
    Some(fault(
        format!("Filen med kommunens eget certifikat {what}. Bara datorns egna rötter gäller."),
        "Rätta \"ca\" i ledsaga.json, eller filen som den pekar på.",
    ))
}

fn folder(folder: &Folder) -> Line {
    let Folder { what, path, state } = folder;
    match state {
        FolderState::Missing => {
            ok(format!("Mappen för {what} finns inte än ({path}). Den skapas när den behövs."))
        }
        FolderState::There { mode: None } => ok(format!("Mappen för {what} finns ({path}).")),
        FolderState::There { mode: Some(mode) } => {
            ok(format!("Mappen för {what} finns ({path}, {mode:04o})."))
        }
        FolderState::Unreadable => fault(
            format!("Mappen för {what} kan inte läsas ({path})."),
            "Be den som sköter datorn att ge dig rätt till mappen.",
        ),
    }
}

fn keychain(probe: &Result<(), ProbeError>) -> Line {
    match probe {
        Ok(()) => ok("Datorns nyckelring fungerar."),
        Err(ProbeError::Secret(SecretError::NoKeychain)) => warning(
            "Datorns nyckelring går inte att nå. Utkast finns då bara så länge Ledsaga är öppet.",
            "Logga in på skrivbordet, inte bara i en terminal, och kör igen. I Linux behövs en Secret Service, \
             till exempel gnome-keyring eller KWallet.",
        ),
        Err(ProbeError::Secret(SecretError::Locked)) => {
            warning("Datorns nyckelring är låst, eller svarar inte i tid.", "Lås upp den och kör igen.")
        }
        Err(ProbeError::Secret(SecretError::Failed)) => fault(
            "Datorns nyckelring svarar inte som den ska.",
            "Starta om datorn. Hjälper inte det, kontakta den som sköter datorn. Ta inte bort något i nyckelringen.",
        ),
        Err(ProbeError::Forgets) => fault(
            "Datorns nyckelring behåller inte det den får.",
            "Kontakta den som sköter datorn. Börja inget nytt i Ledsaga innan det är löst.",
        ),
        Err(ProbeError::Keeps) => fault(
            "Datorns nyckelring tar inte bort det den ska. Gallrade utkast kan då finnas kvar.",
            "Kontakta den som sköter datorn.",
        ),
    }
}

fn disk(free: Option<u64>) -> Line {
    let remedy = "Ta bort något annat från disken.";
    match free {
        None => warning("Ledigt utrymme på disken går inte att se.", "Kontrollera att disken inte är full."),
        Some(free) if free < TOO_LITTLE => {
            fault(format!("Disken är nästan full: {} MB ledigt.", free / MB), remedy)
        }
        Some(free) if free < LITTLE => {
            warning(format!("Disken börjar bli full: {} MB ledigt.", free / MB), remedy)
        }
        Some(free) => ok(format!("Ledigt på disken: {} MB.", free / MB)),
    }
}

/// Vaults are numbered: their folders' names could be traced to the workers by whoever knows the workers' ids.
fn vault(number: usize, report: &FolderReport) -> Vec<Line> {
    let name = format!("Lager {number}");
    if report.database.is_none() && report.meta == MetaState::Missing {
        return vec![ok(format!("{name}: har aldrig öppnats klart. Det är tomt."))];
    }
    let touch_nothing = "Rör inget. Ingen ny nyckel har skapats och filerna är kvar. Kontakta support.";
    let size = report.database.unwrap_or_default() / 1024;
    let open = if report.open { "öppet just nu" } else { "stängt" };
    let mut lines = vec![match report.meta {
        MetaState::Readable { format, .. } => ok(format!("{name}: {open}, {size} kB, format {format}.")),
        MetaState::Missing => warning(
            format!("{name}: {open}, {size} kB. vault.meta saknas."),
            "Starta Ledsaga en gång och kör igen.",
        ),
        MetaState::Unreadable => fault(format!("{name}: vault.meta kan inte läsas."), touch_nothing),
        MetaState::Newer => {
            fault(format!("{name}: är sparat av en nyare version av Ledsaga."), "Uppdatera Ledsaga.")
        }
    }];
    if report.database.is_none() {
        lines.push(fault(format!("{name}: databasen är borta."), touch_nothing));
    }
    let elsewhere = matches!(report.meta, MetaState::Readable { this_keychain: false, .. });
    match report.key {
        KeyState::Present { pin: false } => lines.push(ok(format!("{name}: nyckeln finns i nyckelringen."))),
        KeyState::Present { pin: true } => {
            lines.push(ok(format!("{name}: nyckeln finns i nyckelringen, under en pinkod.")));
        }
        KeyState::Unreadable => {
            lines.push(fault(format!("{name}: nyckeln i nyckelringen kan inte läsas."), touch_nothing));
        }
        KeyState::Other => {
            lines.push(fault(format!("{name}: nyckeln i nyckelringen är en annan."), touch_nothing));
        }
        KeyState::Missing if elsewhere => lines.push(fault(
            format!("{name}: nyckeln finns i en annan sorts nyckelring än den som används nu."),
            "Starta den nyckelring som användes förut, och kör igen. Rör inget annat.",
        )),
        KeyState::Missing => {
            lines.push(fault(format!("{name}: nyckeln saknas i nyckelringen."), touch_nothing));
        }
        // The keychain's own line says why.
        KeyState::Unknown => lines.push(warning(
            format!("{name}: det går inte att se om nyckeln finns."),
            "Gör det som står vid nyckelringen först.",
        )),
    }
    if report.private == Some(false) {
        lines.push(fault(
            format!("{name}: andra användare kan gå in i mappen."),
            "Starta Ledsaga. Då blir den din egen igen. Berätta för support.",
        ));
    }
    if !report.reserve {
        lines.push(warning(
            format!("{name}: inget utrymme är avsatt för att kunna ta bort utkast när disken är full."),
            "Se till att disken har ledigt utrymme och starta Ledsaga.",
        ));
    }
    if !report.open && report.unclosed {
        lines.push(warning(
            format!("{name}: stängdes inte ordentligt senast. Det som sparades är kvar."),
            "Starta Ledsaga. Då tas det om hand.",
        ));
    }
    if !report.open && report.unfinished > 0 {
        lines.push(warning(
            format!("{name}: {} halvskrivna filer är kvar efter ett avbrott.", report.unfinished),
            "Starta Ledsaga. Är de kvar sedan, kontakta support.",
        ));
    }
    if report.backups > 0 {
        lines.push(ok(format!("{name}: en kopia från före senaste uppdateringen tas bort vid nästa start.")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Findings {
        Findings {
            configuration: Ok(Configuration {
                gateway: "https://e.exempelby.se".into(),
                source: Source::File,
                roots: ledsaga_link::Roots::default(),
                roots_fault: None,
                config_dir: "/home/disa/.config/se.ledsaga.app".into(),
                vault_dir: "/home/disa/.local/share/se.ledsaga.app/vault".into(),
            }),
            folders: vec![Folder {
                what: "utkast",
                path: "~/.local/share/se.ledsaga.app/vault".into(),
                state: FolderState::There { mode: Some(0o700) },
            }],
            keychain: Ok(()),
            vaults: Ok(vec![whole()]),
            free: Some(50_000 * MB),
            gateway: Some(Ok(gateway(0))),
            preferences_unfinished: false,
        }
    }

    fn gateway(ahead: i64) -> Gateway {
        Gateway {
            version: "0.1.0".into(),
            municipality: "Exempelby kommun".into(),
            demo: false,
            ahead: Some(SignedDuration::from_secs(ahead)),
        }
    }

    fn whole() -> FolderReport {
        FolderReport {
            private: Some(true),
            open: true,
            meta: MetaState::Readable { format: 1, this_keychain: true },
            key: KeyState::Present { pin: false },
            database: Some(40_960),
            reserve: true,
            unclosed: true,
            unfinished: 0,
            backups: 0,
        }
    }

    /// The worst line, with its words.
    fn worst(findings: &Findings) -> (Level, String) {
        let lines = lines(findings);
        let worst = lines.iter().max_by_key(|line| line.level).unwrap();
        assert!(worst.level == Level::Ok || !worst.remedy.is_empty(), "what to do about {}?", worst.what);
        (worst.level, worst.what.clone())
    }

    fn with_vault(change: impl FnOnce(&mut FolderReport)) -> Findings {
        let mut report = whole();
        change(&mut report);
        Findings { vaults: Ok(vec![report]), ..well() }
    }

    #[test]
    fn all_is_well_also_while_the_application_runs() {
        let Outcome { text, code } = outcome(&well());
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("Allt är som det ska."), "{text}");
        assert!(text.contains("Lager 1: öppet just nu"), "{text}");
        assert!(!text.contains("disa"), "the user's name is in {text}");
    }

    #[test]
    fn only_a_fault_fails() {
        let warned = Findings { free: Some(500 * MB), ..well() };
        assert_eq!((worst(&warned).0, outcome(&warned).code), (Level::Warning, 0));
        let failed = Findings { free: Some(50 * MB), ..well() };
        assert_eq!((worst(&failed).0, outcome(&failed).code), (Level::Fault, 1));
        assert!(outcome(&failed).text.contains("1 fel, 0 att se över"));
    }

    #[test]
    fn a_key_that_is_gone_is_a_fault_and_nothing_may_be_touched() {
        let gone = with_vault(|report| report.key = KeyState::Missing);
        assert_eq!(worst(&gone), (Level::Fault, "Lager 1: nyckeln saknas i nyckelringen.".into()));
        assert!(outcome(&gone).text.contains("Rör inget."));
        let elsewhere = with_vault(|report| {
            report.key = KeyState::Missing;
            report.meta = MetaState::Readable { format: 1, this_keychain: false };
        });
        assert!(worst(&elsewhere).1.contains("en annan sorts nyckelring"));
    }

    #[test]
    fn each_trouble_of_a_vault_has_its_line() {
        let faults: [fn(&mut FolderReport); 6] = [
            |report| report.key = KeyState::Unreadable,
            |report| report.key = KeyState::Other,
            |report| report.meta = MetaState::Unreadable,
            |report| report.meta = MetaState::Newer,
            |report| report.database = None,
            |report| report.private = Some(false),
        ];
        for (number, change) in faults.into_iter().enumerate() {
            assert_eq!(worst(&with_vault(change)).0, Level::Fault, "{number}");
        }
        let warnings: [fn(&mut FolderReport); 4] = [
            |report| report.key = KeyState::Unknown,
            |report| report.reserve = false,
            |report| report.open = false,
            |report| (report.open, report.unclosed, report.unfinished) = (false, false, 2),
        ];
        for (number, change) in warnings.into_iter().enumerate() {
            assert_eq!(worst(&with_vault(change)).0, Level::Warning, "{number}");
        }
        let begun = with_vault(|report| (report.meta, report.database) = (MetaState::Missing, None));
        assert_eq!(worst(&begun).0, Level::Ok);
    }

    #[test]
    fn every_state_of_the_keychain_says_what_to_do() {
        let level = |error| worst(&Findings { keychain: Err(error), ..well() }).0;
        assert_eq!(level(ProbeError::Secret(SecretError::NoKeychain)), Level::Warning);
        assert_eq!(level(ProbeError::Secret(SecretError::Locked)), Level::Warning);
        for error in [ProbeError::Secret(SecretError::Failed), ProbeError::Forgets, ProbeError::Keeps] {
            assert_eq!(level(error), Level::Fault);
        }
    }

    #[test]
    fn every_answer_of_the_gateway_says_what_to_do() {
        let level = |answer| worst(&Findings { gateway: Some(answer), ..well() }).0;
        for error in [
            LinkError::Unreachable,
            LinkError::NoNetwork,
            LinkError::NoAnswer,
            LinkError::Busy { retry_after_ms: None },
            LinkError::Undecided { retry_after_ms: None },
            LinkError::Maintenance { retry_after_ms: None },
        ] {
            assert_eq!(level(Err(error)), Level::Warning);
        }
        for error in [
            LinkError::WrongServer,
            LinkError::WrongAddress,
            LinkError::Untrusted(TlsFault::Expired),
            LinkError::TooOld,
            LinkError::ServerTooOld,
            LinkError::SignInNeeded,
        ] {
            assert_eq!(level(Err(error)), Level::Fault);
        }
        for (ahead, expected) in
            [(30, Level::Ok), (-31, Level::Warning), (300, Level::Warning), (-301, Level::Fault)]
        {
            assert_eq!(level(Ok(gateway(ahead))), expected, "{ahead} s");
        }
    }

    #[test]
    fn a_configuration_that_does_not_hold_says_where() {
        let broken = Findings {
            configuration: Err(ConfigurationError::Malformed { line: 3 }),
            gateway: None,
            ..well()
        };
        assert!(worst(&broken).1.contains("rad 3"));
        let mut rootless = well();
        if let Ok(configuration) = &mut rootless.configuration {
            configuration.roots_fault = Some(RootsError::Missing);
        }
        assert!(worst(&rootless).1.contains("kommunens eget certifikat saknas"));
        let mut demo = well();
        if let Ok(configuration) = &mut demo.configuration {
            configuration.source = Source::Demo;
        }
        assert_eq!(worst(&demo).0, Level::Warning);
    }
}
