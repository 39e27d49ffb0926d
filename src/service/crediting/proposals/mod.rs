//! Acts that take or give credit by hand need two people: one proposes an act with a reason, and another approves or
//! declines it with theirs.
//!
//! A [`Proposal`] is a record; nothing else happens until it is approved. Then the act and the end of the proposal are one
//! commit, and both people are named in what it writes: a voiding statement, an event of the log, or an entry of the ledger.

mod carrying_out;

use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, RegistrationStatus, stated};
use crate::service::ledger::credits::{CreditId, CreditRecord, CreditState};
use crate::service::ledger::entries;
use crate::service::records::statements;
use crate::service::{Account, AccountId, App, RegistrationId};
use base::ids;
use credit::{Credits, OfferingId, RuleId, RuleSetName};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Key, Kind, Order, Records as _, Span, StoreError, StoredDocument};
use uuid::Uuid;
use xapi::StatementId;

/// How long a proposal waits for a second person.
pub const WAITS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How many are listed at once.
const AT_ONCE: usize = 100;

/// An act that takes or gives credit by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HandAct {
    /// Voids a statement that the registration rests on.
    Void { statement: StatementId },
    /// Revokes a credit that counts.
    Revoke { credit: CreditId },
    /// Lets a revoked credit count again.
    Reinstate { credit: CreditId },
    /// Awards credit as completed on a day, where the log does not show all of it.
    Award { offering: OfferingId, amount: Credits, completed: Date },
}

/// An act that one person proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: Uuid,
    pub registration: RegistrationId,
    #[serde(flatten)]
    pub act: HandAct,
    pub proposed_by: AccountId,
    pub reason: String,
    pub proposed: Timestamp,
    /// From then on it can no longer be approved.
    pub expires: Timestamp,
    pub state: ProposalState,
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ProposalState {
    Waiting,
    Approved(Answer),
    Declined(Answer),
}

/// What the second person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub by: AccountId,
    pub at: Timestamp,
    pub reason: String,
}

impl Proposal {
    /// Whether a second person can still decide about it at `now`.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.state == ProposalState::Waiting && now < self.expires
    }
}

impl Document for Proposal {
    const KIND: &'static Kind = &Kind {
        name: "proposal",
        indexes: &[Index { name: "waiting", unique: false }, Index { name: "registration", unique: false }],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let proposed = xapi::instant(self.proposed);
        let key = Key::of(&[&self.registration, &proposed]).into();
        let mut keys = vec![IndexKey { index: "registration", key }];
        if self.state == ProposalState::Waiting {
            keys.push(IndexKey { index: "waiting", key: proposed });
        }
        keys
    }
}

/// Why an act was not proposed, approved or declined. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such proposal; the desk lists those that wait for a second person")]
    Unknown,
    #[error(
        "you proposed this yourself, so somebody else must decide; ask another coordinator, or have a second account made for one"
    )]
    SamePerson,
    #[error("this proposal was decided before, or it has expired; the page of the registration says what became of it")]
    NotWaiting,
    #[error("this was proposed already and waits for a second person")]
    Doubled,
    #[error("nothing about this learner rests on that statement any more; check the list again")]
    NotEvidence,
    #[error("this registration has no such credit that counts; read the page again")]
    NotActive,
    #[error(
        "this registration has no such credit that was revoked, or another one has taken its place; read the page again"
    )]
    NotRevoked,
    #[error("this activity offers no such credit")]
    NoOffering,
    #[error("credit from this offering counts already, or two people revoked it; reinstate that instead")]
    Credited,
    #[error("award at most {maximum}, in steps of {step}")]
    Amount { maximum: Credits, step: Credits },
    #[error("the completion date must be within the offering's window and not in the future: {from} to {until}")]
    Day { from: Date, until: Date },
    #[error(
        "this registration began under the rule set {0}, which knows no award by hand; restart the registration and award it \
         there"
    )]
    NoAwards(RuleSetName),
    #[error("no credit can be awarded by hand while this is missing: {0}")]
    Missing(String),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Decision(#[from] decisions::Error),
    #[error(transparent)]
    Ledger(#[from] entries::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Proposes `act` in the name of `by`.
pub async fn propose(
    app: &App,
    registration: RegistrationId,
    act: HandAct,
    by: &Account,
    reason: &str,
) -> Result<Proposal, Error> {
    let reason = stated(reason)?;
    let status = registrations::status(app, registration).await?;
    check(app, &status, &act)?;
    let now = app.clock.now();
    if of_registration(app, registration).await?.iter().any(|known| known.is_waiting(now) && known.act == act) {
        return Err(Error::Doubled);
    }
    let proposal = Proposal {
        id: ids::random(),
        registration,
        act,
        proposed_by: by.id,
        reason,
        proposed: now,
        expires: now.saturating_add(WAITS).unwrap_or(Timestamp::MAX),
        state: ProposalState::Waiting,
    };
    app.store.commit(&app.provider, Commit { writes: vec![proposal.insert()?], ..Commit::default() }).await?;
    Ok(proposal)
}

/// Approves a proposal in the name of `by`, who is not the one who made it, and carries the act out.
pub async fn approve(app: &App, id: Uuid, by: &Account, reason: &str) -> Result<Proposal, Error> {
    let (kept, answer) = decidable(app, id, by, reason).await?;
    carrying_out::carry_out(app, kept, answer).await
}

/// Declines a proposal in the name of `by`, who is not the one who made it.
pub async fn decline(app: &App, id: Uuid, by: &Account, reason: &str) -> Result<Proposal, Error> {
    let (mut kept, answer) = decidable(app, id, by, reason).await?;
    kept.document.state = ProposalState::Declined(answer);
    let commit = Commit { writes: vec![kept.replace()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(kept.document),
        Err(StoreError::Stale { .. }) => Err(Error::NotWaiting),
        Err(error) => Err(error.into()),
    }
}

async fn decidable(
    app: &App,
    id: Uuid,
    by: &Account,
    reason: &str,
) -> Result<(StoredDocument<Proposal>, Answer), Error> {
    let kept = app.store.get::<Proposal>(&app.provider, &id.to_string()).await?.ok_or(Error::Unknown)?;
    let now = app.clock.now();
    if !kept.document.is_waiting(now) {
        return Err(Error::NotWaiting);
    }
    if kept.document.proposed_by == by.id {
        return Err(Error::SamePerson);
    }
    Ok((kept, Answer { by: by.id, at: now, reason: stated(reason)? }))
}

/// The proposal of this id.
pub async fn get(app: &App, id: Uuid) -> Result<Proposal, Error> {
    let kept = app.store.get::<Proposal>(&app.provider, &id.to_string()).await?;
    Ok(kept.ok_or(Error::Unknown)?.document)
}

/// Those that wait for a second person, the longest first.
pub async fn waiting(app: &App) -> Result<Vec<Proposal>, StoreError> {
    let found = app.store.list::<Proposal>(&app.provider, Span::beginning("waiting", "", AT_ONCE)).await?;
    let now = app.clock.now();
    Ok(found.into_iter().map(|kept| kept.document).filter(|proposal| proposal.is_waiting(now)).collect())
}

/// Those about a registration, whatever became of them; the last first.
pub async fn of_registration(app: &App, id: RegistrationId) -> Result<Vec<Proposal>, StoreError> {
    let span = Span { order: Order::Newest, ..Span::beginning("registration", &Key::beginning(&[&id]), Span::ALL) };
    let found = app.store.list::<Proposal>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}

/// Whether `act` makes sense in a registration as it is now.
fn check(app: &App, status: &RegistrationStatus, act: &HandAct) -> Result<(), Error> {
    match act {
        HandAct::Void { statement } => {
            let counted = status.evidence.statements.iter().any(|counted| counted.id == *statement);
            if counted { Ok(()) } else { Err(Error::NotEvidence) }
        }
        HandAct::Revoke { credit } => {
            credit_of(status, *credit, CreditRecord::is_active).map_or(Err(Error::NotActive), |_| Ok(()))
        }
        HandAct::Reinstate { credit } => {
            let revoked = |record: &CreditRecord| matches!(record.standing, CreditState::Revoked { .. });
            credit_of(status, *credit, revoked).map_or(Err(Error::NotRevoked), |_| Ok(()))
        }
        HandAct::Award { offering, amount, completed } => award(app, status, offering, *amount, *completed),
    }
}

fn award(
    app: &App,
    status: &RegistrationStatus,
    offering: &OfferingId,
    amount: Credits,
    completed: Date,
) -> Result<(), Error> {
    if status.account().is_none() {
        return Err(Error::Missing("The learner was erased.".to_owned()));
    }
    if status.registration.rules == RuleSetName::FIRST {
        return Err(Error::NoAwards(RuleSetName::FIRST));
    }
    let offered = status.offerings.iter().find(|known| known.offering.id == *offering).ok_or(Error::NoOffering)?;
    if offered.credit.as_ref().is_some_and(|credit| credit.is_active() || credit.is_revoked_by_hand()) {
        return Err(Error::Credited);
    }
    let (maximum, step, window) = (offered.offering.maximum, offered.offering.step, offered.offering.window);
    if amount == Credits(0) || amount > maximum || !amount.is_multiple_of(step) {
        return Err(Error::Amount { maximum, step });
    }
    if !window.contains(completed) || completed > registrations::today(app)? {
        return Err(Error::Day { from: window.from, until: window.until });
    }
    let held = [RuleId::V1, RuleId::V6, RuleId::V11, RuleId::V13, RuleId::V15];
    match offered.decision.missing().find(|finding| held.contains(&finding.rule)) {
        Some(missing) => Err(Error::Missing(missing.reason.clone())),
        None => Ok(()),
    }
}

/// The record of the registration that an offering shows, if it is this one and `is` so.
fn credit_of(status: &RegistrationStatus, id: CreditId, is: impl Fn(&CreditRecord) -> bool) -> Option<&CreditRecord> {
    status.offerings.iter().filter_map(|offering| offering.credit.as_ref()).find(|credit| credit.id == id && is(credit))
}
