//! How often the store writes for what a player says.

use super::{enrol, import, launch, one_sco, page, post};
use crate::harness::player::load_key;
use crate::harness::{CountingStore, TestApp};
use enduring::service::playing::commits::{self, Heartbeat};
use enduring::service::playing::history;
use serde_json::json;

#[actix_web::test]
async fn what_a_player_says_is_one_commit_of_the_store() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let elsewhere = launch(&app, registration.id, None).await;
    assert_eq!(post(&app, &elsewhere, "commit", json!({"sequence": 1, "initialized": true})).await.0, 200);

    let here = launch(&app, registration.id, None).await;
    let key = load_key(&app.app, &here).await;
    let files = page(&elsewhere).await.files;
    assert_eq!(app.client.get(format!("{files}index.html")).send().await.unwrap().status(), 200);
    let mut counted = app.app.clone();
    let store = CountingStore::under(&mut counted);
    let say = async |body: serde_json::Value| {
        commits::commit(&counted, &key, body.to_string().as_bytes()).await.unwrap();
        store.commits()
    };

    // The first keeps which files the session was given; its page has entered it, and suspended the one that ran.
    assert_eq!(say(json!({"sequence": 1, "initialized": true})).await, 1);
    let mut sessions = history::list(&counted, registration.id).await.unwrap();
    let session = history::of(&counted, sessions.remove(0).id).await.unwrap();
    assert_eq!(session.files.keys().collect::<Vec<_>>(), ["index.html"]);
    assert_eq!((session.commits.len(), session.intact), (1, true));
    assert_eq!(sessions[0].visit.phase, runtime::Phase::Suspended);

    commits::heartbeat(&counted, &key, Heartbeat { attended: 10, parting: false }).await.unwrap();
    assert_eq!(store.commits(), 1);
    let passed = json!({"sequence": 2, "initialized": true, "terminated": true, "left": true,
                        "cmi": {"core": {"lesson_status": "completed", "score": {"raw": "90"}}}});
    assert_eq!(say(passed.clone()).await, 1);
    assert_eq!(say(passed).await, 0, "the same once more");
}
