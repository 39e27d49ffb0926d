//! Every state has a way on: spent attempts, a revocation, an evaluation that came too early, a hold.

use super::office::{Office, document};
use credit::assessment::NextAttempt;
use credit::{Credits, EvaluationAnswer, Event, RuleId, Status};
use enduring::service::crediting::holds;
use enduring::service::crediting::proposals::HandAct;
use enduring::service::learning::evaluation::{self, EvaluationState};
use enduring::service::learning::registrations::{self, Error};
use enduring::service::learning::{assessment, restarts};
use serde_json::json;

#[actix_web::test]
async fn one_more_attempt_can_be_granted_and_counts() {
    let office = Office::later_with(document()).await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    let (by, _) = office.coordinators().await;
    let early = restarts::grant_attempt(office.app(), registration.id, &by, "Why not.").await;
    assert!(matches!(early, Err(Error::NotExhausted)), "{early:?}");
    for attempt in 1..=3 {
        office.after(10);
        office.answer(&registration, attempt, 0).await;
    }
    let next = async || assessment::next(office.app(), &office.standing(&registration).await).unwrap();
    assert_eq!(next().await, Some(NextAttempt::Exhausted));
    let silent = restarts::grant_attempt(office.app(), registration.id, &by, "").await;
    assert!(matches!(silent, Err(Error::NoReason)));
    restarts::grant_attempt(office.app(), registration.id, &by, "The power failed.").await.unwrap();
    office.after(10);
    assert_eq!(next().await, Some(NextAttempt::Open(4)));
    office.answer(&registration, 4, 4).await;
    office.finish(&registration, 4).await;
    office.claim(&registration, Credits(75)).await;
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await.len(), 1);
    assert_eq!(office.differences().await, Vec::<String>::new());
    let [act] = office.standing(&registration).await.acts(office.app()).try_into().unwrap();
    assert_eq!((act.by, act.reason.as_str()), (by.id, "The power failed."));
}

#[actix_web::test]
async fn a_registration_that_came_to_an_end_is_started_again_and_linked() {
    let office = Office::open().await;
    let (old, credit) = office.credited("Ada").await;
    let (by, _) = office.coordinators().await;
    let credited = restarts::restart(office.app(), old.id, &by, "Again.").await;
    assert!(matches!(credited, Err(Error::Credited)), "{credited:?}");
    office.by_two(&old, HandAct::Revoke { credit: credit.id }).await.unwrap();
    let new = restarts::restart(office.app(), old.id, &by, "Taken by a colleague; may take it again.").await.unwrap();
    assert_eq!((new.restarts, new.version), (Some(old.id), old.version));
    assert_eq!(office.standing(&old).await.registration.restarted_as, Some(new.id));
    // Registering again leads to the new one, and it is restarted once.
    assert_eq!(office.register("Ada").await.id, new.id);
    let twice = restarts::restart(office.app(), old.id, &by, "Once more.").await;
    assert!(matches!(twice, Err(Error::Restarted(id)) if id == new.id), "{twice:?}");
    office.complete(&new).await;
    office.decide(new.id).await;
    assert!(office.credits(&new).await[0].is_active());
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn an_evaluation_that_came_too_early_is_kept_and_confirmed() {
    let office = Office::later_with(document()).await;
    let registration = office.register("Ada").await;
    let standing = office.standing(&registration).await;
    assert_eq!(evaluation::state(&standing), Some(EvaluationState::ContentFirst));
    let answers = evaluation::Answers::from([("e1".into(), "4".to_owned()), ("e2".into(), "Yes".to_owned())]);
    let early = evaluation::submit(office.app(), &standing, 0, answers.clone()).await;
    assert!(matches!(early, Err(evaluation::Error::ContentFirst)), "{early:?}");
    assert!(matches!(evaluation::open(office.app(), &standing).await, Err(evaluation::Error::ContentFirst)));
    // One that reached the log all the same, by an earlier release, does not count yet.
    let said = vec![EvaluationAnswer { item: "e1".into(), response: "4".to_owned() }];
    office.record(&registration, vec![Event::Evaluated { answers: said }]).await;
    office.play(&registration).await;
    let standing = office.standing(&registration).await;
    let v9 = |standing: &registrations::RegistrationStatus| {
        standing.offerings[0].decision.finding(RuleId::V9).map(|finding| finding.status)
    };
    assert_eq!((evaluation::state(&standing), v9(&standing)), (Some(EvaluationState::Early), Some(Status::Unmet)));
    // What was typed is in the form: the draft of the refused submission.
    let form = evaluation::open(office.app(), &standing).await.unwrap();
    assert_eq!(form.answers, answers);
    evaluation::submit(office.app(), &standing, form.edition, form.answers).await.unwrap();
    let standing = office.standing(&registration).await;
    assert_eq!((evaluation::state(&standing), v9(&standing)), (Some(EvaluationState::Submitted), Some(Status::Met)));
}

#[actix_web::test]
async fn an_evaluation_waits_for_the_pass_where_the_offering_says_so() {
    let mut document = document();
    document["offerings"][0]["evaluation"] = json!("required-after-pass");
    let office = Office::later_with(document).await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    assert_eq!(evaluation::state(&office.standing(&registration).await), Some(EvaluationState::PassFirst));
    office.answer(&registration, 1, 4).await;
    assert_eq!(evaluation::state(&office.standing(&registration).await), Some(EvaluationState::Open));
}

#[actix_web::test]
async fn a_hold_is_listed_as_soon_as_its_signal_exists() {
    let mut document = document();
    document["integrity"]["minimum_seat_fraction"] = json!("1");
    let office = Office::later_with(document).await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    office.answer(&registration, 1, 4).await;
    office.decide(registration.id).await;
    let held = holds::list(office.app()).await.unwrap();
    assert_eq!(held.iter().map(|held| held.status.registration.id).collect::<Vec<_>>(), [registration.id]);
    let signal = held[0].status.offerings[0].decision.signals[0].id.clone();
    let (by, _) = office.coordinators().await;
    let accepted = credit::Verdict::Accepted;
    registrations::record_decision(office.app(), registration.id, [signal].into(), &by, accepted, "Knows it.")
        .await
        .unwrap();
    assert!(holds::list(office.app()).await.unwrap().is_empty());
    // Decided before the claim, the credit is awarded at the claim.
    office.finish(&registration, 1).await;
    office.claim(&registration, Credits(75)).await;
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await.len(), 1);
}
