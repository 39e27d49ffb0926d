//! The studio in a real browser: uploading by hand, by dropping and without scripts, and reading the report.

use super::api::sign_in;
use super::zips::{MANIFEST, course_of, course_with, course_without_findings, file};
use crate::harness::{Browser, TestApp, shared_packages};
use enduring::service::catalogue::packages;
use enduring::service::playing::launches;
use std::path::{Path, PathBuf};

/// A server and a browser in which the demonstration's designer looks at `/studio`.
async fn studio() -> (TestApp, Browser) {
    let app = TestApp::start();
    let browser = Browser::start().await;
    browser.goto(&format!("{}/demo/designer?next=/studio", app.url)).await;
    browser.click("main button").await;
    browser.read("Upload and check").await;
    (app, browser)
}

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn choose(browser: &Browser, path: &Path) {
    browser.see("#package").await.send_keys(path.to_str().unwrap()).await.unwrap();
}

#[actix_web::test]
async fn a_designer_uploads_a_package_reads_its_report_and_previews_it() {
    let (app, browser) = studio().await;
    browser.picture("studio-empty").await;
    let folder = tempfile::tempdir().unwrap();
    let manifest = MANIFEST.replace(
        "</title></item>",
        "</title></item><item identifier=\"j\" identifierref=\"gone\"><title>Lost</title></item>",
    );
    let path = match shared_packages() {
        Some(shared) => shared.join("scorm12/golf-RuntimeMinimumCalls_SCORM12.zip"),
        None => written(folder.path(), "course.zip", course_of(&manifest)),
    };
    choose(&browser, &path).await;
    browser.press("Upload and check").await;
    browser.read("Accepted").await;
    browser.read("What learners see").await;
    browser.picture("studio-report-accepted").await;
    browser.goto(&format!("{}/studio", app.url)).await;
    choose(&browser, &written(folder.path(), "partly.zip", course_of(&manifest))).await;
    browser.press("Upload and check").await;
    browser.read("which is not in the manifest").await;
    browser.picture("studio-report-warnings").await;

    browser.press("Preview").await;
    browser.see("iframe#content").await;
    assert!(browser.client.current_url().await.unwrap().as_str().starts_with(&app.content_url));
    browser.picture("studio-preview").await;
    browser.goto(&format!("{}/studio", app.url)).await;
    browser.read("1 warning").await;
    browser.picture("studio-list").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_preview_says_in_words_what_would_look_unusual() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    let page = r#"<!doctype html><title>SCO</title><script>
        const api = parent.API;
        api.LMSInitialize("");
        api.LMSSetValue("cmi.objectives.0.id", "o1");
        api.LMSSetValue("cmi.objectives.0.status", "incomplete");
        api.LMSSetValue("cmi.core.score.raw", "20");
        api.LMSSetValue("cmi.core.lesson_status", "completed");
        api.LMSCommit("");
        </script>"#;
    let folder = tempfile::tempdir().unwrap();
    let files = [file("imsmanifest.xml", MANIFEST), file("index.html", page)];
    let path = written(folder.path(), "odd.zip", super::zips::archive(&files));
    let version = packages::import(&app.app, &path, None, "test").await.unwrap().version;
    let launched = launches::preview(&app.app, version.id, None).await.unwrap();
    browser.goto(&launched.url).await;
    browser.read("an objective that it has set is still open or failed").await;
    browser.read("done with less than half of its highest score").await;
    for width in [390, 1280] {
        browser.resize(width).await;
        browser.picture(&format!("studio-preview-unusual-{width}")).await;
    }
    let sentences = browser.run("return document.querySelectorAll('#noticed li').length").await;
    assert_eq!(sentences, 2, "and nothing else, such as a file that was not delivered");
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_refused_package_has_a_page_that_says_what_to_do() {
    let (app, browser) = studio().await;
    let folder = tempfile::tempdir().unwrap();
    let evil = course_with(&[file("../<b>evil</b>", "x"), file("a\0b", "x"), file(".htaccess", "x")]);
    choose(&browser, &written(folder.path(), "evil.zip", evil)).await;
    browser.press("Upload and check").await;
    browser.read("The package cannot be used as it is.").await;
    browser.read("../<b>evil</b>").await;
    browser.read("evil.zip").await;
    browser.picture("studio-report-refused").await;
    let link = browser.see("a[download]").await.attr("href").await.unwrap().unwrap();
    let script = "return await fetch(arguments[0]).then((answer) => answer.json())";
    let report = browser.client.execute(script, vec![link.into()]).await.unwrap();
    assert_eq!(report["findings"][0]["code"], "path-escapes");
    browser.goto(&format!("{}/studio", app.url)).await;
    browser.read("Only the reports of these uploads were kept.").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_dropped_file_is_uploaded_and_two_are_not() {
    let (app, browser) = studio().await;
    let drop = "const files = new DataTransfer();
        for (const name of arguments[0]) files.items.add(new File([new Uint8Array(arguments[1])], name));
        const event = (type) => new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true });
        const form = document.getElementById('upload-form');
        form.dispatchEvent(event('dragover'));
        const over = form.classList.contains('over');
        form.dispatchEvent(event('drop'));
        return over;";
    let bytes = serde_json::json!(course_without_findings(&[]));
    let two = browser.client.execute(drop, vec![serde_json::json!(["a.zip", "b.zip"]), bytes.clone()]).await.unwrap();
    assert_eq!(two, true);
    browser.read("Drop one file").await;
    browser.client.execute(drop, vec![serde_json::json!(["a.zip"]), bytes]).await.unwrap();
    browser.read("The check found nothing to fix.").await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn the_form_works_without_scripts() {
    let app = TestApp::start();
    sign_in(&app).await;
    let body = [
        b"--b\r\nContent-Disposition: form-data; name=\"package\"; filename=\"c.zip\"\r\n\r\n".as_slice(),
        &course_with(&[]),
        b"\r\n--b--\r\n",
    ]
    .concat();
    let post = app.client.post(format!("{}/studio/packages", app.url)).header("origin", &app.url);
    let answer = post.header("content-type", "multipart/form-data; boundary=b").body(body).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let (status, page) = app.page(&place).await;
    assert_eq!(status, 200);
    assert!(page.contains("<h1>Course</h1>"), "{page}");
    app.stop().await;
}

#[actix_web::test]
async fn a_lost_connection_and_a_cancelled_upload_are_said() {
    let (app, mut browser) = studio().await;
    browser.tolerate("/studio/packages");
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "large.zip", course_without_findings(&[file("movie.mp4", vec![7; 8 << 20])]));
    let slow = |rate: i32, offline: bool| serde_json::json!({"offline": offline, "latency": 0, "downloadThroughput": rate, "uploadThroughput": rate});
    browser.run("document.getElementById('upload-form').dataset.limit = '1000'").await;
    choose(&browser, &path).await;
    browser.press("Upload and check").await;
    browser.read("large.zip is larger than 2 GB").await;
    browser.run("document.getElementById('upload-form').dataset.limit = '9000000000'").await;
    browser.devtools("Network.enable", serde_json::json!({})).await;
    browser.devtools("Network.emulateNetworkConditions", slow(300_000, false)).await;
    choose(&browser, &path).await;
    browser.press("Upload and check").await;
    browser.until("return document.getElementById('upload-bar').value > 0").await;
    browser.picture("studio-uploading").await;
    browser.press("Cancel").await;
    browser.read("Upload and check").await;
    browser.devtools("Network.emulateNetworkConditions", slow(-1, true)).await;
    browser.press("Upload and check").await;
    browser.read("The connection was lost").await;
    browser.devtools("Network.emulateNetworkConditions", slow(-1, false)).await;
    browser.press("Upload and check").await;
    browser.read("The check found nothing to fix.").await;
    browser.close().await;
    app.stop().await;
}
