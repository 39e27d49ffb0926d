//! State, profiles, activities and agents (Part 3 §2.2 to §2.7), and their concurrency (§3.1).

use super::{Lrs, agent, statement, with};
use crate::harness::status_and_json;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::cell::Cell;

const STATE: &str = "/activities/state";
const PROFILE: &str = "/activities/profile";

fn state(id: &str) -> Vec<(&'static str, String)> {
    vec![("activityId", "a:1".into()), ("agent", agent("ann").to_string()), ("stateId", id.into())]
}

fn profile(id: &str) -> Vec<(&'static str, String)> {
    vec![("activityId", "a:1".into()), ("profileId", id.into())]
}

type Parameters = Vec<(&'static str, String)>;

async fn send(
    lrs: &Lrs,
    method: Method,
    path: &str,
    parameters: &Parameters,
    header: Option<(&str, &str)>,
    body: &str,
) -> Response {
    let mut request =
        lrs.ask(method, path).query(parameters).header("Content-Type", "application/json").body(body.to_owned());
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn get(lrs: &Lrs, path: &str, parameters: &Parameters) -> (u16, String, String) {
    let answer = lrs.ask(Method::GET, path).query(parameters).send().await.unwrap();
    let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned()).unwrap_or_default();
    (answer.status().as_u16(), tag, answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_document_comes_back_as_it_was_sent_with_type_tag_and_date() {
    let lrs = Lrs::start().await;
    for size in [0, 10, 200_000] {
        let bytes: Vec<u8> = (0..size).map(|n: u32| n.to_le_bytes()[0]).collect();
        let put = lrs
            .ask(Method::PUT, STATE)
            .query(&state("s"))
            .header("Content-Type", "image/x; y=\"z\"")
            .body(bytes.clone());
        assert_eq!(put.send().await.unwrap().status(), 204);
        let answer = lrs.ask(Method::GET, STATE).query(&state("s")).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/x; y=\"z\"");
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(tag.len(), 42, "a SHA-1 in quotes: {tag}");
        assert!(answer.headers().contains_key("last-modified"));
        assert_eq!(answer.bytes().await.unwrap(), bytes);
        let head = lrs.ask(Method::HEAD, STATE).query(&state("s")).send().await.unwrap();
        assert_eq!(head.headers()["etag"], tag);
        assert_eq!(head.headers()["content-length"], size.to_string());
    }
}

#[actix_web::test]
async fn posts_merge_json_objects_at_the_top_level_only() {
    let lrs = Lrs::start().await;
    let post = async |body: &str| send(&lrs, Method::POST, STATE, &state("s"), None, body).await.status().as_u16();
    assert_eq!(post(r#"{"x":{"a":1.0},"y":2}"#).await, 204);
    assert_eq!(post(r#"{"x":{"b":1e2},"z":3}"#).await, 204);
    assert_eq!(get(&lrs, STATE, &state("s")).await.2, r#"{"x":{"b":1e2},"y":2,"z":3}"#);
    for bad in ["[]", "1", "{"] {
        assert_eq!(post(bad).await, 400, "{bad}");
    }
    let plain = lrs.ask(Method::POST, STATE).query(&state("s")).header("Content-Type", "text/plain").body("x");
    assert_eq!(plain.send().await.unwrap().status(), 400);
    assert_eq!(get(&lrs, STATE, &state("s")).await.2, r#"{"x":{"b":1e2},"y":2,"z":3}"#);
}

#[actix_web::test]
async fn writers_at_once_never_lose_an_update() {
    let lrs = Lrs::start().await;
    let posts = (0..12).map(|n| {
        let lrs = &lrs;
        async move {
            send(lrs, Method::POST, STATE, &state("s"), None, &format!("{{\"k{n}\":{n}}}")).await.status().as_u16()
        }
    });
    assert_eq!(join_all(posts).await, [204; 12]);
    let kept: Value = serde_json::from_str(&get(&lrs, STATE, &state("s")).await.2).unwrap();
    assert_eq!(kept.as_object().unwrap().len(), 12);
    let (_, tag, _) = get(&lrs, STATE, &state("s")).await;
    let puts = (0..8).map(|n| {
        let (lrs, tag) = (&lrs, &tag);
        async move {
            send(lrs, Method::PUT, STATE, &state("s"), Some(("If-Match", tag)), &n.to_string()).await.status().as_u16()
        }
    });
    let mut answers = join_all(puts).await;
    answers.sort_unstable();
    assert_eq!(answers, [204, 412, 412, 412, 412, 412, 412, 412], "one writer has the tag");
}

#[actix_web::test]
async fn conditions_hold_as_each_version_rules() {
    let mut lrs = Lrs::start().await;
    // Version, resource, whether a document exists, header, status.
    let cases = [
        ("1.0.3", STATE, false, None, 204),
        ("1.0.3", STATE, true, None, 204),
        ("1.0.3", PROFILE, false, None, 400),
        ("1.0.3", PROFILE, true, None, 409),
        ("2.0.0", STATE, false, None, 204),
        ("2.0.0", STATE, true, None, 409),
        ("2.0.0", PROFILE, false, None, 204),
        ("2.0.0", PROFILE, true, None, 409),
        ("1.0.3", PROFILE, false, Some(("If-None-Match", "*")), 204),
        ("1.0.3", PROFILE, true, Some(("If-None-Match", "*")), 412),
        ("2.0.0", STATE, true, Some(("If-Match", "\"1234\"")), 412),
        ("1.0.3", STATE, true, Some(("If-Match", "1234")), 412),
        ("1.0.3", PROFILE, true, Some(("If-Match", "*")), 204),
        ("2.0.0", PROFILE, false, Some(("If-Match", "*")), 412),
    ];
    for (n, (version, path, there, header, status)) in cases.into_iter().enumerate() {
        lrs.version = version;
        let id = format!("d{n}");
        let parameters = if path == STATE { state(&id) } else { profile(&id) };
        if there {
            assert_eq!(send(&lrs, Method::POST, path, &parameters, None, "{\"old\":1}").await.status(), 204);
        }
        let answer = send(&lrs, Method::PUT, path, &parameters, header, "{\"new\":1}").await;
        assert_eq!(answer.status(), status, "{version} {path} there: {there} {header:?}");
        let kept = get(&lrs, path, &parameters).await;
        let expected = if status == 204 { "{\"new\":1}" } else { "{\"old\":1}" };
        assert!(kept.2 == expected || kept.0 == 404 && !there, "{kept:?}");
        let wrong = send(&lrs, Method::DELETE, path, &parameters, Some(("If-Match", "\"x\"")), "").await;
        assert_eq!(wrong.status(), 412);
    }
}

#[actix_web::test]
async fn ids_are_listed_by_context_and_since_and_state_is_deleted_with_its_context() {
    let lrs = Lrs::start().await;
    let put =
        async |parameters: &Parameters| send(&lrs, Method::PUT, STATE, parameters, None, "1").await.status().as_u16();
    let registered = |id: &str| [state(id), vec![("registration", super::id(7))]].concat();
    assert_eq!(put(&state("one")).await, 204);
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let between = xapi::instant(lrs.server.app.clock.now());
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert_eq!(put(&registered("two")).await, 204);
    let list = async |context: &Parameters| get(&lrs, STATE, context).await.2;
    let context = |extra: &[(&'static str, String)]| [&state("")[..2], extra].concat();
    assert_eq!(list(&context(&[])).await, r#"["one","two"]"#);
    assert_eq!(list(&context(&[("registration", super::id(7))])).await, r#"["two"]"#);
    assert_eq!(list(&context(&[("since", between)])).await, r#"["two"]"#);
    assert_eq!(get(&lrs, STATE, &state("two")).await.0, 404, "it belongs to a registration");
    assert_eq!(
        send(&lrs, Method::DELETE, STATE, &context(&[("registration", super::id(7))]), None, "").await.status(),
        204
    );
    assert_eq!(list(&context(&[])).await, r#"["one"]"#);
    assert_eq!(send(&lrs, Method::DELETE, STATE, &context(&[]), None, "").await.status(), 204);
    assert_eq!(list(&context(&[])).await, "[]");
    assert_eq!(
        send(&lrs, Method::DELETE, PROFILE, &vec![("activityId", "a:1".to_owned())], None, "").await.status(),
        400
    );
}

#[actix_web::test]
async fn an_activity_has_the_definition_that_statements_joined() {
    let lrs = Lrs::start().await;
    let define = |n, definition: Value| with(statement(n), "/object/definition", definition);
    lrs.send(&json!([
        define(1, json!({"name": {"en": "One"}, "extensions": {"x:1": 1}})),
        define(2, json!({"name": {"de": "Eins"}, "type": "t:1"})),
    ]))
    .await;
    let activity = async |id: &str| {
        status_and_json(lrs.ask(Method::GET, "/activities").query(&[("activityId", id)]).send().await.unwrap()).await
    };
    let definition = json!({"name": {"en": "One", "de": "Eins"}, "extensions": {"x:1": 1}, "type": "t:1"});
    assert_eq!(activity("a:1").await, (200, json!({"objectType": "Activity", "id": "a:1", "definition": definition})));
    assert_eq!(activity("a:none").await, (200, json!({"objectType": "Activity", "id": "a:none"})));
    lrs.send(&define(3, json!({"name": {"en": "A"}}))).await;
    lrs.send(&define(4, json!({"name": {"en": "One"}}))).await;
    assert_eq!(activity("a:1").await.1["definition"]["name"]["en"], "One", "the last word counts");
}

#[actix_web::test]
async fn an_agent_is_returned_as_a_person() {
    let lrs = Lrs::start().await;
    let asked = json!({"name": "Ann", "account": {"homePage": "https://example.com", "name": "ann"}}).to_string();
    let answer = lrs.ask(Method::GET, "/agents").query(&[("agent", &asked)]).send().await.unwrap();
    let expected = json!({"objectType": "Person", "name": ["Ann"], "account": [{"homePage": "https://example.com", "name": "ann"}]});
    assert_eq!(status_and_json(answer).await, (200, expected));
    assert_eq!(lrs.ask(Method::GET, "/agents").send().await.unwrap().status(), 400);
}

/// More than are read at once.
const MANY: usize = 520;
const CHANGING: usize = 20;

/// Every listing has every document that exists throughout, once, including those that change and so change their position.
#[actix_web::test]
async fn every_document_is_listed_once_while_some_change_and_come_and_go() {
    let lrs = Lrs::start().await;
    let name = |n: usize| format!("document-{n:03}");
    let put = async |id: &str| assert_eq!(send(&lrs, Method::PUT, STATE, &state(id), None, "{}").await.status(), 204);
    for first in (0..MANY).step_by(20) {
        join_all((first..first + 20).map(async |n| put(&name(n)).await)).await;
    }
    let expected: Vec<String> = (0..MANY).map(name).collect();
    let listed = Cell::new(false);
    let change = async {
        while !listed.get() {
            for n in 0..CHANGING {
                put(&name(n * MANY / CHANGING)).await;
                put("now and then").await;
                send(&lrs, Method::DELETE, STATE, &state("now and then"), None, "").await;
            }
        }
    };
    let list = async {
        for _ in 0..20 {
            let context: Parameters = state("")[..2].to_vec();
            let (status, _, ids) = get(&lrs, STATE, &context).await;
            assert_eq!(status, 200, "{ids}");
            let mut ids: Vec<String> = serde_json::from_str(&ids).unwrap();
            ids.retain(|id| id != "now and then");
            ids.sort();
            assert_eq!(ids, expected);
        }
        listed.set(true);
    };
    futures_util::join!(change, list);
}

#[actix_web::test]
async fn an_id_that_several_registrations_have_is_listed_once() {
    let lrs = Lrs::start().await;
    for (id, registration) in [("s", 1), ("t", 1), ("s", 2)] {
        let of = [state(id), vec![("registration", super::id(registration))]].concat();
        assert_eq!(send(&lrs, Method::PUT, STATE, &of, None, "{}").await.status(), 204);
    }
    let (_, _, ids) = get(&lrs, STATE, &state("")[..2].to_vec()).await;
    assert_eq!(ids, r#"["t","s"]"#);
}

/// A document may be a page with scripts; no browser runs it here.
#[actix_web::test]
async fn what_clients_stored_is_saved_and_never_shown() {
    let lrs = Lrs::start().await;
    let page = "<script>alert(document.domain)</script>";
    let at = [("activityId", "a:1"), ("profileId", "p")];
    for kind in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/plain"] {
        lrs.ask(Method::DELETE, "/activities/profile").query(&at).send().await.unwrap();
        let put = lrs.ask(Method::PUT, "/activities/profile").query(&at).header("content-type", kind);
        assert_eq!(put.header("if-none-match", "*").body(page).send().await.unwrap().status(), 204);
        let answer =
            lrs.ask(Method::GET, "/activities/profile").query(&at).header("accept", "text/html").send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), kind);
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(header("content-disposition"), "attachment");
        assert_eq!((header("x-content-type-options"), header("cache-control")), ("nosniff".into(), "no-store".into()));
    }
    lrs.send(&super::statement(1)).await;
    for query in [&[][..], &[("attachments", "true")]] {
        let answer = lrs.query(query).await;
        assert_eq!(answer.headers()["content-disposition"], "attachment");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    }
}

#[actix_web::test]
async fn half_an_emoji_in_a_json_document_comes_back_byte_by_byte_and_is_merged() {
    let lrs = Lrs::start().await;
    let agent_profile = vec![("agent", agent("ann").to_string()), ("profileId", "p".to_owned())];
    let kept = r#"{"suspend":"a\ud83d", "b":"\udbfc\udc3d", "\uDC00":1}"#;
    for (path, parameters) in [(STATE, state("half")), (PROFILE, profile("half")), ("/agents/profile", agent_profile)] {
        let put = send(&lrs, Method::PUT, path, &parameters, Some(("If-None-Match", "*")), kept).await;
        assert_eq!(put.status(), 204, "{path}: {}", put.text().await.unwrap());
        assert_eq!(get(&lrs, path, &parameters).await.2, kept, "{path}");
        let post = send(&lrs, Method::POST, path, &parameters, None, r#"{"suspend":"\ude00","c":1.0}"#).await;
        assert_eq!(post.status(), 204, "{path}");
        let merged = r#"{"suspend":"\ude00","b":"\udbfc\udc3d","\udc00":1,"c":1.0}"#;
        assert_eq!(get(&lrs, path, &parameters).await.2, merged, "{path}");
        for broken in [r#"{"a":"\ud83"}"#, r#"{"a":"\ux000"}"#, r#"{"a":\ud83d}"#] {
            let post = send(&lrs, Method::POST, path, &parameters, None, broken).await;
            assert_eq!(post.status(), 400, "{path}: {broken}");
        }
    }
}
