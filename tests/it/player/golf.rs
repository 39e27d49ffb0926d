//! A real package in a real browser: uploaded through the page, closed half-way, resumed, its quiz answered in the page.

use super::{enrol_account, recorded, said, statements};
use crate::harness::{Browser, TestApp, shared_packages};
use enduring::service::people::demo;
use enduring::service::{PackageVersionId, RegistrationId};
use serde_json::json;
use std::path::Path;

/// How many pages golf has, the quiz last.
const PAGES: usize = 15;

#[actix_web::test]
async fn golf_is_uploaded_closed_half_way_resumed_and_passed() {
    let Some(packages) = shared_packages() else { return };
    let app = TestApp::start();
    let browser = Browser::start().await;
    let zip = packages.join("scorm12/golf-RuntimeBasicCalls_SCORM12.zip").canonicalize().unwrap();
    let package = upload(&app, &browser, &zip).await;
    let learner = demo::account(&app.app, demo::person(&app.app, "learner").unwrap()).await.unwrap();
    let registration = enrol_account(&app, package, &learner).await;

    sign_in(&app, &browser, "learner").await;
    browser.goto(&player_page(&app, registration.id)).await;
    enter(&browser).await;
    browser.until("return document.getElementById('butPrevious').disabled").await;
    for _ in 0..6 {
        browser.click("#butNext").await;
    }
    // The window goes away while the content runs.
    step_out(&browser, 1).await;
    browser.goto(&format!("{}/sign-in", app.url)).await;
    wait_for(&app, registration.id, "suspended item_1").await;

    browser.goto(&player_page(&app, registration.id)).await;
    accept_dialog(&browser).await;
    enter(&browser).await;
    browser.until("return currentPage === 6").await;
    for _ in 6..PAGES - 1 {
        browser.click("#butNext").await;
    }
    let quiz = browser.see("#contentFrame").await;
    quiz.enter_frame().await.unwrap();
    browser.until("return document.querySelectorAll('input[type=button]').length === 1").await;
    browser
        .run(
            "for (const answer of document.querySelectorAll('.correctAnswer')) {
               const input = answer.querySelector('input');
               if (input.type === 'radio') input.click();
               else input.value = answer.textContent.match(/\\((\\d+)\\)/)[1];
             }",
        )
        .await;
    browser.click("input[value='Submit Answers']").await;
    browser.read("Score: 100").await;
    step_out(&browser, 1).await;
    browser.click("#butExit").await;

    step_out(&browser, 1).await;
    browser.click("#finished:not([hidden]) #finished-exit").await;
    browser.read("Steps to earn credit").await;
    wait_for(&app, registration.id, "terminated item_1").await;

    let mut verbs = recorded(&app, registration.id).await;
    assert_eq!(verbs[..3], ["initialized item_1", "suspended item_1", "resumed item_1"]);
    // What comes with one commit and what with the next is a matter of the browser's speed.
    verbs[3..].sort();
    let rest = ["completed", "completed item_1", "passed", "passed item_1", "scored item_1", "terminated item_1"];
    assert_eq!(verbs[3..], rest);
    let statements = statements(&app, registration.id).await;
    let last = statements.iter().find(|statement| said(statement) == "terminated item_1").unwrap();
    assert_eq!(last["result"]["score"], json!({"scaled": 1.0, "raw": 100, "min": 0, "max": 100}));
    assert_eq!((&last["result"]["completion"], &last["result"]["success"]), (&json!(true), &json!(true)));
    browser.close().await;
    app.stop().await;
}

/// Uploads `zip` as the designer of the demonstration, by the studio's page.
async fn upload(app: &TestApp, browser: &Browser, zip: &Path) -> PackageVersionId {
    sign_in(app, browser, "designer").await;
    browser.goto(&format!("{}/studio", app.url)).await;
    browser.see("input[type=file]").await.send_keys(&zip.display().to_string()).await.unwrap();
    browser.click("#upload-send").await;
    browser.until("return location.pathname.startsWith('/studio/packages/')").await;
    browser.read("Golf Explained - Run-time Basic Calls").await;
    let address = browser.client.current_url().await.unwrap();
    let id = address.path_segments().unwrap().next_back().unwrap().parse().unwrap();
    PackageVersionId(id)
}

async fn sign_in(app: &TestApp, browser: &Browser, person: &str) {
    browser.goto(&format!("{}/demo/{person}?next=/sign-in", app.url)).await;
    browser.click("main form button").await;
    browser.until("return location.pathname === '/sign-in'").await;
}

fn player_page(app: &TestApp, registration: RegistrationId) -> String {
    format!("{}/registrations/{registration}/play", app.url)
}

/// Goes into the content, through the player.
async fn enter(browser: &Browser) {
    browser.see("#content").await.enter_frame().await.unwrap();
}

/// Golf asks in a dialog whether to resume: says yes.
async fn accept_dialog(browser: &Browser) {
    for _ in 0..200 {
        if browser.client.accept_alert().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("golf never asked whether to resume");
}

/// Steps out of this many frames.
async fn step_out(browser: &Browser, frames: usize) {
    for _ in 0..frames {
        browser.client.clone().enter_parent_frame().await.unwrap();
    }
}

/// Waits until the server has written this.
async fn wait_for(app: &TestApp, registration: RegistrationId, what: &str) {
    for _ in 0..200 {
        if recorded(app, registration).await.iter().any(|said| said == what) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} was never recorded: {:?}", recorded(app, registration).await);
}
