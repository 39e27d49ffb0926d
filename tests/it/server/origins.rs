//! What all addresses of the two origins have in common.

use crate::harness::{Browser, TestApp, status_and_json};
use crate::learner::Person;

#[actix_web::test]
async fn the_server_says_that_it_is_alive_and_ready() {
    let app = TestApp::start();
    assert_eq!(app.get("/healthz").await.text().await.unwrap(), "alive\n");
    for _ in 0..3 {
        assert_eq!(app.get("/readyz").await.text().await.unwrap(), "ready\n");
    }
    app.stop().await;
}

#[actix_web::test]
async fn figures_name_routes_and_never_paths() {
    let app = TestApp::start();
    app.get("/assets/0/someone@example.org").await;
    app.get("/readyz?agent=someone@example.org").await;
    let figures = app.get("/metrics").await.text().await.unwrap();
    assert!(figures.contains(r#"route="/assets/{tag}/{name}""#), "{figures}");
    assert!(figures.contains("enduring_http_request_seconds_bucket"), "{figures}");
    assert!(figures.contains(r#"enduring_due_waiting{queue="decide"} 0"#), "{figures}");
    assert!(figures.contains("enduring_streams_open 0"), "{figures}");
    assert!(!figures.contains("someone"), "{figures}");
    app.stop().await;
}

#[actix_web::test]
async fn a_refusal_is_json_for_programs_and_a_page_for_people() {
    let app = TestApp::start();
    let answer = app.get("/no/such/page").await;
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("x-request-id"));
    let (status, body) = status_and_json(answer).await;
    assert_eq!((status, body["code"].as_str()), (404, Some("not-found")));
    let (status, page) = app.page("/no/such/page").await;
    assert_eq!(status, 404);
    assert!(page.contains("<!doctype html>") && page.contains("Page not found"), "{page}");
    app.stop().await;
}

#[actix_web::test]
async fn a_refusal_page_keeps_the_navigation_and_shows_no_bare_status() {
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    let refused = person.get("/desk/activities/no-such-activity").await;
    assert_eq!(refused.status, 404);
    refused
        .shows("Page not found")
        .shows(r#"<nav class="site-nav""#)
        .shows(r#"href="/reports""#)
        .shows("Go to the desk");
    assert!(!refused.html.contains(">404<") && !refused.html.contains(r#"href="/sign-in""#), "{}", refused.html);
    let stranger = Person::stranger(&app).get("/no/such/page").await;
    stranger.shows("Go to the start page").shows(r#"href="/sign-in""#);
    assert!(!stranger.html.contains("site-nav"), "{}", stranger.html);
    app.stop().await;
}

#[actix_web::test]
async fn the_content_origin_responds_under_its_own_host_name_only() {
    let app = TestApp::start();
    let port = app.content_url.rsplit_once(':').unwrap().1;
    let own = app.client.get(&app.content_url).send().await.unwrap();
    assert_eq!(own.status(), 404);
    let other = app.client.get(format!("http://localhost:{port}/")).send().await.unwrap();
    let (status, body) = status_and_json(other).await;
    assert_eq!((status, body["code"].as_str()), (421, Some("wrong-host")));
    app.stop().await;
}

#[actix_web::test]
async fn a_refusal_page_fits_a_desk_and_a_phone() {
    let app = TestApp::start();
    let mut browser = Browser::start().await;
    browser.tolerate("404");
    browser.goto(&format!("{}/no/such/page", app.url)).await;
    browser.read("Page not found").await;
    browser.picture("refusal").await;
    browser.close().await;
    app.stop().await;
}
