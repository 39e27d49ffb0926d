//! Statements with attachments: however the bytes of a request are cut on their way, the response is the same, and no more of
//! them is read than can be kept in mind.

use super::inputs;
use super::mutate::{Dice, changed};
use crate::xapi::{Lrs, id, statement, with};
use actix_web::dev::{Payload, Service, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{App, test};
use base::hash::Sha256;
use enduring::http::app_routes;
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

/// Posts `pieces`, one after the other, as the body of one request; the status and the stable code of a refusal, and how many
/// bytes were read.
async fn post(lrs: &Lrs, pieces: impl Iterator<Item = Bytes> + 'static) -> (StatusCode, Value, usize) {
    let service =
        test::init_service(App::new().app_data(Data::new(lrs.server.app.clone())).configure(app_routes)).await;
    let request = test::TestRequest::post()
        .uri("/xapi/statements")
        .insert_header(("X-Experience-API-Version", "2.0.0"))
        .insert_header(("Content-Type", "multipart/mixed; boundary=b-1"))
        .insert_header(basic(lrs))
        .to_request();
    let read = Rc::new(Cell::new(0));
    let counted = Rc::clone(&read);
    let pieces = pieces.inspect(move |piece| counted.set(counted.get() + piece.len()));
    let payload = stream::iter(pieces.map(Ok::<_, PayloadError>)).boxed_local();
    let (request, _) = request.replace_payload(Payload::Stream { payload });
    let answer: ServiceResponse = service.call(request).await.unwrap();
    let status = answer.status();
    let body: Value = serde_json::from_slice(&test::read_body(answer).await).unwrap_or_default();
    (status, body["code"].clone(), read.get())
}

fn basic(lrs: &Lrs) -> (&'static str, String) {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", lrs.key, lrs.secret));
    ("Authorization", format!("Basic {pair}"))
}

async fn whole(lrs: &Lrs, body: &[u8]) -> (StatusCode, Value) {
    let (status, code, _) = post(lrs, std::iter::once(Bytes::copy_from_slice(body))).await;
    (status, code)
}

/// A request with two attachments, one of which looks like a boundary.
fn request() -> Vec<u8> {
    let files: [&[u8]; 2] = [b"\r\n--b-2\r\n--b-", b"--b-1\n\0\xff\r"];
    let listed = files.map(|bytes| {
        json!({
            "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
            "length": bytes.len(), "sha2": Sha256::of(bytes).to_string(),
        })
    });
    let statement = with(statement(1), "/attachments", json!(listed));
    let mut body = format!("--b-1\r\nContent-Type: application/json\r\n\r\n{statement}").into_bytes();
    for bytes in files {
        let hash = Sha256::of(bytes);
        let head = format!("\r\n--b-1\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {hash}\r\n\r\n");
        body.extend([head.as_bytes(), bytes].concat());
    }
    body.extend(b"\r\n--b-1--\r\n");
    body
}

fn pieces(body: &[u8], sizes: &[usize]) -> Vec<Bytes> {
    let (mut rest, mut pieces) = (body, Vec::new());
    for size in sizes.iter().cycle() {
        let (piece, behind) = rest.split_at(rest.len().min(*size));
        pieces.push(Bytes::copy_from_slice(piece));
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}

#[actix_web::test]
async fn a_request_may_be_cut_anywhere() {
    let lrs = Lrs::start().await;
    let body = request();
    assert_eq!(whole(&lrs, &body).await, (StatusCode::OK, Value::Null));
    for at in 1..body.len() {
        let (status, code, _) = post(&lrs, pieces(&body, &[at, body.len()]).into_iter()).await;
        assert_eq!((status, code), (StatusCode::OK, Value::Null), "cut at {at}");
    }
    for sizes in [&[1][..], &[2, 3], &[7], &[64, 1, 1]] {
        let (status, code, _) = post(&lrs, pieces(&body, sizes).into_iter()).await;
        assert_eq!((status, code), (StatusCode::OK, Value::Null), "cut every {sizes:?}");
    }
    assert_eq!(lrs.ids(&[]).await, [id(1)]);
}

#[actix_web::test]
async fn a_broken_request_gets_the_same_response_however_it_is_cut() {
    let lrs = Lrs::start().await;
    let begun = base::ids::random().as_u64_pair().0;
    let (mut dice, body) = (Dice(begun), request());
    for _ in 0..inputs() / 100 {
        let mut broken = body.clone();
        for _ in 0..=dice.below(3) {
            broken = changed(&mut dice, &broken, &body);
        }
        let expected = whole(&lrs, &broken).await;
        assert!(!expected.0.is_server_error(), "{expected:?} for {}", broken.escape_ascii());
        let sizes: Vec<usize> = (0..=dice.below(6)).map(|_| 1 + dice.below(40)).collect();
        let (status, code, _) = post(&lrs, pieces(&broken, &sizes).into_iter()).await;
        assert_eq!((status, code), expected, "dice from {begun}, cut {sizes:?}: {}", broken.escape_ascii());
    }
}

#[actix_web::test]
async fn statements_that_go_on_without_end_are_refused() {
    let lrs = Lrs::start().await;
    let head = Bytes::from("--b-1\r\nContent-Type: application/json\r\n\r\n[");
    let space = std::iter::repeat(Bytes::from(" ".repeat(64 << 10)));
    let (status, code, read) = post(&lrs, std::iter::once(head).chain(space)).await;
    assert_eq!((status, code), (StatusCode::PAYLOAD_TOO_LARGE, json!("body-too-large")));
    assert!(read <= (16 << 20) + WINDOW, "{read} bytes were read");
}

/// How much may be read of a request that is refused because of its beginning.
const WINDOW: usize = 256 << 10;

#[actix_web::test]
async fn a_request_that_goes_on_without_end_is_refused_early() {
    let lrs = Lrs::start().await;
    let first = format!("--b-1\r\nContent-Type: application/json\r\n\r\n{}", statement(2));
    let cases: [(&str, &str); 5] = [
        ("", "one line before the first boundary "),
        ("--b-1\r\nContent-Type: ", "one header "),
        ("--b-1\r\n", "many: headers\r\n"),
        ("--b-1", "a boundary that goes on "),
        (
            &first,
            "\r\n--b-1\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: \
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n\r\n",
        ),
    ];
    for (head, repeated) in cases {
        let (head, repeated) = (Bytes::copy_from_slice(head.as_bytes()), Bytes::from(repeated.repeat(64)));
        let (status, code, read) = post(&lrs, std::iter::once(head).chain(std::iter::repeat(repeated.clone()))).await;
        assert!([400, 413].contains(&status.as_u16()), "{status} {code}");
        assert!(read <= WINDOW, "{read} bytes were read of {:?}", &repeated[..20]);
    }
}

#[actix_web::test]
async fn no_more_parts_are_read_than_the_statements_list() {
    let lrs = Lrs::start().await;
    let listed = json!({
        "usageType": "https://example.com/usage", "display": {"en": "Nothing"}, "contentType": "text/plain",
        "length": 0, "sha2": Sha256::of(b"").to_string(),
    });
    let statement = with(statement(3), "/attachments", json!([listed]));
    let first = format!("--b-1\r\nContent-Type: application/json\r\n\r\n{statement}");
    let part =
        format!("\r\n--b-1\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {}\r\n\r\n", Sha256::of(b""));
    let parts = std::iter::repeat(Bytes::from(part));
    let (status, code, read) = post(&lrs, std::iter::once(Bytes::from(first)).chain(parts)).await;
    assert_eq!((status, code), (StatusCode::BAD_REQUEST, json!("invalid-multipart")));
    assert!(read <= WINDOW, "{read} bytes were read");
}
