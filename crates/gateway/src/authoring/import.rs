//! `catalogue import`: e-services made of other systems' files, with what became of every part.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use ledsaga_forms::{
    Contact, Definition, Kind, OralFiling, Question, Retention,
    import::{self, Defaults, ImportError, Imported, ImportedQuestion, Outcome, Report},
};

use super::{
    advice::PLACEHOLDER,
    check::{refused, said},
    file::{self, FileError, SOURCE_MAX, Written},
    words::{self, Said},
};

#[derive(clap::Args)]
pub struct Arguments {
    /// Filer: .oeflow, .oequery eller JSON Schema (.json).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Mapp för det som skapas. Utan den: där du står.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Skriver över filer som redan finns med annat innehåll.
    #[arg(long)]
    force: bool,
    /// E-tjänstens id. Utan det görs ett av namnet.
    #[arg(long)]
    id: Option<String>,
    /// E-tjänstens version.
    #[arg(long, value_name = "N", default_value_t = 1)]
    service_version: u32,
    /// Kategori, till exempel "Stöd och omsorg".
    #[arg(long, value_name = "TEXT")]
    category: Option<String>,
    /// Nämnd eller enhet som tar emot ärendet.
    #[arg(long, value_name = "TEXT")]
    unit: Option<String>,
    /// Vem ett samtal kan kopplas till, om filen inte säger det.
    #[arg(long, value_name = "TEXT")]
    contact_name: Option<String>,
    #[arg(long, value_name = "TEXT")]
    contact_phone: Option<String>,
    #[arg(long, value_name = "TEXT")]
    contact_email: Option<String>,
    #[arg(long, value_name = "TEXT")]
    contact_hours: Option<String>,
    /// Om det som sägs i samtalet är en ansökan: accepted, written_required eller signature_required.
    #[arg(long, value_name = "WORD", value_parser = oral_filing)]
    oral_filing: Option<OralFiling>,
    /// Dagar som ett utkast sparas; ett med skyddade personuppgifter sparas en dag.
    #[arg(long, value_name = "N", default_value_t = 14)]
    draft_days: u16,
    /// UI-schema till ett JSON Schema.
    #[arg(long, value_name = "FILE")]
    ui_schema: Option<PathBuf>,
}

fn oral_filing(word: &str) -> Result<OralFiling, String> {
    serde_json::from_value(serde_json::Value::from(word))
        .map_err(|_| "skriv accepted, written_required eller signature_required".to_owned())
}

impl Arguments {
    fn defaults(&self) -> Defaults {
        let given = |value: &Option<String>| value.clone().unwrap_or_else(|| PLACEHOLDER.to_owned());
        Defaults {
            id: self.id.clone(),
            version: self.service_version,
            category: given(&self.category),
            unit: given(&self.unit),
            contact: Contact {
                name: given(&self.contact_name),
                phone: given(&self.contact_phone),
                email: self.contact_email.clone(),
                hours: self.contact_hours.clone(),
            },
            oral_filing: self.oral_filing.unwrap_or(OralFiling::Accepted),
            retention: Retention { draft_days: self.draft_days, protected_draft_days: 1 },
        }
    }
}

pub fn import(arguments: &Arguments, out: &mut impl Write) -> io::Result<bool> {
    if arguments.id.is_some() && arguments.files.len() > 1 {
        refused(out, &[words::one_id()])?;
        return Ok(false);
    }
    let ui_schema = match arguments.ui_schema.as_deref().map(|path| (path, file::read(path, SOURCE_MAX))) {
        None => None,
        Some((_, Ok(bytes))) => Some(bytes),
        Some((path, Err(error))) => {
            writeln!(out, "{}", path.display())?;
            refused(out, &[words::file(&error)])?;
            return Ok(false);
        }
    };
    let mut all_taken = true;
    for path in &arguments.files {
        writeln!(out, "{}", path.display())?;
        match taken(path, ui_schema.as_deref(), &arguments.defaults()) {
            Ok(Source::Service(imported)) => all_taken &= kept(&imported, arguments, out)?,
            Ok(Source::Question(imported)) => show_question(&imported, out)?,
            Err(wrong) => {
                all_taken = false;
                refused(out, &[wrong])?;
            }
        }
    }
    Ok(all_taken)
}

enum Source {
    Service(Box<Imported>),
    Question(Box<ImportedQuestion>),
}

/// By the file's ending, since the systems name their exports so.
fn taken(path: &Path, ui_schema: Option<&[u8]>, defaults: &Defaults) -> Result<Source, Said> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let service = |imported: Result<Imported, ImportError>| imported.map(|i| Source::Service(Box::new(i)));
    let read = || file::read(path, SOURCE_MAX).map_err(|error| words::file(&error));
    let source = match ending.as_str() {
        "oeflow" => service(import::oeflow(&read()?, defaults)),
        "oequery" => import::oequery(&read()?).map(|imported| Source::Question(Box::new(imported))),
        "json" => service(import::json_schema(&read()?, ui_schema, defaults)),
        _ => return Err(words::unknown_ending(&ending)),
    };
    source.map_err(|error| words::import_error(&error))
}

/// Writes what was taken over, all of it or nothing, and tells what became of it.
fn kept(imported: &Imported, arguments: &Arguments, out: &mut impl Write) -> io::Result<bool> {
    let path = arguments.out.join(format!("{}.json", imported.definition.id));
    let written = match write(imported, &path, arguments) {
        Ok(written) => written,
        Err((path, error)) => {
            let Said { what, remedy, .. } = words::file(&error);
            refused(out, &[Said { place: path.display().to_string(), what, remedy }])?;
            return Ok(false);
        }
    };
    for (path, written) in &written {
        let how = match written {
            Written::New => "ny fil",
            Written::Replaced => "skrev över den som fanns",
            Written::Same => "fanns redan, likadan",
        };
        writeln!(out, "  Sparad: {} ({how})", path.display())?;
    }
    writeln!(out, "  {}.", words::summary(&imported.definition))?;
    show_report(&imported.report, out)?;
    let by_hand = by_hand(&imported.definition, arguments);
    if !by_hand.is_empty() {
        writeln!(out, "  Fyll i för hand i filen:")?;
        by_hand.iter().try_for_each(|line| writeln!(out, "  - {line}"))?;
    }
    writeln!(out, "  Kontrollera sedan: ledsaga-gateway catalogue check {}", path.display())?;
    Ok(true)
}

type Kept = Vec<(PathBuf, Written)>;

fn write(imported: &Imported, path: &Path, arguments: &Arguments) -> Result<Kept, (PathBuf, FileError)> {
    // The hash is counted when loaded; written down it would have to be changed with every word.
    let definition = Definition { hash: String::new(), ..imported.definition.clone() };
    let mut json = serde_json::to_vec_pretty(&definition)
        .map_err(|error| (path.to_owned(), FileError::Other(io::Error::other(error))))?;
    json.push(b'\n');
    // A definition's paper forms have plain names, see the checks of `load`.
    let forms =
        imported.files.iter().filter(|file| definition.paper_forms.iter().any(|f| f.file == file.name));
    let forms = forms.map(|file| (arguments.out.join(&file.name), file.bytes.as_slice()));
    let files: Vec<(PathBuf, &[u8])> = forms.chain([(path.to_owned(), json.as_slice())]).collect();
    for (path, bytes) in &files {
        file::may_write(path, bytes, arguments.force).map_err(|error| (path.clone(), error))?;
    }
    // The definition last: what it names is there when it is.
    let write = |(path, bytes): (PathBuf, &[u8])| match file::write(&path, bytes, arguments.force) {
        Ok(written) => Ok((path, written)),
        Err(error) => Err((path, error)),
    };
    files.into_iter().map(write).collect()
}

fn show_report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for outcome in [Outcome::NotUnderstood, Outcome::Approximated, Outcome::Taken] {
        let count = report.count(outcome);
        if count == 0 {
            continue;
        }
        writeln!(out, "  {} ({count}):", words::outcome(outcome))?;
        for entry in report.entries.iter().filter(|entry| entry.outcome == outcome) {
            said(
                out,
                &Said {
                    place: words::source_place(&entry.place),
                    what: words::finding(&entry.finding),
                    remedy: String::new(),
                },
            )?;
        }
    }
    Ok(())
}

/// What a source file does not say, and only the municipality knows.
fn by_hand(definition: &Definition, arguments: &Arguments) -> Vec<String> {
    let mut lines = Vec::new();
    for (field, value, what) in [
        ("category", &definition.category, "kategorin som e-tjänsten visas under"),
        ("unit", &definition.unit, "den nämnd eller enhet som tar emot ärendet"),
        ("contact.name", &definition.contact.name, "vem ett samtal kan kopplas till"),
        ("contact.phone", &definition.contact.phone, "telefonnumret dit"),
    ] {
        if value.starts_with(PLACEHOLDER) {
            lines.push(format!("{field}: {what}"));
        }
    }
    if arguments.oral_filing.is_none() {
        lines.push("oral_filing: om ansökan får göras muntligt. Nu står det accepted".to_owned());
    }
    if definition.keywords.is_empty() {
        lines.push("keywords: orden som den som ringer använder".to_owned());
    }
    if definition.checklist.is_empty() {
        lines.push("checklist: vad den som ringer behöver ha till hands".to_owned());
    }
    let unsaid = definition.steps.iter().flat_map(|step| &step.questions).map(unsaid).sum::<usize>();
    if unsaid > 0 {
        lines.push(format!("ask: hur frågan ställs högt, i {unsaid} frågor"));
    }
    lines
}

/// Questions that nobody has worded for the ear.
fn unsaid(question: &Question) -> usize {
    let members = match &question.kind {
        Kind::Group { questions, .. } => questions.iter().map(unsaid).sum(),
        _ => 0,
    };
    members + usize::from(question.ask.is_none())
}

fn show_question(imported: &ImportedQuestion, out: &mut impl Write) -> io::Result<()> {
    show_report(&imported.report, out)?;
    let json = serde_json::to_string_pretty(&imported.question).map_err(io::Error::other)?;
    writeln!(out, "  Frågan, att klistra in i ett stegs questions:\n{json}")
}
