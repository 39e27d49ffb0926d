//! Each filter of `GET /statements` alone and together (Part 3 §2.1.3).

use super::{Lrs, agent, id, statement, with};
use crate::harness::status_and_json;
use reqwest::Method;
use serde_json::{Value, json};

const REGISTRATION: &str = "ec531277-b57b-4c15-8d91-d292c5b2b8f7";

fn group(member: &str) -> Value {
    json!({"objectType": "Group", "member": [agent(member)]})
}

#[actix_web::test]
async fn agent_matches_actor_and_object_and_members_of_groups() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([
        with(statement(1), "/actor", agent("eve")),
        with(statement(2), "/object", agent("eve")),
        with(statement(3), "/actor", group("eve")),
        with(statement(4), "/object", group("eve")),
        with(statement(5), "/context", json!({"instructor": agent("eve")})),
        statement(6),
    ]))
    .await;
    let eve = agent("eve").to_string();
    assert_eq!(lrs.ids(&[("agent", &eve)]).await, [4, 3, 2, 1].map(id));
    assert_eq!(lrs.ids(&[("agent", &eve), ("related_agents", "false")]).await.len(), 4);
    let as_group = json!({"objectType": "Group", "mbox": "mailto:eve@EXAMPLE.com"}).to_string();
    assert_eq!(lrs.ids(&[("agent", &as_group)]).await.len(), 4, "identified by the same identifier");
    assert!(lrs.ids(&[("agent", &agent("nobody").to_string())]).await.is_empty());
}

#[actix_web::test]
async fn related_agents_reach_everywhere_that_the_standard_lists() {
    let mut lrs = Lrs::start().await;
    lrs.version = "2.0.0";
    let eve = agent("eve");
    let sub = |actor: Value, context: Value| json!({"objectType": "SubStatement", "actor": actor, "verb": {"id": "v:s"}, "object": {"id": "a:s"}, "context": context});
    let context_agents = json!([{"objectType": "contextAgent", "agent": eve}]);
    let context_groups = json!([{"objectType": "contextGroup", "group": group("eve")}]);
    lrs.send(&json!([
        with(statement(1), "/context", json!({"instructor": eve})),
        with(statement(2), "/context", json!({"team": group("eve")})),
        with(statement(3), "/context", json!({"contextAgents": context_agents})),
        with(statement(4), "/context", json!({"contextGroups": context_groups})),
        with(statement(5), "/object", sub(eve.clone(), json!({}))),
        with(statement(6), "/object", sub(agent("ann"), json!({"contextAgents": context_agents}))),
        statement(7),
    ]))
    .await;
    let eve = eve.to_string();
    assert_eq!(lrs.ids(&[("agent", &eve), ("related_agents", "true")]).await, [6, 5, 4, 3, 2, 1].map(id));
    assert!(lrs.ids(&[("agent", &eve)]).await.is_empty());
    let authority = lrs.list(&[("limit", "1")]).await[0]["authority"].to_string();
    assert_eq!(lrs.ids(&[("agent", &authority), ("related_agents", "true")]).await.len(), 7);
}

#[actix_web::test]
async fn verb_activity_and_registration_match_alone_and_together() {
    let lrs = Lrs::start().await;
    let registered =
        json!({"registration": REGISTRATION.to_uppercase(), "contextActivities": {"grouping": [{"id": "a:g"}]}});
    let sub =
        json!({"objectType": "SubStatement", "actor": agent("x"), "verb": {"id": "v:2"}, "object": {"id": "a:2"}});
    lrs.send(&json!([
        statement(1),
        with(statement(2), "/verb/id", json!("v:2")),
        with(statement(3), "/object/id", json!("a:2")),
        with(with(statement(4), "/verb/id", json!("v:2")), "/object/id", json!("a:2")),
        with(statement(5), "/context", registered),
        with(statement(6), "/object", sub),
    ]))
    .await;
    assert_eq!(lrs.ids(&[("verb", "v:2")]).await, [4, 2].map(id));
    assert_eq!(lrs.ids(&[("activity", "a:2")]).await, [4, 3].map(id));
    assert_eq!(lrs.ids(&[("verb", "v:2"), ("activity", "a:2")]).await, [id(4)]);
    assert_eq!(lrs.ids(&[("activity", "a:2"), ("related_activities", "true")]).await, [6, 4, 3].map(id));
    assert_eq!(lrs.ids(&[("activity", "a:g"), ("related_activities", "true")]).await, [id(5)]);
    assert!(lrs.ids(&[("activity", "a:g")]).await.is_empty());
    assert_eq!(lrs.ids(&[("registration", REGISTRATION)]).await, [id(5)]);
    assert!(lrs.ids(&[("registration", REGISTRATION), ("verb", "v:2")]).await.is_empty());
}

#[actix_web::test]
async fn since_is_exclusive_and_until_is_inclusive_by_the_instant_of_storing() {
    let lrs = Lrs::start().await;
    for n in 1..=3 {
        lrs.send(&with(statement(n), "/timestamp", json!("2001-01-01T00:00:00Z"))).await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let stored = lrs.one(&id(2)).await.1["stored"].as_str().unwrap().to_owned();
    assert_eq!(lrs.ids(&[("since", &stored)]).await, [id(3)]);
    assert_eq!(lrs.ids(&[("until", &stored)]).await, [2, 1].map(id));
    assert!(lrs.ids(&[("since", &stored), ("until", &stored)]).await.is_empty());
    assert_eq!(lrs.ids(&[("since", "2020-01-01T00:00:00+01:00")]).await.len(), 3);
    assert!(lrs.ids(&[("until", "2020-01-01T00:00:00Z")]).await.is_empty());
}

#[actix_web::test]
async fn the_newest_come_first_unless_ascending_is_requested() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2), statement(3)])).await;
    assert_eq!(lrs.ids(&[("limit", "1")]).await, [id(3)]);
    assert_eq!(lrs.ids(&[]).await, [3, 2, 1].map(id));
    assert_eq!(lrs.ids(&[("ascending", "true"), ("limit", "2")]).await, [1, 2].map(id));
}

#[actix_web::test]
async fn one_statement_is_found_by_its_id_with_its_date() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let answer = lrs.query(&[("statementId", &id(1))]).await;
    let modified = answer.headers()["last-modified"].to_str().unwrap().to_owned();
    assert!(modified.ends_with(" GMT"), "{modified}");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers().contains_key("x-experience-api-consistent-through"));
    assert_eq!(lrs.one(&id(2)).await.0, 404);
    let head = lrs.ask(Method::HEAD, &format!("/statements?statementId={}", id(1))).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["last-modified"]), (200, &modified.parse().unwrap()));
    assert!(head.bytes().await.unwrap().is_empty());
}

#[actix_web::test]
async fn formats_show_what_identifies_or_what_is_canonical() {
    let lrs = Lrs::start().await;
    let define = |n, name: Value| with(statement(n), "/object/definition", json!({"name": name, "type": "t:1"}));
    lrs.send(&json!([define(1, json!({"en": "One"})), define(2, json!({"de": "Eins"}))])).await;
    lrs.send(&with(statement(3), "/verb/display", json!({"en": "did", "de": "tat"}))).await;
    let ids = lrs.list(&[("format", "ids"), ("limit", "1")]).await.remove(0);
    assert_eq!((&ids["verb"], &ids["object"]), (&json!({"id": "v:did"}), &json!({"id": "a:1"})));
    let canonical = lrs.ask(Method::GET, "/statements?format=canonical&limit=1").header("Accept-Language", "de");
    let (_, canonical) = status_and_json(canonical.send().await.unwrap()).await;
    let shown = &canonical["statements"][0];
    assert_eq!(shown["verb"]["display"], json!({"de": "tat"}));
    assert_eq!(shown["object"]["definition"], json!({"name": {"de": "Eins"}, "type": "t:1"}));
    let exact = lrs.ask(Method::GET, "/statements?limit=1").header("Accept-Language", "de").send().await.unwrap();
    assert_eq!(
        exact.json::<Value>().await.unwrap()["statements"][0]["verb"]["display"],
        json!({"en": "did", "de": "tat"})
    );
}

#[actix_web::test]
async fn a_query_that_cannot_be_understood_names_every_fault() {
    let lrs = Lrs::start().await;
    let (status, problem) = status_and_json(lrs.query(&[("verb", "x"), ("Limit", "1"), ("agent", "{}")]).await).await;
    assert_eq!((status, &problem["code"]), (400, &json!("invalid-parameters")));
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    let refused = lrs.query(&[("statementId", &id(1)), ("limit", "1")]).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.headers().contains_key("x-experience-api-consistent-through"));
}

#[actix_web::test]
async fn booleans_and_times_are_read_as_python_writes_them() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2)])).await;
    let ids = async |query: &str| {
        let answer = lrs.ask(Method::GET, &format!("/statements?{query}")).send().await.unwrap();
        let (status, page) = crate::harness::status_and_json(answer).await;
        let list = page["statements"].as_array().cloned().unwrap_or_default();
        (status, list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    let both = vec![id(1), id(2)];
    assert_eq!(ids("ascending=True").await, (200, both.clone()));
    assert_eq!(ids("ascending=True&since=2020-01-01T00:00:00+00:00").await, (200, both.clone()));
    assert_eq!(
        ids("ascending=True&since=2020-01-01%2000:00:00%2B00:00&until=2999-01-01+00:00:00+01:00").await,
        (200, both)
    );
    let answer = lrs.ask(Method::GET, "/statements?ascending=1&since=last%20week").send().await.unwrap();
    let said = answer.text().await.unwrap();
    assert!(said.contains("this request has `1`") && said.contains("this request has `last week`"), "{said}");
}
