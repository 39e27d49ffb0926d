//! A clock that was ahead, and then corrected.

use crate::harness::{Player, TestApp};
use crate::learner::{ACTIVITY, Person, load_sample, right, sample};
use base::clock::FixedClock;
use enduring::service::ledger::credits;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

/// `stored` stands still until the clock has caught up; what learners do meanwhile does not wait for it.
#[actix_web::test]
async fn an_hour_that_never_was_holds_no_completion() {
    let start: Timestamp = "2026-12-01T15:00:00Z".parse().unwrap();
    let clock = FixedClock::at(start + 1.hour());
    let app = TestApp::at(&clock);
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    let player = Player::open(&person.get(&format!("{registration}/play")).await.location).await;
    player.see_content().await;
    let said = json!({"sequence": 1, "initialized": true, "cmi": {"cmi.core.lesson_status": "incomplete"}});
    assert_eq!(player.post("commit", &said).await.0, 200);

    // The page stays open, and its time counts.
    for beat in 1..=40 {
        clock.set(start + (beat * 30).seconds());
        let (status, heard) = player.post("heartbeat", &json!({"attended": 30})).await;
        assert_eq!((status, &heard["session"]), (200, &json!("open")));
    }
    let cmi =
        json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90", "cmi.core.session_time": "00:18:00"});
    let said = json!({"sequence": 2, "initialized": true, "terminated": true, "cmi": cmi});
    let (status, receipt) = player.post("commit", &said).await;
    assert_eq!((status, &receipt["objections"]), (200, &json!([])), "{receipt}");
    let activity = sample();
    let graded = person.answer(&registration, &right(&activity)).await;
    person.get(&graded.location).await.shows("You passed");
    assert_eq!(person.evaluate(&registration, &activity).await.status, 303);
    assert_eq!(person.claim(&registration, "ama", "0.75").await.status, 303);
    let page = person.get(&registration).await;
    assert!(!page.html.contains("review"), "{}", page.html);
    let recorded = credits::latest(&app.app, 10).await.unwrap();
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].recorded < start + 1.hour(), "an hour before what is stored");
    app.stop().await;
}
