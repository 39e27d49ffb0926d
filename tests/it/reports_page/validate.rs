//! Checking statements before they are sent.

use super::Desk;
use crate::learner::Person;
use crate::xapi::{agent, id, statement, with};
use serde_json::{Value, json};

async fn check(who: &Person, version: &str, text: &str) -> crate::learner::PageResponse {
    let answer = who.post("/reports/validate", &[("version", version), ("statements", text)]).await;
    assert_eq!(answer.status, 200, "{}", answer.html);
    answer
}

#[actix_web::test]
async fn designers_and_coordinators_are_let_in_and_nothing_is_stored() {
    let desk = Desk::start().await;
    for who in ["designer", "coordinator"] {
        let person = Person::demo(&desk.lrs.server, who).await;
        person.get("/reports").await.shows("/reports/validate");
        check(&person, "2.0.0", &statement(1).to_string()).await.shows("This statement would be stored.");
    }
    let designer = Person::demo(&desk.lrs.server, "designer").await;
    assert!(!designer.get("/reports").await.html.contains("/reports/statements"));
    designer.get("/studio").await.shows("href=\"/reports/validate\"");
    let learner = Person::demo(&desk.lrs.server, "learner").await;
    assert_eq!(learner.get("/reports/validate").await.status, 403);
    let posted = learner.post("/reports/validate", &[("statements", "{}")]).await;
    assert_eq!(posted.status, 403);
    let elsewhere = designer.post_from("cross-site", "/reports/validate", &[("statements", "{}")]).await;
    assert_eq!(elsewhere.status, 403);
    assert_eq!(desk.list("").await, Vec::<u32>::new());
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn every_fault_of_every_statement_is_named_with_its_place() {
    let desk = Desk::start().await;
    let wrong = json!([
        statement(1),
        with(with(statement(2), "/actor", json!({"name": "<b>Ann</b>"})), "/verb/id", json!("did")),
        with(statement(3), "/result", json!({"score": {"scaled": 2}})),
    ]);
    let page = check(&desk.coordinator, "1.0.3", &wrong.to_string()).await;
    page.shows("2 of 3 statements would be refused, so none of them would be stored.");
    for part in ["/1/actor", "/1/verb/id", "/2/result/score/scaled", &format!("Statement 3 of 3: {}", id(3))] {
        page.shows(part);
    }
    // What was pasted is still there, as text, and so is the version.
    page.shows("&#60;b&#62;Ann&#60;/b&#62;").shows("value=\"1.0.3\" checked");
    assert!(!page.html.contains("<b>Ann"), "{}", page.html);
    let broken = check(&desk.coordinator, "2.0.0", "{\"id\": </textarea><script>").await;
    broken
        .shows("Nothing of this would be stored.")
        .shows("not valid JSON at line 1, column 8")
        .shows("the whole text");
    assert!(!broken.html.contains("<script>"), "{}", broken.html);
    check(&desk.coordinator, "2.0.0", "").await.shows("Nothing of this would be stored.");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn the_rules_are_those_of_the_version_that_is_chosen() {
    let desk = Desk::start().await;
    let agents = json!([{"objectType": "contextAgent", "agent": agent("bob")}]);
    let new = with(statement(1), "/context", json!({"contextAgents": agents})).to_string();
    check(&desk.coordinator, "2.0.0", &new).await.shows("This statement would be stored.");
    let old = check(&desk.coordinator, "1.0.3", &new).await;
    old.shows("This statement would be refused.").shows("/context/contextAgents");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn what_is_stored_already_bears_on_it() {
    let desk = Desk::start().await;
    desk.lrs.send(&statement(1)).await;
    check(&desk.coordinator, "1.0.3", &statement(1).to_string()).await.shows("Already stored; nothing would change");
    let other = with(statement(1), "/verb/id", json!("v:other")).to_string();
    check(&desk.coordinator, "1.0.3", &other).await.shows("already stored with different content");
    let many: Value = (1..=40).map(statement).collect();
    check(&desk.coordinator, "1.0.3", &many.to_string()).await.shows("The other 40 have no findings.");
    desk.lrs.server.stop().await;
}
