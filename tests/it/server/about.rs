//! `/about` says what is shipped, and under which licenses. `licenses` compares what it shows with what is shipped.

use crate::harness::{Browser, TestApp};

#[actix_web::test]
async fn about_shows_version_and_licenses() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    browser.goto(&format!("{}/about", app.url)).await;
    browser.read("About this server").await;
    let text = browser.text().await;
    assert!(text.contains(env!("CARGO_PKG_VERSION")) && text.contains("scorm-again") && text.contains("actix-web"));
    browser.picture("about").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn the_full_text_of_every_license_can_be_read() {
    let app = TestApp::start();
    let (_, page) = app.page("/about").await;
    assert!(page.contains("href=\"/about/licenses.txt\""), "{page}");
    let texts = app.get("/about/licenses.txt").await;
    assert_eq!(texts.headers()["content-type"], "text/plain; charset=utf-8");
    let texts = texts.text().await.unwrap();
    let packages = include_str!("../../../licenses/packages.tsv").lines();
    for package in packages {
        let mut parts = package.split('\t');
        let called = format!("{} {}", parts.next().unwrap(), parts.next().unwrap());
        assert!(texts.contains(&called), "no license of {called} is there");
    }
    for words in ["Apache License", "Permission is hereby granted", "SIL OPEN FONT LICENSE"] {
        assert!(texts.contains(words), "{words}");
    }
    app.stop().await;
}
