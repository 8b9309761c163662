//! Passes the XML of office documents through, element by element. What is kept is kept to the byte.

use quick_xml::{
    Reader, Writer,
    events::{BytesDecl, BytesStart, BytesText, Event, attributes::Attr},
};

use super::StripError;

/// Elements within elements. Word itself stops far before.
const DEPTH_MAX: usize = 1000;

/// What becomes of an element.
pub(super) enum Fate {
    Keep,
    /// With everything in it.
    Drop,
    /// The element stays; [`Sieve::content`] says what is in it.
    Content,
}

/// Decides about each element of a part.
pub(super) trait Sieve {
    fn element(&mut self, element: &mut Element<'_>) -> Fate;

    /// The new content, as it stands in the file. The old one is as it stands in the file too.
    fn content(&mut self, _local: &str, old: &str) -> String {
        old.to_owned()
    }
}

pub(super) struct Element<'a> {
    pub(super) local: &'a str,
    /// Local names of the elements around it, outermost first.
    pub(super) above: &'a [String],
    attributes: Vec<(String, String)>,
    changed: bool,
}

impl Element<'_> {
    pub(super) fn parent(&self) -> &str {
        self.above.last().map_or("", String::as_str)
    }

    /// The value of the attribute with this local name, as it stands in the file.
    pub(super) fn get(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| local_of(name) == local).map(|(_, value)| value.as_str())
    }

    /// Takes away every attribute that the predicate chooses by local name and value; whether there was one.
    pub(super) fn take_if(&mut self, choose: impl Fn(&str, &str) -> bool) -> bool {
        let before = self.attributes.len();
        self.attributes.retain(|(name, value)| is_namespace(name) || !choose(local_of(name), value));
        let took = self.attributes.len() != before;
        self.changed |= took;
        took
    }

    pub(super) fn take(&mut self, local: &str) -> bool {
        self.take_if(|name, _| name == local)
    }

    /// Sets an attribute that is there; whether it said something else.
    pub(super) fn reset(&mut self, local: &str, new: &str) -> bool {
        let mut reset = false;
        for (name, value) in &mut self.attributes {
            if local_of(name) == local && !is_namespace(name) && value != new {
                new.clone_into(value);
                reset = true;
            }
        }
        self.changed |= reset;
        reset
    }
}

pub(super) fn filter(bytes: &[u8], sieve: &mut impl Sieve) -> Result<Vec<u8>, StripError> {
    let (text, converted) = decode(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut writer = Writer::new(Vec::with_capacity(bytes.len()));
    let mut above: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|_| StripError::Damaged)?;
        match event {
            Event::Eof if above.is_empty() => return Ok(writer.into_inner()),
            // Office documents have none (ECMA-376 part 2, 8.1.4), and entities could say anything.
            Event::Eof | Event::DocType(_) => return Err(StripError::Damaged),
            Event::Decl(_) if converted => {
                put(&mut writer, Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?
            }
            Event::Comment(_) => {}
            Event::Start(start) => match judge(&start, &above, sieve)? {
                (Fate::Keep, kept) => {
                    put(&mut writer, Event::Start(kept))?;
                    above.push(local_of(start.name().into_inner()).to_owned());
                    if above.len() > DEPTH_MAX {
                        return Err(StripError::Damaged);
                    }
                }
                (Fate::Drop, _) => {
                    reader.read_to_end(start.name()).map_err(|_| StripError::Damaged)?;
                }
                (Fate::Content, kept) => {
                    let old = reader.read_text(start.name()).map_err(|_| StripError::Damaged)?;
                    let new = sieve.content(local_of(start.name().into_inner()), &old.into_inner());
                    let end = start.to_end().into_owned();
                    put(&mut writer, Event::Start(kept))?;
                    put(&mut writer, Event::Text(BytesText::from_escaped(new)))?;
                    put(&mut writer, Event::End(end))?;
                }
            },
            Event::Empty(start) => match judge(&start, &above, sieve)? {
                (Fate::Drop, _) => {}
                (_, kept) => put(&mut writer, Event::Empty(kept))?,
            },
            Event::End(_) => {
                above.pop();
                put(&mut writer, event)?;
            }
            event => put(&mut writer, event)?,
        }
    }
}

fn judge<'a>(
    start: &BytesStart<'a>,
    above: &[String],
    sieve: &mut impl Sieve,
) -> Result<(Fate, BytesStart<'a>), StripError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| StripError::Damaged)?;
        attributes.push((attribute.key.into_inner().to_owned(), attribute.value.into_owned()));
    }
    let name = start.name().into_inner();
    let mut element = Element { local: local_of(name), above, attributes, changed: false };
    let fate = sieve.element(&mut element);
    if !element.changed {
        return Ok((fate, start.to_owned()));
    }
    let mut kept = BytesStart::new(name.to_owned());
    for (name, value) in &element.attributes {
        // It may have stood between single quotes.
        kept.push_attribute(Attr::DoubleQ(name.as_str(), value.replace('"', "&quot;").as_str()));
    }
    Ok((fate, kept))
}

fn put(writer: &mut Writer<Vec<u8>>, event: Event<'_>) -> Result<(), StripError> {
    writer.write_event(event).map_err(|_| StripError::Damaged)
}

fn local_of(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn is_namespace(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

/// UTF-8 and UTF-16 are all that office documents may be in (ECMA-376 part 2, 8.1.4); whether it was UTF-16.
fn decode(bytes: &[u8]) -> Result<(String, bool), StripError> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let (units, odd) = bytes.as_chunks();
        let text = String::from_utf16(&units.iter().map(|unit| from(*unit)).collect::<Vec<_>>());
        text.ok()
            .filter(|_| odd.is_empty())
            .map(|text| (text.trim_start_matches('\u{FEFF}').to_owned(), true))
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(|text| (text.to_owned(), false)),
    };
    text.ok_or(StripError::Damaged)
}
