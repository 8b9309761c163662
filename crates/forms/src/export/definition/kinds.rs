//! The kinds of questions, in the order in which editors offer them.

use serde_json::{Value, json};

use super::build::{
    Field, filled, list, needed, object, one_of, optional, or_null, reference, whole, whole_from,
    with_default, words,
};

/// A kind of question with what only it has.
pub(super) struct KindOf {
    pub name: &'static str,
    pub about: &'static str,
    fields: Vec<Field>,
}

impl KindOf {
    pub fn schema(self) -> Value {
        let mut schema = object(self.about, self.fields);
        if let Value::Object(fields) = &mut schema {
            fields.remove("additionalProperties");
            fields.insert("$ref".to_owned(), json!("#/$defs/question_fields"));
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                properties.insert("kind".to_owned(), json!({ "const": self.name }));
            }
            fields.insert("unevaluatedProperties".to_owned(), json!(false));
        }
        schema
    }
}

pub(super) fn kinds() -> Vec<KindOf> {
    let kind = |name, about, fields| KindOf { name, about, fields };
    let length = || or_null(whole(1, u32::MAX.into()));
    let lengths = || {
        vec![
            optional("min_length", or_null(whole(0, u32::MAX.into())), "Minsta antal tecken."),
            optional("max_length", length(), "Högsta antal tecken."),
        ]
    };
    let choices = || {
        needed(
            "choices",
            json!({ "type": "array", "minItems": 1, "maxItems": 1000, "items": reference("choice") }),
            "Alternativen.",
        )
    };
    let other =
        || optional("other", or_null(words()), "Rubrik för ett eget alternativ i fritext. Dess id är other.");
    let text_of = |about| needed("text", words(), about);
    let group = json!({ "properties": { "kind": { "const": "group" } }, "required": ["kind"] });
    let field = json!({ "allOf": [reference("question")], "not": group });
    let flag = || json!({ "type": "boolean", "default": false });
    let text_fields = vec![
        optional(
            "pattern",
            or_null(json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "[A9*]" })),
            "Hur svaret skrivs, tecken för tecken: A är en bokstav, 9 en siffra, * endera, annat sig självt. Till exempel AAA 99*.",
        ),
        optional(
            "pattern_help",
            or_null(json!({ "type": "string" })),
            "Vad som sägs när svaret inte följer mönstret.",
        ),
        optional("covered", flag(), "Svaret täcks på skärmen, som ett lösenord."),
    ];
    vec![
        kind("text", "En rad text.", [lengths(), text_fields].concat()),
        kind("text_area", "Text på flera rader.", lengths()),
        kind("note", "Fri anteckning till handläggaren. Krävs aldrig.", vec![]),
        kind(
            "number",
            "Ett tal.",
            vec![
                optional("min", or_null(json!({ "type": "number" })), "Minsta värde."),
                optional("max", or_null(json!({ "type": "number" })), "Högsta värde."),
                optional(
                    "decimals",
                    json!({ "type": "integer", "minimum": 0, "maximum": 6, "default": 0 }),
                    "Antal decimaler som får skrivas.",
                ),
                optional("unit", or_null(json!({ "type": "string" })), "Enhet, till exempel meter."),
            ],
        ),
        kind(
            "money",
            "Belopp i hela kronor.",
            vec![optional("max", or_null(whole_from(1)), "Högsta belopp.")],
        ),
        kind(
            "date",
            "Ett datum.",
            vec![
                optional("not_past", flag(), "Datumet får inte ha passerat."),
                optional("not_future", flag(), "Datumet får inte ligga framåt i tiden."),
            ],
        ),
        kind("time", "Ett klockslag.", vec![]),
        kind("radio", "Ett val bland alternativ som alla syns.", vec![choices(), other()]),
        kind("drop_down", "Ett val i en rullista.", vec![choices(), other()]),
        kind(
            "checkbox",
            "Flera val.",
            vec![
                choices(),
                other(),
                optional("min", or_null(whole(0, u32::MAX.into())), "Minsta antal val."),
                optional("max", length(), "Högsta antal val."),
            ],
        ),
        kind(
            "personal_identity_number",
            "Personnummer eller samordningsnummer.",
            vec![optional(
                "age",
                or_null(json!({
                    "anyOf": [{ "required": ["min"] }, { "required": ["max"] }],
                    "allOf": [object(
                        "Åldersgränser i hela år. Minst en av dem.",
                        vec![
                            optional("min", or_null(whole(0, u8::MAX.into())), "Lägsta ålder."),
                            optional("max", or_null(whole(0, u8::MAX.into())), "Högsta ålder."),
                            optional("by_year", flag(), "Åldern räknas efter födelseåret: den som fyller 6 i år är 6 hela året."),
                        ],
                    )],
                })),
                "Hur gammal personen får vara.",
            )],
        ),
        kind(
            "other_identity_number",
            "Annat nummer för en person, till exempel LMA-nummer. Sparas som det sägs.",
            vec![needed("domain", words(), "Vems nummer det är, som det visas.")],
        ),
        kind("organisation_number", "Organisationsnummer.", vec![]),
        kind("phone", "Telefonnummer.", vec![]),
        kind("email", "E-postadress.", vec![]),
        kind("postcode", "Postnummer.", vec![]),
        kind("address", "Gatuadress. Räknas alltid som skyddad.", vec![]),
        kind(
            "files",
            "Filer som bifogas.",
            vec![
                needed("max_count", whole(1, 1_000), "Högsta antal filer."),
                needed("max_size", whole_from(1), "Högsta storlek för en fil, i byte."),
                optional(
                    "max_total",
                    or_null(whole_from(1)),
                    "Högsta storlek för alla filer tillsammans, i byte.",
                ),
                needed(
                    "types",
                    filled(json!({ "type": "string", "pattern": "^[a-z0-9]{1,16}$" })),
                    "Filtyper som får bifogas: ändelsen utan punkt, till exempel pdf.",
                ),
            ],
        ),
        kind(
            "group",
            "Fält som hör ihop. Kan ha flera rader. Med max_rows 1 är gruppen en enda fråga med flera fält.",
            vec![
                needed("row_label", words(), "Rubrik för en rad, till exempel Vårdnadshavare."),
                needed("questions", filled(field), "Fälten. En grupp kan inte ligga i en grupp."),
                optional(
                    "min_rows",
                    json!({ "type": "integer", "minimum": 0, "maximum": 1000, "default": 0 }),
                    "Minsta antal rader.",
                ),
                needed("max_rows", whole(1, 1_000), "Högsta antal rader."),
                optional(
                    "layout",
                    with_default(
                        one_of(&[
                            ("rows", "Rader under varandra."),
                            ("table", "En tabell, för få och korta fält."),
                        ]),
                        "rows",
                    ),
                    "Hur raderna visas.",
                ),
                optional(
                    "one_of",
                    list(filled(reference("id"))),
                    "Listor med fält. Av fälten i varje lista ska minst ett besvaras.",
                ),
                optional("unique", or_null(reference("id")), "Fältet som inte får vara lika i två rader."),
                optional(
                    "partial",
                    flag(),
                    "När gruppen är frivillig behöver en påbörjad rad inte göras klar.",
                ),
            ],
        ),
        kind(
            "information",
            "Text som bara visas. Inget besvaras.",
            vec![text_of("Texten. Får ha rubriker, listor, *betoning* och **fetstil**.")],
        ),
        kind(
            "stop",
            "Så länge den visas går ärendet inte att skicka.",
            vec![text_of(
                "Varför det inte går, och vad man gör i stället. Får ha rubriker, listor, *betoning* och **fetstil**.",
            )],
        ),
        kind(
            "confirm",
            "Läses upp och bekräftas av den som ringer.",
            vec![
                needed("statement", words(), "Det som bekräftas."),
                optional(
                    "text",
                    or_null(json!({ "type": "string" })),
                    "Det som bekräftelsen handlar om, till exempel hur personuppgifter behandlas.",
                ),
            ],
        ),
    ]
}
