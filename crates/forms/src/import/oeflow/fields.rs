//! Questions that are answered by typing or with files.

use super::{
    Finding, Outcome, Taking,
    query::{Mapped, Query},
    texts::{short, together},
};
use crate::{
    Kind, Layout, ProtectedPolicy, Question, QuestionSource, QuestionState, Sensitivity,
    import::{Live, names, xml::Node},
    normal, rich,
};

/// Characters of a text field; Open ePlatform's own limit.
const FIELD_MAX: u32 = 255;
/// Digits that a number keeps exactly.
const DIGITS_MAX: u32 = 15;
/// Digits of a number that is written with a fixed length, as a pattern has room for.
const CODE_MAX: u32 = 64;
/// Files of one question where the file says no number.
const FILES_MAX: u32 = 1_000;
/// Bytes of a file where the file says no size: what an installation begins with.
const FILE_SIZE: u64 = 50 * 1024 * 1024;
/// Where the file names no types.
const FILE_TYPES: [&str; 16] = [
    "pdf", "doc", "docx", "odt", "rtf", "txt", "xls", "xlsx", "ods", "jpg", "jpeg", "png", "gif", "tif",
    "tiff", "heic",
];

/// A text field as a question of its own.
struct Field {
    kind: Kind,
    kind_name: &'static str,
    label: String,
    help: Option<String>,
    required: bool,
    sensitivity: Sensitivity,
}

impl Taking {
    /// One field is a question, several are a group of one row.
    pub(super) fn text_fields(&mut self, query: &Query<'_, '_>) -> Option<Mapped> {
        let fields = query.settings.listed("Fields", "TextField");
        if let [field] = fields.as_slice() {
            let element = field.value("xsdElementName").filter(|_| query.exported).map(names::label);
            let field = self.field(*field, query);
            let hide_title = query.settings.flag("hideTitle");
            let label = match field.label {
                label if hide_title && !label.is_empty() => label,
                label if label.is_empty() || label == query.name => query.name.clone(),
                label => format!("{} – {label}", query.name),
            };
            return Some(Mapped {
                demanding: field.required,
                label: Some(label),
                help: field.help,
                field: element,
                sensitivity: field.sensitivity,
                ..Mapped::new(field.kind, field.kind_name)
            });
        }
        let mut demanding = false;
        let mut members = Vec::with_capacity(fields.len());
        for (n, node) in fields.into_iter().enumerate() {
            let field = self.field(node, query);
            demanding |= field.required;
            members.push(self.member(node, n + 1, field, query));
        }
        if members.is_empty() {
            self.add(Outcome::NotUnderstood, &query.place, Finding::NothingAsked);
            return None;
        }
        let kind = Kind::Group {
            row_label: query.name.clone(),
            questions: members,
            min_rows: 1,
            max_rows: 1,
            layout: Layout::Rows,
            one_of: Vec::new(),
            unique: None,
            // A field is demanded only when the question is.
            partial: true,
        };
        Some(Mapped { demanding, ..Mapped::new(kind, "group") })
    }

    fn member(&mut self, node: Node<'_, '_>, number: usize, field: Field, query: &Query<'_, '_>) -> Question {
        let element = node.value("xsdElementName");
        let own = element
            .map(names::id)
            .filter(|id| !id.is_empty())
            .or_else(|| Some(format!("f{}", names::id(node.value("textFieldID")?))));
        let own = own.unwrap_or_else(|| format!("f{number}"));
        let label = if field.label.is_empty() { format!("Fält {number}") } else { field.label };
        let id = names::id(&format!("{}-{own}", query.id));
        Question {
            id: self.ids.take(&id),
            label,
            help: field.help,
            ask: None,
            state: if field.required { QuestionState::VisibleRequired } else { QuestionState::Visible },
            sensitivity: field.sensitivity,
            protected_policy: ProtectedPolicy::Ask,
            role: None,
            source: Some(QuestionSource {
                id: names::label(node.value("textFieldID").unwrap_or(&own)),
                element: element.filter(|_| query.exported).map(names::label),
                field: None,
            }),
            kind: field.kind,
        }
    }

    fn field(&mut self, field: Node<'_, '_>, query: &Query<'_, '_>) -> Field {
        let label = names::label(field.value("label").unwrap_or_default());
        let place = format!("{}/TextField ({label})", query.place);
        let max = field.number("maxContentLength").filter(|&max| max > 0).unwrap_or(FIELD_MAX).min(FIELD_MAX);
        let mut min: Option<u32> = field.number("minContentLength").filter(|&min| min > 0);
        if let Some(written) = min.filter(|&min| min > max) {
            self.changed(&place, "minContentLength", &written.to_string(), max);
            min = Some(max);
        }
        let covered = field.flag("maskFieldContent");
        let validator = field.value("formatValidator");
        let (kind, kind_name) = match validator.and_then(|class| tested(class, min, max)) {
            Some(kind) => kind,
            None => {
                if let Some(validator) = validator {
                    self.unknown_validator(&place, validator, field);
                }
                let kind = Kind::Text {
                    min_length: min,
                    max_length: Some(max),
                    pattern: None,
                    pattern_help: None,
                    covered,
                };
                (kind, "text")
            }
        };
        if covered && !matches!(kind, Kind::Text { .. }) {
            self.left_out(&place, "maskFieldContent", "true");
        }
        let personal = matches!(kind, Kind::Email | Kind::PersonalIdentityNumber { .. });
        let disabled = field.flag("disabled");
        self.flags_left_out(field, &place, &["disabled", "containsPrice", "setAsAttribute"]);
        if let Some(value) = field.value("defaultValue") {
            self.left_out(&place, "defaultValue", value);
        }
        if field.value("endpoint").is_some() || query.settings.value("endpoint").is_some() {
            self.live(query, Live::Fields);
        }
        let placeholder = names::label(field.value("placeholderText").unwrap_or_default());
        Field {
            kind,
            kind_name,
            help: together([rich::escape(&placeholder).as_str()]),
            // What cannot be filled in there is not demanded here.
            required: field.flag("required") && !disabled,
            sensitivity: match (covered, personal) {
                (true, _) => Sensitivity::Protected,
                (false, true) => Sensitivity::Personal,
                (false, false) => Sensitivity::Ordinary,
            },
            label,
        }
    }

    /// Never a reason to refuse an answer.
    fn unknown_validator(&mut self, place: &str, validator: &str, settings: Node<'_, '_>) {
        let message = settings.value("invalidFormatMessage").map(short);
        let finding = Finding::UnknownValidator { validator: short(validator), message };
        self.add(Outcome::NotUnderstood, place, finding);
    }

    /// Where another kind would be needed to do the test.
    pub(super) fn validator_left_out(&mut self, query: &Query<'_, '_>) {
        let settings = query.settings;
        match settings.value("formatValidator") {
            Some(known) if tested(known, None, FIELD_MAX).is_some() => {
                let finding = Finding::ValidatorLeftOut { validator: short(known) };
                self.add(Outcome::Approximated, &query.place, finding);
            }
            Some(unknown) => self.unknown_validator(&query.place, unknown, settings),
            None => {}
        }
    }

    pub(super) fn text_area(&mut self, query: &Query<'_, '_>) -> Mapped {
        self.validator_left_out(query);
        self.flags_left_out(query.settings, &query.place, &["setAsAttribute"]);
        let max = query.settings.number("maxLength").filter(|&max| max > 0).unwrap_or(normal::TEXT_MAX);
        let kind = Kind::TextArea { min_length: None, max_length: Some(max.min(normal::TEXT_MAX)) };
        Mapped::new(kind, "text_area")
    }

    pub(super) fn files(&mut self, query: &Query<'_, '_>) -> Mapped {
        let settings = query.settings;
        let max_count = settings.number("maxFileCount").filter(|&max| max > 0).unwrap_or(FILES_MAX);
        if max_count > FILES_MAX {
            self.changed(&query.place, "maxFileCount", &max_count.to_string(), FILES_MAX);
        }
        let max_size = settings.number("maxFileSize").filter(|&max| max > 0).unwrap_or(FILE_SIZE);
        let endings = settings.child("allowedFileExtensions").into_iter().flat_map(Node::children);
        let mut types: Vec<String> = Vec::new();
        for ending in endings.map(Node::text).filter(|ending| !ending.is_empty()) {
            let lower = ending.trim_start_matches('.').to_lowercase();
            let known = matches!(lower.len(), 1..=16) && lower.bytes().all(|b| b.is_ascii_alphanumeric());
            if !known {
                self.left_out(&query.place, "allowedFileExtensions", ending);
            } else if !types.contains(&lower) {
                types.push(lower);
            }
        }
        if types.is_empty() {
            self.add(Outcome::Approximated, &query.place, Finding::FileTypesAssumed);
            types = FILE_TYPES.map(str::to_owned).to_vec();
        }
        let kind = Kind::Files {
            max_count: max_count.min(FILES_MAX),
            max_size,
            max_total: settings.number("maxQuerySize").filter(|&max| max > 0),
            types,
        };
        Mapped::new(kind, "files")
    }

    /// A property or an address is searched for there; here it is typed.
    pub(super) fn property(&mut self, query: &Query<'_, '_>) -> Mapped {
        self.live(query, Live::Properties);
        let services = query.settings.child("allowedSearchServices");
        let services: Vec<&str> = services.into_iter().flat_map(Node::children).map(Node::text).collect();
        let address = query.settings.flag("useAddressAsResult") || services == ["ADDRESS"];
        let mapped = if address {
            Mapped::new(Kind::Address, "address")
        } else {
            let kind = Kind::Text {
                min_length: None,
                max_length: Some(FIELD_MAX),
                pattern: None,
                pattern_help: None,
                covered: false,
            };
            Mapped::new(kind, "text")
        };
        Mapped { sensitivity: Sensitivity::Personal, ..mapped }.approximated()
    }
}

/// The kind that does what a class of Open ePlatform tests, by the class's own name.
fn tested(class: &str, min: Option<u32>, max: u32) -> Option<(Kind, &'static str)> {
    match class.trim().rsplit('.').next()? {
        "StringEmailValidator" => Some((Kind::Email, "email")),
        "SocialSecurityPopulator" => {
            Some((Kind::PersonalIdentityNumber { age: None }, "personal_identity_number"))
        }
        "DatePopulator" => Some((Kind::Date { not_past: false, not_future: false }, "date")),
        "PositiveStringIntegerValidator"
        | "PositiveStringLongValidator"
        | "SpacedPositiveStringIntegerValidator"
        | "SpacedPositiveStringLongValidator" => Some(digits(1.0, min, max)),
        "NonNegativeStringIntegerValidator" | "NonNegativeStringLongValidator" => Some(digits(0.0, min, max)),
        _ => None,
    }
}

/// A number, or a code when it always has as many digits.
fn digits(least: f64, min: Option<u32>, max: u32) -> (Kind, &'static str) {
    if min == Some(max) && max <= CODE_MAX {
        let pattern = Some("9".repeat(usize::try_from(max).unwrap_or_default()));
        let kind =
            Kind::Text { min_length: None, max_length: None, pattern, pattern_help: None, covered: false };
        return (kind, "text");
    }
    let ten_to = |digits: u32| (0..digits).fold(1.0, |power: f64, _| power * 10.0);
    let kind = Kind::Number {
        min: Some(min.filter(|&min| min > 1 && min <= DIGITS_MAX).map_or(least, |min| ten_to(min - 1))),
        max: (max <= DIGITS_MAX).then(|| ten_to(max) - 1.0),
        decimals: 0,
        unit: None,
    };
    (kind, "number")
}
