//! Statements of 2.0, read by a client of 1.0.3 (Part 2 §2.2 and §2.4.10).

use super::{Lrs, agent, credential, id, statement, with};
use crate::harness::{TestApp, status_and_json};
use base::clock::SystemClock;
use base::hash::Sha256;
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};

/// Sent as 2.0: new members in both contexts, spaces and digits that a careless copy would lose.
const NEWER: &str = r#"{ "id":"00000000-0000-4000-8000-000000000001", "actor":{"mbox":"mailto:ann@example.com"},"verb":{"id":"v:did","display":{"en":"did"}},
 "context" : {"contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"mailto:cat@example.com"},"relevantTypes":["t:1"]}], "language":"en"},
 "object":{"objectType":"SubStatement","actor":{"mbox":"mailto:bob@example.com"},"verb":{"id":"v:did"},"object":{"id":"a:1"},"context":{"platform":"x" ,"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","mbox":"mailto:g@example.com"}}]}},
 "result":{"score":{"raw":1.50}},"version":"2.0.0"}"#;

/// [`NEWER`] without them, written by hand.
const OLDER: &str = r#"{ "id":"00000000-0000-4000-8000-000000000001", "actor":{"mbox":"mailto:ann@example.com"},"verb":{"id":"v:did","display":{"en":"did"}},
 "context" : {"language":"en"},
 "object":{"objectType":"SubStatement","actor":{"mbox":"mailto:bob@example.com"},"verb":{"id":"v:did"},"object":{"id":"a:1"},"context":{"platform":"x"}},
 "result":{"score":{"raw":1.50}},"version":"1.0.0""#;

/// A server that has stored [`NEWER`]; requests use 1.0.3.
async fn holding_a_newer_one(server: TestApp) -> Lrs {
    let (key, secret) = credential(&server, &[Scope::All]).await;
    let mut lrs = Lrs { server, key, secret, version: "2.0.0" };
    assert_eq!(lrs.post_text(NEWER).await.0, 200);
    lrs.version = "1.0.3";
    lrs
}

async fn text(lrs: &Lrs, parameters: &[(&str, &str)]) -> String {
    let answer = lrs.query(parameters).await;
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

#[actix_web::test]
async fn a_reader_of_1_0_3_gets_what_1_0_3_knows_and_every_other_byte() {
    let mut lrs = holding_a_newer_one(TestApp::start()).await;
    let one = text(&lrs, &[("statementId", &id(1))]).await;
    assert!(one.starts_with(OLDER), "{one}");
    let page = text(&lrs, &[("limit", "1")]).await;
    assert_eq!(page, format!(r#"{{"statements":[{one}],"more":""}}"#));
    lrs.version = "2.0.0";
    let whole = text(&lrs, &[("statementId", &id(1))]).await;
    assert!(whole.starts_with(NEWER.strip_suffix('}').unwrap()), "{whole}");
}

#[actix_web::test]
async fn it_is_so_in_every_format_and_with_attachments() {
    let lrs = holding_a_newer_one(TestApp::start()).await;
    for format in ["ids", "exact", "canonical"] {
        for query in [&[("statementId", &*id(1))][..], &[("agent", &*agent("ann").to_string())]] {
            for attachments in ["false", "true"] {
                let query = [query, &[("format", format), ("attachments", attachments)]].concat();
                let shown = text(&lrs, &query).await;
                assert!(shown.contains(r#""version":"1.0.0""#), "{query:?}: {shown}");
                assert!(!shown.contains("contextAgents") && !shown.contains("contextGroups"), "{query:?}: {shown}");
            }
        }
    }
}

#[actix_web::test]
async fn the_alternate_syntax_reads_by_its_version_too() {
    let lrs = holding_a_newer_one(TestApp::start()).await;
    let url = format!("{}/xapi/statements?method=GET", lrs.server.url);
    let form = [("statementId", id(1)), ("X-Experience-API-Version", "1.0.3".to_owned())];
    let request = lrs.server.client.post(url).basic_auth(&lrs.key, Some(&lrs.secret)).form(&form);
    let shown = request.send().await.unwrap().text().await.unwrap();
    assert!(shown.starts_with(OLDER), "{shown}");
}

#[actix_web::test]
async fn what_follows_more_is_handed_down_as_the_first_page_was() {
    let mut lrs = holding_a_newer_one(TestApp::start()).await;
    lrs.send(&statement(2)).await;
    let (_, first) = status_and_json(lrs.query(&[("limit", "1")]).await).await;
    let more = first["more"].as_str().unwrap().strip_prefix("/xapi").unwrap().to_owned();
    let shown = lrs.ask(Method::GET, &more).send().await.unwrap().text().await.unwrap();
    assert!(shown.starts_with(&format!(r#"{{"statements":[{OLDER}"#)), "{shown}");
    lrs.version = "2.0.0";
    let whole = lrs.ask(Method::GET, &more).send().await.unwrap().text().await.unwrap();
    assert!(whole.contains("contextAgents"), "each page speaks the version of its own request");
}

#[actix_web::test]
async fn a_server_can_be_configured_to_return_statements_as_they_are_stored() {
    let server = TestApp::with(SystemClock, |config| config.xapi.hand_down = false);
    let lrs = holding_a_newer_one(server).await;
    let shown = text(&lrs, &[("statementId", &id(1))]).await;
    assert!(shown.starts_with(NEWER.strip_suffix('}').unwrap()), "{shown}");
}

#[actix_web::test]
async fn statements_of_1_0_are_the_same_bytes_to_both() {
    let mut lrs = Lrs::start().await;
    let spoken_of = json!({"extensions": {"https://example.com/x": {"contextAgents": ["2.0.0"]}}});
    let one = with(with(statement(1), "/context", spoken_of), "/version", json!("1.0.9"));
    lrs.send(&one).await;
    let old = text(&lrs, &[("statementId", &id(1))]).await;
    lrs.version = "2.0.0";
    assert_eq!(text(&lrs, &[("statementId", &id(1))]).await, old);
    assert_eq!(serde_json::from_str::<Value>(&old).unwrap()["version"], "1.0.9");
}

#[actix_web::test]
async fn a_statement_is_found_by_an_actor_who_is_left_out_and_its_attachments_stay_the_same() {
    let mut lrs = Lrs::start().await;
    lrs.version = "2.0.0";
    let agents = json!([{"objectType": "contextAgent", "agent": agent("cat")}]);
    let file = json!([{
        "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
        "length": 1, "sha2": Sha256::of("x").to_string(), "fileUrl": "https://example.com/file",
    }]);
    lrs.send(&with(with(statement(1), "/context", json!({"contextAgents": agents})), "/attachments", file.clone()))
        .await;
    lrs.version = "1.0.3";
    let found = lrs.list(&[("agent", &agent("cat").to_string()), ("related_agents", "true")]).await;
    assert_eq!((found.len(), &found[0]["context"], &found[0]["attachments"]), (1, &json!({}), &file));
}
