//! Who may do what (Part 3 §4.0), and the commands that make credentials.

use super::{Lrs, credential, id, reference, statement};
use crate::harness::{BinApp, status_and_json};
use enduring::service::people::credentials::{self, Scope};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn without_a_valid_credential_nobody_gets_in() {
    let mut lrs = Lrs::start().await;
    let url = format!("{}/xapi/statements", lrs.server.url);
    let request = lrs.server.client.get(url).header("X-Experience-API-Version", "1.0.3");
    let bare = request.try_clone().unwrap().send().await.unwrap();
    assert!(bare.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    assert_eq!(bare.status(), 401);
    assert_eq!(request.bearer_auth("x").send().await.unwrap().status(), 401);
    lrs.secret.push('x');
    let (status, problem) = lrs.post(&statement(1)).await;
    assert_eq!((status, &problem["code"]), (401, &json!("credentials-wrong")));
    lrs.key = "nobody".to_owned();
    assert_eq!(lrs.query(&[]).await.status(), 401);
}

#[actix_web::test]
async fn a_revoked_credential_is_refused_at_once() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    credentials::revoke(&lrs.server.app, &lrs.key).await.unwrap();
    assert_eq!(lrs.query(&[]).await.status(), 401);
}

#[actix_web::test]
async fn a_scope_gives_its_part_and_the_refusal_names_what_is_missing() {
    let mut lrs = Lrs::start().await;
    (lrs.key, lrs.secret) = credential(&lrs.server, &[Scope::StatementsWrite]).await;
    lrs.send(&statement(1)).await;
    let (status, problem) = status_and_json(lrs.query(&[]).await).await;
    assert_eq!((status, &problem["code"]), (403, &json!("scope-missing")));
    assert!(problem["detail"].as_str().unwrap().contains("`statements/read`"), "{problem}");
    (lrs.key, lrs.secret) = credential(&lrs.server, &[Scope::AllRead]).await;
    assert_eq!(lrs.ids(&[]).await, [id(1)]);
    assert_eq!(lrs.post(&statement(2)).await.0, 403);
    (lrs.key, lrs.secret) = credential(&lrs.server, &[Scope::State]).await;
    assert_eq!(lrs.query(&[]).await.status(), 403);
    let profile = lrs.ask(Method::GET, "/activities/profile?activityId=a:1").send().await.unwrap();
    assert_eq!(profile.status(), 403);
}

#[actix_web::test]
async fn who_reads_only_what_it_wrote_sees_nothing_else_not_even_by_reference() {
    let mut lrs = Lrs::start().await;
    let all = (lrs.key.clone(), lrs.secret.clone());
    (lrs.key, lrs.secret) = credential(&lrs.server, &[Scope::StatementsWrite, Scope::StatementsReadMine]).await;
    let own = (lrs.key.clone(), lrs.secret.clone());
    lrs.send(&json!([statement(1), statement(2)])).await;
    (lrs.key, lrs.secret) = all;
    lrs.send(&json!([statement(3), reference(4, "v:read", 1)])).await;
    (lrs.key, lrs.secret) = own;
    assert_eq!(lrs.ids(&[]).await, [2, 1].map(id));
    assert_eq!(lrs.ids(&[("limit", "1")]).await, [id(2)]);
    assert_eq!((lrs.one(&id(1)).await.0, lrs.one(&id(3)).await.0), (200, 404));
}

#[actix_web::test]
async fn only_who_may_define_changes_what_an_activity_is() {
    let mut lrs = Lrs::start().await;
    let define = |n: u32, name: &str| super::with(statement(n), "/object/definition", json!({"name": {"en": name}}));
    lrs.send(&define(1, "first")).await;
    let all = (lrs.key.clone(), lrs.secret.clone());
    (lrs.key, lrs.secret) = credential(&lrs.server, &[Scope::StatementsWrite]).await;
    lrs.send(&define(2, "second")).await;
    (lrs.key, lrs.secret) = all;
    let held = lrs.ask(Method::GET, "/activities?activityId=a:1").send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(held["definition"]["name"], json!({"en": "first"}));
    assert_eq!(lrs.one(&id(2)).await.1["object"]["definition"]["name"], json!({"en": "second"}), "kept as evidence");
}

#[actix_web::test]
async fn the_command_makes_lists_and_revokes_beside_a_running_server() {
    let program = BinApp::start();
    let made = program.command(&["credential", "create", "--name", "a tool", "--scope", "all", "--json"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let (key, secret) = (made["key"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let url = format!("{}/xapi/statements", program.url);
    let request = reqwest::Client::new().post(url).basic_auth(key, Some(secret));
    let answer = request.header("X-Experience-API-Version", "1.0.3").json(&statement(1)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let listed = program.command(&["credential", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed[0]["name"], &listed[0]["scopes"]), (&json!("a tool"), &json!(["all"])));
    assert!(!listed.to_string().contains(secret));
    assert!(program.command(&["credential", "revoke", key]).status.success());
    let listed = program.command(&["credential", "list", "--json"]);
    assert!(!serde_json::from_slice::<Value>(&listed.stdout).unwrap()[0]["revoked"].is_null());
    assert_eq!(program.command(&["credential", "revoke", "nobody"]).status.code(), Some(1));
    let bad = program.command(&["credential", "create", "--name", "x", "--scope", "everything"]);
    assert_eq!(bad.status.code(), Some(2));
}
