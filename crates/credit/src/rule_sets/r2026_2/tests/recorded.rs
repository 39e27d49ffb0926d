//! The recorded decisions: what this rule set decided when it was released. A change of a single byte in any of them fails
//! here, and requires a new rule set, never a new record. How the table of a new one is written is described in
//! [`crate::rule_sets`].

use super::generator::variation;
use super::scene::Variation;
use crate::{Outcome, RuleId, SignalKind, Status};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Enough scenes that each rule, outcome and signal occurs several times.
const RECORDED: usize = 320;

/// One line of the table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    scene: Variation,
    /// The positions of the statements that counted.
    counted: Vec<u64>,
    /// How many would have counted, had they not been voided.
    voided: usize,
    decision: Box<RawValue>,
}

impl Record {
    fn of(scene: Variation) -> Self {
        let played = scene.scene();
        let evidence = played.evidence();
        let counted = evidence.statements.iter().map(|statement| statement.seq).collect();
        let decision = serde_json::value::to_raw_value(&played.decide()).unwrap();
        Self { scene, counted, voided: evidence.voided.len(), decision }
    }
}

fn table() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/decision/r2026_2/decisions.jsonl")
}

#[expect(clippy::disallowed_methods, reason = "the table of a new rule set does not exist yet when this is compiled")]
fn records() -> Vec<Record> {
    let text = std::fs::read_to_string(table()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn no_byte_of_a_recorded_decision_differs() {
    let records = records();
    assert!(records.len() >= 200, "{} decisions are recorded", records.len());
    for (line, record) in records.into_iter().enumerate() {
        let again = Record::of(record.scene.clone());
        let place = format!("line {} of {}: {:#?}", line + 1, table().display(), record.scene);
        assert_eq!(again.decision.get(), record.decision.get(), "{place}");
        assert_eq!((again.counted, again.voided), (record.counted, record.voided), "{place}");
    }
}

#[test]
fn the_recorded_decisions_are_of_every_kind() {
    let decisions: Vec<crate::Decision> =
        records().iter().map(|record| serde_json::from_str(record.decision.get()).unwrap()).collect();
    for rule in RuleId::ALL.into_iter().filter(|rule| *rule != RuleId::V14) {
        for status in [Status::Met, Status::Unmet] {
            let found = decisions.iter().any(|decision| decision.finding(rule).unwrap().status == status);
            assert!(found, "{rule} is {status:?} in no recorded decision");
        }
    }
    let outcomes: BTreeSet<_> = decisions
        .iter()
        .map(|decision| match decision.outcome {
            Outcome::Award { .. } => "award",
            Outcome::Held => "held",
            Outcome::Open => "open",
        })
        .collect();
    assert_eq!(outcomes, ["award", "held", "open"].into());
    let signals: BTreeSet<_> =
        decisions.iter().flat_map(|decision| &decision.signals).map(|signal| signal.kind).collect();
    let kinds = [
        SignalKind::FastPass,
        SignalKind::AssessedBeforeContent,
        SignalKind::ClockSkew,
        SignalKind::OverlappingSessions,
        SignalKind::ClientTimeOverServer,
        SignalKind::NoStatusReported,
        SignalKind::SessionTimeFrozen,
        SignalKind::CompletedWithOpenObjectives,
        SignalKind::CompletedWithLowScore,
        SignalKind::Scorm2004Elements,
        SignalKind::LaunchFileNotDelivered,
    ];
    assert_eq!(signals, kinds.into());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "writes a fixture")]
#[ignore = "writes the table of a rule set that is not released yet"]
fn write_the_table() {
    assert!(!table().exists(), "{} exists: a released rule set is not recorded again", table().display());
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[26; 32]));
    let mut scenes = BTreeSet::new();
    let mut lines = String::new();
    while scenes.len() < RECORDED {
        let scene = variation().new_tree(&mut runner).unwrap().current();
        if scenes.insert(serde_json::to_string(&scene).unwrap()) {
            lines += &serde_json::to_string(&Record::of(scene)).unwrap();
            lines.push('\n');
        }
    }
    std::fs::write(table(), lines).unwrap();
}
