//! How much is read for a claim, and that nothing is left out where there is much.

use super::office::Office;
use crate::harness::CountingStore;
use base::clock::FixedClock;
use enduring::service::crediting::claims;
use enduring::service::learning::registrations;
use enduring::service::queues::DECIDE;
use enduring::service::{Registration, RegistrationId};
use jiff::ToSpan as _;
use std::sync::Arc;
use std::time::Duration;
use store::{Commit, Document as _, Scan};
use uuid::Uuid;
use xapi::token;

#[actix_web::test]
async fn a_claim_reads_each_statement_of_its_registration_once() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    office.play(&registration).await;
    office.answer(&registration, 1, 3).await;
    office.finish(&registration, 1).await;
    let now = office.app().clock.now();
    let mut waited = 0;
    while office.app().store.due(DECIDE, now).await.unwrap() > 0 {
        waited += 1;
        assert!(waited < 400, "a decision stays due");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut app = office.app().clone();
    // What follows from the claim is due later than the server's clock says: it decides nothing at the same time.
    app.clock = Arc::new(FixedClock::at(now + 1.minutes()));
    let store = CountingStore::under(&mut app);

    let standing = registrations::status(&app, registration.id).await.unwrap();
    claims::claim(&app, &standing, &"ama".into(), "0.75", true).await.unwrap();

    let (scans, read) = store.scans();
    let all = Scan::everything(vec![token::registration(registration.id.0)], 1000);
    let all = app.store.scan(&app.provider, all).await.unwrap().len();
    assert_eq!(office.credits(&registration).await.len(), 1);
    assert_eq!(read, all, "statements read, of those that there are after the claim");
    assert_eq!(scans, 3, "everything, what the claim added, and what the award added");
}

#[actix_web::test]
async fn a_learner_with_many_registrations_is_shown_all_of_them() {
    const MANY: u128 = 2001;
    let office = Office::open().await;
    let account = office.account("Ada", credit::Profession::Physician).await;
    let begun = office.app().clock.now();
    let registration = |n: u128| Registration {
        id: RegistrationId(Uuid::from_u128(n)),
        learner: account.id,
        activity: format!("activity-{n}"),
        version: 1,
        created: begun,
        rules: credit::RuleSetName::default(),
        turn: 0,
        restarts: None,
        restarted_as: None,
    };
    let writes = (1..=MANY).map(|n| registration(n).insert().unwrap()).collect::<Vec<_>>();
    for writes in writes.chunks(500) {
        let commit = Commit { writes: writes.to_vec(), ..Commit::default() };
        office.app().store.commit(&office.app().provider, commit).await.unwrap();
    }
    let shown = registrations::of_learner(office.app(), &account).await.unwrap();
    assert_eq!(shown.len(), usize::try_from(MANY).unwrap());
    let expected: Vec<_> = (1..=MANY).rev().map(|n| registration(n).id).collect();
    assert_eq!(shown.into_iter().map(|shown| shown.id).collect::<Vec<_>>(), expected, "the last first");
}
