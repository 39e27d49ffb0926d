//! `/api/v1/packages`: what clients send, and what the server returns.

use super::zips::{archive, course_with, deflated, file};
use crate::harness::{TestApp, status_and_json};
use base::hash::Sha256;
use enduring::service::catalogue::{activities, packages};
use enduring::service::people::credentials::{self, Scope};
use enduring::service::records::spool;
use enduring::service::{PackageVersion, PackageVersionId};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{Commit, Document as _};

/// The client of `app`, signed in as the demonstration's designer.
pub(super) async fn sign_in(app: &TestApp) {
    let form = app.client.post(format!("{}/demo/designer", app.url)).header("origin", &app.url);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("next=/");
    assert_eq!(form.send().await.unwrap().status(), 303);
}

/// A server with a designer signed in.
async fn server() -> TestApp {
    let app = TestApp::start();
    sign_in(&app).await;
    app
}

fn post(app: &TestApp) -> RequestBuilder {
    app.client.post(format!("{}/api/v1/packages", app.url)).header("origin", &app.url)
}

async fn send(app: &TestApp, bytes: Vec<u8>) -> (u16, Value) {
    status_and_json(post(app).body(bytes).send().await.unwrap()).await
}

/// The body of a form with these parts: headers of a part, and its bytes.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, bytes) in parts {
        body.extend(format!("--b\r\nContent-Disposition: form-data; {headers}\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

async fn send_form(app: &TestApp, body: Vec<u8>) -> (u16, Value) {
    let form = post(app).header("content-type", "multipart/form-data; boundary=b").body(body);
    status_and_json(form.send().await.unwrap()).await
}

/// Asserts that no upload is left in the spool folder.
fn nothing_is_spooled(app: &TestApp) {
    let folder = spool::folder(&app.app.config.data);
    let left = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("upload-"));
    assert_eq!(left.count(), 0);
}

/// A package of each standard that is not played: its manifest's name, and its manifest.
const NOT_PLAYED: [(&str, &str, &str); 3] = [
    (
        "scorm2004",
        "imsmanifest.xml",
        r#"<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"
        xmlns:imsss="http://www.imsglobal.org/xsd/imsss"><metadata><schemaversion>2004 4th Edition</schemaversion></metadata>
        <organizations default="o"><organization identifier="o"><title>Course</title><item identifier="i" identifierref="r">
        <title>Page</title></item><imsss:sequencing><imsss:controlMode flow="true"/></imsss:sequencing></organization>
        </organizations><resources><resource identifier="r" adlcp:scormType="sco" href="index.html"/></resources></manifest>"#,
    ),
    (
        "cmi5",
        "cmi5.xml",
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="urn:c"><title>
        <langstring lang="en">Course</langstring></title><description/></course><au id="urn:a"><title>
        <langstring lang="en">Unit</langstring></title><description/><url>index.html</url></au></courseStructure>"#,
    ),
    (
        "tincan",
        "tincan.xml",
        r#"<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities><activity id="urn:x"
        type="http://adlnet.gov/expapi/activities/course"><name>Course</name><launch>index.html</launch></activity>
        </activities></tincan>"#,
    ),
];

#[actix_web::test]
async fn a_package_that_is_not_played_is_stored_and_can_be_neither_previewed_nor_published() {
    let app = server().await;
    for (kind, name, manifest) in NOT_PLAYED {
        let (status, created) =
            send(&app, archive(&[file(name, manifest), file("index.html", "<!doctype html>")])).await;
        assert_eq!((status, &created["kind"]), (201, &json!(kind)), "{created}");
        assert!(created["report"]["findings"].to_string().contains("standard-not-yet-played"), "{created}");
        let id = created["id"].as_str().unwrap();
        let read = packages::get(&app.app, PackageVersionId(id.parse().unwrap())).await.unwrap();
        let read_again = serde_json::from_slice::<PackageVersion>(&serde_json::to_vec(&*read).unwrap()).unwrap();
        assert_eq!((&read_again.package, read.package.files.len()), (&read.package, 2), "{kind}");

        let preview = app.client.post(format!("{}/studio/packages/{id}/preview", app.url)).header("origin", &app.url);
        let refused = preview.header("accept", "application/json").send().await.unwrap();
        let (status, problem) = status_and_json(refused).await;
        assert_eq!((status, &problem["code"]), (409, &json!("standard-not-yet-played")), "{problem}");
        let page = app.client.get(format!("{}/studio/packages/{id}", app.url)).send().await.unwrap();
        assert!(!page.text().await.unwrap().contains("/preview"), "{kind}");

        let mut document: Value =
            serde_json::from_str(include_str!("../../../fixtures/activity/complete.json")).unwrap();
        document["package"] = json!({"id": id});
        let published = activities::publish(&app.app, document.to_string().as_bytes(), None, "test").await;
        let sentence = published.unwrap_err().to_string();
        assert!(sentence.contains("/package The package follows"), "{sentence}");
    }
    let structure = NOT_PLAYED[1].2.replace("index.html", "https://content.example/unit");
    let (status, created) = send(&app, structure.into_bytes()).await;
    assert_eq!((status, &created["kind"]), (201, &json!("cmi5")), "a bare course structure: {created}");
    app.stop().await;
}

#[actix_web::test]
async fn the_studio_lists_files_tools_and_uses_and_is_searched() {
    let app = server().await;
    let page = async |query: &str| {
        app.client.get(format!("{}/studio{query}", app.url)).send().await.unwrap().text().await.unwrap()
    };
    assert!(!page("").await.contains("Find a package"), "there is nothing to search");
    let zip = course_with(&[deflated("story_content/user.js", b"lesson_status")]);
    let (status, created) = send_form(&app, form(&[("name=\"file\"; filename=\"<b>Sepsis v2.zip\"", &zip)])).await;
    assert_eq!((status, &created["file_name"]), (201, &json!("<b>Sepsis v2.zip")), "{created}");
    let mut document: Value = serde_json::from_str(include_str!("../../../fixtures/activity/complete.json")).unwrap();
    document["package"] = json!({"id": created["id"]});
    document["required_items"] = json!(["i"]);
    let listed = page("").await;
    assert!(listed.contains("Articulate Storyline") && listed.contains("No activity"), "{listed}");
    assert!(listed.contains("&#60;b&#62;Sepsis v2.zip"), "{listed}");
    activities::publish(&app.app, document.to_string().as_bytes(), None, "test").await.unwrap();
    let title = document["title"].as_str().unwrap();
    assert!(page("").await.contains(title));
    for (query, found) in [("sepsis+V2", true), ("storyline+scorm", true), ("sepsis+rise", false)] {
        let listed = page(&format!("?q={query}")).await;
        assert_eq!(listed.contains("v2.zip</span>"), found, "{query}: {listed}");
        assert_eq!(listed.contains("No accepted package has all of these words."), !found, "{query}");
    }
    let report = page(&format!("/packages/{}", created["id"].as_str().unwrap())).await;
    assert!(report.contains("Use in an activity") && report.contains("v2.zip, "), "{report}");
    app.stop().await;
}

#[actix_web::test]
async fn a_package_is_imported_once_and_can_be_read_back() {
    let app = server().await;
    let movie: Vec<u8> = (0..1_000_000_u32).flat_map(|n| n.to_le_bytes().into_iter().take(3)).collect();
    let bytes = course_with(&[deflated("a.js", &b"let x;".repeat(1000)), file("movie.mp4", &movie)]);
    let answer = post(&app).header("content-type", "application/zip").body(bytes.clone()).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let (status, created) = status_and_json(answer).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(
        (&created["kind"], &created["title"], &created["version"]),
        (&"scorm12".into(), &"Course".into(), &1.into())
    );
    assert_eq!(created["report"]["accepted"], true);
    assert_eq!(created["sha256"], Sha256::of(&bytes).to_string());

    let again = send(&app, bytes.clone()).await;
    assert_eq!((again.0, &again.1["id"]), (201, &created["id"]));
    let (_, read) = status_and_json(app.client.get(location).send().await.unwrap()).await;
    assert_eq!(read, created);
    let (_, list) = status_and_json(app.get("/api/v1/packages").await).await;
    assert_eq!(list["packages"].as_array().unwrap().len(), 1);

    let version = packages::by_digest(&app.app, Sha256::of(&bytes)).await.unwrap().unwrap();
    let kept = version.package.files["movie.mp4"].clone();
    assert_eq!(kept.size, 3_000_000);
    assert_eq!(app.app.store.blob(kept.sha256, 0..u64::MAX).await.unwrap().unwrap(), movie);
    nothing_is_spooled(&app);
    app.stop().await;
}

#[actix_web::test]
async fn the_same_upload_twice_at_once_is_one_package() {
    let app = server().await;
    let bytes = course_with(&[]);
    let (one, two) = tokio::join!(send(&app, bytes.clone()), send(&app, bytes));
    assert_eq!((one.0, two.0), (201, 201));
    assert_eq!(one.1["id"], two.1["id"]);
    app.stop().await;
}

#[actix_web::test]
async fn a_refused_package_leaves_its_report_and_nothing_else() {
    let app = server().await;
    let bytes = course_with(&[file("../evil", "x")]);
    let answer = post(&app).body(bytes.clone()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let (status, refused) = status_and_json(answer).await;
    assert_eq!((status, &refused["code"]), (422, &"package-refused".into()));
    assert_eq!(refused["report"]["findings"][0]["code"], "path-escapes");
    assert!(refused["detail"].as_str().unwrap().ends_with('.'), "{refused}");

    let (_, list) = status_and_json(app.get("/api/v1/packages").await).await;
    assert_eq!(list["packages"], serde_json::json!([]));
    assert_eq!(app.app.store.blob_len(Sha256::of("<!doctype html>")).await.unwrap(), None);
    let kept = packages::refusal(&app.app, Sha256::of(&bytes)).await.unwrap();
    assert_eq!(serde_json::to_value(kept.report).unwrap(), refused["report"]);
    assert_eq!(send(&app, bytes).await.0, 422);
    nothing_is_spooled(&app);
    app.stop().await;
}

#[actix_web::test]
async fn what_was_refused_before_and_is_accepted_now_stands_in_one_list_only() {
    let app = server().await;
    assert_eq!(send(&app, b"not a zip".to_vec()).await.0, 422);
    let mut refusal = packages::refusals(&app.app, 1).await.unwrap().remove(0);
    let bytes = course_with(&[]);
    refusal.sha256 = Sha256::of(&bytes);
    let commit = Commit { writes: vec![refusal.insert().unwrap()], ..Commit::default() };
    app.app.store.commit(&app.app.provider, commit).await.unwrap();
    assert_eq!(send(&app, bytes.clone()).await.0, 201);
    assert!(packages::refusal(&app.app, Sha256::of(&bytes)).await.is_err());
    assert_eq!(packages::refusals(&app.app, 10).await.unwrap().len(), 1);
    app.stop().await;
}

#[actix_web::test]
async fn a_form_with_one_file_is_as_good_as_the_file() {
    let app = server().await;
    let bytes = course_with(&[]);
    let named = "name=\"file\"; filename=\"C:\\\\course.zip\"\r\nContent-Type: application/zip";
    let fields: [(&str, &[u8]); 3] = [("name=\"comment\"", b"v2"), (named, &bytes), ("name=\"more\"", b"")];
    let (status, created) = send_form(&app, form(&fields)).await;
    assert_eq!((status, &created["sha256"]), (201, &Sha256::of(&bytes).to_string().into()));

    let broken = "name=\"file\"; filename=\"broken course.zip\"";
    assert_eq!(send_form(&app, form(&[(broken, b"not a zip")])).await.0, 422);
    let kept = packages::refusal(&app.app, Sha256::of("not a zip")).await.unwrap();
    assert_eq!(kept.name, "broken course.zip");
    nothing_is_spooled(&app);
    app.stop().await;
}

#[actix_web::test]
async fn a_script_uploads_by_credential_as_curl_does() {
    let app = TestApp::start();
    let (credential, secret) = credentials::create(&app.app, "import", BTreeSet::from([Scope::All])).await.unwrap();
    let post = app.client.post(format!("{}/api/v1/packages", app.url)).basic_auth(&credential.key, Some(secret));
    // `curl --data-binary` says that whatever it sends is a form.
    let post = post.header("content-type", "application/x-www-form-urlencoded").body(course_with(&[]));
    let (status, created) = status_and_json(post.send().await.unwrap()).await;
    assert_eq!((status, &created["by"]), (201, &format!("credential:{}", credential.key).into()), "{created}");
    app.stop().await;
}

#[actix_web::test]
async fn odd_requests_are_refused_with_a_sentence() {
    let app = server().await;
    let upload = ("name=\"file\"; filename=\"a.zip\"", b"x".as_slice());
    let long = vec![b'x'; 100_000];
    let cases: [(Vec<u8>, &str); 5] = [
        (form(&[("name=\"file\"; filename=\"\"", b"")]), "no-file"),
        (form(&[("name=\"comment\"", b"hello")]), "no-file"),
        (form(&[upload, upload]), "several-files"),
        (form(&[("name=\"file\"", &long)]), "field-too-long"),
        (form(&[upload])[..60].to_vec(), "body-unreadable"),
    ];
    for (body, code) in cases {
        let (status, refused) = send_form(&app, body).await;
        assert_eq!((status, &refused["code"]), (400, &code.into()), "{refused}");
    }
    let unbounded = post(&app).header("content-type", "multipart/form-data").body("x");
    assert_eq!(code(unbounded.send().await.unwrap()).await, (400, "invalid-form".to_owned()));
    let packed = post(&app).header("content-encoding", "gzip").body("x");
    assert_eq!(code(packed.send().await.unwrap()).await, (415, "content-encoding".to_owned()));
    assert_eq!(code(app.get("/api/v1/packages/00000000-0000-4000-8000-000000000000").await).await.0, 404);
    assert_eq!(code(app.get("/api/v1/packages/seven").await).await.0, 404);
    let (status, empty) = send(&app, Vec::new()).await;
    assert_eq!((status, &empty["report"]["findings"][0]["code"]), (422, &"not-a-zip".into()));
    nothing_is_spooled(&app);
    app.stop().await;
}

async fn code(answer: Response) -> (u16, String) {
    let (status, refused) = status_and_json(answer).await;
    (status, refused["code"].as_str().unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = server().await;
    let sign_in = app.client.post(format!("{}/demo/designer", app.url)).header("origin", &app.url);
    let sign_in =
        sign_in.header("content-type", "application/x-www-form-urlencoded").body("next=/").send().await.unwrap();
    let session = sign_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let host = app.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host.replace("localhost", "127.0.0.1")).await.unwrap();
    let head = format!(
        "POST /api/v1/packages HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {session}\r\nContent-Length: 3000000000\r\n\r\n",
        app.url
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
    app.stop().await;
}

#[actix_web::test]
async fn nobody_uploads_without_authorization() {
    let app = TestApp::start();
    assert_eq!(send(&app, course_with(&[])).await.0, 401);
    sign_in(&app).await;
    let foreign = app.client.post(format!("{}/api/v1/packages", app.url)).header("origin", "https://evil.example");
    assert_eq!(foreign.body(course_with(&[])).send().await.unwrap().status(), 403);
    app.stop().await;
}
