//! What holds for every log.

use super::super::{decide, rule_set};
use super::scene::{Scene, SceneEntry, id};
use crate::evidence::LoggedStatement;
use crate::{AUTHORITY, Decision, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const EVIDENCE: [&str; 11] = [
    "registered",
    "informed",
    "completed",
    "answered-q1",
    "answered-q2",
    "answered-q3",
    "answered-q4",
    "assessed",
    "feedback",
    "evaluated",
    "claimed",
];

fn scene() -> Scene {
    Scene::new(&BTreeMap::new())
}

fn voiding(label: &str, at: &str) -> SceneEntry {
    SceneEntry(json!({"label": format!("void-{label}"), "at": at, "voids": label}))
}

fn decision_over(scene: &Scene, statements: &[LoggedStatement<Vec<u8>>]) -> Decision {
    decide(&scene.facts(), &scene.activity.offerings[0], &rule_set().fold(&scene.facts(), statements), &[])
}

/// Whatever anyone else could send: the evidence itself under another authority, another learner, another registration,
/// another version, and noise.
fn foreign(scene: &Scene, kind: usize, pick: usize) -> Vec<u8> {
    let statements = scene.statements();
    let picked = &statements[pick % statements.len()];
    let mut statement: Value = serde_json::from_slice(&picked.bytes).unwrap();
    match kind {
        0 => statement["authority"]["account"]["name"] = json!("credential:abc"),
        1 => statement["actor"]["account"]["name"] = json!("someone-else"),
        2 => statement["context"]["registration"] = json!(uuid::Uuid::from_u128(77)),
        3 => statement["context"]["revision"] = json!("2"),
        4 => statement["authority"] = json!({"mbox": "mailto:x@example.org"}),
        5 => return b"not a statement".to_vec(),
        6 => drop(statement.as_object_mut().unwrap().remove("authority")),
        _ => {
            let home = json!({"homePage": "https://other.example.org", "name": AUTHORITY});
            statement["authority"]["account"] = home;
        }
    }
    serde_json::to_vec(&statement).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nobody_elses_statements_change_a_decision(extra in prop::collection::vec((0usize..8, 0usize..13, 0usize..13), 0..12)) {
        let mut scene = scene();
        // Without its claim the credit is open: nothing foreign may supply what is missing, or take away what is there.
        for missing in [None, Some("claimed"), Some("assessed")] {
            scene.log.retain(|entry| entry.0["label"].as_str() != missing);
            let own = scene.statements();
            let mut mixed = own.clone();
            for (n, (kind, pick, place)) in extra.iter().enumerate() {
                let bytes = foreign(&self::scene(), *kind, *pick);
                let stored = own[place % own.len()].stored;
                mixed.insert(place % own.len(), LoggedStatement { seq: 0, id: id(&format!("foreign {n}")), stored, bytes });
            }
            mixed.iter_mut().zip(1..).for_each(|(logged, seq)| logged.seq = seq);
            prop_assert_eq!(decision_over(&scene, &mixed), decision_over(&scene, &own));
        }
    }

    #[test]
    fn the_same_log_gives_the_same_decision(kept in prop::collection::vec(any::<bool>(), 13)) {
        let mut scene = scene();
        let mut keep = kept.iter();
        scene.log.retain(|_| *keep.next().unwrap());
        let (one, other) = (scene.decide(), scene.decide());
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        // Every statement that a finding rests on is one that was counted.
        let counted: Vec<_> = scene.evidence().statements.iter().map(|statement| statement.id).collect();
        prop_assert!(one.rests_on().iter().all(|id| counted.contains(id)));
        // A part of the evidence never earns more than all of it.
        let all = EVIDENCE.iter().all(|label| scene.log.iter().any(|entry| entry.0["label"] == *label));
        prop_assert_eq!(matches!(one.outcome, Outcome::Award { .. }), all, "{:#?}", one);
    }

    #[test]
    fn a_void_takes_the_credit_away_whichever_comes_first(label in prop::sample::select(EVIDENCE.as_slice()), late in any::<bool>()) {
        let mut scene = scene();
        prop_assert_eq!(scene.decide().outcome, Outcome::Award { amount: crate::Credits(75) });
        let at = if late { "2026-03-05T09:00:00-06:00" } else { "2026-02-01T09:00:00-06:00" };
        scene.log.push(voiding(label, at));
        let decision = scene.decide();
        prop_assert!(!matches!(decision.outcome, Outcome::Award { .. }), "{label}: {decision:#?}");
        prop_assert!(scene.evidence().voided.contains_key(&id(label)));
    }
}

#[test]
fn a_client_cannot_speak_with_the_servers_authority() {
    let scene = scene();
    let forged = foreign(&scene, 0, 9);
    let stored = scene.statements()[0].stored;
    let alone = [LoggedStatement { seq: 1, id: id("forged"), stored, bytes: forged }];
    assert!(rule_set().fold(&scene.facts(), &alone).statements.is_empty());
    assert_ne!(AUTHORITY, "credential:abc");
}
