//! Manifests in, outlines out.

use super::sequencing::*;
use super::*;
use crate::Package;
use crate::xml;

const NAMESPACES: &str = r#"xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"
 xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3" xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3"
 xmlns:imsss="http://www.imsglobal.org/xsd/imsss""#;

/// The organization with these attributes and this content, and the codes of what was found.
fn organization(attributes: &str, content: &str, after: &str) -> (Organization, Vec<String>) {
    let manifest = format!(
        r#"<manifest identifier="m" {NAMESPACES}><organizations default="o"><organization identifier="o" {attributes}>
        <title>Course</title>{content}</organization></organizations><resources>
        <resource identifier="r" adlcp:scormType="sco" href="a.html"/></resources>{after}</manifest>"#
    );
    let document = xml::read(manifest.as_bytes()).unwrap();
    let mut findings = Findings::default();
    let paths = Paths::of(["a.html"].into_iter());
    let Manifest { outline: Outline::Scorm2004(organization), .. } =
        read(&document.root, "imsmanifest.xml", &paths, &mut findings)
    else {
        panic!("another outline")
    };
    (*organization, findings.finish(None).into_iter().map(|finding| finding.code).collect())
}

/// The only item, with this content.
fn item(content: &str) -> (Item, Vec<String>) {
    let content = format!(r#"<item identifier="i" identifierref="r"><title>Item</title>{content}</item>"#);
    let (mut organization, codes) = organization("", &content, "");
    (organization.items.remove(0), codes)
}

/// The sequencing of an item.
fn sequencing(content: &str) -> Sequencing {
    let (item, codes) = item(&format!("<imsss:sequencing>{content}</imsss:sequencing>"));
    assert_eq!(codes, [""; 0]);
    item.values.sequencing
}

#[test]
fn a_manifest_that_says_nothing_has_the_defaults_of_the_standard() {
    let (item, codes) = item("");
    assert_eq!((item.values, codes), (Values::default(), Vec::new()));
    let control = Sequencing::default().control_mode;
    assert!(control.choice && control.choice_exit && !control.flow && !control.forward_only);
    let rollup = Rollup::default();
    assert!(rollup.objective_satisfied && rollup.progress_completion);
    assert_eq!(rollup.considerations.required_for_satisfied, Required::Always);
    let delivery = DeliveryControls::default();
    assert!(delivery.tracked && !delivery.completion_set_by_content && !delivery.objective_set_by_content);
}

#[test]
fn an_item_has_everything_that_its_adl_elements_say() {
    let (item, codes) = item(
        r#"<adlcp:timeLimitAction>exit, no message</adlcp:timeLimitAction><adlcp:dataFromLMS> a=1 </adlcp:dataFromLMS>
        <adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.8" progressWeight="0.5"/>
        <adlcp:data><adlcp:map targetID="notes" readSharedData="true" writeSharedData="false"/><adlcp:map targetID="all"/></adlcp:data>
        <adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI>
        <adlnav:hideLMSUI>suspendAll</adlnav:hideLMSUI></adlnav:navigationInterface></adlnav:presentation>"#,
    );
    assert_eq!(codes, [""; 0]);
    let expected = Values {
        time_limit_action: Some(TimeLimitAction::ExitSilently),
        launch_data: Some("a=1".to_owned()),
        completion_threshold: CompletionThreshold {
            completed_by_measure: true,
            min_progress_measure: Decimal::of("0.8"),
            progress_weight: Decimal::of("0.5"),
        },
        shared_data: vec![
            SharedDataMap { target: "notes".to_owned(), read: true, write: false },
            SharedDataMap { target: "all".to_owned(), read: true, write: true },
        ],
        hidden_controls: BTreeSet::from([Control::Continue, Control::SuspendAll]),
        sequencing: Sequencing::default(),
    };
    assert_eq!(item.values, expected);
}

#[test]
fn a_threshold_of_the_editions_before_the_4th_is_its_text() {
    let (item, _) = item("<adlcp:completionThreshold>0.75</adlcp:completionThreshold>");
    let threshold = item.values.completion_threshold;
    assert!(threshold.completed_by_measure);
    assert_eq!(threshold.min_progress_measure, Decimal::of("0.75"));
}

#[test]
fn modes_limits_choices_randomization_and_delivery_are_read() {
    let found = sequencing(
        r#"<imsss:controlMode choice="false" choiceExit="false" flow="true" forwardOnly="true"
           useCurrentAttemptObjectiveInfo="false" useCurrentAttemptProgressInfo="false"/>
        <imsss:limitConditions attemptLimit="2" attemptAbsoluteDurationLimit="PT30M"/>
        <imsss:randomizationControls randomizationTiming="onEachNewAttempt" reorderChildren="true"
           selectCount="3" selectionTiming="once"/>
        <imsss:deliveryControls tracked="false" completionSetByContent="true" objectiveSetByContent="true"/>
        <adlseq:constrainedChoiceConsiderations constrainChoice="true" preventActivation="true"/>"#,
    );
    let expected = Sequencing {
        control_mode: ControlMode {
            choice: false,
            choice_exit: false,
            flow: true,
            forward_only: true,
            use_current_attempt_objective_info: false,
            use_current_attempt_progress_info: false,
        },
        constrained_choice: ConstrainedChoice { constrain_choice: true, prevent_activation: true },
        limits: LimitConditions { attempt_limit: Some(2), attempt_absolute_duration_limit: Some("PT30M".to_owned()) },
        randomization: Randomization {
            timing: Timing::OnEachNewAttempt,
            reorder_children: true,
            selection_timing: Timing::Once,
            select_count: Some(3),
        },
        delivery: DeliveryControls { tracked: false, completion_set_by_content: true, objective_set_by_content: true },
        ..Sequencing::default()
    };
    assert_eq!(found, expected);
}

#[test]
fn rules_and_rollup_are_read_in_their_order() {
    let found = sequencing(
        r#"<imsss:sequencingRules>
        <imsss:preConditionRule><imsss:ruleConditions conditionCombination="any">
          <imsss:ruleCondition condition="satisfied" operator="not" referencedObjective="PRE"/>
          <imsss:ruleCondition condition="objectiveMeasureLessThan" measureThreshold="-0.25"/></imsss:ruleConditions>
          <imsss:ruleAction action="skip"/></imsss:preConditionRule>
        <imsss:exitConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="completed"/></imsss:ruleConditions>
          <imsss:ruleAction action="exit"/></imsss:exitConditionRule>
        <imsss:postConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="always"/></imsss:ruleConditions>
          <imsss:ruleAction action="retryAll"/></imsss:postConditionRule></imsss:sequencingRules>
        <imsss:rollupRules rollupObjectiveSatisfied="false" rollupProgressCompletion="false" objectiveMeasureWeight="0.5">
          <imsss:rollupRule childActivitySet="atLeastPercent" minimumPercent="0.6">
            <imsss:rollupConditions conditionCombination="all"><imsss:rollupCondition condition="attempted" operator="not"/>
            </imsss:rollupConditions><imsss:rollupAction action="notSatisfied"/></imsss:rollupRule></imsss:rollupRules>
        <adlseq:rollupConsiderations requiredForSatisfied="ifNotSuspended" requiredForNotSatisfied="ifAttempted"
          requiredForCompleted="ifNotSkipped" requiredForIncomplete="always" measureSatisfactionIfActive="false"/>"#,
    );
    let condition = |condition, negated, objective: Option<&str>, threshold| RuleCondition {
        condition,
        negated,
        referenced_objective: objective.map(str::to_owned),
        measure_threshold: Decimal::of(threshold),
    };
    let rules = SequencingRules {
        pre_condition: vec![Rule {
            combination: Combination::Any,
            conditions: vec![
                condition(Condition::Satisfied, true, Some("PRE"), "0.0"),
                condition(Condition::ObjectiveMeasureLessThan, false, None, "-0.25"),
            ],
            action: PreConditionAction::Skip,
        }],
        exit_condition: vec![Rule {
            combination: Combination::All,
            conditions: vec![condition(Condition::Completed, false, None, "0")],
            action: ExitAction::Exit,
        }],
        post_condition: vec![Rule {
            combination: Combination::All,
            conditions: vec![condition(Condition::Always, false, None, "0")],
            action: PostConditionAction::RetryAll,
        }],
    };
    let rollup = Rollup {
        objective_satisfied: false,
        progress_completion: false,
        objective_measure_weight: Decimal::of("0.5"),
        rules: vec![RollupRule {
            children: ChildSet::AtLeastPercent(Decimal::of("0.6")),
            combination: Combination::All,
            conditions: vec![RollupCondition { condition: ChildCondition::Attempted, negated: true }],
            action: RollupAction::NotSatisfied,
        }],
        considerations: RollupConsiderations {
            required_for_satisfied: Required::IfNotSuspended,
            required_for_not_satisfied: Required::IfAttempted,
            required_for_completed: Required::IfNotSkipped,
            required_for_incomplete: Required::Always,
            measure_satisfaction_if_active: false,
        },
    };
    assert_eq!(found, Sequencing { rules, rollup, ..Sequencing::default() });
}

#[test]
fn objectives_have_their_maps_of_both_namespaces() {
    let found = sequencing(
        r#"<imsss:objectives><imsss:primaryObjective objectiveID="P" satisfiedByMeasure="true">
          <imsss:minNormalizedMeasure>0.6</imsss:minNormalizedMeasure>
          <imsss:mapInfo targetObjectiveID="global" readSatisfiedStatus="false" writeNormalizedMeasure="true"/>
        </imsss:primaryObjective><imsss:objective objectiveID="O"/></imsss:objectives>
        <adlseq:objectives><adlseq:objective objectiveID="P">
          <adlseq:mapInfo targetObjectiveID="global" readRawScore="false" writeCompletionStatus="true"/>
          <adlseq:mapInfo targetObjectiveID="other"/></adlseq:objective></adlseq:objectives>"#,
    );
    let extended = MapAccess { satisfied_status: false, normalized_measure: false, ..MapAccess::all(true) };
    let maps = vec![
        ObjectiveMap {
            target: "global".to_owned(),
            read: MapAccess { raw_score: false, normalized_measure: true, ..extended },
            write: MapAccess { normalized_measure: true, completion_status: true, ..MapAccess::all(false) },
        },
        ObjectiveMap { target: "other".to_owned(), read: extended, write: MapAccess::all(false) },
    ];
    let objective = |id: &str, by_measure, measure, maps| Objective {
        id: Some(id.to_owned()),
        satisfied_by_measure: by_measure,
        min_normalized_measure: Decimal::of(measure),
        maps,
    };
    let primary = Some(objective("P", true, "0.6", maps));
    let others = vec![objective("O", false, "1.0", Vec::new())];
    assert_eq!(found, Sequencing { objectives: Objectives { primary, others }, ..Sequencing::default() });
}

#[test]
fn an_activity_takes_from_the_collection_what_it_does_not_say_itself() {
    let content = r#"<item identifier="i" identifierref="r"><title>Item</title><imsss:sequencing IDRef="S">
        <imsss:controlMode flow="true"/></imsss:sequencing></item>"#;
    let collection = r#"<imsss:sequencingCollection><imsss:sequencing ID="S"><imsss:controlMode choice="false"/>
        <imsss:limitConditions attemptLimit="1"/></imsss:sequencing></imsss:sequencingCollection>"#;
    let attributes = r#"adlseq:objectivesGlobalToSystem="false" adlcp:sharedDataGlobalToSystem="false""#;
    let (found, codes) = organization(attributes, content, collection);
    assert_eq!(codes, [""; 0]);
    assert!(!found.objectives_global_to_system && !found.shared_data_global_to_system);
    let Sequencing { control_mode, limits, .. } = &found.items[0].values.sequencing;
    assert!(control_mode.flow && control_mode.choice, "its own element counts as a whole");
    assert_eq!(limits.attempt_limit, Some(1));
    let (_, codes) = organization("", content, "");
    assert_eq!(codes, ["value-unreadable"], "nothing has that ID");
}

#[test]
fn what_cannot_be_read_counts_as_absent_and_is_reported() {
    for wrong in [
        r#"<imsss:controlMode choice="perhaps"/>"#,
        r#"<imsss:limitConditions attemptLimit="-1"/>"#,
        r#"<imsss:limitConditions attemptAbsoluteDurationLimit="30 minutes"/>"#,
        r#"<imsss:rollupRules objectiveMeasureWeight="1.5"/>"#,
        r#"<imsss:randomizationControls selectionTiming="sometimes"/>"#,
    ] {
        let (item, codes) = item(&format!("<imsss:sequencing>{wrong}</imsss:sequencing>"));
        assert_eq!((item.values, codes), (Values::default(), vec!["value-unreadable".to_owned()]), "{wrong}");
    }
    let (item, codes) = item("<adlcp:timeLimitAction>stop</adlcp:timeLimitAction>");
    assert_eq!((item.values, codes), (Values::default(), vec!["value-unreadable".to_owned()]));
}

#[test]
fn a_stored_package_has_the_same_outline() {
    let content = r#"<item identifier="c"><title>Cluster</title><item identifier="i" identifierref="r" isvisible="false"
        parameters="?a=1"><title>Item</title><adlcp:dataFromLMS>x</adlcp:dataFromLMS><imsss:sequencing>
        <imsss:controlMode flow="true"/><imsss:objectives><imsss:primaryObjective/></imsss:objectives></imsss:sequencing>
        </item></item>"#;
    let (organization, _) = organization("", content, "");
    let outline = Outline::Scorm2004(Box::new(organization));
    let package = Package { title: "Course".to_owned(), outline, files: BTreeMap::new() };
    let stored = serde_json::to_string(&package).unwrap();
    assert_eq!(serde_json::from_str::<Package>(&stored).unwrap(), package);
    assert_eq!(package.item("i").unwrap().launch.unwrap().suffix, "?a=1");
    assert!(!stored.contains("rollup"), "defaults are not stored: {stored}");
}
