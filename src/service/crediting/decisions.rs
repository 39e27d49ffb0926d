//! Deciding: from the log of a registration to entries of the ledger. It may run any number of times and never records a
//! credit twice.
//!
//! [`decide`] reads everything again and does what is not done yet: it records a credit whose every rule is met, and when a
//! statement that an active credit rests on was voided, it corrects or revokes that credit. A valid award is never
//! reviewed otherwise: what happens later, expiry above all, revokes nothing.

use crate::service::crediting::holds;
use crate::service::learning::registrations::{self, OfferingStatus, RegistrationStatus};
use crate::service::ledger::credits::{self, CreditId, CreditRecord, CreditSalt, CreditState};
use crate::service::ledger::entries;
use crate::service::records::statements;
use crate::service::{App, RegistrationId, Stop, queues};
use base::hash::Sha256;
use base::ids;
use bytes::Bytes;
use credit::bundle::{Bundle, BundleError};
use credit::evidence::Facts;
use credit::holder::{Holder, Salt};
use credit::ledger::{Credit, Deed, SealError, make_code};
use credit::{Credits, Decision, Gap, Offering, Outcome, Profession, schema};
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Claim, Commit, Document as _, Records as _, StoreError, StoredDocument};
use xapi::StatementId;
use xapi::vocabulary::{activity_type, extension, iri, verb};

/// Why a decision could not be carried out. It stays due.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the credit record breaks its schema: {}", .0.iter().map(|gap| format!("{} {}", gap.pointer, gap.message)).collect::<Vec<_>>().join("; "))]
    Record(Vec<Gap>),
    #[error("an evidence bundle cannot be written or read: {0}")]
    Bundle(#[from] BundleError),
    #[error("the evidence bundle {0} is gone; restore the store from a backup")]
    NoBundle(Sha256),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Ledger(#[from] entries::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Whether another request was faster, so that trying again helps.
    fn is_race(&self) -> bool {
        let (Self::Store(store) | Self::Ledger(entries::Error::Store(store))) = self else { return false };
        matches!(store, StoreError::Stale { .. } | StoreError::Taken { .. })
    }
}

/// What a decision calls for.
enum Act<'a> {
    Award { offering: &'a Offering, decision: Decision, amount: Credits },
    Correct { own: CreditId, offering: &'a Offering, decision: Decision, amount: Credits, voided: Vec<StatementId> },
    Revoke { own: CreditId, voided: Vec<StatementId> },
}

/// Decides about a registration and carries it out. Doing it again does nothing more.
pub async fn decide(app: &App, id: RegistrationId) -> Result<(), Error> {
    let status = carry_out(app, registrations::status(app, id).await?).await?;
    Ok(holds::note(app, &status).await?)
}

/// As [`decide`], about a registration that was read already; returns it as it is afterwards.
pub(in crate::service) async fn carry_out(
    app: &App,
    mut status: RegistrationStatus,
) -> Result<RegistrationStatus, Error> {
    // Every award races with every other of the provider for the ledger's end, so the one that loses retries many times.
    const PATIENCE: usize = 64;
    for _ in 0..PATIENCE {
        match act_once(app, &status).await {
            Ok(ActOutcome::Nothing) => return Ok(status),
            Ok(ActOutcome::Recorded) => status.advance_edition(),
            Ok(ActOutcome::Revoked) => {}
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error),
        }
        status.refresh(app).await?;
    }
    Err(StoreError::Busy.into())
}

/// What an attempt to act has done.
enum ActOutcome {
    Nothing,
    /// A credit was recorded, and the registration written with it.
    Recorded,
    Revoked,
}

/// Does the first thing that is to be done, if there is any.
async fn act_once(app: &App, status: &RegistrationStatus) -> Result<ActOutcome, Error> {
    let facts = status.facts(app)?;
    let case = Case { app, status, facts: &facts };
    for offering in &status.offerings {
        if let Some(act) = case.next(offering).await? {
            let acted = if matches!(act, Act::Revoke { .. }) { ActOutcome::Revoked } else { ActOutcome::Recorded };
            case.carry_out(act).await?;
            return Ok(acted);
        }
    }
    Ok(ActOutcome::Nothing)
}

/// A credit that is about to be recorded, and whom it is made out to.
struct NewCredit {
    credit: Credit,
    holder: Holder,
    salt: Salt,
}

/// One registration, as it is decided about.
struct Case<'a> {
    app: &'a App,
    status: &'a RegistrationStatus,
    facts: &'a Facts<'a>,
}

impl Case<'_> {
    async fn next<'a>(&self, offering_status: &'a OfferingStatus) -> Result<Option<Act<'a>>, Error> {
        let OfferingStatus { offering, decision, credit } = offering_status;
        let own = credit.as_ref().filter(|credit| credit.is_active());
        let voided = match own {
            Some(own) => self.voided_under(own).await?,
            None => Vec::new(),
        };
        if own.is_some() && voided.is_empty() {
            return Ok(None);
        }
        // What two people revoked, only two people let count again.
        if credit.as_ref().is_some_and(CreditRecord::is_revoked_by_hand) {
            return Ok(None);
        }
        let decision = decision.clone();
        Ok(match (own.map(|own| own.id), decision.outcome) {
            // After an erasure of the learner, nothing more is awarded.
            (None, Outcome::Award { amount }) if self.status.account().is_some() => {
                Some(Act::Award { offering, decision, amount })
            }
            (Some(own), Outcome::Award { amount }) => Some(Act::Correct { own, offering, decision, amount, voided }),
            (Some(own), Outcome::Held | Outcome::Open) => Some(Act::Revoke { own, voided }),
            (None, _) => None,
        })
    }

    /// The statements that `credit` rests on and that were voided since.
    async fn voided_under(&self, credit: &CreditRecord) -> Result<Vec<StatementId>, Error> {
        if self.status.evidence.voided.is_empty() {
            return Ok(Vec::new());
        }
        let bundle = bundle(self.app, credit).await?;
        let rests_on = bundle.decision.rests_on();
        let despite = credit.reinstated.as_ref().map(|reinstated| &reinstated.despite);
        let counts = |id: &StatementId| despite.is_none_or(|despite| !despite.contains(id));
        let voided = &self.status.evidence.voided;
        Ok(rests_on.into_iter().filter(|id| voided.contains_key(id) && counts(id)).collect())
    }

    async fn carry_out(&self, act: Act<'_>) -> Result<(), Error> {
        match act {
            Act::Award { offering, decision, amount } => {
                let made = self.credit(offering, decision, amount, None).await?;
                self.record(Deed::Award { credit: made.credit.clone() }, Some(&made), None).await
            }
            Act::Correct { own, offering, decision, amount, voided } => {
                let made = self.credit(offering, decision, amount, Some(own)).await?;
                let deed = Deed::Correction { supersedes: own.0, credit: made.credit.clone(), voided };
                self.record(deed, Some(&made), Some(own)).await
            }
            Act::Revoke { own, voided } => {
                self.record(Deed::Revocation { credit: own.0, voided, approval: None }, None, Some(own)).await
            }
        }
    }

    /// The credit of a decision, with its evidence bundle kept; it may replace another.
    async fn credit(
        &self,
        offering: &Offering,
        decision: Decision,
        amount: Credits,
        replaces: Option<CreditId>,
    ) -> Result<NewCredit, Error> {
        let holder = self.holder(replaces).await?;
        let salt = Salt::of(&ids::secret());
        let (tier, completed) = (decision.tier, decision.completed);
        let zone = &self.app.config.provider.time_zone;
        let bundle = Bundle::new(self.facts, zone, &self.status.evidence, self.status.through(), decision).write()?;
        let today = registrations::today(self.app)?;
        let credit = Credit {
            id: ids::random(),
            learner: self.status.registration.learner.0,
            registration: self.status.registration.id.0,
            activity: self.status.version.activity.clone(),
            version: self.status.version.version,
            document: self.status.version.sha256,
            package: self.status.version.package_sha256,
            offering: offering.id.clone(),
            system: offering.system,
            window: offering.window,
            amount,
            // V2 is met, so there is a completion date.
            completed: completed.unwrap_or(today),
            tier,
            bundle: self.app.store.keep(Bytes::from(bundle)).await?,
            holder: Some(holder.sealed(salt).map_err(SealError::from).map_err(entries::Error::from)?),
        };
        Ok(NewCredit { credit, holder, salt })
    }

    /// Who the certificate is made out to: the learner, or whom the replaced credit names when the account is gone.
    async fn holder(&self, replaces: Option<CreditId>) -> Result<Holder, Error> {
        let name = match (self.status.account(), replaces) {
            (Some(account), _) => account.document.name.clone(),
            (None, Some(replaced)) => {
                credits::get(self.app, replaced).await?.map(|record| record.name).unwrap_or_default()
            }
            (None, None) => String::new(),
        };
        let registered = self.status.evidence.registered.as_ref();
        let profession = registered.map_or(Profession::Other, |registered| registered.said.profession);
        Ok(Holder { name, profession, code: make_code(&ids::secret()) })
    }

    /// Appends `deed` to the ledger, with the record that it makes and the one that it ends, in one commit.
    async fn record(&self, deed: Deed, makes: Option<&NewCredit>, ends: Option<CreditId>) -> Result<(), Error> {
        let app = self.app;
        let superseded = matches!(deed, Deed::Correction { .. });
        let entries::PendingEntry { number, writes } = entries::append(app, deed).await?;
        let mut commit = Commit { writes, ..Commit::default() };
        if let Some(account) = self.status.account() {
            commit.writes.extend(makes.map(|_| account.replace()).transpose()?);
        }
        // Both are written as they are: an erasure of the account, or of someone whom the evidence names, looks for credits
        // first and cannot come between.
        commit.writes.extend(makes.map(|_| self.status.kept().replace()).transpose()?);
        if let Some(id) = ends {
            let kept = app.store.get::<CreditRecord>(&app.provider, &id.to_string()).await?;
            let stale = || StoreError::Stale { kind: CreditRecord::KIND.name, key: id.to_string() };
            let mut kept: StoredDocument<CreditRecord> =
                kept.filter(|kept| kept.document.is_active()).ok_or_else(stale)?;
            kept.document.standing = if superseded {
                CreditState::Superseded { entry: number }
            } else {
                CreditState::Revoked { entry: number, approval: None }
            };
            commit.writes.push(kept.replace()?);
        }
        if let Some(made) = makes {
            let NewCredit { credit, holder, salt } = made;
            let bound = CreditSalt { credit: CreditId(credit.id), salt: *salt, profession: holder.profession };
            commit.writes.extend([self.credit_record(credit, number, holder)?.insert()?, bound.insert()?]);
            commit.statements = statements::author(app, vec![self.earned(credit)])?;
        }
        statements::commit(app, commit).await?;
        Ok(())
    }

    fn credit_record(&self, credit: &Credit, entry: u64, holder: &Holder) -> Result<CreditRecord, Error> {
        let record = CreditRecord {
            id: CreditId(credit.id),
            learner: self.status.registration.learner,
            name: holder.name.clone(),
            registration: self.status.registration.id,
            activity: credit.activity.clone(),
            version: credit.version,
            offering: credit.offering.clone(),
            system: credit.system,
            window: credit.window,
            amount: credit.amount,
            completed: credit.completed,
            recorded: self.app.clock.now(),
            tier: credit.tier,
            standing: CreditState::Active,
            reinstated: None,
            code: holder.code.clone(),
            entry,
            bundle: credit.bundle,
        };
        let gaps = schema::CREDIT_RECORD.gaps(&json!(record));
        if gaps.is_empty() { Ok(record) } else { Err(Error::Record(gaps)) }
    }

    /// The statement that informs other tools of the award. It follows from the evidence and is never evidence itself.
    fn earned(&self, credit: &Credit) -> Value {
        let subject = registrations::subject(self.app, &self.status.registration, &self.status.version);
        json!({
            "actor": subject.agent(credit.learner),
            "verb": {"id": verb::EARNED, "display": {"en": "earned"}},
            "object": {
                "objectType": "Activity",
                "id": iri::offering(&subject.iri(), credit.offering.as_str()),
                "definition": {"type": activity_type::OFFERING},
            },
            "result": {"response": credit.amount},
            "context": {
                "registration": credit.registration,
                "revision": credit.version.to_string(),
                "platform": "Enduring",
                "contextActivities": {"grouping": [{"objectType": "Activity", "id": subject.iri()}]},
                "extensions": {extension::CREDIT: credit.id},
            },
            "timestamp": xapi::instant(self.app.clock.now()),
        })
    }
}

/// The evidence bundle of a credit.
pub async fn bundle(app: &App, credit: &CreditRecord) -> Result<Bundle, Error> {
    Ok(Bundle::read(&bundle_bytes(app, credit).await?)?)
}

/// The evidence bundle of a credit, byte for byte as the ledger signs its hash.
pub async fn bundle_bytes(app: &App, credit: &CreditRecord) -> Result<Bytes, Error> {
    let bytes = app.store.blob(credit.bundle, 0..u64::MAX).await?;
    bytes.ok_or(Error::NoBundle(credit.bundle))
}

/// How long one worker may take over one decision before another tries it.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How long the worker rests when nothing is due.
const REST: Duration = Duration::from_millis(250);
/// How many decisions are claimed at once.
const BATCH: usize = 16;

/// Makes the decisions that are due, until requested to stop. One that fails is retried when its lease has lapsed.
pub async fn run(app: App, mut stop: Stop) {
    while !stop.is_requested() {
        let claims = match app.store.claim(queues::claims(queues::DECIDE, app.clock.now(), LEASE, BATCH)).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::error!(%error, "cannot see which decisions are due");
                Vec::new()
            }
        };
        let idle = claims.is_empty();
        join_all(claims.into_iter().map(|claim| process(&app, claim))).await;
        if idle {
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(REST) => {}
            }
        }
    }
}

async fn process(app: &App, claim: Claim) {
    let app = App { provider: claim.provider.clone(), ..app.clone() };
    let decided = match claim.key.parse() {
        Ok(id) => decide(&app, RegistrationId(id)).await,
        // Not a key that we write; there is nothing to decide.
        Err(_) => Ok(()),
    };
    match decided {
        // A statement can name a registration that is not one of ours.
        Ok(()) | Err(Error::Registration(registrations::Error::Unknown(_))) => {
            let key = claim.key.clone();
            let done = Commit { done: vec![claim], ..Commit::default() };
            match app.store.commit(&app.provider, done).await {
                // Lapsed: it is due again, and will be retried.
                Ok(_) | Err(StoreError::Lapsed { .. }) => {}
                Err(error) => tracing::error!(registration = key, %error, "a decision was made and stays due"),
            }
        }
        Err(error) => {
            tracing::error!(registration = claim.key, attempts = claim.attempts, %error, "a decision failed and stays due");
        }
    }
}
