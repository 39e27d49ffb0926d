//! Learners who begin, and who pass and claim when they have played, while the program is down: so that their decisions
//! are due when it starts.

use super::{Client, PLAYERS, Player, beside};
use crate::harness::BinApp;
use base::clock::SystemClock;
use credit::{Event, OfferingId};
use enduring::service::catalogue::activities;
use enduring::service::learning::assessment::{self, Edit};
use enduring::service::learning::registrations::{self, RegistrationStatus};
use enduring::service::learning::{enrollment, evaluation};
use enduring::service::people::accounts::{self, Person};
use enduring::service::queues::DECIDE;
use enduring::service::{AccountIssuer, App, Profession, RegistrationId, Role};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Commit, StoreError};

const ACTIVITY: &str = "af-stroke-prevention";

/// Who has claimed credit, and how many have started.
#[derive(Default)]
pub(super) struct Claims {
    claimed: Vec<RegistrationId>,
    begun: u32,
}

impl Claims {
    pub(super) fn count(&self) -> usize {
        self.claimed.len()
    }

    /// Those who have played to the end go on to the claim, and a few more begin.
    pub(super) async fn while_it_is_down(&mut self, program: &BinApp, players: &mut Vec<Player>) {
        let app = App::open(program.config(), Arc::new(SystemClock)).await.unwrap();
        for done in players.extract_if(.., |player| player.is_done()) {
            claim(&app, done.registration).await;
            self.claimed.push(done.registration);
        }
        while players.len() < PLAYERS {
            self.begun += 1;
            players.push(Player::new(begin(&app, self.begun).await));
        }
        app.store.close().await.unwrap();
    }

    /// Waits until no decision is due any more; then everyone who claimed has one credit.
    pub(super) async fn are_decided(&self, program: &BinApp, client: &Client) {
        let store = beside(program).await.store;
        let begun = Instant::now();
        while store.due(DECIDE, jiff::Timestamp::MAX).await.unwrap() > 0 {
            assert!(begun.elapsed() < Duration::from_mins(1), "decisions stay due");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        store.close().await.unwrap();
        for registration in &self.claimed {
            let found = client.get(&format!("/api/v1/credits?registration={registration}")).await;
            assert_eq!(found["credits"].as_array().unwrap().len(), 1, "credits of {registration}: {found}");
        }
        let all = client.get("/api/v1/credits").await;
        assert_eq!(all["credits"].as_array().unwrap().len(), self.claimed.len(), "nobody else has a credit");
    }
}

async fn begin(app: &App, number: u32) -> RegistrationId {
    let person = Person {
        issuer: AccountIssuer::Api,
        subject: format!("physician-{number}"),
        name: format!("Physician {number}"),
        family_name: String::new(),
        given_name: String::new(),
        profession: Profession::Physician,
        roles: BTreeSet::from([Role::Learner]),
    };
    let account = again(async || accounts::find_or_create(app, &person).await).await;
    let version = again(async || activities::current(app, ACTIVITY).await).await;
    again(async || enrollment::begin(app, &account, &version, Some(version.version), true).await).await.id
}

/// Everything from the assessment to the claim. The decision is left to the program.
async fn claim(app: &App, id: RegistrationId) {
    let standing = async || again(async || registrations::status(app, id).await).await;
    pass(app, &standing().await).await;
    record(app, &standing().await, Event::FeedbackShown { attempt: 1 }).await;
    evaluate(app, &standing().await).await;
    let standing = standing().await;
    let offering = standing.eligible().next().unwrap().offering.clone();
    let missing: Vec<_> =
        standing.eligible().flat_map(|open| open.decision.missing()).map(|rule| &rule.reason).collect();
    assert_eq!(missing.len(), 1, "only the claim is missing: {missing:?}");
    let claimed = Event::Claimed { offering: OfferingId(offering.id.0), amount: offering.maximum, attested: true };
    record(app, &standing, claimed).await;
}

async fn record(app: &App, standing: &RegistrationStatus, event: Event) {
    let events = || vec![event.clone()];
    again(async || registrations::record(app, &standing.registration, events(), Commit::default()).await).await;
}

async fn pass(app: &App, standing: &RegistrationStatus) {
    let sheet = again(async || assessment::open(app, standing).await).await;
    let items = &standing.version.document.assessment.as_ref().unwrap().items;
    let right = || items.iter().map(|item| (item.id.clone(), item.correct.iter().cloned().collect())).collect();
    let edit = || Edit { attempt: sheet.attempt, edition: sheet.edition };
    assert!(again(async || assessment::submit(app, standing, edit(), right()).await).await.passed);
}

async fn evaluate(app: &App, standing: &RegistrationStatus) {
    let items = &standing.version.document.evaluation.as_ref().unwrap().items;
    let answer = |choices: &[String]| choices.first().cloned().unwrap_or_else(|| "4".to_owned());
    let answers = || items.iter().map(|item| (item.id.clone(), answer(&item.choices))).collect();
    again(async || evaluation::submit(app, standing, 0, answers()).await).await;
}

/// Repeats what the store was too busy for or could not be reached for, such as while a new primary is chosen, as its refusal
/// says to do.
async fn again<T, E: Display>(mut attempt: impl AsyncFnMut() -> Result<T, E>) -> T {
    let passing = [StoreError::Busy, StoreError::Unavailable].map(|error| error.to_string());
    for _ in 0..60 {
        match attempt().await {
            Ok(done) => return done,
            Err(error) if passing.contains(&error.to_string()) => {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the store stays too busy, or away");
}
