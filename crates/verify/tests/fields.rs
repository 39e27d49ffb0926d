//! Every field of a credit's evidence, changed in turn, is found.
#![cfg(test)]

use credit::bundle::Bundle;
use credit::packet::Packet;
use credit::{RuleSets, recompute};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn evidence() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/decision/evidence.json")).unwrap()
}

fn run(text: &str, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.json");
    std::fs::write(&file, text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_enduring-verify")).arg(&file).args(flags).output().unwrap()
}

/// Every value of `document` that is no object or list, by its pointer.
fn leaves(document: &Value, place: &str, into: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match document {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(values) => values.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => return into.push(place.to_owned()),
    };
    for (name, value) in parts {
        leaves(value, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), into);
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(said) => json!(!said),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        // Another letter in the middle, of the same kind, so that a hash stays a hash and a date a date.
        Value::String(text) if !text.is_empty() => {
            let mut letters: Vec<char> = text.chars().collect();
            let middle = letters.len() / 2;
            let (at, letter) =
                letters.iter().enumerate().skip(middle).find(|(_, c)| c.is_ascii_alphanumeric()).unwrap();
            letters[at] = if *letter == '1' || *letter == 'b' {
                '2'
            } else if letter.is_ascii_digit() {
                '1'
            } else {
                'b'
            };
            json!(letters.into_iter().collect::<String>())
        }
        _ => json!("x"),
    }
}

#[test]
fn evidence_as_it_was_signed_is_verified() {
    let done = run(&evidence().to_string(), &[]);
    let said = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.starts_with("Everything is as it was signed, by the key "), "{said}");
    let done = run(&evidence().to_string(), &["--json"]);
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&report["verified"], &report["differences"]), (&json!(true), &json!([])));
}

#[test]
fn every_field_that_is_changed_is_found() {
    let whole = evidence();
    let mut places = Vec::new();
    leaves(&whole, "", &mut places);
    assert!(places.len() > 100, "{}", places.len());
    for place in places {
        let mut document = whole.clone();
        let value = document.pointer_mut(&place).unwrap();
        *value = changed(value);
        // What is no longer the evidence of a credit at all is refused.
        let Ok(packet) = serde_json::from_value::<Packet>(document) else { continue };
        assert_ne!(packet.differences(&RuleSets::released()), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn every_field_of_the_bundle_that_is_changed_is_found() {
    let whole = evidence();
    let bundle: Value = serde_json::from_str(whole["bundle"].as_str().unwrap()).unwrap();
    let mut places = Vec::new();
    leaves(&bundle, "", &mut places);
    for place in places {
        let mut other = bundle.clone();
        let value = other.pointer_mut(&place).unwrap();
        *value = changed(value);
        let mut document = whole.clone();
        document["bundle"] = json!(other.to_string());
        let packet: Packet = serde_json::from_value(document).unwrap();
        assert_ne!(packet.differences(&RuleSets::released()), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn a_difference_is_a_sentence_and_a_status() {
    let mut document = evidence();
    document["activity"]["title"] = json!("Another title");
    let done = run(&document.to_string(), &[]);
    let said = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert_eq!(said.trim(), "The activity's document is not the one that the evidence bundle names.");
}

#[test]
fn a_file_that_is_no_evidence_is_refused() {
    for text in ["", "{}", "[1]"] {
        let done = run(text, &[]);
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&done.stderr).contains("is not the evidence of a credit"), "{done:?}");
    }
    let program = || Command::new(env!("CARGO_BIN_EXE_enduring-verify"));
    assert_eq!(program().arg("/nowhere/evidence.json").output().unwrap().status.code(), Some(2));
    assert_eq!(program().output().unwrap().status.code(), Some(2));
}

/// The bundle of the evidence with another spelling or name of its rule set, and what differs when it is computed again.
fn decided_by(name: &str) -> Vec<String> {
    let packet: Packet = serde_json::from_value(evidence()).unwrap();
    let text = packet.bundle.replace("\"rules\":\"2026.1\"", &format!("\"rules\":\"{name}\""));
    assert!(text.contains(name));
    let bundle = Bundle::read(text.as_bytes()).unwrap();
    let zone = jiff::tz::TimeZone::get(&bundle.time_zone).unwrap();
    let places = bundle.statements.iter().zip(&packet.statements);
    let log: Vec<_> = places
        .map(|(named, exhibit)| {
            let bytes = exhibit.text.as_ref().unwrap();
            credit::evidence::LoggedStatement { seq: named.seq, id: named.id, stored: named.stored, bytes }
        })
        .collect();
    recompute(&bundle, &bundle.facts(&packet.activity, zone), &log, &[], &RuleSets::released())
}

#[test]
fn a_bundle_of_the_first_releases_is_computed_again_by_the_rule_set_that_it_means() {
    assert_eq!(decided_by("2026-1"), Vec::<String>::new());
    let differences = decided_by("2099.1").join(" ");
    assert!(differences.contains("by the rule set 2099.1, which this program does not have"), "{differences}");
}
