//! Bad input: each a page with a sentence that says what to do, and nothing written.

use super::{ACTIVITY, Person, load_sample, sample};
use crate::harness::TestApp;
use base::clock::FixedClock;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[actix_web::test]
async fn an_activity_outside_its_dates_is_not_started() {
    let clock = FixedClock::at(at("2028-12-01T12:00:00Z"));
    let app = TestApp::at(&clock);
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let page = person.get(&format!("/activities/{ACTIVITY}")).await;
    page.shows("This activity expired on November 30, 2028");
    let fields = [("version", "1"), ("read", "yes")];
    let refused = person.post(&format!("/activities/{ACTIVITY}/begin"), &fields).await;
    assert_eq!(refused.status, 410);
    refused.shows("Credit that was earned before stays valid; choose another activity from the start page.");
    clock.set(at("2026-09-30T12:00:00Z"));
    let early = person.post(&format!("/activities/{ACTIVITY}/begin"), &fields).await;
    early.shows("This activity opens on October 1, 2026; come back then.");
    person.get("/").await.shows("No activity is open at the moment.");
    app.stop().await;
}

#[actix_web::test]
async fn beginning_needs_a_word_that_the_disclosures_were_read() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let begin = format!("/activities/{ACTIVITY}/begin");
    let unread = person.post(&begin, &[("version", "1")]).await;
    assert_eq!(unread.status, 422);
    unread.shows("confirm below that you have read the disclosures");
    let other = person.post(&begin, &[("version", "7"), ("read", "yes")]).await;
    assert_eq!(other.status, 409);
    other.shows("was published while you were reading");
    person.get("/").await.shows("Available activities");
    app.stop().await;
}

#[actix_web::test]
async fn a_claim_is_refused_with_a_sentence_and_leaves_nothing() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    let early = person.claim(&registration, "ama", "0.75").await;
    assert_eq!(early.status, 409);
    early.shows("something is still missing before credit can be claimed");

    person.go_through(&registration, &sample()).await;
    for (amount, sentence) in [
        ("1.00", "1.00 is more than this activity gives; claim at most 0.75"),
        ("0.30", "credit is claimed in steps of 0.25"),
        ("0", "write an amount such as 0.75"),
        ("-0.25", "write an amount such as 0.75"),
        ("lots", "write an amount such as 0.75"),
    ] {
        let refused = person.claim(&registration, "ama", amount).await;
        assert_eq!(refused.status, 422, "{amount}");
        refused.shows(sentence);
    }
    let silent = person.post(&format!("{registration}/claim/ama"), &[("amount", "0.75")]).await;
    assert_eq!(silent.status, 422);
    silent.shows("confirm that the amount matches").shows("<option value=\"0.75\" selected");
    assert_eq!(person.claim(&registration, "nothing", "0.75").await.status, 404);
    let others = person.claim(&registration, "participation", "0.75").await;
    assert_eq!(others.status, 403);

    person.get(&registration).await.shows("No credit has been claimed");
    assert_eq!(person.claim(&registration, "ama", "0.75").await.status, 303);
    let twice = person.claim(&registration, "ama", "0.75").await;
    assert_eq!(twice.status, 409);
    twice.shows("you have claimed this credit already");
    app.stop().await;
}

#[actix_web::test]
async fn an_evaluation_names_what_is_missing_and_keeps_the_rest() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    person.play(&registration).await;
    let address = format!("{registration}/evaluation");
    let text = sample()["evaluation"]["items"].as_array().unwrap().iter().find(|item| item["kind"] == "text").cloned();
    let text = format!("e.{}", text.unwrap()["id"].as_str().unwrap());
    let half = person.post(&address, &[("edition", "0"), (&*text, "More on <dosing> & kidneys")]).await;
    assert_eq!(half.status, 422);
    half.shows("Answer this question.").shows("More on &#60;dosing&#62; &#38; kidneys</textarea>");
    let stale = person.post(&address, &[("edition", "0")]).await;
    assert_eq!(stale.status, 409);
    stale.shows("changed in another window").shows("kidneys</textarea>");
    assert_eq!(person.evaluate(&registration, &sample()).await.status, 303);
    let again = person.get(&address).await;
    assert_eq!(again.status, 409);
    again.shows("your evaluation was submitted before");
    app.stop().await;
}

#[actix_web::test]
async fn a_code_that_was_never_issued_is_said_to_be_so() {
    let app = TestApp::start();
    let unknown = Person::stranger(&app).get("/verify/AAAA-BBBB").await;
    assert_eq!(unknown.status, 404);
    unknown.shows("No certificate has this code");
    let typed = Person::stranger(&app).get("/verify?code=aaaa%20bbbb").await;
    assert_eq!(typed.location, "/verify/aaaa-bbbb");
    let hostile = Person::stranger(&app).get("/verify/%3Cscript%3E").await;
    hostile.shows("&#60;script&#62;");
    app.stop().await;
}
