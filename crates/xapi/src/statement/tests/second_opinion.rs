//! Two judges of the same statements: the reader and the published contracts `schemas/statement-1.0.3.json` and
//! `schemas/statement-2.0.json`. They may differ only in what a schema cannot say, which [`SchemaLimit`] lists by name.

mod generated;

use super::{BASES, CASES, Case, faults};
use crate::fault::{Code, Fault};
use crate::version::Version;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::sync::LazyLock;

const CONTRACTS: [(Version, &str); 2] = [
    (Version::V1, include_str!("../../../../../schemas/statement-1.0.3.json")),
    (Version::V2, include_str!("../../../../../schemas/statement-2.0.json")),
];

static VALIDATORS: LazyLock<[(Version, Validator); 2]> = LazyLock::new(|| {
    CONTRACTS.map(|(version, text)| {
        let schema = serde_json::from_str(text).unwrap();
        (version, jsonschema::draft202012::new(&schema).unwrap())
    })
});

/// What the reader refuses and a schema cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SchemaLimit {
    /// A member that is given twice: a schema sees one of the two.
    Twice,
    /// Two components of a list with the same id: a schema compares items as a whole.
    ComponentId,
    /// `min`, `max` and `raw` in their order: a schema compares no two values.
    ScoreOrder,
    /// A day that the calendar does not have, or an instant too late to be counted.
    Calendar,
    /// A digit too far behind for the floating-point number that a schema sees.
    Digits,
}

impl SchemaLimit {
    const ALL: [Self; 5] = [Self::Twice, Self::ComponentId, Self::ScoreOrder, Self::Calendar, Self::Digits];

    /// Which of them `fault` in `statement`, as a schema sees it, is.
    fn of(fault: &Fault, statement: &Value) -> Option<Self> {
        let rounded = statement.pointer(&fault.pointer).and_then(Value::as_f64);
        let last = fault.pointer.rsplit('/').next().unwrap();
        let within_score = fault.pointer.contains("/score/");
        match (fault.code, last) {
            (Code::Duplicate, "id") => Some(Self::ComponentId),
            (Code::Duplicate, _) => Some(Self::Twice),
            (Code::Rule, "raw" | "max") if within_score => Some(Self::ScoreOrder),
            (Code::Rule, "scaled") if within_score => rounded.filter(|it| it.abs() <= 1.0).map(|_| Self::Digits),
            (Code::Type, "length") => rounded.filter(|it| it.fract() == 0.0).map(|_| Self::Digits),
            (Code::Format, "timestamp" | "stored") => Some(Self::Calendar),
            _ => None,
        }
    }

    /// A statement that the reader refuses for this alone.
    fn example(self) -> String {
        let with = |more: &str| {
            format!(r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:1"}},"object":{{"id":"a:1"}},{more}}}"#)
        };
        match self {
            Self::Twice => with(r#""verb":{"id":"v:1"}"#),
            Self::ComponentId => {
                let definition = r#"{"interactionType":"likert","scale":[{"id":"1"},{"id":"1","description":{}}]}"#;
                with(r#""version":"1.0.0""#)
                    .replace(r#"{"id":"a:1"}"#, &format!(r#"{{"id":"a:1","definition":{definition}}}"#))
            }
            Self::ScoreOrder => with(r#""result":{"score":{"min":2,"max":1}}"#),
            Self::Calendar => with(r#""timestamp":"2026-02-29T00:00:00Z""#),
            Self::Digits => with(r#""result":{"score":{"scaled":1.00000000000000000000001}}"#),
        }
    }
}

/// Whether the contract of `version` allows `statement`.
fn is_by_contract(statement: &Value, version: Version) -> bool {
    let (_, validator) = VALIDATORS.iter().find(|(of, _)| *of == version).unwrap();
    validator.is_valid(statement)
}

/// Fails where the two judges differ in anything but what a schema cannot say.
#[track_caller]
fn agree(text: &str) {
    let statement: Value = serde_json::from_str(text).unwrap();
    for version in Version::ALL {
        let found = faults(text, version);
        if is_by_contract(&statement, version) {
            let unexpected: Vec<_> =
                found.iter().filter(|fault| SchemaLimit::of(fault, &statement).is_none()).collect();
            assert!(unexpected.is_empty(), "only the reader of {version} refuses {text}\n{unexpected:?}");
        } else {
            assert!(!found.is_empty(), "only the contract of {version} refuses {text}");
        }
    }
}

#[test]
fn both_judge_every_fixture_alike() {
    let bases: Value = serde_json::from_str(BASES).unwrap();
    for base in bases.as_object().unwrap().values() {
        assert!(Version::ALL.iter().all(|version| is_by_contract(base, *version)), "{base}");
    }
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    for case in &cases {
        agree(&case.statement(&bases).to_string());
    }
    agree(include_str!("../../../../../fixtures/statements/signed.json"));
}

#[test]
fn both_judge_every_iri_alike() {
    for id in [
        "http://u:p@example.com:8080/a",
        "http://[2001:db8::1]:80/a",
        "http://[1:2:3:4:5:6:7::]/",
        "http://[1::2:3:4:5:6:7:8]/",
        "http://[::ffff:192.0.2.256]/",
        "http://[::192.0.2.01]/",
        "http://[v1.a:b]/",
        "http://TheQuiz-urn:scormdriver:5419",
        "http://",
        "HTTPS:///a",
        "http://u@",
        "http://a@b@c/",
        "x://",
        "x://u@",
        "urn:?",
        "urn:#",
        "urn:a?\u{E000}",
        "urn:a#\u{E000}",
        "urn:\u{1FFFF}",
        "urn:a[b]#c#d",
        "a:b\n",
    ] {
        agree(&json!({"actor": {"openid": id}, "verb": {"id": "v:1"}, "object": {"id": "a:1"}}).to_string());
        let mbox = format!("mailto:{id}@b.c");
        agree(&json!({"actor": {"mbox": mbox}, "verb": {"id": "v:1"}, "object": {"id": "a:1"}}).to_string());
    }
}

#[test]
fn each_difference_is_one_that_occurs() {
    for beyond in SchemaLimit::ALL {
        let text = beyond.example();
        let statement = text.parse().unwrap();
        for version in Version::ALL {
            let found: Vec<_> = faults(&text, version).iter().map(|fault| SchemaLimit::of(fault, &statement)).collect();
            assert_eq!(found, [Some(beyond)], "{text}");
            assert!(is_by_contract(&statement, version), "{text}");
        }
    }
}

#[test]
fn the_contract_of_2_0_is_that_of_1_0_3_and_what_2_0_added() {
    let [(_, older), (_, newer)] = CONTRACTS.map(|(version, text)| (version, text.parse::<Value>().unwrap()));
    let mut reduced = newer;
    for (parent, name) in [
        ("/$defs", "contextAgent"),
        ("/$defs", "contextGroup"),
        ("/$defs/context/properties", "contextAgents"),
        ("/$defs/context/properties", "contextGroups"),
    ] {
        assert!(reduced.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    for pointer in ["/$id", "/title", "/description", "/properties/version"] {
        *reduced.pointer_mut(pointer).unwrap() = older.pointer(pointer).unwrap().clone();
    }
    assert_eq!(reduced, older);
}

#[test]
fn a_list_of_statements_is_no_statement() {
    let list = json!([{"actor": {"mbox": "mailto:a@b.c"}, "verb": {"id": "v:1"}, "object": {"id": "a:1"}}]);
    agree(&list.to_string());
    assert!(!is_by_contract(&list, Version::V2));
}
