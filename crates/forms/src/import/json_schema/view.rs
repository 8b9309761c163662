//! A schema with what it refers to.

use std::collections::HashSet;

use super::{Taking, json::Json};
use crate::import::{ImportError, Limit};

/// References that lead to one schema.
const PARTS_MAX: usize = 32;

/// A schema and those that `$ref` and `allOf` add to it; what stands nearest counts.
pub(super) struct View<'a> {
    pub parts: Vec<&'a Json>,
}

impl<'a> View<'a> {
    /// About how many bytes it takes to look at everything that stands directly in it.
    pub fn weight(&self) -> usize {
        let fields = self.parts.iter().flat_map(|part| part.fields());
        fields.map(|(name, value)| name.len() + 64 * (1 + value.list().len() + value.fields().len())).sum()
    }

    pub fn get(&self, keyword: &str) -> Option<&'a Json> {
        self.parts.iter().find_map(|part| part.get(keyword))
    }

    pub fn all(&self, keyword: &str) -> Vec<&'a Json> {
        self.parts.iter().filter_map(|part| part.get(keyword)).collect()
    }

    pub fn text(&self, keyword: &str) -> Option<&'a str> {
        self.get(keyword).and_then(Json::text)
    }

    /// The texts of a list, such as `required`.
    pub fn names(&self, keyword: &str) -> HashSet<&'a str> {
        self.all(keyword).into_iter().flat_map(Json::list).filter_map(Json::text).collect()
    }

    /// The type, whatever `null` may stand beside it.
    pub fn kind(&self) -> Option<&'a str> {
        match self.get("type") {
            Some(Json::Text(kind)) => Some(kind),
            Some(Json::List(kinds)) => kinds.iter().filter_map(Json::text).find(|kind| *kind != "null"),
            _ if self.get("properties").is_some() => Some("object"),
            _ if self.get("items").is_some() => Some("array"),
            _ => None,
        }
    }
}

/// An option of the UI schema, in either of its two places.
pub(super) fn option<'a>(ui: &'a Json, name: &str) -> Option<&'a Json> {
    ui.get(&format!("ui:{name}")).or_else(|| ui.get("ui:options")?.get(name))
}

impl<'a> Taking<'a> {
    pub(super) fn view(&self, schema: &'a Json, place: &str) -> Result<View<'a>, ImportError> {
        let mut parts: Vec<&'a Json> = Vec::new();
        let mut open = vec![schema];
        while let Some(part) = open.pop() {
            let place = || place.to_owned();
            if parts.iter().any(|earlier| std::ptr::eq(*earlier, part)) {
                return Err(ImportError::ReferenceCircle { place: place() });
            }
            if parts.len() >= PARTS_MAX {
                return Err(ImportError::Limit { place: place(), limit: Limit::Elements, max: PARTS_MAX });
            }
            parts.push(part);
            // Branches are rules.
            let all = part.get("allOf").map(Json::list).unwrap_or_default();
            open.extend(all.iter().rev().filter(|part| part.get("if").is_none()));
            if let Some(reference) = part.get("$ref").and_then(Json::text) {
                let target = reference.strip_prefix('#').and_then(|pointer| self.root.at(pointer));
                open.push(target.ok_or_else(|| ImportError::ReferenceLost { place: place() })?);
            }
        }
        Ok(View { parts })
    }
}
