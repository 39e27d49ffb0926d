//! Statements with their attachments, both ways (Part 3 §1.5.2), and signed statements (Part 2 §2.6).

use super::{Lrs, id, statement, with};
use crate::harness::status_and_json;
use enduring::hash::Sha256;
use reqwest::Method;
use serde_json::{Value, json};

const SIGNED: &str = include_str!("../../../fixtures/statements/signed.json");
/// Made by the key of the certificate that it brings, over [`SIGNED`].
const GENUINE: &str = include_str!("../../../fixtures/statements/signed.jws");
/// The same, but with the certificate of another key.
const BY_ANOTHER: &str = include_str!("../../../fixtures/statements/signed-by-another.jws");

fn attachment(bytes: &[u8]) -> Value {
    json!({
        "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
        "length": bytes.len(), "sha2": Sha256::of(bytes).to_string(),
    })
}

pub(super) fn signature(bytes: &[u8]) -> Value {
    let signature = with(attachment(bytes), "/usageType", json!("http://adlnet.gov/expapi/attachments/signature"));
    with(signature, "/contentType", json!("application/octet-stream"))
}

/// A part: its headers, one a line, and its bytes.
fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("\r\n--b-1\r\n{}\r\n\r\n", headers.replace('\n', "\r\n"));
    [head.as_bytes(), bytes].concat()
}

pub(super) fn file(bytes: &[u8]) -> Vec<u8> {
    let hash = Sha256::of(bytes);
    part(&format!("Content-Type: text/plain\nContent-Transfer-Encoding: binary\nX-Experience-API-Hash: {hash}"), bytes)
}

pub(super) async fn post(lrs: &Lrs, statements: &Value, parts: &[Vec<u8>]) -> (u16, Value) {
    let first = part("Content-Type: application/json", statements.to_string().as_bytes());
    let body = [first, parts.concat(), b"\r\n--b-1--".to_vec()].concat();
    let request = lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=\"b-1\"");
    status_and_json(request.body(body).send().await.unwrap()).await
}

#[actix_web::test]
async fn attachments_come_back_byte_by_byte_each_once() {
    let lrs = Lrs::start().await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let small = b"\r\n--b-2\r\n".to_vec();
    let one = with(statement(1), "/attachments", json!([attachment(&large), attachment(&small)]));
    let two = with(statement(2), "/attachments", json!([attachment(&small)]));
    assert_eq!(post(&lrs, &json!([one, two]), &[file(&large), file(&small)]).await.0, 200);
    let answer = lrs.query(&[("attachments", "true")]).await;
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let boundary = kind.strip_prefix("multipart/mixed; boundary=").unwrap();
    let body = answer.bytes().await.unwrap();
    let parts = split(&body, format!("--{boundary}").as_bytes());
    assert_eq!(parts.len(), 4, "statements, two attachments, the end");
    let result: Value = serde_json::from_slice(content(parts[0])).unwrap();
    assert_eq!(result["statements"].as_array().unwrap().len(), 2);
    let sent = [&small[..], &large];
    for (part, sent) in parts[1..3].iter().zip(sent) {
        assert!(content(part) == sent);
        assert!(String::from_utf8_lossy(part).contains(&format!("X-Experience-API-Hash: {}", Sha256::of(sent))));
    }
    let plain = lrs.query(&[("attachments", "false")]).await;
    assert_eq!(plain.headers()["content-type"], "application/json");
}

#[actix_web::test]
async fn a_list_without_attachments_is_multipart_too_when_they_are_asked_for() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    for query in [("limit", "1"), ("statementId", &id(1))] {
        let answer = lrs.query(&[query, ("attachments", "true")]).await;
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("multipart/mixed"));
    }
}

#[actix_web::test]
async fn what_does_not_fit_together_is_refused_and_nothing_is_stored() {
    let lrs = Lrs::start().await;
    let (bytes, other) = (&b"a file"[..], &b"another"[..]);
    let with_file = with(statement(1), "/attachments", json!([attachment(bytes)]));
    let hash = Sha256::of(bytes);
    let announced = |headers: &str| part(headers, bytes);
    let cases: [(&str, &Value, Vec<Vec<u8>>); 7] = [
        ("nothing arrived", &with_file, vec![]),
        ("too much arrived", &with_file, vec![file(bytes), file(other)]),
        ("for no statement", &statement(1), vec![file(bytes)]),
        ("no hash", &with_file, vec![announced("Content-Transfer-Encoding: binary")]),
        ("no encoding", &with_file, vec![announced(&format!("X-Experience-API-Hash: {hash}"))]),
        ("no such hash", &with_file, vec![announced("Content-Transfer-Encoding: binary\nX-Experience-API-Hash: abc")]),
        (
            "other bytes",
            &with_file,
            vec![part(&format!("Content-Transfer-Encoding: binary\nX-Experience-API-Hash: {hash}"), other)],
        ),
    ];
    for (what, statements, parts) in cases {
        let (status, problem) = post(&lrs, statements, &parts).await;
        assert_eq!(status, 400, "{what}: {problem}");
        assert!(problem["detail"].is_string());
    }
    let (status, problem) = lrs.post(&with_file).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/attachments/0")));
    assert!(lrs.ids(&[]).await.is_empty());
    let elsewhere = with(with_file, "/attachments/0/fileUrl", json!("https://example.com/file"));
    assert_eq!(lrs.post(&elsewhere).await.0, 200, "it can be had elsewhere");
}

#[actix_web::test]
async fn a_body_that_is_not_multipart_as_announced_is_refused_in_words() {
    let lrs = Lrs::start().await;
    for (kind, body) in [
        ("multipart/mixed", "--b\r\n\r\n{}\r\n--b--"),
        ("multipart/mixed; boundary=b", "x"),
        ("multipart/mixed; boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--\r\n"),
        ("multipart/mixed; boundary=b", "--b\r\nContent-Type: application/json\r\n\r\n[]\r\n--b\r\nX-Exp"),
    ] {
        let request = lrs.ask(Method::POST, "/statements").header("Content-Type", kind).body(body);
        let (status, problem) = status_and_json(request.send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (400, &json!("invalid-multipart")), "{kind} {body}");
    }
}

#[actix_web::test]
async fn a_signature_must_be_made_by_the_key_of_its_certificate_over_its_statement() {
    let lrs = Lrs::start().await;
    let signed: Value = serde_json::from_str(SIGNED).unwrap();
    let send = async |statement: &Value, jws: &str| {
        let signed = with(statement.clone(), "/attachments", json!([signature(jws.as_bytes())]));
        let (status, problem) = post(&lrs, &signed, &[file(jws.as_bytes())]).await;
        (status, problem["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
    };
    let (head, _) = GENUINE.rsplit_once('.').unwrap();
    let (_, other_signature) = BY_ANOTHER.rsplit_once('.').unwrap();
    let other_statement = with(signed.clone(), "/verb/id", json!("https://example.com/verbs/denied"));
    for (statement, jws, flaw) in [
        (&other_statement, GENUINE.to_owned(), "another statement"),
        (&signed, BY_ANOTHER.to_owned(), "was not made by the key"),
        (&signed, format!("{head}.{other_signature}"), "was not made by the key"),
        (&signed, GENUINE.replacen('e', "", 1), "not a JSON Web Signature"),
        (&signed, "x".to_owned(), "not a JSON Web Signature"),
    ] {
        let (status, message) = send(statement, &jws).await;
        assert_eq!(status, 400);
        assert!(message.contains(flaw), "{message}");
    }
    let bare = with(
        signed.clone(),
        "/attachments",
        json!([with(signature(b"x"), "/fileUrl", json!("https://example.com/s"))]),
    );
    assert_eq!(lrs.post(&bare).await.0, 400, "a signature comes with its statement");
    assert!(lrs.ids(&[]).await.is_empty());
    assert_eq!(send(&signed, GENUINE).await.0, 200);
}

fn content(part: &[u8]) -> &[u8] {
    let at = part.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    part[at + 4..].strip_suffix(b"\r\n").unwrap()
}

/// What stands behind each boundary.
fn split<'b>(body: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let ends = body.windows(boundary.len()).enumerate().filter(|(_, bytes)| *bytes == boundary).map(|(at, _)| at);
    let mut ends: Vec<_> = ends.collect();
    ends.push(body.len());
    ends.windows(2).map(|pair| &body[pair[0] + boundary.len()..pair[1]]).collect()
}
