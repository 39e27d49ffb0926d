//! The player as a page of its own: what content finds there, and what one package leaves for the next.

use super::{enrol, enrol_account, import, import_file, launch, manifest, page, recorded, zipped};
use crate::harness::{Browser, Player, TestApp, shared_packages, skipped, status_and_json};
use crate::learner::Person;
use base::clock::SystemClock;
use enduring::config::Config;
use enduring::service::people::demo;
use enduring::service::playing::launches::{self, LaunchOptions};
use enduring::service::{PackageVersionId, RegistrationId};
use serde_json::json;

async fn package(app: &TestApp, files: &[(&str, &str)]) -> PackageVersionId {
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", "")]);
    let mut all: Vec<(&str, &[u8])> = vec![("imsmanifest.xml", manifest.as_bytes())];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    import(app, &zipped(&all)).await
}

async fn into_content(browser: &Browser) {
    browser.see("#content").await.enter_frame().await.unwrap();
    browser.until("return document.readyState === 'complete' && location.pathname.includes('/p/')").await;
}

async fn wait_for(app: &TestApp, registration: RegistrationId, what: &str) {
    for _ in 0..200 {
        if recorded(app, registration).await.iter().any(|said| said == what) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} was never recorded: {:?}", recorded(app, registration).await);
}

const PLANT: &str = r#"<!doctype html><title>Planter</title><script>
  parent.API.LMSInitialize("");
  localStorage.planted = "yes"; sessionStorage.planted = "yes"; document.cookie = "planted=yes; path=/";
  window.name = parent.name = "planted";
  (async () => {
    await caches.open("planted");
    await new Promise((done) => { indexedDB.open("planted").onsuccess = done; });
    window.worker = await navigator.serviceWorker.register("sw.js", { scope: "./" }).then(() => "registered", () => "refused");
    document.title = "planted";
  })();
</script>"#;

const FIND: &str = "const done = arguments[0];
    (async () => done(JSON.stringify({
        local: localStorage.planted, session: sessionStorage.planted, cookie: document.cookie, name: window.name,
        caches: await caches.keys(), databases: (await indexedDB.databases()).map((each) => each.name),
        workers: (await navigator.serviceWorker.getRegistrations()).length,
    })))();";

async fn what_one_package_plants_the_next_does_not_find(change: fn(&mut Config)) {
    let app = TestApp::with(SystemClock, change);
    let mut browser = Browser::start().await;
    browser.tolerate("403");
    let planter = enrol(&app, package(&app, &[("index.html", PLANT), ("sw.js", "//")]).await).await;
    browser.goto(&launch(&app, planter.id, None).await).await;
    into_content(&browser).await;
    browser.until("return document.title === 'planted'").await;
    assert_eq!(browser.run("return window.worker").await, json!("refused"));
    browser.client.clone().enter_parent_frame().await.unwrap();
    browser.goto(&format!("{}/sign-in", app.url)).await;

    let victim = enrol(&app, package(&app, &[("index.html", "<!doctype html><title>Next</title>")]).await).await;
    browser.goto(&launch(&app, victim.id, None).await).await;
    into_content(&browser).await;
    let found = browser.client.execute_async(FIND, Vec::new()).await.unwrap();
    let found: serde_json::Value = serde_json::from_str(found.as_str().unwrap()).unwrap();
    assert_eq!(
        found,
        json!({"cookie": "", "name": "", "caches": [], "databases": [], "workers": 0}),
        "the next registration found something"
    );
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn nothing_that_a_package_plants_reaches_the_next_on_a_shared_host() {
    what_one_package_plants_the_next_does_not_find(|_| {}).await;
}

#[actix_web::test]
async fn nothing_that_a_package_plants_reaches_the_next_on_hosts_of_their_own() {
    what_one_package_plants_the_next_does_not_find(own_hosts).await;
}

fn own_hosts(config: &mut Config) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    config.content_listen.set_port(port);
    config.content_url = format!("http://*.localhost:{port}");
}

#[actix_web::test]
async fn each_registration_has_a_host_of_its_own_and_no_other_host_serves_it() {
    let app = TestApp::with(SystemClock, own_hosts);
    let one = package(&app, &[("index.html", "<!doctype html>")]).await;
    let registration = enrol(&app, one).await;
    let first = launch(&app, registration.id, None).await;
    let again = launch(&app, registration.id, None).await;
    let host = |url: &str| url.split('/').nth(2).unwrap().to_owned();
    assert_eq!(host(&first), host(&again), "the same in every visit");
    assert_eq!(host(&first).split('.').next().unwrap().len(), 26);
    let port = app.content_url.rsplit_once(':').unwrap().1;
    for other in [
        format!("aaaaaaaaaaaaaaaaaaaaaaaaaa.localhost:{port}"),
        format!("localhost:{port}"),
        format!("a.b.localhost:{port}"),
    ] {
        let asked = app.client.get(first.replace(&host(&first), &format!("127.0.0.1:{port}"))).header("host", &other);
        assert_eq!(asked.send().await.unwrap().status(), 421, "{other}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn content_finds_windows_storage_and_the_api_where_it_looks() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let page = r#"<!doctype html><title>SCO</title><h1>Content</h1><button id="open" onclick="window.open('course.html', 'course', 'width=400,height=300')">Open</button>
        <script>
          let each = window, steps = 0;
          while (!each.API && each.parent !== each && steps < 50) { each = each.parent; steps += 1; }
          window.found = [each === top, steps, top.API === each.API, typeof localStorage.setItem];
          localStorage.x = "1";
        </script>"#;
    let course = r#"<!doctype html><title>Course</title><script>
        const api = opener.parent.API;
        api.LMSInitialize(""); api.LMSSetValue("cmi.core.lesson_status", "completed"); api.LMSFinish("");
        </script>"#;
    let registration = enrol(&app, package(&app, &[("index.html", page), ("course.html", course)]).await).await;
    browser.goto(&launch(&app, registration.id, None).await).await;
    browser.until("return document.getElementById('saved').textContent === 'Not recording yet'").await;
    into_content(&browser).await;
    assert_eq!(browser.run("return window.found").await, json!([true, 1, true, "function"]));
    browser.click("#open").await;
    wait_for(&app, registration.id, "completed ITEM-1").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn content_cannot_read_the_key_of_its_page() {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    browser.tolerate("403");
    let page = r#"<!doctype html><title>SCO</title><script>
        const seen = [];
        const P = parent;
        const note = (what) => { try { seen.push(String(what)); } catch {} };
        const json = P.JSON.stringify; P.JSON.stringify = (value) => { const text = json(value); note(text); return text; };
        const fetched = P.fetch; P.fetch = (...args) => { note(json(args)); return fetched.apply(P, args); };
        const read = P.Response.prototype.json;
        P.Response.prototype.json = async function () { const value = await read.call(this); note(json(value)); return value; };
        const beacon = P.navigator.sendBeacon.bind(P.navigator); P.navigator.sendBeacon = (...args) => { note(json(args)); return beacon(...args); };
        note(P.document.documentElement.outerHTML); note(P.document.cookie); note(P.location.href); note(document.referrer);
        note(json(P.performance.getEntries().map((each) => each.name)));
        P.API.LMSInitialize(""); P.API.LMSSetValue("cmi.core.lesson_location", "1"); P.API.LMSCommit("");
        window.seen = seen;
    </script>"#;
    let registration = enrol(&app, package(&app, &[("index.html", page)]).await).await;
    browser.goto(&launch(&app, registration.id, None).await).await;
    browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
    into_content(&browser).await;
    let script = "return [document.readyState, window.seen.join('\\n')]";
    let seen = browser.run(script).await[1].as_str().unwrap().to_owned();
    assert!(seen.contains("enduring") || seen.contains("lesson_location"), "the test sees something: {seen}");
    assert_eq!(
        browser
            .client
            .execute_async(
                "const done = arguments[0]; fetch('/player').then((answer) => done(answer.status));",
                Vec::new()
            )
            .await
            .unwrap(),
        json!(403)
    );
    // A key is a session, the number of a load, and 64 hexadecimal digits.
    let digits = key_in(&seen);
    assert_eq!(digits, None, "a key in {seen}");
    browser.close().await;
    app.stop().await;
}

/// The first `.1.` that is followed by 64 hexadecimal digits.
fn key_in(text: &str) -> Option<&str> {
    let rest = text.split(".1.").skip(1);
    rest.into_iter().find(|rest| rest.len() >= 64 && rest.bytes().take(64).all(|byte| byte.is_ascii_hexdigit()))
}

#[actix_web::test]
async fn text_is_compressed_and_ranges_are_not() {
    let app = TestApp::start();
    let script = "const a = 1;\n".repeat(2000);
    let registration = enrol(
        &app,
        package(&app, &[("index.html", "<!doctype html>"), ("run.js", &script), ("a.pdf", "%PDF-1.4")]).await,
    )
    .await;
    let player = page(&launch(&app, registration.id, None).await).await;
    let ask = |name: &str| app.client.get(format!("{}{name}", player.files)).header("accept-encoding", "gzip");
    let whole = ask("run.js").send().await.unwrap();
    assert_eq!(whole.headers()["content-encoding"], "gzip");
    assert!(whole.bytes().await.unwrap().len() < script.len() / 10);
    let part = ask("run.js").header("range", "bytes=0-4").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, "const"));
    let pdf = ask("a.pdf").send().await.unwrap();
    assert!(pdf.headers().get("content-encoding").is_none());
    assert_eq!(pdf.headers()["content-security-policy"], "frame-ancestors 'self'");
    app.stop().await;
}

#[actix_web::test]
async fn a_launch_ends_with_its_content_with_its_time_and_with_the_sign_in() {
    let clock = base::clock::FixedClock::at("2026-03-02T12:00:00Z".parse().unwrap());
    let app = TestApp::at(&clock);
    let registration = enrol(&app, package(&app, &[("index.html", "<!doctype html>")]).await).await;
    let url = launch(&app, registration.id, None).await;
    let player = page(&url).await;
    let file = format!("{}index.html", player.files);
    player.post("commit", &json!({"sequence": 1, "initialized": true, "terminated": true})).await;
    let (status, problem) = status_and_json(app.client.get(&url).send().await.unwrap()).await;
    assert_eq!((status, problem["code"].as_str()), (410, Some("launch-ended")));
    clock.set("2026-03-02T12:02:00Z".parse().unwrap());
    let late = json!({"sequence": 2, "initialized": true, "cmi": {"cmi.core.lesson_location": "x"}});
    assert_eq!(player.post("commit", &late).await.0, 409);
    let (status, _) = status_and_json(app.client.get(&file).send().await.unwrap()).await;
    assert_eq!(status, 410, "a refused commit revives nothing");

    let url = launch(&app, registration.id, None).await;
    let player = page(&url).await;
    for hour in 1..=13 {
        clock.set("2026-03-02T12:02:00Z".parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hour));
        player.post("heartbeat", &json!({"attended": 30})).await;
    }
    let (status, problem) = status_and_json(app.client.get(&url).send().await.unwrap()).await;
    assert_eq!((status, problem["code"].as_str()), (410, Some("launch-expired")), "whatever happens in it");
    app.stop().await;
}

#[actix_web::test]
async fn signing_out_closes_what_was_launched() {
    let app = TestApp::start();
    let learner = Person::demo(&app, "learner").await;
    let account = demo::account(&app.app, demo::person(&app.app, "learner").unwrap()).await.unwrap();
    let package = package(&app, &[("index.html", "<!doctype html>")]).await;
    let registration = enrol_account(&app, package, &account).await;
    let url = learner.get(&format!("/registrations/{}/play", registration.id)).await.location;
    let player = Player::open(&url).await;
    let file = format!("{}index.html", player.files);
    assert_eq!(app.client.get(&file).send().await.unwrap().status(), 200);
    assert_eq!(learner.post("/sign-out", &[]).await.status, 303);
    for address in [&url, &file] {
        assert_eq!(app.client.get(address).send().await.unwrap().status(), 404, "{address}");
    }
    let reload = player.http.get(format!("{}/player", player.origin)).send().await.unwrap();
    assert_eq!(status_and_json(reload).await.1["code"], "launch-unknown");
    assert_eq!(player.post("commit", &json!({"sequence": 1, "initialized": true})).await.0, 404);
    app.stop().await;
}

#[actix_web::test]
async fn the_desk_sees_that_content_never_reported() {
    let app = TestApp::start();
    let registration = enrol(&app, package(&app, &[("index.html", "<!doctype html>")]).await).await;
    let coordinator = Person::demo(&app, "coordinator").await;
    let place = format!("/desk/registrations/{}", registration.id);
    let silent = "has never reported anything";
    assert!(!coordinator.get(&place).await.html.contains(silent), "nobody has opened it");
    let player = page(&launch(&app, registration.id, None).await).await;
    player.post("values", &json!({})).await;
    assert!(coordinator.get(&place).await.html.contains(silent));
    player.post("commit", &json!({"sequence": 1, "initialized": true})).await;
    assert!(!coordinator.get(&place).await.html.contains(silent));
    app.stop().await;
}

#[actix_web::test]
async fn a_framed_launch_may_be_framed_by_that_site_alone() {
    let app = TestApp::start();
    let registration = enrol(&app, package(&app, &[("index.html", "<!doctype html>")]).await).await;
    let site = Some("https://lms.example");
    let options = LaunchOptions { frame_ancestor: site, ..LaunchOptions::default() };
    let url = launches::launch_with(&app.app, registration.id, options).await.unwrap().url;
    let entered = app.client.get(url.replace("/open?", "/enter?")).send().await.unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=None", "Secure", "Partitioned"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let (origin, _) = url.split_once("/player/").unwrap();
    let asked = app.client.get(format!("{origin}/player")).header("cookie", cookie).header("sec-fetch-dest", "iframe");
    let shown = asked.send().await.unwrap();
    assert_eq!(shown.status(), 200);
    let policy = shown.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors https://lms.example"), "{policy}");
    assert!(shown.text().await.unwrap().contains("Open in its own window"));
    app.stop().await;
}

/// The packages that failed in other players, if they are there.
#[actix_web::test]
async fn every_hard_case_plays() {
    let Some(shared) = shared_packages() else { return };
    let folder = shared.join("../cases/player");
    if !folder.is_dir() {
        skipped(&format!("{} is not there", folder.display()));
        return;
    }
    for name in ["climb-to-top", "finish-on-unload", "pdf", "popup", "storage", "never-initializes"] {
        let app = TestApp::start();
        let browser = Browser::start().await;
        let registration = enrol(&app, import_file(&app, &folder.join(format!("{name}.zip"))).await).await;
        browser.goto(&launch(&app, registration.id, None).await).await;
        into_content(&browser).await;
        browser.client.clone().enter_parent_frame().await.unwrap();
        if name == "never-initializes" {
            assert_eq!(browser.see("#saved").await.text().await.unwrap(), "Not recording yet");
        } else if name != "popup" {
            browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
        }
        let complaints = browser.complaints().await;
        assert!(complaints.iter().all(|each| each.contains("404")), "{name}: {complaints:?}");
        browser.picture(&format!("case-{name}")).await;
        browser.client.clone().close().await.unwrap();
        app.stop().await;
    }
}
