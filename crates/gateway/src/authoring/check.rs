//! `catalogue check`: whether e-services can be used, and if not, all that is wrong.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use ledsaga_forms::{Definition, Kind, LoadError, faults, load};

use super::{
    advice,
    file::{self, DEFINITION_MAX, FileError},
    words::{self, Said},
};

pub fn check(given: &[PathBuf], out: &mut impl Write) -> io::Result<bool> {
    let files = file::definitions(given);
    let mut usable = 0;
    let mut seen: BTreeMap<(String, u32), PathBuf> = BTreeMap::new();
    for file in &files {
        let path = match file {
            Ok(path) => path,
            Err((path, error)) => {
                writeln!(out, "{}", path.display())?;
                refused(out, &[words::file(error)])?;
                continue;
            }
        };
        writeln!(out, "{}", path.display())?;
        match examined(path) {
            Ok(definition) => {
                let twin = seen.insert((definition.id.clone(), definition.version), path.clone());
                if let Some(twin) = twin {
                    refused(out, &[words::twin(&definition, &twin)])?;
                    continue;
                }
                usable += 1;
                writeln!(out, "  Går att använda: {}.", words::summary(&definition))?;
                let mut advice = advice::of(&definition);
                advice.extend(advice::of_paper_forms(&definition, path));
                advised(out, &advice.iter().map(words::advice).collect::<Vec<_>>())?;
            }
            Err(wrong) => refused(out, &wrong)?,
        }
    }
    if files.len() > 1 {
        let (all, wrong) = (files.len(), files.len() - usable);
        writeln!(out, "\n{all} filer: {usable} går att använda, {wrong} går inte att använda.")?;
    }
    Ok(usable == files.len())
}

/// A definition that can be used, or everything that is wrong with it.
pub fn examined(path: &Path) -> Result<Definition, Vec<Said>> {
    let json = file::read(path, DEFINITION_MAX).map_err(|error: FileError| vec![words::file(&error)])?;
    load(&json).map_err(|first| match first {
        LoadError::Invalid { .. } => faults(&json).iter().map(words::load_error).collect(),
        LoadError::Malformed { .. } => vec![words::malformed(&first, &json)],
        LoadError::UnknownFormat { .. } => vec![words::load_error(&first)],
    })
}

/// Questions with those in groups.
pub fn questions(definition: &Definition) -> usize {
    let all = definition.steps.iter().flat_map(|step| &step.questions);
    all.map(|question| match &question.kind {
        Kind::Group { questions, .. } => 1 + questions.len(),
        _ => 1,
    })
    .sum()
}

pub fn refused(out: &mut impl Write, wrong: &[Said]) -> io::Result<()> {
    writeln!(out, "  Går inte att använda:")?;
    wrong.iter().try_for_each(|wrong| said(out, wrong))
}

/// The same advice once, with all the places that it is for.
fn advised(out: &mut impl Write, advice: &[Said]) -> io::Result<()> {
    if !advice.is_empty() {
        writeln!(out, "  Se över:")?;
    }
    let same = |a: &Said, b: &Said| (&a.what, &a.remedy) == (&b.what, &b.remedy);
    for (n, one) in advice.iter().enumerate() {
        if advice.iter().take(n).any(|earlier| same(earlier, one)) {
            continue;
        }
        let places: Vec<&str> = advice.iter().filter(|a| same(a, one)).map(|a| a.place.as_str()).collect();
        if let [_] = places.as_slice() {
            said(out, one)?;
            continue;
        }
        writeln!(out, "  - på {} ställen: {}", places.len(), one.what)?;
        places.iter().try_for_each(|place| writeln!(out, "      {place}"))?;
        writeln!(out, "    Gör så här: {}", one.remedy)?;
    }
    Ok(())
}

pub fn said(out: &mut impl Write, words: &Said) -> io::Result<()> {
    match words.place.as_str() {
        "" => writeln!(out, "  - {}", words.what)?,
        place => writeln!(out, "  - {place}: {}", words.what)?,
    }
    if words.remedy.is_empty() { Ok(()) } else { writeln!(out, "    Gör så här: {}", words.remedy) }
}
