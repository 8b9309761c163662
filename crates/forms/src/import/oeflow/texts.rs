//! Texts of the file with what is said about them in the report.

use super::{Finding, Outcome, Taking};
use crate::import::{html, names, xml::Node};

/// Characters of a setting that the report repeats.
const VALUE_MAX: usize = 80;

impl Taking {
    /// The element's HTML as marked text; empty when there is none.
    pub(super) fn marked(&mut self, element: Option<Node<'_, '_>>, place: &str) -> String {
        let Some(element) = element.filter(|element| !element.text().is_empty()) else {
            return String::new();
        };
        let marked = html::marked(element.text());
        for finding in marked.findings {
            // Of links and tags the words are left; what is cut or left out is not.
            self.add(Outcome::Approximated, place, finding);
        }
        marked.text
    }

    pub(super) fn left_out(&mut self, place: &str, setting: &str, value: &str) {
        let finding = Finding::SettingLeftOut { setting: setting.to_owned(), value: short(value) };
        self.add(Outcome::Approximated, place, finding);
    }

    pub(super) fn changed(&mut self, place: &str, setting: &str, value: &str, used: impl ToString) {
        let finding = Finding::SettingChanged {
            setting: setting.to_owned(),
            value: short(value),
            used: used.to_string(),
        };
        self.add(Outcome::Approximated, place, finding);
    }

    /// Settings that are switched on and do nothing here.
    pub(super) fn flags_left_out(&mut self, settings: Node<'_, '_>, place: &str, flags: &[&str]) {
        for flag in flags.iter().filter(|flag| settings.flag(flag)) {
            self.left_out(place, flag, "true");
        }
    }
}

pub(super) fn short(value: &str) -> String {
    names::label(value).chars().take(VALUE_MAX).collect()
}

/// Texts one after the other, those that say something.
pub(super) fn together<'s>(texts: impl IntoIterator<Item = &'s str>) -> Option<String> {
    let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}
