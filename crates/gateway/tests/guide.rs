//! What docs/e-tjanster.md shows is true: every example loads, and every mistake is told as it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::{collections::BTreeSet, path::Path};

use ledsaga_forms::{Definition, Kind, load};
use serde_json::{Value, json};
use support::{command::catalogue, conditions::CONDITIONS};

/// A fenced block: what follows its fence, and its lines.
struct Block {
    about: String,
    text: String,
}

fn guide() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/e-tjanster.md")).unwrap()
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in guide.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => block.text += &format!("{line}\n"),
            (None, Some(about)) => open = Some(Block { about: about.to_owned(), text: String::new() }),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed");
    blocks
}

fn around(questions: &Value, rules: &Value) -> Value {
    json!({
        "format": 1, "id": "prov", "version": 1, "name": "Prov", "summary": "Prov", "category": "Prov", "unit": "Prov",
        "contact": { "name": "Prov", "phone": "070-1740605" }, "oral_filing": "accepted",
        "retention": { "draft_days": 14, "protected_draft_days": 1 }, "keywords": ["prov"], "checklist": ["Prov"],
        "steps": [{ "id": "ett", "title": "Ett", "questions": questions }], "rules": rules,
    })
}

fn loaded(json: &Value) -> Definition {
    load(json.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error} in {json:#}"))
}

fn parsed(block: &Block) -> Value {
    serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{error} in {}", block.text))
}

fn of<'a>(blocks: &'a [Block], about: &str) -> Vec<&'a Block> {
    blocks.iter().filter(|block| block.about == about).collect()
}

#[test]
fn every_example_of_a_question_can_be_used_and_none_needs_advice() {
    let blocks = blocks(&guide());
    let folder = tempfile::tempdir().unwrap();
    let mut kinds = BTreeSet::new();
    for block in of(&blocks, "json fråga") {
        let question = parsed(block);
        let definition = loaded(&around(&json!([question]), &json!([])));
        let kind = question["kind"].as_str().unwrap().to_owned();
        let known = !matches!(definition.steps[0].questions[0].kind, Kind::Unknown(_));
        kinds.insert(if known { kind } else { "unknown".to_owned() });
        let file = folder.path().join("prov.json");
        std::fs::write(&file, around(&json!([question]), &json!([])).to_string()).unwrap();
        let (code, said) = catalogue(&["check"], &[&file]);
        assert!(code == Some(0) && !said.contains("Se över"), "{said}");
    }
    let every = [
        "text",
        "text_area",
        "note",
        "number",
        "money",
        "date",
        "time",
        "radio",
        "drop_down",
        "checkbox",
        "personal_identity_number",
        "other_identity_number",
        "organisation_number",
        "phone",
        "email",
        "postcode",
        "address",
        "files",
        "group",
        "information",
        "stop",
        "confirm",
        "unknown",
    ];
    assert_eq!(kinds, every.map(str::to_owned).into());
}

#[test]
fn the_smallest_whole_example_can_be_used() {
    let blocks = blocks(&guide());
    let whole = of(&blocks, "json");
    assert_eq!(whole.len(), 1);
    assert_eq!(loaded(&parsed(whole[0])).id, "lana-cykel");
    // The settings of an editor are JSON too.
    assert!(parsed(of(&blocks, "json inställning")[0]).is_object());
}

#[test]
fn every_rule_is_the_sentence_that_stands_above_it() {
    let guide = guide();
    let blocks = blocks(&guide);
    let questions = parsed(of(&blocks, "json frågor")[0]);
    let folder = tempfile::tempdir().unwrap();
    let mut conditions = String::new();
    let rules = of(&blocks, "json regel");
    for block in &rules {
        let rule = parsed(block);
        conditions += &rule["when"].to_string();
        let sentence = guide.split(&block.text).next().unwrap().rsplit("\n*").next().unwrap();
        let sentence = sentence.split("*\n").next().unwrap();
        let file = folder.path().join("prov.json");
        std::fs::write(&file, around(&questions, &json!([rule])).to_string()).unwrap();
        let (code, said) = catalogue(&["show"], &[&file]);
        assert!(code == Some(0) && said.contains(&format!("  1. {sentence}\n")), "{sentence}\n{said}");
    }
    for condition in CONDITIONS {
        assert!(conditions.contains(&format!("\"{condition}\":")), "{condition} has no example");
    }
}

#[test]
fn every_mistake_is_told_in_the_words_of_the_guide() {
    let blocks = blocks(&guide());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prov.json");
    let mut mistakes = 0;
    for pair in blocks.windows(2) {
        let [wrong, told] = pair else { continue };
        match wrong.about.as_str() {
            "json fel" => std::fs::write(&file, &wrong.text).unwrap(),
            "json fel-frågor" => {
                let parts = parsed(wrong);
                std::fs::write(&file, around(&parts["questions"], &parts["rules"]).to_string()).unwrap();
            }
            _ => continue,
        }
        assert_eq!(told.about, "text");
        let (code, said) = catalogue(&["check"], &[&file]);
        assert_eq!(code, Some(1), "{said}");
        for line in told.text.lines() {
            assert!(said.contains(line), "{line}\n{said}");
        }
        mistakes += 1;
    }
    assert!(mistakes >= 6, "{mistakes}");
}

#[test]
fn every_link_within_the_guide_leads_somewhere() {
    let guide = guide();
    let anchor = |title: &str| title.to_lowercase().replace(' ', "-").replace(['(', ')', ','], "");
    let titles: BTreeSet<String> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")))
        .map(|title| format!("#{}", anchor(title)))
        .collect();
    let links: Vec<&str> = guide
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|l| l.starts_with('#'))
        .collect();
    assert!(links.len() > 5);
    for link in links {
        assert!(titles.contains(link), "{link}");
    }
}
