//! The decision table: `fixtures/decision/r2026_2/log.json` earns credit, and each of `cases.json` changes one thing about it.

use super::scene::{CreditRecord, Scene, Variation};
use crate::{Outcome, RuleId, Status, Tier};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What is different about the activity, by JSON pointer.
    #[serde(default)]
    activity: BTreeMap<String, Value>,
    /// What is different about an entry of the log, by label and JSON pointer.
    #[serde(default)]
    log: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    add: Vec<Value>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    active: Option<CreditRecord>,
    #[serde(default)]
    offering: Option<String>,
    unmet: Vec<RuleId>,
    #[serde(default)]
    not_applicable: Vec<RuleId>,
    /// An amount, `held` or `open`.
    outcome: String,
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    signals: Vec<String>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../../../../fixtures/decision/r2026_2/cases.json")).unwrap()
}

impl Case {
    fn scene(&self) -> Scene {
        let Self { activity, log, remove, add, required, active, offering, .. } = self;
        let (activity, log, remove, add) = (activity.clone(), log.clone(), remove.clone(), add.clone());
        let (required, active, offering) = (required.clone(), active.clone(), offering.clone());
        Variation { activity, log, remove, add, required, active, offering }.scene()
    }
}

#[test]
fn each_case_makes_the_difference_that_it_names() {
    for case in cases() {
        let decision = case.scene().decide();
        let of = |status| -> Vec<RuleId> {
            let findings = decision.findings.iter().filter(|finding| finding.status == status);
            findings.map(|finding| finding.rule).collect()
        };
        let name = &case.name;
        assert_eq!(of(Status::Unmet), case.unmet, "{name}: {:#?}", decision.findings);
        let not_applicable = of(Status::NotApplicable);
        assert!(case.not_applicable.iter().all(|rule| not_applicable.contains(rule)), "{name}: {not_applicable:?}");
        let outcome = match decision.outcome {
            Outcome::Award { amount } => amount.to_string(),
            Outcome::Held => "held".to_owned(),
            Outcome::Open => "open".to_owned(),
        };
        assert_eq!(outcome, case.outcome, "{name}: {:#?}", decision.findings);
        let signals: Vec<String> = decision.signals.iter().map(|signal| signal.kind.to_string()).collect();
        if !case.signals.is_empty() || matches!(decision.outcome, Outcome::Award { .. } | Outcome::Held) {
            assert_eq!(signals, case.signals, "{name}");
        }
        assert!(case.tier.is_none() || decision.tier == case.tier, "{name}: {:?}", decision.tier);
        assert!(decision.findings.iter().all(|finding| finding.reason.ends_with('.')), "{name}: {decision:#?}");
    }
}

#[test]
fn every_rule_that_can_prevent_an_award_does_so_in_some_case() {
    let decided: BTreeSet<RuleId> = cases().into_iter().flat_map(|case| case.unmet).collect();
    let expected: BTreeSet<RuleId> = RuleId::ALL.into_iter().filter(|rule| *rule != RuleId::V14).collect();
    assert_eq!(decided, expected);
}

#[test]
fn the_rule_about_reporting_never_blocks_an_award() {
    let mut decision = Scene::new(&BTreeMap::new()).decide();
    for finding in &mut decision.findings {
        finding.status = Status::Unmet;
        assert_eq!(finding.blocks(), finding.rule != RuleId::V14, "{}", finding.rule);
    }
}
