//! What is larger than anyone needs: refused in words, or kept without harm.

use super::{Lrs, agent, id, statement, with};
use crate::harness::status_and_json;
use reqwest::Method;
use serde_json::{Value, json};

/// An activity, a definition of it of this many bytes, and nothing else.
fn defined(n: u32, extension: &str, bytes: usize) -> Value {
    with(statement(n), "/object/definition", json!({"extensions": {extension: "x".repeat(bytes)}}))
}

async fn definition(lrs: &Lrs) -> Value {
    let asked = lrs.ask(Method::GET, "/activities").query(&[("activityId", "a:1")]);
    status_and_json(asked.send().await.unwrap()).await.1["definition"].clone()
}

#[actix_web::test]
async fn the_largest_statement_that_is_taken_is_stored_and_found() {
    let lrs = Lrs::start().await;
    let members: Vec<Value> = (0..2499).map(|n| agent(&format!("member-{n}"))).collect();
    let others: Vec<Value> = (0..2499).map(|n| json!({"id": format!("a:{n}")})).collect();
    let context = json!({"team": {"objectType": "Group", "member": members}, "contextActivities": {"other": others}});
    let full = |bytes: usize| {
        let result = json!({"response": "x".repeat(bytes)});
        with(with(statement(1), "/context", context.clone()), "/result", result)
    };
    let room = (4 << 20) - full(0).to_string().len();
    let (status, problem) = lrs.post(&full(room + 1)).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (400, &json!("limit")));
    lrs.send(&full(room)).await;
    let last = agent("member-2498").to_string();
    assert_eq!(lrs.ids(&[("agent", &last), ("related_agents", "true")]).await, [id(1)]);
    assert_eq!(lrs.ids(&[("activity", "a:2497"), ("related_activities", "true")]).await, [id(1)]);
    let one_more = with(full(0), "/context/instructor", agent("eve"));
    let (status, problem) = lrs.post(&with(one_more, "/id", json!(id(2)))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (400, &json!("limit")));
}

#[actix_web::test]
async fn a_definition_does_not_grow_without_end() {
    let lrs = Lrs::start().await;
    lrs.send(&defined(1, "x:1", 20_000)).await;
    lrs.send(&defined(2, "x:2", 20_000)).await;
    let held = definition(&lrs).await;
    assert_eq!(held["extensions"]["x:1"].as_str().map(str::len), Some(20_000));
    assert_eq!(held["extensions"]["x:2"], Value::Null, "both together would be too long");
    lrs.send(&defined(3, "x:3", 100)).await;
    assert_eq!(definition(&lrs).await["extensions"]["x:3"].as_str().map(str::len), Some(100));
    assert_eq!(
        lrs.one(&id(2)).await.1["object"]["definition"]["extensions"]["x:2"].as_str().map(str::len),
        Some(20_000)
    );
}

#[actix_web::test]
async fn definitions_cannot_make_a_response_as_large_as_memory() {
    let lrs = Lrs::start().await;
    lrs.send(&defined(1, "x:1", 32_000)).await;
    let again: Vec<Value> = (0..2500).map(|_| json!({"id": "a:1"})).collect();
    lrs.send(&with(statement(2), "/context", json!({"contextActivities": {"other": again}}))).await;
    let (status, problem) = status_and_json(lrs.query(&[("format", "canonical")]).await).await;
    assert_eq!((status, &problem["code"]), (400, &json!("answer-too-large")), "80 MB of 110 kB");
    assert_eq!(lrs.ids(&[]).await, [2, 1].map(id));
    assert_eq!(lrs.query(&[("format", "canonical"), ("until", &stored(&lrs, 1).await)]).await.status(), 200);
}

async fn stored(lrs: &Lrs, n: u32) -> String {
    lrs.one(&id(n)).await.1["stored"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_form_has_no_more_fields_than_a_request_needs() {
    let lrs = Lrs::start().await;
    let form = lrs.ask(Method::POST, "/statements?method=GET");
    let form = form.header("Content-Type", "application/x-www-form-urlencoded").body("a&".repeat(1_000_000));
    let (status, problem) = status_and_json(form.send().await.unwrap()).await;
    assert_eq!((status, &problem["code"]), (400, &json!("invalid-alternate-request")));
}

#[actix_web::test]
async fn a_language_of_very_many_parts_is_passed_over() {
    let lrs = Lrs::start().await;
    lrs.send(&with(statement(1), "/verb/display", json!({"de": "tat", "en": "did"}))).await;
    let asked = lrs.ask(Method::GET, "/statements?format=canonical");
    let asked = asked.header("Accept-Language", format!("de{}, en;q=0.1", "-a".repeat(10_000)));
    let (_, found) = status_and_json(asked.send().await.unwrap()).await;
    assert_eq!(found["statements"][0]["verb"]["display"], json!({"en": "did"}));
}
