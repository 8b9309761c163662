//! `catalogue show`: an e-service as a person reads it.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use ledsaga_forms::{
    AgeLimits, Choice, Definition, Kind, Layout, OralFiling, ProtectedPolicy, Question, QuestionState, Role,
    Sensitivity, rich,
};

use super::{
    check::{examined, refused},
    file,
    rules::{Names, joined, number},
    words,
};

pub fn show(given: &[PathBuf], out: &mut impl Write) -> io::Result<bool> {
    let mut all_usable = true;
    for (n, file) in file::definitions(given).into_iter().enumerate() {
        if n > 0 {
            writeln!(out, "\n")?;
        }
        let (path, shown) = match file {
            Ok(path) => {
                let shown = examined(&path);
                (path, shown)
            }
            Err((path, error)) => (path, Err(vec![words::file(&error)])),
        };
        match shown {
            Ok(definition) => whole(&definition, out)?,
            Err(wrong) => {
                all_usable = false;
                writeln!(out, "{}", path.display())?;
                refused(out, &wrong)?;
            }
        }
    }
    Ok(all_usable)
}

pub fn oral(filing: OralFiling) -> &'static str {
    match filing {
        OralFiling::Accepted => "Ansökan kan göras muntligt. Den får skickas även om något saknas.",
        OralFiling::WrittenRequired => "Ansökan ska vara skriftlig. Allt som krävs måste vara ifyllt.",
        OralFiling::SignatureRequired => "Ansökan måste skrivas under. Den kan förberedas i samtalet.",
    }
}

fn days(n: u16) -> String {
    if n == 1 { "1 dag".to_owned() } else { format!("{n} dagar") }
}

fn whole(definition: &Definition, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} ({}, version {})", definition.name, definition.id, definition.version)?;
    writeln!(out, "{}", definition.summary)?;
    writeln!(out, "Kategori: {}", definition.category)?;
    writeln!(out, "Tar emot: {}", definition.unit)?;
    let contact = &definition.contact;
    let ways = [Some(&contact.name), Some(&contact.phone), contact.email.as_ref(), contact.hours.as_ref()];
    writeln!(out, "Kontakt: {}", ways.into_iter().flatten().cloned().collect::<Vec<_>>().join(", "))?;
    if !definition.keywords.is_empty() {
        writeln!(out, "Hittas också med: {}", definition.keywords.join(", "))?;
    }
    writeln!(out, "{}", oral(definition.oral_filing))?;
    let retention = &definition.retention;
    writeln!(
        out,
        "Utkast sparas högst {}, med skyddade personuppgifter högst {}.",
        days(retention.draft_days),
        days(retention.protected_draft_days)
    )?;
    for form in &definition.paper_forms {
        writeln!(out, "Blankett: {} ({})", form.name, form.file)?;
    }
    if !definition.checklist.is_empty() {
        writeln!(out, "\nHa till hands")?;
        definition.checklist.iter().try_for_each(|line| writeln!(out, "  - {line}"))?;
    }
    for (s, step) in definition.steps.iter().enumerate() {
        writeln!(out, "\nSteg {}: {}", s.saturating_add(1), step.title)?;
        for (q, question) in step.questions.iter().enumerate() {
            self::question(question, &format!("  {}. ", q.saturating_add(1)), out)?;
            if let Kind::Group { questions, .. } = &question.kind {
                for member in questions {
                    self::question(member, "      - ", out)?;
                }
            }
        }
    }
    if !definition.rules.is_empty() {
        writeln!(out, "\nRegler, i ordning; den sista som gäller bestämmer")?;
        let names = Names::new(definition);
        for (r, rule) in definition.rules.iter().enumerate() {
            writeln!(out, "  {}. {}", r.saturating_add(1), names.rule(rule))?;
        }
    }
    Ok(())
}

fn question(question: &Question, bullet: &str, out: &mut impl Write) -> io::Result<()> {
    let state = match question.state {
        QuestionState::Hidden => ", visas bara om en regel säger det",
        QuestionState::Visible => ", frivillig",
        QuestionState::VisibleRequired
            if matches!(question.kind, Kind::Information { .. } | Kind::Stop { .. }) =>
        {
            ""
        }
        QuestionState::VisibleRequired => ", måste besvaras",
    };
    writeln!(out, "{bullet}{} [{}{state}] (id {})", question.label, kind(&question.kind), question.id)?;
    let margin = " ".repeat(bullet.chars().count());
    let mut line = |text: String| writeln!(out, "{margin}{text}");
    if let Some(ask) = &question.ask {
        line(format!("Säg: ”{ask}”"))?;
    }
    if let Some(help) = &question.help {
        line(format!("Hjälp: {}", one_line(help)))?;
    }
    if let Some(text) = text_of(&question.kind) {
        line(format!("Text: {}", one_line(text)))?;
    }
    if let Kind::Confirm { statement, .. } = &question.kind {
        line(format!("Läses upp: ”{statement}”"))?;
    }
    let (choices, other) = choices_of(&question.kind);
    if !choices.is_empty() {
        let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).chain(other).collect();
        line(format!("Alternativ: {}", labels.join(" / ")))?;
    }
    if let Some(role) = &question.role {
        line(format!("Gäller: {}", self::role(role)))?;
    }
    let masked = match question.sensitivity {
        Sensitivity::Ordinary => None,
        Sensitivity::Personal => Some("personlig uppgift"),
        Sensitivity::Protected => Some("döljs"),
    };
    let asked = match question.protected_policy {
        ProtectedPolicy::Ask => None,
        ProtectedPolicy::ViaForwarding => Some("frågas inte, via Skatteverkets förmedling"),
        ProtectedPolicy::DoNotAsk => Some("frågas inte"),
    };
    let protected: Vec<&str> = masked.into_iter().chain(asked).collect();
    if protected.is_empty() {
        Ok(())
    } else {
        line(format!("Vid skyddade personuppgifter: {}", protected.join(", ")))
    }
}

/// Marked text on one line.
fn one_line(text: &str) -> String {
    rich::plain(&rich::read(text)).replace('\n', " ")
}

fn text_of(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Information { text } | Kind::Stop { text } | Kind::Confirm { text: Some(text), .. } => {
            Some(text)
        }
        _ => None,
    }
}

fn choices_of(kind: &Kind) -> (&[Choice], Option<&str>) {
    match kind {
        Kind::Radio { choices, other }
        | Kind::DropDown { choices, other }
        | Kind::Checkbox { choices, other, .. } => (choices, other.as_deref()),
        _ => (&[], None),
    }
}

fn role(role: &Role) -> String {
    match role {
        Role::Applicant => "den sökande".to_owned(),
        Role::CoApplicant => "medsökande".to_owned(),
        Role::Guardian => "vårdnadshavare".to_owned(),
        Role::Child => "barnet".to_owned(),
        Role::Proxy { basis } => format!("ombud eller ställföreträdare, med stöd av svaret på {basis}"),
        Role::CompanyRepresentative => "företrädare för företag eller förening".to_owned(),
        Role::Organisation => "organisationen".to_owned(),
        Role::SigningParty => "någon som också ska skriva under".to_owned(),
    }
}

/// The kind with its limits, such as `text, högst 60 tecken`.
fn kind(kind: &Kind) -> String {
    let limits = |min: Option<String>, max: Option<String>, unit: &str| match (min, max) {
        (None, None) => String::new(),
        (Some(min), None) => format!(", minst {min}{unit}"),
        (None, Some(max)) => format!(", högst {max}{unit}"),
        (Some(min), Some(max)) => format!(", {min} till {max}{unit}"),
    };
    let counted = |n: &Option<u32>| n.map(|n| n.to_string());
    match kind {
        Kind::Text { min_length, max_length, pattern, covered, .. } => {
            let pattern = pattern.as_ref().map(|pattern| format!(", skrivs {pattern}")).unwrap_or_default();
            let covered = if *covered { ", täcks på skärmen" } else { "" };
            format!("text{}{pattern}{covered}", limits(counted(min_length), counted(max_length), " tecken"))
        }
        Kind::TextArea { min_length, max_length } => {
            format!("längre text{}", limits(counted(min_length), counted(max_length), " tecken"))
        }
        Kind::Note => "meddelande till handläggaren".to_owned(),
        Kind::Number { min, max, unit, .. } => {
            let unit = unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
            format!("tal{}", limits(min.map(number), max.map(number), &unit))
        }
        Kind::Money { max } => format!("belopp{}", limits(None, max.map(|max| max.to_string()), " kr")),
        Kind::Date { not_past, not_future } => match (not_past, not_future) {
            (true, true) => "datum, bara i dag".to_owned(),
            (true, false) => "datum, i dag eller senare".to_owned(),
            (false, true) => "datum, i dag eller tidigare".to_owned(),
            (false, false) => "datum".to_owned(),
        },
        Kind::Time => "klockslag".to_owned(),
        Kind::Radio { .. } => "ett alternativ".to_owned(),
        Kind::DropDown { .. } => "ett alternativ ur en lista".to_owned(),
        Kind::Checkbox { min, max, .. } => {
            format!("flera alternativ{}", limits(counted(min), counted(max), ""))
        }
        Kind::PersonalIdentityNumber { age } => {
            let age = age.map(|AgeLimits { min, max, by_year }| {
                let how = if by_year { " år, räknat på födelseåret" } else { " år" };
                limits(min.map(|n| n.to_string()), max.map(|n| n.to_string()), how)
            });
            format!("personnummer{}", age.unwrap_or_default())
        }
        Kind::OtherIdentityNumber { domain } => format!("annat nummer: {domain}"),
        Kind::OrganisationNumber => "organisationsnummer".to_owned(),
        Kind::Phone => "telefonnummer".to_owned(),
        Kind::Email => "e-postadress".to_owned(),
        Kind::Postcode => "postnummer".to_owned(),
        Kind::Address => "gatuadress".to_owned(),
        Kind::Files { max_count, max_size, max_total, types } => {
            let total =
                max_total.map(|total| format!(", tillsammans högst {}", size(total))).unwrap_or_default();
            let types = joined(types, "eller");
            format!("filer, högst {max_count}, högst {} var{total}, {types}", size(*max_size))
        }
        Kind::Group { row_label, min_rows, max_rows, layout, .. } => match (max_rows, layout) {
            (1, _) => format!("flera fält: {row_label}"),
            (_, Layout::Rows) => format!("{min_rows} till {max_rows} av {row_label}"),
            (_, Layout::Table) => format!("tabell, {min_rows} till {max_rows} rader av {row_label}"),
        },
        Kind::Information { .. } => "information".to_owned(),
        Kind::Stop { .. } => "stopp, ärendet kan inte skickas när den visas".to_owned(),
        Kind::Confirm { .. } => "läses upp och bekräftas".to_owned(),
        Kind::Unknown(fields) => {
            let kind = fields.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default();
            format!("okänd sort {kind}, fylls i av handläggaren")
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} byte"),
        1024..1_048_576 => format!("{} kB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}
