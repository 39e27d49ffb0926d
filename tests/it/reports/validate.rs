//! `POST /api/v1/statements/validate`: what it finds, and that it leaves no trace.

use super::{ask, ask_as};
use crate::harness::status_and_json;
use crate::xapi::{Lrs, VOIDED, credential, id, reference, statement, with};
use base::hash::Sha256;
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};

async fn check(lrs: &Lrs, query: &str, body: &Value) -> Value {
    let request = ask(lrs, Method::POST, &format!("/validate{query}")).json(body);
    let (status, findings) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{findings}");
    findings
}

/// Pointer and code of each fault of a statement.
fn faults(found: &Value) -> Vec<(&str, &str)> {
    let faults = found["faults"].as_array().unwrap().iter();
    faults.map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect()
}

fn hints(found: &Value) -> Vec<&str> {
    found["hints"].as_array().unwrap().iter().map(|hint| hint["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn every_fault_of_every_statement_is_found_each_with_its_place() {
    let lrs = Lrs::start().await;
    let batch = json!([
        statement(1),
        {"actor": {"mbox": "ann"}, "verb": {"id": "no iri"}},
        with(statement(1), "/result", json!({"score": {"scaled": 2}})),
    ]);
    let findings = check(&lrs, "", &batch).await;
    assert_eq!(
        (&findings["valid"], &findings["faults"], &findings["version"]),
        (&json!(false), &json!([]), &json!("2.0.0"))
    );
    let list = findings["statements"].as_array().unwrap();
    assert_eq!((&list[0]["index"], &list[0]["id"], &list[0]["outcome"]), (&json!(0), &json!(id(1)), &json!("stored")));
    assert_eq!(faults(&list[0]), []);
    assert_eq!(list[1]["outcome"], "refused");
    assert_eq!(faults(&list[1]), [("/1/actor/mbox", "format"), ("/1/verb/id", "format"), ("/1", "missing")]);
    assert_eq!(faults(&list[2]), [("/2/result/score/scaled", "rule"), ("/2/id", "duplicate")]);
    let one = check(&lrs, "", &json!({"actor": {"mbox": "ann"}})).await;
    assert_eq!(faults(&one["statements"][0])[0], ("/actor/mbox", "format"), "a single statement has no index");
    let request = ask(&lrs, Method::POST, "/validate").header("Content-Type", "application/json").body("[{]");
    let (status, findings) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!((status, &findings["valid"], faults(&findings)), (200, &json!(false), vec![("", "json")]));
}

#[actix_web::test]
async fn what_is_already_stored_is_reported() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2), reference(3, VOIDED, 2)])).await;
    let batch = json!([
        statement(1),
        with(statement(2), "/verb/id", json!("v:other")),
        reference(4, VOIDED, 9),
        reference(5, VOIDED, 3),
        reference(6, VOIDED, 2),
        reference(7, VOIDED, 1),
        reference(8, "v:confirmed", 10),
        reference(11, "v:confirmed", 8),
    ]);
    let findings = check(&lrs, "", &batch).await;
    let list = findings["statements"].as_array().unwrap();
    let outcomes: Vec<_> = list.iter().map(|found| found["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unchanged", "refused", "stored", "stored", "stored", "stored", "stored", "stored"]);
    assert_eq!(faults(&list[1]), [("/1/id", "conflict")]);
    let hints: Vec<_> = list.iter().map(hints).collect();
    let told =
        [&[][..], &[], &["target-unknown"], &["target-voids"], &["target-voided"], &[], &["target-unknown"], &[]];
    assert_eq!(hints, told);
    assert_eq!(findings["valid"], false, "one conflict refuses the batch");
    assert_eq!(check(&lrs, "", &statement(1)).await["valid"], true);
}

#[actix_web::test]
async fn a_statement_is_valid_exactly_when_sending_it_succeeds() {
    let mut lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let no_actor = json!({"verb": {"id": "v:1"}, "object": {"id": "a:1"}});
    let with_group = with(statement(2), "/context", json!({"contextGroups": []}));
    let cases = [
        json!([]),
        json!([[]]),
        json!("statement"),
        statement(1),
        with(statement(1), "/object/id", json!("a:2")),
        json!([statement(3), statement(3)]),
        json!([statement(4), no_actor]),
        with_group,
        json!([statement(1), statement(5)]),
    ];
    for version in ["1.0.3", "2.0.0"] {
        for case in &cases {
            let valid = check(&lrs, &format!("?version={version}"), case).await["valid"].clone();
            lrs.version = version;
            let taken = lrs.post(case).await.0 == 200;
            assert_eq!(valid, taken, "{version} {case}");
        }
    }
}

#[actix_web::test]
async fn nothing_is_stored() {
    let lrs = Lrs::start().await;
    let app = &lrs.server.app;
    let bytes = b"an attachment".as_slice();
    let hash = Sha256::of(bytes);
    let listed = json!([{
        "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
        "length": bytes.len(), "sha2": hash.to_string(),
    }]);
    let defined = with(statement(1), "/object", json!({"id": "a:1", "definition": {"name": {"en": "One"}}}));
    let findings = check(&lrs, "", &json!([with(defined, "/attachments", listed), statement(2)])).await;
    assert_eq!((&findings["valid"], hints(&findings["statements"][0])), (&json!(true), vec!["attachment-must-come"]));
    assert_eq!(app.store.head(&app.provider).await.unwrap().seq.0, 0);
    assert_eq!(app.store.blob_len(hash).await.unwrap(), None);
    assert_eq!(lrs.one(&id(1)).await.0, 404);
    let (_, activity) = status_and_json(lrs.ask(Method::GET, "/activities?activityId=a:1").send().await.unwrap()).await;
    assert_eq!(activity.get("definition"), None);
}

#[actix_web::test]
async fn what_cannot_be_checked_is_refused_plainly() {
    let lrs = Lrs::start().await;
    let answer = async |request: reqwest::RequestBuilder| {
        let (status, problem) = status_and_json(request.send().await.unwrap()).await;
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    };
    let post = |path: &str| ask(&lrs, Method::POST, path);
    let mixed = post("/validate").header("Content-Type", "multipart/mixed; boundary=b").body("--b--");
    assert_eq!(answer(mixed).await, (415, "statements-only".to_owned()));
    assert_eq!(answer(post("/validate").body("{}")).await, (415, "not-json".to_owned()));
    let unclear = post("/validate?version=2.0.0").header("X-Experience-API-Version", "1.0.3").json(&statement(1));
    assert_eq!(answer(unclear).await, (400, "version-unclear".to_owned()));
    assert_eq!(answer(post("/validate?version=3").json(&statement(1))).await, (400, "version-unknown".to_owned()));
    assert_eq!(answer(post("/validate?x=3").json(&statement(1))).await, (400, "invalid-parameters".to_owned()));
    let (key, secret) = credential(&lrs.server, &[Scope::StatementsRead]).await;
    let reader = ask_as(&lrs, (&key, &secret), Method::POST, "/validate").json(&statement(1));
    assert_eq!(answer(reader).await, (403, "scope-missing".to_owned()));
}
