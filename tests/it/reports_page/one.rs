//! The page of one statement.

use super::{Desk, several};
use crate::harness::status_and_json;
use crate::learner::{ACTIVITY, Person, address_in, load_sample};
use crate::xapi::{VOIDED, agent, id, reference, statement, with};
use base::hash::Sha256;
use reqwest::Method;
use serde_json::{Value, json};

fn path(n: u32) -> String {
    format!("/reports/statements/{}", id(n))
}

#[actix_web::test]
async fn a_statement_is_read_in_words_and_in_its_exact_text() {
    let desk = Desk::start().await;
    let text = format!(
        r#"{{"id": "{}", "actor": {{"mbox": "mailto:ann@example.com", "name": "Ann"}}, "verb": {{"id": "v:did", "display": {{"en": "did"}}}},
        "object": {{"id": "a:1", "definition": {{"description": {{"en": "A module."}}, "interactionType": "choice", "correctResponsesPattern": ["x"]}}}},
        "result": {{"score": {{"raw": 7.50, "max": 10.0}}, "response": "x[,]y", "duration": "PT90S"}}, "context": {{"registration": "{}",
        "instructor": {{"mbox": "mailto:bob@example.com"}}, "contextActivities": {{"grouping": {{"id": "a:9"}}}}, "language": "en-GB"}}}}"#,
        id(1),
        id(900)
    );
    assert_eq!(desk.lrs.post_text(text).await.0, 200);
    let page = desk.page(&path(1)).await;
    for part in [
        "Ann did 1",
        "<code><bdi>ann@example.com</bdi></code>",
        "A module.",
        "7.50 of 10.0, 1 min 30 s",
        "raw 7.50, max 10.0",
        "x[,]y",
        "bob@example.com",
        "en-GB",
        "Grouped with",
        "<b>&quot;raw&quot;</b>: 7.50,",
        "/reports/statements?agent=ann%40example.com\"",
        "/reports/statements?activity=a%3A9\"",
        &format!("/reports/statements?registration={}\"", id(900)),
        &format!("/xapi/statements?statementId={}", id(1)),
    ] {
        page.shows(part);
    }
    assert!(!page.html.contains("Open the registration"), "a registration of others has no page at the desk");
    page.shows("No: another program sent it");
    let exact = desk.coordinator.client().get(format!("{}{}/exact.json", desk.lrs.server.url, path(1)));
    let exact = exact.send().await.unwrap();
    assert_eq!(exact.headers()["content-disposition"], format!("attachment; filename=\"statement-{}.json\"", id(1)));
    let bytes = exact.bytes().await.unwrap();
    let sent = desk.lrs.query(&[("statementId", &id(1))]).await.bytes().await.unwrap();
    assert_eq!(bytes, sent);
    page.shows(&Sha256::of(&bytes).to_string());
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn every_kind_of_object_is_shown() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let inner =
        json!({"objectType": "SubStatement", "actor": agent("eve"), "verb": {"id": "v:will"}, "object": {"id": "a:8"}});
    desk.lrs.send(&json!([with(statement(7), "/object", inner), reference(8, "v:confirmed", 7)])).await;
    desk.page(&path(7))
        .await
        .shows("eve@example.com will 8")
        .shows("Nested statement")
        .shows("Statements about this one");
    desk.page(&path(8)).await.shows(&format!("Statement {}", id(7))).shows(&format!("href=\"{}\"", path(7)));
    desk.page(&path(6)).await.shows("bob@example.com");
    desk.page(&path(3)).await.shows("A group of 2").shows("Member");
    let table = desk.page("/reports/statements").await;
    table.shows("eve@example.com will 8").shows(&format!("href=\"{}\"><bdi>Statement", path(7)));
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn a_voided_statement_names_what_voided_it_whichever_came_first() {
    let desk = Desk::start().await;
    desk.lrs.send(&statement(1)).await;
    desk.lrs.send(&json!([reference(2, VOIDED, 1), reference(3, "v:confirmed", 1), reference(4, VOIDED, 5)])).await;
    desk.lrs.send(&statement(5)).await;
    for (target, by) in [(1, 2), (5, 4)] {
        let page = desk.page(&path(target)).await;
        page.shows("This statement is voided.").shows(&format!("voidedStatementId={}", id(target)));
        let (_, notice) = page.html.split_once("It was voided by:").unwrap();
        let notice = notice.split("</ul>").next().unwrap();
        assert!(notice.contains(&path(by)) && notice.matches("<li>").count() == 1, "{notice}");
        desk.page(&path(by)).await.shows("This statement voids another").shows(&format!("href=\"{}\"", path(target)));
    }
    desk.page(&path(1)).await.shows("Statements about this one").shows(&path(3));
    // However many others refer to it first.
    desk.lrs.send(&(100..=130).map(|n| reference(n, "v:confirmed", 200)).collect()).await;
    desk.lrs.send(&json!([statement(200), reference(201, VOIDED, 200)])).await;
    let page = desk.page(&path(200)).await;
    page.shows("It was voided by:").shows(&path(201)).shows(&path(100));
    // What refers to a statement that refers to this one says nothing about this one.
    desk.lrs.send(&reference(6, "v:agreed", 3)).await;
    assert!(!desk.page(&path(1)).await.html.contains(&path(6)));
    desk.page(&path(3)).await.shows(&path(6));
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn what_is_not_there_is_said_to_be_so() {
    let desk = Desk::start().await;
    let unknown = desk.coordinator.get(&path(1)).await;
    assert_eq!(unknown.status, 404);
    unknown.shows("No statement has this id").shows("Go to the statements");
    assert_eq!(desk.coordinator.get("/reports/statements/seven").await.status, 404);
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn a_statement_of_ours_leads_to_the_desk_and_names_the_learner() {
    let desk = Desk::start().await;
    load_sample(&desk.lrs.server.app).await;
    let learner = Person::demo(&desk.lrs.server, "learner").await;
    let registration = learner.begin(ACTIVITY).await;
    let uuid = registration.trim_start_matches("/registrations/");
    let table = desk.page(&format!("/reports/statements?registration={uuid}")).await;
    table.shows("Alex Morgan, MD").shows("registered");
    let (_, row) = table.html.split_once("href=\"/reports/statements/").unwrap();
    let page = desk.page(&format!("/reports/statements/{}", row.split('"').next().unwrap())).await;
    page.shows(&format!("href=\"/desk/registrations/{uuid}\">Open the registration")).shows("this server recorded it");
    let activity = desk.page(&format!("/desk/activities/{ACTIVITY}")).await;
    let about = address_in(&activity.html, "/reports/statements").replace("&#38;", "&");
    desk.page(&about).await.shows("registered");
    desk.page(&format!("/desk/registrations/{uuid}")).await.shows(&format!("/reports/statements?registration={uuid}"));
    desk.lrs.server.stop().await;
}

/// Sends `statement` with these bytes as its attachments.
async fn enclose(desk: &Desk, statement: &Value, files: &[&[u8]]) {
    let mut body = format!("--b\r\nContent-Type: application/json\r\n\r\n{statement}").into_bytes();
    for file in files {
        let hash = Sha256::of(file);
        let head = format!(
            "\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {hash}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
    }
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = desk.lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=b");
    let (status, said) = status_and_json(request.body(body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{said}");
}

fn attachment(bytes: &[u8]) -> Value {
    json!({
        "usageType": "https://example.com/usage", "display": {"en": "<i>A page</i>"}, "contentType": "text/html",
        "length": bytes.len(), "sha2": Sha256::of(bytes).to_string(),
    })
}

#[actix_web::test]
async fn attachments_are_handed_out_as_bytes_that_no_browser_shows() {
    let desk = Desk::start().await;
    let page: Vec<u8> = b"<script>alert(1)</script>".repeat(30_000);
    let elsewhere = json!({"usageType": "u:x", "display": {"en": "Far"}, "contentType": "text/plain", "length": 1,
        "sha2": Sha256::of("x").to_string(), "fileUrl": "https://files.example.com/x"});
    enclose(&desk, &with(statement(1), "/attachments", json!([attachment(&page), elsewhere])), &[&page]).await;
    enclose(&desk, &with(statement(2), "/attachments", json!([attachment(b"other")])), &[b"other"]).await;
    let shown = desk.page(&path(1)).await;
    shown
        .shows("&lt;i&gt;A page&lt;/i&gt;")
        .shows("732 kB")
        .shows("reported to be at <bdi>https://files.example.com/x</bdi>");
    assert!(!shown.html.contains("href=\"https://files"), "an address that others wrote is no link");

    let address = |n: u32, bytes: &[u8]| format!("{}/attachments/{}", path(n), Sha256::of(bytes));
    let download = desk.coordinator.client().get(format!("{}{}", desk.lrs.server.url, address(1, &page))).send().await;
    let download = download.unwrap();
    assert_eq!(download.status(), 200);
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", &*format!("attachment; filename=\"attachment-{}.bin\"", Sha256::of(&page))),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(download.headers()[header], value, "{header}");
    }
    assert!(download.bytes().await.unwrap() == page);
    // Only what the statement itself lists and the store has.
    for wrong in [address(1, b"other"), address(1, b"x"), format!("{}/attachments/x", path(1)), address(3, &page)] {
        assert_eq!(desk.coordinator.get(&wrong).await.status, 404, "{wrong}");
    }
    let learner = Person::demo(&desk.lrs.server, "learner").await;
    assert_eq!(learner.get(&address(1, &page)).await.status, 403);
    desk.lrs.server.stop().await;
}
