//! The coordinator's desk.

use super::{ACTIVITY, Person, address_in, load_sample, publish, sample};
use crate::harness::TestApp;
use enduring::service::catalogue::samples;
use serde_json::json;

#[actix_web::test]
async fn only_coordinators_are_let_in() {
    let app = TestApp::start();
    load_sample(&app.app).await;
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
    samples::load(&app.app).await.unwrap();
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.complete(&sample()).await;
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
    coordinator.get(&format!("/desk/activities/{ACTIVITY}")).await.shows("Credit awarded");
    app.stop().await;
}

#[actix_web::test]
async fn voiding_what_a_credit_rests_on_revokes_it_and_a_check_of_the_certificate_says_so() {
    let app = TestApp::start();
    load_sample(&app.app).await;
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
    let void = address_in(claim, &format!("{desk}/propose/void/"));
    coordinator.get(&void).await.shows("stays in the log, permanently marked as void").shows("It takes two people.");
    let silent = coordinator.post(&void, &[("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    let proposed = coordinator.post(&void, &[("reason", "Claimed by a colleague at the same desk.")]).await;
    assert_eq!(proposed.status, 303);
    let (_, proposal) = proposed.location.split_once("#proposal-").unwrap();
    let again = coordinator.post(&void, &[("reason", "Once more.")]).await;
    assert_eq!(again.status, 409);
    again.shows("this was proposed already and waits for a second person").shows("Go to the desk");

    // Who proposed it does not approve it, and until somebody else does, nothing has happened.
    let decide = format!("/desk/proposals/{proposal}");
    let mine = coordinator.get(&desk).await;
    mine.shows("Waiting for a second person").shows("You proposed this");
    assert!(!mine.html.contains(&format!("action=\"{decide}\"")));
    let approval = [("decision", "approve"), ("reason", "The sign-in sheet shows it.")];
    let alone = coordinator.post(&decide, &approval).await;
    assert_eq!(alone.status, 403);
    alone.shows("somebody else must decide");
    learner.get(&registration).await.shows("Credit awarded");

    let second = Person::demo(&app, "second-coordinator").await;
    second.get("/desk").await.shows("Waiting for a second person").shows("Claimed by a colleague").shows(proposal);
    second.get(&desk).await.shows(&format!("action=\"{decide}\""));
    let voided = second.post(&decide, &approval).await;
    assert_eq!((voided.status, voided.location.as_str()), (303, &*desk));
    assert_eq!(second.post(&decide, &approval).await.status, 409);
    let page = coordinator.get(&desk).await;
    page.shows("Evidence voided").shows("Robin Lindqvist").shows("Approved by Casey Tran: The sign-in sheet shows it.");

    let hub = learner.get(&registration).await;
    hub.shows("The reason: <bdi>Claimed by a colleague at the same desk.</bdi>").shows("reinstate the credit or start");
    hub.shows("Robin Lindqvist").shows("Casey Tran");
    learner.get(&registration).await.shows("Revoked");
    learner.get(&credit).await.shows("This credit was revoked.");
    assert_eq!(learner.get(&format!("{credit}/certificate.pdf")).await.status, 409);
    Person::stranger(&app).get(&check).await.shows("This certificate is no longer valid").shows("Revoked");
    coordinator.get("/desk").await.shows("Revoked");
    learner.claim(&registration, "ama", "0.75").await.shows("the CME office revoked this credit");

    // The way on: both sides have one. It starts again, and the old address leads there.
    page.shows("Reinstate this credit").shows("Start again with a new registration");
    let restarted =
        coordinator.post(&format!("{desk}/restart"), &[("reason", "May take it again by themselves.")]).await;
    assert_eq!(restarted.status, 303);
    let new = restarted.location.replace("/desk", "");
    learner.get(&registration).await.shows("started again for you").shows(&format!("href=\"{new}\""));
    learner.get(&new).await.shows("Steps to earn credit").shows("May take it again by themselves.");
    coordinator.get(&restarted.location).await.shows("an earlier registration");
    app.stop().await;
}

#[actix_web::test]
async fn what_was_decided_about_a_hold_says_who_when_and_why_on_both_sides_and_the_hold_is_seen_before_the_claim() {
    let app = TestApp::start();
    let document = publish(&app, |document| document["integrity"]["minimum_seat_fraction"] = json!("0.25")).await;
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.begin("changed").await;
    learner.play(&registration).await;
    assert_eq!(learner.answer(&registration, &super::right(&document)).await.status, 303);
    learner
        .get(&registration)
        .await
        .shows("The CME office is reviewing this completion.")
        .shows("You can go on meanwhile");
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let coordinator = Person::demo(&app, "coordinator").await;
    let page = coordinator.get(&desk).await;
    page.shows("Needs your decision");
    let signal = page.field("signal");
    let decision = [("signal", &*signal), ("verdict", "upheld"), ("reason", "Nobody reads that fast.")];
    assert_eq!(coordinator.post(&format!("{desk}/settle"), &decision).await.status, 303);
    for page in [coordinator.get(&desk).await, learner.get(&registration).await] {
        page.shows("Reviewed and not accepted").shows("by Robin Lindqvist").shows("Nobody reads that fast.");
    }
    app.stop().await;
}

#[actix_web::test]
async fn spent_attempts_have_a_way_on() {
    let app = TestApp::start();
    let document = publish(&app, |document| document["assessment"]["attempts"] = json!({"maximum": 1})).await;
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.begin("changed").await;
    learner.get(&format!("{registration}/evaluation")).await.shows("opens once you have worked through the content");
    learner.play(&registration).await;
    assert_eq!(learner.answer(&registration, &super::wrong(&document)).await.status, 303);
    learner.get(&registration).await.shows("the CME office can grant one more").shows("You cannot go on by yourself");
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let coordinator = Person::demo(&app, "coordinator").await;
    coordinator.get(&desk).await.shows("Grant one more attempt");
    assert_eq!(coordinator.post(&format!("{desk}/grant"), &[("reason", "")]).await.status, 422);
    let granted = coordinator.post(&format!("{desk}/grant"), &[("reason", "The page had failed.")]).await;
    assert_eq!(granted.status, 303);
    learner.get(&registration).await.shows("Attempt 2 of 2 is open").shows("The page had failed.");
    assert_eq!(learner.answer(&registration, &super::right(&document)).await.status, 303);
    learner.get(&format!("{registration}/assessment/2")).await.shows("You passed");
    let form = learner.get(&format!("{registration}/evaluation")).await;
    form.shows("the CME office of").shows("can see which answers are yours");
    app.stop().await;
}
