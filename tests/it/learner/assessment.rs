//! The post-activity assessment: what stays on the server, and what two windows do to each other.

use super::{ACTIVITY, Person, load_sample, publish, right, sample, wrong};
use crate::harness::TestApp;
use base::clock::FixedClock;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

async fn at_the_assessment(app: &TestApp) -> (Person, String) {
    load_sample(&app.app).await;
    let person = Person::demo(app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    person.play(&registration).await;
    (person, registration)
}

#[actix_web::test]
async fn neither_key_nor_rationale_leaves_the_server_before_the_assessment_is_passed() {
    let app = TestApp::start();
    let (person, registration) = at_the_assessment(&app).await;
    let page = person.get(&format!("{registration}/assessment")).await;
    for item in sample()["assessment"]["items"].as_array().unwrap() {
        let rationale: String = item["rationale"].as_str().unwrap().chars().take(30).collect();
        assert!(!page.html.contains(&rationale), "{rationale}");
    }
    assert!(!page.html.contains("correct"));
    let again = person.get(&format!("{registration}/assessment")).await;
    assert_eq!(page.html, again.html, "one attempt has one order");
    app.stop().await;
}

#[actix_web::test]
async fn answers_are_kept_as_they_are_given() {
    let app = TestApp::start();
    let (person, registration) = at_the_assessment(&app).await;
    let page = person.get(&format!("{registration}/assessment")).await;
    let (item, choice) = right(&sample()).swap_remove(0);
    let fields = [("attempt", "1"), ("edition", &*page.field("edition")), (&*item, &*choice)];
    let (status, saved) = person.save(&format!("{registration}/assessment/draft"), &fields).await;
    assert_eq!((status, &saved), (200, &json!({"edition": 2})));
    let reopened = person.get(&format!("{registration}/assessment")).await;
    reopened.shows(&format!("name=\"{item}\" value=\"{choice}\" checked"));
    assert_eq!(reopened.field("edition"), "2");
    app.stop().await;
}

#[actix_web::test]
async fn what_is_not_answered_is_named_and_what_is_answered_stays() {
    let app = TestApp::start();
    let (person, registration) = at_the_assessment(&app).await;
    let (item, choice) = right(&sample()).swap_remove(0);
    let half = person.answer(&registration, &[(item.clone(), choice.clone())]).await;
    assert_eq!(half.status, 422);
    half.shows("some questions are not answered yet").shows("Answer this question.");
    half.shows(&format!("name=\"{item}\" value=\"{choice}\" checked"));
    app.stop().await;
}

#[actix_web::test]
async fn a_second_window_learns_what_the_first_did() {
    let app = TestApp::start();
    let (person, registration) = at_the_assessment(&app).await;
    let address = format!("{registration}/assessment");
    let (first, second) = (person.get(&address).await, person.get(&address).await);
    let (item, choice) = right(&sample()).swap_remove(0);
    let save = [("attempt", "1"), ("edition", &*first.field("edition")), (&*item, &*choice)];
    assert_eq!(person.save(&format!("{address}/draft"), &save).await.0, 200);

    let stale = [("attempt", "1"), ("edition", &*second.field("edition"))];
    let (status, problem) = person.save(&format!("{address}/draft"), &stale).await;
    assert_eq!((status, &problem["code"]), (409, &json!("changed-elsewhere")));
    let submitted = person.post(&address, &stale).await;
    assert_eq!(submitted.status, 409);
    submitted.shows("changed in another window").shows(&format!("name=\"{item}\" value=\"{choice}\" checked"));

    assert_eq!(person.answer(&registration, &wrong(&sample())).await.status, 303);
    let graded = person.post(&address, &[("attempt", "1"), ("edition", "2")]).await;
    assert_eq!(graded.status, 409);
    graded.shows("this attempt was submitted before");
    app.stop().await;
}

#[actix_web::test]
async fn an_attempt_is_graded_once_from_however_many_windows() {
    let app = TestApp::start();
    let (person, registration) = at_the_assessment(&app).await;
    let address = format!("{registration}/assessment");
    let edition = person.get(&address).await.field("edition");
    let answers = right(&sample());
    let mut fields = vec![("attempt", "1"), ("edition", edition.as_str())];
    fields.extend(answers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let submitted = futures_util::future::join_all((0..6).map(|_| person.post(&address, &fields))).await;
    let graded = submitted.iter().filter(|answer| answer.status == 303).count();
    let refused = submitted.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((graded, refused), (1, 5));
    person.get(&format!("{registration}/assessment/1")).await.shows("10 of 10 correct");
    assert_eq!(person.get(&format!("{registration}/assessment/2")).await.status, 404);
    app.stop().await;
}

#[actix_web::test]
async fn the_next_attempt_waits_and_the_last_one_is_the_last() {
    let noon: Timestamp = "2026-11-02T12:00:00Z".parse().unwrap();
    let clock = FixedClock::at(noon);
    let app = TestApp::at(&clock);
    let document =
        publish(&app, |document| document["assessment"]["attempts"] = json!({"maximum": 2, "wait_minutes": 30})).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin("changed").await;
    person.play(&registration).await;
    let failed = person.answer(&registration, &wrong(&document)).await;
    person.get(&failed.location).await.shows("The next attempt opens on November 2, 2026, 7:30 AM EST");
    let early = person.get(&format!("{registration}/assessment")).await;
    assert_eq!(early.status, 409);
    early.shows("opens a little later");
    clock.set(noon + SignedDuration::from_mins(31));
    assert_eq!(person.answer(&registration, &wrong(&document)).await.status, 303);
    let over = person.get(&format!("{registration}/assessment")).await;
    over.shows("all attempts at the assessment are used");
    person.get(&registration).await.shows("All attempts are used.");
    app.stop().await;
}

#[actix_web::test]
async fn the_assessment_comes_after_the_content() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    let early = person.get(&format!("{registration}/assessment")).await;
    assert_eq!(early.status, 409);
    early.shows("work through the activity first");
    app.stop().await;
}
