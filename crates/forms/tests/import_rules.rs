//! Open ePlatform's rules: the same here, and nothing blocked by those that are not understood.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "common/imports.rs"]
mod imports;

use imports::{YES_NO, findings, flow, hides, import, import_queries, one, query};
use ledsaga_forms::{
    Condition, Kind, QuestionState,
    import::{Finding, ImportError},
};

const TEXT: &str = "<TextAreaQuery/>";

/// A rule on the answer 1 with more in its settings.
fn rule(targets: &str, settings: &str) -> String {
    format!(
        "<EvaluatorDescriptor><name>R</name><enabled>true</enabled><TargetQueryIDs>{targets}</TargetQueryIDs>\
         <QueryStateEvaluator>{settings}</QueryStateEvaluator></EvaluatorDescriptor>"
    )
}

const REQUIRE: &str = "<queryState>VISIBLE_REQUIRED</queryState><RequiredAlternativeIDs><alternativeID>1</alternativeID></RequiredAlternativeIDs>";

#[test]
fn rules_run_in_the_order_of_their_questions_then_of_their_sort_index() {
    let second = hides(&[3]).replace("<name>", "<sortIndex>2</sortIndex><name>");
    let first = rule("<queryID>3</queryID>", REQUIRE).replace("<name>", "<sortIndex>1</sortIndex><name>");
    let rules = [second, first].concat();
    // In the file the later question stands first.
    let queries = [query(3, TEXT, ""), query(2, YES_NO, &hides(&[3])), query(1, YES_NO, &rules)].concat();
    let imported = import_queries(&queries);
    let rules: Vec<_> = imported.definition.rules.iter().map(|rule| (rule.on.as_str(), rule.set)).collect();
    assert_eq!(
        rules,
        [
            ("q1", QuestionState::VisibleRequired),
            ("q1", QuestionState::Hidden),
            ("q2", QuestionState::Hidden)
        ]
    );
}

#[test]
fn any_all_and_free_text_become_conditions() {
    let other =
        YES_NO.replace("</Alternatives>", "</Alternatives><freeTextAlternative>Annat</freeTextAlternative>");
    for (settings, expected) in [
        ("<selectionMode>ANY</selectionMode>", Condition::AnyOf(vec!["a1".to_owned()])),
        ("<selectionMode>ALL</selectionMode>", Condition::AllOf(vec!["a1".to_owned()])),
        (
            "<freeTextAlternative>true</freeTextAlternative>",
            Condition::AnyOf(vec!["a1".to_owned(), "other".to_owned()]),
        ),
    ] {
        let settings = format!("{REQUIRE}{settings}");
        let rule = rule("<queryID>2</queryID>", &settings);
        let imported = import_queries(&[query(1, &other, &rule), query(2, TEXT, "")].concat());
        assert_eq!(imported.definition.rules[0].when, expected);
    }
}

#[test]
fn a_question_without_demanded_fields_stays_optional_when_a_rule_requires_it() {
    let optional =
        "<TextFieldQuery><Fields><TextField><label>A</label></TextField></Fields></TextFieldQuery>";
    let rule = rule("<queryID>2</queryID><queryID>3</queryID>", REQUIRE);
    let imported =
        import_queries(&[query(1, YES_NO, &rule), query(2, optional, ""), query(3, TEXT, "")].concat());
    let rules: Vec<_> =
        imported.definition.rules.iter().map(|rule| (rule.set, rule.targets.join(","))).collect();
    assert_eq!(
        rules,
        [(QuestionState::VisibleRequired, "q3".to_owned()), (QuestionState::Visible, "q2".to_owned())]
    );
}

#[test]
fn a_rule_that_is_not_understood_blocks_nothing() {
    let unknown = rule("<queryID>2</queryID><queryID>3</queryID>", "").replace("QueryState", "PriceState");
    let stop = "<StopQuery><description>Stopp!</description></StopQuery>";
    let hidden = query(2, TEXT, "").replace("VISIBLE_REQUIRED", "HIDDEN");
    let imported = import_queries(&[query(1, YES_NO, &unknown), hidden, query(3, stop, "")].concat());
    assert!(imported.definition.rules.is_empty());
    assert_eq!(one(&imported.definition, "q2").state, QuestionState::Visible);
    assert!(
        matches!(&one(&imported.definition, "q3").kind, Kind::Information { text } if text == "Stopp\\!")
    );
    assert!(findings(&imported, "QueryDescriptor 3").contains(&&Finding::StopAsInformation));
    let kind = "PriceStateEvaluator".to_owned();
    assert_eq!(findings(&imported, "EvaluatorDescriptor (R)"), [&Finding::UnknownRule { kind }]);
    // One that is understood leaves the stop as it is.
    let imported = import_queries(&[query(1, YES_NO, &hides(&[3])), query(3, stop, "")].concat());
    assert!(matches!(one(&imported.definition, "q3").kind, Kind::Stop { .. }));
}

#[test]
fn a_rule_on_an_answer_that_has_no_alternatives_here_shows_its_questions() {
    let queries = [query(1, "<TreeQuery/>", &hides(&[2])), query(2, TEXT, "")].concat();
    let imported = import_queries(&queries);
    assert_eq!(one(&imported.definition, "q2").state, QuestionState::Visible);
    let kind = "oeflow.TreeQuery".to_owned();
    assert_eq!(findings(&imported, "EvaluatorDescriptor"), [&Finding::RuleSourceUnsuited { kind }]);
    // The one alternative of the information on personal data is that it is confirmed.
    let queries = [query(1, "<PersonDataInformerQuery/>", &hides(&[2])), query(2, TEXT, "")].concat();
    assert_eq!(import_queries(&queries).definition.rules[0].when, Condition::Answered(true));
}

#[test]
fn what_a_rule_names_and_is_not_there_is_reported() {
    let imported = import_queries(&[query(1, YES_NO, &hides(&[2, 9])), query(2, TEXT, "")].concat());
    assert_eq!(imported.definition.rules[0].targets, ["q2"]);
    let target = Finding::RuleTargetMissing { target: "9".to_owned() };
    assert!(findings(&imported, "EvaluatorDescriptor").contains(&&target));

    let missing = hides(&[2]).replace("<alternativeID>1<", "<alternativeID>8<");
    let imported = import_queries(&[query(1, YES_NO, &missing), query(2, TEXT, "")].concat());
    assert!(imported.definition.rules.is_empty());
    assert_eq!(one(&imported.definition, "q2").state, QuestionState::Visible);
}

#[test]
fn rules_in_a_circle_are_refused_with_the_circle_by_name() {
    let circle =
        [query(1, YES_NO, &hides(&[2])), query(2, YES_NO, &hides(&[3])), query(3, YES_NO, &hides(&[1]))];
    let Err(ImportError::RuleCircle { place, circle }) = import(flow(&circle.concat()).as_bytes()) else {
        panic!("taken over");
    };
    assert!(
        place.starts_with("Steps/Step[1] (Steg)/QueryDescriptor 3 (Fråga 3)/EvaluatorDescriptor"),
        "{place}"
    );
    assert_eq!(circle, ["q1 (Fråga 1)", "q2 (Fråga 2)", "q3 (Fråga 3)", "q1 (Fråga 1)"]);
    let itself = query(1, YES_NO, &hides(&[1]));
    assert!(matches!(import(flow(&itself).as_bytes()), Err(ImportError::RuleCircle { .. })));
}

#[test]
fn a_rule_over_an_earlier_question_is_refused() {
    let backwards = [query(1, TEXT, ""), query(2, YES_NO, &hides(&[1]))].concat();
    let Err(ImportError::RuleOrder { place, target }) = import(flow(&backwards).as_bytes()) else {
        panic!("taken over");
    };
    assert!(place.contains("QueryDescriptor 2"), "{place}");
    assert_eq!(target, "q1 (Fråga 1)");
    // The other way round it is as it should be.
    import_queries(&[query(1, YES_NO, &hides(&[2])), query(2, TEXT, "")].concat());
}
