//! Erasures over the API.

use super::scene::{MAIL, Scene, sent};
use crate::harness::status_and_json;
use crate::xapi::credential;
use base::hash::Sha256;
use enduring::service::erasure::ErasureId;
use enduring::service::people::credentials::Scope;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn asked(request: RequestBuilder) -> (u16, Value) {
    status_and_json(request.send().await.unwrap()).await
}

/// Each exhibit's id; its text has the hash that the bundle names.
fn hashes(exhibits: &Value) -> Vec<&str> {
    let list = exhibits["statements"].as_array().unwrap().iter();
    list.map(|one| {
        assert_eq!(one["sha256"], Sha256::of(one["text"].as_str().unwrap()).to_string());
        one["id"].as_str().unwrap()
    })
    .collect()
}

fn body(scene: &Scene) -> Value {
    json!({"account": scene.registration.learner, "agents": [{"mbox": format!("mailto:{MAIL}")}], "reason": "They asked."})
}

#[actix_web::test]
async fn a_dry_run_then_the_request_then_the_record() {
    let scene = Scene::open().await;
    scene.send(&sent(&scene.registration)).await;
    let exhibits = format!("/credits/{}/evidence/statements", scene.credit.id);
    let (status, shown) = asked(scene.api(Method::GET, &exhibits)).await;
    assert_eq!((status, hashes(&shown).len() > 5), (200, true), "{shown}");
    let mut dry = body(&scene);
    dry["dry_run"] = json!(true);
    let (status, preview) = asked(scene.api(Method::POST, "/erasures").json(&dry)).await;
    assert_eq!((status, &preview["account"]), (200, &json!(true)), "{preview}");
    assert_eq!(preview["held"][0]["until"], "2035-01-14");
    assert_eq!(asked(scene.api(Method::GET, "/erasures")).await, (200, json!({"erasures": []})));
    let (status, begun) = asked(scene.api(Method::POST, "/erasures").json(&body(&scene))).await;
    assert_eq!(status, 202, "{begun}");
    assert_eq!(begun["receipt"].as_str().unwrap().len(), 43);
    let path = format!("/erasures/{}", begun["id"].as_str().unwrap());
    let (status, mut now) = asked(scene.api(Method::GET, &path)).await;
    assert_eq!(status, 200);
    assert_eq!(now.get("receipt"), None);
    let id = ErasureId(begun["id"].as_str().unwrap().parse().unwrap());
    let record = enduring::service::erasure::get(scene.app(), id).await.unwrap().unwrap();
    scene.finish(&record).await;
    now = asked(scene.api(Method::GET, &path)).await.1;
    assert_eq!((&now["state"], &now["reason"]), (&json!("done"), &json!("They asked.")));
    assert_eq!(now["counts"]["statements"], preview["counts"]["statements"]);
    assert_eq!(now["held"], preview["held"]);
    assert_eq!(
        hashes(&asked(scene.api(Method::GET, &exhibits)).await.1),
        hashes(&shown),
        "an auditor still has each byte"
    );
    assert!(!now.to_string().contains(MAIL));
    assert_eq!(asked(scene.api(Method::GET, "/erasures")).await.1["erasures"], json!([now]));
}

#[actix_web::test]
async fn a_refusal_has_a_code_and_a_credential_without_the_scope_is_refused() {
    let scene = Scene::open().await;
    for (body, code) in [
        (json!({"reason": "They asked."}), "nobody"),
        (json!({"account": scene.registration.learner}), "no-reason"),
        (json!({"agents": [{"name": "x"}], "reason": "They asked."}), "not-an-agent"),
        (json!({"account": uuid::Uuid::nil(), "reason": "They asked."}), "unknown-account"),
    ] {
        let (status, problem) = asked(scene.api(Method::POST, "/erasures").json(&body)).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some(code)), "{problem}");
    }
    let (key, secret) = credential(&scene.office.test, &[Scope::StatementsWrite]).await;
    let url = format!("{}/api/v1/erasures", scene.office.test.url);
    let weak = scene.office.test.client.post(url).basic_auth(key, Some(secret)).json(&body(&scene));
    assert_eq!(asked(weak).await.0, 403);
    assert_eq!(asked(scene.api(Method::GET, &format!("/erasures/{}", uuid::Uuid::nil()))).await.0, 404);
}
