//! The catalogue of e-services, kept so that it is there without a network.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledsaga_forms::Definition;
use serde::{Deserialize, Serialize};

use crate::{
    draft::ServicePin,
    swedish::{self, fold},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    pub etag: String,
    pub fetched_at: Timestamp,
    /// The newest version of each e-service that is offered.
    pub definitions: Vec<Definition>,
    /// Versions that are offered no longer and that drafts here are pinned to. Empty in the municipality's answer.
    #[serde(default)]
    pub kept: Vec<Definition>,
    /// Definitions that were refused, named; the rest works.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
}

/// A definition that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Skipped {
    /// The e-service's id or the file's name.
    pub name: String,
    pub reason: String,
}

impl Catalogue {
    /// The version that new cases begin on.
    pub fn offered(&self, service: &str) -> Option<&Definition> {
        self.definitions.iter().filter(|d| d.id == service).max_by_key(|d| d.version)
    }

    /// The newest version of each e-service.
    fn newest(&self) -> impl Iterator<Item = &Definition> {
        let mut newest: BTreeMap<&str, &Definition> = BTreeMap::new();
        for definition in &self.definitions {
            let known = newest.entry(&definition.id).or_insert(definition);
            if known.version <= definition.version {
                *known = definition;
            }
        }
        newest.into_values()
    }

    /// Of the e-services that are offered, each once.
    pub fn categories(&self) -> Vec<String> {
        let categories: BTreeSet<&str> = self.newest().map(|d| d.category.as_str()).collect();
        categories.into_iter().map(str::to_owned).collect()
    }

    /// Exactly the version that a draft was begun on.
    pub fn pinned(&self, pin: &ServicePin) -> Option<&Definition> {
        self.definitions
            .iter()
            .chain(&self.kept)
            .find(|d| d.id == pin.id && d.version == pin.version && d.hash == pin.hash)
    }

    /// Takes the place of `old`, and keeps of it what drafts are pinned to.
    pub fn succeed<'a>(mut self, old: Option<&Self>, pins: impl Iterator<Item = &'a ServicePin>) -> Self {
        self.kept = Vec::new();
        for pin in pins {
            if self.pinned(pin).is_none() {
                self.kept.extend(old.and_then(|old| old.pinned(pin)).cloned());
            }
        }
        self
    }

    /// The e-services that have every word of the query, best first and then by name; all when it is empty.
    pub fn find(&self, query: &str, category: Option<&str>) -> Vec<&Definition> {
        let words: Vec<&str> = query.split(is_gap).filter(|word| !word.is_empty()).collect();
        let mut found: Vec<(u32, &Definition)> = self
            .newest()
            .filter(|d| category.is_none_or(|category| d.category == category))
            .filter_map(|d| Some((rank(d, &words)?, d)))
            .collect();
        found.sort_by_cached_key(|(rank, d)| (*rank, swedish::order(&d.name)));
        found.into_iter().map(|(_, d)| d).collect()
    }
}

fn is_gap(c: char) -> bool {
    !c.is_alphanumeric()
}

/// The lower the better; `None` when a word is nowhere.
fn rank(definition: &Definition, words: &[&str]) -> Option<u32> {
    let keywords = definition.keywords.join(" ");
    let place = format!("{} {}", definition.unit, definition.category);
    let fields = [&definition.name, &keywords, &definition.summary, &place];
    words.iter().try_fold(0_u32, |sum, word| {
        let best = (0_u32..)
            .zip(fields)
            .find_map(|(field, text)| matches(text, word).map(|part| field * 2 + u32::from(part)))?;
        Some(sum + best)
    })
}

/// Whether a word of the text begins with what is sought (`false`) or has it inside (`true`: a part of a compound).
fn matches(text: &str, sought: &str) -> Option<bool> {
    let (text, sought) = fold(text, sought);
    let begins = text.split(is_gap).any(|word| word.starts_with(&sought));
    if begins {
        return Some(false);
    }
    (sought.chars().count() >= 3 && text.contains(&sought)).then_some(true)
}
