//! The JSON Schema of the answers to one version of an e-service.

use serde_json::{Map, Value, json};

use crate::{
    Choice, Definition, Kind, OralFiling, ProtectedPolicy, Question, QuestionState, judge::FILE_NAME_MAX,
    normal,
};

/// Kinds by what JSON Schema can say of their normal forms. Signs are written out as ECMA-262 does with its flag `u`,
/// without `\s`: what counts as space differs between regular expression engines.
mod shape {
    /// Neither space nor a control character.
    pub const SIGN: &str = r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]";
    /// Anything that a text of several lines may have within it.
    pub const WITHIN: &str = r"[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]";
    pub const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
    /// What people write between the digits of a phone number.
    pub const BETWEEN_DIGITS: &str = r"[ ().\/\-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]*";
    pub const DATE: &str = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
    pub const TIME: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    pub const KRONOR: &str = "^(0|[1-9][0-9]{0,14})$";
    /// Months 00 and days from 60 are samordningsnummer's.
    pub const PERSON: &str =
        "^(18|19|20)[0-9]{2}(0[0-9]|1[0-2])(0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])[0-9]{4}$";
    pub const ORGANISATION: &str = "^[0-9]{10}$";
    /// By its length: mobile, freephone (020), other.
    pub const SWEDISH_PHONE: &str =
        r"^\+46((70|72|73|76|79)[0-9]{7}|20[0-9]{4,7}|(?!70|72|73|76|79|20|0)[0-9]{7,9})$";
    pub const POSTCODE: &str = "^[1-9][0-9]{2} [0-9]{2}$";
    pub const ROW_ID: &str = "^[A-Za-z0-9-]{1,64}$";
    pub const SHA256: &str = "^[0-9a-f]{64}$";
}

/// JSON Schema (2020-12) of the answers in a submission to this version, as [`crate::submission_answers`] makes them.
///
/// It says what a case system can rely on without running our rules: which ids there are, which shape each answer has
/// and its normal form. A document that [`crate::check_submission`] has nothing against is valid; a valid document may
/// still be refused, since JSON Schema cannot say:
///
/// - whether a question is asked: rules, protected mode;
/// - check digits, dates that no calendar has, today, ages, the value of numbers and amounts (they are texts);
/// - order of choices, files and rows that have the same id, the size of files together, fields that tell rows apart.
///
/// Nothing is `required` where an incomplete application may be sent. Elsewhere those questions are that are asked
/// whatever the other answers are.
pub fn answer_schema(definition: &Definition) -> Value {
    let form = Form { definition, complete: definition.oral_filing != OralFiling::Accepted };
    let questions = definition.steps.iter().flat_map(|step| &step.questions);
    let mut schema = form.answers(questions, true);
    let about = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:ledsaga:answers:{}:{}", definition.id, definition.version),
        "$comment": format!("SHA-256 of the definition: {}", definition.hash),
        "title": definition.name,
        "description": definition.summary,
    });
    if let Value::Object(about) = about {
        schema.extend(about);
    }
    Value::Object(schema)
}

struct Form<'a> {
    definition: &'a Definition,
    /// An incomplete one is not received.
    complete: bool,
}

impl<'a> Form<'a> {
    fn answers(&self, questions: impl Iterator<Item = &'a Question>, demanded: bool) -> Map<String, Value> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for question in questions {
            let demanded = demanded && self.is_demanded(question);
            let Some(mut answer) = self.answer(&question.kind, demanded) else { continue };
            if let Value::Object(fields) = &mut answer {
                fields.insert("description".to_owned(), json!(question.label));
            }
            properties.insert(question.id.clone(), answer);
            if demanded {
                required.push(json!(question.id));
            }
        }
        let mut schema = Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("properties".to_owned(), Value::Object(properties)),
            ("additionalProperties".to_owned(), json!(false)),
        ]);
        if !required.is_empty() {
            schema.insert("required".to_owned(), Value::Array(required));
        }
        schema
    }

    /// Asked and to be answered, whatever the rest of the case is.
    fn is_demanded(&self, question: &Question) -> bool {
        self.complete
            && question.kind.is_answered()
            && question.state == QuestionState::VisibleRequired
            && question.protected_policy == ProtectedPolicy::Ask
            && !matches!(question.kind, Kind::Address)
            && !self.definition.rules.iter().any(|rule| rule.targets.contains(&question.id))
    }

    /// One answer; none for what is never answered.
    fn answer(&self, kind: &Kind, demanded: bool) -> Option<Value> {
        Some(match kind {
            Kind::Information { .. } | Kind::Stop { .. } => return None,
            Kind::Radio { choices, other } | Kind::DropDown { choices, other } => {
                choice(choices, other.is_some(), 1, 1)
            }
            Kind::Checkbox { choices, other, min, max } => {
                let all = choices.len() + usize::from(other.is_some());
                choice(choices, other.is_some(), min.unwrap_or(1).max(1), max.map_or(all, |max| max as usize))
            }
            Kind::Confirm { .. } => tagged("confirmed", Map::new(), &[]),
            Kind::Files { max_count, max_size, types, .. } => {
                let files = json!({
                    "type": "array", "minItems": 1, "maxItems": max_count, "uniqueItems": true,
                    "items": file(*max_size, types),
                });
                tagged("files", Map::from_iter([("files".to_owned(), files)]), &["files"])
            }
            Kind::Group { questions, min_rows, max_rows, .. } => {
                let rows = json!({
                    "type": "array",
                    "minItems": if demanded { (*min_rows).max(1) } else { 1 },
                    "maxItems": max_rows,
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": { "type": "string", "pattern": shape::ROW_ID },
                            "answers": self.answers(questions.iter(), demanded),
                        },
                        "required": ["id", "answers"],
                        "additionalProperties": false,
                    },
                });
                tagged("rows", Map::from_iter([("rows".to_owned(), rows)]), &["rows"])
            }
            kind => tagged("text", Map::from_iter([("text".to_owned(), text(kind))]), &["text"]),
        })
    }
}

/// An object that says its type.
fn tagged(name: &str, mut properties: Map<String, Value>, required: &[&str]) -> Value {
    properties.insert("type".to_owned(), json!({ "const": name }));
    let required = [&["type"], required].concat();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn choice(choices: &[Choice], with_other: bool, min: u32, max: usize) -> Value {
    let other = with_other.then_some(normal::OTHER);
    let ids: Vec<&str> = choices.iter().map(|choice| choice.id.as_str()).chain(other).collect();
    let made = json!({
        "type": "array", "minItems": min, "maxItems": max, "uniqueItems": true, "items": { "enum": ids }
    });
    let mut properties = Map::from_iter([("choices".to_owned(), made)]);
    if !with_other {
        return tagged("choice", properties, &["choices"]);
    }
    properties.insert("other".to_owned(), single_line(1, normal::OTHER_MAX));
    let mut answer = tagged("choice", properties, &["choices"]);
    if let Value::Object(fields) = &mut answer {
        // The free text stands beside its alternative, and only there.
        fields.insert(
            "if".to_owned(),
            json!({ "properties": { "choices": { "contains": { "const": normal::OTHER } } } }),
        );
        fields.insert("then".to_owned(), json!({ "required": ["other"] }));
        fields.insert("else".to_owned(), json!({ "properties": { "other": false } }));
    }
    answer
}

fn file(max_size: u64, types: &[String]) -> Value {
    let either_case = |ending: &String| -> String {
        ending.chars().map(|c| format!("[{c}{}]", c.to_ascii_uppercase())).collect()
    };
    let endings: Vec<String> = types.iter().map(either_case).collect();
    let name = format!(r"^[^{}]*\.({})$", shape::CONTROL, endings.join("|"));
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "pattern": shape::ROW_ID },
            "name": { "type": "string", "maxLength": FILE_NAME_MAX, "pattern": name },
            "size": { "type": "integer", "minimum": 0, "maximum": max_size },
            "media_type": { "type": "string" },
            "sha256": { "type": "string", "pattern": shape::SHA256 },
        },
        "required": ["id", "name", "size", "media_type", "sha256"],
        "additionalProperties": false,
    })
}

/// The normal form of a kind that is answered by a text.
fn text(kind: &Kind) -> Value {
    let line = |min: Option<u32>, max: Option<u32>| {
        single_line(min.unwrap_or(1).max(1), max.unwrap_or(normal::TEXT_MAX))
    };
    let exactly = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match kind {
        Kind::Text { pattern: Some(pattern), .. } => exactly(&fixed_shape(pattern)),
        Kind::Text { min_length, max_length, .. } => line(*min_length, *max_length),
        Kind::TextArea { min_length, max_length } => lines(min_length.unwrap_or(1).max(1), *max_length),
        Kind::OtherIdentityNumber { .. } => line(None, Some(normal::OTHER_NUMBER_MAX)),
        Kind::Address => line(None, None),
        Kind::Number { decimals, .. } => exactly(&number(*decimals)),
        Kind::Money { .. } => exactly(shape::KRONOR),
        Kind::Date { .. } => json!({ "type": "string", "format": "date", "pattern": shape::DATE }),
        Kind::Time => exactly(shape::TIME),
        Kind::PersonalIdentityNumber { .. } => exactly(shape::PERSON),
        Kind::OrganisationNumber => exactly(shape::ORGANISATION),
        Kind::Phone => json!({
            "type": "string",
            "anyOf": [{ "pattern": shape::SWEDISH_PHONE }, { "pattern": foreign_phone() }],
        }),
        Kind::Email => {
            let label = shape::SIGN.replacen("[^", "[^@.", 1);
            let local = shape::SIGN.replacen("[^", "[^@", 1);
            json!({
                "type": "string", "maxLength": normal::EMAIL_MAX,
                "pattern": format!(r"^{local}+@{label}+(\.{label}+)+$"),
            })
        }
        Kind::Postcode => exactly(shape::POSTCODE),
        // Notes, and what the caller says about a kind that is not known.
        _ => lines(1, None),
    }
}

fn single_line(min: u32, max: u32) -> Value {
    let sign = shape::SIGN;
    json!({ "type": "string", "minLength": min, "maxLength": max, "pattern": format!("^{sign}+( {sign}+)*$") })
}

fn lines(min: u32, max: Option<u32>) -> Value {
    let (sign, within) = (shape::SIGN, shape::WITHIN);
    json!({
        "type": "string", "minLength": min, "maxLength": max.unwrap_or(normal::TEXT_MAX),
        "pattern": format!("^{sign}({within}*{sign})?$"),
    })
}

fn number(decimals: u8) -> String {
    let part = if decimals == 0 { String::new() } else { format!(r"(\.[0-9]{{1,{decimals}}})?") };
    format!(r"^(?!-0(\.0*)?$)-?(0|[1-9][0-9]{{0,14}}){part}$")
}

/// Kept as said: a `+` or `00`, five to fifteen digits that do not begin as Swedish ones do, single spaces.
fn foreign_phone() -> String {
    let between = shape::BETWEEN_DIGITS;
    format!(
        r"^(?! )(?!.*  )(?!.* $){between}(\+|0{between}0)(?!{between}4{between}6)({between}[0-9]){{5,15}}{between}$"
    )
}

/// What a text of a fixed shape looks like, in capitals where the shape leaves the letter open.
fn fixed_shape(pattern: &str) -> String {
    let letter = r"(?!\p{Changes_When_Uppercased})\p{Alphabetic}";
    let signs = pattern.chars().map(|sign| match sign {
        'A' => format!("({letter})"),
        '9' => "[0-9]".to_owned(),
        '*' => format!("([0-9]|{letter})"),
        literal if r"^$\.+?()[]{}|/".contains(literal) => format!(r"\{literal}"),
        literal => literal.to_string(),
    });
    format!("^{}$", signs.collect::<String>())
}
