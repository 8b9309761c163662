//! How long the import of a 5 MB `.oeflow` takes beside a bare pass of quick-xml over the same bytes.
//!
//! `cargo run --release -p ledsaga-forms --features import --example import_speed`

#![allow(clippy::print_stdout, clippy::expect_used, reason = "says its figures and stops when it cannot")]

use std::{fmt::Write, hint::black_box, time::Instant};

use ledsaga_forms::{
    Contact, OralFiling, Retention,
    import::{Defaults, oeflow},
};
use quick_xml::{Reader, events::Event};

const SIZE: usize = 5_000_000;
const ROUNDS: usize = 31;

fn main() {
    let flow = flow();
    let defaults = Defaults {
        id: None,
        version: 1,
        category: "Skola".to_owned(),
        unit: "Utbildningsnämnden".to_owned(),
        contact: Contact {
            name: "Kontaktcenter".to_owned(),
            phone: "070-1740605".to_owned(),
            email: None,
            hours: None,
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 30, protected_draft_days: 7 },
    };
    let imported = oeflow(flow.as_bytes(), &defaults).expect("the flow is imported");
    let questions = imported.definition.steps.iter().map(|step| step.questions.len()).sum::<usize>();
    let rules = imported.definition.rules.len();
    println!("{} bytes, {questions} questions, {rules} rules", flow.len());
    // In turn, so that whatever else the machine does falls on both.
    let (mut bare, mut import) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(milliseconds(|| events(&flow)));
        import.push(milliseconds(|| oeflow(flow.as_bytes(), &defaults).is_ok()));
    }
    let (bare, import) = (median(bare), median(import));
    println!("bare quick-xml pass {bare:.2} ms, import {import:.2} ms, {:.2} times", import / bare);
}

fn milliseconds<T>(run: impl FnOnce() -> T) -> f64 {
    let begun = Instant::now();
    black_box(run());
    begun.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 4).copied().unwrap_or(f64::NAN)
}

fn events(flow: &str) -> usize {
    let mut reader = Reader::from_str(flow);
    let mut events = 0;
    while !matches!(reader.read_event().expect("well-formed"), Event::Eof) {
        events += 1;
    }
    events
}

/// Steps of ten radio questions with texts, five alternatives and a rule for every third of them, as it is exported.
fn flow() -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Flow>\n\t<flowID>1</flowID>\n\t<name>Stor e-tjänst</name>\n\t<Steps>\n",
    );
    let mut id = 0;
    let mut step = 0;
    while xml.len() < SIZE {
        let _ = write!(
            xml,
            "\t\t<Step>\n\t\t\t<stepID>{step}</stepID>\n\t\t\t<name>Steg {step}</name>\n\t\t\t<sortIndex>{step}</sortIndex>\n\t\t\t<QueryDescriptors>\n"
        );
        for n in 0..10 {
            id += 1;
            question(&mut xml, id, n);
        }
        xml.push_str("\t\t\t</QueryDescriptors>\n\t\t</Step>\n");
        step += 1;
    }
    xml.push_str("\t</Steps>\n</Flow>\n");
    xml
}

fn question(xml: &mut String, id: usize, n: usize) {
    let next = id + 1;
    let _ = write!(
        xml,
        "\t\t\t\t<QueryDescriptor>
\t\t\t\t\t<queryID>{id}</queryID>
\t\t\t\t\t<name>Vilken fråga är det nummer {id}?</name>
\t\t\t\t\t<sortIndex>{n}</sortIndex>
\t\t\t\t\t<queryTypeID>com.nordicpeak.flowengine.queries.radiobuttonquery.RadioButtonQueryProviderModule</queryTypeID>
\t\t\t\t\t<defaultQueryState>VISIBLE_REQUIRED</defaultQueryState>
\t\t\t\t\t<exported>true</exported>
\t\t\t\t\t<xsdElementName>fraga{id}</xsdElementName>
\t\t\t\t\t<mergeWithPreviousQuery>false</mergeWithPreviousQuery>
\t\t\t\t\t<EvaluatorDescriptors>\n"
    );
    if n < 9 && n.is_multiple_of(3) {
        let _ = write!(
            xml,
            "\t\t\t\t\t\t<EvaluatorDescriptor>
\t\t\t\t\t\t\t<name>Visa nästa</name>
\t\t\t\t\t\t\t<sortIndex>0</sortIndex>
\t\t\t\t\t\t\t<enabled>true</enabled>
\t\t\t\t\t\t\t<evaluatorTypeID>com.nordicpeak.flowengine.evaluators.querystateevaluator.QueryStateEvaluationProviderModule</evaluatorTypeID>
\t\t\t\t\t\t\t<TargetQueryIDs>
\t\t\t\t\t\t\t\t<queryID>{next}</queryID>
\t\t\t\t\t\t\t</TargetQueryIDs>
\t\t\t\t\t\t\t<QueryStateEvaluator>
\t\t\t\t\t\t\t\t<queryState>VISIBLE_REQUIRED</queryState>
\t\t\t\t\t\t\t\t<selectionMode>ANY</selectionMode>
\t\t\t\t\t\t\t\t<doNotResetQueryState>false</doNotResetQueryState>
\t\t\t\t\t\t\t\t<forceReload>false</forceReload>
\t\t\t\t\t\t\t\t<RequiredAlternativeIDs>
\t\t\t\t\t\t\t\t\t<alternativeID>{id}1</alternativeID>
\t\t\t\t\t\t\t\t</RequiredAlternativeIDs>
\t\t\t\t\t\t\t</QueryStateEvaluator>
\t\t\t\t\t\t</EvaluatorDescriptor>\n"
        );
    }
    let _ = write!(
        xml,
        "\t\t\t\t\t</EvaluatorDescriptors>
\t\t\t\t\t<RadioButtonQuery>
\t\t\t\t\t\t<queryID>{id}</queryID>
\t\t\t\t\t\t<description><![CDATA[<p>Det <strong>här</strong> svaret behöver vi för att kunna handlägga ansökan.</p>]]></description>
\t\t\t\t\t\t<helpText>Fråga handläggaren om du är osäker.</helpText>
\t\t\t\t\t\t<Alternatives>\n"
    );
    for a in 1..=5 {
        let _ = write!(
            xml,
            "\t\t\t\t\t\t\t<RadioButtonAlternative>
\t\t\t\t\t\t\t\t<alternativeID>{id}{a}</alternativeID>
\t\t\t\t\t\t\t\t<name>Svar nummer {a}</name>
\t\t\t\t\t\t\t\t<sortIndex>{a}</sortIndex>
\t\t\t\t\t\t\t\t<xmlValue>svar{a}</xmlValue>
\t\t\t\t\t\t\t</RadioButtonAlternative>\n"
        );
    }
    xml.push_str(
        "\t\t\t\t\t\t</Alternatives>
\t\t\t\t\t\t<columns>ONE</columns>
\t\t\t\t\t\t<lockForManagerUpdate>false</lockForManagerUpdate>
\t\t\t\t\t\t<lockForOwnerUpdate>false</lockForOwnerUpdate>
\t\t\t\t\t\t<setAsAttribute>false</setAsAttribute>
\t\t\t\t\t</RadioButtonQuery>
\t\t\t\t</QueryDescriptor>\n",
    );
}
