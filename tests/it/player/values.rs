//! What the API answers is what the server keeps: every element with a table of values, in a real browser, and what content
//! says beyond every limit.

use super::{enrol, import, launch, manifest, post, recorded, statements, zipped};
use crate::harness::{Browser, TestApp};
use enduring::service::playing::launches;
use enduring::service::playing::sessions::Sco;
use enduring::service::{PackageVersionId, Registration};
use serde_json::{Value, json};
use store::Records as _;

/// The same rows that a test of the run-time holds the server to.
const FIXTURE: &[u8] = include_bytes!("../../../fixtures/scorm12/set-values.json");
const VALUES: &[u8] = include_bytes!("values.js");

const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>SCO</title><h1>Content</h1><script>
  const api = parent.API;
  api.LMSInitialize("");
</script>
<script type="module">
  window.values = await import("./values.js");
  window.fixture = await (await fetch("./set-values.json")).json();
  const player = parent.document.querySelector("script[src*='player.js']").src;
  window.module = await import(new URL("api.js", player));
  document.title = "ready";
</script>"#;

async fn package(app: &TestApp) -> PackageVersionId {
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    let files = [
        ("imsmanifest.xml", manifest.as_bytes()),
        ("index.html", PAGE.as_bytes()),
        ("values.js", VALUES),
        ("set-values.json", FIXTURE),
    ];
    import(app, &zipped(&files)).await
}

/// Opens the player, and steps into its content once all of it is there.
async fn play(app: &TestApp, browser: &Browser, registration: &Registration) {
    browser.goto(&launch(app, registration.id, None).await).await;
    enter(browser).await;
}

async fn enter(browser: &Browser) {
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.until("return document.title === 'ready'").await;
}

/// Steps out of the content, and waits until everything is saved.
async fn save(browser: &Browser) {
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
}

async fn leave(browser: &Browser) {
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.click("#exit").await;
    browser.until("return location.pathname.startsWith('/sign-in')").await;
}

#[actix_web::test]
async fn the_api_accepts_and_refuses_exactly_what_the_server_does() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = enrol(&app, package(&app).await).await;
    play(&app, &browser, &registration).await;
    let found = browser.run("return values.run(fixture, module)").await;
    assert_eq!(found["wrong"], json!([]), "{found:#}");
    assert!(found["rows"].as_u64().unwrap() > 500, "{found}");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn what_content_sets_is_what_the_next_load_and_the_next_visit_read() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = enrol(&app, package(&app).await).await;
    play(&app, &browser, &registration).await;
    assert_eq!(browser.run("return values.setAll(api, fixture)").await, json!([]));
    save(&browser).await;
    browser.client.refresh().await.unwrap();
    enter(&browser).await;
    assert_eq!(browser.run("return values.readAll(api, fixture)").await, json!([]), "a reload of the same visit");
    let count = "return [api.LMSGetValue('cmi.interactions._count'), api.LMSGetValue('cmi.interactions.0.correct_responses._count'),
        api.LMSGetValue('cmi.interactions.0.id'), api.LMSGetLastError()]";
    assert_eq!(browser.run(count).await, json!(["1000", "1", "", "404"]));
    leave(&browser).await;
    play(&app, &browser, &registration).await;
    assert_eq!(browser.run("return values.readAll(api, fixture)").await, json!([]), "the next visit");
    assert_eq!(browser.run(count).await, json!(["0", "0", "", "404"]), "interactions belong to their visit");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn nothing_that_content_says_ends_recording() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = enrol(&app, package(&app).await).await;
    play(&app, &browser, &registration).await;
    let answers = browser.run(
        r#"const thrower = { toString() { throw new Error("no text"); } };
        const said = (...args) => [api.LMSSetValue(...args), api.LMSGetLastError()].join(" ");
        const odd = [
            said(Symbol("cmi.core.exit"), Symbol()), said("cmi.core.lesson_location", Symbol("7")), said(thrower, "x"),
            said("cmi.core.lesson_location", thrower), said(), said("cmi.core.lesson_location"), said(undefined, undefined),
            said("cmi.core.lesson_location", {}), said("cmi.core.lesson_location", Object.create(null)), said("cmi.core.score.raw", 85.5),
            said("cmi.core.score.raw", true), said("cmi.core.score.raw", -0), said("cmi.core.score.raw", 1e21), said("constructor", "x"),
            said("cmi.core", "x"), said("cmi.core.score", "x"), said("cmi\u0000.core.exit", "x"), said("cmi.suspend_data", "x".repeat(5000000)),
            [api.LMSGetValue(Symbol()), api.LMSGetLastError()].join(" "), [api.LMSGetValue(thrower), api.LMSGetLastError()].join(" "),
            [api.LMSCommit(Symbol()), api.LMSGetLastError()].join(" "), [api.LMSGetErrorString(thrower), api.LMSGetDiagnostic(Symbol())].length,
        ];
        return odd"#,
    );
    assert_eq!(
        answers.await,
        json!([
            "false 401",
            "true 0",
            "false 201",
            "false 201",
            "false 401",
            "true 0",
            "false 401",
            "true 0",
            "false 201",
            "true 0",
            "false 405",
            "true 0",
            "false 405",
            "false 401",
            "false 401",
            "false 401",
            "false 401",
            "false 405",
            " 401",
            " 201",
            "false 201",
            2
        ])
    );
    let counted = browser
        .run(
            r#"const counts = { true: 0, false: 0 };
            for (let index = 0; index <= 1000; index += 1) counts[api.LMSSetValue(`cmi.interactions.${index}.id`, `q${index}`)] += 1;
            const ids = { ...counts };
            for (let index = 0; index < 1000; index += 1) {
                counts[api.LMSSetValue(`cmi.interactions.${index}.student_response`, "\u0001".repeat(4000))] += 1;
            }
            api.LMSSetValue("cmi.suspend_data", "\ud83d".repeat(64000));
            const last = [api.LMSSetValue("cmi.core.lesson_status", "completed"), api.LMSGetLastError()];
            return [ids, counts.false > 400 && counts.true > 1400, last]"#,
        )
        .await;
    assert_eq!(counted, json!([{"true": 1000, "false": 1}, true, ["true", "0"]]));
    save(&browser).await;
    assert!(recorded(&app, registration.id).await.contains(&"completed ITEM-1".to_owned()));
    browser.client.refresh().await.unwrap();
    enter(&browser).await;
    let found = browser
        .run("return [api.LMSGetValue('cmi.suspend_data') === '\\ud83d'.repeat(64000), api.LMSGetValue('cmi.interactions._count')]")
        .await;
    assert_eq!(found, json!([true, "1000"]), "several megabytes went in commits of one each");
    let kept = app.app.store.get::<Sco>(&app.app.provider, &Sco::key_of(registration.id, "ITEM-1")).await.unwrap();
    assert_eq!(kept.unwrap().document.state.values["cmi.core.lesson_location"], "[object Object]");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn what_reaches_the_server_anyway_costs_only_itself() {
    let app = TestApp::start();
    let registration = enrol(&app, package(&app).await).await;
    let here = launch(&app, registration.id, None).await;
    let mut cmi: serde_json::Map<String, Value> =
        (0..30_000).map(|index| (format!("cmi.nonsense.{index}"), json!("x"))).collect();
    cmi.insert("cmi.core.exit".into(), Value::Null);
    cmi.insert("cmi.core.score.raw".into(), json!(true));
    cmi.insert("cmi.suspend_data".into(), json!("x".repeat(70_000)));
    cmi.insert("cmi.interactions.1000.id".into(), json!("q"));
    cmi.insert("cmi.core.lesson_status".into(), json!("completed"));
    let (status, receipt) = post(&app, &here, "commit", json!({"sequence": 1, "initialized": true, "cmi": cmi})).await;
    assert_eq!((status, &receipt["status"]), (200, &json!("completed")), "{receipt:.500}");
    let reason = |element: &str| {
        let all = receipt["objections"].as_array().unwrap();
        all.iter().find(|objection| objection["element"] == element).map(|objection| objection["reason"].clone())
    };
    assert_eq!(reason("cmi.core.exit"), Some(json!("wrong-type")));
    assert_eq!(reason("cmi.core.score.raw"), Some(json!("wrong-type")));
    assert_eq!(reason("cmi.interactions.1000.id"), Some(json!("too-many")));
    app.stop().await;
}

#[actix_web::test]
async fn two_questions_at_one_index_are_two_answers_and_counting_continues_after_a_reload() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = enrol(&app, package(&app).await).await;
    play(&app, &browser, &registration).await;
    let both = "const set = (name, value) => api.LMSSetValue('cmi.interactions.0.' + name, value);
        set('id', 'q1'); set('type', 'choice'); set('student_response', 'a'); set('result', 'correct');
        set('id', 'q2'); set('student_response', 'b'); api.LMSCommit('');
        return api.LMSGetValue('cmi.interactions._count')";
    assert_eq!(browser.run(both).await, "1");
    save(&browser).await;
    let responded = async || -> Vec<Value> {
        let all = statements(&app, registration.id).await;
        let ours = all.into_iter().filter(|said| said["verb"]["id"].as_str().unwrap().ends_with("/responded"));
        let tail = |said: &Value| said["object"]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        ours.map(|said| json!([tail(&said), said["result"]])).collect()
    };
    let expected = vec![json!(["q1", {"response": "a", "success": true}]), json!(["q2", {"response": "b"}])];
    let said = responded().await;
    let without_extensions: Vec<Value> = said
        .into_iter()
        .map(|mut said| {
            said[1].as_object_mut().unwrap().remove("extensions");
            said
        })
        .collect();
    assert_eq!(without_extensions, expected);
    browser.client.refresh().await.unwrap();
    enter(&browser).await;
    let counted = "const count = api.LMSGetValue('cmi.interactions._count');
        api.LMSSetValue(`cmi.interactions.${count}.id`, 'q3'); api.LMSSetValue(`cmi.interactions.${count}.result`, 'wrong');
        return [count, api.LMSGetValue('cmi.interactions._count')]";
    assert_eq!(browser.run(counted).await, json!(["1", "2"]));
    save(&browser).await;
    assert_eq!(responded().await.len(), 3, "nothing is said twice, and nothing is overwritten");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn words_of_scorm_2004_are_refused_noticed_and_explained_in_the_preview() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let package = package(&app).await;
    let words = "return [api.LMSSetValue('cmi.completion_status', 'completed'), api.LMSGetLastError(), api.LMSSetValue('cmi.score.scaled', '1')]";
    let registration = enrol(&app, package).await;
    play(&app, &browser, &registration).await;
    assert_eq!(browser.run(words).await, json!(["false", "401", "false"]));
    leave(&browser).await;
    let left = statements(&app, registration.id).await.pop().unwrap();
    let noted = left["result"]["extensions"]["https://w3id.org/enduring/extensions/observations"].to_string();
    assert!(noted.contains("scorm2004-elements"), "{left:#}");

    let preview = launches::preview(&app.app, package, None).await.unwrap();
    browser.goto(&preview.url).await;
    enter(&browser).await;
    assert_eq!(browser.run(words).await, json!(["false", "401", "false"]));
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.read("Publish it again for SCORM 1.2").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn the_transport_loses_repeats_and_reorders_nothing() {
    const TRANSPORT: &str = r#"<!doctype html><title>SCO</title><h1>Content</h1><script type="module">
      const player = parent.document.querySelector("script[src*='player.js']").src;
      const { run } = await import("./transport.js");
      window.results = await run(new URL("transport.js", player));
      document.title = "ready";
    </script>"#;
    let app = TestApp::start();
    let browser = Browser::start().await;
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    let files: [(&str, &[u8]); 3] = [
        ("imsmanifest.xml", manifest.as_bytes()),
        ("index.html", TRANSPORT.as_bytes()),
        ("transport.js", include_bytes!("transport.js")),
    ];
    let registration = enrol(&app, import(&app, &zipped(&files)).await).await;
    play(&app, &browser, &registration).await;
    let results = browser.run("return results").await;
    for (name, expected) in [
        ("aValueThatReturnsIsNotForgotten", json!([[[1, {"x": "A"}], [2, {"x": "B"}], [3, {"x": "A"}]], true])),
        (
            "anotherQuestionFollowsTheFirst",
            json!([[[
                [{"cmi.interactions.0.id": "q1", "cmi.interactions.0.result": "wrong"}],
                {"cmi.interactions.0.id": "q2"}
            ]], true]),
        ),
        ("whatDoesNotFitGoesInSeveral", json!([[[16, false], [14, true]], true])),
        ("attentionIsReportedOnce", json!([[7, 0, 5, 5], true])),
        ("aTimerThatFindsACommitUnderWayIsNotTheLast", json!([["1", "2", "3"], true])),
        ("noLetterIsLeftOnceAllIsSaved", json!([{"x": "1"}, 0, true])),
        ("anOvertakenCommitIsInTheOneThatOvertookIt", json!([[{"x": "1"}, {"x": "1", "y": "2"}], true])),
        ("aPageThatGoesSaysItsLastOnce", json!([[[{"x": "1", "y": "2"}, true]], true])),
    ] {
        assert_eq!(results[name], expected, "{name}");
    }
    browser.close().await;
    app.stop().await;
}
