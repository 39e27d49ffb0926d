//! Reads the elements of SCORM 2004 from a manifest. What cannot be read counts as absent, with a finding.

use super::TimeLimitAction;
use super::sequencing::{
    ChildCondition, ChildSet, Combination, Condition, ConstrainedChoice, ControlMode, DeliveryControls, ExitAction,
    LimitConditions, MapAccess, Objective, ObjectiveMap, Objectives, PostConditionAction, PreConditionAction,
    Randomization, Required, Rollup, RollupAction, RollupCondition, RollupConsiderations, RollupRule, Rule,
    RuleCondition, Sequencing, SequencingRules, Timing,
};
use crate::findings::{Code, Findings, cut};
use crate::xml::Node;
use base::decimal::Decimal;
use std::collections::BTreeMap;

/// Words of the standard and what they mean.
type Vocabulary<'a, T> = &'a [(&'a str, T)];

const CONDITIONS: Vocabulary<'_, Condition> = &[
    ("satisfied", Condition::Satisfied),
    ("objectiveStatusKnown", Condition::ObjectiveStatusKnown),
    ("objectiveMeasureKnown", Condition::ObjectiveMeasureKnown),
    ("objectiveMeasureGreaterThan", Condition::ObjectiveMeasureGreaterThan),
    ("objectiveMeasureLessThan", Condition::ObjectiveMeasureLessThan),
    ("completed", Condition::Completed),
    ("activityProgressKnown", Condition::ActivityProgressKnown),
    ("attempted", Condition::Attempted),
    ("attemptLimitExceeded", Condition::AttemptLimitExceeded),
    ("timeLimitExceeded", Condition::TimeLimitExceeded),
    ("outsideAvailableTimeRange", Condition::OutsideAvailableTimeRange),
    ("always", Condition::Always),
];
const CHILD_CONDITIONS: Vocabulary<'_, ChildCondition> = &[
    ("satisfied", ChildCondition::Satisfied),
    ("objectiveStatusKnown", ChildCondition::ObjectiveStatusKnown),
    ("objectiveMeasureKnown", ChildCondition::ObjectiveMeasureKnown),
    ("completed", ChildCondition::Completed),
    ("activityProgressKnown", ChildCondition::ActivityProgressKnown),
    ("attempted", ChildCondition::Attempted),
    ("attemptLimitExceeded", ChildCondition::AttemptLimitExceeded),
    ("timeLimitExceeded", ChildCondition::TimeLimitExceeded),
    ("outsideAvailableTimeRange", ChildCondition::OutsideAvailableTimeRange),
    ("never", ChildCondition::Never),
];
const PRE_ACTIONS: Vocabulary<'_, PreConditionAction> = &[
    ("skip", PreConditionAction::Skip),
    ("disabled", PreConditionAction::Disabled),
    ("hiddenFromChoice", PreConditionAction::HiddenFromChoice),
    ("stopForwardTraversal", PreConditionAction::StopForwardTraversal),
];
const EXIT_ACTIONS: Vocabulary<'_, ExitAction> = &[("exit", ExitAction::Exit)];
const POST_ACTIONS: Vocabulary<'_, PostConditionAction> = &[
    ("exitParent", PostConditionAction::ExitParent),
    ("exitAll", PostConditionAction::ExitAll),
    ("retry", PostConditionAction::Retry),
    ("retryAll", PostConditionAction::RetryAll),
    ("continue", PostConditionAction::Continue),
    ("previous", PostConditionAction::Previous),
];
const ROLLUP_ACTIONS: Vocabulary<'_, RollupAction> = &[
    ("satisfied", RollupAction::Satisfied),
    ("notSatisfied", RollupAction::NotSatisfied),
    ("completed", RollupAction::Completed),
    ("incomplete", RollupAction::Incomplete),
];
const REQUIRED: Vocabulary<'_, Required> = &[
    ("always", Required::Always),
    ("ifNotSuspended", Required::IfNotSuspended),
    ("ifAttempted", Required::IfAttempted),
    ("ifNotSkipped", Required::IfNotSkipped),
];
const COMBINATIONS: Vocabulary<'_, Combination> = &[("all", Combination::All), ("any", Combination::Any)];
const TIMINGS: Vocabulary<'_, Timing> =
    &[("never", Timing::Never), ("once", Timing::Once), ("onEachNewAttempt", Timing::OnEachNewAttempt)];
const OPERATORS: Vocabulary<'_, bool> = &[("not", true), ("noOp", false)];

/// Reads values, and reports those that cannot be read.
pub(super) struct Reader<'a> {
    /// The name of the manifest.
    pub(super) file: &'a str,
    pub(super) findings: &'a mut Findings,
}

impl Reader<'_> {
    /// A finding about `node`.
    fn unreadable(&mut self, node: &Node, name: &str, text: &str, expected: &str) {
        let place = format!("{}:{}:{}", self.file, node.place.line, node.place.column);
        let message = format!("The value of {name} is \"{}\", and should be {expected}.", cut(text));
        self.findings.add(Code::ValueUnreadable, place, message);
    }

    /// The value of an attribute, by `read`.
    fn attribute<T>(&mut self, node: &Node, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = node.attribute_any_case(name)?.trim();
        let value = read(text);
        if value.is_none() {
            self.unreadable(node, name, text, expected);
        }
        value
    }

    /// One of the words of a vocabulary, in any case.
    fn word<T: Copy>(&mut self, node: &Node, name: &str, words: Vocabulary<'_, T>) -> Option<T> {
        self.attribute(node, name, "a word of the standard", |text| {
            words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
        })
    }

    /// An `xs:boolean` (XML Schema Part 2 §3.2.2).
    pub(super) fn flag(&mut self, node: &Node, name: &str, default: bool) -> bool {
        let read = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.attribute(node, name, "true or false", read).unwrap_or(default)
    }

    /// A decimal within these bounds.
    pub(super) fn measure(&mut self, node: &Node, name: &str, least: &str, default: &str) -> Decimal {
        let range = format!("a number from {least} to 1");
        let read = |text: &str| within(text, least);
        self.attribute(node, name, &range, read).unwrap_or_else(|| Decimal::of(default))
    }

    /// The text of an element as a decimal from 0 to 1.
    pub(super) fn measure_text(&mut self, node: &Node, name: &str) -> Option<Decimal> {
        let text = node.words()?;
        let value = within(&text, "0");
        if value.is_none() {
            self.unreadable(node, name, &text, "a number from 0 to 1");
        }
        value
    }

    fn count(&mut self, node: &Node, name: &str) -> Option<u32> {
        self.attribute(node, name, "a whole number", |text| text.parse().ok())
    }

    /// `adlcp:timeLimitAction`: one of four, in any case and with blanks after the comma.
    pub(super) fn time_limit_action(&mut self, node: &Node) -> Option<TimeLimitAction> {
        let text = node.words()?.to_ascii_lowercase().replace(", ", ",");
        let action = TimeLimitAction::WORDS.into_iter().find(|(word, _)| *word == text);
        if action.is_none() {
            self.unreadable(node, "timeLimitAction", &text, "one of the four that the standard lists");
        }
        action.map(|(_, action)| action)
    }

    /// The sequencing of an activity: its own element, completed by what `IDRef` names in the collection (CAM §5.1.1).
    pub(super) fn sequencing(&mut self, activity: &Node, collection: &BTreeMap<String, &Node>) -> Sequencing {
        let Some(own) = activity.child_any_case("sequencing") else { return Sequencing::default() };
        let shared = own.id_attribute("IDRef").and_then(|id| {
            let found = collection.get(&id).copied();
            if found.is_none() {
                self.unreadable(own, "IDRef", &id, "the ID of an element of sequencingCollection");
            }
            found
        });
        let part = |name: &str| own.child_any_case(name).or_else(|| shared?.child_any_case(name));
        Sequencing {
            control_mode: part("controlMode").map(|node| self.control_mode(node)).unwrap_or_default(),
            constrained_choice: part("constrainedChoiceConsiderations")
                .map(|node| ConstrainedChoice {
                    constrain_choice: self.flag(node, "constrainChoice", false),
                    prevent_activation: self.flag(node, "preventActivation", false),
                })
                .unwrap_or_default(),
            rules: part("sequencingRules").map(|node| self.rules(node)).unwrap_or_default(),
            limits: part("limitConditions").map(|node| self.limits(node)).unwrap_or_default(),
            rollup: self.rollup(part("rollupRules"), part("rollupConsiderations")),
            // The 4th Edition has maps of its own in adlseq:objectives, which has the same local name.
            objectives: self.objectives(
                [Some(own), shared].into_iter().flatten().find_map(|node| objectives_of(node, false)),
                [Some(own), shared].into_iter().flatten().find_map(|node| objectives_of(node, true)),
            ),
            randomization: part("randomizationControls").map(|node| self.randomization(node)).unwrap_or_default(),
            delivery: part("deliveryControls")
                .map(|node| DeliveryControls {
                    tracked: self.flag(node, "tracked", true),
                    completion_set_by_content: self.flag(node, "completionSetByContent", false),
                    objective_set_by_content: self.flag(node, "objectiveSetByContent", false),
                })
                .unwrap_or_default(),
        }
    }

    fn control_mode(&mut self, node: &Node) -> ControlMode {
        ControlMode {
            choice: self.flag(node, "choice", true),
            choice_exit: self.flag(node, "choiceExit", true),
            flow: self.flag(node, "flow", false),
            forward_only: self.flag(node, "forwardOnly", false),
            use_current_attempt_objective_info: self.flag(node, "useCurrentAttemptObjectiveInfo", true),
            use_current_attempt_progress_info: self.flag(node, "useCurrentAttemptProgressInfo", true),
        }
    }

    fn rules(&mut self, node: &Node) -> SequencingRules {
        SequencingRules {
            pre_condition: self.rules_of(node, "preConditionRule", PRE_ACTIONS),
            exit_condition: self.rules_of(node, "exitConditionRule", EXIT_ACTIONS),
            post_condition: self.rules_of(node, "postConditionRule", POST_ACTIONS),
        }
    }

    /// The rules of one kind. A rule without an action that can be read, or without any condition, does nothing.
    fn rules_of<A: Copy>(&mut self, node: &Node, name: &str, actions: Vocabulary<'_, A>) -> Vec<Rule<A>> {
        let mut rules = Vec::new();
        for rule in node.all(name) {
            let action = rule.child("ruleAction").and_then(|action| self.word(action, "action", actions));
            let Some(list) = rule.child("ruleConditions") else { continue };
            let combination = self.word(list, "conditionCombination", COMBINATIONS).unwrap_or(Combination::All);
            let conditions: Vec<_> = list.all("ruleCondition").filter_map(|node| self.condition(node)).collect();
            if let (Some(action), false) = (action, conditions.is_empty()) {
                rules.push(Rule { combination, conditions, action });
            }
        }
        rules
    }

    fn condition(&mut self, node: &Node) -> Option<RuleCondition> {
        Some(RuleCondition {
            condition: self.word(node, "condition", CONDITIONS)?,
            negated: self.word(node, "operator", OPERATORS).unwrap_or(false),
            referenced_objective: node.id_attribute("referencedObjective"),
            measure_threshold: self.measure(node, "measureThreshold", "-1", "0.0"),
        })
    }

    fn limits(&mut self, node: &Node) -> LimitConditions {
        LimitConditions {
            attempt_limit: self.count(node, "attemptLimit"),
            attempt_absolute_duration_limit: self.attribute(
                node,
                "attemptAbsoluteDurationLimit",
                "a duration such as PT1H30M",
                |text| text.starts_with('P').then(|| text.to_owned()),
            ),
        }
    }

    fn rollup(&mut self, rules: Option<&Node>, considerations: Option<&Node>) -> Rollup {
        let mut rollup = Rollup::default();
        if let Some(node) = rules {
            rollup.objective_satisfied = self.flag(node, "rollupObjectiveSatisfied", true);
            rollup.progress_completion = self.flag(node, "rollupProgressCompletion", true);
            rollup.objective_measure_weight = self.measure(node, "objectiveMeasureWeight", "0", "1.0");
            rollup.rules = node.all("rollupRule").filter_map(|rule| self.rollup_rule(rule)).collect();
        }
        if let Some(node) = considerations {
            let mut required = |name| self.word(node, name, REQUIRED).unwrap_or(Required::Always);
            rollup.considerations = RollupConsiderations {
                required_for_satisfied: required("requiredForSatisfied"),
                required_for_not_satisfied: required("requiredForNotSatisfied"),
                required_for_completed: required("requiredForCompleted"),
                required_for_incomplete: required("requiredForIncomplete"),
                measure_satisfaction_if_active: self.flag(node, "measureSatisfactionIfActive", true),
            };
        }
        rollup
    }

    fn rollup_rule(&mut self, node: &Node) -> Option<RollupRule> {
        let count = self.count(node, "minimumCount").unwrap_or(0);
        let percent = self.measure(node, "minimumPercent", "0", "0");
        let children = self.attribute(node, "childActivitySet", "a word of the standard", |text| {
            Some(match text.to_ascii_lowercase().as_str() {
                "all" => ChildSet::All,
                "any" => ChildSet::Any,
                "none" => ChildSet::None,
                "atleastcount" => ChildSet::AtLeastCount(count),
                "atleastpercent" => ChildSet::AtLeastPercent(percent.clone()),
                _ => return None,
            })
        });
        let action = node.child("rollupAction").and_then(|action| self.word(action, "action", ROLLUP_ACTIONS))?;
        let list = node.child("rollupConditions")?;
        let combination = self.word(list, "conditionCombination", COMBINATIONS).unwrap_or(Combination::Any);
        let mut condition = |node: &Node| {
            let condition = self.word(node, "condition", CHILD_CONDITIONS)?;
            Some(RollupCondition { condition, negated: self.word(node, "operator", OPERATORS).unwrap_or(false) })
        };
        let conditions: Vec<_> = list.all("rollupCondition").filter_map(&mut condition).collect();
        let children = children.unwrap_or(ChildSet::All);
        (!conditions.is_empty()).then_some(RollupRule { children, combination, conditions, action })
    }

    fn objectives(&mut self, imsss: Option<&Node>, adlseq: Option<&Node>) -> Objectives {
        let extended: BTreeMap<String, &Node> = adlseq
            .into_iter()
            .flat_map(|all| all.all("objective"))
            .filter_map(|node| Some((node.id_attribute("objectiveID")?, node)))
            .collect();
        let Some(all) = imsss else { return Objectives::default() };
        Objectives {
            primary: all.child("primaryObjective").map(|node| self.objective(node, &extended)),
            others: all.all("objective").map(|node| self.objective(node, &extended)).collect(),
        }
    }

    fn objective(&mut self, node: &Node, extended: &BTreeMap<String, &Node>) -> Objective {
        let id = node.id_attribute("objectiveID");
        let mut maps: Vec<ObjectiveMap> = node.all("mapInfo").filter_map(|map| self.map(map)).collect();
        let beside = id.as_ref().and_then(|id| extended.get(id).copied());
        for map in beside.into_iter().flat_map(|node| node.all("mapInfo")) {
            self.extend(map, &mut maps);
        }
        let measure = node.child_any_case("minNormalizedMeasure");
        Objective {
            id,
            satisfied_by_measure: self.flag(node, "satisfiedByMeasure", false),
            min_normalized_measure: measure
                .and_then(|measure| {
                    let text = measure.words()?;
                    let value = within(&text, "-1");
                    if value.is_none() {
                        self.unreadable(measure, "minNormalizedMeasure", &text, "a number from -1 to 1");
                    }
                    value
                })
                .unwrap_or_else(|| Decimal::of("1.0")),
            maps,
        }
    }

    /// `imsss:mapInfo`. What only the 4th Edition maps is read unless an `adlseq:mapInfo` says otherwise, and never written.
    fn map(&mut self, node: &Node) -> Option<ObjectiveMap> {
        Some(ObjectiveMap {
            target: node.id_attribute("targetObjectiveID")?,
            read: MapAccess {
                satisfied_status: self.flag(node, "readSatisfiedStatus", true),
                normalized_measure: self.flag(node, "readNormalizedMeasure", true),
                ..MapAccess::all(false)
            },
            write: MapAccess {
                satisfied_status: self.flag(node, "writeSatisfiedStatus", false),
                normalized_measure: self.flag(node, "writeNormalizedMeasure", false),
                ..MapAccess::all(false)
            },
        })
    }

    /// `adlseq:mapInfo`, which adds to the map with the same target.
    fn extend(&mut self, node: &Node, maps: &mut Vec<ObjectiveMap>) {
        let Some(target) = node.id_attribute("targetObjectiveID") else { return };
        let mut access = |verb: &str, default: bool, of: MapAccess| MapAccess {
            raw_score: self.flag(node, &format!("{verb}RawScore"), default),
            min_score: self.flag(node, &format!("{verb}MinScore"), default),
            max_score: self.flag(node, &format!("{verb}MaxScore"), default),
            completion_status: self.flag(node, &format!("{verb}CompletionStatus"), default),
            progress_measure: self.flag(node, &format!("{verb}ProgressMeasure"), default),
            ..of
        };
        let known = maps.iter().position(|map| map.target == target);
        let (read, write) = known
            .and_then(|at| maps.get(at))
            .map_or((MapAccess::all(false), MapAccess::all(false)), |map| (map.read, map.write));
        let map = ObjectiveMap { read: access("read", true, read), write: access("write", false, write), target };
        match known.and_then(|at| maps.get_mut(at)) {
            Some(known) => *known = map,
            None => maps.push(map),
        }
    }

    fn randomization(&mut self, node: &Node) -> Randomization {
        Randomization {
            timing: self.word(node, "randomizationTiming", TIMINGS).unwrap_or(Timing::Never),
            reorder_children: self.flag(node, "reorderChildren", false),
            selection_timing: self.word(node, "selectionTiming", TIMINGS).unwrap_or(Timing::Never),
            select_count: self.count(node, "selectCount"),
        }
    }
}

/// The objectives of a sequencing element: those of `imsss`, or the extension by `adlseq`.
fn objectives_of(node: &Node, extension: bool) -> Option<&Node> {
    let is_extension = |child: &&Node| child.namespace.as_deref().is_some_and(|of| of.contains("adlseq"));
    node.all("objectives").find(|child| is_extension(child) == extension)
}

/// `text` as a decimal from `least` to 1.
fn within(text: &str, least: &str) -> Option<Decimal> {
    let value = Decimal::read(text.strip_prefix('+').unwrap_or(text))?;
    (value >= Decimal::of(least) && value <= Decimal::of("1")).then_some(value)
}
