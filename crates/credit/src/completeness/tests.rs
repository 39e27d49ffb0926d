//! `fixtures/activity/gaps.json`: one change to a complete document, and the gaps that it makes.

use super::*;
use crate::amount::Fraction;
use serde::Deserialize;
use std::collections::BTreeMap;

const COMPLETE: &str = include_str!("../../../../fixtures/activity/complete.json");
const CASES: &str = include_str!("../../../../fixtures/activity/gaps.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    gaps: Vec<(String, String)>,
}

fn change(document: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = document.pointer_mut(parent).unwrap();
    match (members, value) {
        (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Value::Object(members), None) => assert!(members.remove(name).is_some(), "{pointer} was not there"),
        (Value::Array(entries), Some(value)) => entries[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} cannot be changed"),
    }
}

#[test]
fn every_gap_is_named_with_its_place() {
    for case in serde_json::from_str::<Vec<Case>>(CASES).unwrap() {
        let mut document = serde_json::from_str(COMPLETE).unwrap();
        for pointer in &case.remove {
            change(&mut document, pointer, None);
        }
        for (pointer, value) in case.set {
            change(&mut document, &pointer, Some(value));
        }
        let found = gaps(&document);
        let places: Vec<_> = found.iter().map(|gap| (gap.pointer.clone(), gap.code.to_owned())).collect();
        assert_eq!(places, case.gaps, "{}: {found:#?}", case.name);
        assert!(found.iter().all(|gap| gap.message.ends_with(['.', ')'])), "{}: {found:#?}", case.name);
    }
}

#[test]
fn a_quarter_of_the_estimated_time_is_asked_for_where_the_document_does_not_say() {
    let mut document = serde_json::from_str(COMPLETE).unwrap();
    change(&mut document, "/integrity/minimum_seat_fraction", None);
    let activity = read(&serde_json::to_vec(&document).unwrap()).unwrap();
    assert_eq!(activity.integrity.minimum_seat_fraction, Fraction::floor(1, 4));
}

#[test]
fn a_complete_document_reads_and_writes_back() {
    let activity = read(COMPLETE.as_bytes()).unwrap();
    let written = serde_json::to_vec(&activity).unwrap();
    assert_eq!(read(&written).unwrap(), activity);
    assert_eq!(
        activity.designation_statement(&activity.offerings[0]),
        "Example University designates this enduring material for a maximum of 0.75 AMA PRA Category 1 Credit(s)™."
    );
}

#[test]
fn what_is_not_json_or_says_a_member_twice_is_refused() {
    assert_eq!(read(b"{").unwrap_err()[0].code, "not-json");
    let twice = COMPLETE.replacen("\"title\":", "\"title\": \"Another\", \"title\":", 1);
    assert_eq!(read(twice.as_bytes()).unwrap_err()[0].code, "malformed");
}

#[test]
fn a_missing_member_is_explained_by_the_schema() {
    let mut document = serde_json::from_str(COMPLETE).unwrap();
    change(&mut document, "/faculty/1/relationships", None);
    assert!(gaps(&document)[0].message.contains("ineligible companies"), "{:?}", gaps(&document));
}

#[test]
fn gaps_are_in_the_order_of_the_document() {
    let mut document: Value = serde_json::from_str(COMPLETE).unwrap();
    document["objectives"] = vec![Value::from(""); 12].into();
    let places: Vec<_> = gaps(&document).into_iter().map(|gap| gap.pointer).collect();
    assert_eq!(places[1..3], ["/objectives/1", "/objectives/2"]);
    assert_eq!(places[10..], ["/objectives/10", "/objectives/11"]);
}
