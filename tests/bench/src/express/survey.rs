//! survey-core: pages of elements with `visibleIf`.

use serde_json::{Value as Json, json};

use super::{choices, with};
use crate::form::{Form, Kind, Question, Value, When};

pub fn definition(form: &Form) -> Json {
    let mut index = 0;
    let pages = form.steps().map(|questions| {
        let elements = questions.iter().map(|question| {
            let element = element(question);
            let rules = form.rules_of(index);
            let conditions: Vec<String> =
                rules.map(|rule| condition(&form.questions[rule.source], &rule.when)).collect();
            index += 1;
            if conditions.is_empty() {
                element
            } else {
                with(element, json!({ "visibleIf": conditions.join(" or ") }))
            }
        });
        json!({ "elements": elements.collect::<Json>() })
    });
    let pages: Json = pages.collect();
    json!({ "clearInvisibleValues": "onHidden", "pages": pages })
}

fn element(question: &Question) -> Json {
    let length = |max: usize| json!([{ "type": "text", "maxLength": max }]);
    let kind = match question.kind {
        Kind::Text { max_length } => json!({ "type": "text", "validators": length(max_length) }),
        Kind::TextArea { max_length } => json!({ "type": "comment", "validators": length(max_length) }),
        Kind::Number { max } => json!({
            "type": "text", "inputType": "number",
            "validators": [{ "type": "numeric", "minValue": 0, "maxValue": max }],
        }),
        Kind::Date => json!({ "type": "text", "inputType": "date" }),
        Kind::Email => json!({ "type": "text", "inputType": "email", "validators": [{ "type": "email" }] }),
        Kind::Radio(count) => json!({ "type": "radiogroup", "choices": choices(count, "value", "text") }),
        Kind::DropDown(count) => json!({ "type": "dropdown", "choices": choices(count, "value", "text") }),
        Kind::Checkbox(count) => json!({ "type": "checkbox", "choices": choices(count, "value", "text") }),
    };
    let common = json!({ "name": question.id, "title": question.label, "isRequired": question.required });
    with(common, kind)
}

fn condition(source: &Question, when: &When) -> String {
    let name = &source.id;
    let quoted = |ids: &[String]| ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    match when {
        When::AnyOf(ids) if matches!(source.kind, Kind::Checkbox(_)) => {
            format!("{{{name}}} contains {}", quoted(ids))
        }
        When::AnyOf(ids) if ids.len() == 1 => format!("{{{name}}} = {}", quoted(ids)),
        When::AnyOf(ids) => format!("{{{name}}} anyof [{}]", quoted(ids)),
        When::AtLeast(least) => format!("{{{name}}} >= {least}"),
        When::Answered => format!("{{{name}}} notempty"),
    }
}

pub fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Choice(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Choices(choices) => json!(choices),
    }
}
