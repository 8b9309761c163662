//! XML as a tree of elements with their text. Attributes, comments and processing instructions say nothing here.
//!
//! One pass over the events without recursion; text is borrowed from the file where it stands there as it is, so that
//! large files in files are not copied.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::{ImportError, Limit};
use crate::Place;

/// Elements in elements; an e-service has some ten.
const DEPTH_MAX: usize = 64;
/// The largest forms have some 50,000.
const ELEMENTS_MAX: usize = 500_000;
/// Bytes that an element takes, more or less, to begin with enough room.
const ELEMENT_LENGTH: usize = 48;
/// Bytes between a tag's name and its end.
const ATTRIBUTES_MAX: usize = 4_096;
/// Bytes of a text that has to be put together from parts.
const TEXT_MAX: usize = 1_000_000;
/// Signs of an element's name that a place repeats.
const NAME_MAX: usize = 64;

struct Element<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    /// Where the element stands that begins after this one has ended.
    after: usize,
}

pub(super) struct Tree<'a> {
    /// As they begin in the file, so that an element's first child follows it.
    elements: Vec<Element<'a>>,
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub(super) struct Node<'t, 'a> {
    elements: &'t [Element<'a>],
    element: &'t Element<'a>,
    at: usize,
}

impl<'a> Tree<'a> {
    pub fn read(xml: &'a str) -> Result<Self, ImportError> {
        let elements = Vec::with_capacity((xml.len() / ELEMENT_LENGTH).min(ELEMENTS_MAX));
        let mut build = Build { xml, elements, open: Vec::new() };
        let mut reader = Reader::from_str(xml);
        loop {
            let at = position(&reader);
            let event = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(at);
                build.syntax(at, error.to_string())
            })?;
            match event {
                Event::Start(tag) => build.begin(&tag, at)?,
                Event::Empty(tag) => {
                    build.begin(&tag, at)?;
                    build.end();
                }
                Event::End(_) => build.end(),
                Event::Text(text) => build.text(text.into_inner(), at)?,
                Event::CData(text) => build.text(text.into_inner(), at)?,
                Event::GeneralRef(reference) => build.reference(&reference, at)?,
                Event::DocType(_) => return Err(ImportError::DocumentType { place: build.place(at) }),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        match (build.open.is_empty(), build.elements.is_empty()) {
            (true, false) => Ok(Self { elements: build.elements }),
            (true, true) => Err(build.syntax(xml.len(), "there is no element".to_owned())),
            (false, _) => Err(build.syntax(xml.len(), "the file ends before its elements do".to_owned())),
        }
    }

    /// There is one in every tree.
    pub fn root(&self) -> Option<Node<'_, 'a>> {
        node(&self.elements, 0)
    }
}

fn node<'t, 'a>(elements: &'t [Element<'a>], at: usize) -> Option<Node<'t, 'a>> {
    Some(Node { elements, element: elements.get(at)?, at })
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

struct Build<'a> {
    xml: &'a str,
    elements: Vec<Element<'a>>,
    /// Where the elements stand that have not ended yet.
    open: Vec<usize>,
}

impl<'a> Build<'a> {
    /// `at` is where its `<` stands.
    fn begin(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), ImportError> {
        let within = |holds: bool, limit: Limit, max: usize| {
            if holds { Ok(()) } else { Err(ImportError::Limit { place: self.place(at), limit, max }) }
        };
        within(self.open.len() < DEPTH_MAX, Limit::Depth, DEPTH_MAX)?;
        within(self.elements.len() < ELEMENTS_MAX, Limit::Elements, ELEMENTS_MAX)?;
        within(tag.attributes_raw().len() <= ATTRIBUTES_MAX, Limit::Attributes, ATTRIBUTES_MAX)?;
        if self.open.is_empty() && !self.elements.is_empty() {
            return Err(self.syntax(at, "there is something after the end".to_owned()));
        }
        let length = tag.name().as_ref().len();
        let name = self.xml.get(at + 1..at + 1 + length).unwrap_or_default();
        self.open.push(self.elements.len());
        self.elements.push(Element { name, text: Cow::Borrowed(""), after: usize::MAX });
        Ok(())
    }

    fn end(&mut self) {
        let after = self.elements.len();
        if let Some(element) = self.open.pop().and_then(|at| self.elements.get_mut(at)) {
            element.after = after;
        }
    }

    fn text(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), ImportError> {
        let last = self.elements.len().checked_sub(1);
        let open = self.open.last().copied();
        // Between elements, and around them all, there is only space.
        if open != last || open.is_none() {
            if text.trim_ascii().is_empty() {
                return Ok(());
            }
            if open.is_none() {
                return Err(self.syntax(at, "there is text outside of the elements".to_owned()));
            }
        }
        let Some(element) = open.and_then(|at| self.elements.get_mut(at)) else { return Ok(()) };
        if element.text.is_empty() {
            element.text = text;
        } else if element.text.len().saturating_add(text.len()) <= TEXT_MAX {
            element.text.to_mut().push_str(&text);
        } else {
            return Err(ImportError::Limit { place: self.place(at), limit: Limit::Text, max: TEXT_MAX });
        }
        Ok(())
    }

    /// A character by its number or one of the five names that XML itself knows.
    fn reference(&mut self, reference: &BytesRef<'_>, at: usize) -> Result<(), ImportError> {
        let character = reference.resolve_char_ref().map_err(|error| self.syntax(at, error.to_string()))?;
        let text = match character {
            Some(character) => Cow::Owned(character.to_string()),
            None => match resolve_predefined_entity(reference) {
                Some(text) => Cow::Borrowed(text),
                None => return Err(self.syntax(at, format!("the entity `{}` is not known", cut(reference)))),
            },
        };
        self.text(text, at)
    }

    fn syntax(&self, at: usize, reason: String) -> ImportError {
        ImportError::Syntax { place: self.place(at), reason }
    }

    /// Such as `Flow/Steps/Step, line 12`.
    fn place(&self, at: usize) -> Place {
        let open = self.open.iter().filter_map(|&at| self.elements.get(at));
        let path: Vec<String> = open.map(|element| cut(element.name)).collect();
        let before = self.xml.as_bytes().get(..at.min(self.xml.len())).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        if path.is_empty() { format!("line {line}") } else { format!("{}, line {line}", path.join("/")) }
    }
}

fn cut(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

impl<'t, 'a> Node<'t, 'a> {
    pub fn name(self) -> &'a str {
        self.element.name
    }

    /// All that stands directly in it, without space around.
    pub fn text(self) -> &'t str {
        self.element.text.trim()
    }

    pub fn children(self) -> impl Iterator<Item = Self> + 't {
        let (elements, end) = (self.elements, self.element.after);
        let within = move |at: usize| if at < end { node(elements, at) } else { None };
        std::iter::successors(within(self.at + 1), move |child| within(child.element.after))
    }

    /// The first child of this name.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// Children of this name in the child `list`, by their `sortIndex`.
    pub fn listed(self, list: &str, name: &str) -> Vec<Self> {
        let list = self.child(list).into_iter().flat_map(Self::children);
        let mut listed: Vec<Self> = list.filter(|child| child.name() == name).collect();
        if listed.len() < 2 {
            return listed;
        }
        listed.sort_by_cached_key(|child| {
            child.value("sortIndex").and_then(|at| at.parse::<i64>().ok()).unwrap_or(0)
        });
        listed
    }

    /// The text of the first child of this name, if there is any.
    pub fn value(self, name: &str) -> Option<&'t str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    pub fn number<N: std::str::FromStr>(self, name: &str) -> Option<N> {
        self.value(name)?.parse().ok()
    }

    /// What is not there is not so.
    pub fn flag(self, name: &str) -> bool {
        self.value(name) == Some("true")
    }
}
