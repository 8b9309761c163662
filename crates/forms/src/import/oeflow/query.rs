//! One question: its name, state and texts, and by its settings its kind.

use serde_json::{Map, Value, json};

use super::{
    Finding, Outcome, Taking,
    texts::{short, together},
};
use crate::{
    Kind, Place, ProtectedPolicy, Question, QuestionSource, QuestionState, Role, Sensitivity,
    import::{Live, names, xml::Node},
    rich,
};

/// Characters of a question's id, with room for a field's name after it.
const ID_MAX: usize = 24;

/// A question and what its rules need.
pub(super) struct Taken<'t, 'a> {
    pub question: Question,
    pub descriptor: Node<'t, 'a>,
    pub place: Place,
    /// `VISIBLE_REQUIRED` demands something; otherwise none of its fields does.
    pub demanding: bool,
}

/// A question's settings as the kinds read them.
pub(super) struct Query<'t, 'a> {
    pub settings: Node<'t, 'a>,
    pub id: String,
    pub name: String,
    pub place: Place,
    /// Its `queryID`.
    pub source_id: String,
    pub exported: bool,
}

/// What a question has become.
pub(super) struct Mapped {
    pub kind: Kind,
    /// As it stands in JSON.
    pub kind_name: &'static str,
    pub outcome: Outcome,
    pub demanding: bool,
    /// Instead of the question's name.
    pub label: Option<String>,
    /// After the question's own texts.
    pub help: Option<String>,
    /// The element of the one field that holds the answer.
    pub field: Option<String>,
    pub role: Option<Role>,
    pub sensitivity: Sensitivity,
    pub policy: ProtectedPolicy,
}

impl Mapped {
    pub fn new(kind: Kind, kind_name: &'static str) -> Self {
        Self {
            kind,
            kind_name,
            outcome: Outcome::Taken,
            demanding: true,
            label: None,
            help: None,
            field: None,
            role: None,
            sensitivity: Sensitivity::Ordinary,
            policy: ProtectedPolicy::Ask,
        }
    }

    pub fn approximated(self) -> Self {
        Self { outcome: Outcome::Approximated, ..self }
    }
}

impl Taking {
    /// `prefix` is empty or ends with `/`.
    pub(super) fn query<'t, 'a>(&mut self, descriptor: Node<'t, 'a>, prefix: &str) -> Taken<'t, 'a> {
        let source_id = names::label(descriptor.value("queryID").unwrap_or_default());
        let mut name = names::label(descriptor.value("name").unwrap_or_default());
        let place = format!("{prefix}QueryDescriptor {} ({})", short(&source_id), short(&name));
        let wanted: String = format!("q{}", names::id(&source_id)).chars().take(ID_MAX).collect();
        let id = self.ids.take(&wanted);
        if id != wanted {
            self.add(Outcome::Approximated, &place, Finding::SameId { used: id.clone() });
        }
        if name.is_empty() {
            name = format!("Fråga {source_id}").trim_end().to_owned();
            self.add(Outcome::Approximated, &place, Finding::Unnamed { used: name.clone() });
        }
        let exported = descriptor.flag("exported");
        let settings = settings(descriptor);
        let query = Query { settings: settings.unwrap_or(descriptor), id, name, place, source_id, exported };
        let from = settings.map_or_else(|| type_of(descriptor), |settings| short(settings.name()));
        let texts = settings.map(|settings| {
            [settings.child("description"), settings.child("helpText")]
                .map(|text| self.marked(text, &query.place))
        });
        let texts = together(texts.iter().flatten().map(String::as_str));
        let mapped = self.mapped(&query, settings.map(Node::name), texts.as_deref());
        let Some(mapped) = mapped else {
            return self.unknown(query, descriptor, from, texts);
        };
        let finding = Finding::Question { from, kind: mapped.kind_name.to_owned() };
        self.add(mapped.outcome, &query.place, finding);
        let says_itself =
            matches!(mapped.kind, Kind::Information { .. } | Kind::Stop { .. } | Kind::Confirm { .. });
        let texts = texts.filter(|_| !says_itself);
        let state = self.state(descriptor, &query.place);
        let question = Question {
            id: query.id.clone(),
            label: mapped.label.unwrap_or_else(|| query.name.clone()),
            help: together(texts.as_deref().into_iter().chain(mapped.help.as_deref())),
            ask: None,
            state: if mapped.demanding { state } else { undemanding(state) },
            sensitivity: mapped.sensitivity,
            protected_policy: mapped.policy,
            role: mapped.role,
            source: source(&query, descriptor).map(|source| QuestionSource { field: mapped.field, ..source }),
            kind: mapped.kind,
        };
        Taken { question, descriptor, place: query.place, demanding: mapped.demanding }
    }

    /// None when it cannot be asked here.
    fn mapped(
        &mut self,
        query: &Query<'_, '_>,
        settings: Option<&str>,
        texts: Option<&str>,
    ) -> Option<Mapped> {
        let text = || texts.map_or_else(|| rich::escape(&query.name), str::to_owned);
        match settings? {
            "TextFieldQuery" => self.text_fields(query),
            "TextAreaQuery" => Some(self.text_area(query)),
            "RadioButtonQuery" => self.radio(query),
            "DropDownQuery" => self.drop_down(query),
            "CheckboxQuery" => self.checkbox(query),
            "FileUploadQuery" => Some(self.files(query)),
            "ContactDetailQuery" => self.contact_details(query),
            "OrganizationDetailQuery" => Some(self.organisation_details(query)),
            "ManualMultiSignQuery" => Some(self.signing_parties(query)),
            "ChildQuery" => Some(self.child(query)),
            "PUDQuery" => Some(self.property(query)),
            "StopQuery" => Some(Mapped::new(Kind::Stop { text: text() }, "stop")),
            "FileInfoQuery" => {
                let count = query.settings.child("Files").map_or(0, |files| files.children().count());
                if count > 0 {
                    self.add(Outcome::Approximated, &query.place, Finding::EmbeddedFiles { count });
                }
                Some(Mapped::new(Kind::Information { text: text() }, "information"))
            }
            // The text itself is put together by the portal, from the settings of the e-service.
            "PersonDataInformerQuery" => {
                self.live(query, Live::PersonalData);
                let statement = "Jag har fått information om hur mina personuppgifter behandlas.".to_owned();
                let kind = Kind::Confirm { statement, text: texts.map(str::to_owned) };
                Some(Mapped::new(kind, "confirm").approximated())
            }
            name => {
                if let Some(what) = looked_up(name) {
                    self.live(query, what);
                }
                None
            }
        }
    }

    /// Kept with all that can be said about it.
    fn unknown<'t, 'a>(
        &mut self,
        query: Query<'t, 'a>,
        descriptor: Node<'t, 'a>,
        from: String,
        help: Option<String>,
    ) -> Taken<'t, 'a> {
        let finding = Finding::UnknownQuestion { kind: from.clone() };
        self.add(Outcome::NotUnderstood, &query.place, finding);
        let mut kept: Map<String, Value> = Map::new();
        // With a prefix, so that it never is one of our own kinds.
        kept.insert("kind".to_owned(), json!(format!("oeflow.{from}")));
        kept.insert("type".to_owned(), json!(type_of(descriptor)));
        let state = self.state(descriptor, &query.place);
        let question = Question {
            id: query.id.clone(),
            label: query.name.clone(),
            help,
            ask: None,
            state,
            sensitivity: Sensitivity::Ordinary,
            protected_policy: ProtectedPolicy::Ask,
            role: None,
            source: source(&query, descriptor),
            kind: Kind::Unknown(kept),
        };
        Taken { question, descriptor, place: query.place, demanding: true }
    }

    fn state(&mut self, descriptor: Node<'_, '_>, place: &str) -> QuestionState {
        let written = descriptor.value("defaultQueryState").unwrap_or_default();
        state_of(written).unwrap_or_else(|| {
            self.changed(place, "defaultQueryState", written, "VISIBLE");
            QuestionState::Visible
        })
    }

    pub(super) fn live(&mut self, query: &Query<'_, '_>, what: Live) {
        self.add(Outcome::Approximated, &query.place, Finding::LiveData { what });
    }
}

pub(super) fn state_of(written: &str) -> Option<QuestionState> {
    match written {
        "VISIBLE" => Some(QuestionState::Visible),
        "VISIBLE_REQUIRED" => Some(QuestionState::VisibleRequired),
        "HIDDEN" => Some(QuestionState::Hidden),
        _ => None,
    }
}

pub(super) fn undemanding(state: QuestionState) -> QuestionState {
    if state == QuestionState::VisibleRequired { QuestionState::Visible } else { state }
}

/// The element of a question's settings, which is named after the class of its kind. The kind's own id is a number in
/// very old files and so says nothing.
fn settings<'t, 'a>(descriptor: Node<'t, 'a>) -> Option<Node<'t, 'a>> {
    let is_class = |name: &str| name.ends_with("Query") && name.starts_with(|c: char| c.is_ascii_uppercase());
    descriptor.children().find(|child| is_class(child.name()))
}

fn type_of(descriptor: Node<'_, '_>) -> String {
    short(descriptor.value("queryTypeID").unwrap_or("?"))
}

/// By its `xsdElementName` where answers are exported.
fn source(query: &Query<'_, '_>, descriptor: Node<'_, '_>) -> Option<QuestionSource> {
    let element = descriptor.value("xsdElementName").filter(|_| query.exported).map(names::label);
    (!query.source_id.is_empty()).then(|| QuestionSource {
        id: query.source_id.clone(),
        element,
        field: None,
    })
}

/// What kinds of Open ePlatform that are known and cannot be asked here look up.
fn looked_up(settings: &str) -> Option<Live> {
    match settings {
        "TreeQuery" | "MultiTreeQuery" => Some(Live::Alternatives),
        "GeneralMapQuery" | "PUDMapQuery" | "SinglePolygonMapQuery" | "MultiGeometryMapQuery" => {
            Some(Live::Map)
        }
        _ => None,
    }
}
