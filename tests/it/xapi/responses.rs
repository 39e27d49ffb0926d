//! What every response has, whatever the request (Part 3 §1.1, §1.2 and §2.1.3), and requests of 1.0 that are sent as forms (§1.3).

use super::attachments::{attachment, file, part};
use super::{Lrs, agent, id, statement, with};
use crate::harness::status_and_json;
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// A server that has something at each resource, and an address of each.
async fn with_something_everywhere() -> (Lrs, Vec<String>) {
    let lrs = Lrs::start().await;
    lrs.send(&with(statement(1), "/object/definition", json!({"name": {"en": "One"}}))).await;
    let by_id = format!("/statements?statementId={}", id(1));
    let agent: String = percent(&agent("ann").to_string());
    let state = format!("/activities/state?activityId=a:1&agent={agent}");
    let agent_profile = format!("/agents/profile?agent={agent}");
    let activity_profile = "/activities/profile?activityId=a:1".to_owned();
    let documents = [(&state, "stateId"), (&agent_profile, "profileId"), (&activity_profile, "profileId")];
    let documents = documents.map(|(of, name)| format!("{of}&{name}=d"));
    for document in &documents {
        let put = lrs.ask(Method::PUT, document).header("If-None-Match", "*").header("Content-Type", "text/plain");
        assert_eq!(put.body("a text").send().await.unwrap().status(), 204);
    }
    let lists = [state, agent_profile, activity_profile];
    let others = ["/about".to_owned(), "/activities?activityId=a:1".to_owned(), format!("/agents?agent={agent}")];
    let statements = ["/statements".to_owned(), by_id];
    (lrs, statements.into_iter().chain(documents).chain(lists).chain(others).collect())
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The headers that describe the resource, without those that depend on the time.
fn lasting(headers: &HeaderMap) -> Vec<(String, String)> {
    let passing = ["date", "x-request-id", "x-experience-api-consistent-through"];
    let lasting = headers.iter().filter(|(name, _)| !passing.contains(&name.as_str()));
    let mut all: Vec<_> = lasting.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    all.sort();
    all
}

#[actix_web::test]
async fn head_responds_everywhere_as_get_does_without_a_body() {
    let (lrs, addresses) = with_something_everywhere().await;
    assert_eq!(addresses.len(), 11);
    for address in addresses {
        let get = lrs.ask(Method::GET, &address).send().await.unwrap();
        let head = lrs.ask(Method::HEAD, &address).send().await.unwrap();
        assert_eq!((get.status().as_u16(), head.status().as_u16()), (200, 200), "{address}");
        assert_eq!(lasting(head.headers()), lasting(get.headers()), "{address}");
        assert!(!get.bytes().await.unwrap().is_empty(), "{address}");
        assert!(head.bytes().await.unwrap().is_empty(), "{address}");
    }
}

#[actix_web::test]
async fn every_response_has_one_date_and_each_about_statements_how_far_it_is_consistent() {
    let (lrs, mut addresses) = with_something_everywhere().await;
    addresses.extend(["/statements?limit=x".to_owned(), format!("/statements?statementId={}", id(9))]);
    for address in addresses {
        let answer = lrs.ask(Method::GET, &address).send().await.unwrap();
        assert_eq!(answer.headers().get_all("date").iter().count(), 1, "{address}");
        assert_eq!(answer.headers()["x-experience-api-version"], "1.0.3", "{address}");
        let through = answer.headers().get("x-experience-api-consistent-through");
        assert_eq!(through.is_some(), address.starts_with("/statements"), "{address}");
    }
}

#[actix_web::test]
async fn what_comes_around_the_parts_of_a_request_does_not_matter() {
    let lrs = Lrs::start().await;
    let bytes = b"a file";
    let with_file = |n| with(statement(n), "/attachments", json!([attachment(bytes)])).to_string();
    // The first line break precedes the first boundary (RFC 2046 §5.1.1).
    let body = |n| {
        let parts = [part("Content-Type: application/json; charset=utf-8", with_file(n).as_bytes()), file(bytes)];
        [parts.concat(), b"\r\n--b-1--\r\nan epilogue".to_vec()].concat()
    };
    let preamble = |n| [b"a preamble".to_vec(), body(n)].concat();
    for (n, kind, body) in [
        (1, "multipart/mixed; boundary=b-1", body(1)),
        (2, "multipart/mixed; boundary=\"b-1\"", body(2)),
        (3, "Multipart/Mixed; charset=utf-8; boundary=b-1", preamble(3)),
    ] {
        let request = lrs.ask(Method::POST, "/statements").header("Content-Type", kind).body(body);
        let (status, answer) = status_and_json(request.send().await.unwrap()).await;
        assert_eq!((status, answer), (200, json!([id(n)])), "{kind}");
    }
    let request = lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/form-data; boundary=b-1");
    assert_eq!(request.body(body(4)).send().await.unwrap().status(), 400);
}

#[actix_web::test]
async fn the_length_that_a_statement_states_of_an_attachment_is_not_checked() {
    let lrs = Lrs::start().await;
    let told = with(attachment(b"a file"), "/length", json!(1000));
    let one = with(statement(1), "/attachments", json!([told]));
    let first = part("Content-Type: application/json", one.to_string().as_bytes());
    let body = [first, file(b"a file"), b"\r\n--b-1--".to_vec()].concat();
    let request = lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=b-1");
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    assert!(lrs.server.app.store.blob_len(Sha256::of(b"a file")).await.unwrap().is_some());
}

/// Posts a form that represents another request; returns the status and the body.
async fn form(lrs: &Lrs, address: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let url = format!("{}/xapi{address}", lrs.server.url);
    let answer = lrs.server.client.post(url).form(fields).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_form_carries_credentials_and_conditions_for_documents_too() {
    let lrs = Lrs::start().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", lrs.key, lrs.secret)));
    let agent = agent("ann").to_string();
    let who = [("Authorization", basic.as_str()), ("X-Experience-API-Version", "1.0.3")];
    let what = [("activityId", "a:1"), ("agent", &*agent), ("stateId", "d")];
    let put = |more: &[(&'static str, &'static str)]| {
        [&who[..], &what, &[("Content-Type", "application/json"), ("content", "{\"é\":\"&=\"}")], more].concat()
    };
    assert_eq!(form(&lrs, "/activities/state?method=PUT", &put(&[("If-None-Match", "*")])).await.0, 204);
    assert_eq!(form(&lrs, "/activities/state?method=PUT", &put(&[("If-None-Match", "*")])).await.0, 412);
    assert_eq!(form(&lrs, "/activities/state?method=PUT", &put(&[("If-Match", "\"1234\"")])).await.0, 412);
    let read = [&who[..], &what].concat();
    assert_eq!(form(&lrs, "/activities/state?method=GET", &read).await, (200, "{\"é\":\"&=\"}".to_owned()));
    assert_eq!(form(&lrs, "/activities/state?method=HEAD", &read).await.0, 200);
    assert_eq!(form(&lrs, "/activities/state?method=GET", &[&who[1..], &what].concat()).await.0, 401);
    assert_eq!(form(&lrs, "/activities/state?method=DELETE", &read).await.0, 204);
    assert_eq!(form(&lrs, "/activities/state?method=GET", &read).await.0, 404);
}

#[actix_web::test]
async fn only_1_0_knows_forms_that_stand_for_requests() {
    let lrs = Lrs::start().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", lrs.key, lrs.secret)));
    let who = ("Authorization", basic.as_str());
    for version in [&[("X-Experience-API-Version", "2.0.0")][..], &[("X-Experience-API-Version", "0.95")], &[]] {
        for (address, status) in [("/statements?method=GET", 400), ("/statements?method=PATCH", 400)] {
            let (found, body) = form(&lrs, address, &[&[who][..], version].concat()).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(
                (found, &problem["code"]),
                (status, &json!("invalid-alternate-request")),
                "{version:?} {address}"
            );
        }
    }
}
