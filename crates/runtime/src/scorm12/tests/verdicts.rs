//! What follows from facts, whatever their order, and what the server notices about them.

use super::super::*;
use super::{Play, about, names};
use crate::{Commit, Happening};
use base::decimal::Decimal;
use serde_json::{Value, json};
use xapi::vocabulary::extension;

/// Every order of `facts`.
fn orders(facts: &[&'static str]) -> Vec<Vec<&'static str>> {
    if facts.is_empty() {
        return vec![Vec::new()];
    }
    let with = |first: usize| {
        let rest: Vec<_> = facts.iter().enumerate().filter(|(n, _)| *n != first).map(|(_, fact)| *fact).collect();
        orders(&rest).into_iter().map(move |order| [vec![facts[first]], order].concat())
    };
    (0..facts.len()).flat_map(with).collect()
}

#[test]
fn the_same_facts_lead_to_the_same_status_in_whatever_order_commits_and_visits() {
    for (mastery, facts, status, earned) in [
        (Some("80"), ["lesson_status=passed", "score.raw=20", "lesson_location=1"], "failed", "20"),
        (Some("80"), ["lesson_status=completed", "score.raw=90", "lesson_location=1"], "passed", "90"),
        (
            Some("80"),
            ["lesson_status=passed; score.raw=100", "lesson_status=failed; score.raw=0", "score.max=100"],
            "passed",
            "100",
        ),
        (Some("80"), ["score.raw=85", "score.raw=10", "lesson_status=completed"], "passed", "85"),
        (
            None,
            ["lesson_status=passed; score.raw=90", "lesson_status=failed; score.raw=10", "lesson_location=1"],
            "passed",
            "90",
        ),
    ] {
        for order in orders(&facts) {
            // In a commit each, in one or two visits, and in one commit where no element is set twice.
            let apart = vec![[order.clone(), vec!["end"]].concat()];
            let mut ways = vec![apart];
            for at in 1..order.len() {
                let first = [&order[..at], &["exit=suspend; end"]].concat();
                ways.push(vec![first, [&order[at..], &["exit=; end"]].concat()]);
            }
            let distinct = ["lesson_status", "score.raw"].iter().all(|name| facts.join("; ").matches(name).count() < 2);
            let together = format!("{}; end", order.join("; "));
            for visits in ways {
                // A visit that ends without any score is judged by the content's word; see `reached`.
                let scored = visits[0].iter().any(|commit| commit.contains("score.raw"));
                let claimed = visits[0].iter().any(|commit| commit.contains("lesson_status"));
                if mastery.is_some() && claimed && !scored {
                    continue;
                }
                let mut play = Play::of(mastery);
                for (number, visit) in visits.iter().enumerate() {
                    if number > 0 {
                        play.again();
                    }
                    for commit in visit {
                        play.commit(commit);
                    }
                }
                assert_eq!(play.state.status.lesson_status(), status, "{visits:?}");
                assert_eq!(play.state.earned.unwrap().raw, Decimal::read(earned), "{visits:?}");
            }
            if distinct {
                let mut play = Play::of(mastery);
                play.commit(&together);
                assert_eq!(play.state.status.lesson_status(), status, "{together}");
            }
        }
    }
}

#[test]
fn with_a_mastery_score_nothing_is_final_before_the_score_or_the_end() {
    let mut play = Play::of(Some("80"));
    assert_eq!(names(&play.commit("lesson_status=passed")), "initialized");
    assert_eq!(names(&play.commit("score.raw=20")), "scored, failed");
    // No score comes any more: the content's word counts, also where the learner just leaves or falls silent.
    for last in ["end", "left", "exit=suspend; end"] {
        let mut play = Play::of(Some("80"));
        play.commit("lesson_status=passed");
        assert!(names(&play.commit(last)).starts_with("completed, passed"), "{last}");
    }
    let mut play = Play::of(Some("80"));
    play.commit("lesson_status=passed");
    let done = suspend(play.state, play.visit, &play.rules, play.now).unwrap();
    assert_eq!(names(&done.happenings), "completed, passed, suspended");
}

#[test]
fn a_kept_status_is_reported_with_the_score_that_earned_it() {
    let mut play = Play::of(None);
    play.commit("lesson_status=passed; score.raw=100");
    play.commit("lesson_status=failed; score.raw=0");
    let happenings = play.commit("exit=suspend; end");
    let statements = write(&about(), &play.state, &play.visit, &happenings);
    assert_eq!(statements[0]["verb"]["display"]["en"], "suspended");
    assert_eq!(statements[0]["result"]["success"], true);
    assert_eq!(statements[0]["result"]["score"], json!({"scaled": 1.0, "raw": 100}));
}

#[test]
fn another_question_at_the_same_index_inherits_nothing() {
    let mut play = Play::of(None);
    play.commit(
        "cmi.interactions.0.id=q1; cmi.interactions.0.student_response=a; cmi.interactions.0.result=correct; \
         cmi.interactions.0.latency=00:00:05; cmi.interactions.0.correct_responses.0.pattern=a",
    );
    let happenings = play.commit("cmi.interactions.0.id=q2; cmi.interactions.0.student_response=b");
    let Happening::Answered(answer) = &happenings[0] else { panic!("{happenings:?}") };
    assert_eq!((answer.id.as_str(), answer.definition.len()), ("q2", 0));
    assert_eq!(Value::Object(answer.result.clone()), json!({"response": "b"}));
    // The same question, described further, keeps what is known.
    let happenings = play.commit("cmi.interactions.0.id=q2; cmi.interactions.0.result=wrong");
    let Happening::Answered(answer) = &happenings[0] else { panic!("{happenings:?}") };
    assert_eq!(Value::Object(answer.result.clone()), json!({"response": "b", "success": false}));
}

#[test]
fn statements_are_well_formed_whatever_content_says() {
    let mut play = Play::of(None);
    let body = br#"{"sequence":1,"initialized":true,"cmi":{"cmi.comments":"a\ud83d",
        "cmi.interactions.0.id":"q\udc00","cmi.interactions.0.student_response":"\ud83d"}}"#;
    let commit = Commit::read(body).unwrap();
    let done = evaluate(play.state, play.visit, &commit, &play.rules, play.now);
    (play.state, play.visit) = (done.state, done.visit);
    let statements = write(&about(), &play.state, &play.visit, &done.happenings);
    assert_eq!(statements[1]["result"]["response"], "\u{fffd}");
    assert!(statements[1]["object"]["id"].as_str().unwrap().ends_with("/interactions/q%EF%BF%BD"), "{}", statements[1]);
    assert_eq!(statements[2]["result"]["response"], "a\u{fffd}");
}

#[test]
fn silence_and_odd_claims_are_noticed() {
    for (mastery, commits, status, observed) in [
        (None, vec!["end"], "completed", vec![]),
        (None, vec!["lesson_location=3; end"], "incomplete", vec!["no-status-reported"]),
        (None, vec!["cmi.suspend_data=x", "left"], "incomplete", vec!["no-status-reported"]),
        (None, vec!["cmi.objectives.0.id=a; end"], "incomplete", vec!["no-status-reported"]),
        (None, vec!["lesson_location=3; lesson_status=incomplete; end"], "incomplete", vec![]),
        (
            None,
            vec!["session_time=00:01:00", "", "session_time=00:01:00; lesson_status=completed"],
            "completed",
            vec!["session-time-frozen"],
        ),
        (None, vec!["session_time=00:01:00", "session_time=00:02:00; lesson_status=completed"], "completed", vec![]),
        (
            None,
            vec!["cmi.objectives.0.status=incomplete; lesson_status=completed"],
            "completed",
            vec!["completed-with-open-objectives"],
        ),
        (None, vec!["cmi.objectives.0.status=passed; lesson_status=completed"], "completed", vec![]),
        (None, vec!["lesson_status=completed; score.raw=20"], "completed", vec!["completed-with-low-score"]),
        (None, vec!["lesson_status=completed; score.raw=20; score.max=25"], "completed", vec![]),
        (Some("80"), vec!["lesson_status=completed; score.raw=20"], "failed", vec![]),
        (
            None,
            vec!["cmi.completion_status=completed; cmi.score.scaled=1; lesson_status=incomplete"],
            "incomplete",
            vec!["scorm2004-elements"],
        ),
    ] {
        let mut play = Play::of(mastery);
        let mut happenings = Vec::new();
        for commit in &commits {
            happenings = play.commit(commit);
        }
        assert_eq!(play.state.status.lesson_status(), status, "{commits:?}");
        assert_eq!(json!(play.visit.observations), json!(observed), "{commits:?}");
        let last = write(&about(), &play.state, &play.visit, &happenings).pop();
        if let Some(noticed) = last.filter(|_| !observed.is_empty() && happenings != [Happening::Initialized]) {
            assert_eq!(noticed["result"]["extensions"][extension::OBSERVATIONS], json!(observed), "{commits:?}");
        }
    }
}

#[test]
fn content_that_was_never_delivered_is_noticed() {
    let mut play = Play::of(None);
    play.visit.delivered = false;
    play.commit("lesson_status=completed");
    assert_eq!(json!(play.visit.observations), json!(["launch-file-not-delivered"]));
    assert_eq!(play.visit.seat, 0);
    play.visit.delivered = true;
    play.commit("end");
    assert_eq!(json!(play.visit.observations), json!([]));
}
