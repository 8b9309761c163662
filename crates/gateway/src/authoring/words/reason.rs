//! Why a definition is refused: what is wrong, and what to do.

use ledsaga_forms::{ChoiceFault, Reason, RoomFor};

const ID: &str = "Använd bara a–z, A–Z, 0–9, _ och -, högst 64 tecken. Skriv å som a, ä som a och ö som o.";

#[allow(clippy::too_many_lines, reason = "one sentence for each reason, in one place")]
pub fn reason(reason: &Reason) -> (String, String) {
    let said = |what: &str, remedy: &str| (what.to_owned(), remedy.to_owned());
    match reason {
        Reason::UnknownField => said("fältet finns inte", "Rätta stavningen eller ta bort fältet."),
        Reason::Hash => {
            said("hash stämmer inte med innehållet", "Ta bort fältet hash. Ledsaga räknar ut det.")
        }
        Reason::ServiceId => said(
            "id får bara ha a–z, 0–9 och bindestreck, högst 64 tecken",
            "Skriv till exempel plats-i-forskola.",
        ),
        Reason::Version => said("version räknas från 1", "Skriv 1 för en ny e-tjänst."),
        Reason::Empty => said("fältet är tomt", "Fyll i det."),
        Reason::EmptyField { field } => (format!("{field} är tomt"), "Fyll i det.".to_owned()),
        Reason::NoDays => said("utkast måste få finnas i minst en dag", "Skriv 1 eller mer."),
        Reason::ProtectedLonger => said(
            "utkast med skyddade personuppgifter får inte sparas längre än andra",
            "Sänk protected_draft_days eller höj draft_days.",
        ),
        Reason::FileName => said(
            "file ska vara ett filnamn utan mapp",
            "Lägg filen bredvid e-tjänsten och skriv bara dess namn, till exempel ansokan.pdf.",
        ),
        Reason::Sha256 => said(
            "sha256 ska vara 64 tecken, 0–9 och a–f",
            "Räkna ut summan på nytt, till exempel med kommandot sha256sum.",
        ),

        Reason::NoSteps => said("e-tjänsten har inga steg", "Lägg till minst ett steg med en fråga."),
        Reason::NoQuestions => said("steget har inga frågor", "Lägg till en fråga eller ta bort steget."),
        Reason::TooManyQuestions { max } => {
            (format!("det är fler än {max} frågor"), "Dela upp e-tjänsten.".to_owned())
        }
        Reason::TooManyFields { max } => (
            format!("med sina rader har ett tomt formulär fler än {max} fält"),
            "Sänk min_rows. Rader kan läggas till när de behövs.".to_owned(),
        ),
        Reason::TooManyRules { max } => (
            format!("det är fler än {max} regler"),
            "Låt en regel ha flera targets, eller dela upp e-tjänsten.".to_owned(),
        ),
        Reason::Id => said("id har otillåtna tecken, är tomt eller för långt", ID),
        Reason::SameStepId => said("ett annat steg har samma id", "Ge steget ett eget id."),
        Reason::SameQuestionId => said(
            "en annan fråga har samma id",
            "Ge frågan ett eget id. Det gäller i hela e-tjänsten, också inne i grupper.",
        ),

        Reason::NoKind => {
            said("frågan har ingen kind", "Skriv vilken sorts fråga det är, till exempel \"kind\": \"text\".")
        }
        Reason::KindFieldMissing { kind, field } => (
            format!("fältet {field} saknas; en fråga av sorten {kind} behöver det"),
            format!("Lägg till {field}. Handboken visar ett exempel på {kind}."),
        ),
        Reason::KindFieldType { kind, field } => (
            format!("fältet {field} har fel sorts värde för en fråga av sorten {kind}"),
            format!("Jämför {field} med exemplet på {kind} i handboken."),
        ),
        Reason::NoRoom { field, what } => {
            let what = match what {
                RoomFor::Answer => "något svar",
                RoomFor::Amount => "något belopp",
                RoomFor::Choice => "något val",
                RoomFor::File => "någon fil",
            };
            (format!("{field} är 0, så {what} får inte plats"), format!("Höj {field} eller ta bort det."))
        }
        Reason::MinOverMax { min, max } => {
            (format!("{min} är större än {max}"), "Byt plats på talen eller ta bort det ena.".to_owned())
        }
        Reason::OutOfRange { field, min, max } => {
            (format!("{field} ska vara {min} till {max}"), "Ändra talet.".to_owned())
        }
        Reason::Pattern => said(
            "pattern är inget mönster",
            "Skriv A för bokstav, 9 för siffra och * för endera, till exempel AAA 99*. Högst 64 tecken.",
        ),
        Reason::PatternLength => said(
            "pattern är kortare än min_length eller längre än max_length",
            "Ta bort min_length och max_length. Mönstret säger redan hur lång texten är.",
        ),
        Reason::PatternHelpAlone => {
            said("pattern_help finns utan pattern", "Lägg till pattern eller ta bort pattern_help.")
        }
        Reason::NoAge => said("age har varken min eller max", "Skriv minst en av dem, eller ta bort age."),
        Reason::LimitNotNumber => {
            said("gränsen är inget tal", "Skriv ett vanligt tal, till exempel 10 eller 2.5.")
        }
        Reason::Decimals { max } => (format!("högst {max} decimaler"), "Sänk decimals.".to_owned()),
        Reason::FileTypes => said(
            "types ska vara filändelser med små bokstäver utan punkt",
            "Skriv till exempel [\"pdf\", \"jpg\"].",
        ),
        Reason::NoChoices => said("frågan har inga alternativ", "Lägg till minst ett i choices."),
        Reason::TooManyChoices { max } => {
            (format!("det är fler än {max} alternativ"), "Använd en textfråga i stället.".to_owned())
        }
        Reason::MinOverChoices => {
            said("min är större än antalet alternativ", "Sänk min eller lägg till alternativ.")
        }
        Reason::OtherLabel => said(
            "other är tomt",
            "Skriv vad alternativet heter, till exempel \"Annat\", eller ta bort other.",
        ),
        Reason::Choice { id, fault } => choice(id, *fault),
        Reason::GroupInGroup => {
            said("en grupp får inte ligga i en grupp", "Lägg den inre gruppen som en egen fråga efter.")
        }
        Reason::GroupWithoutQuestions => said("gruppen har inga frågor", "Lägg till minst en i questions."),
        Reason::OneOfEmpty { index } => (
            format!("lista {} i one_of är tom", index.saturating_add(1)),
            "Skriv vilka fält som minst ett ska fyllas i av.".to_owned(),
        ),
        Reason::NotOfGroup { field, id } => (
            format!("{field} nämner {id}, som inte är en fråga i gruppen"),
            "Använd id för en fråga i samma grupp som går att besvara.".to_owned(),
        ),
        Reason::ProxyBasis { id } => (
            format!("basis nämner {id}, som inte är en fråga i e-tjänsten"),
            "Lägg till en fråga om fullmakt eller förordnande och skriv dess id i basis.".to_owned(),
        ),

        Reason::NoTargets => said("regeln påverkar ingen fråga", "Skriv minst ett id i targets."),
        Reason::NoQuestion { id } => (
            format!("det finns ingen fråga med id {id}"),
            "Rätta stavningen av id, eller lägg till frågan.".to_owned(),
        ),
        Reason::NotAfter { source_id, target } => (
            format!("{target} kommer inte efter {source_id}, som ska styra den"),
            format!(
                "Flytta {target} så att den kommer efter {source_id}. En regel styr bara frågor längre fram."
            ),
        ),
        Reason::OverItsOwn { group, target } => (
            format!("gruppen {group} kan inte styra sin egen fråga {target}"),
            "Låt en fråga före gruppen, eller en fråga i samma rad, styra den.".to_owned(),
        ),
        Reason::OtherGroup { source_id, target } => (
            format!("{source_id} ligger i en grupp och {target} ligger inte i samma grupp"),
            "En fråga i en grupp kan bara styra frågor i samma rad.".to_owned(),
        ),
        Reason::Circle { way } => (
            format!("reglerna går i en cirkel: {}", way.join(" → ")),
            "Ta bort en av reglerna. En fråga kan inte styra sig själv, inte ens genom andra frågor."
                .to_owned(),
        ),
        Reason::Nesting { max } => (
            format!("villkoren ligger i varandra i fler än {max} nivåer"),
            "Dela upp regeln i flera.".to_owned(),
        ),
        Reason::NoParts => said("all eller any är en tom lista", "Skriv minst ett villkor i listan."),
        Reason::WithoutChoices { id } => (
            format!("{id} har inga alternativ att välja"),
            "any_of och all_of gäller bara radio, drop_down och checkbox. Använd ett annat villkor."
                .to_owned(),
        ),
        Reason::NamesNoChoice => said("villkoret nämner inget alternativ", "Skriv minst ett alternativs id."),
        Reason::NoChoice { id, choice } => (
            format!("{id} har inget alternativ {choice}"),
            "Rätta stavningen. Här ska alternativets id stå, inte dess etikett.".to_owned(),
        ),
        Reason::NeverAnswered { id } => {
            (format!("{id} besvaras aldrig"), "Låt en annan fråga styra.".to_owned())
        }
        Reason::NotCounted { id } => (
            format!("{id} är varken ett tal, ett belopp eller en grupp"),
            "at_least och at_most gäller bara number, money och group.".to_owned(),
        ),
        Reason::NotText { id } => (
            format!("{id} besvaras inte med en text"),
            "equals gäller bara frågor som besvaras i ett textfält. Använd any_of för alternativ.".to_owned(),
        ),
        Reason::NotDate { id } => {
            (format!("{id} är inget datum"), "on_or_after och on_or_before gäller bara date.".to_owned())
        }
        Reason::WithoutAge { id } => (
            format!("{id} är varken ett datum eller ett personnummer"),
            "age_at_least och age_at_most gäller bara date och personal_identity_number.".to_owned(),
        ),
    }
}

fn choice(id: &str, fault: ChoiceFault) -> (String, String) {
    let (what, remedy) = match fault {
        ChoiceFault::Id => ("id har otillåtna tecken, är tomt eller för långt", ID),
        ChoiceFault::Reserved => (
            "id other är reserverat för fritextalternativet",
            "Välj ett annat id, eller ta bort alternativet och använd fältet other.",
        ),
        ChoiceFault::Twice => ("id finns två gånger", "Ge varje alternativ ett eget id."),
        ChoiceFault::NoLabel => ("label är tomt", "Skriv vad alternativet heter."),
    };
    (format!("alternativet {id}: {what}"), remedy.to_owned())
}
