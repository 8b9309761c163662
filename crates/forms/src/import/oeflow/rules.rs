//! Rules: alternatives of a question that set the state of later ones.
//!
//! They come in the order of their questions, those of one question by `sortIndex`, so that the last one wins here as it
//! does there. A rule that is not wholly understood is left out, and nothing that it decides over stays hidden, demands
//! an answer or stops the case.

use std::collections::HashMap;

use super::{
    Finding, Outcome, Taking,
    choices::choice_id,
    query::{Taken, state_of, undemanding},
    texts::short,
};
use crate::{
    Condition, Kind, Place, QuestionState, Rule, check,
    import::{ImportError, xml::Node},
    judge, normal,
};

/// Why a rule is not taken over.
enum Left {
    /// It does nothing there either.
    Idle(Finding),
    NotUnderstood(Finding),
}

impl Taking {
    pub(super) fn rules(&mut self, taken: &mut [Taken<'_, '_>]) -> Result<Vec<Rule>, ImportError> {
        let mut order: HashMap<&str, usize> = HashMap::new();
        for (at, taken) in taken.iter().enumerate() {
            if let Some(id) = taken.descriptor.value("queryID") {
                order.entry(id).or_insert(at);
            }
        }
        let mut rules = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for at in 0..taken.len() {
            let Some(source) = taken.get(at) else { continue };
            let listed = source.descriptor.listed("EvaluatorDescriptors", "EvaluatorDescriptor");
            if listed.is_empty() {
                continue;
            }
            let place = source.place.clone();
            for rule in listed {
                let name = short(rule.value("name").unwrap_or_default());
                let place = format!("{place}/EvaluatorDescriptor ({name})");
                let targets = self.targets(rule, &order, &place);
                match self.rule(rule, taken, at, &targets, &place) {
                    Ok(made) => {
                        places.extend(made.iter().map(|_| place.clone()));
                        rules.extend(made);
                    }
                    Err(Left::Idle(finding)) => self.add(Outcome::Taken, &place, finding),
                    Err(Left::NotUnderstood(finding)) => {
                        self.add(Outcome::NotUnderstood, &place, finding);
                        for target in targets {
                            self.free(taken.get_mut(target));
                        }
                    }
                }
            }
        }
        in_order(&rules, &places, taken)?;
        Ok(rules)
    }

    /// Where its questions stand; each once.
    fn targets(&mut self, rule: Node<'_, '_>, order: &HashMap<&str, usize>, place: &str) -> Vec<usize> {
        let mut targets = Vec::new();
        let named = rule.child("TargetQueryIDs").into_iter().flat_map(Node::children);
        for target in named.filter(|child| child.name() == "queryID").map(Node::text) {
            match order.get(target) {
                Some(at) => targets.push(*at),
                None => {
                    let finding = Finding::RuleTargetMissing { target: short(target) };
                    self.add(Outcome::NotUnderstood, place, finding);
                }
            }
        }
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    fn rule(
        &mut self,
        rule: Node<'_, '_>,
        taken: &[Taken<'_, '_>],
        source: usize,
        targets: &[usize],
        place: &str,
    ) -> Result<Vec<Rule>, Left> {
        if !rule.flag("enabled") {
            return Err(Left::Idle(Finding::RuleDisabled));
        }
        let targets: Vec<&Taken<'_, '_>> = targets.iter().filter_map(|&at| taken.get(at)).collect();
        let Some(source) = taken.get(source).filter(|_| !targets.is_empty()) else {
            return Err(Left::Idle(Finding::RuleEmpty));
        };
        let unknown = |kind: &str| Left::NotUnderstood(Finding::UnknownRule { kind: short(kind) });
        let settings = rule.children().find(|child| child.name().ends_with("Evaluator"));
        let settings =
            settings.filter(|settings| settings.name() == "QueryStateEvaluator").ok_or_else(|| {
                unknown(settings.map_or(rule.value("evaluatorTypeID").unwrap_or("?"), Node::name))
            })?;
        let set = settings.value("queryState").unwrap_or_default();
        let set = state_of(set).ok_or_else(|| unknown(&format!("queryState {set}")))?;
        let when = self.condition(settings, &source.question.kind, place)?;
        let no_restore = settings.flag("doNotResetQueryState");
        if no_restore {
            self.add(Outcome::Approximated, place, Finding::RuleHistory);
        }
        let exact = !no_restore && !matches!(source.question.kind, Kind::Confirm { .. });
        let outcome = if exact { Outcome::Taken } else { Outcome::Approximated };
        self.add(outcome, place, Finding::Rule { on: source.question.label.clone() });
        // A question none of whose fields is demanded stays optional when it is told to be required.
        let (demanding, others): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|target| target.demanding || set != QuestionState::VisibleRequired);
        let made = [(set, demanding), (undemanding(set), others)].into_iter();
        let made = made.filter(|(_, targets)| !targets.is_empty()).map(|(set, targets)| Rule {
            on: source.question.id.clone(),
            when: when.clone(),
            set,
            targets: targets.into_iter().map(|target| target.question.id.clone()).collect(),
            keep_answer: false,
            no_restore,
        });
        Ok(made.collect())
    }

    fn condition(&mut self, settings: Node<'_, '_>, source: &Kind, place: &str) -> Result<Condition, Left> {
        let Some((choices, other)) = normal::choices_of(source) else {
            return match source {
                // Its only alternative there.
                Kind::Confirm { .. } => Ok(Condition::Answered(true)),
                kind => {
                    let kind = kind_name(kind).to_owned();
                    Err(Left::NotUnderstood(Finding::RuleSourceUnsuited { kind }))
                }
            };
        };
        let all = settings.value("selectionMode") == Some("ALL");
        let named = settings.child("RequiredAlternativeIDs").into_iter().flat_map(Node::children);
        let named = named.filter(|child| child.name() == "alternativeID").map(Node::text);
        let free_text = settings.flag("freeTextAlternative").then_some("freeTextAlternative");
        let (mut found, mut missing) = (Vec::new(), None);
        for alternative in named.chain(free_text) {
            let id = if Some(alternative) == free_text {
                normal::OTHER.to_owned()
            } else {
                choice_id(alternative)
            };
            if judge::choice_exists(choices, other, &id) {
                if !found.contains(&id) {
                    found.push(id);
                }
            } else {
                missing = Some(Finding::RuleAlternativeMissing { alternative: short(alternative) });
            }
        }
        match missing {
            // It could never hold, or would hold too often without the one that is missing.
            Some(missing) if all || found.is_empty() => return Err(Left::NotUnderstood(missing)),
            Some(missing) => self.add(Outcome::NotUnderstood, place, missing),
            None if found.is_empty() => return Err(Left::Idle(Finding::RuleEmpty)),
            None => {}
        }
        Ok(if all { Condition::AllOf(found) } else { Condition::AnyOf(found) })
    }

    fn free(&mut self, target: Option<&mut Taken<'_, '_>>) {
        let Some(Taken { question, place, .. }) = target else { return };
        question.state = QuestionState::Visible;
        if let Kind::Stop { text } = &mut question.kind {
            let text = std::mem::take(text);
            question.kind = Kind::Information { text };
            self.add(Outcome::NotUnderstood, place, Finding::StopAsInformation);
        }
    }
}

/// Targets come after their source, there as here.
fn in_order(rules: &[Rule], places: &[Place], taken: &[Taken<'_, '_>]) -> Result<(), ImportError> {
    let order: HashMap<&str, usize> =
        taken.iter().enumerate().map(|(at, taken)| (taken.question.id.as_str(), at)).collect();
    let named = |id: &str| {
        let taken = order.get(id).and_then(|&at| taken.get(at));
        taken.map_or_else(|| id.to_owned(), |taken| format!("{id} ({})", taken.question.label))
    };
    let backwards = rules.iter().enumerate().find_map(|(n, rule)| {
        let source = order.get(rule.on.as_str());
        Some((n, rule.targets.iter().find(|target| order.get(target.as_str()) <= source)?))
    });
    // Rules that all lead onwards come back nowhere.
    let Some((n, target)) = backwards else { return Ok(()) };
    let place_of = |rule: usize| places.get(rule).cloned().unwrap_or_default();
    Err(match check::circle(rules) {
        Some((rule, circle)) => {
            ImportError::RuleCircle { place: place_of(rule), circle: circle.into_iter().map(named).collect() }
        }
        None => ImportError::RuleOrder { place: place_of(n), target: named(target) },
    })
}

/// What cannot decide over a rule, as the report calls it.
fn kind_name(kind: &Kind) -> &str {
    match kind {
        Kind::Unknown(fields) => fields.get("kind").and_then(serde_json::Value::as_str).unwrap_or("?"),
        Kind::Group { .. } => "group",
        Kind::Information { .. } => "information",
        Kind::Stop { .. } => "stop",
        Kind::Files { .. } => "files",
        _ => "text",
    }
}
