//! form-js: fields with a FEEL condition for hiding.

use serde_json::{Value as Json, json};

use super::{choices, with};
use crate::form::{Form, Kind, Question, When};

pub fn definition(form: &Form) -> Json {
    let fields = form.questions.iter().enumerate().map(|(index, question)| {
        let field = field(question);
        let rules = form.rules_of(index);
        let conditions: Vec<String> =
            rules.map(|rule| condition(&form.questions[rule.source], &rule.when)).collect();
        if conditions.is_empty() {
            field
        } else {
            // A comparison with no answer is null, which hides nothing by itself.
            let hide = format!("=if {} then false else true", conditions.join(" or "));
            with(field, json!({ "conditional": { "hide": hide } }))
        }
    });
    let components: Json = fields.collect();
    json!({ "type": "default", "id": "Matning", "schemaVersion": 19, "components": components })
}

fn field(question: &Question) -> Json {
    let (kind, limits) = match question.kind {
        Kind::Text { max_length } => (json!({ "type": "textfield" }), json!({ "maxLength": max_length })),
        Kind::TextArea { max_length } => (json!({ "type": "textarea" }), json!({ "maxLength": max_length })),
        Kind::Number { max } => {
            (json!({ "type": "number", "decimalDigits": 0 }), json!({ "min": 0, "max": max }))
        }
        Kind::Date => (json!({ "type": "datetime", "subtype": "date" }), json!({})),
        Kind::Email => (json!({ "type": "textfield" }), json!({ "validationType": "email" })),
        Kind::Radio(count) => {
            (json!({ "type": "radio", "values": choices(count, "value", "label") }), json!({}))
        }
        Kind::DropDown(count) => {
            (json!({ "type": "select", "values": choices(count, "value", "label") }), json!({}))
        }
        Kind::Checkbox(count) => {
            (json!({ "type": "checklist", "values": choices(count, "value", "label") }), json!({}))
        }
    };
    let validate = with(json!({ "required": question.required }), limits);
    let label = if question.kind == Kind::Date { "dateLabel" } else { "label" };
    let common = json!({ "id": format!("Field_{}", question.id), "key": question.id, label: question.label, "validate": validate });
    with(common, kind)
}

fn condition(source: &Question, when: &When) -> String {
    let key = &source.id;
    match when {
        When::AnyOf(ids) if matches!(source.kind, Kind::Checkbox(_)) => {
            let one = |id: &String| format!("list contains({key}, \"{id}\")");
            ids.iter().map(one).collect::<Vec<_>>().join(" or ")
        }
        When::AnyOf(ids) => ids.iter().map(|id| format!("{key} = \"{id}\"")).collect::<Vec<_>>().join(" or "),
        When::AtLeast(least) => format!("{key} >= {least}"),
        When::Answered => format!("{key} != null"),
    }
}
