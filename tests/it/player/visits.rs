//! Visits: resuming, falling silent, seat time, and packages of several items.

use super::{commit, enrol, import, launch, manifest, one_sco, post, publish, recorded, statements, zipped};
use crate::harness::{TestApp, status_and_json};
use base::clock::FixedClock;
use enduring::service::RegistrationId;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::playing::commits;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// What content gets at its start.
async fn values(app: &TestApp, here: &str) -> Value {
    post(app, here, "values", json!({})).await.1
}

#[actix_web::test]
async fn content_finds_its_place_again() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let first = launch(&app, registration.id, None).await;
    let launch_data = values(&app, &first).await;
    assert_eq!(launch_data["values"]["cmi.core.entry"], "ab-initio");
    assert_eq!(launch_data["values"]["cmi.core.student_name"], "Learner, Avery");
    assert_eq!(launch_data["values"]["cmi.student_data.mastery_score"], "80");
    let said = json!({"cmi.suspend_data": "page=7</script>", "cmi.core.lesson_status": "incomplete", "cmi.core.exit": "suspend"});
    commit(&app, &first, json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": said})).await;

    let second = launch(&app, registration.id, None).await;
    let launch_data = values(&app, &second).await;
    assert_eq!(launch_data["values"]["cmi.core.entry"], "resume");
    assert_eq!(launch_data["values"]["cmi.suspend_data"], "page=7</script>");
    assert_eq!(launch_data["values"]["cmi.core.lesson_status"], "incomplete");
    assert_eq!(launch_data["values"].get("cmi.core.exit"), None, "content may not read it");
    app.stop().await;
}

/// The data model wants "Last, First", and a portal may send a single member `name`.
#[actix_web::test]
async fn content_is_given_the_family_name_first() {
    let app = TestApp::start();
    let activity = publish(&app, import(&app, &one_sco(&[])).await).await.activity;
    let (key, secret) = credentials::create(&app.app, "portal", [Scope::All].into()).await.unwrap();
    let register = async |learner: &Value| {
        let request = app.client.post(format!("{}/api/v1/registrations", app.url)).basic_auth(&key.key, Some(&secret));
        status_and_json(request.json(&json!({"activity": activity, "learner": learner})).send().await.unwrap()).await
    };
    for (learner, expected) in [
        (json!({"id": "l-1", "name": "Dana Rivera"}), "Rivera, Dana"),
        (
            json!({"id": "l-1", "name": "Dana Rivera, MD", "family_name": "Rivera", "given_name": "Dana"}),
            "Rivera, Dana",
        ),
        (json!({"id": "l-2", "name": "Suharto", "given_name": "Suharto"}), "Suharto"),
        (json!({"id": "l-3", "name": "王小明", "family_name": "王", "given_name": "小明"}), "王, 小明"),
    ] {
        let (status, registered) = register(&learner).await;
        assert_eq!(status, 201, "{registered}");
        let id = RegistrationId(registered["id"].as_str().unwrap().parse().unwrap());
        let here = launch(&app, id, None).await;
        assert_eq!(values(&app, &here).await["values"]["cmi.core.student_name"], expected, "{learner}");
    }
    for member in ["name", "family_name", "given_name"] {
        for text in ["a\u{0}b".to_owned(), "x".repeat(501)] {
            let (status, refused) = register(&json!({"id": "l-4", member: text})).await;
            assert_eq!((status, &refused["code"]), (422, &json!("invalid-name")), "{refused}");
            assert_eq!(refused["errors"][0]["pointer"], format!("/learner/{member}"));
        }
    }
    app.stop().await;
}

/// A compressor for strings of UTF-16 writes them in nearly every text.
#[actix_web::test]
async fn a_lone_surrogate_is_kept_and_comes_back() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    let body = r#"{"sequence":1,"initialized":true,"cmi":{"cmi.core.lesson_status":"incomplete","cmi.suspend_data":"a\ud83d"}}"#;
    let player = super::page(&here).await;
    let request = player.http.post(format!("{}/player/commit", player.origin)).header("x-player-key", &player.key);
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    let again = player.again().await;
    let values = again.http.post(format!("{}/player/values", again.origin)).header("x-player-key", &again.key);
    let values = values.send().await.unwrap().text().await.unwrap();
    assert!(values.contains(r#""cmi.suspend_data":"a\ud83d""#), "{values}");
    app.stop().await;
}

/// Content said that it was passed, no score came, and the browser was gone.
#[actix_web::test]
async fn what_a_visit_reached_counts_although_nothing_ended_it() {
    let clock = FixedClock::at(noon());
    let app = TestApp::at(&clock);
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    let passed = json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_status": "passed"}});
    assert_eq!(commit(&app, &here, passed).await.1["status"], "incomplete", "a score may follow");
    // Opening it again ends the visit before, and finds what that one reached.
    let there = launch(&app, registration.id, None).await;
    commit(&app, &there, json!({"sequence": 1, "initialized": true})).await;
    let said = ["initialized ITEM-1", "completed ITEM-1", "passed ITEM-1", "suspended ITEM-1"];
    let recorded = recorded(&app, registration.id).await;
    assert_eq!(&recorded[..4], said, "{recorded:?}");
    assert!(recorded.contains(&"passed".to_owned()), "the whole is passed too: {recorded:?}");
    app.stop().await;
}

#[actix_web::test]
async fn a_session_that_falls_silent_is_suspended_with_its_seat_time() {
    let clock = FixedClock::at(noon());
    let app = TestApp::at(&clock);
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    commit(&app, &here, json!({"sequence": 1, "initialized": true})).await;
    super::page(&here).await.see_content().await;
    for beat in 1..=4 {
        clock.set(noon() + SignedDuration::from_secs(beat * 30));
        assert_eq!(post(&app, &here, "heartbeat", json!({"attended": 3000})).await.1["session"], "open");
    }
    clock.set(noon() + SignedDuration::from_mins(11));
    assert_eq!(commits::suspend_due(&app.app).await.unwrap(), 0, "ten minutes count from the last heartbeat");
    clock.set(noon() + SignedDuration::from_mins(13));
    assert_eq!(commits::suspend_due(&app.app).await.unwrap(), 1);
    assert_eq!(commits::suspend_due(&app.app).await.unwrap(), 0);
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1"]);
    let suspended = statements(&app, registration.id).await.pop().unwrap();
    let seat = &suspended["result"]["extensions"]["https://w3id.org/enduring/extensions/seat-seconds"];
    assert_eq!(seat, &json!(120), "a browser cannot claim more than has passed");

    let (_, receipt) = commit(&app, &here, json!({"sequence": 2, "initialized": true, "terminated": true})).await;
    assert_eq!(receipt["session"], "ended");
    let verbs = recorded(&app, registration.id).await;
    assert_eq!(verbs[2..4], ["resumed ITEM-1", "completed ITEM-1"], "a late word takes the session up again");
    app.stop().await;
}

#[actix_web::test]
async fn a_package_of_several_items_is_complete_when_all_are() {
    let app = TestApp::start();
    let manifest = manifest(&[("A", "sco", "a.html", ""), ("B", "sco", "b.html", ""), ("C", "asset", "c.html", "")]);
    let page: &[u8] = b"<!doctype html><title>Page</title>";
    let files = [("imsmanifest.xml", manifest.as_bytes()), ("a.html", page), ("b.html", page), ("c.html", page)];
    let registration = enrol(&app, import(&app, &zipped(&files)).await).await;

    let first = launch(&app, registration.id, None).await;
    commit(&app, &first, json!({"sequence": 1, "initialized": true, "terminated": true})).await;
    let third = super::page(&first).await.turn("C").await;
    third.post("commit", &json!({"sequence": 1, "initialized": true})).await;
    let verbs = recorded(&app, registration.id).await;
    assert_eq!(verbs, ["initialized A", "completed A", "terminated A", "initialized C", "completed C"]);

    let next = launch(&app, registration.id, None).await;
    assert!(
        super::page(&next).await.html.contains(r#"data-item="B" aria-current="true""#),
        "the first that is not complete is opened"
    );
    let said = json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"});
    commit(&app, &next, json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": said})).await;
    let last: Vec<_> = recorded(&app, registration.id).await.into_iter().rev().take(2).collect();
    assert_eq!(last, ["passed", "completed"]);
    let (status, problem) = post(&app, &next, "item", json!({"item": "NO-SUCH"})).await;
    assert_eq!((status, &problem["code"]), (422, &json!("no-item")));
    app.stop().await;
}

/// Whatever content sets, the server can record in statements that it would accept from anyone else.
#[actix_web::test]
async fn every_interaction_that_the_data_model_allows_can_be_recorded() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    let odd = "\u{1f600} \"<&>\u{0}\u{7f}[,][:] é,{a}.b";
    let mut interactions = Vec::new();
    for kind in ["true-false", "choice", "fill-in", "matching", "performance", "likert", "sequencing", "numeric", ""] {
        for (response, result, pattern) in [
            ("a,b", "correct", "a,b"),
            ("1.a,2.b", "wrong", "{1.b,2.a}"),
            ("18", "0.5", "18"),
            ("-3.50", "-1", "17.5"),
            (odd, "neutral", odd),
            ("", "unanticipated", ""),
            ("t", "", ""),
        ] {
            interactions.push(json!({
                "id": format!("{kind} {response} ü").replace(char::is_control, ""), "type": kind, "student_response": response,
                "result": result, "time": "10:00:00", "latency": "00:99:59.5", "weighting": "-1",
                "correct_responses": [{"pattern": pattern}, {"pattern": "b"}], "objectives": [{"id": "o"}],
            }));
        }
    }
    let count = interactions.len();
    let cmi = json!({
        "interactions": interactions, "comments": odd, "suspend_data": odd,
        "objectives": [{"id": odd.replace(char::is_control, ""), "score": {"raw": "33.333"}, "status": "failed"}],
        "core": {"score": {"raw": "99.5", "min": "99.5", "max": "99.5"}, "lesson_location": odd},
    });
    let (status, receipt) = commit(&app, &here, json!({"sequence": 1, "initialized": true, "cmi": cmi})).await;
    assert_eq!((status, &receipt["objections"]), (200, &json!([])), "{receipt}");
    let statements = statements(&app, registration.id).await;
    assert_eq!(statements.iter().filter(|statement| statement["verb"]["display"]["en"] == "responded").count(), count);
    app.stop().await;
}
