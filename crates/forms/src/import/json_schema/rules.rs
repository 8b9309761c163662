//! `if`, `then` and `else` about one property as rules.

use std::collections::{BTreeMap, HashSet};

use super::{Asked, Taking, below, json::Json, view::View};
use crate::{
    Condition, Kind, QuestionState, Rule,
    import::{Finding, ImportError, Outcome},
    normal,
};

/// One `if` with what follows.
pub(super) struct Branch<'a> {
    test: &'a Json,
    sides: [Option<&'a Json>; 2],
    place: String,
}

const SIDES: [&str; 2] = ["then", "else"];

impl<'a> Taking<'a> {
    /// Those of the form itself, alone or in `allOf`.
    pub(super) fn branches(&mut self, root: &View<'a>) -> Result<Vec<Branch<'a>>, ImportError> {
        let mut branches = Vec::new();
        for part in &root.parts {
            for keyword in [
                "dependentRequired",
                "dependentSchemas",
                "dependencies",
                "patternProperties",
                "oneOf",
                "anyOf",
                "not",
            ] {
                if part.get(keyword).is_some() {
                    self.too_complex("", keyword);
                }
            }
            let all = part.get("allOf").map(Json::list).unwrap_or_default().iter().enumerate();
            let all = all.map(|(n, inner)| (inner, format!("/allOf/{n}")));
            for (schema, place) in std::iter::once((*part, String::new())).chain(all) {
                if let Some(test) = schema.get("if") {
                    let sides = SIDES.map(|side| schema.get(side));
                    branches.push(Branch { test, sides, place });
                }
            }
        }
        Ok(branches)
    }

    /// The questions that only a branch has.
    pub(super) fn questions_of(
        &mut self,
        branch: &Branch<'a>,
        known: &mut HashSet<&'a str>,
        ui: &'a Json,
    ) -> Result<Vec<Asked<'a>>, ImportError> {
        let mut asked = Vec::new();
        for (side, name) in branch.sides.iter().zip(SIDES) {
            let place = below(&branch.place, name);
            let Some(side) = side else { continue };
            let side = self.view(side, &place)?;
            self.weigh(side.weight(), &place)?;
            for (property, schema) in side.all("properties").into_iter().flat_map(Json::fields) {
                // Nothing is said of it but that it is hidden.
                if matches!(schema, Json::Bool(_)) || !known.insert(property) {
                    continue;
                }
                let place = below(&below(&place, "properties"), property);
                let schema = self.view(schema, &place)?;
                let ui = ui.get(property).unwrap_or(&Json::Null);
                let made = self.question(property, &schema, ui, false, &place, 0)?;
                asked.extend(made.into_iter().map(|question| Asked { property, question, of_branch: true }));
            }
        }
        Ok(asked)
    }

    /// `asked` in the order in which the questions are asked.
    pub(super) fn rules(
        &mut self,
        branches: &[Branch<'a>],
        asked: &[&Asked<'a>],
    ) -> Result<Vec<Rule>, ImportError> {
        let mut rules = Vec::new();
        for branch in branches {
            let place = below(&branch.place, "if");
            let Some((source, when)) = self.condition(branch.test, asked, &place) else {
                self.too_complex(&place, "if");
                continue;
            };
            let Some(on) = asked.get(source).map(|asked| &asked.question.id) else { continue };
            let absent_too =
                !named(branch.test, "required", asked.get(source).map_or("", |asked| asked.property));
            for (n, side) in branch.sides.iter().enumerate() {
                let Some(side) = side else { continue };
                let place = below(&branch.place, SIDES.get(n).copied().unwrap_or_default());
                let side = self.view(side, &place)?;
                self.weigh(side.weight(), &place)?;
                let when = if n == 0 { when.clone() } else { Condition::Not(Box::new(when.clone())) };
                for (set, targets) in self.effects(&side, source, asked, &place) {
                    // There the condition also holds while nothing is answered.
                    let outcome = if absent_too { Outcome::Approximated } else { Outcome::Taken };
                    self.add(outcome, &place, Finding::Rule { on: on.clone() });
                    rules.push(Rule {
                        on: on.clone(),
                        when: when.clone(),
                        set: STATES.get(set).copied().unwrap_or_default(),
                        targets,
                        keep_answer: false,
                        // Each branch adds to the others.
                        no_restore: true,
                    });
                }
            }
        }
        // The last one wins here; there what any branch demands is demanded.
        rules.sort_by_key(|rule| STATES.iter().position(|state| *state == rule.set));
        Ok(rules)
    }

    /// What a branch makes of which questions, by the index of the state.
    fn effects(
        &mut self,
        side: &View<'a>,
        source: usize,
        asked: &[&Asked<'a>],
        place: &str,
    ) -> BTreeMap<usize, Vec<String>> {
        let required = side.names("required");
        let mut effects: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let properties: Vec<&(String, Json)> =
            side.all("properties").into_iter().flat_map(Json::fields).collect();
        let mentioned: HashSet<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
        let bare = required.iter().filter(|name| !mentioned.contains(*name)).map(|name| (*name, None));
        let mut bare: Vec<_> = bare.collect();
        bare.sort_unstable_by_key(|(name, _)| *name);
        for (name, schema) in
            properties.iter().map(|(name, schema)| (name.as_str(), Some(schema))).chain(bare)
        {
            let found = asked.iter().enumerate().find(|(_, asked)| asked.property == name);
            let Some((index, target)) = found else {
                self.add(
                    Outcome::NotUnderstood,
                    place,
                    Finding::RuleTargetMissing { target: super::short(name) },
                );
                continue;
            };
            let set = match schema {
                Some(Json::Bool(false)) => HIDDEN,
                _ if required.contains(name) => REQUIRED,
                _ if target.of_branch => VISIBLE,
                _ => {
                    if schema.is_some_and(|schema| !schema.fields().is_empty()) {
                        self.too_complex(place, "properties");
                    }
                    continue;
                }
            };
            if index > source {
                effects.entry(set).or_default().push(target.question.id.clone());
            } else {
                self.too_complex(place, "required");
            }
        }
        for keyword in side.parts.iter().flat_map(|part| part.fields()).map(|(keyword, _)| keyword) {
            if !["properties", "required", "$ref", "type", "title", "description", "$comment"]
                .contains(&keyword.as_str())
            {
                self.too_complex(place, keyword);
            }
        }
        effects
    }

    /// The question that the test is about, by its index, and what it asks.
    fn condition(&mut self, test: &'a Json, asked: &[&Asked<'a>], place: &str) -> Option<(usize, Condition)> {
        if !test
            .fields()
            .iter()
            .all(|(keyword, _)| ["properties", "required", "type"].contains(&keyword.as_str()))
        {
            return None;
        }
        let [(property, test)] = test.get("properties")?.fields() else { return None };
        let (source, question) = asked.iter().enumerate().find(|(_, asked)| asked.property == property)?;
        let kind = &question.question.kind;
        let [(keyword, value)] = test.fields() else { return None };
        let values = |keyword: &str, value: &'a Json| match keyword {
            "const" => Some(std::slice::from_ref(value)),
            "enum" => Some(value.list()),
            _ => None,
        };
        let condition = match (kind, keyword.as_str()) {
            (Kind::Number { .. }, "minimum") => Condition::AtLeast(value.number()?),
            (Kind::Number { .. }, "maximum") => Condition::AtMost(value.number()?),
            (Kind::Number { .. }, "const") => {
                let number = value.number()?;
                Condition::All(vec![Condition::AtLeast(number), Condition::AtMost(number)])
            }
            (Kind::Confirm { .. }, "const") => match value {
                Json::Bool(confirmed) => Condition::Answered(*confirmed),
                _ => return None,
            },
            (Kind::Checkbox { .. }, "contains") => {
                let [(keyword, value)] = value.fields() else { return None };
                Condition::AnyOf(self.made(kind, values(keyword, value)?, place)?)
            }
            (Kind::Radio { .. } | Kind::DropDown { .. }, keyword) => {
                Condition::AnyOf(self.made(kind, values(keyword, value)?, place)?)
            }
            (Kind::Text { .. } | Kind::TextArea { .. }, keyword) => {
                let texts = values(keyword, value)?.iter().map(|text| text.text().map(str::to_owned));
                let texts: Vec<String> = texts.collect::<Option<_>>()?;
                match texts.as_slice() {
                    [] => return None,
                    [text] => Condition::Equals(text.clone()),
                    _ => Condition::Any(texts.into_iter().map(Condition::Equals).collect()),
                }
            }
            _ => return None,
        };
        Some((source, condition))
    }

    /// The ids of these alternatives; none when there are none of them.
    fn made(&mut self, kind: &Kind, values: &[Json], place: &str) -> Option<Vec<String>> {
        let (choices, _) = normal::choices_of(kind)?;
        let mut ids = Vec::new();
        for value in values {
            let written = value.shown();
            match choices.iter().find(|choice| choice.value.as_deref().unwrap_or(&choice.label) == written) {
                Some(choice) => ids.push(choice.id.clone()),
                None => {
                    let finding = Finding::RuleAlternativeMissing { alternative: super::short(&written) };
                    self.add(Outcome::NotUnderstood, place, finding);
                }
            }
        }
        (!ids.is_empty()).then_some(ids)
    }
}

/// The states of questions from the weakest to the strongest.
const STATES: [QuestionState; 3] =
    [QuestionState::Visible, QuestionState::VisibleRequired, QuestionState::Hidden];
const VISIBLE: usize = 0;
const REQUIRED: usize = 1;
const HIDDEN: usize = 2;

fn named(test: &Json, keyword: &str, name: &str) -> bool {
    test.get(keyword).map(Json::list).unwrap_or_default().iter().any(|named| named.text() == Some(name))
}
