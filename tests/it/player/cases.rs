//! Small inputs that failed in other products, replayed where they are there: commits, a state document, a name, and pages.

use super::{enrol, import, launch, manifest, one_sco, page, recorded, statements, zipped};
use crate::harness::{Browser, TestApp, shared_packages, skipped, status_and_json};
use enduring::service::people::credentials::{self, Scope};
use enduring::service::{Registration, RegistrationId};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The folder of the cases; says that the test was skipped where there is none.
fn cases() -> Option<PathBuf> {
    let folder = shared_packages()?.join("../cases");
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!("{} is not there", folder.display()));
    None
}

/// An activity of one SCO without a mastery score, played by commits whose bytes are sent as they are in the files.
struct Played {
    app: TestApp,
    registration: Registration,
    player: crate::harness::Player,
}

impl Played {
    async fn begin() -> Self {
        let app = TestApp::start();
        let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
        let files =
            [("imsmanifest.xml", manifest.as_bytes()), ("index.html", &b"<!doctype html><title>SCO</title>"[..])];
        let registration = enrol(&app, import(&app, &zipped(&files)).await).await;
        let player = page(&launch(&app, registration.id, None).await).await;
        Self { app, registration, player }
    }

    async fn commit(&self, body: String) -> Value {
        let request = self.player.http.post(format!("{}/player/commit", self.player.origin));
        let response = request.header("x-player-key", &self.player.key).body(body).send().await.unwrap();
        let (status, receipt) = status_and_json(response).await;
        assert_eq!(status, 200, "{receipt}");
        receipt
    }

    /// What the next load of the page is given, as text, since a value may be more than JSON's libraries take.
    async fn values(&self) -> String {
        let again = self.player.again().await;
        let asked = again.http.post(format!("{}/player/values", again.origin)).header("x-player-key", &again.key);
        asked.send().await.unwrap().text().await.unwrap()
    }
}

#[actix_web::test]
async fn text_that_is_half_a_character_costs_nothing() {
    let Some(cases) = cases() else { return };
    let played = Played::begin().await;
    let receipt = played.commit(std::fs::read_to_string(cases.join("b02-lone-surrogate.commit.json")).unwrap()).await;
    assert_eq!((&receipt["status"], &receipt["objections"]), (&json!("completed"), &json!([])), "{receipt}");
    assert!(played.values().await.contains(r#""cmi.suspend_data":"a\ud83d""#));
    let recorded = recorded(&played.app, played.registration.id).await;
    assert!(recorded.contains(&"completed ITEM-1".to_owned()), "{recorded:?}");

    let state = std::fs::read(cases.join("b02-lone-surrogate.state.json")).unwrap();
    let (key, secret) = credentials::create(&played.app.app, "content", [Scope::All].into()).await.unwrap();
    let agent = json!({"mbox": "mailto:learner@example.org"}).to_string();
    let query = [("activityId", "https://courses.example/a"), ("agent", &agent), ("stateId", "place")];
    let address = format!("{}/xapi/activities/state", played.app.url);
    let ask = |request: reqwest::RequestBuilder| {
        request.query(&query).basic_auth(&key.key, Some(&secret)).header("x-experience-api-version", "1.0.3")
    };
    let put = ask(played.app.client.put(&address)).header("content-type", "application/json").body(state.clone());
    assert_eq!(put.send().await.unwrap().status(), 204);
    let got = ask(played.app.client.get(&address)).send().await.unwrap();
    assert_eq!(got.bytes().await.unwrap(), state);
    played.app.stop().await;
}

#[actix_web::test]
async fn a_pass_keeps_the_score_that_earned_it() {
    let Some(cases) = cases() else { return };
    let played = Played::begin().await;
    let text = std::fs::read(cases.join("b07-passed-100-then-failed-0.commits.json")).unwrap();
    let mut receipt = Value::Null;
    for commit in serde_json::from_slice::<Vec<Value>>(&text).unwrap() {
        receipt = played.commit(commit.to_string()).await;
    }
    assert_eq!(receipt["status"], "passed", "{receipt}");
    let scored: Vec<Value> = statements(&played.app, played.registration.id).await;
    let scored: Vec<&Value> = scored.iter().filter(|statement| statement["result"]["success"].is_boolean()).collect();
    assert!(scored.len() > 1, "{scored:#?}");
    for statement in scored {
        let result = &statement["result"];
        assert_eq!((&result["success"], result["score"]["raw"].as_f64()), (&json!(true), Some(100.0)), "{statement:#}");
    }
    played.app.stop().await;
}

#[actix_web::test]
async fn a_result_in_the_words_of_scorm_2004_counts_as_wrong_and_the_response_stays() {
    let Some(cases) = cases() else { return };
    let played = Played::begin().await;
    let receipt = played.commit(std::fs::read_to_string(cases.join("b12-words-of-2004.commit.json")).unwrap()).await;
    assert_eq!(receipt["objections"], json!([]), "{receipt}");
    let statements = statements(&played.app, played.registration.id).await;
    let answered = statements.iter().find(|statement| statement["verb"]["display"]["en"] == "responded").unwrap();
    assert_eq!(answered["result"]["success"], false, "{answered:#}");
    assert_eq!(answered["result"]["response"], "1[.]a[,]2[.]b", "{answered:#}");
    assert_eq!(answered["object"]["definition"]["correctResponsesPattern"], json!(["1[.]b[,]2[.]a"]), "{answered:#}");
    played.app.stop().await;
}

#[actix_web::test]
async fn a_name_in_one_piece_is_given_family_name_first() {
    let Some(cases) = cases() else { return };
    let case: Value = serde_json::from_slice(&std::fs::read(cases.join("b08-student-name.json")).unwrap()).unwrap();
    let app = TestApp::start();
    let activity = super::publish(&app, import(&app, &one_sco(&[])).await).await.activity;
    let (key, secret) = credentials::create(&app.app, "portal", [Scope::All].into()).await.unwrap();
    let request = app.client.post(format!("{}/api/v1/registrations", app.url)).basic_auth(&key.key, Some(&secret));
    let request = request.json(&json!({"activity": activity, "learner": case["learner"]}));
    let (status, registered) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!(status, 201, "{registered}");
    let id = RegistrationId(registered["id"].as_str().unwrap().parse().unwrap());
    let (_, given) = page(&launch(&app, id, None).await).await.post("values", &json!({})).await;
    assert_eq!(given["values"][case["read"].as_str().unwrap()], case["expected"]);
    app.stop().await;
}

#[actix_web::test]
async fn pages_that_finish_on_unload_and_that_show_documents_play() {
    let Some(cases) = cases() else { return };
    let app = TestApp::start();
    let browser = Browser::start().await;
    let text = std::fs::read_to_string(cases.join("b03-finishes-on-unload.html")).unwrap();
    for event in ["pagehide", "unload", "beforeunload"] {
        let html = text.replace("\"pagehide\"", &format!("\"{event}\""));
        let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
        let zip = zipped(&[("imsmanifest.xml", manifest.as_bytes()), ("index.html", html.as_bytes())]);
        let registration = super::enrol_as(&app, import(&app, &zip).await, event).await;
        browser.goto(&launch(&app, registration.id, None).await).await;
        into_content(&browser).await;
        browser.run("at = 'p7'").await;
        browser.client.clone().enter_parent_frame().await.unwrap();
        browser.client.clone().refresh().await.unwrap();
        into_content(&browser).await;
        assert_eq!(browser.run("return seen[1]").await, "p7", "{event}");
        browser.run("A.LMSSetValue('cmi.core.lesson_status', 'completed'); A.LMSCommit('')").await;
        browser.client.clone().enter_parent_frame().await.unwrap();
        browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
        browser.goto("about:blank").await;
        let recorded = recorded(&app, registration.id).await;
        assert!(recorded.contains(&"completed ITEM-1".to_owned()), "{event}: {recorded:?}");
    }

    let shown = std::fs::read(cases.join("b09-pdf-in-page.html")).unwrap();
    let pdf = std::fs::read(cases.join("b09-a.pdf")).unwrap();
    let picture = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>";
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    let files =
        [("imsmanifest.xml", manifest.as_bytes()), ("index.html", &shown), ("a.pdf", &pdf), ("pic.svg", picture)];
    let registration = super::enrol_as(&app, import(&app, &zipped(&files)).await, "pdf").await;
    browser.goto(&launch(&app, registration.id, None).await).await;
    into_content(&browser).await;
    let fetched = "return performance.getEntriesByType('resource').map(each => each.name.split('/').pop()).sort()";
    browser
        .until(&format!(
            "const all = (() => {{ {fetched} }})(); return all.includes('a.pdf') && all.includes('pic.svg')"
        ))
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "nothing is blocked");
    browser.close().await;
    app.stop().await;
}

async fn into_content(browser: &Browser) {
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.until("return document.readyState === 'complete' && location.pathname.includes('/p/')").await;
}
