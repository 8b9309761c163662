//! Questions with fixed alternatives.

use super::{
    Finding, Outcome, Taking,
    query::{Mapped, Query},
};
use crate::{
    Choice, Kind,
    import::{
        names::{self, Names},
        xml::Node,
    },
};

/// The id that an alternative has here.
pub(super) fn choice_id(alternative: &str) -> String {
    ["a", &names::id(alternative)].concat()
}

impl Taking {
    pub(super) fn radio(&mut self, query: &Query<'_, '_>) -> Option<Mapped> {
        let (choices, other) = self.alternatives(query, "RadioButtonAlternative")?;
        Some(Mapped::new(Kind::Radio { choices, other }, "radio"))
    }

    pub(super) fn drop_down(&mut self, query: &Query<'_, '_>) -> Option<Mapped> {
        // The first line of the list, which is no alternative.
        if let Some(line) = query.settings.value("shortDescription") {
            self.left_out(&query.place, "shortDescription", line);
        }
        let (choices, other) = self.alternatives(query, "DropDownAlternative")?;
        Some(Mapped::new(Kind::DropDown { choices, other }, "drop_down"))
    }

    pub(super) fn checkbox(&mut self, query: &Query<'_, '_>) -> Option<Mapped> {
        self.flags_left_out(query.settings, &query.place, &["showCheckAllBoxes"]);
        let (choices, other) = self.alternatives(query, "CheckboxAlternative")?;
        let all = u32::try_from(choices.len() + usize::from(other.is_some())).unwrap_or(u32::MAX);
        let count = |name: &str| query.settings.number::<u32>(name).filter(|&count| count > 0);
        let max = count("maxChecked");
        let mut min = count("minChecked");
        let most = max.unwrap_or(all).min(all);
        if let Some(written) = min.filter(|&min| min > most) {
            self.changed(&query.place, "minChecked", &written.to_string(), most);
            min = Some(most);
        }
        Some(Mapped::new(Kind::Checkbox { choices, other, min, max }, "checkbox"))
    }

    /// The alternatives and the label of the one with free text; none when there is nothing to choose.
    fn alternatives(
        &mut self,
        query: &Query<'_, '_>,
        element: &str,
    ) -> Option<(Vec<Choice>, Option<String>)> {
        self.validator_left_out(query);
        self.flags_left_out(query.settings, &query.place, &["setAsAttribute"]);
        let mut ids = Names::default();
        let mut choices = Vec::new();
        for alternative in query.settings.listed("Alternatives", element) {
            choices.push(self.alternative(alternative, query, &mut ids));
        }
        let other = query.settings.value("freeTextAlternative").map(names::label);
        if choices.is_empty() {
            self.add(Outcome::NotUnderstood, &query.place, Finding::NothingAsked);
            return None;
        }
        Some((choices, other.filter(|label| !label.is_empty())))
    }

    fn alternative(&mut self, node: Node<'_, '_>, query: &Query<'_, '_>, ids: &mut Names) -> Choice {
        let number = node.value("alternativeID").unwrap_or_default();
        let wanted = choice_id(number);
        let id = ids.take(&wanted);
        let place = || format!("{}/Alternatives {}", query.place, names::label(number));
        if id != wanted {
            self.add(Outcome::Approximated, &place(), Finding::SameId { used: id.clone() });
        }
        let mut label = names::label(node.value("name").unwrap_or_default());
        if label.is_empty() {
            label = format!("Alternativ {}", names::label(number)).trim_end().to_owned();
            self.add(Outcome::Approximated, &place(), Finding::Unnamed { used: label.clone() });
        }
        if let Some(price) = node.value("price").filter(|price| *price != "0") {
            self.left_out(&place(), "price", price);
        }
        // Older files call it `value`.
        let value = node.value("xmlValue").or_else(|| node.value("value")).map(names::label);
        Choice { id, value: value.filter(|value| *value != label), label }
    }
}
