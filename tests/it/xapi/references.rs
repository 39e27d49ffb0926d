//! Statements about statements: voiding, and filters that follow references (Part 2 §2.3.2, Part 3 §2.1.3 and §2.1.4).

use super::{Lrs, VOIDED, agent, id, reference, statement, with};
use crate::harness::status_and_json;
use serde_json::json;

async fn voided(lrs: &Lrs, n: u32) -> u16 {
    status_and_json(lrs.query(&[("voidedStatementId", &id(n))]).await).await.0
}

#[actix_web::test]
async fn a_voided_statement_is_found_as_voided_only() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2)])).await;
    assert_eq!(voided(&lrs, 1).await, 404);
    lrs.send(&reference(3, VOIDED, 1)).await;
    assert_eq!((lrs.one(&id(1)).await.0, voided(&lrs, 1).await), (404, 200));
    assert_eq!((lrs.one(&id(2)).await.0, voided(&lrs, 2).await), (200, 404));
    assert_eq!(lrs.ids(&[]).await, [3, 2].map(id));
}

#[actix_web::test]
async fn a_void_that_arrives_before_its_target_voids_it_too() {
    let lrs = Lrs::start().await;
    lrs.send(&reference(3, VOIDED, 1)).await;
    lrs.send(&statement(1)).await;
    assert_eq!((lrs.one(&id(1)).await.0, voided(&lrs, 1).await), (404, 200));
    let both = json!([reference(4, VOIDED, 5), statement(5)]);
    lrs.send(&both).await;
    assert_eq!(voided(&lrs, 5).await, 200);
}

#[actix_web::test]
async fn a_voiding_statement_is_never_voided() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), reference(2, VOIDED, 1), reference(3, VOIDED, 2)])).await;
    assert_eq!((lrs.one(&id(2)).await.0, voided(&lrs, 2).await), (200, 404));
    assert_eq!(lrs.one(&id(1)).await.0, 404, "voiding the void has no effect");
}

#[actix_web::test]
async fn what_voids_must_refer_to_a_statement() {
    let lrs = Lrs::start().await;
    let (status, problem) = lrs.post(&with(statement(1), "/verb/id", json!(VOIDED))).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/object")));
}

#[actix_web::test]
async fn a_statement_that_refers_to_a_match_is_a_match_whether_or_not_the_target_is_voided() {
    let lrs = Lrs::start().await;
    let target = with(statement(1), "/actor", agent("eve"));
    lrs.send(&json!([target, reference(2, "v:confirmed", 1), statement(3)])).await;
    let eve = agent("eve").to_string();
    assert_eq!(lrs.ids(&[("agent", &eve)]).await, [2, 1].map(id));
    assert_eq!(lrs.ids(&[("agent", &eve), ("verb", "v:did")]).await, [2, 1].map(id), "by what the target matches");
    lrs.send(&reference(4, VOIDED, 1)).await;
    assert_eq!(lrs.ids(&[("agent", &eve)]).await, [4, 2].map(id), "the target is gone, those that refer to it stay");
}

#[actix_web::test]
async fn references_are_followed_along_the_chain_and_when_the_target_comes_late() {
    let lrs = Lrs::start().await;
    lrs.send(&reference(3, "v:read", 2)).await;
    lrs.send(&reference(2, "v:confirmed", 1)).await;
    assert!(lrs.ids(&[("activity", "a:1")]).await.is_empty());
    lrs.send(&statement(1)).await;
    assert_eq!(lrs.ids(&[("activity", "a:1")]).await, [1, 2, 3].map(id), "in the order of storing");
}

#[actix_web::test]
async fn time_and_number_bind_the_statement_that_refers_not_its_target() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let stored = lrs.one(&id(1)).await.1["stored"].as_str().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    lrs.send(&reference(2, "v:confirmed", 1)).await;
    assert_eq!(lrs.ids(&[("activity", "a:1"), ("since", &stored)]).await, [id(2)]);
    assert_eq!(lrs.ids(&[("activity", "a:1"), ("limit", "1")]).await, [id(2)]);
}

#[actix_web::test]
async fn a_reference_in_the_context_makes_no_match() {
    let lrs = Lrs::start().await;
    let context = json!({"statement": {"objectType": "StatementRef", "id": id(1)}});
    let other = with(with(statement(2), "/object/id", json!("a:2")), "/context", context);
    lrs.send(&json!([statement(1), other])).await;
    assert_eq!(lrs.ids(&[("activity", "a:1")]).await, [id(1)]);
}
