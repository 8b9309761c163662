//! Files that try to be more than data, or too much of it: a typed error with a place, never a panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "common/imports.rs"]
mod imports;

use imports::{YES_NO, findings, flow, hides, import, import_queries, query};
use ledsaga_forms::{
    Kind, LoadError, Reason,
    import::{Finding, ImportError, Limit},
    rich,
};
use proptest::prelude::*;

const WHOLE: &str = include_str!("oeflow/ansok-om-kolonilott.oeflow");
const TEXT: &str = "<TextAreaQuery/>";

#[test]
fn a_document_type_declaration_is_refused_before_anything_unfolds() {
    let laughs = "<?xml version='1.0'?><!DOCTYPE Flow [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'>]><Flow><name>&c;</name></Flow>";
    let refused = ImportError::DocumentType { place: "line 1".to_owned() };
    assert_eq!(import(laughs.as_bytes()).err(), Some(refused));
    let entity = "<Flow><name>&c;</name></Flow>";
    let Err(ImportError::Syntax { place, reason }) = import(entity.as_bytes()) else { panic!("taken over") };
    assert_eq!((place.as_str(), reason.as_str()), ("Flow/name, line 1", "the entity `c` is not known"));
    // The five of XML itself and numbered characters are no entities of a document.
    let imported =
        import(flow(&query(1, TEXT, "")).replace("Prov", "A &amp; B &#229;&#xe4;").as_bytes()).unwrap();
    assert_eq!(imported.definition.name, "A & B åä");
}

#[test]
fn two_hundred_megabytes_of_base64_are_refused_at_once() {
    let forms =
        format!("<FlowForms><FlowForm><file>{}</file></FlowForm></FlowForms>", "A".repeat(200_000_000));
    let large = flow(&query(1, TEXT, "")).replace("</Flow>", &format!("{forms}</Flow>"));
    assert!(matches!(import(large.as_bytes()), Err(ImportError::TooLarge { .. })));
}

#[test]
fn a_large_file_in_the_file_is_left_out_and_the_rest_taken_over() {
    let payload = "A".repeat(40_000_000);
    let forms =
        format!("<icon>{payload}</icon><FlowForms><FlowForm><file>JVBERi0x</file></FlowForm></FlowForms>");
    let imported =
        import(flow(&query(1, TEXT, "")).replace("</Flow>", &format!("{forms}</Flow>")).as_bytes()).unwrap();
    assert_eq!(imported.files.len(), 1);
    let forms =
        format!("<FlowForms><FlowForm><name>Stor</name><file>{payload}</file></FlowForm></FlowForms>");
    let imported =
        import(flow(&query(1, TEXT, "")).replace("</Flow>", &format!("{forms}</Flow>")).as_bytes()).unwrap();
    assert!(imported.files.is_empty());
    assert!(matches!(findings(&imported, "Stor")[..], [Finding::PaperFormTooLarge { .. }]));
}

#[test]
fn depth_number_and_size_have_limits_with_a_place() {
    let limit = |xml: String| match import(xml.as_bytes()) {
        Err(ImportError::Limit { limit, place, .. }) => {
            assert!(place.contains("line 1") || place.starts_with("Steps/"), "{place}");
            limit
        }
        other => panic!("{other:?}"),
    };
    let nested =
        |depth: usize| format!("<Flow><name>A</name>{}{}</Flow>", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(limit(nested(1_000_000)), Limit::Depth);
    assert_eq!(import(nested(60).as_bytes()).err(), Some(ImportError::NoQuestions));
    assert_eq!(limit(format!("<Flow>{}</Flow>", "<a/>".repeat(600_000))), Limit::Elements);
    assert_eq!(limit(format!("<Flow a='{}'/>", "x".repeat(10_000))), Limit::Attributes);
    assert_eq!(limit(format!("<Flow><name>{}</name></Flow>", "a&amp;".repeat(600_000))), Limit::Text);
    let many: String = (0..6_000).map(|id| query(id, TEXT, "")).collect();
    assert_eq!(limit(flow(&many)), Limit::Questions);
}

#[test]
fn too_many_alternatives_are_refused_by_the_same_checks_as_a_definition() {
    let alternative = |id: u32| {
        format!(
            "<RadioButtonAlternative><alternativeID>{id}</alternativeID><name>A</name></RadioButtonAlternative>"
        )
    };
    let many: String = (0..2_000).map(alternative).collect();
    let settings = format!("<RadioButtonQuery><Alternatives>{many}</Alternatives></RadioButtonQuery>");
    let Err(ImportError::Refused(LoadError::Invalid { place, reason })) =
        import(flow(&query(1, &settings, "")).as_bytes())
    else {
        panic!("taken over");
    };
    assert_eq!(
        (place.as_str(), reason),
        ("steps[0].questions[0] (q1)", Reason::TooManyChoices { max: 1_000 })
    );
}

#[test]
fn a_file_that_ends_too_early_is_refused_wherever_it_ends() {
    for end in (0..WHOLE.len() - 10).filter(|&end| WHOLE.is_char_boundary(end)).step_by(37) {
        let Err(error) = import(&WHOLE.as_bytes()[..end]) else { panic!("{end}") };
        assert!(matches!(error, ImportError::Syntax { .. }), "{end}: {error}");
    }
}

#[test]
fn elements_inside_settings_never_count_as_questions_or_rules() {
    let inner = query(7, YES_NO, &hides(&[1]));
    let nested =
        format!("<TextAreaQuery><QueryDescriptors>{inner}</QueryDescriptors>{inner}</TextAreaQuery>");
    let imported = import_queries(&query(1, &nested, ""));
    let ids: Vec<_> = imported.definition.steps[0].questions.iter().map(|q| q.id.as_str()).collect();
    assert_eq!(ids, ["q1"]);
    assert!(imported.definition.rules.is_empty());
}

fn description(html: &str) -> String {
    let escaped = html.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let settings = format!("<StopQuery><description>{escaped}</description></StopQuery>");
    let imported = import_queries(&query(1, &settings, ""));
    match &imported.definition.steps[0].questions[0].kind {
        Kind::Stop { text } => text.clone(),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn html_becomes_marked_text() {
    for (html, marked) in [
        ("<p>Ett</p><p>två</p>", "Ett\n\ntvå"),
        ("rad ett<br/>rad\n  två", "rad ett\n\nrad två"),
        ("<h3>Rubrik</h3>text", "## Rubrik\n\ntext"),
        ("<ul><li><p>a</p></li><li>b<ol><li>c</li></ol></li></ul>slut", "- a\n- b\n\n1. c\n\nslut"),
        (
            "<p>Det är <b>viktigt </b>att <i>du</i> <b><i>läser</i></b></p>",
            "Det är **viktigt** att *du* ***läser***",
        ),
        ("<b>Obs!</b>nu", "Obs\\!nu"),
        ("2 * 3 * 4 &lt;b&gt; [x](y)", "2 \\* 3 \\* 4 \\<b\\> \\[x\\]\\(y\\)"),
        ("<table><tr><td>Dag</td><td>Tid</td></tr></table>", "Dag Tid"),
        ("a<svg/>b<img src=x onerror=y>c<form>d<input></form>e<a href='javascript:x()'>f</a>", "abcef"),
    ] {
        assert_eq!(description(html), marked, "{html}");
    }
}

fn piece() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec![
        "p", "b", "i", "ul", "ol", "li", "h2", "a", "div", "table", "td", "br", "img", "span", "strong", "em",
    ]);
    prop_oneof![
        "[a-zåäö*_#.\\[\\]()`!>+= -]{0,12}".prop_map(|text| text),
        tag.clone().prop_map(|tag| format!("<{tag}>")),
        tag.prop_map(|tag| format!("</{tag}>")),
        prop::sample::select(vec![
            "<script>HEMLIGT('<p>')</script>",
            "<SCRIPT type=x>HEMLIGT</SCRIPT >",
            "<style>HEMLIGT{}</style>",
            "<script>HEMLIGT <!-- </script>",
            "<!-- HEMLIGT -->",
            "<svg><script>HEMLIGT</script></svg>",
            "<iframe srcdoc='HEMLIGT'>HEMLIGT</iframe>",
            "<p title='HEMLIGT' onclick=HEMLIGT>",
            "&amp;&nbsp;&aring;&#x3c;",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_word_of_a_script_or_a_style_is_ever_said(pieces in prop::collection::vec(piece(), 0..12)) {
        let said = rich::plain(&rich::read(&description(&pieces.concat())));
        prop_assert!(!said.contains("HEMLIGT"), "{}", said);
    }

    #[test]
    fn marks_are_never_said_as_signs(pieces in prop::collection::vec("[a-z ,.!]{0,6}|</?[bip]>|</?strong>|</?li>|</?ul>", 0..16)) {
        let said = rich::plain(&rich::read(&description(&pieces.concat())));
        prop_assert!(!said.contains(['*', '#', '\\', '<']), "{} of {}", said, pieces.concat());
    }

    #[test]
    fn any_html_is_some_bounded_text(html in "\\PC{0,200}|[<>/a-z\"'=& !-]{0,200}") {
        let text = description(&html);
        prop_assert!(text.len() <= 70_000);
        rich::read(&text);
    }

    #[test]
    fn a_changed_file_is_taken_over_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8, 0..40_usize), 1..8)
    ) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        for (at, byte, change, length) in changes {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => { bytes.drain(at..end); }
                2 => bytes.insert(at, byte),
                _ => { let copy = bytes[at..end].to_vec(); bytes.splice(at..at, copy); }
            }
            if bytes.is_empty() { bytes.push(b'<'); }
        }
        let _ = import(&bytes);
    }

    #[test]
    fn a_file_with_other_elements_and_values_is_taken_over_or_refused(
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..12)
    ) {
        // Still XML: texts and names of elements change places.
        let mut words: Vec<&str> = WHOLE.split_inclusive(['<', '>']).collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(words.len()), b.index(words.len()));
            if !words[a].ends_with('>') && !words[b].ends_with('>') {
                words.swap(a, b);
            }
        }
        let _ = import(words.concat().as_bytes());
    }
}
