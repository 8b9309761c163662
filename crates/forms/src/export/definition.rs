//! The JSON Schema of the definition format, for those who write e-services in an editor. Its texts are in Swedish:
//! form owners read them.

mod build;
mod kinds;

use serde_json::{Map, Value, json};

use build::{
    Field, filled, list, needed, object, one_of, optional, or_null, reference, sha256, whole, whole_from,
    with_default, words,
};
use kinds::kinds;

/// JSON Schema (2020-12) of definition files, format 1.
///
/// It knows fields, types and the limits of single values. What holds between places in a file, such as ids that exist
/// and rules that point forward, is said by [`crate::load`]. A question of a kind that is not known may have any fields
/// besides the common ones, as in `load`.
pub fn definition_schema() -> Value {
    let mut defs = Map::from_iter(
        [
            ("id", id()),
            ("choice", choice()),
            ("role", role()),
            ("condition", condition()),
            ("rule", rule()),
            ("step", step()),
            ("question", question()),
            ("question_fields", question_fields()),
        ]
        .map(|(name, schema)| (name.to_owned(), schema)),
    );
    defs.extend(kinds().into_iter().map(|kind| (format!("kind_{}", kind.name), kind.schema())));
    let mut schema =
        object("E-tjänst för Ledsaga. En fil är en version av en e-tjänst.", definition_fields());
    if let Value::Object(fields) = &mut schema {
        fields.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        fields.insert("$id".to_owned(), json!("urn:ledsaga:definition:1"));
        fields.insert("title".to_owned(), json!("E-tjänst"));
        fields.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

fn definition_fields() -> Vec<Field> {
    vec![
        needed("format", json!({ "const": 1 }), "Formatets version. Alltid 1."),
        needed(
            "id",
            json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$" }),
            "E-tjänstens namn i datorn, samma i alla versioner: små bokstäver a–z, siffror och bindestreck.",
        ),
        needed("version", whole(1, u32::MAX.into()), "Räknas upp med ett för varje ändring."),
        optional(
            "hash",
            sha256(),
            "Innehållets kontrollsumma. Sätts av systemet. Lämna bort den i filer som du skriver.",
        ),
        needed("name", words(), "E-tjänstens namn, som det visas."),
        needed("summary", words(), "Några ord som visas i listor."),
        needed("category", words(), "Kategori i listan över e-tjänster, till exempel Omsorg och stöd."),
        needed("unit", words(), "Nämnden eller enheten som tar emot ärendet."),
        optional(
            "keywords",
            list(json!({ "type": "string" })),
            "Andra ord som folk använder för e-tjänsten.",
        ),
        needed(
            "contact",
            object(
                "Dit samtal kopplas vidare.",
                vec![
                    needed("name", words(), "Funktionens namn."),
                    needed("phone", words(), "Telefonnummer."),
                    optional("email", or_null(json!({ "type": "string" })), "E-postadress."),
                    optional("hours", or_null(json!({ "type": "string" })), "Telefontider."),
                ],
            ),
            "Vem som äger e-tjänsten och svarar på frågor om den.",
        ),
        needed(
            "oral_filing",
            one_of(&[
                ("accepted", "Får göras muntligt. Det som saknas kompletteras efteråt."),
                ("written_required", "Måste vara skriftlig och komplett."),
                ("signature_required", "Måste skrivas under."),
            ]),
            "Om ansökan får göras muntligt.",
        ),
        needed(
            "retention",
            object(
                "Hur länge ett utkast får ligga kvar.",
                vec![
                    needed("draft_days", whole(0, u16::MAX.into()), "Dagar för ett vanligt utkast."),
                    needed(
                        "protected_draft_days",
                        whole(1, u16::MAX.into()),
                        "Dagar när personen har skyddade personuppgifter. Högst lika många som draft_days.",
                    ),
                ],
            ),
            "Hur länge ett påbörjat utkast får ligga kvar på datorn.",
        ),
        optional("checklist", list(json!({ "type": "string" })), "Vad den som ringer bör ha till hands."),
        optional(
            "source",
            or_null(object(
                "Varifrån e-tjänsten är importerad.",
                vec![
                    needed("system", json!({ "type": "string" }), "Till exempel oeflow."),
                    optional("reference", or_null(json!({ "type": "string" })), "E-tjänstens id där."),
                    optional(
                        "statuses",
                        list(object(
                            "En status.",
                            vec![
                                needed("id", json!({ "type": "string" }), "Statusens id."),
                                needed("name", json!({ "type": "string" }), "Statusens namn."),
                                needed(
                                    "content_type",
                                    json!({ "type": "string" }),
                                    "Vad den betyder, till exempel SUBMITTED.",
                                ),
                            ],
                        )),
                        "De statusar som ett ärende kan ha där.",
                    ),
                ],
            )),
            "Varifrån e-tjänsten är importerad. Skrivs av importen.",
        ),
        optional(
            "paper_forms",
            list(object(
                "En blankett.",
                vec![
                    needed("name", words(), "Blankettens namn."),
                    needed(
                        "file",
                        json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[^./\\][^/\\]*$" }),
                        "Filens namn, utan mapp.",
                    ),
                    needed("size", whole_from(0), "Storlek i byte."),
                    needed("sha256", sha256(), "Filens kontrollsumma (SHA-256)."),
                ],
            )),
            "Blanketter på papper för samma ärende.",
        ),
        needed("steps", filled(reference("step")), "Stegen, i den ordning de fylls i."),
        optional(
            "rules",
            list(reference("rule")),
            "Regler för vilka frågor som visas. De körs i ordning och den sista gäller.",
        ),
    ]
}

fn step() -> Value {
    object(
        "Ett steg: en sida i formuläret.",
        vec![
            needed("id", reference("id"), "Stegets id, eget i e-tjänsten."),
            needed("title", words(), "Stegets rubrik."),
            needed("questions", filled(reference("question")), "Frågorna, i ordning."),
        ],
    )
}

fn question() -> Value {
    let known: Vec<Value> = kinds()
        .iter()
        .map(|kind| {
            json!({
                "if": { "properties": { "kind": { "const": kind.name } }, "required": ["kind"] },
                "then": reference(&format!("kind_{}", kind.name)),
            })
        })
        .collect();
    let names: Vec<Value> =
        kinds().iter().map(|kind| json!({ "const": kind.name, "description": kind.about })).collect();
    json!({
        "description": "En fråga.",
        "$ref": "#/$defs/question_fields",
        "required": ["kind"],
        "properties": {
            "kind": {
                "description": "Frågans sort. En sort som inte är känd visas, men fylls i av handläggaren.",
                "anyOf": [{ "oneOf": names }, { "type": "string" }],
            },
        },
        "allOf": known,
    })
}

fn question_fields() -> Value {
    let states = [
        ("hidden", "Dold tills en regel visar den."),
        ("visible", "Visas och är frivillig."),
        ("visible_required", "Visas och ska besvaras."),
    ];
    let mut fields = object(
        "Det som alla frågor har.",
        vec![
            needed("id", reference("id"), "Frågans id, eget i hela e-tjänsten och samma i alla versioner."),
            needed("label", words(), "Frågans rubrik på skärmen."),
            optional(
                "help",
                or_null(json!({ "type": "string" })),
                "Hjälptext under fältet. Ska gå att läsa upp.",
            ),
            optional("ask", or_null(json!({ "type": "string" })), "Frågan som den ställs i telefonen."),
            optional(
                "state",
                with_default(one_of(&states), "visible_required"),
                "Om frågan visas, innan någon regel har ändrat det.",
            ),
            optional(
                "sensitivity",
                with_default(
                    one_of(&[
                        ("ordinary", "Vanlig uppgift."),
                        ("personal", "Personuppgift."),
                        ("protected", "Döljs när personen har skyddade personuppgifter."),
                    ]),
                    "ordinary",
                ),
                "Hur känsligt svaret är.",
            ),
            optional(
                "protected_policy",
                with_default(
                    one_of(&[
                        ("ask", "Frågan ställs som vanligt."),
                        ("via_forwarding", "Frågan ställs inte. Post går via Skatteverkets förmedling."),
                        ("do_not_ask", "Frågan ställs inte och visas inte."),
                    ]),
                    "ask",
                ),
                "Vad som gäller när personen har skyddade personuppgifter.",
            ),
            optional(
                "role",
                or_null(reference("role")),
                "Vem svaret handlar om. I en grupp: vem varje rad handlar om.",
            ),
            optional(
                "source",
                or_null(object(
                    "Frågan där den kommer ifrån.",
                    vec![
                        needed("id", json!({ "type": "string" }), "Frågans id där."),
                        optional(
                            "element",
                            or_null(json!({ "type": "string" })),
                            "Elementets namn i ärendets XML.",
                        ),
                        optional(
                            "field",
                            or_null(json!({ "type": "string" })),
                            "Namnet på det element i det som håller svaret, om det inte är Value.",
                        ),
                    ],
                )),
                "Skrivs av importen.",
            ),
        ],
    );
    if let Value::Object(schema) = &mut fields {
        // Each kind adds its own.
        schema.remove("additionalProperties");
    }
    fields
}

fn choice() -> Value {
    object(
        "Ett alternativ.",
        vec![
            needed(
                "id",
                json!({ "allOf": [reference("id")], "not": { "const": "other" } }),
                "Alternativets id, eget i frågan. Inte other.",
            ),
            needed("label", words(), "Alternativet som det visas."),
            optional(
                "value",
                or_null(json!({ "type": "string" })),
                "Vad källsystemet kallar det. Skrivs av importen.",
            ),
        ],
    )
}

fn role() -> Value {
    let names = one_of(&[
        ("applicant", "Sökande."),
        ("co_applicant", "Medsökande."),
        ("guardian", "Vårdnadshavare."),
        ("child", "Barnet som ärendet gäller."),
        ("company_representative", "Firmatecknare eller annan som företräder en organisation."),
        ("organisation", "Företag, förening eller myndighet."),
        ("signing_party", "Annan som ska skriva under."),
    ]);
    let basis =
        needed("basis", reference("id"), "Id för frågan om vad rätten bygger på, till exempel en fullmakt.");
    let proxy = object(
        "Ombud eller ställföreträdare.",
        vec![needed("proxy", object("Ombud.", vec![basis]), "Ombud eller ställföreträdare.")],
    );
    json!({ "anyOf": [names, proxy] })
}

fn rule() -> Value {
    let states = [
        ("hidden", "Döljs."),
        ("visible", "Visas och är frivilliga."),
        ("visible_required", "Visas och ska besvaras."),
    ];
    object(
        "En regel: när villkoret gäller för svaret på en fråga får andra frågor ett nytt läge. Annars får de tillbaka sitt eget.",
        vec![
            needed("on", reference("id"), "Frågan vars svar avgör."),
            needed("when", reference("condition"), "Villkoret."),
            needed("set", one_of(&states), "Läget som frågorna i targets får."),
            needed(
                "targets",
                filled(reference("id")),
                "Frågorna som ändras. De ska komma efter frågan i on.",
            ),
            optional(
                "keep_answer",
                json!({ "type": "boolean", "default": false }),
                "Svaret på en fråga som döljs sparas i utkastet.",
            ),
            optional(
                "no_restore",
                json!({ "type": "boolean", "default": false }),
                "När villkoret inte gäller lämnas läget som tidigare regler har gjort det.",
            ),
        ],
    )
}

fn condition() -> Value {
    let choices = || filled(json!({ "type": "string" }));
    let day =
        || json!({ "type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|today([+-][0-9]{1,5})?)$" });
    let parts = || filled(reference("condition"));
    let of = object(
        "Villkor för en annan fråga.",
        vec![
            needed("question", reference("id"), "Den andra frågan."),
            needed("is", reference("condition"), "Vad som ska gälla för den."),
        ],
    );
    let mut schema = object(
        "Ett villkor. Precis ett av fälten.",
        vec![
            optional("any_of", choices(), "Minst ett av de här alternativen är valt."),
            optional("all_of", choices(), "Alla de här alternativen är valda."),
            optional(
                "answered",
                json!({ "type": "boolean" }),
                "Frågan är besvarad, eller med false: inte besvarad.",
            ),
            optional(
                "at_least",
                json!({ "type": "number" }),
                "Talet, beloppet eller antalet rader är minst så här stort.",
            ),
            optional(
                "at_most",
                json!({ "type": "number" }),
                "Talet, beloppet eller antalet rader är högst så här stort.",
            ),
            optional("equals", json!({ "type": "string" }), "Svaret är precis den här texten."),
            optional(
                "on_or_after",
                day(),
                "Datumet är den här dagen eller senare: 2026-05-01, today, today+14 eller today-30.",
            ),
            optional(
                "on_or_before",
                day(),
                "Datumet är den här dagen eller tidigare: 2026-05-01, today, today+14 eller today-30.",
            ),
            optional("age_at_least", whole(0, u8::MAX.into()), "Personen har fyllt så här många år."),
            optional("age_at_most", whole(0, u8::MAX.into()), "Personen är högst så här många år."),
            optional("all", parts(), "Alla villkoren gäller."),
            optional("any", parts(), "Minst ett av villkoren gäller."),
            optional("not", reference("condition"), "Villkoret gäller inte."),
            optional("of", of, "Ett villkor för en annan fråga än den i on."),
        ],
    );
    if let Value::Object(fields) = &mut schema {
        fields.insert("minProperties".to_owned(), json!(1));
        fields.insert("maxProperties".to_owned(), json!(1));
    }
    schema
}

fn id() -> Value {
    json!({
        "description": "Bokstäver a–z, siffror, _ och -, högst 64 tecken.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$",
    })
}
