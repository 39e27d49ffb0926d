//! Which differences count, one by one.

use super::digest;
use crate::json::Document;
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "actor": {"objectType": "Group", "member": [{"mbox": "mailto:a@b.c"}, {"mbox": "mailto:d@e.f"}]},
        "verb": {"id": "v:1", "display": {"en": "did"}},
        "object": {"id": "a:1", "definition": {"name": {"en": "n"}}},
        "result": {"duration": "PT1.239S", "response": "x", "score": {"raw": 9.5}, "extensions": {"x:1": [1, 2]}},
        "context": {
            "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
            "contextActivities": {"parent": [{"id": "a:2"}]},
            "language": "en-gb",
        },
        "attachments": [{"usageType": "u:1", "display": {"en": "d"}, "contentType": "a/b", "length": 1, "sha2": "abc"}],
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut changed = base();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        _ => parent[name] = value,
    }
    changed
}

fn of(text: &str) -> base::hash::Sha256 {
    digest(Document::read(text).unwrap().root())
}

fn same(changed: &Value) -> bool {
    of(&base().to_string()) == of(&changed.to_string())
}

#[test]
fn what_the_standard_excepts_makes_no_difference() {
    let changes = [
        ("/id", json!("6690E6C9-3EF0-4ED3-8B37-7F3964730BEE")),
        ("/timestamp", json!("2026-01-01T00:00:00Z")),
        ("/stored", json!("2026-01-01T00:00:00Z")),
        ("/authority", json!({"mbox": "mailto:x@y.z"})),
        ("/version", json!("1.0.3")),
        ("/verb/display", json!({"de": "tat"})),
        ("/object/definition", json!({"type": "t:1"})),
        ("/actor/member", json!([{"mbox": "mailto:d@e.f"}, {"mbox": "mailto:a@b.c"}])),
        ("/actor/member/0", json!({"mbox": "mailto:a@B.C"})),
        ("/context/registration", json!("EC531277-B57B-4C15-8D91-D292C5B2B8F7")),
        ("/context/contextActivities/parent", json!({"id": "a:2", "definition": {}})),
        ("/context/language", json!("en-GB")),
        ("/result/duration", json!("PT1.23S")),
        ("/attachments/0/sha2", json!("ABC")),
    ];
    for (pointer, value) in changes {
        assert!(same(&with(pointer, value.clone())), "{pointer} {value}");
    }
}

#[test]
fn everything_else_does() {
    let changes = [
        ("/actor/member/0", json!({"mbox": "mailto:A@b.c"})),
        ("/actor/name", json!("G")),
        ("/verb/id", json!("v:2")),
        ("/object/id", json!("A:1")),
        ("/object/objectType", json!("Activity")),
        ("/result/duration", json!("PT1.24S")),
        ("/result/duration", json!("PT1239MS")),
        ("/result/response", json!("X")),
        ("/result/score/raw", json!(9.6)),
        ("/result/extensions", json!({"x:1": [2, 1]})),
        ("/result/extensions", json!({"X:1": [1, 2]})),
        ("/context/contextActivities", json!({"grouping": [{"id": "a:2"}]})),
        ("/context/contextActivities/parent", json!([{"id": "a:2"}, {"id": "a:3"}])),
        ("/attachments/0/length", json!(2)),
    ];
    for (pointer, value) in changes {
        assert!(!same(&with(pointer, value.clone())), "{pointer} {value}");
    }
}

#[test]
fn how_the_text_is_written_makes_no_difference_but_every_digit_does() {
    let text = |score: &str| format!(r#"{{"result":{{"score":{{"raw":{score}}}}},"actor":{{"name":"é"}}}}"#);
    let spaced = "{ \"actor\" : {\"name\":\"\\u00e9\"},\n \"result\": {\"score\":{\"raw\":1.50}} }";
    assert_eq!(of(&text("1.5")), of(spaced));
    assert_eq!(of(&text("15e-1")), of(spaced));
    assert_ne!(of(&text("1.5000000000000000000000001")), of(spaced));
}

#[test]
fn neighbouring_texts_are_never_confused() {
    assert_ne!(
        of(r#"{"result":{"extensions":{"a:1":"b","c:1":"d"}}}"#),
        of(r#"{"result":{"extensions":{"a:1":"b3\"c:1\"d"}}}"#)
    );
    assert_ne!(of(r#"{"result":{"extensions":{"a:1":"1"}}}"#), of(r#"{"result":{"extensions":{"a:1":1}}}"#));
    assert_ne!(of(r#"{"result":{"extensions":{"a:1":[1,2]}}}"#), of(r#"{"result":{"extensions":{"a:1":[12]}}}"#));
}
