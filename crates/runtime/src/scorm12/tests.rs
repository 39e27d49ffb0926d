//! Whole visits as tables: what content says, commit by commit, and what follows.

mod values;
mod verdicts;

use super::*;
use crate::time::Hundredths;
use crate::{
    Commit, EntryMode, Happening, ItemProgress, Objection, Phase, Reason, StatementContext, Status, write_course,
};
use base::decimal::Decimal;
use base::hash::Sha256;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;
use xapi::vocabulary::extension;

/// One visit after another of the same SCO; each a list of commits, one minute apart, each minute attended.
struct Play {
    rules: Rules,
    state: ScoState,
    visit: Visit,
    now: Timestamp,
    visits: u128,
    objections: Vec<Objection>,
}

impl Play {
    fn of(mastery: Option<&str>) -> Self {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        Self {
            rules: Rules::Sco { mastery: mastery.and_then(Decimal::read) },
            state: ScoState::default(),
            visit: Visit { delivered: true, ..Visit::new(Uuid::from_u128(1), EntryMode::AbInitio, now) },
            now,
            visits: 1,
            objections: Vec::new(),
        }
    }

    fn again(&mut self) {
        self.visits += 1;
        let visit = Visit::new(Uuid::from_u128(self.visits), self.state.entry(), self.now);
        self.visit = Visit { delivered: true, ..visit };
    }

    /// `"lesson_status=passed; score.raw=80; end"`: elements under `cmi.core`, or full names, and how the visit ends.
    fn commit(&mut self, script: &str) -> Vec<Happening> {
        let mut commit =
            Commit { sequence: self.visit.sequence + 1, initialized: true, attended: 60, ..Commit::default() };
        for part in script.split("; ").filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                None if part == "left" => commit.left = true,
                None => commit.terminated = part == "end",
                Some((name, value)) => {
                    let name = if name.starts_with("cmi.") { name.to_owned() } else { format!("cmi.core.{name}") };
                    commit.values.insert(name, value.to_owned());
                }
            }
        }
        self.now += SignedDuration::from_secs(60);
        self.accept(&commit)
    }

    fn accept(&mut self, commit: &Commit) -> Vec<Happening> {
        let done = evaluate(self.state.clone(), self.visit.clone(), commit, &self.rules, self.now);
        (self.state, self.visit) = (done.state, done.visit);
        self.objections.extend(done.objections);
        done.happenings
    }
}

fn names(happenings: &[Happening]) -> String {
    let name = |happening: &Happening| match happening {
        Happening::Answered(answer) => format!("answered {}", answer.id),
        Happening::Commented(_) => "commented".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    happenings.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_content_says_becomes_what_is_so() {
    for (mastery, visits, reported, status, entry) in [
        // The shortest content there is: Initialize, Finish. The standard has the LMS complete it.
        (None, vec!["end"], "initialized, completed, terminated", "completed", EntryMode::Again),
        // Closed half-way, without and with `suspend`: both resume.
        (None, vec!["lesson_status=incomplete; end"], "initialized, terminated", "incomplete", EntryMode::Resume),
        (
            None,
            vec!["lesson_status=incomplete; exit=suspend; end"],
            "initialized, suspended",
            "incomplete",
            EntryMode::Resume,
        ),
        // Content that never speaks of its status and suspends has not completed.
        (None, vec!["exit=suspend; end"], "initialized, suspended", "incomplete", EntryMode::Resume),
        (None, vec!["exit=time-out; end"], "initialized, terminated", "incomplete", EntryMode::Resume),
        // Some tools suspend even when complete, so that learners come back to their place.
        (
            None,
            vec!["lesson_status=completed; exit=suspend; end"],
            "initialized, completed, suspended",
            "completed",
            EntryMode::Resume,
        ),
        (
            None,
            vec!["lesson_status=passed; score.raw=90; end"],
            "initialized, scored, completed, passed, terminated",
            "passed",
            EntryMode::Again,
        ),
        (
            None,
            vec!["lesson_status=failed; score.raw=10; end"],
            "initialized, scored, failed, terminated",
            "failed",
            EntryMode::Resume,
        ),
        // A finished course that is opened again says `incomplete`: nothing is taken away.
        (
            None,
            vec!["lesson_status=passed; end", "lesson_status=incomplete; exit=suspend; end"],
            "initialized, completed, passed, terminated, initialized, suspended",
            "passed",
            EntryMode::Resume,
        ),
        (
            None,
            vec!["lesson_status=failed; exit=suspend; end", "lesson_status=passed; end"],
            "initialized, failed, suspended, resumed, completed, passed, terminated",
            "passed",
            EntryMode::Again,
        ),
        // The mastery score decides, whatever content says.
        (
            Some("80"),
            vec!["lesson_status=passed; score.raw=79.9; end"],
            "initialized, scored, failed, terminated",
            "failed",
            EntryMode::Resume,
        ),
        (
            Some("80"),
            vec!["lesson_status=failed; score.raw=80.0; end"],
            "initialized, scored, completed, passed, terminated",
            "passed",
            EntryMode::Again,
        ),
        // A score on the way through is no failure yet; it is one when content is left for good.
        (
            Some("80"),
            vec!["lesson_status=incomplete; score.raw=20; exit=suspend; end"],
            "initialized, scored, suspended",
            "incomplete",
            EntryMode::Resume,
        ),
        (
            Some("80"),
            vec!["lesson_status=incomplete; score.raw=20; end"],
            "initialized, scored, failed, terminated",
            "failed",
            EntryMode::Resume,
        ),
        // A mastery score in the manifest, and content that reports no score: its own word counts.
        (
            Some("80"),
            vec!["lesson_status=completed; end"],
            "initialized, completed, terminated",
            "completed",
            EntryMode::Again,
        ),
        // The learner leaves the player and the content says nothing of it.
        (None, vec!["lesson_status=incomplete; left"], "initialized, suspended", "incomplete", EntryMode::Resume),
        // A look is nothing.
        (None, vec!["lesson_status=browsed; end"], "initialized, terminated", "incomplete", EntryMode::Resume),
    ] {
        let mut play = Play::of(mastery);
        let mut happenings = Vec::new();
        for (number, visit) in visits.iter().enumerate() {
            if number > 0 {
                play.again();
            }
            happenings.extend(play.commit(visit));
        }
        assert_eq!(names(&happenings), reported, "{visits:?}");
        assert_eq!(play.state.status.lesson_status(), status, "{visits:?}");
        assert_eq!(play.state.entry(), entry, "{visits:?}");
        assert_eq!(play.objections, [], "{visits:?}");
    }
}

#[test]
fn a_visit_is_reported_once_however_many_commits_it_takes() {
    let mut play = Play::of(None);
    for (script, reported) in [
        ("lesson_status=incomplete; lesson_location=0", "initialized"),
        ("lesson_location=1", ""),
        ("cmi.interactions.0.id=q1; cmi.interactions.0.type=choice", ""),
        ("cmi.interactions.0.student_response=a; cmi.interactions.0.result=wrong", "answered q1"),
        ("cmi.interactions.0.student_response=a", ""),
        ("cmi.interactions.0.student_response=b; cmi.interactions.0.result=correct", "answered q1"),
        ("score.raw=50", "scored"),
        ("score.raw=50; score.max=100", "scored"),
        ("cmi.comments=Slide 4 is wrong", "commented"),
        ("cmi.comments=Slide 4 is wrong", ""),
        ("lesson_status=completed", "completed"),
        ("lesson_status=completed", ""),
        ("exit=; end", "terminated"),
    ] {
        assert_eq!(names(&play.commit(script)), reported, "{script}");
    }
    assert_eq!(play.state.values["cmi.core.lesson_location"], "1");
    assert_eq!(play.visit.seat, 13 * 60);
}

#[test]
fn one_bad_value_is_kept_as_an_objection_and_costs_nothing_else() {
    let mut play = Play::of(None);
    let reported =
        play.commit("lesson_status=garbage; student_id=someone; score.raw=500; lesson_location=7; cmi.nonsense=1");
    assert_eq!(names(&reported), "initialized");
    assert_eq!(play.state.values.len(), 1);
    let reasons: Vec<_> = play.objections.iter().map(|o| (o.element.as_str(), o.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("cmi.core.lesson_status", Reason::WrongType),
            ("cmi.core.score.raw", Reason::WrongType),
            ("cmi.core.student_id", Reason::ReadOnly),
            ("cmi.nonsense", Reason::NotImplemented),
        ]
    );
}

#[test]
fn time_counts_once_per_visit_and_never_beyond_the_servers_clock() {
    let mut play = Play::of(None);
    play.commit("session_time=00:00:50");
    play.commit("session_time=00:01:40");
    assert_eq!(play.state.total_time(), Hundredths::of_seconds(100), "the last value counts, not the sum");
    play.commit("session_time=00:00:10");
    assert_eq!(play.state.total_time(), Hundredths::of_seconds(100), "time does not run backwards");
    play.commit("session_time=10:00:00; exit=suspend; end");
    assert_eq!(play.state.total_time(), Hundredths::of_seconds(4 * 60 + 60), "four minutes and the tolerance");
    let reasons: Vec<_> = play.objections.iter().map(|o| o.reason).collect();
    assert_eq!(reasons, [Reason::WentBack, Reason::AheadOfClock]);
    play.again();
    play.commit("end");
    assert_eq!(play.state.total_time(), Hundredths::of_seconds(5 * 60 + 60), "a silent visit counts its seat time");
}

#[test]
fn a_visit_that_falls_silent_is_suspended_and_resumed_by_a_late_commit() {
    let mut play = Play::of(None);
    let out = |play: &Play| suspend(play.state.clone(), play.visit.clone(), &play.rules, play.now);
    assert_eq!(out(&play), None, "nothing has begun");
    play.commit("lesson_status=incomplete");
    let done = out(&play).unwrap();
    assert_eq!(done.happenings, [Happening::Suspended]);
    (play.state, play.visit) = (done.state, done.visit);
    assert_eq!(out(&play), None, "once");
    assert_eq!(names(&play.commit("lesson_status=completed; end")), "resumed, completed, terminated");
}

#[test]
fn what_arrives_after_the_learner_has_left_counts_and_takes_nothing_up() {
    let mut play = Play::of(None);
    assert_eq!(names(&play.commit("lesson_status=incomplete; left")), "initialized, suspended");
    assert_eq!(names(&play.commit("left")), "");
    assert_eq!(names(&play.commit("lesson_status=completed; left")), "completed");
    assert_eq!(play.visit.phase, Phase::Suspended);
    assert_eq!(names(&play.commit("lesson_location=3")), "resumed");
}

#[test]
fn an_asset_is_complete_once_it_was_shown() {
    let mut play = Play::of(None);
    play.rules = Rules::Asset;
    assert_eq!(names(&play.commit("")), "initialized, completed");
}

fn about() -> StatementContext<'static> {
    StatementContext {
        base: "http://localhost:8080",
        learner: Uuid::from_u128(7),
        registration: Uuid::from_u128(8),
        activity: "golf",
        version: 2,
        document: Sha256::of("document"),
        package: Sha256::of("package"),
        item: "item_1",
        item_title: "Golf Explained",
        session: Uuid::from_u128(1),
        now: "2026-03-02T09:10:00Z".parse().unwrap(),
    }
}

#[test]
fn statements_follow_the_scorm_profile() {
    let mut play = Play::of(None);
    let happenings = play.commit(
        "cmi.interactions.0.id=urn:q 1; cmi.interactions.0.type=choice; cmi.interactions.0.student_response=a,b; \
         cmi.interactions.0.result=correct; cmi.interactions.0.correct_responses.0.pattern=a,b; \
         session_time=00:00:30; score.raw=80; score.min=0; score.max=100; lesson_status=passed; end",
    );
    let statements = write(&about(), &play.state, &play.visit, &happenings);
    let verbs: Vec<_> = statements.iter().map(|s| s["verb"]["display"]["en"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["initialized", "responded", "scored", "completed", "passed", "terminated"]);

    let sco = "http://localhost:8080/activities/golf/sco/item_1";
    let course = "http://localhost:8080/activities/golf";
    for statement in &statements {
        let context = &statement["context"];
        assert_eq!(context["contextActivities"]["category"][0]["id"], "https://w3id.org/xapi/scorm");
        let grouping = &context["contextActivities"]["grouping"];
        assert_eq!(grouping[0]["id"], format!("{sco}?attempt=00000000-0000-0000-0000-000000000008"));
        assert_eq!(grouping[1]["id"], course);
        assert_eq!(context["registration"], "00000000-0000-0000-0000-000000000008");
        assert_eq!(context["extensions"][extension::ITEM], "item_1");
        assert_eq!(context["extensions"][extension::TIER], "T1");
        assert_eq!(context["revision"], "2");
        assert_eq!(statement["timestamp"], "2026-03-02T09:10:00.000Z");
        assert_eq!(statement["actor"]["account"]["name"], "00000000-0000-0000-0000-000000000007");
    }

    let responded = &statements[1];
    assert_eq!(responded["object"]["id"], format!("{sco}/interactions/urn%3Aq%201"));
    assert_eq!(responded["object"]["definition"]["correctResponsesPattern"], json!(["a[,]b"]));
    assert_eq!(responded["result"], json!({"response": "a[,]b", "success": true}));
    assert_eq!(responded["context"]["contextActivities"]["parent"][0]["id"], sco);

    let terminated = &statements[5];
    assert_eq!(terminated["object"]["id"], sco);
    let mut result = terminated["result"].clone();
    assert_eq!(result["extensions"].take(), json!({extension::SEAT_SECONDS: 60, extension::CLIENT_SECONDS: 30}));
    let score = json!({"scaled": 0.8, "raw": 80, "min": 0, "max": 100});
    assert_eq!(
        result,
        json!({"completion": true, "success": true, "score": score, "duration": "PT30S", "extensions": Value::Null})
    );

    assert_eq!(write(&about(), &play.state, &play.visit, &happenings), statements, "writing again writes the same");
}

#[test]
fn the_course_is_reported_only_when_its_status_changed() {
    let part = |status: &str| ItemProgress {
        status: Status::of(status),
        score: Decimal::read("90"),
        ..ItemProgress::default()
    };
    for (before, parts, verbs) in [
        ("not attempted", vec![part("completed"), ItemProgress::default()], vec![]),
        ("incomplete", vec![part("completed"), part("passed")], vec!["completed", "passed"]),
        ("completed", vec![part("completed"), part("passed")], vec!["passed"]),
        ("passed", vec![part("completed"), part("passed")], vec![]),
        ("incomplete", vec![part("failed")], vec!["failed"]),
        ("failed", vec![part("failed")], vec![]),
    ] {
        let statements = write_course(&about(), Status::of(before), &roll_up(&parts));
        let reported: Vec<_> = statements.iter().map(|s| s["verb"]["display"]["en"].as_str().unwrap()).collect();
        assert_eq!(reported, verbs, "{before} {parts:?}");
        for statement in statements {
            assert_eq!(statement["object"]["id"], "http://localhost:8080/activities/golf");
        }
    }
}

#[test]
fn a_score_outside_its_own_bounds_is_reported_without_them() {
    let mut play = Play::of(None);
    let happenings = play.commit("score.raw=80; score.min=90; score.max=100");
    let statements = write(&about(), &play.state, &play.visit, &happenings);
    assert_eq!(statements[1]["result"]["score"], json!({"scaled": 0.8, "raw": 80}));
}
