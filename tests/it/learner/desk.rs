//! The coordinator's desk.

use super::{ACTIVITY, Person, publish};
use crate::harness::TestApp;
use enduring::service::samples;
use serde_json::json;

#[actix_web::test]
async fn only_coordinators_are_let_in() {
    let app = TestApp::start();
    samples::load(&app.app).await.unwrap();
    for path in ["/desk", "/desk/publish", &format!("/desk/activities/{ACTIVITY}")] {
        for who in ["learner", "designer"] {
            assert_eq!(Person::demo(&app, who).await.get(path).await.status, 403, "{who} at {path}");
        }
        assert_eq!(Person::demo(&app, "coordinator").await.get(path).await.status, 200, "{path}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn an_incomplete_document_comes_back_with_every_gap() {
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    let refused = person.post("/desk/publish", &[("document", "{\"id\": \"x\", \"title\": \"<T>\"}")]).await;
    assert_eq!(refused.status, 422);
    refused.shows("gaps to close").shows("/objectives").shows("/offerings").shows("&#60;T&#62;");
    person.get("/desk").await.shows("No activity is published yet.");
    app.stop().await;
}

#[actix_web::test]
async fn a_held_completion_waits_for_a_person_and_is_settled_with_a_reason() {
    let app = TestApp::start();
    let document = publish(&app, |document| document["integrity"]["minimum_seat_fraction"] = json!("0.25")).await;
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.complete(&document).await;
    assert_eq!(learner.claim(&registration, "ama", "0.75").await.status, 303);
    learner.get(&registration).await.shows("The CME office takes a look.");

    let coordinator = Person::demo(&app, "coordinator").await;
    coordinator.get("/desk").await.shows("Alex Morgan, MD").shows("the activity is estimated at 45 minutes");
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let page = coordinator.get(&desk).await;
    let signal = page.field("signal");
    let settle = format!("{desk}/settle");
    let silent = [("signal", &*signal), ("verdict", "accepted"), ("reason", "  ")];
    let refused = coordinator.post(&settle, &silent).await;
    assert_eq!(refused.status, 422);
    refused.shows("say in a sentence why");
    let reason = [("signal", &*signal), ("verdict", "accepted"), ("reason", "Took the live session last month.")];
    assert_eq!(coordinator.post(&settle, &reason).await.status, 303);
    learner.get(&registration).await.shows("Credit awarded");
    coordinator.get("/desk").await.shows("Nothing waits.").shows("/evidence");
    coordinator.get("/desk/activities/changed").await.shows("Credited");
    app.stop().await;
}
