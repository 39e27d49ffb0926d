//! Statements with their attachments, both ways (Part 3 §1.5.2), and signed statements (Part 2 §2.6).

use super::{Lrs, id, statement, with};
use crate::harness::{BinApp, status_and_json};
use aws_lc_rs::digest;
use base::hash::Sha256;
use enduring::service::records::spool;
use reqwest::Method;
use serde_json::{Value, json};

const SIGNED: &str = include_str!("../../../fixtures/statements/signed.json");
/// Made by the key of the certificate that it brings, over [`SIGNED`].
const GENUINE: &str = include_str!("../../../fixtures/statements/signed.jws");
/// The same, but with the certificate of another key.
const BY_ANOTHER: &str = include_str!("../../../fixtures/statements/signed-by-another.jws");

pub(super) fn attachment(bytes: &[u8]) -> Value {
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
pub(super) fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
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
async fn a_list_without_attachments_is_multipart_too_when_they_are_requested() {
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

/// Whether the store has these bytes.
async fn is_kept(lrs: &Lrs, bytes: &[u8]) -> bool {
    lrs.server.app.store.blob_len(Sha256::of(bytes)).await.unwrap().is_some()
}

fn spooled(lrs: &Lrs) -> usize {
    std::fs::read_dir(spool::folder(&lrs.server.app.config.data)).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn nothing_of_a_refused_request_is_kept() {
    let lrs = Lrs::start().await;
    let (first, second) = (&b"the first file"[..], &b"the second file"[..]);
    let one = with(statement(1), "/attachments", json!([attachment(first)]));
    let both = with(statement(1), "/attachments", json!([attachment(first), attachment(second)]));
    let forged = with(statement(1), "/attachments", json!([attachment(first), signature(second)]));
    let announced = Sha256::of(second);
    let changed = format!("Content-Transfer-Encoding: binary\nX-Experience-API-Hash: {announced}");
    for (what, statements, parts) in [
        ("a part is missing", &both, vec![file(first)]),
        ("a part belongs to nothing", &one, vec![file(first), file(second)]),
        ("a part was changed", &both, vec![file(first), part(&changed, b"another file")]),
        ("a part has no hash", &both, vec![file(first), part("Content-Transfer-Encoding: binary", second)]),
        ("a signature is none", &forged, vec![file(first), file(second)]),
    ] {
        assert_eq!(post(&lrs, statements, &parts).await.0, 400, "{what}");
        assert!(!is_kept(&lrs, first).await && !is_kept(&lrs, second).await, "{what}");
        assert!(!is_kept(&lrs, b"another file").await, "{what}");
        assert_eq!(spooled(&lrs), 0, "{what}");
    }
    lrs.send(&statement(1)).await;
    let (status, _) = post(&lrs, &json!([statement(2), one]), &[file(first)]).await;
    assert_eq!(status, 409, "another statement has the id");
    assert!(!is_kept(&lrs, first).await);
    let other = with(one.clone(), "/id", json!(id(3)));
    for _ in 0..2 {
        let (status, answer) = post(&lrs, &other, &[file(first)]).await;
        assert_eq!(status, 200, "the same once more is no conflict: {answer}");
    }
    assert!(is_kept(&lrs, first).await);
    assert_eq!(spooled(&lrs), 0);
}

#[actix_web::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let lrs = Lrs::start().await;
    let bytes = b"the first file";
    let one = with(statement(1), "/attachments", json!([attachment(bytes)]));
    let first = part("Content-Type: application/json", one.to_string().as_bytes());
    let head = [first, file(bytes)].concat();
    let pieces = [Ok(head), Err(std::io::Error::other("the sender is gone"))];
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let request = lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=\"b-1\"");
    assert!(request.body(body).send().await.is_err());
    // The server notices in its own time, while it serves others.
    for _ in 0..1000 {
        if spooled(&lrs) == 0 {
            break;
        }
        assert!(lrs.ids(&[]).await.is_empty());
    }
    assert_eq!(spooled(&lrs), 0);
    assert!(!is_kept(&lrs, bytes).await);
}

/// Both ways, by the whole program: 200 MiB through far less memory.
#[actix_web::test]
async fn a_large_attachment_does_not_live_in_memory() {
    const SIZE: u64 = 200 << 20;
    let piece = vec![0x5a_u8; 1 << 20];
    let mut hasher = digest::Context::new(&digest::SHA256);
    (0..200).for_each(|_| hasher.update(&piece));
    let hash = Sha256(hasher.finish().as_ref().try_into().unwrap());
    let program = BinApp::start();
    let made = program.command(&["credential", "create", "--name", "a tool", "--scope", "all", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let ask = |method, query: &str| {
        let url = format!("{}/xapi/statements{query}", program.url);
        let request = reqwest::Client::new().request(method, url).header("X-Experience-API-Version", "1.0.3");
        request.basic_auth(made["key"].as_str().unwrap(), made["secret"].as_str())
    };
    let large = with(with(attachment(b""), "/sha2", json!(hash.to_string())), "/length", json!(SIZE));
    let one = with(statement(1), "/attachments", json!([large]));
    let headers = format!("Content-Transfer-Encoding: binary\nX-Experience-API-Hash: {hash}");
    let head = [part("Content-Type: application/json", one.to_string().as_bytes()), part(&headers, b"")].concat();
    let pieces = std::iter::once(head).chain(std::iter::repeat_n(piece, 200)).chain([b"\r\n--b-1--".to_vec()]);
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    let before = program.peak_kib();
    let request = ask(Method::POST, "").header("Content-Type", "multipart/mixed; boundary=\"b-1\"");
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    let mut answer = ask(Method::GET, "?attachments=true").send().await.unwrap();
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        length += u64::try_from(piece.len()).unwrap();
    }
    assert!(length > SIZE, "{length}");
    let grown = program.peak_kib() - before;
    assert!(grown < 64 << 10, "{grown} KiB");
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
        (&other_statement, GENUINE.to_owned(), "not the statement that it is attached to"),
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

/// What follows each boundary.
fn split<'b>(body: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let ends = body.windows(boundary.len()).enumerate().filter(|(_, bytes)| *bytes == boundary).map(|(at, _)| at);
    let mut ends: Vec<_> = ends.collect();
    ends.push(body.len());
    ends.windows(2).map(|pair| &body[pair[0] + boundary.len()..pair[1]]).collect()
}

/// `@xapi/xapi` takes the first line of the part for all of it.
#[actix_web::test]
async fn the_json_of_a_response_with_attachments_is_one_line() {
    let lrs = Lrs::start().await;
    let pretty = serde_json::to_string_pretty(&statement(1)).unwrap().replace('\n', "\r\n");
    assert_eq!(lrs.post_text(pretty.clone()).await.0, 200);
    let one = id(1);
    for query in [&[("attachments", "true")][..], &[("attachments", "true"), ("statementId", &one)]] {
        let answer = lrs.query(query).await;
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let boundary = kind.strip_prefix("multipart/mixed; boundary=").unwrap();
        let body = answer.bytes().await.unwrap();
        let part = content(split(&body, format!("--{boundary}").as_bytes())[0]);
        assert!(!part.contains(&b'\n') && !part.contains(&b'\r'));
        let read: Value = serde_json::from_slice(part).unwrap();
        let read = read.pointer("/statements/0").unwrap_or(&read);
        assert_eq!(read["object"], statement(1)["object"]);
    }
    let alone = lrs.query(&[("statementId", &one)]).await.text().await.unwrap();
    assert!(alone.starts_with(pretty.strip_suffix("\r\n}").unwrap()), "without attachments, byte for byte: {alone}");
}
