//! A flow file of 5 MB as Open ePlatform exports it, all of it questions with texts and rules: base64 would be quick to
//! pass over. Made of the same form as the other figures, as often as it takes.

use std::fmt::Write;

use ledsaga_forms::{Contact, OralFiling, Retention, import::Defaults};

use crate::form::{Form, Index, Kind, Question, Rule, When};

pub const SIZE: usize = 5_000_000;

/// Well-formed XML of at least `size` bytes.
pub fn generate(size: usize) -> String {
    let mut xml = String::with_capacity(size + size / 8);
    xml.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Flow>\n\t<flowID>1</flowID>\n\t<version>1</version>\n\t<name>Stor e-tjänst</name>\n\
         \t<shortDescription><![CDATA[<p>En lång ansökan</p>]]></shortDescription>\n\t<requireAuthentication>true</requireAuthentication>\n\t<Steps>\n",
    );
    let mut step = 0;
    for copy in 0.. {
        let form = Form::generate(copy);
        let first = copy as usize * form.questions.len() + 1;
        for questions in form.steps() {
            if xml.len() >= size {
                xml.push_str("\t</Steps>\n</Flow>\n");
                return xml;
            }
            write_step(&mut xml, &form, questions, first, step);
            step += 1;
        }
    }
    xml
}

/// Writing to a string cannot fail.
macro_rules! put {
    ($xml:expr, $($text:tt)*) => { let _ = write!($xml, $($text)*); };
}

fn write_step(xml: &mut String, form: &Form, questions: &[Question], first: usize, step: usize) {
    put!(
        xml,
        "\t\t<Step>\n\t\t\t<name>Steg {}</name>\n\t\t\t<sortIndex>{step}</sortIndex>\n\t\t\t<QueryDescriptors>\n",
        step + 1
    );
    let offset = step % form.steps().count() * questions.len();
    let last = offset + questions.len();
    for (index, question) in questions.iter().enumerate() {
        let rules = form.rules.iter().filter(|rule| rule.source == offset + index);
        // The file may end after this step.
        let rules: Vec<&Rule> =
            rules.filter(|rule| rule.targets.iter().all(|&target| target < last)).collect();
        let hidden = form.rules_of(offset + index).any(|rule| rule.source >= offset);
        write_question(xml, question, first + offset + index, index, hidden, |xml| {
            rules.iter().enumerate().for_each(|(order, rule)| write_rule(xml, rule, first, order));
        });
    }
    xml.push_str("\t\t\t</QueryDescriptors>\n\t\t</Step>\n");
}

fn write_question(
    xml: &mut String,
    question: &Question,
    id: usize,
    order: usize,
    hidden: bool,
    write_rules: impl FnOnce(&mut String),
) {
    let (element, provider) = query(&question.kind);
    let state = match (hidden, question.required) {
        (true, _) => "HIDDEN",
        (false, true) => "VISIBLE_REQUIRED",
        (false, false) => "VISIBLE",
    };
    put!(
        xml,
        "\t\t\t\t<QueryDescriptor>\n\t\t\t\t\t<queryID>{id}</queryID>\n\t\t\t\t\t<name>{}</name>\n\t\t\t\t\t<sortIndex>{order}</sortIndex>\n\
         \t\t\t\t\t<queryTypeID>com.nordicpeak.flowengine.queries.{provider}ProviderModule</queryTypeID>\n\
         \t\t\t\t\t<defaultQueryState>{state}</defaultQueryState>\n\t\t\t\t\t<exported>true</exported>\n\
         \t\t\t\t\t<xsdElementName>fraga{id}</xsdElementName>\n\t\t\t\t\t<EvaluatorDescriptors>\n",
        question.label
    );
    write_rules(xml);
    put!(
        xml,
        "\t\t\t\t\t</EvaluatorDescriptors>\n\t\t\t\t\t<{element}>\n\
         \t\t\t\t\t\t<description><![CDATA[<p>Beskriv det som <strong>gäller i dag</strong>.</p><ul><li>Kortfattat</li><li>Med egna ord</li></ul>]]></description>\n\
         \t\t\t\t\t\t<helpText><![CDATA[<p>Läs mer på sidan om ansökan &amp; beslut.</p>]]></helpText>\n"
    );
    write_settings(xml, question, id);
    put!(xml, "\t\t\t\t\t</{element}>\n\t\t\t\t</QueryDescriptor>\n");
}

fn query(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Radio(_) => ("RadioButtonQuery", "radiobuttonquery.RadioButtonQuery"),
        Kind::DropDown(_) => ("DropDownQuery", "dropdownquery.DropDownQuery"),
        Kind::Checkbox(_) => ("CheckboxQuery", "checkboxquery.CheckboxQuery"),
        Kind::TextArea { .. } => ("TextAreaQuery", "textareaquery.TextAreaQuery"),
        _ => ("TextFieldQuery", "textfieldquery.TextFieldQuery"),
    }
}

fn write_settings(xml: &mut String, question: &Question, id: usize) {
    let (count, alternative) = match question.kind {
        Kind::Radio(count) => (count, "RadioButtonAlternative"),
        Kind::DropDown(count) => (count, "DropDownAlternative"),
        Kind::Checkbox(count) => (count, "CheckboxAlternative"),
        Kind::TextArea { max_length } => {
            put!(xml, "\t\t\t\t\t\t<maxLength>{max_length}</maxLength>\n");
            return;
        }
        _ => {
            put!(
                xml,
                "\t\t\t\t\t\t<Fields><TextField><textFieldID>{id}</textFieldID><label>{}</label><required>true</required>\
                 <maxContentLength>80</maxContentLength><sortIndex>0</sortIndex></TextField></Fields>\n",
                question.label
            );
            return;
        }
    };
    xml.push_str("\t\t\t\t\t\t<Alternatives>\n");
    for index in 0..count {
        put!(
            xml,
            "\t\t\t\t\t\t\t<{alternative}>\n\t\t\t\t\t\t\t\t<alternativeID>{}</alternativeID>\n\t\t\t\t\t\t\t\t<name>Alternativ {}</name>\n\
             \t\t\t\t\t\t\t\t<sortIndex>{index}</sortIndex>\n\t\t\t\t\t\t\t</{alternative}>\n",
            alternative_id(id, index),
            index + 1
        );
    }
    xml.push_str("\t\t\t\t\t\t</Alternatives>\n\t\t\t\t\t\t<columns>ONE</columns>\n");
}

fn alternative_id(question: usize, index: usize) -> usize {
    question * 100 + index
}

/// Open ePlatform's rules look at alternatives only.
fn write_rule(xml: &mut String, rule: &Rule, first: Index, order: usize) {
    let When::AnyOf(ids) = &rule.when else { return };
    put!(
        xml,
        "\t\t\t\t\t\t<EvaluatorDescriptor>\n\t\t\t\t\t\t\t<name>Visa följdfrågor</name>\n\t\t\t\t\t\t\t<sortIndex>{order}</sortIndex>\n\t\t\t\t\t\t\t<enabled>true</enabled>\n\
         \t\t\t\t\t\t\t<evaluatorTypeID>com.nordicpeak.flowengine.evaluators.querystateevaluator.QueryStateEvaluationProviderModule</evaluatorTypeID>\n\
         \t\t\t\t\t\t\t<TargetQueryIDs>"
    );
    rule.targets.iter().for_each(|target| {
        put!(xml, "<queryID>{}</queryID>", first + target);
    });
    xml.push_str(
        "</TargetQueryIDs>\n\t\t\t\t\t\t\t<QueryStateEvaluator>\n\t\t\t\t\t\t\t\t<queryState>VISIBLE_REQUIRED</queryState>\n\
         \t\t\t\t\t\t\t\t<selectionMode>ANY</selectionMode>\n\t\t\t\t\t\t\t\t<RequiredAlternativeIDs>",
    );
    for index in (0..).take(10).filter(|&index| ids.contains(&crate::form::choice(index))) {
        put!(xml, "<alternativeID>{}</alternativeID>", alternative_id(first + rule.source, index));
    }
    xml.push_str("</RequiredAlternativeIDs>\n\t\t\t\t\t\t\t</QueryStateEvaluator>\n\t\t\t\t\t\t</EvaluatorDescriptor>\n");
}

/// What the generated file does not say.
pub fn defaults() -> Defaults {
    Defaults {
        id: None,
        version: 1,
        category: "Prov".to_owned(),
        unit: "Exempelnämnden".to_owned(),
        contact: Contact {
            name: "Exempelby kontaktcenter".to_owned(),
            phone: "070-1740605".to_owned(),
            email: None,
            hours: None,
        },
        oral_filing: OralFiling::Accepted,
        retention: Retention { draft_days: 30, protected_draft_days: 1 },
    }
}
