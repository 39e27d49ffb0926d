//! The commit contract: what is taken, what is refused and how, and that nothing stored is ever harmed by either.

use super::{commit, enrol, import, launch, one_sco, page, post, recorded, statements};
use crate::harness::{TestApp, status_and_json};
use base::clock::FixedClock;
use base::hash::Sha256;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::playing::launches;
use enduring::service::playing::sessions::{Fate, StoredCommit};
use jiff::{SignedDuration, Timestamp};
use runtime::Mode;
use serde_json::json;
use std::collections::BTreeSet;
use store::Records as _;

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn after(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

#[actix_web::test]
async fn a_commit_is_checked_stored_and_recorded_in_statements() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;

    let (status, receipt) = commit(&app, &here, json!({"sequence": 1, "initialized": true})).await;
    assert_eq!((status, &receipt["result"], &receipt["session"]), (200, &json!(true), &json!("open")));

    let values = json!({
        "cmi.core.lesson_status": "passed", "cmi.core.score.raw": "70", "cmi.core.student_id": "someone else",
        "cmi.core.lesson_location": "9", "cmi.nonsense": "x",
    });
    let (status, receipt) = commit(&app, &here, json!({"sequence": 2, "initialized": true, "cmi": values})).await;
    assert_eq!(status, 200);
    assert_eq!(receipt["status"], "failed", "70 is below the mastery score, whatever content says");
    let reasons: Vec<_> = receipt["objections"].as_array().unwrap().iter().map(|o| o["reason"].clone()).collect();
    assert_eq!(reasons, [json!("read-only"), json!("not-implemented")]);

    let end = json!({"sequence": 3, "initialized": true, "terminated": true, "cmi": {"core": {"score": {"raw": 85}}}});
    let (_, receipt) = commit(&app, &here, end).await;
    assert_eq!((&receipt["status"], &receipt["session"]), (&json!("passed"), &json!("ended")));
    assert_eq!(
        recorded(&app, registration.id).await,
        [
            "initialized ITEM-1",
            "scored ITEM-1",
            "failed ITEM-1",
            "failed",
            "scored ITEM-1",
            "completed ITEM-1",
            "passed ITEM-1",
            "terminated ITEM-1",
            "completed",
            "passed",
        ]
    );
    let authority = format!("{}|enduring", app.url);
    for statement in statements(&app, registration.id).await {
        let account = &statement["authority"]["account"];
        let said = format!("{}|{}", account["homePage"].as_str().unwrap(), account["name"].as_str().unwrap());
        assert_eq!(said, authority, "only this server vouches for what it says");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_repeated_commit_returns_the_same_and_does_nothing() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    let first = json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_location": "1"}});
    let answer = commit(&app, &here, first.clone()).await;
    let before = recorded(&app, registration.id).await;
    assert_eq!(commit(&app, &here, first).await, answer);
    assert_eq!(recorded(&app, registration.id).await, before);

    let other = json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_location": "2"}});
    let (status, problem) = commit(&app, &here, other).await;
    assert_eq!((status, &problem["code"]), (409, &json!("sequence-used")));

    commit(&app, &here, json!({"sequence": 5, "initialized": true})).await;
    let (status, problem) = commit(&app, &here, json!({"sequence": 4, "initialized": true})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("commit-overtaken")));
    app.stop().await;
}

#[actix_web::test]
async fn what_cannot_be_taken_is_refused_with_a_code_and_a_sentence() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    let player = page(&here).await;
    let foreign = player.key.replace('.', ".9");
    for (key, body, status, code) in [
        (&player.key, "not json".to_owned(), 400, "invalid-commit"),
        (&player.key, r#"{"sequence": 0}"#.to_owned(), 400, "invalid-commit"),
        (&player.key, r#"{"sequence": 1, "learner": "someone"}"#.to_owned(), 400, "invalid-commit"),
        (
            &player.key,
            format!(r#"{{"sequence": 1, "cmi": {{"suspend_data": "{}"}}}}"#, "x".repeat(2 << 20)),
            413,
            "commit-too-large",
        ),
        (&foreign, r#"{"sequence": 1}"#.to_owned(), 404, "launch-unknown"),
    ] {
        let sent = app
            .client
            .post(format!("{}/player/commit", player.origin))
            .header("x-player-key", key)
            .body(body)
            .send()
            .await
            .unwrap();
        let (got, problem) = status_and_json(sent).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 20);
    }
    assert_eq!(recorded(&app, registration.id).await, Vec::<String>::new());
    app.stop().await;
}

#[actix_web::test]
async fn what_comes_after_the_end_is_kept_and_not_counted() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let launched = launches::launch(&app.app, registration.id, None, Mode::Normal, None).await.unwrap();
    let here = launched.url.clone();
    commit(&app, &here, json!({"sequence": 1, "initialized": true, "terminated": true})).await;
    let before = recorded(&app, registration.id).await;
    let late = json!({"sequence": 2, "initialized": true, "cmi": {"cmi.core.lesson_status": "passed"}});
    for _ in 0..2 {
        let (status, problem) = commit(&app, &here, late.clone()).await;
        assert_eq!((status, &problem["code"]), (409, &json!("session-ended")));
    }
    assert_eq!(recorded(&app, registration.id).await, before);

    let mut chain = Sha256::of(launched.session.to_string());
    for (sequence, fate) in [(1, Fate::Applied), (2, Fate::AfterEnd)] {
        let key = StoredCommit::key_of(launched.session, sequence);
        let stored = app.app.store.get::<StoredCommit>(&app.app.provider, &key).await.unwrap().unwrap().document;
        chain = Sha256::of([chain.0, Sha256::of(&stored.body).0].concat());
        assert_eq!((stored.fate, stored.chain), (fate, chain), "every commit is chained to the one before");
    }
    app.stop().await;
}

#[actix_web::test]
async fn the_newest_window_counts_and_the_older_one_is_notified() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let older = launch(&app, registration.id, None).await;
    commit(&app, &older, json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_location": "3"}})).await;
    let newer = launch(&app, registration.id, None).await;
    assert_eq!(
        recorded(&app, registration.id).await,
        ["initialized ITEM-1"],
        "a launch that nobody opens takes nothing over"
    );
    page(&newer).await;
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1"]);
    let words = json!({"sequence": 2, "initialized": true, "cmi": {"cmi.core.lesson_location": "4"}});
    let (_, receipt) = commit(&app, &older, words).await;
    assert_eq!(
        (&receipt["session"], &receipt["applied"]),
        (&json!("superseded"), &json!(true)),
        "last words still count"
    );
    let (_, receipt) = commit(&app, &newer, json!({"sequence": 1, "initialized": true})).await;
    assert_eq!((&receipt["session"], &receipt["status"]), (&json!("open"), &json!("incomplete")));

    let claim =
        json!({"sequence": 3, "initialized": true, "terminated": true, "cmi": {"cmi.core.lesson_status": "passed"}});
    let (status, receipt) = commit(&app, &older, claim).await;
    assert_eq!((status, &receipt["session"], &receipt["applied"]), (200, &json!("superseded"), &json!(false)));
    let (_, beat) = post(&app, &older, "heartbeat", json!({"attended": 30})).await;
    assert_eq!(beat["session"], "superseded");

    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1", "resumed ITEM-1"]);
    app.stop().await;
}

#[actix_web::test]
async fn a_launch_that_is_left_alone_lapses_but_late_words_still_count() {
    let clock = FixedClock::at(noon());
    let app = TestApp::at(&clock);
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let here = launch(&app, registration.id, None).await;
    commit(&app, &here, json!({"sequence": 1, "initialized": true})).await;
    clock.set(after(9 * 60));
    let player = page(&here).await;
    let again = player.http.get(format!("{}/player", player.origin)).send().await.unwrap();
    assert_eq!(status_and_json(again).await.1["code"], "launch-expired");
    let (status, _) = commit(&app, &here, json!({"sequence": 2, "initialized": true, "terminated": true})).await;
    assert_eq!(status, 200, "what was said offline may come within a day");
    clock.set(after(9 * 60 + 25 * 60));
    let (status, problem) = commit(&app, &here, json!({"sequence": 3})).await;
    assert_eq!((status, &problem["code"]), (410, &json!("launch-expired")));
    app.stop().await;
}

#[actix_web::test]
async fn a_preview_records_nothing_and_returns_its_objections() {
    let app = TestApp::start();
    let package = import(&app, &one_sco(&[])).await;
    let preview = launches::preview(&app.app, package, None).await.unwrap();
    let here = preview.url;
    let values = post(&app, &here, "values", json!({})).await.1["values"].clone();
    assert_eq!((&values["cmi.core.lesson_mode"], &values["cmi.core.credit"]), (&json!("browse"), &json!("no-credit")));
    assert!(page(&here).await.html.contains("Run-time log"));
    let said = json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_status": "garbage"}});
    let (status, receipt) = commit(&app, &here, said.clone()).await;
    assert_eq!((status, &receipt["applied"]), (200, &json!(false)));
    assert_eq!(receipt["objections"][0]["reason"], "wrong-type");
    assert_eq!(commit(&app, &here, said).await.0, 200);
    assert_eq!(app.app.store.head(&app.app.provider).await.unwrap().seq.0, 0, "the log is as empty as before");
    app.stop().await;
}

#[actix_web::test]
async fn the_api_launches_what_is_registered_and_refuses_the_rest() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let scopes = BTreeSet::from([Scope::All]);
    let (credential, secret) = credentials::create(&app.app, "portal", scopes).await.unwrap();
    let ask = async |body: serde_json::Value, secret: &str| {
        let asked = app.client.post(format!("{}/api/v1/launches", app.url)).basic_auth(&credential.key, Some(secret));
        status_and_json(asked.json(&body).send().await.unwrap()).await
    };
    let wanted = json!({"registration": registration.id, "return_url": "https://portal.example/done"});
    let (status, launched) = ask(wanted.clone(), &secret).await;
    assert_eq!(status, 201, "{launched}");
    assert!(launched["session"].is_string());
    let here = launched["url"].as_str().unwrap().to_owned();
    assert_eq!(page(&here).await.launch()["return_url"], "https://portal.example/done");
    assert_eq!(ask(wanted, "guessed").await.0, 401, "nobody launches without being asked who they are");

    let id = registration.id;
    app.client.get(format!("{}index.html", page(&here).await.files)).send().await.unwrap();
    commit(&app, &here, json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.exit": "normal"}})).await;
    let read = async |path: String| {
        let asked = app.client.get(format!("{}/api/v1/{path}", app.url)).basic_auth(&credential.key, Some(&secret));
        status_and_json(asked.send().await.unwrap()).await
    };
    let (_, sessions) = read(format!("sessions?registration={id}")).await;
    assert_eq!(sessions["sessions"][0]["id"], launched["session"]);
    let (_, history) = read(format!("sessions/{}", launched["session"].as_str().unwrap())).await;
    assert_eq!((&history["intact"], &history["phase"]), (&json!(true), &json!("running")), "{history}");
    assert_eq!(history["commits"][0]["objections"][0]["element"], "cmi.core.exit");
    assert!(history["commits"][0]["body"].as_str().unwrap().contains("cmi.core.exit"));
    assert!(history["files"]["index.html"].is_string(), "the server knows what it has given");
    assert_eq!(read(format!("sessions/{id}")).await.0, 404);

    for (wanted, status, code) in [
        (json!({"registration": id, "item": "NO-SUCH"}), 422, "no-item"),
        (json!({"registration": id, "return_url": "javascript:alert(1)"}), 422, "invalid-return-url"),
        (json!({"registration": id, "return_url": "https://portal.example/ x"}), 422, "invalid-return-url"),
        (json!({"registration": id, "frame_ancestor": "*"}), 422, "invalid-frame-ancestor"),
        (
            json!({"registration": id, "frame_ancestor": "https://lms.example; script-src *"}),
            422,
            "invalid-frame-ancestor",
        ),
        (json!({"registration": id, "mode": "exam"}), 400, "invalid-json"),
        (json!({"registration": uuid::Uuid::nil()}), 404, "no-registration"),
    ] {
        let (got, problem) = ask(wanted, &secret).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
    }
    app.stop().await;
}
