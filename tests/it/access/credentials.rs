//! `/api/v1/credentials`.

use super::Pair;
use crate::harness::{TestApp, status_and_json};
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/credentials";

#[actix_web::test]
async fn a_credential_is_made_read_listed_and_revoked() {
    let app = TestApp::start();
    let office = Pair::new(&app, &[Scope::All]).await;
    let wanted = json!({"name": " the portal ", "scopes": ["statements/write", "statements/read/mine"]});
    let answer = office.ask(&app, Method::POST, PATH).json(&wanted).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let (status, made) = status_and_json(answer).await;
    assert_eq!(status, 201, "{made}");
    let portal = Pair::of(&made);
    assert_eq!(place, format!("{}{PATH}/{}", app.url, portal.key));
    assert_eq!(made["credential"]["name"], "the portal");
    assert_eq!(made["credential"]["scopes"], json!(["statements/write", "statements/read/mine"]));
    assert_eq!(portal.knock(&app).await, 200);

    let path = format!("{PATH}/{}", portal.key);
    let (status, read) = office.call(&app, Method::GET, &path).await;
    assert_eq!((status, &read), (200, &made["credential"]));
    let (_, listed) = office.call(&app, Method::GET, PATH).await;
    assert_eq!(listed["credentials"][1], read);
    for text in [read.to_string(), listed.to_string()] {
        assert!(!text.contains(&portal.secret) && !text.contains("sha256"), "{text}");
    }

    assert_eq!(office.call(&app, Method::DELETE, &path).await, (204, Value::Null));
    assert_eq!(portal.knock(&app).await, 401);
    let (_, revoked) = office.call(&app, Method::GET, &path).await;
    assert!(revoked["revoked"].is_string(), "{revoked}");
    assert_eq!(office.call(&app, Method::DELETE, &path).await.0, 204);
    assert_eq!(office.call(&app, Method::GET, &path).await.1, revoked, "revoking again changes nothing");
    app.stop().await;
}

#[actix_web::test]
async fn a_list_comes_in_pages_that_leave_none_out() {
    let app = TestApp::start();
    let office = Pair::new(&app, &[Scope::All]).await;
    let mut keys = vec![office.key.clone()];
    for _ in 0..4 {
        keys.push(Pair::new(&app, &[Scope::State]).await.key);
    }
    // Those of one instant stand in the order of their keys.
    let (_, whole) = office.call(&app, Method::GET, PATH).await;
    let expected: Vec<Value> = whole["credentials"].as_array().unwrap().clone();
    assert_eq!((expected.len(), &whole["more"]), (5, &Value::Null));
    assert!(keys.iter().all(|key| expected.iter().any(|shown| shown["key"] == *key)));
    let (mut seen, mut pages, mut next) = (Vec::new(), 0, format!("{PATH}?limit=2"));
    loop {
        let (status, page) = office.call(&app, Method::GET, &next).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["credentials"].as_array().unwrap().clone());
        pages += 1;
        match page["more"].as_str() {
            Some(more) => more.clone_into(&mut next),
            None => break,
        }
    }
    assert_eq!((seen, pages), (expected, 3));
    assert_eq!(office.call(&app, Method::GET, &format!("{PATH}?after=nobody")).await.0, 404);
    app.stop().await;
}

#[actix_web::test]
async fn what_is_wrong_with_a_wish_is_said_with_its_place() {
    let app = TestApp::start();
    let office = Pair::new(&app, &[Scope::All]).await;
    for (wanted, status, code, pointer) in [
        (json!({"name": "", "scopes": ["all"]}), 422, "bad-name", "/name"),
        (json!({"name": "a\nb", "scopes": ["all"]}), 422, "bad-name", "/name"),
        (json!({"name": "n".repeat(201), "scopes": ["all"]}), 422, "bad-name", "/name"),
        (json!({"name": "n", "scopes": []}), 422, "no-scope", "/scopes"),
        (json!({"name": "n", "scopes": ["all", "everything"]}), 422, "unknown-scope", "/scopes/1"),
        (json!({"name": "n"}), 400, "invalid-json", ""),
        (json!({"name": "n", "scopes": ["all"], "secret": "mine"}), 400, "invalid-json", ""),
    ] {
        let (answered, problem) = office.send(&app, Method::POST, PATH, &wanted).await;
        assert_eq!((answered, &problem["code"]), (status, &json!(code)), "{wanted} {problem}");
        let place = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert_eq!(place, pointer, "{problem}");
    }
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(office.call(&app, method, &format!("{PATH}/nobody")).await.0, 404);
    }
    assert_eq!(office.call(&app, Method::GET, &format!("{PATH}/{}", "k".repeat(4000))).await.0, 404);
    let (_, listed) = office.call(&app, Method::GET, PATH).await;
    assert_eq!(listed["credentials"].as_array().unwrap().len(), 1);
    app.stop().await;
}

#[actix_web::test]
async fn only_who_may_do_everything_and_coordinators_keep_credentials() {
    let app = TestApp::start();
    let wanted = json!({"name": "n", "scopes": ["all"]});
    for scope in [Scope::AllRead, Scope::Define, Scope::StatementsWrite] {
        let program = Pair::new(&app, &[scope]).await;
        let (status, problem) = program.send(&app, Method::POST, PATH, &wanted).await;
        assert_eq!((status, &problem["code"]), (403, &json!("scope-missing")), "{scope:?}");
    }
    let mut made = Vec::new();
    for person in ["learner", "designer", "coordinator"] {
        let client = crate::harness::client();
        let post = |path: &str| client.post(format!("{}{path}", app.url)).header("origin", &app.url);
        post(&format!("/demo/{person}")).form(&[("next", "/")]).send().await.unwrap();
        let (status, answer) = status_and_json(post(PATH).json(&wanted).send().await.unwrap()).await;
        made.push(status);
        assert_eq!(answer["code"] == "wrong-role", status == 403, "{answer}");
    }
    assert_eq!(made, [403, 403, 201]);
    app.stop().await;
}

#[actix_web::test]
async fn another_site_cannot_make_one_in_a_coordinators_name() {
    let app = TestApp::start();
    let post = |path: &str, origin: &str| app.client.post(format!("{}{path}", app.url)).header("origin", origin);
    post("/demo/coordinator", &app.url).form(&[("next", "/")]).send().await.unwrap();
    let wanted = json!({"name": "n", "scopes": ["all"]});
    let foreign = post(PATH, "https://evil.example").json(&wanted).send().await.unwrap();
    let (status, problem) = status_and_json(foreign).await;
    assert_eq!((status, &problem["code"]), (403, &json!("foreign-request")));
    app.stop().await;
}
