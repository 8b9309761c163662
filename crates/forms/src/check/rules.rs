//! What rules and roles must fulfil: they name what exists, and point forward.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Checked, Judged, at, demand, demand_else};
use crate::{Condition, Kind, Question, QuestionId, Reason, Role, Rule, judge, normal, path::is_id};

/// Conditions in conditions. More than anyone can follow, and far from where a stack ends.
const NESTING_MAX: usize = 8;

/// Rules that come back to where they began, with the one that closes the circle; said by name, since "not after" alone
/// would not explain it.
pub(crate) fn circle(rules: &[Rule]) -> Option<(usize, Vec<&str>)> {
    let mut next: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (r, rule) in rules.iter().enumerate() {
        let sources = std::iter::once(&rule.on).chain(rule.when.others());
        for source in sources {
            next.entry(source).or_default().extend(rule.targets.iter().map(|id| (r, id.as_str())));
        }
    }
    let mut done: HashSet<&str> = HashSet::new();
    let starts: Vec<&str> = next.keys().copied().collect();
    for start in starts {
        if done.contains(start) {
            continue;
        }
        // Depth first, with the way so far on a stack of its own.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some(&mut (id, ref mut at)) = way.last_mut() {
            let step = next.get(id).and_then(|steps| steps.get(*at)).copied();
            *at += 1;
            match step {
                Some((r, target)) => {
                    if let Some(begin) = way.iter().position(|(passed, _)| *passed == target) {
                        return Some((
                            r,
                            way.iter().skip(begin).map(|(id, _)| *id).chain([target]).collect(),
                        ));
                    }
                    if !done.contains(target) {
                        way.push((target, 0));
                    }
                }
                None => {
                    done.insert(id);
                    way.pop();
                }
            }
        }
    }
    None
}

/// Where each question stands, to judge rules by.
#[derive(Default)]
pub(super) struct Places<'a> {
    by_id: HashMap<&'a str, Standing<'a>>,
}

struct Standing<'a> {
    order: usize,
    group: Option<&'a str>,
    question: &'a Question,
    place: String,
}

impl<'a> Places<'a> {
    pub fn add(&mut self, question: &'a Question, group: Option<&'a str>, place: &str) -> Judged {
        demand(is_id(&question.id), Reason::Id)?;
        let standing = Standing { order: self.by_id.len(), group, question, place: place.to_owned() };
        demand(self.by_id.insert(&question.id, standing).is_none(), Reason::SameQuestionId)
    }

    pub fn count(&self) -> usize {
        self.by_id.len()
    }

    /// A proxy says by what right.
    pub fn roles(&self) -> Checked {
        let mut by_order: Vec<&Standing<'_>> = self.by_id.values().collect();
        by_order.sort_by_key(|standing| standing.order);
        by_order.into_iter().try_for_each(|standing| match &standing.question.role {
            Some(Role::Proxy { basis }) => {
                let answered = self.by_id.get(basis.as_str()).is_some_and(|q| q.question.kind.is_answered());
                at(&standing.place, demand_else(answered, || Reason::ProxyBasis { id: basis.clone() }))
            }
            _ => Ok(()),
        })
    }

    /// Targets come after their source, so no chain of rules ever comes back to where it began.
    pub fn rule(&self, rule: &Rule) -> Judged {
        let source = self.source(&rule.on, rule)?;
        demand(!rule.targets.is_empty(), Reason::NoTargets)?;
        self.condition(&rule.when, source.question, rule, 0)
    }

    /// A question that the rule asks about, which every target must come after and be able to see.
    fn source(&self, id: &QuestionId, rule: &Rule) -> Result<&Standing<'a>, Reason> {
        let find = |id: &QuestionId| {
            self.by_id.get(id.as_str()).ok_or_else(|| Reason::NoQuestion { id: id.clone() })
        };
        let source = find(id)?;
        for target_id in &rule.targets {
            let target = find(target_id)?;
            let ids = || (id.clone(), target_id.clone());
            if target.order <= source.order {
                let (source_id, target) = ids();
                return Err(Reason::NotAfter { source_id, target });
            }
            if target.group == Some(id) {
                let (group, target) = ids();
                return Err(Reason::OverItsOwn { group, target });
            }
            if source.group.is_some() && source.group != target.group {
                let (source_id, target) = ids();
                return Err(Reason::OtherGroup { source_id, target });
            }
        }
        Ok(source)
    }

    fn condition(&self, condition: &Condition, source: &Question, rule: &Rule, depth: usize) -> Judged {
        demand(depth < NESTING_MAX, Reason::Nesting { max: NESTING_MAX })?;
        let kind = &source.kind;
        let id = || source.id.clone();
        match condition {
            Condition::AnyOf(named) | Condition::AllOf(named) => {
                let Some((choices, other)) = normal::choices_of(kind) else {
                    return Err(Reason::WithoutChoices { id: id() });
                };
                demand(!named.is_empty(), Reason::NamesNoChoice)?;
                match named.iter().find(|name| !judge::choice_exists(choices, other, name)) {
                    Some(name) => Err(Reason::NoChoice { id: id(), choice: name.clone() }),
                    None => Ok(()),
                }
            }
            Condition::Answered(_) => demand_else(kind.is_answered(), || Reason::NeverAnswered { id: id() }),
            Condition::AtLeast(limit) | Condition::AtMost(limit) => {
                demand(limit.is_finite(), Reason::LimitNotNumber)?;
                let counted = matches!(kind, Kind::Number { .. } | Kind::Money { .. } | Kind::Group { .. });
                demand_else(counted, || Reason::NotCounted { id: id() })
            }
            Condition::Equals(_) => {
                demand_else(kind.is_answered() && kind.is_text(), || Reason::NotText { id: id() })
            }
            Condition::OnOrAfter(_) | Condition::OnOrBefore(_) => {
                demand_else(matches!(kind, Kind::Date { .. }), || Reason::NotDate { id: id() })
            }
            Condition::AgeAtLeast(_) | Condition::AgeAtMost(_) => {
                let aged = matches!(kind, Kind::Date { .. } | Kind::PersonalIdentityNumber { .. });
                demand_else(aged, || Reason::WithoutAge { id: id() })
            }
            Condition::All(parts) | Condition::Any(parts) => {
                demand(!parts.is_empty(), Reason::NoParts)?;
                parts.iter().try_for_each(|part| self.condition(part, source, rule, depth + 1))
            }
            Condition::Not(part) => self.condition(part, source, rule, depth + 1),
            Condition::Of { question, is } => {
                let other = self.source(question, rule)?;
                self.condition(is, other.question, rule, depth + 1)
            }
        }
    }
}
