//! The status of a registration: everything that its pages and its decisions need, read once and passed along.

use super::{Error, LogAddition, facts, kept, log, log_after, record_in};
use crate::service::catalogue::activities;
use crate::service::ledger::credits::{self, CreditRecord};
use crate::service::people::accounts;
use crate::service::{Account, ActivityVersion, App, Registration, RegistrationId};
use bytes::Bytes;
use credit::assessment::AttemptHistory;
use credit::evidence::{Evidence, Facts, LoggedStatement};
use credit::{ActiveCredit, Decision, Event, Offering, RuleSet, Signal, Verdict, rule_sets};
use std::collections::BTreeSet;
use store::{Commit, CommitReceipt, Seq, Span, StoredDocument};

/// A registration with everything that follows from the log, as it was when it was read.
#[derive(Debug, Clone)]
pub struct RegistrationStatus {
    pub registration: Registration,
    pub version: ActivityVersion,
    pub evidence: Evidence,
    /// One for each credit offering, in the order of the document.
    pub offerings: Vec<OfferingStatus>,
    /// The version of the registration's record.
    edition: u64,
    /// The learner's; none after an erasure.
    account: Option<StoredDocument<Account>>,
    /// Every statement of the registration, in its order.
    pub(super) log: Vec<LoggedStatement<Bytes>>,
    /// The learner's credit records, the last recorded first.
    known: Vec<CreditRecord>,
}

/// The status of one credit offering.
#[derive(Debug, Clone)]
pub struct OfferingStatus {
    pub offering: Offering,
    pub decision: Decision,
    /// What was recorded for this registration, if anything was: the active record, or else the last one.
    pub credit: Option<CreditRecord>,
}

impl OfferingStatus {
    /// The integrity signals that a person has not decided about, while there is no credit that they could change.
    pub fn open_signals(&self) -> impl Iterator<Item = &Signal> {
        let signals = self.credit.is_none().then_some(&self.decision.signals);
        signals.into_iter().flatten().filter(|signal| signal.settled.is_none())
    }
}

/// The status of a registration, by the log as it is now.
pub async fn status(app: &App, id: RegistrationId) -> Result<RegistrationStatus, Error> {
    let StoredDocument { version: edition, document: registration } = kept(app, id).await?;
    let version = activities::version(app, &registration.activity, registration.version).await?;
    let account = accounts::stored(app, registration.learner).await?;
    let log = log(app, id).await?;
    let known = credits::of_learner(app, registration.learner, Span::ALL).await?;
    let facts = facts(app, &registration, &version)?;
    let rules = app.rule_sets.of(&facts, &log)?;
    let evidence = rules.fold(&facts, &log);
    let offerings = offering_statuses(rules, &facts, &evidence, &known);
    Ok(RegistrationStatus { registration, version, evidence, offerings, edition, account, log, known })
}

impl RegistrationStatus {
    /// The offerings that are open to the learner's profession.
    pub fn eligible(&self) -> impl Iterator<Item = &OfferingStatus> {
        let profession = self.evidence.registered.as_ref().map(|registered| registered.said.profession);
        let open = move |status: &&OfferingStatus| {
            profession.is_some_and(|profession| status.offering.professions.contains(&profession))
        };
        self.offerings.iter().filter(open)
    }

    /// The attempts at the assessment so far.
    pub(in crate::service) fn attempts(&self, app: &App) -> Result<AttemptHistory, Error> {
        Ok(AttemptHistory {
            counted: self.evidence.attempts.iter().map(|proof| (proof.at, proof.said)).collect(),
            highest: rule_sets::highest_attempt(&self.facts(app)?, &self.log),
            granted: u32::try_from(self.evidence.granted.len()).unwrap_or(u32::MAX),
        })
    }

    /// The position in the log of its last statement that was read.
    pub(in crate::service) fn through(&self) -> u64 {
        self.log.last().map_or(0, |statement| statement.seq)
    }

    /// The registration, with the version of its record.
    pub(in crate::service) fn kept(&self) -> StoredDocument<Registration> {
        StoredDocument { version: self.edition, document: self.registration.clone() }
    }

    /// The learner's account; none after an erasure.
    pub(in crate::service) fn account(&self) -> Option<&StoredDocument<Account>> {
        self.account.as_ref()
    }

    /// What is known about the registration before its statements are read.
    pub(in crate::service) fn facts<'a>(&'a self, app: &'a App) -> Result<Facts<'a>, Error> {
        facts(app, &self.registration, &self.version)
    }

    /// Writes what happened into the log, as [`super::record`] does.
    pub(in crate::service) async fn record(
        &self,
        app: &App,
        events: Vec<Event>,
        extra: Commit,
    ) -> Result<CommitReceipt, Error> {
        record_in(app, &self.registration, &self.version, events, extra).await
    }

    /// Notes that the caller has just replaced the registration's record by itself.
    pub(in crate::service) fn advance_edition(&mut self) {
        self.edition = self.edition.saturating_add(1);
    }

    /// Reads again only what may have changed: of the log, what was added.
    ///
    /// What was read of the log before is as it was, unless an erasure has redacted it; then it has written the
    /// registration too, and all of it is read again.
    pub(in crate::service) async fn refresh(&mut self, app: &App) -> Result<(), Error> {
        let id = self.registration.id;
        let kept = kept(app, id).await?;
        if kept.version != self.edition || kept.document != self.registration {
            *self = status(app, id).await?;
            return Ok(());
        }
        self.account = accounts::stored(app, self.registration.learner).await?;
        let LogAddition { log: added, is_voided } = log_after(app, id, Seq(self.through())).await?;
        if is_voided {
            // A voiding statement is found together with its target, even where the target came long before.
            *self = status(app, id).await?;
            return Ok(());
        }
        self.known = credits::of_learner(app, self.registration.learner, Span::ALL).await?;
        let has_more = !added.is_empty();
        self.log.extend(added);
        let facts = facts(app, &self.registration, &self.version)?;
        let rules = app.rule_sets.of(&facts, &self.log)?;
        if has_more {
            self.evidence = rules.fold(&facts, &self.log);
        }
        self.offerings = offering_statuses(rules, &facts, &self.evidence, &self.known);
        Ok(())
    }
}

/// What follows from the evidence for each offering.
fn offering_statuses(
    rules: &RuleSet,
    facts: &Facts<'_>,
    evidence: &Evidence,
    known: &[CreditRecord],
) -> Vec<OfferingStatus> {
    let registration = RegistrationId(facts.registration);
    let others = others(known, registration);
    let judge = |offering: &Offering| OfferingStatus {
        offering: offering.clone(),
        decision: rules.decide(facts, offering, evidence, &others),
        credit: credit_of(known, registration, offering),
    };
    facts.activity.offerings.iter().map(judge).collect()
}

/// The active credits of other registrations, which a new one must not double (V13).
fn others(known: &[CreditRecord], registration: RegistrationId) -> Vec<ActiveCredit> {
    let others = known.iter().filter(|credit| credit.is_active() && credit.registration != registration);
    others.map(active).collect()
}

/// What V13 needs to know about a credit.
pub(in crate::service) fn active(credit: &CreditRecord) -> ActiveCredit {
    let CreditRecord { id, activity, offering, window, .. } = credit;
    ActiveCredit { credit: id.0, activity: activity.clone(), offering: offering.clone(), window: *window }
}

/// The active record of this registration and offering, or else the last one. `known` has the last first.
fn credit_of(known: &[CreditRecord], registration: RegistrationId, offering: &Offering) -> Option<CreditRecord> {
    let mine = || known.iter().filter(|credit| credit.registration == registration && credit.offering == offering.id);
    mine().find(|credit| credit.is_active()).or_else(|| mine().next()).cloned()
}

/// Records a person's decision on integrity signals of a registration, with its reason, as separate evidence.
pub async fn record_decision(
    app: &App,
    id: RegistrationId,
    signals: BTreeSet<String>,
    by: &Account,
    verdict: Verdict,
    reason: &str,
) -> Result<(), Error> {
    let reason = super::stated(reason)?;
    let status = status(app, id).await?;
    let known = |signal: &str| {
        let of = |offering: &OfferingStatus| offering.decision.signals.iter().any(|known: &Signal| known.id == signal);
        status.offerings.iter().any(of)
    };
    if let Some(unknown) = signals.iter().find(|signal| !known(signal)) {
        return Err(Error::NoSignal(unknown.clone()));
    }
    let event = Event::Settled { signals, by: by.id.0, verdict, reason };
    status.record(app, vec![event], Commit::default()).await?;
    Ok(())
}
