//! Questions about persons and organisations: groups whose fields the settings switch on.
//!
//! In protected mode nobody is written to or called by what the form says (notices and invitations to sign name the
//! case), and no address is asked for.

use super::{
    Finding, Outcome, Taking,
    query::{Mapped, Query},
};
use crate::{
    AgeLimits, Kind, Layout, ProtectedPolicy, Question, QuestionId, QuestionSource, QuestionState, Role,
    Sensitivity,
    import::{Live, xml::Node},
};

/// Characters of a name or a part of an address; Open ePlatform's own limit.
const NAME_MAX: u32 = 255;
/// Those who sign one case. The file says no number.
const SIGNING_MAX: u32 = 20;

/// A field of a person, by its name in Open ePlatform's export of answers.
#[derive(Clone, Copy)]
struct Field {
    element: &'static str,
    label: &'static str,
    /// What is written in it.
    kind: Written,
    policy: ProtectedPolicy,
}

#[derive(Clone, Copy)]
enum Written {
    Name,
    PersonalNumber,
    OrganisationNumber,
    Street,
    Postcode,
    Phone,
    Email,
}

const fn field(element: &'static str, label: &'static str, kind: Written, policy: ProtectedPolicy) -> Field {
    Field { element, label, kind, policy }
}

use ProtectedPolicy::{Ask, DoNotAsk, ViaForwarding};

const FIRST_NAME: Field = field("Firstname", "Förnamn", Written::Name, Ask);
const LAST_NAME: Field = field("Lastname", "Efternamn", Written::Name, Ask);
const NUMBER: Field = field("SocialSecurityNumber", "Personnummer", Written::PersonalNumber, Ask);
const CARE_OF: Field = field("CareOf", "c/o-adress", Written::Name, ViaForwarding);
const STREET: Field = field("Address", "Gatuadress", Written::Street, ViaForwarding);
const POSTCODE: Field = field("ZipCode", "Postnummer", Written::Postcode, ViaForwarding);
const CITY: Field = field("PostalAddress", "Postort", Written::Name, ViaForwarding);
const PHONE: Field = field("Phone", "Telefon", Written::Phone, DoNotAsk);
const MOBILE: Field = field("MobilePhone", "Mobiltelefon", Written::Phone, DoNotAsk);
const EMAIL: Field = field("Email", "E-post", Written::Email, DoNotAsk);

/// The fields of a private person with the settings that switch them on.
const PERSON: [(&str, &[Field]); 7] = [
    ("fieldCitizenID", &[NUMBER]),
    ("fieldName", &[FIRST_NAME, LAST_NAME]),
    ("fieldCareOf", &[CARE_OF]),
    ("fieldAddress", &[STREET, POSTCODE, CITY]),
    ("fieldPhone", &[PHONE]),
    ("fieldMobilePhone", &[MOBILE]),
    ("fieldEmail", &[EMAIL]),
];
const ORGANISATION: [(&str, &[Field]); 4] = [
    ("fieldAddress", &[STREET, POSTCODE, CITY]),
    ("fieldPhone", &[PHONE]),
    ("fieldMobilePhone", &[MOBILE]),
    ("fieldEmail", &[EMAIL]),
];

/// Fields of one group as they are gathered, each with its element.
#[derive(Default)]
struct Members(Vec<(&'static str, Question)>);

impl Members {
    /// Of those that are asked; empty when none of them is.
    fn one_of(&self, fields: &[Field]) -> Vec<QuestionId> {
        let asked = self.0.iter().filter(|(element, _)| fields.iter().any(|field| field.element == *element));
        asked.map(|(_, question)| question.id.clone()).collect()
    }

    fn demand(&self) -> bool {
        self.0.iter().any(|(_, question)| question.state == QuestionState::VisibleRequired)
    }

    fn questions(self) -> Vec<Question> {
        self.0.into_iter().map(|(_, question)| question).collect()
    }
}

impl Taking {
    pub(super) fn contact_details(&mut self, query: &Query<'_, '_>) -> Option<Mapped> {
        let settings = query.settings;
        let mut members = Members::default();
        let old = PERSON.iter().all(|(setting, _)| settings.value(setting).is_none());
        for (setting, fields) in PERSON {
            let state = if old { old_state(settings, setting) } else { state(settings, setting) };
            if let Some(state) = state {
                self.fields(&mut members, fields, state, query);
            }
        }
        if members.0.is_empty() {
            self.add(Outcome::NotUnderstood, &query.place, Finding::NothingAsked);
            return None;
        }
        let mut one_of = Vec::new();
        for (flag, fields) in [
            ("requireAtLeastOneContactWay", [EMAIL, MOBILE, PHONE].as_slice()),
            ("requireMobilePhoneOrPhone", &[MOBILE, PHONE]),
        ] {
            if settings.flag(flag) {
                let ids = members.one_of(fields);
                if ids.is_empty() {
                    self.left_out(&query.place, flag, "true");
                } else {
                    one_of.push(ids);
                }
            }
        }
        if settings.flag("useOfficalAddress") {
            self.live(query, Live::RegisteredAddress);
        }
        self.flags_left_out(settings, &query.place, &["forceSMS", "requireContactDetailInfoVerification"]);
        let mapped = self.persons(query, members, one_of, Role::Applicant);
        Some(if old { mapped.approximated() } else { mapped })
    }

    pub(super) fn organisation_details(&mut self, query: &Query<'_, '_>) -> Mapped {
        let settings = query.settings;
        let mut members = Members::default();
        let always = [
            field("Name", "Organisationens namn", Written::Name, Ask),
            field("OrganizationNumber", "Organisationsnummer", Written::OrganisationNumber, Ask),
        ];
        self.fields(&mut members, &always, QuestionState::VisibleRequired, query);
        let contact = [
            field("Firstname", "Kontaktpersonens förnamn", Written::Name, Ask),
            field("Lastname", "Kontaktpersonens efternamn", Written::Name, Ask),
        ];
        self.fields(&mut members, &contact, QuestionState::Visible, query);
        for (setting, fields) in ORGANISATION {
            if let Some(state) = state(settings, setting) {
                self.fields(&mut members, fields, state, query);
            }
        }
        let one_of = settings.flag("requireEmailOrMobile").then(|| members.one_of(&[EMAIL, MOBILE]));
        let one_of = one_of.into_iter().filter(|ids| !ids.is_empty()).collect();
        self.flags_left_out(settings, &query.place, &["forceSMS", "requireContactInfoVerification"]);
        self.persons(query, members, one_of, Role::Organisation)
    }

    pub(super) fn signing_parties(&mut self, query: &Query<'_, '_>) -> Mapped {
        let mut members = Members::default();
        self.fields(&mut members, &[NUMBER, FIRST_NAME, LAST_NAME], QuestionState::VisibleRequired, query);
        self.fields(&mut members, &[EMAIL, MOBILE], QuestionState::Visible, query);
        let one_of = members.one_of(&[EMAIL, MOBILE]);
        let unique = members.one_of(&[NUMBER]).pop();
        let left_out =
            ["preventPostersCitizenIdentifier", "setMultipartsAsOwners", "requireContactInfoVerification"];
        self.flags_left_out(query.settings, &query.place, &left_out);
        let kind = Kind::Group {
            row_label: "Den som ska skriva under".to_owned(),
            questions: members.questions(),
            min_rows: 0,
            max_rows: SIGNING_MAX,
            layout: Layout::Rows,
            one_of: vec![one_of],
            unique,
            partial: false,
        };
        Mapped {
            role: Some(Role::SigningParty),
            sensitivity: Sensitivity::Protected,
            ..Mapped::new(kind, "group")
        }
    }

    /// There a parent chooses among the children that the population register gives; here the child is named.
    pub(super) fn child(&mut self, query: &Query<'_, '_>) -> Mapped {
        let settings = query.settings;
        self.live(query, Live::Children);
        let mut members = Members::default();
        self.fields(&mut members, &[NUMBER, FIRST_NAME, LAST_NAME], QuestionState::VisibleRequired, query);
        let age = self.age(query);
        for (_, question) in &mut members.0 {
            if let Kind::PersonalIdentityNumber { age: limits } = &mut question.kind {
                *limits = age;
            }
        }
        let guardian = ["useMultipartSigning", "requireGuardianEmail", "requireGuardianPhone"];
        if guardian.iter().any(|flag| settings.flag(flag)) {
            let fields = [
                field("GuardianFirstname", "Den andra vårdnadshavarens förnamn", Written::Name, Ask),
                field("GuardianLastname", "Den andra vårdnadshavarens efternamn", Written::Name, Ask),
                field("GuardianEmail", "Den andra vårdnadshavarens e-post", Written::Email, DoNotAsk),
                field("GuardianPhone", "Den andra vårdnadshavarens telefon", Written::Phone, DoNotAsk),
            ];
            let first = members.0.len();
            // There may be no other guardian.
            self.fields(&mut members, &fields, QuestionState::Visible, query);
            for (_, question) in members.0.iter_mut().skip(first) {
                question.role = Some(Role::Guardian);
            }
        }
        let left_out = ["useMultipartSigning", "skipMultipartSigningIfSameAddress"];
        self.flags_left_out(settings, &query.place, &left_out);
        self.flags_left_out(settings, &query.place, &["requireGuardianEmail", "requireGuardianPhone"]);
        self.persons(query, members, Vec::new(), Role::Child).approximated()
    }

    fn age(&mut self, query: &Query<'_, '_>) -> Option<AgeLimits> {
        let settings = query.settings;
        let (min, mut max) = (settings.number::<u8>("minAge"), settings.number::<u8>("maxAge"));
        if let (Some(least), Some(most)) = (min, max)
            && least > most
        {
            self.left_out(&query.place, "maxAge", &most.to_string());
            max = None;
        }
        let by_year = settings.children().any(|setting| setting.text() == "BY_YEAR");
        (min.is_some() || max.is_some()).then_some(AgeLimits { min, max, by_year })
    }

    /// One person or organisation: a group of one row.
    fn persons(
        &mut self,
        query: &Query<'_, '_>,
        members: Members,
        one_of: Vec<Vec<QuestionId>>,
        role: Role,
    ) -> Mapped {
        let demanding = members.demand() || !one_of.is_empty();
        let kind = Kind::Group {
            row_label: query.name.clone(),
            questions: members.questions(),
            min_rows: 1,
            max_rows: 1,
            layout: Layout::Rows,
            one_of,
            unique: None,
            // Whoever begins to fill it in fills in all that is demanded, even where the question is optional.
            partial: false,
        };
        Mapped { role: Some(role), demanding, ..Mapped::new(kind, "group") }
    }

    fn fields(
        &mut self,
        members: &mut Members,
        fields: &[Field],
        state: QuestionState,
        query: &Query<'_, '_>,
    ) {
        for field in fields {
            let id = self.ids.take(&format!("{}-{}", query.id, field.element));
            let question = Question {
                id,
                label: field.label.to_owned(),
                help: None,
                ask: None,
                // Nobody has to live care of someone else.
                state: if field.element == CARE_OF.element { QuestionState::Visible } else { state },
                sensitivity: Sensitivity::Protected,
                protected_policy: field.policy,
                role: None,
                source: Some(QuestionSource {
                    id: query.source_id.clone(),
                    element: query.exported.then(|| field.element.to_owned()),
                    field: None,
                }),
                kind: match field.kind {
                    Written::Name => Kind::Text {
                        min_length: None,
                        max_length: Some(NAME_MAX),
                        pattern: None,
                        pattern_help: None,
                        covered: false,
                    },
                    Written::PersonalNumber => Kind::PersonalIdentityNumber { age: None },
                    Written::OrganisationNumber => Kind::OrganisationNumber,
                    Written::Street => Kind::Address,
                    Written::Postcode => Kind::Postcode,
                    Written::Phone => Kind::Phone,
                    Written::Email => Kind::Email,
                },
            };
            members.0.push((field.element, question));
        }
    }
}

/// None when it is hidden.
fn state(settings: Node<'_, '_>, field: &str) -> Option<QuestionState> {
    match settings.value(field)? {
        "REQUIRED" => Some(QuestionState::VisibleRequired),
        "VISIBLE" => Some(QuestionState::Visible),
        _ => None,
    }
}

/// Older files ask for all but the number and only say what is demanded.
fn old_state(settings: Node<'_, '_>, field: &str) -> Option<QuestionState> {
    let demanded = match field {
        "fieldName" => true,
        "fieldAddress" => settings.flag("requireAddress"),
        "fieldPhone" => settings.flag("requirePhone"),
        "fieldEmail" => settings.flag("requireEmail"),
        "fieldMobilePhone" | "fieldCareOf" => false,
        _ => return None,
    };
    Some(if demanded { QuestionState::VisibleRequired } else { QuestionState::Visible })
}
