//! Packages by others: each imports, and its first page plays in a real browser.

use super::{enrol, import_file, launch, recorded};
use crate::harness::{Browser, TestApp, shared_packages};
use content::Role;
use enduring::service::catalogue::packages;
use enduring::service::playing::launches;

#[actix_web::test]
async fn every_scorm_12_package_imports_and_its_first_page_plays() {
    let Some(shared) = shared_packages() else { return };
    let mut zips: Vec<_> =
        std::fs::read_dir(shared.join("scorm12")).unwrap().map(|entry| entry.unwrap().path()).collect();
    zips.sort();
    assert!(!zips.is_empty());
    for zip in zips {
        let name = zip.file_name().unwrap().to_string_lossy().into_owned();
        let app = TestApp::start();
        let browser = Browser::start().await;
        let package = import_file(&app, &zip).await;
        let registration = enrol(&app, package).await;
        let version = packages::get(&app.app, package).await.unwrap();
        let first = version.package.launchable().next().unwrap();
        let launched = first.launch.as_ref().unwrap();

        let here = launch(&app, registration.id, Some(first.id)).await;
        browser.goto(&here).await;
        browser.see("#content").await.enter_frame().await.unwrap();
        browser.until("return document.readyState === 'complete' && location.pathname.includes('/p/')").await;
        let shown = browser.run("return location.href").await;
        let bytes = app.client.get(shown.as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
        let calls = String::from_utf8_lossy(&bytes).contains("ScormProcessInitialize");
        if launched.role == Role::Asset || calls {
            let begun = format!("initialized {}", first.id);
            let mut waited = 0;
            while !recorded(&app, registration.id).await.contains(&begun) {
                waited += 1;
                assert!(waited < 200, "{name}: the server never saw the first page begin");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        browser.close().await;
        app.stop().await;
    }
}

#[actix_web::test]
async fn a_designer_sees_the_calls_of_the_content_and_nothing_is_recorded() {
    let Some(shared) = shared_packages() else { return };
    let app = TestApp::start();
    let browser = Browser::start().await;
    let package = import_file(&app, &shared.join("scorm12/golf-RuntimeBasicCalls_SCORM12.zip")).await;
    let preview = launches::preview(&app.app, package, None).await.unwrap();
    browser.goto(&preview.url).await;
    browser.read("Nothing is recorded").await;
    browser.read("LMSInitialize(").await;
    browser.read("cmi.core.lesson_location").await;
    browser.picture("player-preview").await;
    assert_eq!(app.app.store.head(&app.app.provider).await.unwrap().seq.0, 0);
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn several_items_have_a_table_of_contents_that_turns_to_each() {
    let Some(shared) = shared_packages() else { return };
    let app = TestApp::start();
    let browser = Browser::start().await;
    let zip = shared.join("scorm12/golf-ContentPackagingOneFilePerSCO_SCORM12.zip");
    let registration = enrol(&app, import_file(&app, &zip).await).await;
    let here = launch(&app, registration.id, None).await;
    browser.goto(&here).await;
    browser.until("return document.getElementById('saved').dataset.state === 'saved'").await;
    browser.picture("player-contents").await;
    let first = browser.run("return location.search").await.as_str().unwrap().to_owned();
    browser.resize(1280).await;
    browser.press("Par").await;
    browser.until(&format!("return location.search !== '{first}'")).await;
    assert_eq!(browser.see("#toc button[aria-current]").await.text().await.unwrap().lines().next(), Some("Par"));
    browser.until("return document.querySelector('#toc small').textContent === 'complete'").await;
    browser.close().await;
    app.stop().await;
}
