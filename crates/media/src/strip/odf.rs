//! OpenDocument text and spreadsheet (OpenDocument 1.3): what they say about people and machines, part by part.

use super::{
    Removed, StripError, Traces, archive, clean_within,
    xml::{Element, Fate, Sieve, filter},
};

const SOMEONE: &str = "Author";
/// The format wants a time.
const SOME_TIME: &str = "2000-01-01T00:00:00";
const META: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/></office:document-meta>"#;
const MANIFEST: &str = "META-INF/manifest.xml";

/// Settings that name machines or tie documents of one author together.
const SETTINGS: [&str; 8] = [
    "PrinterName",
    "PrinterSetup",
    "PrintFaxName",
    "CurrentDatabaseDataSource",
    "CurrentDatabaseCommand",
    "PrinterPaperFromSetup",
    "Rsid",
    "RsidRoot",
];

pub(super) fn clean(bytes: &[u8], depth: u8, traces: &mut Traces) -> Result<Vec<u8>, StripError> {
    let mut parts = archive::read(bytes, traces)?;
    let signed = |name: &str| name.starts_with("META-INF/") && name.contains("signatures");
    if parts.iter().any(|part| signed(&part.name)) {
        return Err(StripError::Signed);
    }
    parts.retain(|part| {
        let told = dropped(&part.name);
        told.into_iter().for_each(|removed| traces.add(removed));
        told.is_none()
    });
    for part in &mut parts {
        let file = part.name.rsplit('/').next().unwrap_or_default();
        part.bytes = if part.name == MANIFEST {
            let mut manifest = Manifest { encrypted: false };
            let kept = filter(&part.bytes, &mut manifest)?;
            if manifest.encrypted {
                return Err(StripError::Encrypted);
            }
            kept
        } else if file == "meta.xml" {
            if part.bytes != META.as_bytes() {
                meta(&part.bytes, traces);
            }
            META.as_bytes().to_vec()
        } else if part.name.ends_with(".xml") {
            filter(&part.bytes, &mut Content { traces })?
        } else {
            clean_within(&part.bytes, depth, traces)?
        };
    }
    archive::write(&parts)
}

fn dropped(name: &str) -> Option<Removed> {
    if name.starts_with("Thumbnails/") {
        Some(Removed::Thumbnail)
    } else if name.starts_with("Versions/") || name == "VersionList.xml" {
        Some(Removed::EarlierVersion)
    } else {
        None
    }
}

struct Manifest {
    encrypted: bool,
}

impl Sieve for Manifest {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        self.encrypted |= element.local == "encryption-data";
        let gone = element.get("full-path").is_some_and(|path| dropped(path).is_some());
        if gone { Fate::Drop } else { Fate::Keep }
    }
}

struct Content<'a> {
    traces: &'a mut Traces,
}

impl Content<'_> {
    fn drop(&mut self, removed: Removed) -> Fate {
        self.traces.add(removed);
        Fate::Drop
    }
}

impl Sieve for Content<'_> {
    fn element(&mut self, element: &mut Element<'_>) -> Fate {
        match (element.local, element.parent()) {
            ("creator" | "date", "annotation" | "change-info") => return Fate::Content,
            ("date-string" | "creator-initials" | "sender-initials", "annotation") => {
                return self.drop(Removed::Author);
            }
            ("config-item", _) if element.get("name").is_some_and(|name| SETTINGS.contains(&name)) => {
                return self.drop(Removed::Device);
            }
            _ => {}
        }
        if element.take_if(|name, _| matches!(name, "rsid" | "paragraph-rsid")) {
            self.traces.add(Removed::Other);
        }
        Fate::Keep
    }

    fn content(&mut self, local: &str, old: &str) -> String {
        let (new, removed) =
            if local == "creator" { (SOMEONE, Removed::Author) } else { (SOME_TIME, Removed::Time) };
        if old != new {
            self.traces.add(removed);
        }
        new.to_owned()
    }
}

/// What the document's own record tells, by the names in it.
fn meta(old: &[u8], traces: &mut Traces) {
    const TELLS: [(&str, Removed); 9] = [
        ("creator", Removed::Author),
        ("printed-by", Removed::Author),
        ("generator", Removed::Software),
        ("date>", Removed::Time),
        ("editing-duration", Removed::Time),
        ("title>", Removed::Comment),
        ("subject>", Removed::Comment),
        ("description>", Removed::Comment),
        ("keyword>", Removed::Comment),
    ];
    traces.add_by_names(old, &TELLS);
}
