//! Rules as sentences.

use std::collections::HashMap;

use jiff::civil::Date;
use ledsaga_forms::{Choice, Condition, Day, Definition, Kind, Question, QuestionState, Rule};

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// The questions of a definition, by id.
pub struct Names<'a> {
    questions: HashMap<&'a str, &'a Question>,
}

impl<'a> Names<'a> {
    pub fn new(definition: &'a Definition) -> Self {
        let mut questions = HashMap::new();
        for question in definition.steps.iter().flat_map(|step| &step.questions) {
            questions.insert(question.id.as_str(), question);
            if let Kind::Group { questions: members, .. } = &question.kind {
                questions.extend(members.iter().map(|member| (member.id.as_str(), member)));
            }
        }
        Self { questions }
    }

    /// `Om svaret på ”Bor du här?” är ”Ja” visas ”Adress” och måste besvaras.`
    pub fn rule(&self, rule: &Rule) -> String {
        let targets: Vec<String> = rule.targets.iter().map(|id| self.label(id)).collect();
        let targets = joined(&targets, "och");
        let condition = self.condition(&rule.when, &rule.on);
        let mut sentence = match rule.set {
            QuestionState::Hidden => format!("Om {condition} döljs {targets}."),
            QuestionState::Visible => format!("Om {condition} visas {targets}, utan krav på svar."),
            QuestionState::VisibleRequired => format!("Om {condition} visas {targets} och måste besvaras."),
        };
        if rule.keep_answer {
            sentence += " Svar som döljs finns kvar om frågan visas igen.";
        }
        if rule.no_restore {
            sentence += " Annars ändrar regeln inget.";
        }
        sentence
    }

    fn label(&self, id: &str) -> String {
        format!("”{}”", self.questions.get(id).map_or(id, |question| question.label.as_str()))
    }

    fn condition(&self, condition: &Condition, on: &str) -> String {
        let label = self.label(on);
        match condition {
            Condition::AnyOf(named) => {
                format!("svaret på {label} är {}", joined(&self.choices(on, named), "eller"))
            }
            Condition::AllOf(named) => {
                let all = joined(&self.choices(on, named), "och");
                match named.len() {
                    1 => format!("{all} är valt i {label}"),
                    2 => format!("både {all} är valda i {label}"),
                    _ => format!("{all} alla är valda i {label}"),
                }
            }
            Condition::Answered(true) => format!("{label} är besvarad"),
            Condition::Answered(false) => format!("{label} inte är besvarad"),
            Condition::AtLeast(limit) => format!("{} är minst {}", self.counted(on), number(*limit)),
            Condition::AtMost(limit) => format!("{} är högst {}", self.counted(on), number(*limit)),
            Condition::Equals(text) => format!("svaret på {label} är ”{text}”"),
            Condition::OnOrAfter(day) => format!("{label} är {} eller senare", self::day(*day)),
            Condition::OnOrBefore(day) => format!("{label} är {} eller tidigare", self::day(*day)),
            Condition::AgeAtLeast(years) => format!("personen i {label} har fyllt {years} år"),
            Condition::AgeAtMost(years) => format!("personen i {label} är högst {years} år"),
            Condition::All(parts) => self.parts(parts, on, "och"),
            Condition::Any(parts) => self.parts(parts, on, "eller"),
            Condition::Not(part) => format!("det inte är så att {}", self.condition(part, on)),
            Condition::Of { question, is } => self.condition(is, question),
        }
    }

    fn parts(&self, parts: &[Condition], on: &str, word: &str) -> String {
        let said = |part: &Condition| match part {
            Condition::All(inner) | Condition::Any(inner) if inner.len() > 1 => {
                format!("({})", self.condition(part, on))
            }
            _ => self.condition(part, on),
        };
        parts.iter().map(said).collect::<Vec<_>>().join(&format!(" {word} "))
    }

    /// What is counted: the answer itself, or a group's rows.
    fn counted(&self, id: &str) -> String {
        match self.questions.get(id).map(|question| &question.kind) {
            Some(Kind::Group { .. }) => format!("antalet i {}", self.label(id)),
            _ => format!("svaret på {}", self.label(id)),
        }
    }

    fn choices(&self, id: &str, named: &[String]) -> Vec<String> {
        let kind = self.questions.get(id).map(|question| &question.kind);
        let (choices, other): (&[Choice], Option<&String>) = match kind {
            Some(
                Kind::Radio { choices, other }
                | Kind::DropDown { choices, other }
                | Kind::Checkbox { choices, other, .. },
            ) => (choices, other.as_ref()),
            _ => (&[], None),
        };
        let label = |id: &String| {
            let choice = choices.iter().find(|choice| choice.id == *id).map(|choice| &choice.label);
            format!("”{}”", choice.or(other).unwrap_or(id))
        };
        named.iter().map(label).collect()
    }
}

fn day(day: Day) -> String {
    let days = |n: u32| if n == 1 { "1 dag".to_owned() } else { format!("{n} dagar") };
    match day {
        Day::Fixed(date) => spoken(date),
        Day::Today(0) => "i dag".to_owned(),
        Day::Today(n) if n > 0 => format!("{} från i dag", days(n.unsigned_abs())),
        Day::Today(n) => format!("{} före i dag", days(n.unsigned_abs())),
    }
}

fn spoken(date: Date) -> String {
    let month = usize::try_from(date.month()).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("den {} {} {}", date.day(), month.unwrap_or(&""), date.year())
}

/// With a decimal comma.
pub fn number(value: f64) -> String {
    value.to_string().replace('.', ",")
}

/// `a, b och c`
pub fn joined(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(rules: &serde_json::Value) -> Vec<String> {
        let json = serde_json::json!({
            "format": 1, "id": "prov", "version": 1, "name": "Prov", "summary": "Prov", "category": "Prov", "unit": "Prov",
            "contact": { "name": "Prov", "phone": "070-1740605" }, "oral_filing": "accepted",
            "retention": { "draft_days": 1, "protected_draft_days": 1 },
            "steps": [{ "id": "a", "title": "A", "questions": [
                { "id": "val", "label": "Val", "kind": "checkbox", "other": "Annat",
                  "choices": [{ "id": "x", "label": "X" }, { "id": "y", "label": "Y" }] },
                { "id": "dag", "label": "Dag", "kind": "date" },
                { "id": "pnr", "label": "Personnummer", "kind": "personal_identity_number" },
                { "id": "tal", "label": "Tal", "kind": "number", "decimals": 1 },
                { "id": "barn", "label": "Barn", "kind": "group", "row_label": "Barn", "max_rows": 2,
                  "questions": [{ "id": "namn", "label": "Namn", "kind": "text" }] },
                { "id": "sist", "label": "Sist", "kind": "text" },
                { "id": "slut", "label": "Slut", "kind": "text" },
            ] }],
            "rules": rules,
        });
        let definition = ledsaga_forms::load(json.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        let names = Names::new(&definition);
        definition.rules.iter().map(|rule| names.rule(rule)).collect()
    }

    #[test]
    fn every_condition_is_a_sentence() {
        let rules = [
            (r#"{"any_of": ["x", "other"]}"#, "val", "svaret på ”Val” är ”X” eller ”Annat”"),
            (r#"{"all_of": ["x", "y"]}"#, "val", "både ”X” och ”Y” är valda i ”Val”"),
            (r#"{"answered": false}"#, "tal", "”Tal” inte är besvarad"),
            (r#"{"at_least": 2.5}"#, "tal", "svaret på ”Tal” är minst 2,5"),
            (r#"{"at_most": 1}"#, "barn", "antalet i ”Barn” är högst 1"),
            (r#"{"equals": "2026-05-01"}"#, "dag", "svaret på ”Dag” är ”2026-05-01”"),
            (r#"{"on_or_after": "2026-05-01"}"#, "dag", "”Dag” är den 1 maj 2026 eller senare"),
            (r#"{"on_or_before": "today-30"}"#, "dag", "”Dag” är 30 dagar före i dag eller tidigare"),
            (r#"{"age_at_least": 18}"#, "pnr", "personen i ”Personnummer” har fyllt 18 år"),
            (r#"{"age_at_most": 15}"#, "pnr", "personen i ”Personnummer” är högst 15 år"),
            (
                r#"{"all": [{"any": [{"any_of": ["x"]}, {"any_of": ["y"]}]}, {"not": {"of": {"question": "tal", "is": {"answered": true}}}}]}"#,
                "val",
                "(svaret på ”Val” är ”X” eller svaret på ”Val” är ”Y”) och det inte är så att ”Tal” är besvarad",
            ),
        ];
        for (when, on, said) in rules {
            let when: serde_json::Value = serde_json::from_str(when).unwrap_or_default();
            let rule = serde_json::json!({ "on": on, "when": when, "set": "visible_required", "targets": ["sist", "slut"] });
            assert_eq!(
                sentences(&serde_json::json!([rule])),
                [format!("Om {said} visas ”Sist” och ”Slut” och måste besvaras.")]
            );
        }
    }
}
