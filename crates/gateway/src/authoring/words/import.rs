//! What became of another system's file.

use ledsaga_forms::import::{Finding, ImportError, Limit, Live, Outcome};

use super::{Said, said, source_place};

/// What a group of findings is called.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "Övertaget",
        Outcome::Approximated => "Ungefär så, kontrollera",
        Outcome::NotUnderstood => "Förstods inte, någon måste titta på det",
    }
}

#[allow(clippy::too_many_lines, reason = "one sentence for each finding, in one place")]
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Question { from, kind } => format!("{from} har blivit {kind}"),
        Finding::UnknownQuestion { kind } => {
            format!("frågesorten {kind} finns inte här. Frågan visas och fylls i av handläggaren")
        }
        Finding::NothingAsked => "frågan ber inte om något: allt i den är dolt eller utelämnat".to_owned(),
        Finding::StopAsInformation => {
            "frågan stoppar ärendet, men bara när en regel säger det, och den regeln är utelämnad. Här är den information".to_owned()
        }
        Finding::Unnamed { used } => format!("namn saknas. Här heter den ”{used}”"),
        Finding::SameId { used } => format!("en annan har samma id. Här heter den {used}"),
        Finding::LiveData { what } => {
            let what = match what {
                Live::RegisteredAddress => "adressen i folkbokföringen",
                Live::Children => "barnen till den som fyller i",
                Live::Fields => "det som står i fälten",
                Live::Properties => "fastigheter och adresser",
                Live::PersonalData => "texten om personuppgifter",
                Live::Map => "en karta",
                Live::Alternatives => "alternativen",
            };
            format!("frågan hämtar {what} medan den fylls i. Det går inte här")
        }
        Finding::UnknownValidator { validator, message: None } => {
            format!("svaret kontrolleras av {validator}, som inte finns här. Kontrollen görs inte")
        }
        Finding::UnknownValidator { validator, message: Some(message) } => format!(
            "svaret kontrolleras av {validator} (”{message}”), som inte finns här. Kontrollen görs inte"
        ),
        Finding::ValidatorLeftOut { validator } => {
            format!(
                "svaret kontrolleras av {validator}, som inte går ihop med den här sortens fråga. Kontrollen görs inte"
            )
        }
        Finding::SettingLeftOut { setting, value } => {
            format!("inställningen {setting} = {value} har ingen motsvarighet här")
        }
        Finding::SettingChanged { setting, value, used } => {
            format!("inställningen {setting} = {value} går inte att använda. Här används {used}")
        }
        Finding::FileTypesAssumed => "filen nämner inga filtyper. De vanliga tas emot".to_owned(),
        Finding::EmbeddedFiles { count } => {
            format!("{count} {} i frågan är utelämnade", if *count == 1 { "fil" } else { "filer" })
        }

        Finding::Rule { on } => format!("en regel som styrs av {on}"),
        Finding::RuleDisabled => "regeln är avstängd och därför utelämnad".to_owned(),
        Finding::UnknownRule { kind } => {
            format!("regelsorten {kind} finns inte här. Regeln är utelämnad och dess frågor visas")
        }
        Finding::RuleSourceUnsuited { kind } => format!(
            "svaret på en fråga av sorten {kind} kan inte styra en regel här. Regeln är utelämnad och dess frågor visas"
        ),
        Finding::RuleHistory => {
            "regeln minns vad ett tidigare svar ledde till. Här gäller svaren som de är nu".to_owned()
        }
        Finding::RuleTargetMissing { target } => {
            format!("frågan {target}, som regeln styr, finns inte i filen")
        }
        Finding::RuleAlternativeMissing { alternative } => {
            format!("alternativet {alternative} finns inte i frågan")
        }
        Finding::RuleEmpty => {
            "regeln nämner inget alternativ eller ingen fråga och gör därför inget".to_owned()
        }

        Finding::AttributeTag { tag } => {
            format!("{tag} står för ett tidigare svar och visas som det är skrivet")
        }
        Finding::LinkLeftOut => "av en länk är bara texten kvar".to_owned(),
        Finding::MarkupLeftOut { element } => format!("{element} är utelämnat ur en text"),
        Finding::TextCut { max } => format!("en text är avkortad vid {max} tecken"),

        Finding::Part { count, .. } => match count {
            1 => "finns här".to_owned(),
            count => format!("{count} finns här"),
        },
        Finding::EmptyStep => "steget har inga frågor och är utelämnat".to_owned(),
        Finding::ContactTaken => "den publicerade kontakten används".to_owned(),
        Finding::ContactAssumed => {
            "ingen publicerad kontakt med namn. Den du angav vid importen används".to_owned()
        }
        Finding::SummaryAssumed => {
            "filen säger inget mer än namnet. Det står också som sammanfattning".to_owned()
        }
        Finding::RequiresSigning => {
            "e-tjänsten skrivs under med e-legitimation där. Bestäm om muntlig ansökan passar".to_owned()
        }
        Finding::RequiresAuthentication => "e-tjänsten kräver inloggning med e-legitimation där".to_owned(),
        Finding::RequiresPayment => "e-tjänsten betalas där. Betalning finns inte här".to_owned(),
        Finding::PaperForm { file } => format!("blanketten sparas som {file}"),
        Finding::PaperFormUnreadable => "blanketten är ingen PDF och är utelämnad".to_owned(),
        Finding::PaperFormTooLarge { max } => {
            format!("blanketten är större än {} MB och är utelämnad", max >> 20)
        }
        Finding::PaperFormElsewhere => "blanketten finns på en webbplats och är utelämnad".to_owned(),

        Finding::KeywordLeftOut { keyword } => {
            format!("nyckelordet {keyword} finns inte här och är utelämnat")
        }
        Finding::KeywordTooComplex { keyword } => {
            format!("nyckelordet {keyword} finns här bara i enklare form och är utelämnat")
        }
        Finding::FieldMissing { field } => format!("UI-schemat nämner {field}, som inte finns i schemat"),
    }
}

#[allow(clippy::too_many_lines, reason = "one sentence for each error, in one place")]
pub fn import_error(error: &ImportError) -> Said {
    match error {
        ImportError::TooLarge { bytes, max } => said(
            "",
            format!("filen är {} MB stor; högst {} MB läses", bytes.div_ceil(1 << 20), max >> 20),
            "Ta bort inbäddade filer, till exempel blanketter och bilder, innan du exporterar.",
        ),
        ImportError::Encoding { name } => said(
            "filens början",
            format!("teckenkodningen {name} går inte att läsa här"),
            "Exportera filen på nytt som UTF-8 eller ISO-8859-1.",
        ),
        ImportError::NotText { encoding } => said(
            "",
            format!("filen säger att den är {encoding} men är det inte"),
            "Exportera filen på nytt, och spara den inte i ett annat program däremellan.",
        ),
        ImportError::Syntax { place, reason } => {
            said(source_place(place), format!("filen är trasig ({reason})"), "Exportera filen på nytt.")
        }
        ImportError::DocumentType { place } => said(
            source_place(place),
            "filen har en dokumenttypsdeklaration (DOCTYPE). Den kan göra skada och läses inte",
            "Exportera filen på nytt direkt ur systemet. En riktig export har ingen DOCTYPE.",
        ),
        ImportError::Limit { place, limit, max } => {
            let what = match limit {
                Limit::Depth => "nivåer av element",
                Limit::Elements => "element",
                Limit::Attributes => "byte attribut i ett element",
                Limit::Text => "byte i en text",
                Limit::Questions => "frågor",
            };
            said(
                source_place(place),
                format!("det är fler än {max} {what}"),
                "Dela upp e-tjänsten, eller ta bort inbäddade filer innan du exporterar.",
            )
        }
        ImportError::WrongRoot { found, expected } => said(
            "",
            format!("filen innehåller {found}, inte {expected}"),
            "Kontrollera att filen har rätt ändelse: .oeflow för en hel e-tjänst, .oequery för en fråga.",
        ),
        ImportError::External => said(
            "",
            "e-tjänsten är en länk till en annan webbplats och har inget formulär",
            "Exportera e-tjänsten därifrån, eller skriv den för hand.",
        ),
        ImportError::Missing { place, what } => {
            said(source_place(place), format!("{what} saknas"), "Exportera filen på nytt.")
        }
        ImportError::NoQuestions => said("", "filen har inga frågor", "Kontrollera att det är rätt fil."),
        ImportError::RuleOrder { place, target } => said(
            source_place(place),
            format!("frågan {target} kommer inte efter den fråga som styr den"),
            "Ändra ordningen på frågorna där e-tjänsten är gjord, och exportera igen.",
        ),
        ImportError::RuleCircle { place, circle } => said(
            source_place(place),
            format!("reglerna går i en cirkel: {}", circle.join(" → ")),
            "Ta bort en av reglerna där e-tjänsten är gjord, och exportera igen.",
        ),
        ImportError::ReferenceCircle { place } => said(
            source_place(place),
            "en hänvisning ($ref) leder tillbaka till sig själv".to_owned(),
            "Skriv ut det som menas i stället för att hänvisa.",
        ),
        ImportError::ReferenceLost { place } => said(
            source_place(place),
            "en hänvisning ($ref) leder ingenstans i filen".to_owned(),
            "Rätta hänvisningen, eller ta med det som den pekar på i samma fil.",
        ),
        // The words for what must be changed in a definition fit here too; it is changed where it was made.
        ImportError::Refused(error) => super::load_error(error),
    }
}
