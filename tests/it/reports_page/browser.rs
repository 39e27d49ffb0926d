//! The pages in a real browser: how they look, how they are judged, and what the script adds.

use super::{Desk, several};
use crate::learner::{Look, Person, load_sample, sample, signed_in};
use crate::xapi::{VOIDED, id, reference, statement, with};
use fantoccini::key::Key;
use serde_json::json;

/// Statements of a whole way through the sample, and some by others.
async fn busy() -> Desk {
    let desk = Desk::start().await;
    let server = &desk.lrs.server;
    load_sample(&server.app).await;
    let learner = Person::demo(server, "learner").await;
    let registration = learner.complete(&sample()).await;
    learner.claim(&registration, "ama", "0.75").await;
    desk.lrs.send(&several()).await;
    desk.lrs.send(&json!([reference(7, VOIDED, 2), reference(8, "v:confirmed", 3)])).await;
    desk
}

#[actix_web::test]
async fn every_page_is_accessible_and_fits() {
    let desk = busy().await;
    let url = desk.lrs.server.url.clone();
    let mut look = Look { browser: signed_in(&desk.lrs.server, "coordinator").await, url };
    look.browser.tolerate("Failed to load resource");
    let answered = "?verb=http://adlnet.gov/expapi/verbs/passed";
    let first = desk.page(&format!("/reports/statements{answered}")).await;
    let (_, row) = first.html.split_once("href=\"/reports/statements/").unwrap();
    let passed = format!("/reports/statements/{}", row.split('"').next().unwrap());
    for (name, path) in [
        ("index", "/reports"),
        ("validate", "/reports/validate"),
        ("statements", "/reports/statements"),
        (
            "statements-filtered",
            "/reports/statements?agent=https://lms.example.com%20Ann%20Lee&voided=true&since=2020-01-01T00:00",
        ),
        ("statements-none", "/reports/statements?agent=nobody@example.com"),
        ("statements-refused", "/reports/statements?agent=nobody&verb=did&registration=7&since=soon"),
        ("statement-passed", &*passed),
        ("statement-voided", &*format!("/reports/statements/{}", id(2))),
        ("statement-group", &*format!("/reports/statements/{}", id(3))),
    ] {
        look.at(path).await;
        let light = json!({"features": [{"name": "prefers-color-scheme", "value": "light"}]});
        look.browser.devtools("Emulation.setEmulatedMedia", light).await;
        look.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await;
        look.browser.picture(&format!("reports-{name}")).await;
    }
    look.browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn a_filter_is_set_by_hand_and_its_query_is_copied() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let browser = signed_in(&desk.lrs.server, "coordinator").await;
    let url = &desk.lrs.server.url;
    browser.goto(&format!("{url}/reports/statements")).await;
    browser.fill("#agent", "bob@example.com").await;
    browser.press("Filter").await;
    browser.until("return document.querySelectorAll('#rows tr').length === 2").await;
    assert_eq!(browser.client.current_url().await.unwrap().query(), Some("agent=bob%40example.com"));
    browser.read("Understood as the mailbox bob@example.com.").await;
    browser.press("Use this query elsewhere").await;
    browser
        .run("window.copied = null; navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        .await;
    browser.click("[data-copied] button").await;
    let query = format!("{url}/xapi/statements?agent=%7B%22mbox%22%3A%22mailto%3Abob%40example.com%22%7D");
    browser.until(&format!("return window.copied === '{query}'")).await;
    browser.until("return document.querySelector('[data-copy-said]').textContent === 'Copied.'").await;
    browser.press("met").await;
    browser.until("return document.querySelectorAll('#rows tr').length === 1").await;
    browser.goto(&format!("{url}/reports/statements/{}", id(1))).await;
    browser.press("Their statements").await;
    browser.until("return document.querySelector('#agent').value === 'ann@example.com'").await;
    browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn the_form_is_used_by_keyboard_alone() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let browser = signed_in(&desk.lrs.server, "coordinator").await;
    browser.goto(&format!("{}/reports/statements", desk.lrs.server.url)).await;
    let focused = "const at = document.activeElement; return at.id || at.name || at.textContent.trim();";
    let (enter, space, tab) = [Key::Enter, Key::Space, Key::Tab].map(|key| char::from(key).to_string()).into();
    let send = async |keys: &str| browser.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    for stop in ["Skip to the content", "agent", "More filters", "voided", "Filter"] {
        // Far more steps than lie between two of these.
        for _ in 0..30 {
            if browser.run(focused).await == stop {
                break;
            }
            send(&tab).await;
        }
        assert_eq!(browser.run(focused).await, stop);
        match stop {
            "agent" => send("ann@example.com").await,
            "More filters" | "Filter" => send(&enter).await,
            "voided" => send(&space).await,
            _ => {}
        }
    }
    browser.until("return location.search === '?agent=ann%40example.com&voided=true'").await;
    browser.read("1 statement").await;
    browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn statements_are_checked_by_hand() {
    let desk = Desk::start().await;
    let look = Look { browser: signed_in(&desk.lrs.server, "designer").await, url: desk.lrs.server.url.clone() };
    look.at("/reports").await;
    look.browser.press("Check statements").await;
    let wrong = json!([with(statement(1), "/verb/id", json!("did")), reference(2, VOIDED, 9)]);
    look.browser.fill("#statements", &wrong.to_string()).await;
    look.browser.press("Check").await;
    look.browser.read("1 of 2 statements would be refused").await;
    look.browser.read("/0/verb/id").await;
    look.browser.read("it will be voided when it arrives").await;
    assert_eq!(look.axe().await, json!([]));
    look.browser.picture("reports-validate-faults").await;
    look.browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn new_statements_appear_while_they_are_followed() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let browser = signed_in(&desk.lrs.server, "coordinator").await;
    browser.goto(&format!("{}/reports/statements?verb=v:did", desk.lrs.server.url)).await;
    let rows = |count: usize| format!("return document.querySelectorAll('#rows tr').length === {count}");
    browser.until(&rows(3)).await;
    browser.press("Follow new statements").await;
    browser.read("New statements appear at the top.").await;
    // One of these two is requested.
    desk.lrs.send(&json!([statement(10), with(statement(11), "/verb/id", json!("v:other"))])).await;
    browser.until(&rows(4)).await;
    browser.read("1 new statement at the top.").await;
    browser.read("4 statements").await;
    assert_eq!(browser.run("return document.querySelector('#rows tr.new a').href.slice(-2)").await, "10");
    browser.picture("reports-following").await;
    browser.press("Pause").await;
    browser.read("Paused.").await;
    desk.lrs.send(&json!([statement(12), statement(13)])).await;
    // Whoever follows again misses nothing of what came meanwhile.
    browser.press("Follow new statements").await;
    browser.until(&rows(6)).await;
    browser.read("2 new statements at the top.").await;
    // More than a page at once.
    desk.lrs.send(&(20..=60).map(statement).collect()).await;
    browser.read("the last 25 are shown.").await;
    browser.until(&rows(25)).await;
    assert_eq!(browser.run("return document.querySelector('#rows a').href.slice(-2)").await, "60");
    browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn the_first_statement_appears_on_an_empty_page() {
    let desk = Desk::start().await;
    let browser = signed_in(&desk.lrs.server, "coordinator").await;
    browser.goto(&format!("{}/reports/statements", desk.lrs.server.url)).await;
    browser.press("Follow new statements").await;
    browser.read("New statements appear at the top.").await;
    desk.lrs.send(&statement(1)).await;
    browser.until("return document.querySelectorAll('#rows tr').length === 1").await;
    browser.close().await;
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn pages_work_without_scripts() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let browser = signed_in(&desk.lrs.server, "coordinator").await;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    browser.goto(&format!("{}/reports/statements", desk.lrs.server.url)).await;
    // What only a script can do is not offered.
    assert_eq!(browser.see("[data-follow]").await.is_displayed().await.ok(), Some(false));
    browser.fill("#agent", "bob@example.com").await;
    browser.press("Filter").await;
    browser.read("2 statements, newest first.").await;
    browser.press("Use this query elsewhere").await;
    assert_eq!(browser.see("#xapi-address").await.is_displayed().await.ok(), Some(true));
    browser.close().await;
    desk.lrs.server.stop().await;
}
