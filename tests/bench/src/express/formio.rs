//! @formio/core: components with simple conditionals.

use serde_json::{Map, Value as Json, json};

use super::{choices, with};
use crate::form::{Form, Kind, Question, Value, When, choice};

pub fn definition(form: &Form) -> Json {
    let mut index = 0;
    let steps = form.steps().enumerate().map(|(step, questions)| {
        let components = questions.iter().map(|question| {
            let component = component(question);
            let conditions: Vec<Json> = form
                .rules_of(index)
                .flat_map(|rule| conditions(&form.questions[rule.source], &rule.when))
                .collect();
            index += 1;
            if conditions.is_empty() {
                component
            } else {
                let conditional = json!({ "show": true, "conjunction": "any", "conditions": conditions });
                with(component, json!({ "conditional": conditional }))
            }
        });
        json!({
            "type": "panel", "key": format!("page{}", step + 1), "input": false,
            "title": format!("Steg {}", step + 1), "components": components.collect::<Json>(),
        })
    });
    let components: Json = steps.collect();
    json!({ "display": "wizard", "components": components })
}

fn component(question: &Question) -> Json {
    let (kind, limits) = match question.kind {
        Kind::Text { max_length } => (json!({ "type": "textfield" }), json!({ "maxLength": max_length })),
        Kind::TextArea { max_length } => (json!({ "type": "textarea" }), json!({ "maxLength": max_length })),
        Kind::Number { max } => (json!({ "type": "number" }), json!({ "min": 0, "max": max })),
        Kind::Date => (json!({ "type": "datetime", "enableTime": false, "format": "yyyy-MM-dd" }), json!({})),
        Kind::Email => (json!({ "type": "email" }), json!({})),
        Kind::Radio(count) => {
            (json!({ "type": "radio", "values": choices(count, "value", "label") }), json!({}))
        }
        Kind::DropDown(count) => {
            let values = choices(count, "value", "label");
            (json!({ "type": "select", "widget": "html5", "data": { "values": values } }), json!({}))
        }
        Kind::Checkbox(count) => {
            (json!({ "type": "selectboxes", "values": choices(count, "value", "label") }), json!({}))
        }
    };
    let validate = with(json!({ "required": question.required }), limits);
    let common = json!({ "key": question.id, "label": question.label, "input": true, "validate": validate });
    with(common, kind)
}

/// Of which one must hold.
fn conditions(source: &Question, when: &When) -> Vec<Json> {
    let one =
        |operator: &str, value: Json| json!({ "component": source.id, "operator": operator, "value": value });
    match when {
        When::AnyOf(ids) => ids.iter().map(|id| one("isEqual", json!(id))).collect(),
        When::AtLeast(least) => vec![one("greaterThanOrEqual", json!(least))],
        When::Answered => vec![one("isNotEmpty", Json::Null)],
    }
}

pub fn value(kind: &Kind, value: &Value) -> Json {
    match (kind, value) {
        (Kind::Checkbox(count), Value::Choices(made)) => {
            let boxes = (0..*count).map(choice).map(|id| (id.clone(), json!(made.contains(&id))));
            Json::Object(boxes.collect::<Map<_, _>>())
        }
        (_, value) => super::survey::value(value),
    }
}
