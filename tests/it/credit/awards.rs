//! Awards, holds, revocations and corrections, over the real log.

use super::office::{Office, document, publish};
use credit::assessment::Responses;
use credit::{Credits, Event, Outcome, RuleId, Status, Step, Verdict};
use enduring::service::Registration;
use enduring::service::crediting::{certificates, decisions};
use enduring::service::learning::assessment;
use enduring::service::learning::registrations;
use enduring::service::ledger::credits::{self, CreditState};
use enduring::service::ledger::entries;
use enduring::service::queues::DECIDE;
use enduring::service::records::statements;
use serde_json::json;
use std::time::Duration;
use store::Commit;
use xapi::StatementId;

/// Voids a statement, as a coordinator's tool would through `/xapi`, and makes the decision that is then due.
async fn void(office: &Office, registration: &Registration, target: StatementId) {
    let voiding = json!({
        "actor": {"objectType": "Agent", "account": {"homePage": office.app().config.url, "name": "office"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": target},
    });
    let statements = statements::author(office.app(), vec![voiding]).unwrap();
    office.app().store.commit(&office.app().provider, Commit { statements, ..Commit::default() }).await.unwrap();
    office.decide(registration.id).await;
}

#[actix_web::test]
async fn what_a_learner_did_becomes_a_credit_once() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada Example").await;
    assert_eq!(credit.amount, Credits(75));
    assert_eq!(credit.completed.to_string(), "2026-03-01");
    assert_eq!((credit.name.as_str(), credit.entry), ("Ada Example", 1));
    for _ in 0..3 {
        office.decide(registration.id).await;
    }
    assert_eq!(office.credits(&registration).await, std::slice::from_ref(&credit));
    let shown = certificates::format_code(&credit.code).to_lowercase();
    assert_eq!(credits::by_code(office.app(), &shown).await.unwrap(), Some(credit));
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn deciding_many_times_at_once_records_one_credit_each() {
    let office = Office::open().await;
    let mut registrations = Vec::new();
    for name in ["Ada", "Bo", "Cy"] {
        let registration = office.register(name).await;
        office.complete(&registration).await;
        registrations.push(registration);
    }
    let requests = (0..12).map(|n| decisions::decide(office.app(), registrations[n % 3].id));
    for decided in futures_util::future::join_all(requests).await {
        decided.unwrap();
    }
    for registration in &registrations {
        assert_eq!(office.credits(registration).await.len(), 1);
    }
    assert!(entries::entry(office.app(), 3).await.unwrap().is_some());
    assert!(entries::entry(office.app(), 4).await.unwrap().is_none());
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn the_server_makes_decisions_that_are_due_by_itself() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    office.complete(&registration).await;
    let mut waited = 0;
    while office.credits(&registration).await.is_empty() {
        waited += 1;
        assert!(waited < 200, "no decision was made within ten seconds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let now = office.app().clock.now();
    while office.app().store.due(DECIDE, now).await.unwrap() > 0 {
        waited += 1;
        assert!(waited < 400, "a decision stays due");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(office.credits(&registration).await.len(), 1);
}

#[actix_web::test]
async fn at_every_step_the_learner_sees_what_is_missing() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    let step = async || {
        let ama = office.ama(&registration).await;
        let missing: Vec<_> = ama.decision.missing().filter_map(|finding| finding.step.clone()).collect();
        missing.first().cloned()
    };
    assert_eq!(step().await, Some(Step::FrontMatter));
    office.play(&registration).await;
    assert_eq!(step().await, Some(Step::Assessment));
    office.answer(&registration, 1, 2).await;
    assert_eq!(step().await, Some(Step::Assessment));
    office.answer(&registration, 2, 4).await;
    assert_eq!(step().await, Some(Step::Evaluation));
    office.finish(&registration, 2).await;
    assert_eq!(step().await, Some(Step::Claim));
    office.claim(&registration, Credits(50)).await;
    assert_eq!(step().await, None);
    office.decide(registration.id).await;
    let ama = office.ama(&registration).await;
    assert_eq!(ama.credit.unwrap().amount, Credits(50));
    let standing = office.standing(&registration).await;
    assert_eq!(standing.eligible().count(), 1, "a physician has no participation record");
}

#[actix_web::test]
async fn voided_evidence_takes_the_credit_back_and_new_evidence_earns_it_again() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let evaluated = office.standing(&registration).await.evidence.evaluations[0].id;
    void(&office, &registration, evaluated).await;
    let records = office.credits(&registration).await;
    assert_eq!(records[0].standing, CreditState::Revoked { entry: 2, approval: None });
    assert_eq!(office.ama(&registration).await.decision.finding(RuleId::V9).unwrap().status, Status::Unmet);
    assert_eq!(office.differences().await, Vec::<String>::new());

    office.finish(&registration, 1).await;
    office.decide(registration.id).await;
    let records = office.credits(&registration).await;
    let active: Vec<_> = records.iter().filter(|record| record.is_active()).collect();
    assert_eq!((records.len(), active.len(), active[0].entry), (2, 1, 3));
    assert_ne!(active[0].code, credit.code);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn an_attempt_whose_grade_was_voided_can_be_taken_again() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    let standing = office.standing(&registration).await;
    let sheet = assessment::open(office.app(), &standing).await.unwrap();
    let on = assessment::Edit { attempt: sheet.attempt, edition: sheet.edition };
    let right = standing.version.document.assessment.as_ref().unwrap().items.iter();
    let right: Responses = right.map(|item| (item.id.clone(), item.correct.iter().cloned().collect())).collect();
    assessment::submit(office.app(), &standing, on, right).await.unwrap();
    let standing = office.standing(&registration).await;
    assert!(matches!(assessment::open(office.app(), &standing).await, Err(assessment::Error::Passed)));
    void(&office, &registration, standing.evidence.attempts[0].id).await;
    let standing = office.standing(&registration).await;
    let again = assessment::open(office.app(), &standing).await.unwrap();
    assert_eq!((again.attempt, again.answers.len()), (2, 0), "a number never comes twice");
}

#[actix_web::test]
async fn a_credit_that_other_evidence_carries_too_is_corrected() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    office.finish(&registration, 1).await;
    let evaluated = office.standing(&registration).await.evidence.evaluations[0].id;
    void(&office, &registration, evaluated).await;
    let records = office.credits(&registration).await;
    let of = |id| records.iter().find(|record| record.id == id).unwrap();
    assert_eq!(of(credit.id).standing, CreditState::Superseded { entry: 2 });
    assert_eq!(records.iter().filter(|record| record.is_active()).count(), 1);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn what_happens_after_an_award_changes_nothing_about_it() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    office.claim(&registration, Credits(25)).await;
    office.answer(&registration, 2, 0).await;
    // Years later, long after the activity expired.
    office.after(3 * 365 * 24 * 60);
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await, [credit]);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_second_registration_in_the_same_period_earns_nothing_more() {
    // Credit is offered to the end of 2027, while the first version expires in June 2026 and is renewed.
    let mut first = document();
    first["dates"]["expires"] = json!("2026-06-30");
    for offering in ["0", "1"] {
        *first.pointer_mut(&format!("/offerings/{offering}/window/until")).unwrap() = json!("2026-06-30");
    }
    let office = Office::with(first).await;
    office.credited("Ada").await;
    let renewed = publish(office.app(), &document()).await.unwrap();
    office.after(150 * 24 * 60);
    let second = office.register("Ada").await;
    assert_eq!(second.version, renewed.version);
    let office = office.now_with(renewed);
    office.complete(&second).await;
    office.decide(second.id).await;
    assert_eq!(office.credits(&second).await, []);
    let decision = office.ama(&second).await.decision;
    let missing: Vec<_> = decision.missing().map(|finding| finding.rule).collect();
    assert_eq!(missing, [RuleId::V13], "{decision:#?}");
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_hold_is_decided_by_a_person_with_a_reason() {
    let mut document = document();
    document["integrity"]["minimum_seat_fraction"] = json!("1");
    let office = Office::with(document).await;
    let registration = office.register("Ada").await;
    office.complete(&registration).await;
    office.decide(registration.id).await;
    let held = office.ama(&registration).await;
    assert_eq!(held.decision.outcome, Outcome::Held);
    assert!(office.credits(&registration).await.is_empty());
    let person = office.account("Office", credit::Profession::Other).await;
    let signals: std::collections::BTreeSet<_> = [held.decision.signals[0].id.clone()].into();
    let settle = async |signals, reason| {
        registrations::record_decision(office.app(), registration.id, signals, &person, Verdict::Accepted, reason).await
    };
    assert!(matches!(settle(signals.clone(), " ").await, Err(registrations::Error::NoReason)));
    assert!(matches!(settle(["x".to_owned()].into(), "Why.").await, Err(registrations::Error::NoSignal(_))));
    settle(signals, "Reads fast; wrote the guideline.").await.unwrap();
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await.len(), 1);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_completion_date_is_the_providers_day() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    office.answer(&registration, 1, 4).await;
    // Half past eleven at night in New York, the next day in UTC.
    let now = office.app().clock.now();
    let night: jiff::Timestamp = "2026-03-02T04:29:00Z".parse().unwrap();
    office.after(night.duration_since(now).as_mins());
    office.finish(&registration, 1).await;
    office.claim(&registration, Credits(75)).await;
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await[0].completed.to_string(), "2026-03-01");
}

#[actix_web::test]
async fn a_statement_about_nobody_of_ours_decides_nothing() {
    let office = Office::open().await;
    let nobody = enduring::service::RegistrationId(uuid::Uuid::from_u128(5));
    let decided = decisions::decide(office.app(), nobody).await;
    assert!(matches!(decided, Err(decisions::Error::Registration(registrations::Error::Unknown(_)))));
    let registration = office.register("Ada").await;
    office.record(&registration, vec![Event::FeedbackShown { attempt: 1 }]).await;
    office.decide(registration.id).await;
    assert!(office.credits(&registration).await.is_empty());
}
