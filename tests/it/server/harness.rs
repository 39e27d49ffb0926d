//! The harness does what its users rely on.

use crate::harness::store::on_mongodb;
use crate::harness::{BinApp, Browser, TestApp, shared_packages};
use base::clock::FixedClock;

#[actix_web::test]
async fn a_browser_reads_types_presses_and_waits() {
    let browser = Browser::start().await;
    let page = "<label>Name <input id=name></label><button onclick=\"setTimeout(() => { said.textContent = \
                'Good day, ' + document.getElementById('name').value }, 100)\">Greet</button><p id=said></p>";
    browser.goto(&format!("data:text/html,{page}")).await;
    browser.fill("#name", "Dr. Grey").await;
    browser.press("Greet").await;
    browser.until("return said.textContent !== ''").await;
    browser.read("Good day, Dr. Grey").await;
    browser.click("#name").await;
    assert_eq!(browser.see("#said").await.text().await.unwrap(), "Good day, Dr. Grey");
    assert!(browser.text().await.contains("Greet"));
    browser.close().await;
}

#[actix_web::test]
async fn a_browser_notices_what_a_page_complains_about() {
    let browser = Browser::start().await;
    browser.goto("data:text/html,<script>undefinedFunction()</script>").await;
    assert!(browser.complaints().await.iter().any(|complaint| complaint.contains("undefinedFunction")));
    browser.close().await;
}

#[actix_web::test]
async fn the_server_in_this_process_lives_at_the_time_that_a_test_sets() {
    let app = TestApp::at(&FixedClock::at("2026-01-15T12:00:00Z".parse().unwrap()));
    assert_eq!(app.app.clock.now().to_string(), "2026-01-15T12:00:00Z");
    app.stop().await;
}

#[actix_web::test]
async fn the_program_can_be_killed_and_started_again() {
    let mut program = BinApp::start();
    assert!(program.command(&["credential", "create", "--name", "kept", "--scope", "all"]).status.success());
    program.kill();
    program.restart();
    let listed = program.command(&["credential", "list"]).stdout;
    assert!(String::from_utf8(listed).unwrap().contains("kept"));
    assert_eq!(reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status(), 200);
}

#[actix_web::test]
async fn a_run_on_mongodb_keeps_nothing_in_files() {
    let (program, app) = (BinApp::start(), TestApp::start());
    for data in [program.directory().join("data"), app.app.config.data.clone()] {
        assert_eq!(data.join("enduring.db").exists(), !on_mongodb(), "{}", data.display());
    }
    app.stop().await;
}

#[test]
fn packages_by_others_are_read_where_they_are() {
    if let Some(packages) = shared_packages() {
        assert!(packages.join("README.md").is_file());
    }
}
