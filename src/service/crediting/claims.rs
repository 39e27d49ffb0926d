//! Claiming credit: the learner says how much of the maximum matches the extent of their participation.
//!
//! The rules decide (V11 to V13); what is refused here is refused before it is written, so that a slip leaves nothing in the
//! log.

use crate::service::App;
use crate::service::crediting::{decisions, holds};
use crate::service::learning::registrations::{self, RegistrationStatus};
use credit::{Credits, Decision, Event, Finding, Offering, OfferingId, RuleId};
use store::{Commit, StoreError};

/// An offering that a learner may claim from now.
#[derive(Debug)]
pub struct ClaimableOffering<'a> {
    pub offering: &'a Offering,
    pub decision: &'a Decision,
}

/// Why a claim was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this activity offers no such credit; go back to your overview and choose one that it offers")]
    Unknown,
    #[error("this credit is not for your profession; your overview shows what is")]
    Profession,
    #[error("you have claimed this credit already, and it can be claimed once; your certificate is on your overview")]
    Duplicate,
    #[error("the CME office revoked this credit; write to the contact named in the activity")]
    Revoked,
    #[error("something is still missing before credit can be claimed: {0}")]
    NotReady(String),
    #[error("the last day to claim this credit was {0}")]
    Late(String),
    #[error("choose how much credit you claim: write an amount such as 0.75")]
    NotAnAmount,
    #[error("{requested} is more than this activity gives; claim at most {maximum}")]
    AboveMaximum { requested: Credits, maximum: Credits },
    #[error("credit is claimed in steps of {0}; choose one of the amounts offered")]
    NotAStep(Credits),
    #[error("confirm that the amount matches the extent of your participation; then claim")]
    NotAttested,
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Decision(#[from] decisions::Error),
}

/// The offering, if this learner may claim from it now.
pub fn claimable<'a>(
    app: &App,
    status: &'a RegistrationStatus,
    id: &OfferingId,
) -> Result<ClaimableOffering<'a>, Error> {
    let offering = status.version.document.offering(id).ok_or(Error::Unknown)?;
    let known = status.offerings.iter().find(|known| known.offering.id == *id).ok_or(Error::Unknown)?;
    let decision = &known.decision;
    if known.credit.as_ref().is_some_and(|credit| !credit.is_active()) {
        return Err(Error::Revoked);
    }
    let claimed = status.evidence.claims.iter().any(|claim| claim.said.offering == *id);
    let missing: Vec<_> = decision.missing().collect();
    let lacks = |rule| missing.iter().any(|finding| finding.rule == rule);
    if claimed || lacks(RuleId::V13) {
        return Err(Error::Duplicate);
    }
    if lacks(RuleId::V11) {
        return Err(Error::Profession);
    }
    if let Some(finding) = before_the_claim(decision) {
        return Err(Error::NotReady(finding.reason.clone()));
    }
    let last = offering.last_claim_day(decision.completed);
    if registrations::today(app)? > last {
        return Err(Error::Late(app.config.provider.locale.date(last)));
    }
    Ok(ClaimableOffering { offering, decision })
}

/// Whether nothing but the claim is missing.
pub fn is_ready(decision: &Decision) -> bool {
    before_the_claim(decision).is_none()
}

/// What must be done before credit is claimed. A hold is reviewed after the claim, so that the learner need not come
/// back for it.
fn before_the_claim(decision: &Decision) -> Option<&Finding> {
    decision.missing().find(|finding| !matches!(finding.rule, RuleId::V12 | RuleId::V15))
}

/// Writes the claim of `amount`, as the learner typed it, and decides at once.
pub async fn claim(
    app: &App,
    status: &RegistrationStatus,
    id: &OfferingId,
    amount: &str,
    attested: bool,
) -> Result<(), Error> {
    let claimable = claimable(app, status, id)?;
    let amount = allowed(claimable.offering, amount)?;
    if !attested {
        return Err(Error::NotAttested);
    }
    let events = vec![Event::Claimed { offering: id.clone(), amount, attested }];
    match status.record(app, events, Commit::default()).await {
        Ok(_) => {}
        Err(registrations::Error::Store(StoreError::Stale { .. })) => return Err(Error::Duplicate),
        Err(error) => return Err(error.into()),
    }
    let mut status = status.clone();
    status.refresh(app).await?;
    let status = decisions::carry_out(app, status).await?;
    Ok(holds::note(app, &status).await?)
}

/// `text` as an amount that the offering allows (V12).
fn allowed(offering: &Offering, text: &str) -> Result<Credits, Error> {
    let amount: Credits = text.trim().parse().map_err(|_| Error::NotAnAmount)?;
    if amount == Credits(0) {
        Err(Error::NotAnAmount)
    } else if amount > offering.maximum {
        Err(Error::AboveMaximum { requested: amount, maximum: offering.maximum })
    } else if !amount.is_multiple_of(offering.step) {
        Err(Error::NotAStep(offering.step))
    } else {
        Ok(amount)
    }
}
