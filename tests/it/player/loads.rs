//! A load of the player page is an epoch: reloads, Back, two tabs and a slow network lose no value and show no old one.

use super::{enrol, enrol_as, import, launch, manifest, page, recorded, zipped};
use crate::harness::{Browser, TestApp};
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};

use enduring::service::playing::launches::{self, LaunchOptions};
use enduring::service::playing::sessions::Sco;
use enduring::service::{PackageVersionId, RegistrationId};
use fantoccini::Locator;
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

/// Whether the player has its window to itself, or a page of another site frames it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Alone,
    Framed,
}

/// How one load gives way to the next.
#[derive(Debug, Clone, Copy)]
enum Way {
    Reload,
    SlowReload,
    Back,
    SecondTab,
}

const WAYS: [Way; 4] = [Way::Reload, Way::SlowReload, Way::Back, Way::SecondTab];

/// A page of another site, `127.0.0.2`, that frames the player whose address is in its query.
struct Site {
    origin: String,
    server: actix_web::dev::ServerHandle,
}

impl Site {
    fn start() -> Self {
        let page = |req: HttpRequest| async move {
            let framed = format!(
                r#"<!doctype html><title>Portal</title><iframe id="portal" src="{}" allow="autoplay; fullscreen; unload"
                style="width: 90vw; height: 90vh"></iframe>"#,
                req.query_string()
            );
            HttpResponse::Ok().content_type("text/html").body(framed)
        };
        let server = HttpServer::new(move || actix_web::App::new().default_service(web::to(page)));
        let server = server.workers(1).disable_signals().bind("127.0.0.2:0").unwrap();
        let origin = format!("http://{}", server.addrs()[0]);
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        Self { origin, server: handle }
    }
}

/// Out of all frames; at the top, leaving does nothing.
async fn leave(browser: &Browser) {
    for _ in 0..2 {
        browser.client.clone().enter_parent_frame().await.unwrap();
    }
}

/// Into the frame of the content. A page on its way to the player has other frames, or none.
async fn enter(browser: &Browser, form: Form) {
    let attempt = async || {
        leave(browser).await;
        if form == Form::Framed {
            browser.client.find(Locator::Css("#portal")).await?.enter_frame().await?;
        }
        browser.client.find(Locator::Css("#content")).await?.enter_frame().await?;
        let ready = "return document.readyState === 'complete' && document.title !== ''";
        browser.client.execute(ready, Vec::new()).await
    };
    for _ in 0..400 {
        if attempt().await.is_ok_and(|ready| ready == json!(true)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the content never started: {:?}", attempt().await);
}

/// What the content found as its place when it started.
async fn place(browser: &Browser, form: Form) -> String {
    enter(browser, form).await;
    let found = browser.run("return document.title").await;
    leave(browser).await;
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

/// Lets content that finishes on `event` give way to its next load in every way, and looks at what each load finds.
async fn nothing_is_lost_or_old(event: &str, form: Form) {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    browser.tolerate("beforeunload");
    // A commit that was under way while the page left arrives after the one that includes it.
    browser.tolerate("409");
    let site = Site::start();
    let package = package(&app, &COUNTER.replace("EVENT", event)).await;
    browser.devtools("Network.enable", json!({})).await;
    for (number, way) in WAYS.into_iter().enumerate() {
        let registration = enrol_as(&app, package, &format!("learner-{number}")).await;
        let frame_ancestor = Some(site.origin.as_str()).filter(|_| form == Form::Framed);
        let options = LaunchOptions { frame_ancestor, ..LaunchOptions::default() };
        let url = launches::launch_with(&app.app, registration.id, options).await.unwrap().url;
        let address = if form == Form::Framed { format!("{}/?{url}", site.origin) } else { url };
        let latency = if matches!(way, Way::SlowReload) { 150 } else { 0 };
        let network = json!({"offline": false, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1});
        browser.devtools("Network.emulateNetworkConditions", network).await;
        browser.goto(&address).await;
        for run in 0..runs() {
            let found = place(&browser, form).await;
            assert_eq!(found, run.to_string(), "{event}, {form:?}, {way:?}, run {run}: an old value");
            match way {
                Way::Reload | Way::SlowReload => browser.client.refresh().await.unwrap(),
                Way::Back => {
                    browser.goto(&format!("{}/sign-in", app.url)).await;
                    browser.client.back().await.unwrap();
                }
                Way::SecondTab => open_second_tab(&browser, form, &address, run).await,
            }
        }
        assert_eq!(place(&browser, form).await, runs().to_string(), "{event}, {form:?}, {way:?}");
        browser.goto("about:blank").await;
        location_becomes(&app, registration.id, &(runs() + 1).to_string()).await;
    }
    browser.close().await;
    site.server.stop(false).await;
    app.stop().await;
}

/// Opens the launch once more in a tab of its own, after the first has moved on; closes the first, which says old words then,
/// and stays in the second.
async fn open_second_tab(browser: &Browser, form: Form, address: &str, run: u64) {
    enter(browser, form).await;
    let moved = format!("api.LMSSetValue('cmi.core.lesson_location', '{}'); api.LMSCommit('')", run + 1);
    browser.run(&moved).await;
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
    leave(browser).await;
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second.clone()).await.unwrap();
    browser.goto(address).await;
    assert_eq!(place(browser, form).await, (run + 1).to_string(), "{form:?}: an old value in the second tab");
    browser.client.switch_to_window(first).await.unwrap();
    browser.client.close_window().await.unwrap();
    browser.client.switch_to_window(second).await.unwrap();
    enter(browser, form).await;
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.run("document.getElementById('saved').dataset.state = ''").await;
    enter(browser, form).await;
    browser.run("api.LMSSetValue('cmi.suspend_data', 'still here'); api.LMSCommit('')").await;
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
}

#[actix_web::test]
async fn content_that_finishes_on_pagehide_loses_nothing() {
    nothing_is_lost_or_old("pagehide", Form::Alone).await;
}

#[actix_web::test]
async fn content_that_finishes_on_unload_loses_nothing() {
    nothing_is_lost_or_old("unload", Form::Alone).await;
}

#[actix_web::test]
async fn content_that_finishes_on_beforeunload_loses_nothing() {
    nothing_is_lost_or_old("beforeunload", Form::Alone).await;
}

#[actix_web::test]
async fn framed_content_that_finishes_on_pagehide_loses_nothing() {
    nothing_is_lost_or_old("pagehide", Form::Framed).await;
}

#[actix_web::test]
async fn framed_content_that_finishes_on_unload_loses_nothing() {
    nothing_is_lost_or_old("unload", Form::Framed).await;
}

#[actix_web::test]
async fn framed_content_that_finishes_on_beforeunload_loses_nothing() {
    nothing_is_lost_or_old("beforeunload", Form::Framed).await;
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
