//! A secret is replaced, with and without an overlap, also where several processes work on one store.

use super::Pair;
use crate::harness::{BinApp, TestApp};
use base::clock::FixedClock;
use enduring::service::App;
use enduring::service::people::credentials::{self, Error, Scope};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use store::StoreError;

async fn rotate(app: &TestApp, by: &Pair, key: &str, body: &Value) -> (u16, Value) {
    by.send(app, Method::POST, &format!("/api/v1/credentials/{key}/rotate"), body).await
}

#[actix_web::test]
async fn without_an_overlap_the_old_secret_ends_at_once() {
    let app = TestApp::start();
    let (office, old) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::AllRead]).await);
    assert_eq!(old.knock(&app).await, 200);
    let path = format!("/api/v1/credentials/{}/rotate", old.key);
    let (status, answer) = office.call(&app, Method::POST, &path).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["credential"]["overlap_until"], Value::Null);
    assert!(answer["credential"]["rotated"].is_string());
    let new = Pair::of(&answer);
    assert_eq!((new.key == old.key, new.secret == old.secret), (true, false));
    assert_eq!((old.knock(&app).await, new.knock(&app).await), (401, 200));
    app.stop().await;
}

#[actix_web::test]
async fn the_old_secret_works_until_the_overlap_ends_and_never_do_three_work() {
    let clock = FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap());
    let app = TestApp::at(&clock);
    let (office, first) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::AllRead]).await);
    let (_, answer) = rotate(&app, &office, &first.key, &json!({"overlap_seconds": 3600})).await;
    assert_eq!(answer["credential"]["overlap_until"], "2026-03-01T13:00:00.000Z");
    let second = Pair::of(&answer);
    clock.set("2026-03-01T12:59:59Z".parse().unwrap());
    assert_eq!((first.knock(&app).await, second.knock(&app).await), (200, 200));
    let (_, answer) = rotate(&app, &office, &first.key, &json!({"overlap_seconds": 604_800})).await;
    let third = Pair::of(&answer);
    assert_eq!((first.knock(&app).await, second.knock(&app).await, third.knock(&app).await), (401, 200, 200));
    clock.set("2026-03-08T12:59:59Z".parse().unwrap());
    assert_eq!((second.knock(&app).await, third.knock(&app).await), (401, 200));
    let path = format!("/api/v1/credentials/{}", first.key);
    assert_eq!(office.call(&app, Method::GET, &path).await.1["overlap_until"], Value::Null);
    app.stop().await;
}

#[actix_web::test]
async fn a_rotation_that_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start();
    let (office, old) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::AllRead]).await);
    for (body, status, code) in [
        (json!({"overlap_seconds": 604_801}), 422, "bad-overlap"),
        (json!({"overlap_seconds": -1}), 400, "invalid-json"),
        (json!({"overlap": 1}), 400, "invalid-json"),
    ] {
        let (answered, problem) = rotate(&app, &office, &old.key, &body).await;
        assert_eq!((answered, &problem["code"]), (status, &json!(code)), "{body}");
    }
    assert_eq!(rotate(&app, &office, "nobody", &json!({})).await.0, 404);
    assert_eq!(old.knock(&app).await, 200);
    credentials::revoke(&app.app, &old.key).await.unwrap();
    let (status, problem) = rotate(&app, &office, &old.key, &json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("credential-revoked")));
    app.stop().await;
}

#[actix_web::test]
async fn revoking_ends_the_overlap_too() {
    let app = TestApp::start();
    let (office, old) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::AllRead]).await);
    let (_, answer) = rotate(&app, &office, &old.key, &json!({"overlap_seconds": 3600})).await;
    credentials::revoke(&app.app, &old.key).await.unwrap();
    assert_eq!((old.knock(&app).await, Pair::of(&answer).knock(&app).await), (401, 401));
    let path = format!("/api/v1/credentials/{}", old.key);
    assert_eq!(office.call(&app, Method::GET, &path).await.1["overlap_until"], Value::Null);
    app.stop().await;
}

/// Another process has its own memory of the same store: what it has seen must not stand in the way of a new secret.
#[actix_web::test]
async fn another_process_takes_the_new_secret_at_once() {
    let app = TestApp::start();
    let old = Pair::new(&app, &[Scope::All]).await;
    assert_eq!(old.knock(&app).await, 200, "the server remembers the old secret now");
    let beside = App::open_beside((*app.app.config).clone(), Arc::clone(&app.app.clock)).await.unwrap();
    let (_, secret) = credentials::rotate(&beside, &old.key, SignedDuration::ZERO).await.unwrap();
    let new = Pair { key: old.key.clone(), secret };
    assert_eq!(new.knock(&app).await, 200);
    assert_eq!(old.knock(&app).await, 401, "what the new secret brought to mind");
    app.stop().await;
}

/// Of those who rotate at once, one succeeds and the others get an error: no secret is lost between them.
#[actix_web::test]
async fn of_rotations_at_once_the_last_two_secrets_work() {
    let app = TestApp::start();
    let old = Pair::new(&app, &[Scope::All]).await;
    let at_once = (0..8).map(|_| credentials::rotate(&app.app, &old.key, SignedDuration::from_hours(1)));
    let mut secrets = vec![old.secret.clone()];
    for done in futures_util::future::join_all(at_once).await {
        match done {
            Ok((_, secret)) => secrets.push(secret),
            Err(error) => assert!(matches!(error, Error::Store(StoreError::Stale { .. })), "{error}"),
        }
    }
    let mut working = 0;
    for secret in &secrets {
        let pair = Pair { key: old.key.clone(), secret: secret.clone() };
        working += usize::from(pair.knock(&app).await == 200);
    }
    assert!(secrets.len() > 1);
    assert_eq!(working, 2);
    app.stop().await;
}

#[actix_web::test]
async fn the_command_rotates_beside_a_running_server() {
    let program = BinApp::start();
    let command = |args: &[&str]| {
        let done = program.command(args);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<Value>(&done.stdout).unwrap()
    };
    let old = command(&["credential", "create", "--name", "a tool", "--scope", "all", "--json"]);
    let key = old["key"].as_str().unwrap();
    let new = command(&["credential", "rotate", key, "--overlap", "1h", "--json"]);
    assert!(new["overlap_until"].is_string(), "{new}");
    let last = command(&["credential", "rotate", key, "--json"]);
    assert_eq!((&last["key"], &last["overlap_until"]), (&old["key"], &Value::Null));
    let url = format!("{}/xapi/statements", program.url);
    let knock = async |secret: &Value| {
        let request = reqwest::Client::new().get(&url);
        let request = request.basic_auth(key, secret.as_str()).header("X-Experience-API-Version", "2.0.0");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        (knock(&old["secret"]).await, knock(&new["secret"]).await, knock(&last["secret"]).await),
        (401, 401, 200)
    );
    for (overlap, status) in [("soon", 2), ("8d", 1)] {
        assert_eq!(program.command(&["credential", "rotate", key, "--overlap", overlap]).status.code(), Some(status));
    }
    let said = program.command(&["credential", "rotate", "nobody"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("there is no credential with the key nobody"));
}
