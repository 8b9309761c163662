//! HTML as marked text (see [`crate::rich`]): paragraphs, headings, lists and stress; of everything else the words.
//!
//! Only the tokens are read, one by one and without a tree, so that neither depth nor size of what was written matters.
//! What is dropped whole (scripts, styles, pictures, forms, frames) leaves no words; every word that is left is escaped.

use std::cell::RefCell;

use html5ever::{
    LocalName,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

use super::Finding;
use crate::rich;

/// Bytes of HTML that are read; Open ePlatform's limit is 65,535 characters.
const HTML_MAX: usize = 200_000;
/// Characters of text that are taken.
const TEXT_MAX: usize = 30_000;
/// Bytes of marked text, so that [`rich::read`] reads all of it.
const MARKED_MAX: usize = 65_000;
const ATTRIBUTE: &str = "$attribute{";
/// Tags for earlier answers in one text that are reported, and signs of each.
const ATTRIBUTES_MAX: usize = 10;
const ATTRIBUTE_LENGTH: usize = 80;

pub(super) struct Marked {
    pub text: String,
    /// Each once.
    pub findings: Vec<Finding>,
}

pub(super) fn marked(html: &str) -> Marked {
    let mut end = html.len().min(HTML_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut writer = Writer { cut: end < html.len(), ..Writer::default() };
    let html = html.get(..end).unwrap_or_default();
    if html.contains(['<', '&']) {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(html));
        let tokenizer = Tokenizer::new(Sink(RefCell::new(writer)), TokenizerOpts::default());
        // Only for a script to be run would it stop before the end.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        writer = tokenizer.sink.0.into_inner();
    } else {
        writer.say(html);
    }
    writer.close();
    for (at, _) in html.match_indices(ATTRIBUTE).take(ATTRIBUTES_MAX) {
        let tag = html.get(at..).unwrap_or_default().chars().take(ATTRIBUTE_LENGTH);
        let tag: String = tag.take_while(|&c| c != '}' && !c.is_control()).chain(['}']).collect();
        writer.find(Finding::AttributeTag { tag });
    }
    if writer.cut {
        writer.find(Finding::TextCut { max: TEXT_MAX });
    }
    Marked { text: writer.marked, findings: writer.findings }
}

struct Sink(RefCell<Writer>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.say(&text),
            Token::TagToken(tag) => {
                writer.tag(&tag);
                if tag.kind == TagKind::StartTag {
                    return content_of(&tag.name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// How what is in an element is to be read.
fn content_of(name: &LocalName) -> TokenSinkResult<()> {
    match &**name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// A run of text in one style.
#[derive(Default)]
struct Span {
    text: String,
    strong: bool,
    stress: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Paragraph,
    Heading,
    Item { ordered: bool },
}

#[derive(Default)]
struct Writer {
    marked: String,
    last: Option<Block>,
    /// What has been said since the last block.
    spans: Vec<Span>,
    /// Characters taken so far.
    taken: usize,
    cut: bool,
    heading: bool,
    /// Whether each open list is ordered.
    lists: Vec<bool>,
    strong: u32,
    stress: u32,
    /// The element that is dropped with all that is in it, and how many of its name are open.
    dropped: Option<(LocalName, u32)>,
    findings: Vec<Finding>,
}

impl Writer {
    fn find(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn tag(&mut self, tag: &Tag) {
        let begins = tag.kind == TagKind::StartTag;
        if let Some((name, open)) = &mut self.dropped {
            if *name == tag.name {
                *open = if begins { *open + 1 } else { *open - 1 };
                if *open == 0 {
                    self.dropped = None;
                }
            }
            return;
        }
        match &*tag.name {
            "b" | "strong" => count(&mut self.strong, begins),
            "i" | "em" => count(&mut self.stress, begins),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close();
                self.heading = begins;
            }
            "ul" | "ol" => {
                self.close();
                if begins {
                    self.lists.push(&*tag.name == "ol");
                } else {
                    self.lists.pop();
                }
            }
            "p" | "div" | "li" | "section" | "article" | "aside" | "header" | "footer" | "main" | "nav"
            | "blockquote" | "pre" | "address" | "table" | "caption" | "tr" | "dl" | "dt" | "dd" | "hr"
            | "figure" | "figcaption" | "details" | "summary" | "fieldset" | "legend" | "center" | "body" => {
                self.close();
            }
            "br" if self.block() == Block::Paragraph => self.close(),
            "br" | "td" | "th" => self.say(" "),
            "a" if begins && tag.attrs.iter().any(|attribute| &*attribute.name.local == "href") => {
                self.find(Finding::LinkLeftOut);
            }
            name @ ("img" | "input" | "embed") => {
                self.find(Finding::MarkupLeftOut { element: name.to_owned() });
            }
            name @ ("script" | "style" | "iframe" | "object" | "applet" | "audio" | "video" | "canvas"
            | "svg" | "math" | "form" | "select" | "button" | "textarea" | "template" | "title"
            | "noscript" | "noembed" | "noframes" | "xmp" | "plaintext")
                if begins =>
            {
                self.find(Finding::MarkupLeftOut { element: name.to_owned() });
                if !(tag.self_closing && matches!(name, "svg" | "math")) {
                    self.dropped = Some((tag.name.clone(), 1));
                }
            }
            _ => {}
        }
    }

    /// Space of any sort is one space, and none where a block begins.
    fn say(&mut self, text: &str) {
        if self.dropped.is_some() {
            return;
        }
        let (strong, stress) = (self.strong > 0, self.stress > 0);
        if !self.spans.last().is_some_and(|last| last.strong == strong && last.stress == stress) {
            self.spans.push(Span { text: String::new(), strong, stress });
        }
        let mut space = match self.spans.as_slice() {
            [.., before, last] if last.text.is_empty() => before.text.ends_with(' '),
            [.., last] => last.text.is_empty() || last.text.ends_with(' '),
            [] => true,
        };
        let Some(span) = self.spans.last_mut() else { return };
        for c in text.chars() {
            if c.is_whitespace() {
                if !space {
                    span.text.push(' ');
                }
                space = true;
            } else if !c.is_control() {
                if self.taken >= TEXT_MAX {
                    self.cut = true;
                    return;
                }
                self.taken += 1;
                span.text.push(c);
                space = false;
            }
        }
    }

    fn block(&self) -> Block {
        match self.lists.last() {
            Some(&ordered) => Block::Item { ordered },
            None if self.heading => Block::Heading,
            None => Block::Paragraph,
        }
    }

    fn close(&mut self) {
        let text = styled(&self.spans);
        self.spans.clear();
        if text.is_empty() {
            return;
        }
        if self.marked.len().saturating_add(text.len()) > MARKED_MAX {
            self.cut = true;
            return;
        }
        let block = self.block();
        if !self.marked.is_empty() {
            let same_list = matches!(block, Block::Item { .. }) && self.last == Some(block);
            self.marked.push_str(if same_list { "\n" } else { "\n\n" });
        }
        self.marked.push_str(match block {
            Block::Paragraph => "",
            Block::Heading => "## ",
            Block::Item { ordered: false } => "- ",
            Block::Item { ordered: true } => "1. ",
        });
        self.marked.push_str(&text);
        self.last = Some(block);
    }
}

fn count(open: &mut u32, begins: bool) {
    *open = if begins { open.saturating_add(1) } else { open.saturating_sub(1) };
}

/// A block's marked text. Stress is left out where its marks would be read as signs (CommonMark 6.2, flanking).
fn styled(spans: &[Span]) -> String {
    let mut marked = String::new();
    // What stands before: a sign of the text, or none.
    let mut before: Option<char> = None;
    let mut after_mark = false;
    for (n, span) in spans.iter().enumerate() {
        let core = span.text.trim();
        let (Some(first), Some(last)) = (core.chars().next(), core.chars().next_back()) else {
            if before.is_some() && !span.text.is_empty() {
                marked.push(' ');
                (before, after_mark) = (Some(' '), false);
            }
            continue;
        };
        if span.text.starts_with(' ') && before.is_some() {
            marked.push(' ');
            (before, after_mark) = (Some(' '), false);
        }
        let space_after = span.text.ends_with(' ');
        let rest = spans.get(n + 1..).unwrap_or_default();
        let after =
            if space_after { Some(' ') } else { rest.iter().find_map(|span| span.text.chars().next()) };
        let flanks = |inner: char, outer: Option<char>| {
            inner.is_alphanumeric() || outer.is_none_or(char::is_whitespace)
        };
        let mark = match (span.strong, span.stress) {
            _ if after_mark || !flanks(first, before) || !flanks(last, after) => "",
            (true, true) => "***",
            (true, false) => "**",
            (false, true) => "*",
            (false, false) => "",
        };
        marked.push_str(mark);
        marked.push_str(&rich::escape(core));
        marked.push_str(mark);
        (before, after_mark) = (Some(last), !mark.is_empty());
        if space_after {
            marked.push(' ');
            (before, after_mark) = (Some(' '), false);
        }
    }
    marked.truncate(marked.trim_end().len());
    marked
}
