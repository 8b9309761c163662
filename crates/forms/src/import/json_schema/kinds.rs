//! Properties as questions.

use serde_json::{Map, json};

use super::{
    Asked, QUESTIONS_MAX, Taking, below,
    json::Json,
    shape, short,
    view::{View, option},
};
use crate::{
    Choice, Kind, Layout, Question, QuestionSource, QuestionState, Sensitivity,
    import::{
        Finding, ImportError, Limit, Outcome,
        names::{self, Names},
    },
    normal,
};

/// Bytes of what is read together, about. What `$ref` brings is counted each time.
const TEXTS_MAX: usize = 16 * 1024 * 1024;
const CHOICES_MAX: usize = 1_000;
/// Rows of a group, and how many when the schema sets no limit.
const ROWS_MAX: u32 = 1_000;
const ROWS_ASSUMED: u32 = 100;
/// Decimals of a number that is not said to be whole.
const DECIMALS: u8 = 6;

/// Keywords that mean something here, or nothing for what is asked.
const UNDERSTOOD: [&str; 36] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "definitions",
    "deprecated",
    "description",
    "enum",
    "enumNames",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
    "uniqueItems",
];
/// Widgets that only say how a kind is drawn.
const WIDGETS: [&str; 16] = [
    "text",
    "textarea",
    "richtext",
    "date",
    "time",
    "select",
    "combobox",
    "radio",
    "checkbox",
    "checkboxes",
    "hidden",
    "email",
    "updown",
    "textinput",
    "datepicker",
    "timepicker",
];

/// A property where it stands.
struct Property<'a, 'v> {
    name: &'a str,
    schema: &'v View<'a>,
    ui: &'a Json,
    place: &'v str,
    /// Objects around it.
    depth: usize,
    label: String,
}

enum Made<'a> {
    /// With the word for it there.
    Kind(&'static str, Kind),
    /// The properties of an object, for themselves.
    Apart(Vec<Asked<'a>>),
    Nothing,
}

impl<'a> Taking<'a> {
    pub(super) fn question(
        &mut self,
        name: &'a str,
        schema: &View<'a>,
        ui: &'a Json,
        required: bool,
        place: &str,
        depth: usize,
    ) -> Result<Vec<Question>, ImportError> {
        self.asked = self.asked.saturating_add(1);
        if self.asked > QUESTIONS_MAX {
            return Err(ImportError::Limit {
                place: place.to_owned(),
                limit: Limit::Questions,
                max: QUESTIONS_MAX,
            });
        }
        let said = option(ui, "title").and_then(Json::text).or(schema.text("title")).unwrap_or(name);
        let mut label = names::label(said);
        if label.is_empty() {
            label = "Fråga".to_owned();
            self.add(Outcome::Approximated, place, Finding::Unnamed { used: label.clone() });
        }
        self.weigh(schema.weight(), place)?;
        let unknown: Vec<&String> = schema
            .parts
            .iter()
            .flat_map(|part| part.fields())
            .map(|(keyword, _)| keyword)
            .filter(|keyword| !UNDERSTOOD.contains(&keyword.as_str()))
            .collect();
        for keyword in unknown {
            self.left_out(place, keyword);
        }
        let help = self.help(schema, ui, place)?;
        let property = Property { name, schema, ui, place, depth, label };
        let hidden = widget(ui).as_deref() == Some("hidden");
        // Before those of its fields.
        let wanted = names::id(name);
        let id = self.ids.take(if wanted.is_empty() { "fraga" } else { &wanted });
        let (from, kind) = match self.kind(&property)? {
            Made::Kind(from, kind) => (from, kind),
            Made::Apart(asked) => return Ok(asked.into_iter().map(|asked| asked.question).collect()),
            Made::Nothing => {
                self.add(Outcome::NotUnderstood, place, Finding::NothingAsked);
                return Ok(Vec::new());
            }
        };
        if !matches!(kind, Kind::Unknown(_)) {
            let ours = serde_json::to_value(&kind).unwrap_or_default();
            let ours = ours.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
            self.add(Outcome::Taken, place, Finding::Question { from: from.to_owned(), kind: ours });
        }
        let state = match (hidden, required) {
            (true, _) => QuestionState::Hidden,
            (_, true) => QuestionState::VisibleRequired,
            _ => QuestionState::Visible,
        };
        Ok(vec![Question {
            id,
            label: property.label,
            help,
            ask: None,
            state,
            sensitivity: Sensitivity::Ordinary,
            protected_policy: crate::ProtectedPolicy::Ask,
            role: None,
            source: Some(QuestionSource { id: names::label(name), element: None, field: None }),
            kind,
        }])
    }

    /// Adds to what has been taken, up to the limit.
    pub(super) fn weigh(&mut self, bytes: usize, place: &str) -> Result<(), ImportError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= TEXTS_MAX {
            return Ok(());
        }
        Err(ImportError::Limit { place: place.to_owned(), limit: Limit::Text, max: TEXTS_MAX })
    }

    fn help(&mut self, schema: &View<'a>, ui: &'a Json, place: &str) -> Result<Option<String>, ImportError> {
        let described = option(ui, "description").and_then(Json::text).or(schema.text("description"));
        let more = ["help", "placeholder"].map(|name| option(ui, name).and_then(Json::text));
        let mut said = Vec::new();
        for text in [described, more[0], more[1]].into_iter().flatten() {
            self.weigh(text.len(), place)?;
            said.push(self.marked(text, place));
        }
        said.retain(|text| !text.is_empty());
        Ok((!said.is_empty()).then(|| said.join("\n\n")))
    }

    fn kind(&mut self, property: &Property<'a, '_>) -> Result<Made<'a>, ImportError> {
        let Property { schema, ui, place, .. } = *property;
        let widget = widget(ui);
        let strange = widget.as_deref().filter(|widget| !WIDGETS.contains(widget));
        if let Some(widget) = strange {
            let kind = format!("widget-{}", names::id(widget));
            return Ok(self.unknown(property, kind));
        }
        let widget = widget.as_deref().unwrap_or_default();
        Ok(match schema.kind() {
            Some("boolean") => Made::Kind("boolean", yes_no(property)),
            Some("object") => return self.object(property),
            Some("array") => return self.array(property),
            kind => match self.choices(schema, ui, place)? {
                Some(choices) if widget == "radio" => {
                    Made::Kind("enum", Kind::Radio { choices, other: None })
                }
                Some(choices) => Made::Kind("enum", Kind::DropDown { choices, other: None }),
                None => match kind {
                    Some("integer") => Made::Kind("integer", self.number(schema, 0, place)),
                    Some("number") => Made::Kind("number", self.number(schema, DECIMALS, place)),
                    Some("string") => self.string(property, widget),
                    kind => {
                        let kind = format!("type-{}", names::id(kind.unwrap_or("any")));
                        self.unknown(property, kind)
                    }
                },
            },
        })
    }

    /// Kept by its name with what says most of it.
    fn unknown(&mut self, property: &Property<'a, '_>, kind: String) -> Made<'a> {
        self.add(Outcome::NotUnderstood, property.place, Finding::UnknownQuestion { kind: kind.clone() });
        let says = ["type", "format", "contentMediaType"];
        let says = says
            .iter()
            .filter_map(|&name| Some((name.to_owned(), json!(short(property.schema.text(name)?)))));
        let schema: Map<String, serde_json::Value> = says.collect();
        Made::Kind(
            "",
            Kind::Unknown(Map::from_iter([
                ("kind".to_owned(), json!(kind)),
                ("schema".to_owned(), serde_json::Value::Object(schema)),
            ])),
        )
    }

    fn string(&mut self, property: &Property<'a, '_>, widget: &str) -> Made<'a> {
        let Property { schema, place, .. } = *property;
        let (min_length, max_length) = self.lengths(schema, place);
        let format = schema.text("format");
        let date = || Kind::Date { not_past: false, not_future: false };
        match (format, widget) {
            (Some("data-url"), _) => return self.unknown(property, "file".to_owned()),
            _ if schema.get("contentEncoding").is_some() => return self.unknown(property, "file".to_owned()),
            (Some("date"), _) | (None, "date" | "datepicker") => return Made::Kind("date", date()),
            (Some("time"), _) | (None, "time" | "timepicker") => return Made::Kind("time", Kind::Time),
            (Some("email" | "idn-email"), _) | (None, "email") => return Made::Kind("email", Kind::Email),
            (Some(format), _) => self.add(
                Outcome::Approximated,
                place,
                Finding::SettingLeftOut { setting: "format".to_owned(), value: short(format) },
            ),
            _ => {}
        }
        let regex = schema.text("pattern");
        if matches!(widget, "textarea" | "richtext") {
            if regex.is_some() {
                self.too_complex(place, "pattern");
            }
            return Made::Kind("string", Kind::TextArea { min_length, max_length });
        }
        let pattern = regex.and_then(shape::pattern);
        if regex.is_some() && pattern.is_none() {
            self.too_complex(place, "pattern");
        }
        // The pattern says how long it is.
        let (min_length, max_length) =
            if pattern.is_some() { (None, None) } else { (min_length, max_length) };
        Made::Kind(
            "string",
            Kind::Text { min_length, max_length, pattern, pattern_help: None, covered: false },
        )
    }

    fn lengths(&mut self, schema: &View<'a>, place: &str) -> (Option<u32>, Option<u32>) {
        let count = |keyword| schema.get(keyword).and_then(Json::count);
        let max = count("maxLength").filter(|max| (1..=normal::TEXT_MAX).contains(max));
        let min = count("minLength").filter(|min| *min <= max.unwrap_or(normal::TEXT_MAX));
        for (keyword, used) in [("minLength", min), ("maxLength", max)] {
            if schema.get(keyword).is_some() && used.is_none() {
                self.left_out(place, keyword);
            }
        }
        (min.filter(|min| *min > 0), max)
    }

    fn number(&mut self, schema: &View<'a>, decimals: u8, place: &str) -> Kind {
        let limit = |keyword: &str| schema.get(keyword).and_then(Json::number);
        let exclusive = |keyword: &str, by: f64| {
            limit(keyword).filter(|_| decimals == 0).map(|limit| {
                // Of whole numbers the next one is allowed.
                if by > 0.0 { limit.floor() + by } else { limit.ceil() + by }
            })
        };
        let mut min = limit("minimum").or_else(|| exclusive("exclusiveMinimum", 1.0));
        let mut max = limit("maximum").or_else(|| exclusive("exclusiveMaximum", -1.0));
        for keyword in ["exclusiveMinimum", "exclusiveMaximum"] {
            if decimals > 0 && schema.get(keyword).is_some() {
                self.too_complex(place, keyword);
            }
        }
        if matches!((min, max), (Some(min), Some(max)) if min > max) {
            (min, max) = (None, None);
            self.left_out(place, "minimum");
        }
        let step = limit("multipleOf");
        let parts = (0..=DECIMALS).find(|&parts| {
            step.is_some_and(|step| (step * 10_f64.powi(i32::from(parts)) - 1.0).abs() < 1e-9)
        });
        if step.is_some() && parts.is_none() {
            self.too_complex(place, "multipleOf");
        }
        Kind::Number { min, max, decimals: parts.unwrap_or(decimals).min(decimals), unit: None }
    }

    fn object(&mut self, property: &Property<'a, '_>) -> Result<Made<'a>, ImportError> {
        let Property { schema, ui, place, depth, .. } = *property;
        for keyword in ["anyOf", "oneOf"] {
            if schema.get(keyword).is_some() {
                self.too_complex(place, keyword);
            }
        }
        let asked = self.questions(schema, ui, place, depth.saturating_add(1))?;
        if asked.is_empty() {
            return Ok(Made::Nothing);
        }
        if depth > 0 {
            // There are no groups in groups.
            self.too_complex(place, "properties");
            return Ok(Made::Apart(asked));
        }
        let questions = asked.into_iter().map(|asked| asked.question).collect();
        Ok(Made::Kind("object", group(&property.label, questions, 1, 1)))
    }

    fn array(&mut self, property: &Property<'a, '_>) -> Result<Made<'a>, ImportError> {
        let Property { schema, ui, place, depth, .. } = *property;
        let Some(items) = schema.get("items") else {
            return Ok(self.unknown(property, "type-array".to_owned()));
        };
        let at = below(place, "items");
        let items = self.view(items, &at)?;
        let none = Json::Null;
        let item_ui = ui.get("items");
        let count = |keyword| schema.get(keyword).and_then(Json::count);
        let (min, max) = (count("minItems"), count("maxItems").filter(|&max| max > 0));
        if let Some(choices) = self.choices(&items, item_ui.unwrap_or(&none), place)? {
            let min = min.filter(|&min| min > 0 && min as usize <= choices.len());
            let max = max.filter(|&max| min.is_none_or(|min| min <= max));
            return Ok(Made::Kind("array", Kind::Checkbox { choices, other: None, min, max }));
        }
        if depth > 0 {
            return Ok(self.unknown(property, "type-array".to_owned()));
        }
        let item_ui = item_ui.unwrap_or(&Json::Null);
        let questions = match items.kind() {
            Some("object") => {
                let asked = self.questions(&items, item_ui, &at, 1)?;
                asked.into_iter().map(|asked| asked.question).collect()
            }
            _ => self.question(property.name, &items, item_ui, true, &at, 1)?,
        };
        if questions.is_empty() {
            return Ok(Made::Nothing);
        }
        let rows = max.map_or(ROWS_ASSUMED, |max| max.min(ROWS_MAX));
        if max != Some(rows) {
            let value = schema.get("maxItems").map(|max| short(&max.shown())).unwrap_or_default();
            let (setting, used) = ("maxItems".to_owned(), rows.to_string());
            self.add(Outcome::Approximated, place, Finding::SettingChanged { setting, value, used });
        }
        Ok(Made::Kind("array", group(&property.label, questions, min.unwrap_or(0).min(rows), rows)))
    }

    /// Alternatives by `enum`, or by `oneOf` or `anyOf` where each has a `const`.
    fn choices(
        &mut self,
        schema: &View<'a>,
        ui: &Json,
        place: &str,
    ) -> Result<Option<Vec<Choice>>, ImportError> {
        let each = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(keyword));
        let titled: Option<Vec<(&Json, Option<&str>)>> = each.and_then(|each| {
            let one = |each: &'a Json| Some((each.get("const")?, each.get("title").and_then(Json::text)));
            each.list().iter().map(one).collect()
        });
        if each.is_some() && titled.is_none() {
            self.too_complex(place, "oneOf");
        }
        let values = match (schema.get("enum"), titled, schema.get("const")) {
            (Some(values), ..) => {
                let names = schema.get("enumNames").or_else(|| option(ui, "enumNames")).map(Json::list);
                let name = |n: usize| names.and_then(|names| names.get(n)).and_then(Json::text);
                values.list().iter().enumerate().map(|(n, value)| (value, name(n))).collect()
            }
            (None, Some(titled), _) => titled,
            (None, None, Some(value)) => vec![(value, None)],
            _ => return Ok(None),
        };
        if values.len() > CHOICES_MAX {
            self.too_complex(place, "enum");
            return Ok(None);
        }
        let mut ids = Names::default();
        // It means the free-text alternative here.
        ids.take(normal::OTHER);
        let mut choices = Vec::new();
        for (value, title) in values.into_iter().filter(|(value, _)| **value != Json::Null) {
            let written = value.shown();
            let mut label = names::label(title.unwrap_or(&written));
            if label.is_empty() {
                label = "–".to_owned();
            }
            self.weigh(label.len() + written.len(), place)?;
            let wanted = names::id(&written);
            let id = ids.take(if wanted.is_empty() { "val" } else { &wanted });
            choices.push(Choice { id, value: (written != label).then_some(written), label });
        }
        Ok((!choices.is_empty()).then_some(choices))
    }
}

fn group(label: &str, questions: Vec<Question>, min_rows: u32, max_rows: u32) -> Kind {
    Kind::Group {
        row_label: label.to_owned(),
        questions,
        min_rows,
        max_rows,
        layout: Layout::Rows,
        one_of: Vec::new(),
        unique: None,
        partial: false,
    }
}

/// A `boolean` that can only be true is confirmed; others are answered with yes or no.
fn yes_no(property: &Property<'_, '_>) -> Kind {
    let schema = property.schema;
    let only_true = schema.get("const") == Some(&Json::Bool(true))
        || schema.get("enum").is_some_and(|values| *values.list() == [Json::Bool(true)]);
    if only_true {
        return Kind::Confirm { statement: property.label.clone(), text: None };
    }
    let choice = |id: &str, label: &str, value: &str| Choice {
        id: id.to_owned(),
        label: label.to_owned(),
        value: Some(value.to_owned()),
    };
    Kind::Radio { choices: vec![choice("ja", "Ja", "true"), choice("nej", "Nej", "false")], other: None }
}

/// In lower case, without the ending that some give it.
fn widget(ui: &Json) -> Option<String> {
    let widget = short(option(ui, "widget")?.text()?).to_lowercase();
    Some(widget.strip_suffix("widget").unwrap_or(&widget).to_owned()).filter(|widget| !widget.is_empty())
}
