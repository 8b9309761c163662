//! `ledsaga-gateway catalogue`: what a form owner is told, by the built binary.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use support::command::catalogue;
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn service(id: &str, questions: Value, rules: Value) -> Vec<u8> {
    json!({
        "format": 1, "id": id, "version": 1, "name": "Prov", "summary": "Prov", "category": "Prov", "unit": "Prov",
        "contact": { "name": "Prov", "phone": "070-1740605" }, "oral_filing": "accepted",
        "retention": { "draft_days": 14, "protected_draft_days": 1 }, "keywords": ["prov"], "checklist": ["Prov"],
        "steps": [{ "id": "ett", "title": "Ett", "questions": questions }], "rules": rules,
    })
    .to_string()
    .into_bytes()
}

fn yes_no(id: &str) -> Value {
    json!({ "id": id, "kind": "radio", "label": format!("Fråga {id}"), "choices": [{ "id": "ja", "label": "Ja" }] })
}

fn rule(on: &str, target: &str) -> Value {
    json!({ "on": on, "when": { "any_of": ["ja"] }, "set": "visible", "targets": [target] })
}

/// What `check` says of one file.
fn checked(bytes: &[u8]) -> (Option<i32>, String) {
    let folder = folder(&[("prov.json", bytes)]);
    catalogue(&["check"], &[&folder.path().join("prov.json")])
}

#[track_caller]
fn says(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.contains(line), "{line}\nis not in\n{said}");
    }
}

#[test]
fn what_can_be_used_is_said_with_its_size() {
    let (code, said) = checked(&service("prov", json!([yes_no("a"), yes_no("b")]), json!([rule("a", "b")])));
    assert_eq!(code, Some(0));
    says(&said, &["prov.json\n", "  Går att använda: Prov (prov, version 1). 1 steg, 2 frågor, 1 regel.\n"]);
    assert!(!said.contains("Se över"), "{said}");
}

#[test]
fn wrong_json_is_told_with_line_and_column() {
    for (json, lines) in [
        (
            "{\n  \"format\": 1,,\n}",
            ["rad 2, kolumn 15: här väntades ett fältnamn", "Gör så här: Skriv namnet inom"],
        ),
        ("{\n  \"format\": 1\n", ["rad 3, kolumn 0: filen slutar mitt i", "Kontrollera att varje {"]),
        ("{ \"format\": 1, }", ["rad 1, kolumn 16: här är ett komma för mycket", "Ta bort kommat"]),
        (
            "{ \"format\": 1 \"id\": 2 }",
            ["här väntades ett komma eller ett slut", "Sätt komma efter varje värde"],
        ),
        (
            "{ \"format\": \"ett\" }",
            ["här står texten \"ett\" men ska stå ett heltal", "Skriv värdet på rätt sätt"],
        ),
        (
            "{ \"format\": 1, \"titel\": \"x\" }",
            ["fältet titel finns inte", "Det här finns: format, id, version"],
        ),
        ("{ \"format\": 1, \"format\": 1 }", ["fältet format står två gånger", "Ta bort det ena"]),
        ("{ \"format\": 1 }", ["fältet id saknas", "Lägg till fältet"]),
        (
            "{ \"format\": 1, \"id\": \"a\tb\" }",
            ["en text innehåller en radbrytning eller tabb", "Skriv \\n"],
        ),
        ("{ \"format\": 7 }", ["fältet format: format 7 finns inte", "nyare version av Ledsaga"]),
        ("prov", ["rad 1, kolumn 1: här väntades ett värde", "Skriv text inom"]),
    ] {
        let (code, said) = checked(json.as_bytes());
        assert_eq!(code, Some(1), "{said}");
        says(&said, &["  Går inte att använda:\n"]);
        says(&said, &lines);
    }
}

#[test]
fn another_encoding_is_told_as_such() {
    let utf8 = service("prov", json!([yes_no("å")]), json!([]));
    let bom = [b"\xef\xbb\xbf", utf8.as_slice()].concat();
    let (code, said) = checked(&bom);
    assert_eq!(code, Some(1));
    says(&said, &["osynligt tecken (BOM)", "UTF-8 utan BOM"]);
    let latin1: Vec<u8> =
        String::from_utf8(utf8).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (code, said) = checked(&latin1);
    assert_eq!(code, Some(1));
    says(&said, &["rad 1, kolumn", "inte sparad som UTF-8", "Spara filen som UTF-8"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_place_and_remedy() {
    let questions = json!([
        { "id": "a", "kind": "text", "label": "" },
        { "id": "b", "kind": "radio", "label": "B" },
        { "id": "c", "kind": "files", "label": "C", "max_count": 1, "max_size": 0, "types": ["pdf"] },
        { "id": "d", "kind": "group", "label": "D", "row_label": "D", "max_rows": 2, "questions": [
            { "id": "e", "kind": "number", "label": "E", "min": 3, "max": 1 }
        ] },
    ]);
    let (code, said) = checked(&service("Prov", questions, json!([])));
    assert_eq!(code, Some(1));
    says(
        &said,
        &[
            "  - fältet id: id får bara ha a–z, 0–9 och bindestreck",
            "  - steg 1, fråga 1 (a): label är tomt\n    Gör så här: Fyll i det.\n",
            "  - steg 1, fråga 2 (b): fältet choices saknas; en fråga av sorten radio behöver det\n",
            "  - steg 1, fråga 3 (c): max_size är 0, så någon fil får inte plats\n",
            "  - steg 1, fråga 4, fält 1 (e): min är större än max\n",
        ],
    );
    assert_eq!(said.matches("Gör så här:").count(), 5, "{said}");
}

#[test]
fn rules_that_go_in_a_circle_are_told_by_name() {
    let questions = json!([yes_no("a"), yes_no("b"), yes_no("c")]);
    let rules = json!([rule("a", "b"), rule("b", "c"), rule("c", "a")]);
    let (code, said) = checked(&service("prov", questions, rules));
    assert_eq!(code, Some(1));
    says(&said, &["  - regel 3: reglerna går i en cirkel: a → b → c → a\n", "Ta bort en av reglerna."]);
}

#[test]
fn a_folder_is_its_definitions_and_one_that_is_wrong_is_enough_to_fail() {
    let good = service("prov", json!([yes_no("a")]), json!([]));
    let twin = service("prov", json!([yes_no("b")]), json!([]));
    let files = folder(&[
        ("a.json", &good),
        ("b.json", b"{"),
        ("c.json", &twin),
        ("x.schema.json", b"{"),
        ("y.txt", b"{"),
    ]);
    let (code, said) = catalogue(&["check"], &[files.path()]);
    assert_eq!(code, Some(1));
    says(
        &said,
        &[
            "a.json\n  Går att använda",
            "b.json\n  Går inte att använda",
            "prov version 1 finns också i",
            "\n3 filer: 1 går att använda, 2 går inte att använda.\n",
        ],
    );
    assert!(!said.contains("x.schema.json") && !said.contains("y.txt"), "{said}");

    let empty = folder(&[]);
    let (code, said) = catalogue(&["check"], &[empty.path()]);
    assert_eq!(code, Some(1));
    says(&said, &["mappen har inga filer som slutar på .json"]);
    let (code, said) = catalogue(&["show"], &[&empty.path().join("finns-inte.json")]);
    assert_eq!(code, Some(1));
    says(&said, &["filen finns inte"]);
}

#[test]
fn what_had_better_be_changed_is_told_without_refusing_the_file() {
    let long = "Vad ".repeat(40);
    let questions = json!([
        { "id": "nummer", "kind": "personal_identity_number", "label": "Nummer", "ask": "Vilket?" },
        { "id": "adress", "kind": "address", "label": "Adress", "sensitivity": "protected", "ask": "Var?" },
        { "id": "mejl", "kind": "email", "label": "Mejl", "sensitivity": "protected", "protected_policy": "do_not_ask" },
        { "id": "mobil", "kind": "phone", "label": "Mejl", "sensitivity": "protected", "ask": "Vad?" },
        { "id": "fil", "kind": "files", "label": "Fil", "max_count": 1, "max_size": 1, "types": ["pdf"] },
        { "id": "lang", "kind": "text", "label": long },
        { "id": "dold", "kind": "text", "label": "Dold", "state": "hidden" },
        { "id": "karta", "kind": "map_polygon", "label": "Karta" },
    ]);
    let mut prov: Value = serde_json::from_slice(&service("prov", questions, json!([]))).unwrap();
    prov["oral_filing"] = json!("written_required");
    prov["checklist"] = json!([]);
    prov["unit"] = json!("FYLL I");
    prov["paper_forms"] =
        json!([{ "name": "Blankett", "file": "b.pdf", "size": 3, "sha256": "0".repeat(64) }]);
    let files = folder(&[("prov.json", prov.to_string().as_bytes())]);
    let path = files.path().join("prov.json");
    let (code, said) = catalogue(&["check"], &[&path]);
    assert_eq!(code, Some(0), "{said}");
    says(
        &said,
        &[
            "  Se över:\n",
            "fältet unit: det här fylldes inte i vid importen",
            "checklist är tom",
            "fråga 1 (nummer): uppgiften pekar ut en person",
            "fråga 2 (adress): adressen frågas också",
            "fråga 3 (mejl): frågan är känslig men har ingen ask",
            "fråga 4 (mobil): telefon eller e-post frågas också",
            "fråga 4 (mobil): en annan fråga på samma plats heter också ”Mejl”",
            "fråga 5 (fil): en fil kan inte lämnas i telefon",
            "fråga 6 (lang): label har 160 tecken",
            "fråga 7 (dold): frågan är dold och ingen regel visar den",
            "fråga 8 (karta): sorten map_polygon kan inte fyllas i här",
            "blankett 1 (Blankett): blanketten b.pdf finns inte bredvid e-tjänsten",
        ],
    );
    assert_eq!(said.matches("Gör så här:").count(), 12, "{said}");
    fs::write(files.path().join("b.pdf"), "%PDF").unwrap();
    says(&catalogue(&["check"], &[&path]).1, &["blanketten b.pdf är inte samma fil"]);
}

#[test]
fn the_demo_catalogue_needs_no_advice_but_for_what_was_imported() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let (code, said) = catalogue(&["check"], &[&demo]);
    assert_eq!(code, Some(0), "{said}");
    for file in said.split(&format!("{}/", demo.display())).skip(1) {
        let name = file.lines().next().unwrap().trim_end_matches(".json");
        let imported = demo.join("oeflow").join(format!("{name}.oeflow")).exists();
        assert!(imported || !file.contains("Se över"), "{file}");
    }
}

#[test]
fn a_form_is_shown_as_a_person_reads_it() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let (code, said) =
        catalogue(&["show"], &[&demo.join("boendeparkering.json"), &demo.join("sommarkollo.json")]);
    assert_eq!(code, Some(0));
    says(
        &said,
        &[
            "Boendeparkering (boendeparkering, version 1)\n",
            "Kontakt: Parkeringsenheten, 070-174 06 31, parkering@exempelby.example, Måndag–fredag 9–12\n",
            "Utkast sparas högst 14 dagar, med skyddade personuppgifter högst 1 dag.\n",
            "Ha till hands\n  - Personnummer\n",
            "Steg 2: Bilen\n  1. Registreringsnummer [text, skrivs AAA 99*, måste besvaras] (id regnr)\n",
            "      - Gatuadress [gatuadress, måste besvaras] (id adress)\n",
            "Vid skyddade personuppgifter: döljs, frågas inte, via Skatteverkets förmedling\n",
            "Om svaret på ”Vem äger bilen?” är ”Företag eller arbetsgivare” eller ”Leasad” visas",
            "Om ”Från och med” är 60 dagar från i dag eller senare visas ”Söker tidigt”, utan krav på svar.\n",
            "Om svaret på ”Vilket kollo?” är ”Seglingskollot” och det inte är så att svaret på ”Kan barnet simma 200 \
             meter?” är ”Ja” visas ”Seglingskollot passar inte”",
        ],
    );
}

#[test]
fn no_file_is_read_further_than_its_bound() {
    let huge = format!("{{ \"format\": 1, \"id\": \"{}\" }}", "a".repeat(17 << 20));
    let (code, said) = checked(huge.as_bytes());
    assert_eq!(code, Some(1));
    says(&said, &["filen är för stor; högst 16 MB läses"]);
    assert!(said.len() < 1_000, "{} bytes are said", said.len());
}

/// A small flow of Open ePlatform around these elements.
fn flow(head: &str, steps: &str) -> String {
    format!("<Flow><name>Provflöde</name><version>1</version>{head}<Steps>{steps}</Steps></Flow>")
}

fn step(questions: &str) -> String {
    format!(
        "<Step><name>Ett</name><sortIndex>0</sortIndex><QueryDescriptors>{questions}</QueryDescriptors></Step>"
    )
}

fn radio(id: u32, name: &str, order: u32, rules: &str) -> String {
    let provider = "com.nordicpeak.flowengine.queries.radiobuttonquery.RadioButtonQueryProviderModule";
    format!(
        "<QueryDescriptor><queryID>{id}</queryID><name>{name}</name><sortIndex>{order}</sortIndex>\
         <queryTypeID>{provider}</queryTypeID><defaultQueryState>VISIBLE</defaultQueryState>\
         <EvaluatorDescriptors>{rules}</EvaluatorDescriptors><RadioButtonQuery><Alternatives><RadioButtonAlternative>\
         <alternativeID>{id}7</alternativeID><name>Ja</name><sortIndex>0</sortIndex></RadioButtonAlternative></Alternatives>\
         </RadioButtonQuery></QueryDescriptor>"
    )
}

fn decides(on: u32, target: u32) -> String {
    let kind = "com.nordicpeak.flowengine.evaluators.querystateevaluator.QueryStateEvaluationProviderModule";
    format!(
        "<EvaluatorDescriptor><name>Visa</name><sortIndex>0</sortIndex><enabled>true</enabled>\
         <evaluatorTypeID>{kind}</evaluatorTypeID><TargetQueryIDs><queryID>{target}</queryID></TargetQueryIDs>\
         <QueryStateEvaluator><queryState>VISIBLE_REQUIRED</queryState><selectionMode>ANY</selectionMode>\
         <RequiredAlternativeIDs><alternativeID>{on}7</alternativeID></RequiredAlternativeIDs></QueryStateEvaluator>\
         </EvaluatorDescriptor>"
    )
}

/// What `import` says of one file, with what is in the folder afterwards.
fn imported(name: &str, bytes: &[u8]) -> (Option<i32>, String, Vec<String>, TempDir) {
    let files = folder(&[(name, bytes)]);
    let out = files.path().join("ut");
    let (code, said) = catalogue(&["import", "--out", out.to_str().unwrap()], &[&files.path().join(name)]);
    let mut made: Vec<String> = match fs::read_dir(&out) {
        Ok(entries) => entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect(),
        Err(_) => Vec::new(),
    };
    made.sort();
    (code, said, made, files)
}

#[test]
fn questions_that_nobody_knows_are_kept_and_told() {
    let map = "<QueryDescriptor><queryID>2</queryID><name>Kartan</name><sortIndex>1</sortIndex>\
               <queryTypeID>se.exempelby.SatelliteQueryProvider</queryTypeID>\
               <defaultQueryState>VISIBLE_REQUIRED</defaultQueryState><SatelliteQuery/></QueryDescriptor>";
    let (code, said, made, files) =
        imported("prov.oeflow", flow("", &step(&(radio(1, "Fråga", 0, "") + map))).as_bytes());
    assert_eq!((code, made.as_slice()), (Some(0), ["provflode.json".to_owned()].as_slice()), "{said}");
    says(&said, &["Förstods inte, någon måste titta på det (1):", "Kartan", "fylls i av handläggaren"]);
    says(&said, &["Fyll i för hand i filen:", "  - unit: den nämnd", "  - oral_filing:"]);
    let made = files.path().join("ut/provflode.json");
    let (code, said) = catalogue(&["check"], &[&made]);
    assert_eq!(code, Some(0), "{said}");
    says(&said, &["på 4 ställen: det här fylldes inte i vid importen\n", "fältet unit\n"]);
    says(&catalogue(&["show"], &[&made]).1, &["Kartan [okänd sort", "fylls i av handläggaren"]);
}

#[test]
fn text_in_latin_1_is_read_as_its_declaration_says() {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}",
        flow("", &step(&radio(1, "Får hästen gå på ängen?", 0, "")))
    );
    let latin1: Vec<u8> = xml.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (code, said, made, files) = imported("prov.oeflow", &latin1);
    assert_eq!(code, Some(0), "{said}");
    let json = fs::read_to_string(files.path().join("ut").join(&made[0])).unwrap();
    assert!(json.contains("Får hästen gå på ängen?") && json.contains("Provflöde"), "{json}");
}

#[test]
fn a_document_type_is_refused_before_it_unfolds() {
    let bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE Flow [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d SYSTEM \"file:///etc/passwd\">]>"
            .to_owned()
            + &flow("<shortDescription>&c;&d;</shortDescription>", &step(&radio(1, "Fråga", 0, "")));
    let (code, said, made, _files) = imported("prov.oeflow", bomb.as_bytes());
    assert_eq!((code, made.len()), (Some(1), 0), "{said}");
    says(&said, &["  Går inte att använda:\n", "DOCTYPE", "Gör så här: Exportera filen på nytt"]);
    assert!(!said.contains("root:"), "{said}");
}

#[test]
fn two_hundred_megabytes_of_base64_are_not_read() {
    let files = folder(&[]);
    let path = files.path().join("stor.oeflow");
    let mut xml = flow("", &step(&radio(1, "Fråga", 0, "")));
    let end = xml.split_off(xml.len() - "</Flow>".len());
    xml += "<FlowForms><FlowForm><name>Blankett</name><file>";
    xml.reserve(200 << 20);
    for _ in 0..(200 << 20) / 64 {
        xml += "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB";
    }
    write!(xml, "</file></FlowForm></FlowForms>{end}").unwrap();
    fs::write(&path, xml).unwrap();
    let out = files.path().join("ut");
    let (code, said) = catalogue(&["import", "--out", out.to_str().unwrap()], &[&path]);
    assert_eq!(code, Some(1));
    says(&said, &["filen är för stor; högst 64 MB läses", "Ta bort inbäddade filer"]);
    assert!(!out.exists());
}

#[test]
fn a_paper_form_is_kept_as_a_file_when_it_is_one() {
    let forms = |bytes: &[u8]| {
        let file = STANDARD.encode(bytes);
        format!("<FlowForms><FlowForm><name>Blankett</name><file>{file}</file></FlowForm></FlowForms>")
    };
    let questions = step(&radio(1, "Fråga", 0, ""));
    let (code, said, made, files) =
        imported("prov.oeflow", flow(&forms(b"%PDF-1.4 prov"), &questions).as_bytes());
    assert_eq!((code, made.len()), (Some(0), 2), "{said}");
    let pdf = made.iter().find(|name| name.ends_with(".pdf")).unwrap();
    assert_eq!(fs::read(files.path().join("ut").join(pdf)).unwrap(), b"%PDF-1.4 prov");
    let (code, said) = catalogue(&["check"], &[&files.path().join("ut")]);
    assert!(code == Some(0) && !said.contains("blankett 1"), "{said}");
    let (code, said, made, _files) =
        imported("prov.oeflow", flow(&forms(b"MZ\x90 no form"), &questions).as_bytes());
    assert_eq!((code, made.len()), (Some(0), 1), "{said}");
    says(&said, &["blanketten är ingen PDF och är utelämnad"]);
}

#[test]
fn rules_in_a_circle_are_refused_by_name() {
    let questions = step(&(radio(1, "Första", 0, &decides(1, 2)) + &radio(2, "Andra", 1, &decides(2, 1))));
    let (code, said, made, _files) = imported("prov.oeflow", flow("", &questions).as_bytes());
    assert_eq!((code, made.len()), (Some(1), 0), "{said}");
    says(&said, &["reglerna går i en cirkel", "Ta bort en av reglerna där e-tjänsten är gjord"]);
}

#[test]
fn what_is_there_with_other_content_is_not_overwritten() {
    let files = folder(&[("prov.oeflow", flow("", &step(&radio(1, "Fråga", 0, ""))).as_bytes())]);
    let (source, out) = (files.path().join("prov.oeflow"), files.path().join("ut"));
    let made = out.join("provflode.json");
    let import = |more: &[&str]| {
        let words = [&["import", "--out", out.to_str().unwrap()], more].concat();
        catalogue(&words, &[&source])
    };
    says(&import(&[]).1, &["(ny fil)"]);
    let first = fs::read(&made).unwrap();
    let (code, said) = import(&[]);
    assert_eq!(code, Some(0));
    says(&said, &["(fanns redan, likadan)"]);
    let (code, said) = import(&["--unit", "Parknämnden"]);
    assert_eq!(code, Some(1));
    says(&said, &["provflode.json: filen finns redan med annat innehåll", "--force"]);
    assert_eq!(fs::read(&made).unwrap(), first);
    let (code, said) = import(&["--unit", "Parknämnden", "--force"]);
    assert_eq!(code, Some(0));
    says(&said, &["(skrev över den som fanns)"]);
    assert!(String::from_utf8(fs::read(&made).unwrap()).unwrap().contains("Parknämnden"));
    // Nothing is left of the way there.
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn what_is_given_on_the_command_line_is_in_the_definition() {
    let files = folder(&[("prov.oeflow", flow("", &step(&radio(1, "Fråga", 0, ""))).as_bytes())]);
    let (source, out) = (files.path().join("prov.oeflow"), files.path().join("ut"));
    let words = [
        "import",
        "--out",
        out.to_str().unwrap(),
        "--id",
        "mitt-id",
        "--service-version",
        "3",
        "--category",
        "Park",
        "--unit",
        "Parknämnden",
        "--contact-name",
        "Parkenheten",
        "--contact-phone",
        "070-1740605",
        "--contact-email",
        "park@exempelby.example",
        "--contact-hours",
        "8–12",
        "--oral-filing",
        "signature_required",
        "--draft-days",
        "7",
    ];
    let (code, said) = catalogue(&words, &[&source]);
    assert_eq!(code, Some(0), "{said}");
    let made: Value = serde_json::from_slice(&fs::read(out.join("mitt-id.json")).unwrap()).unwrap();
    assert_eq!((&made["id"], &made["version"]), (&json!("mitt-id"), &json!(3)));
    assert_eq!((&made["category"], &made["unit"]), (&json!("Park"), &json!("Parknämnden")));
    assert_eq!(
        made["contact"],
        json!({ "name": "Parkenheten", "phone": "070-1740605", "email": "park@exempelby.example", "hours": "8–12" })
    );
    assert_eq!(made["oral_filing"], json!("signature_required"));
    assert_eq!(made["retention"], json!({ "draft_days": 7, "protected_draft_days": 1 }));
    assert!(made.get("hash").is_none(), "a hash would have to be changed with every word");
    assert!(!said.contains("  - unit:") && !said.contains("  - oral_filing:"), "{said}");

    let (code, said) = catalogue(&["import", "--id", "x"], &[&source, &source]);
    assert_eq!(code, Some(1));
    says(&said, &["--id: går bara att ange för en fil i taget"]);
}

#[test]
fn what_is_no_such_file_is_told_plainly() {
    for (name, bytes, told) in [
        ("prov.docx", &b"PK"[..], "filer som slutar på .docx går inte att importera"),
        ("prov", b"", "filen har ingen ändelse"),
        ("prov.oeflow", b"<html></html>", "filen innehåller html, inte Flow"),
        ("prov.oeflow", b"<Flow><name>x</name>", "filen är trasig"),
        ("prov.oeflow", b"<Flow><name>x</name></Flow>", "filen har inga frågor"),
    ] {
        let (code, said, made, _files) = imported(name, bytes);
        assert_eq!((code, made.len()), (Some(1), 0), "{said}");
        says(&said, &["Går inte att använda", told, "Gör så här:"]);
    }
}

#[test]
fn a_single_question_is_written_out_to_be_pasted() {
    let (code, said, made, _files) = imported("prov.oequery", radio(1, "Bor du här?", 0, "").as_bytes());
    assert_eq!((code, made.len()), (Some(0), 0), "{said}");
    let json = said.split("att klistra in i ett stegs questions:\n").nth(1).unwrap();
    let question: Value = serde_json::from_str(json).unwrap();
    assert_eq!((&question["label"], &question["kind"]), (&json!("Bor du här?"), &json!("radio")));
    let (code, said) = checked(&service("prov", json!([question]), json!([])));
    assert_eq!(code, Some(0), "{said}");
}

/// Beside each definition of the demo that was imported lies the file that it was made of; `LEDSAGA_BLESS=1` imports anew.
#[test]
fn the_imported_services_of_the_demo_are_what_an_import_gives() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let out = tempfile::tempdir().unwrap();
    let mut flows = 0;
    for (file, words) in [
        (
            "felanmalan-lekplats",
            ["--category", "Trafik och resor", "--unit", "Tekniska nämnden, parkenheten"],
        ),
        (
            "hyra-lokal",
            ["--category", "Kultur och fritid", "--unit", "Kultur- och fritidsnämnden, lokalbokningen"],
        ),
        ("egensotning", ["--category", "Bygga, bo och miljö", "--unit", "Räddningsnämnden"]),
    ] {
        let all =
            [&["import", "--out", out.path().to_str().unwrap(), "--id", file], words.as_slice()].concat();
        let (code, said) = catalogue(&all, &[&demo.join("oeflow").join(format!("{file}.oeflow"))]);
        assert_eq!(code, Some(0), "{said}");
        flows += 1;
    }
    let listed: Vec<PathBuf> =
        fs::read_dir(demo.join("oeflow")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(listed.len(), flows, "{listed:?}");
    for entry in fs::read_dir(out.path()).unwrap() {
        let made = entry.unwrap();
        if std::env::var_os("LEDSAGA_BLESS").is_some() {
            fs::copy(made.path(), demo.join(made.file_name())).unwrap();
        }
        let kept =
            fs::read(demo.join(made.file_name())).unwrap_or_else(|e| panic!("{:?}: {e}", made.file_name()));
        assert!(kept == fs::read(made.path()).unwrap(), "{:?} differs", made.file_name());
    }
}

#[test]
fn a_json_schema_becomes_an_e_service() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Trasig lampa", "type": "object",
        "properties": { "plats": { "type": "string", "title": "Var är lampan?", "maxLength": 80 } },
        "required": ["plats"],
    });
    let (code, said, made, files) = imported("lampa.schema.json", schema.to_string().as_bytes());
    assert_eq!((code, made.len()), (Some(0), 1), "{said}");
    let (code, said) = catalogue(&["show"], &[&files.path().join("ut").join(&made[0])]);
    assert_eq!(code, Some(0), "{said}");
    says(&said, &["Var är lampan? [text, högst 80 tecken, måste besvaras]"]);

    // The UI schema is a file of its own.
    let (schema, ui) = (files.path().join("lampa.schema.json"), files.path().join("ui.json"));
    let with_ui = |name: &str| {
        let (out, ui) = (files.path().join(name), ui.to_str().unwrap().to_owned());
        catalogue(&["import", "--ui-schema", &ui, "--out", out.to_str().unwrap()], &[&schema])
    };
    let (code, said) = with_ui("utan");
    assert_eq!(code, Some(1));
    says(&said, &["ui.json\n  Går inte att använda:\n  - filen finns inte"]);
    fs::write(&ui, json!({ "plats": { "ui:title": "Var står lampan?" } }).to_string()).unwrap();
    let (code, said) = with_ui("med");
    assert_eq!(code, Some(0), "{said}");
    says(&catalogue(&["show"], &[&files.path().join("med")]).1, &["Var står lampan? [text"]);
}
