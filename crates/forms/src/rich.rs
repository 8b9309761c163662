//! Marked text: what definitions say in more than one line, as blocks that the UI draws without any HTML.
//!
//! The marks are those of CommonMark for paragraphs, headings, lists, `*stress*` and `**strong**`. Of a link its text is
//! left, of a picture its description; HTML is text like any other.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

/// Characters of one text that are read; Open ePlatform's limit for descriptions is 65,535.
const MAX: usize = 70_000;

/// What stands by itself on its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub enum Block {
    Paragraph {
        text: Vec<Span>,
    },
    Heading {
        text: Vec<Span>,
    },
    /// A list in a list has its items after the one that holds it.
    List {
        ordered: bool,
        items: Vec<Vec<Span>>,
    },
}

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Span {
    pub text: String,
    pub strong: bool,
    pub stress: bool,
}

/// Reads marked text. Every text is one: what is no mark is said as it stands.
pub fn read(marked: &str) -> Vec<Block> {
    let end = marked.char_indices().nth(MAX).map_or(marked.len(), |(at, _)| at);
    let mut reader = Reader::default();
    for event in Parser::new_ext(marked.get(..end).unwrap_or_default(), Options::empty()) {
        reader.take(event);
    }
    reader.close(|text| Block::Paragraph { text });
    reader.blocks
}

/// Marked text that says exactly this, whatever signs are in it.
pub fn escape(plain: &str) -> String {
    let mut marked = String::with_capacity(plain.len() + plain.len() / 8);
    let mut from = 0;
    for (at, b) in plain.bytes().enumerate() {
        if b.is_ascii_punctuation() && !matches!(b, b',' | b':' | b';' | b'?' | b'/' | b'"' | b'\'' | b'%') {
            marked.push_str(plain.get(from..at).unwrap_or_default());
            marked.push('\\');
            from = at;
        }
    }
    marked.push_str(plain.get(from..).unwrap_or_default());
    marked
}

/// Only the words, paragraphs and items on lines of their own.
pub fn plain(blocks: &[Block]) -> String {
    let line = |spans: &Vec<Span>| spans.iter().map(|span| span.text.as_str()).collect::<String>();
    let lines = blocks.iter().flat_map(|block| match block {
        Block::Paragraph { text } | Block::Heading { text } => vec![line(text)],
        Block::List { items, .. } => items.iter().map(line).collect(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    /// Whether each open list is ordered.
    lists: Vec<bool>,
    strong: u32,
    stress: u32,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.say(&text)
            }
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.stress += 1,
            Event::End(TagEnd::Emphasis) => self.stress = self.stress.saturating_sub(1),
            Event::Start(Tag::List(first)) => {
                self.close_text();
                // A list in a list goes on with the items of the outer one.
                if self.lists.is_empty() {
                    self.blocks.push(Block::List { ordered: first.is_some(), items: Vec::new() });
                }
                self.lists.push(first.is_some());
            }
            Event::End(TagEnd::List(_)) => {
                self.close_text();
                self.lists.pop();
            }
            Event::End(TagEnd::Heading(_)) if self.lists.is_empty() => {
                self.close(|text| Block::Heading { text })
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock,
            ) => self.close_text(),
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        let (strong, stress) = (self.strong > 0, self.stress > 0);
        let text: String = text
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| !c.is_control())
            .collect();
        match self.spans.last_mut() {
            Some(last) if last.strong == strong && last.stress == stress => last.text.push_str(&text),
            _ => self.spans.push(Span { text, strong, stress }),
        }
    }

    fn close_text(&mut self) {
        match (self.lists.is_empty(), self.blocks.last()) {
            (false, Some(Block::List { .. })) => {
                let text = self.whole();
                if let (Some(text), Some(Block::List { items, .. })) = (text, self.blocks.last_mut()) {
                    items.push(text);
                }
            }
            _ => self.close(|text| Block::Paragraph { text }),
        }
    }

    fn close(&mut self, block: fn(Vec<Span>) -> Block) {
        let text = self.whole();
        self.blocks.extend(text.map(block));
    }

    /// What has been said since the last block; none when it is blank.
    fn whole(&mut self) -> Option<Vec<Span>> {
        let mut spans = std::mem::take(&mut self.spans);
        if let Some(first) = spans.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
        if let Some(last) = spans.last_mut() {
            last.text = last.text.trim_end().to_owned();
        }
        spans.retain(|span| !span.text.is_empty());
        (!spans.is_empty()).then_some(spans)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> Span {
        Span { text: text.to_owned(), strong: false, stress: false }
    }

    #[test]
    fn paragraphs_headings_lists_and_stress_are_read() {
        assert_eq!(
            read(
                "## Innan du börjar\n\nHa **alltid** *ditt* beslut\ntill hands.\n\n- ett\n- två\n  1. inre\n"
            ),
            vec![
                Block::Heading { text: vec![span("Innan du börjar")] },
                Block::Paragraph {
                    text: vec![
                        span("Ha "),
                        Span { strong: true, ..span("alltid") },
                        span(" "),
                        Span { stress: true, ..span("ditt") },
                        span(" beslut till hands."),
                    ]
                },
                Block::List {
                    ordered: false,
                    items: vec![vec![span("ett")], vec![span("två")], vec![span("inre")]]
                },
            ]
        );
    }

    #[test]
    fn links_pictures_and_html_are_only_words() {
        let words = plain(&read(
            "Se [sidan](https://example.org) ![bild](x.png) <b onclick=x>fet</b>\n\n<script>x</script>",
        ));
        assert!(!words.contains("example.org") && !words.contains("x.png"), "{words}");
        assert!(words.starts_with("Se sidan bild"), "{words}");
    }

    proptest! {
        #[test]
        fn escaped_text_is_said_as_it_stands(words in prop::collection::vec("[a-zåäö0-9*_#.<>&`\\[\\]()!+=~|{}\\\\-]{1,8}", 1..6)) {
            let text = words.join(" ");
            prop_assert_eq!(plain(&read(&escape(&text))), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}|[ \n>*#\\-0-9.`<]{0,60}") {
            read(&text);
        }
    }
}
