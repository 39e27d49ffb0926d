//! The player in a real browser: two windows, a lost connection, a window that goes away, and the API's own rules.

use super::{commit, enrol, enrol_account, import, launch, manifest, post, recorded, statements, zipped};
use crate::harness::{Browser, TestApp};
use enduring::service::people::demo;
use enduring::service::playing::sessions::Sco;
use enduring::service::{PackageVersionId, Registration, RegistrationId};
use serde_json::json;
use store::Records as _;

/// Content that begins when it is shown and does what the test says.
const PAGE: &str = r#"<!doctype html><title>SCO</title><h1>Content</h1><script>
  let api = window;
  while (!api.API) api = api.parent;
  api = api.API;
  api.LMSInitialize("");
</script>"#;

async fn package(app: &TestApp, page: &str) -> PackageVersionId {
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    import(app, &zipped(&[("imsmanifest.xml", manifest.as_bytes()), ("index.html", page.as_bytes())])).await
}

async fn stage(app: &TestApp, page: &str) -> Registration {
    enrol(app, package(app, page).await).await
}

async fn play(app: &TestApp, browser: &Browser, registration: RegistrationId) -> String {
    let here = launch(app, registration, None).await;
    browser.goto(&here).await;
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.read("Content").await;
    here
}

/// Runs a script in the content, then steps back into the player.
async fn in_content(browser: &Browser, script: &str) -> serde_json::Value {
    let answer = browser.run(script).await;
    step_out(browser, 1).await;
    answer
}

/// Steps out of this many frames.
async fn step_out(browser: &Browser, frames: usize) {
    for _ in 0..frames {
        browser.client.clone().enter_parent_frame().await.unwrap();
    }
}

async fn state_is(browser: &Browser, state: &str) {
    browser.until(&format!("return document.getElementById('saved').dataset.state === '{state}'")).await;
}

#[actix_web::test]
async fn the_older_window_says_that_the_activity_was_opened_elsewhere() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = stage(&app, PAGE).await;
    play(&app, &browser, registration.id).await;
    let newer = launch(&app, registration.id, None).await;
    commit(&app, &newer, json!({"sequence": 1, "initialized": true})).await;
    in_content(&browser, "api.LMSSetValue('cmi.core.lesson_status', 'completed'); api.LMSCommit('')").await;
    browser.read("was opened in another window").await;
    state_is(&browser, "stopped").await;
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1", "resumed ITEM-1"]);
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn what_happens_in_a_window_that_content_opens_is_attention() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let opener = r#"<button id="open" onclick="opened = window.open('about:blank', 'second', 'width=300,height=300')">Open</button>"#;
    let registration = stage(&app, &format!("{PAGE}{opener}")).await;
    play(&app, &browser, registration.id).await;
    step_out(&browser, 1).await;
    // The player's own module, for a learner who has done nothing for an hour.
    let listen = "const done = arguments[0];
        const player = document.querySelector('script[type=module]').src;
        import(new URL('attention.js', player)).then(({ Attention }) => {
            window.attention = new Attention(document.getElementById('content'));
            attention.refresh();
            attention.lastSign = performance.now() - 3600_000;
            done(attention.present);
        });";
    assert_eq!(browser.client.execute_async(listen, Vec::new()).await.unwrap(), json!(false));
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.click("#open").await;
    step_out(&browser, 1).await;
    // The click itself was attention, too.
    let press = "attention.refresh();
        attention.lastSign = performance.now() - 3600_000;
        const before = attention.present;
        const { opened } = document.getElementById('content').contentWindow;
        opened.document.body.dispatchEvent(new opened.KeyboardEvent('keydown', { bubbles: true }));
        return [before, attention.present]";
    assert_eq!(browser.run(press).await, json!([false, true]));
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_lost_connection_is_reported_and_recovered() {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    browser.tolerate("net::ERR_INTERNET_DISCONNECTED");
    let registration = stage(&app, PAGE).await;
    play(&app, &browser, registration.id).await;
    browser.client.clone().enter_parent_frame().await.unwrap();
    state_is(&browser, "saved").await;
    let offline = |offline| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.emulateNetworkConditions", offline(true)).await;
    browser.see("#content").await.enter_frame().await.unwrap();
    in_content(&browser, "api.LMSSetValue('cmi.core.lesson_location', '7'); api.LMSCommit('')").await;
    browser.read("is not saved yet").await;
    state_is(&browser, "saving").await;
    browser.devtools("Network.emulateNetworkConditions", offline(false)).await;
    state_is(&browser, "saved").await;
    assert!(!browser.see("#notice").await.is_displayed().await.unwrap());
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn what_content_says_while_its_window_goes_away_arrives() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let parting = r#"<script>addEventListener("pagehide", () => {
        api.LMSSetValue("cmi.suspend_data", "x".repeat(40000));
        api.LMSSetValue("cmi.core.lesson_status", "completed");
        api.LMSSetValue("cmi.core.exit", "suspend");
        api.LMSFinish("");
    });</script>"#;
    let registration = stage(&app, &format!("{PAGE}{parting}")).await;
    play(&app, &browser, registration.id).await;
    browser.goto(&format!("{}/sign-in", app.url)).await;
    for _ in 0..100 {
        if recorded(&app, registration.id).await.len() >= 4 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let expected = ["initialized ITEM-1", "completed ITEM-1", "suspended ITEM-1", "completed"];
    assert_eq!(recorded(&app, registration.id).await, expected);
    play(&app, &browser, registration.id).await;
    let length = in_content(&browser, "return api.LMSGetValue('cmi.suspend_data').length").await;
    assert_eq!(length, json!(40_000));
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_page_that_is_loaded_anew_loses_none_of_the_old_ones_last_words() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let parting = r#"<script>addEventListener("pagehide", () => {
        api.LMSSetValue("cmi.core.lesson_location", "last words");
    });</script>"#;
    let learner = demo::account(&app.app, demo::person(&app.app, "learner").unwrap()).await.unwrap();
    let package = package(&app, &format!("{PAGE}{parting}")).await;
    let registration = enrol_account(&app, package, &learner).await;
    browser.goto(&format!("{}/demo/learner?next=/registrations/{}/play", app.url, registration.id)).await;
    browser.click("main form button").await;
    browser.see("iframe#content").await.enter_frame().await.unwrap();
    browser.read("Content").await;
    let climb = "let each = window;
        while (!each.API_1484_11 && each.parent && each.parent !== each) each = each.parent;
        return each === window.parent";
    assert_eq!(browser.run(climb).await, json!(true), "content that looks further finds nothing beyond the player");
    step_out(&browser, 1).await;
    browser.client.refresh().await.unwrap();
    for _ in 0..200 {
        let kept = app.app.store.get::<Sco>(&app.app.provider, &Sco::key_of(registration.id, "ITEM-1")).await.unwrap();
        if kept.is_some_and(|kept| kept.document.state.values.contains_key("cmi.core.lesson_location")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let again = launch(&app, registration.id, None).await;
    let values = post(&app, &again, "values", json!({})).await.1;
    assert_eq!(values["values"]["cmi.core.lesson_location"], "last words");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn leaving_by_the_players_button_suspends_what_content_did_not_end() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = stage(&app, PAGE).await;
    play(&app, &browser, registration.id).await;
    in_content(&browser, "api.LMSSetValue('cmi.core.lesson_status', 'incomplete')").await;
    browser.see("#exit").await.send_keys("\u{e007}").await.unwrap();
    browser.until("return location.pathname.startsWith('/sign-in')").await;
    assert_eq!(recorded(&app, registration.id).await, ["initialized ITEM-1", "suspended ITEM-1"]);
    let seat = &statements(&app, registration.id).await[1]["result"]["extensions"];
    assert!(seat["https://w3id.org/enduring/extensions/seat-seconds"].is_u64());
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn the_api_behaves_as_the_standard_says() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let registration = stage(&app, &PAGE.replace(r#"api.LMSInitialize("");"#, "")).await;
    play(&app, &browser, registration.id).await;
    for (call, answer, error) in [
        ("LMSGetValue('cmi.core.entry')", "", "301"),
        ("LMSSetValue('cmi.core.exit', 'suspend')", "false", "301"),
        ("LMSFinish('')", "false", "301"),
        ("LMSInitialize('x')", "false", "201"),
        ("LMSInitialize('')", "true", "0"),
        ("LMSInitialize('')", "false", "101"),
        ("LMSGetValue('cmi.core.entry')", "ab-initio", "0"),
        ("LMSGetValue('cmi.core.student_name')", "Learner, Avery", "0"),
        ("LMSGetValue('cmi.core.lesson_status')", "not attempted", "0"),
        ("LMSGetValue('cmi.core.credit')", "credit", "0"),
        ("LMSGetValue('cmi.interactions._count')", "0", "0"),
        ("LMSGetValue('cmi.core.exit')", "", "404"),
        ("LMSGetValue('cmi.nonsense')", "", "401"),
        ("LMSGetValue('cmi.constructor')", "", "401"),
        ("LMSSetValue('cmi.core.student_id', 'x')", "false", "403"),
        ("LMSSetValue('cmi.core.lesson_status', 'garbage')", "false", "405"),
        ("LMSSetValue('cmi.core.score.raw', '101')", "false", "405"),
        ("LMSSetValue('cmi.core.score.raw', 85)", "true", "0"),
        ("LMSSetValue('cmi.interactions.0.id', 'q1')", "true", "0"),
        ("LMSSetValue('cmi.interactions.0.type', 'choice')", "true", "0"),
        ("LMSSetValue('cmi.interactions.0.student_response', 'a')", "true", "0"),
        ("LMSGetValue('cmi.interactions._count')", "1", "0"),
        ("LMSCommit('')", "true", "0"),
    ] {
        let got = browser.run(&format!("return [api.{call}, api.LMSGetLastError()]")).await;
        assert_eq!(got, json!([answer, error]), "{call}");
    }
    // The player takes content away that has finished, so that what it says after that comes in the same breath.
    let after = "const said = (answer) => [answer, api.LMSGetLastError()];
        return [said(api.LMSFinish('')), said(api.LMSSetValue('cmi.core.lesson_location', '1')), said(api.LMSFinish(''))]";
    assert_eq!(browser.run(after).await, json!([["true", "0"], ["false", "301"], ["false", "101"]]));
    browser.close().await;
    app.stop().await;
}
