//! Every element with a table of values: what the server keeps, and what the next visit reads. The browser's API is held to the
//! same table by a test of the player.

use super::super::*;
use super::Play;
use crate::{Commit, Opening, Reason};
use base::surrogates;
use serde_json::Value;
use std::collections::BTreeMap;

fn groups() -> Vec<Value> {
    let text = include_bytes!("../../../../../fixtures/scorm12/set-values.json");
    let file: Value = serde_json::from_slice(&surrogates::keep(text)).unwrap();
    file["groups"].as_array().unwrap().clone()
}

/// A text, or one that is repeated.
fn text(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let times = usize::try_from(value["times"].as_u64().unwrap()).unwrap();
    value["repeat"].as_str().unwrap().repeat(times)
}

/// What content reads in the next visit, and which values of its interactions this one has.
fn read_back(play: &mut Play) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let unit = Unit {
        rules: Rules::Sco { mastery: None },
        launch_data: String::new(),
        mastery_score: String::new(),
        max_time_allowed: String::new(),
        time_limit_action: String::new(),
    };
    let read = |play: &Play| prefill(&unit, &Opening::default(), &play.state, &play.visit);
    let now = read(play);
    play.again();
    (now, read(play))
}

fn set(element: &str, value: &str) -> Play {
    let mut play = Play::of(None);
    let values = BTreeMap::from([(element.to_owned(), value.to_owned())]);
    play.accept(&Commit { sequence: 1, initialized: true, values, ..Commit::default() });
    play
}

#[test]
fn every_element_keeps_what_it_accepts_as_it_was_said() {
    let (_, empty) = read_back(&mut set("cmi.nonsense", ""));
    let mut rows = 0;
    for group in groups() {
        for element in group["elements"].as_array().unwrap() {
            for row in group["values"].as_array().unwrap() {
                let (element, value, error) = (element.as_str().unwrap(), text(&row[0]), row[1].as_str().unwrap());
                let about = format!("{element:?} = {value:.40?}");
                let mut play = set(element, &value);
                let errors = play.objections.iter().map(|objection| objection.reason.scorm12_error());
                let got = {
                    let mut errors = errors;
                    errors.find(|error| *error != "0")
                }
                .unwrap_or("0");
                assert_eq!(got, error, "{about}");
                let (exit, claimed) = (play.visit.exit.clone(), play.visit.claimed);
                let (now, next) = read_back(&mut play);
                let found = |values: &BTreeMap<String, String>| values.get(element).cloned().unwrap_or_default();
                match (error, group.get("unset")) {
                    ("0", Some(_)) => {
                        assert_eq!(found(&next), row.get(2).map_or(value, text), "{about}, next visit");
                    }
                    ("0", None) if element == "cmi.core.exit" => assert_eq!(exit, value, "{about}"),
                    ("0", None) if element == "cmi.core.session_time" => {
                        assert_eq!(claimed.is_none(), value.is_empty(), "{about}");
                    }
                    ("0", None) => assert_eq!(found(&now), value, "{about}, a reload of this visit"),
                    _ => assert_eq!(next, empty, "{about} changed something"),
                }
                rows += 1;
            }
        }
    }
    assert!(rows > 500, "{rows} rows");
}

#[test]
fn what_is_too_much_is_refused_value_by_value() {
    let mut play = Play::of(None);
    let mut values: BTreeMap<String, String> =
        (0..1100).map(|index| (format!("cmi.interactions.{index}.id"), format!("q{index}"))).collect();
    values.insert("cmi.suspend_data".into(), "x".repeat(100_000));
    values.insert("cmi.core.lesson_location".into(), "7".into());
    play.accept(&Commit { sequence: 1, initialized: true, values, ..Commit::default() });
    assert_eq!(play.visit.answers.len(), 1000);
    assert_eq!(play.state.values.len(), 1);
    assert_eq!(play.objections.len(), 101);
    assert!(play.objections.iter().all(|o| matches!(o.reason, Reason::TooMany | Reason::TooLong)));

    // The room of all lists together: twenty values of 4,096 characters in each entry would be 80 million.
    for index in 0..30 {
        let pattern = |n| (format!("cmi.interactions.{index}.correct_responses.{n}.pattern"), "x".repeat(4096));
        let values = (0..20).map(pattern).collect();
        play.accept(&Commit { sequence: index + 2, values, ..Commit::default() });
    }
    let kept: usize = play.visit.answers.values().flat_map(|answer| answer.values.values()).map(String::len).sum();
    assert!((1_800_000..2_000_000).contains(&kept), "{kept}");
    let full = play.objections.len();
    play.accept(&Commit {
        sequence: 40,
        values: BTreeMap::from([
            ("cmi.interactions.0.correct_responses.0.pattern".to_owned(), "shorter".to_owned()),
            ("cmi.core.lesson_status".to_owned(), "completed".to_owned()),
        ]),
        ..Commit::default()
    });
    assert_eq!(play.objections.len(), full, "what makes room is accepted, and the status is no part of a list");
    assert_eq!(play.state.status.lesson_status(), "completed");
}
