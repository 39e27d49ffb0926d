//! A load of the player page is an epoch: reloads, Back, two tabs and a slow network lose no value and show no old one.

use super::{enrol, import, launch, manifest, page, recorded, zipped};
use crate::harness::{Browser, TestApp};
use enduring::service::playing::sessions::Sco;
use enduring::service::{PackageVersionId, RegistrationId};
use serde_json::json;
use store::Records as _;

/// Content that counts its loads in the location, and finishes when it is taken away by `EVENT`.
const COUNTER: &str = r#"<!doctype html><title>SCO</title><h1>Content</h1><script>
  const api = parent.API;
  api.LMSInitialize("");
  const before = Number(api.LMSGetValue("cmi.core.lesson_location") || 0);
  document.title = String(before);
  let done = false;
  addEventListener("EVENT", () => {
    if (done) return;
    done = true;
    api.LMSSetValue("cmi.core.lesson_location", String(before + 1));
    api.LMSSetValue("cmi.core.exit", "suspend");
    api.LMSFinish("");
  });
</script>"#;

async fn package(app: &TestApp, html: &str) -> PackageVersionId {
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    import(app, &zipped(&[("imsmanifest.xml", manifest.as_bytes()), ("index.html", html.as_bytes())])).await
}

/// How often each case of the matrix runs.
fn runs() -> u64 {
    std::env::var("ENDURING_PLAYER_RUNS").map_or(2, |runs| runs.parse().unwrap())
}

/// Into the content, once it has started; returns what it found as its place.
async fn place(browser: &Browser) -> String {
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.until("return document.readyState === 'complete' && document.title !== ''").await;
    let found = browser.run("return document.title").await;
    browser.client.clone().enter_parent_frame().await.unwrap();
    found.as_str().unwrap().to_owned()
}

async fn location(app: &TestApp, registration: RegistrationId) -> Option<String> {
    let kept = app.app.store.get::<Sco>(&app.app.provider, &Sco::key_of(registration, "ITEM-1")).await.unwrap();
    kept.and_then(|kept| kept.document.state.values.get("cmi.core.lesson_location").cloned())
}

async fn location_becomes(app: &TestApp, registration: RegistrationId, value: &str) {
    for _ in 0..200 {
        if location(app, registration).await.as_deref() == Some(value) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{value} never arrived: {:?}", location(app, registration).await);
}

async fn reload_loses_nothing(event: &str, latency: u64) {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    browser.tolerate("beforeunload");
    browser.tolerate("409");
    let registration = enrol(&app, package(&app, &COUNTER.replace("EVENT", event)).await).await;
    browser.devtools("Network.enable", json!({})).await;
    let slow = json!({"offline": false, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.emulateNetworkConditions", slow).await;
    browser.goto(&launch(&app, registration.id, None).await).await;
    for run in 0..runs() {
        assert_eq!(place(&browser).await, run.to_string(), "{event}, {latency} ms, run {run}: an old value");
        browser.client.refresh().await.unwrap();
    }
    assert_eq!(place(&browser).await, runs().to_string());
    browser.goto("about:blank").await;
    location_becomes(&app, registration.id, &(runs() + 1).to_string()).await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_reload_while_content_finishes_on_pagehide_shows_its_last_value() {
    reload_loses_nothing("pagehide", 0).await;
}

#[actix_web::test]
async fn a_reload_while_content_finishes_on_unload_shows_its_last_value() {
    reload_loses_nothing("unload", 0).await;
}

#[actix_web::test]
async fn a_reload_while_content_finishes_on_beforeunload_shows_its_last_value() {
    reload_loses_nothing("beforeunload", 0).await;
}

#[actix_web::test]
async fn a_reload_on_a_slow_network_shows_the_last_value() {
    reload_loses_nothing("pagehide", 150).await;
}

#[actix_web::test]
async fn leaving_and_coming_back_shows_the_last_value() {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    // A commit that was under way while the page left arrives after the one that includes it.
    browser.tolerate("409");
    let registration = enrol(&app, package(&app, &COUNTER.replace("EVENT", "pagehide")).await).await;
    browser.goto(&launch(&app, registration.id, None).await).await;
    for run in 0..runs() {
        assert_eq!(place(&browser).await, run.to_string());
        browser.goto(&format!("{}/sign-in", app.url)).await;
        browser.client.back().await.unwrap();
    }
    assert_eq!(place(&browser).await, runs().to_string());
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_second_tab_of_one_session_replaces_the_first_and_neither_ends_the_other() {
    let app = TestApp::start();
    let registration = enrol(&app, package(&app, "<!doctype html><title>SCO</title>").await).await;
    let first = page(&launch(&app, registration.id, None).await).await;
    let (_, begun) = first.post("values", &json!({})).await;
    assert_eq!((&begun["session"], &begun["sequence"]), (&json!("open"), &json!(0)));
    let said = |sequence: u64, place: &str| json!({"sequence": sequence, "initialized": true, "cmi": {"cmi.core.lesson_location": place}});
    assert_eq!(first.post("commit", &said(1, "1")).await.1["applied"], true);

    let second = first.again().await;
    let (_, begun) = second.post("values", &json!({})).await;
    assert_eq!(begun["values"]["cmi.core.lesson_location"], "1");
    assert_eq!(second.post("commit", &said(1, "2")).await.1["applied"], true, "each load counts from one");

    let end =
        json!({"sequence": 2, "initialized": true, "terminated": true, "cmi": {"cmi.core.lesson_location": "old"}});
    for _ in 0..2 {
        let (status, receipt) = first.post("commit", &end).await;
        assert_eq!((status, &receipt["session"], &receipt["applied"]), (200, &json!("replaced"), &json!(false)));
    }
    assert_eq!(first.post("heartbeat", &json!({"attended": 1})).await.1["session"], "replaced");
    assert_eq!(location(&app, registration.id).await.as_deref(), Some("2"), "nothing is overwritten");
    assert_eq!(second.post("commit", &said(2, "3")).await.1["session"], "open", "nothing is ended");
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1"]);
    app.stop().await;
}

#[actix_web::test]
async fn times_of_several_loads_add_up_and_a_reload_is_no_exit() {
    let clock = base::clock::FixedClock::at("2026-03-02T12:00:00Z".parse().unwrap());
    let app = TestApp::at(&clock);
    let registration = enrol(&app, package(&app, "<!doctype html><title>SCO</title>").await).await;
    let mut player = page(&launch(&app, registration.id, None).await).await;
    for load in 1..=3 {
        player.post("values", &json!({})).await;
        clock.set(
            "2026-03-02T12:00:00Z".parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_mins(10 * load),
        );
        let left = load == 3;
        let said =
            json!({"sequence": 1, "initialized": true, "left": left, "cmi": {"cmi.core.session_time": "00:10:00"}});
        assert_eq!(player.post("commit", &said).await.0, 200);
        player.post("heartbeat", &json!({"parting": true})).await;
        player = player.again().await;
    }
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1"]);
    let statements = super::statements(&app, registration.id).await;
    assert_eq!(statements[1]["result"]["duration"], "PT30M");
    app.stop().await;
}
