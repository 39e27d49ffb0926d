//! The rules one by one, from `fixtures/statements/cases.json`: a valid statement, a change to it, and the faults that it
//! makes, in both versions unless the case names one.

mod second_opinion;

use crate::check::Check;
use crate::fault::Fault;
use crate::json::Document;
use crate::version::Version;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: String,
    from: String,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default = "both")]
    versions: Vec<String>,
    #[serde(default)]
    faults: Vec<String>,
}

fn both() -> Vec<String> {
    Version::ALL.map(|version| version.to_string()).to_vec()
}

const BASES: &str = include_str!("../../../../fixtures/statements/bases.json");
const CASES: &str = include_str!("../../../../fixtures/statements/cases.json");

impl Case {
    fn statement(&self, bases: &Value) -> Value {
        let mut statement = bases[&self.from].clone();
        for pointer in &self.remove {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            statement.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        }
        for (pointer, value) in &self.set {
            match pointer.rsplit_once('/') {
                None => statement = value.clone(),
                Some((parent, name)) => put(statement.pointer_mut(parent).unwrap(), name, value.clone()),
            }
        }
        statement
    }
}

fn put(parent: &mut Value, name: &str, value: Value) {
    match parent {
        Value::Array(list) => {
            let at: usize = name.parse().unwrap();
            list.truncate(at);
            list.push(value);
        }
        _ => parent[name] = value,
    }
}

fn faults(text: &str, version: Version) -> Vec<Fault> {
    let document = Document::read(text).unwrap();
    let mut check = Check::by(version);
    let found = super::statement(document.root(), &mut check);
    let faults = check.faults.into_vec();
    assert!(found.is_some() || !faults.is_empty(), "{text} was refused without a word");
    faults
}

#[test]
fn each_rule_finds_its_faults_and_no_others() {
    let bases: Value = serde_json::from_str(BASES).unwrap();
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    for case in cases {
        let text = case.statement(&bases).to_string();
        for version in &case.versions {
            let mut found: Vec<_> = faults(&text, version.parse().unwrap())
                .iter()
                .map(|fault| format!("{} {}", fault.pointer, fault.code.as_str()))
                .collect();
            let mut expected = case.faults.clone();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{} ({version})\n{text}", case.rule);
        }
    }
}

#[test]
fn a_member_given_twice_is_refused_but_within_the_value_of_an_extension() {
    let statement = |context: &str| {
        format!(
            r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:1"}},"object":{{"id":"a:1"}},"context":{context}}}"#
        )
    };
    let places = |context: &str| -> Vec<_> {
        faults(&statement(context), Version::V1).iter().map(|fault| fault.pointer.clone()).collect()
    };
    assert_eq!(places(r#"{"platform":"x","platf\u006frm":"x"}"#), ["/context/platform"]);
    assert_eq!(places(r#"{"extensions":{"a:1":1,"b:1":2,"a:1":3}}"#), ["/context/extensions/a:1"]);
    assert!(places(r#"{"extensions":{"a:1":{"x":1,"x":2}}}"#).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_damage_to_a_statement_makes_the_reader_panic_or_fall_silent(
        base in 0_usize..4, version in 0_usize..2, at in any::<prop::sample::Index>(), length in 0_usize..12, text in "[\\PC]{0,3}|null|\\{|\\[|\"|\"Group\"|1e9",
    ) {
        let bases: Value = serde_json::from_str(BASES).unwrap();
        let whole = bases.as_object().unwrap().values().nth(base).unwrap().to_string();
        let chars: Vec<char> = whole.chars().collect();
        let at = at.index(chars.len());
        let damaged: String = chars[..at].iter().copied().chain(text.chars()).chain(chars[at..].iter().copied().skip(length)).collect();
        if Document::read(&damaged).is_ok() {
            faults(&damaged, Version::ALL[version]);
        }
    }
}
