//! Questions as they are asked aloud, where their author has not said how.

use super::Language;
use crate::{Kind, Question, Role};

/// The question as spoken to the caller: as its author wrote it, else made of its label and kind. None where nothing is
/// asked.
pub fn ask(question: &Question, language: Language) -> Option<String> {
    ask_in(question, None, language)
}

/// Of a question in a group, whose role is that of its rows.
pub(crate) fn ask_in(question: &Question, group: Option<&Question>, language: Language) -> Option<String> {
    if question.ask.is_some() {
        return question.ask.clone();
    }
    match &question.kind {
        // Its fields are asked for themselves.
        Kind::Group { max_rows: 1, .. } => None,
        Kind::Confirm { .. } => Some(language.either("Bekräftar du det?", "Do you confirm that?").to_owned()),
        kind if !kind.is_answered() => None,
        kind => {
            let label = question.label.trim_end_matches([':', '*', ' ']);
            let lower = label.to_lowercase();
            let own = ["ditt ", "din ", "your "].iter().find_map(|own| lower.strip_prefix(own));
            Some(match Thing::of(kind, own.unwrap_or(&lower)) {
                Some(thing) if own.is_some() => thing.asked_of(Whose::Caller, language),
                Some(thing) => thing.asked_of(whose(question, group), language),
                None => from_label(label),
            })
        }
    }
}

/// What is asked for, where everybody asks for it in the same words.
#[derive(Clone, Copy)]
enum Thing {
    Name,
    FirstName,
    Surname,
    PersonalNumber,
    OrganisationNumber,
    Phone,
    Email,
    Address,
    Postcode,
    Town,
    Date,
    Time,
}

/// Whose it is.
#[derive(Clone, Copy)]
enum Whose {
    Caller,
    Role(&'static str, &'static str),
    /// The label stands alone in the form.
    Unsaid,
    /// It is in a row that may be about anyone.
    Row,
}

fn whose(question: &Question, group: Option<&Question>) -> Whose {
    match question.role.as_ref().or_else(|| group?.role.as_ref()) {
        Some(Role::Applicant) => Whose::Caller,
        Some(Role::CoApplicant) => Whose::Role("medsökanden", "the co-applicant"),
        Some(Role::Guardian) => Whose::Role("vårdnadshavaren", "the guardian"),
        Some(Role::Child) => Whose::Role("barnet", "the child"),
        Some(Role::Proxy { .. }) => Whose::Role("ombudet", "the representative"),
        Some(Role::CompanyRepresentative) => Whose::Role("företrädaren", "the company's representative"),
        Some(Role::Organisation) => Whose::Role("organisationen", "the organisation"),
        Some(Role::SigningParty) => Whose::Role("den som ska skriva under", "the person who will sign"),
        None if group.is_some() => Whose::Row,
        None => Whose::Unsaid,
    }
}

impl Thing {
    fn of(kind: &Kind, label: &str) -> Option<Self> {
        Some(match (kind, label) {
            (
                Kind::Text { .. },
                "namn" | "för- och efternamn" | "förnamn och efternamn" | "name" | "full name",
            ) => Self::Name,
            (Kind::Text { .. }, "förnamn" | "first name") => Self::FirstName,
            (Kind::Text { .. }, "efternamn" | "surname" | "last name") => Self::Surname,
            (Kind::Text { .. }, "ort" | "postort" | "town" | "city") => Self::Town,
            (
                Kind::PersonalIdentityNumber { .. },
                "personnummer"
                | "personnummer eller samordningsnummer"
                | "person- eller samordningsnummer"
                | "personal identity number",
            ) => Self::PersonalNumber,
            (Kind::OrganisationNumber, "organisationsnummer" | "organisation number") => {
                Self::OrganisationNumber
            }
            (
                Kind::Phone,
                "telefon" | "telefonnummer" | "mobil" | "mobilnummer" | "mobiltelefon" | "mobiltelefonnummer"
                | "phone" | "phone number" | "mobile" | "mobile number",
            ) => Self::Phone,
            (
                Kind::Email,
                "e-post" | "e-postadress" | "epost" | "epostadress" | "mejl" | "mejladress" | "email"
                | "e-mail" | "email address" | "e-mail address",
            ) => Self::Email,
            (
                Kind::Address,
                "adress" | "gatuadress" | "bostadsadress" | "postadress" | "address" | "street address",
            ) => Self::Address,
            (Kind::Postcode, "postnummer" | "postcode") => Self::Postcode,
            (Kind::Date { .. }, "datum" | "date") => Self::Date,
            (Kind::Time, "tid" | "klockslag" | "time") => Self::Time,
            _ => return None,
        })
    }

    fn asked_of(self, whose: Whose, language: Language) -> String {
        match language {
            Language::Swedish => self.in_swedish(whose),
            Language::English => self.in_english(whose),
        }
    }

    fn in_swedish(self, whose: Whose) -> String {
        let what = match (self, whose) {
            (Self::Phone, Whose::Caller | Whose::Unsaid) => {
                return "Vilket telefonnummer når vi dig på?".to_owned();
            }
            (Self::Email, Whose::Caller | Whose::Unsaid) => {
                return "Vilken e-postadress når vi dig på?".to_owned();
            }
            (Self::Name | Self::FirstName | Self::Surname, Whose::Caller | Whose::Role(..)) => {
                let who = if let Whose::Role(who, _) = whose { who } else { "du" };
                let part = match self {
                    Self::FirstName => " i förnamn",
                    Self::Surname => " i efternamn",
                    _ => "",
                };
                return format!("Vad heter {who}{part}?");
            }
            (Self::Name, _) => "Vilket namn",
            (Self::FirstName, _) => "Vilket förnamn",
            (Self::Surname, _) => "Vilket efternamn",
            (Self::PersonalNumber, _) => "Vilket personnummer",
            (Self::OrganisationNumber, _) => "Vilket organisationsnummer",
            (Self::Phone, _) => "Vilket telefonnummer",
            (Self::Email, _) => "Vilken e-postadress",
            (Self::Address, _) => "Vilken adress",
            (Self::Postcode, _) => "Vilket postnummer",
            (Self::Town, _) => "Vilken postort",
            (Self::Date, _) => return "Vilket datum?".to_owned(),
            (Self::Time, _) => return "Vilken tid?".to_owned(),
        };
        match whose {
            Whose::Caller => format!("{what} har du?"),
            Whose::Role(who, _) => format!("{what} har {who}?"),
            Whose::Unsaid | Whose::Row => format!("{what}?"),
        }
    }

    fn in_english(self, whose: Whose) -> String {
        let what = match (self, whose) {
            (Self::Phone, Whose::Caller | Whose::Unsaid) => {
                return "What phone number can we reach you on?".to_owned();
            }
            (Self::Email, Whose::Caller | Whose::Unsaid) => {
                return "What email address can we reach you on?".to_owned();
            }
            (Self::Date, _) => return "What date?".to_owned(),
            (Self::Time, _) => return "What time?".to_owned(),
            (Self::Name, _) => "name",
            (Self::FirstName, _) => "first name",
            (Self::Surname, _) => "surname",
            (Self::PersonalNumber, _) => "personal identity number",
            (Self::OrganisationNumber, _) => "organisation number",
            (Self::Phone, _) => "phone number",
            (Self::Email, _) => "email address",
            (Self::Address, _) => "address",
            (Self::Postcode, _) => "postcode",
            (Self::Town, _) => "town",
        };
        match whose {
            Whose::Caller => format!("What is your {what}?"),
            Whose::Role(_, who) => format!("What is the {what} of {who}?"),
            Whose::Unsaid | Whose::Row => format!("What is the {what}?"),
        }
    }
}

/// `Skolans namn?`; what is written as a sentence or a request is left one.
fn from_label(label: &str) -> String {
    const REQUESTS: [&str; 12] = [
        "ange",
        "berätta",
        "beskriv",
        "bifoga",
        "fyll",
        "förklara",
        "lämna",
        "motivera",
        "skriv",
        "uppge",
        "välj",
        "describe",
    ];
    let first = label.split_whitespace().next().unwrap_or_default().to_lowercase();
    match label {
        _ if label.ends_with(['?', '.', '!']) => label.to_owned(),
        _ if REQUESTS.contains(&first.as_str()) => format!("{label}."),
        _ => format!("{label}?"),
    }
}

#[cfg(test)]
mod tests;
