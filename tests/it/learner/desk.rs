//! The coordinator's desk.

use super::{ACTIVITY, Person, address_in, publish, sample};
use crate::harness::TestApp;
use enduring::service::catalogue::samples;
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
async fn a_held_completion_waits_for_a_person_and_is_decided_with_a_reason() {
    let app = TestApp::start();
    let document = publish(&app, |document| document["integrity"]["minimum_seat_fraction"] = json!("0.25")).await;
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.complete(&document).await;
    assert_eq!(learner.claim(&registration, "ama", "0.75").await.status, 303);
    learner.get(&registration).await.shows("The CME office is reviewing this completion.");

    let coordinator = Person::demo(&app, "coordinator").await;
    coordinator.get("/desk").await.shows("Alex Morgan, MD").shows("the activity is estimated at 45 minutes");
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let page = coordinator.get(&desk).await;
    let signal = page.field("signal");
    let settle = format!("{desk}/settle");
    let silent = [("signal", &*signal), ("verdict", "accepted"), ("reason", "  ")];
    let refused = coordinator.post(&settle, &silent).await;
    assert_eq!(refused.status, 422);
    refused.shows("Give the reason for this decision in a sentence");
    let reason = [("signal", &*signal), ("verdict", "accepted"), ("reason", "Took the live session last month.")];
    assert_eq!(coordinator.post(&settle, &reason).await.status, 303);
    learner.get(&registration).await.shows("Credit awarded");
    coordinator.get("/desk").await.shows("Nothing to review.").shows("/evidence");
    coordinator.get("/desk/activities/changed").await.shows("Credit awarded");
    app.stop().await;
}

#[actix_web::test]
async fn voiding_what_a_credit_rests_on_revokes_it_and_a_check_of_the_certificate_says_so() {
    let app = TestApp::start();
    samples::load(&app.app).await.unwrap();
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.complete(&sample()).await;
    learner.claim(&registration, "ama", "0.75").await;
    let hub = learner.get(&registration).await;
    let credit = address_in(&hub.html, "/credits/");
    let check = address_in(&learner.get(&credit).await.html, "/verify/");
    Person::stranger(&app).get(&check).await.shows("This is a sample, not a certificate");

    let coordinator = Person::demo(&app, "coordinator").await;
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let page = coordinator.get(&desk).await;
    // The last void link under a rule about the claim: V12 rests on the claim alone.
    let (_, claim) = page.html.split_once("V12 ").unwrap();
    let void = address_in(claim, &format!("{desk}/void/"));
    coordinator.get(&void).await.shows("stays in the log, permanently marked as void");
    let silent = coordinator.post(&void, &[("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    let voided = coordinator.post(&void, &[("reason", "Claimed by a colleague at the same desk.")]).await;
    assert_eq!((voided.status, voided.location.as_str()), (303, &*desk));
    let again = coordinator.post(&void, &[("reason", "Once more.")]).await;
    assert_eq!(again.status, 409);
    again.shows("nothing about this learner rests on that statement any more").shows("Go to the desk");

    learner.get(&registration).await.shows("Revoked");
    learner.get(&credit).await.shows("This credit was revoked.");
    assert_eq!(learner.get(&format!("{credit}/certificate.pdf")).await.status, 409);
    Person::stranger(&app).get(&check).await.shows("This certificate is no longer valid").shows("Revoked");
    coordinator.get("/desk").await.shows("Revoked");
    learner.claim(&registration, "ama", "0.75").await.shows("the CME office revoked this credit");
    app.stop().await;
}
