//! Word, Excel and PowerPoint (ECMA-376): what they say about people and machines, part by part.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Removed, StripError, Traces, archive, clean_within,
    xml::{Element, Fate, Sieve, filter},
};

/// What Word itself writes for a person whom it must not name.
const SOMEONE: &str = "Author";
const SOMEONES_INITIALS: &str = "A";
/// Where a time must stand.
const SOME_TIME: &str = "2000-01-01T00:00:00Z";

const CORE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"#;
const EXTENDED: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>"#;
const CUSTOM: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>"#;

/// Ends of relationship types whose parts go, and what they tell.
const DROPPED: [(&str, Removed); 8] = [
    ("/thumbnail", Removed::Thumbnail),
    ("/printerSettings", Removed::Device),
    ("/attachedTemplate", Removed::Author),
    ("/customXml", Removed::Other),
    ("/customXmlProps", Removed::Other),
    ("/mailMergeSource", Removed::Other),
    ("/mailMergeHeaderSource", Removed::Other),
    ("/recipientData", Removed::Other),
];

pub(super) fn clean(bytes: &[u8], depth: u8, traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut parts = archive::read(bytes, traces)?;
    if parts.iter().any(|part| part.name.starts_with("_xmlsignatures/")) {
        return Err(StripError::Signed);
    }
    let related = Related::read(&parts)?;
    parts.retain(|part| !related.dropped.contains(&part.name));
    for part in &mut parts {
        part.bytes = if let Some(empty) = related.emptied.get(&part.name) {
            if part.bytes != empty.as_bytes() {
                properties(&part.bytes, traces);
            }
            empty.as_bytes().to_vec()
        } else if part.name.ends_with(".rels") {
            filter(&part.bytes, &mut Relationships { traces })?
        } else if part.name == "[Content_Types].xml" {
            filter(&part.bytes, &mut ContentTypes { dropped: &related.dropped })?
        } else if part.name.ends_with(".xml") {
            filter(&part.bytes, &mut Content { traces, authors: BTreeSet::new() })?
        } else {
            clean_within(&part.bytes, depth, traces)?
        };
    }
    archive::write(&parts)
}

/// What the relationships make of parts.
struct Related {
    dropped: BTreeSet<String>,
    emptied: BTreeMap<String, &'static str>,
}

impl Related {
    fn read(parts: &[archive::Part]) -> Result<Self, StripError> {
        let conventional =
            [("docProps/core.xml", CORE), ("docProps/app.xml", EXTENDED), ("docProps/custom.xml", CUSTOM)];
        let mut related = Self {
            dropped: BTreeSet::new(),
            emptied: conventional.into_iter().map(|(name, empty)| (name.to_owned(), empty)).collect(),
        };
        for part in parts.iter().filter(|part| part.name.ends_with(".rels")) {
            filter(&part.bytes, &mut Targets { folder: source_folder(&part.name), related: &mut related })?;
        }
        // What only a dropped part refers to goes with it.
        let below = |part: &&archive::Part| part.name.starts_with("customXml/");
        related.dropped.extend(parts.iter().filter(below).map(|part| part.name.clone()));
        Ok(related)
    }
}

/// `word/_rels/document.xml.rels` speaks of names in `word/`.
fn source_folder(relationships: &str) -> &str {
    relationships.rsplit_once("_rels/").map_or("", |(folder, _)| folder)
}

/// The name of a part as a relationship gives it (ECMA-376 part 2, 6.5.3).
fn resolve(folder: &str, target: &str) -> String {
    let (folder, target) = target.strip_prefix('/').map_or((folder, target), |target| ("", target));
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

fn dropped_for(kind: &str) -> Option<Removed> {
    DROPPED.iter().find(|(end, _)| kind.ends_with(end)).map(|(_, removed)| *removed)
}

struct Targets<'a> {
    folder: &'a str,
    related: &'a mut Related,
}

impl Sieve for Targets<'_> {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        let external = element.get("TargetMode") == Some("External");
        if let (Some(kind), Some(target), false) = (element.get("Type"), element.get("Target"), external) {
            let name = resolve(self.folder, target);
            if dropped_for(kind).is_some() {
                self.related.dropped.insert(name);
            } else if kind.ends_with("/core-properties") {
                self.related.emptied.insert(name, CORE);
            } else if kind.ends_with("/extended-properties") {
                self.related.emptied.insert(name, EXTENDED);
            } else if kind.ends_with("/custom-properties") {
                self.related.emptied.insert(name, CUSTOM);
            }
        }
        Fate::Keep
    }
}

struct Relationships<'a> {
    traces: &'a mut Traces,
}

impl Sieve for Relationships<'_> {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        let Some(removed) = element.get("Type").and_then(dropped_for) else { return Fate::Keep };
        self.traces.add(removed);
        Fate::Drop
    }
}

struct ContentTypes<'a> {
    dropped: &'a BTreeSet<String>,
}

impl Sieve for ContentTypes<'_> {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        let name = element.get("PartName").map(|name| resolve("", name));
        if name.is_some_and(|name| self.dropped.contains(&name)) { Fate::Drop } else { Fate::Keep }
    }
}

struct Content<'a> {
    traces: &'a mut Traces,
    /// Names of those who wrote the notes of a sheet. Excel puts them into the notes as well.
    authors: BTreeSet<String>,
}

impl Sieve for Content<'_> {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        match (element.local, element.parent()) {
            // Word: who wrote, with address of e-mail.
            ("person", "people") => return self.drop(Removed::Author),
            // Paths on the author's computer.
            ("attachedTemplate" | "absPath", _) => return self.drop(Removed::Author),
            ("printerSettings", _) => return self.drop(Removed::Device),
            ("mailMerge" | "docVars" | "rsids" | "docId" | "dataBinding", _) => {
                return self.drop(Removed::Other);
            }
            ("author", "authors") | ("t", "r" | "text") if self.in_notes(element) => return Fate::Content,
            _ => self.attributes(element),
        }
        Fate::Keep
    }

    fn content(&mut self, local: &str, old: &str) -> String {
        if local == "author" {
            // Points to the answers of a thread, which name nobody.
            if old.starts_with("tc=") || old == SOMEONE {
                return old.to_owned();
            }
            self.traces.add(Removed::Author);
            self.authors.insert(old.to_owned());
            return SOMEONE.to_owned();
        }
        let signature = self.authors.iter().find(|name| {
            old.trim_start().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(':'))
        });
        signature.map_or_else(|| old.to_owned(), |name| old.replacen(name, SOMEONE, 1))
    }
}

impl Content<'_> {
    fn drop(&mut self, removed: Removed) -> Fate {
        self.traces.add(removed);
        Fate::Drop
    }

    fn in_notes(&self, element: &Element<'_>) -> bool {
        element.above.first().is_some_and(|root| root == "comments")
    }

    fn attributes(&mut self, element: &mut Element<'_>) {
        let local = element.local.to_owned();
        let mut note = |took: bool, removed: Removed| {
            if took {
                self.traces.add(removed);
            }
        };
        if element.get("author").is_some() {
            // Comments and tracked changes; a time is not needed.
            note(element.reset("author", SOMEONE), Removed::Author);
            note(element.take("date") | element.take("dateUtc"), Removed::Time);
        }
        note(element.reset("initials", SOMEONES_INITIALS), Removed::Author);
        note(element.reset("userName", SOMEONE), Removed::Author);
        match local.as_str() {
            "commentExtensible" => note(element.take("dateUtc"), Removed::Time),
            "threadedComment" => note(element.reset("dT", SOME_TIME), Removed::Time),
            "cm" | "reply" => {
                note(element.reset("dt", SOME_TIME) | element.reset("created", SOME_TIME), Removed::Time);
            }
            "header" => note(element.reset("dateTime", SOME_TIME), Removed::Time),
            "cmAuthor" | "author" => {
                let named = element.reset("name", SOMEONE) | element.reset("userId", SOMEONE);
                note(named | element.reset("providerId", "None"), Removed::Author);
            }
            "person" => {
                let named = element.reset("displayName", SOMEONE) | element.reset("userId", SOMEONE);
                note(named | element.reset("providerId", "None"), Removed::Author);
            }
            "pivotCacheDefinition" => {
                note(element.take("refreshedBy"), Removed::Author);
                note(element.take("refreshedDate") | element.take("refreshedDateIso"), Removed::Time);
            }
            "pageSetup" => note(element.take("id"), Removed::Device),
            _ => {}
        }
        // The sessions in which a paragraph was changed: they tie documents of one author together.
        note(element.take_if(|name, _| name.starts_with("rsid")), Removed::Other);
        // Word used to describe a picture by its place on the author's computer.
        let is_path = |value: &str| value.contains(":\\") || value.contains("file:/");
        note(element.take_if(|name, value| name == "descr" && is_path(value)), Removed::Author);
    }
}

/// What properties tell, by their names.
fn properties(old: &[u8], traces: &mut Traces) {
    const TELLS: [(&str, Removed); 12] = [
        ("creator", Removed::Author),
        ("lastModifiedBy", Removed::Author),
        ("Manager", Removed::Author),
        ("Company", Removed::Author),
        ("created", Removed::Time),
        ("modified", Removed::Time),
        ("Application", Removed::Software),
        ("title>", Removed::Comment),
        ("subject>", Removed::Comment),
        ("description>", Removed::Comment),
        ("keywords>", Removed::Comment),
        ("Template", Removed::Other),
    ];
    traces.add_by_names(old, &TELLS);
}
