//! Carrying out an act that two people agreed on, in one commit with the end of its proposal.

use super::{Answer, Error, HandAct, Proposal, ProposalState, check, credit_of};
use crate::service::crediting::{decisions, voiding};
use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::ledger::credits::{CreditId, CreditRecord, CreditState, Reinstatement};
use crate::service::ledger::entries;
use crate::service::records::statements;
use crate::service::{App, queues};
use credit::ledger::Deed;
use credit::{Event, JointDecision};
use store::{Commit, Document as _, Records as _, StoreError, StoredDocument, Write};
use xapi::StatementId;

/// How often an act is tried while other entries take its place in the ledger.
const PATIENCE: usize = 64;

/// Carries the act of `kept` out, which `answer` approves.
pub(super) async fn carry_out(app: &App, kept: StoredDocument<Proposal>, answer: Answer) -> Result<Proposal, Error> {
    let proposal = &kept.document;
    let decided = JointDecision {
        proposed_by: proposal.proposed_by.0,
        reason: proposal.reason.clone(),
        approved_by: answer.by.0,
        approval_reason: answer.reason.clone(),
    };
    let ended = Proposal { state: ProposalState::Approved(answer), ..proposal.clone() };
    let end = StoredDocument { version: kept.version, document: ended.clone() }.replace()?;
    for _ in 0..PATIENCE {
        let status = registrations::status(app, proposal.registration).await?;
        check(app, &status, &proposal.act)?;
        match act(app, &status, &proposal.act, &decided, end.clone()).await {
            Ok(()) => {
                decisions::decide(app, proposal.registration).await?;
                return Ok(ended);
            }
            Err(Error::Store(StoreError::Stale { kind, .. })) if kind == Proposal::KIND.name => {
                return Err(Error::NotWaiting);
            }
            Err(Error::Store(StoreError::Taken { kind, .. })) if kind == CreditRecord::KIND.name => {
                return Err(Error::NotRevoked);
            }
            Err(Error::Store(StoreError::Stale { .. } | StoreError::Taken { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Busy.into())
}

async fn act(
    app: &App,
    status: &RegistrationStatus,
    act: &HandAct,
    decided: &JointDecision,
    end: Write,
) -> Result<(), Error> {
    match act {
        HandAct::Void { statement } => {
            let voiding = voiding::statement(app, &status.registration, *statement, decided);
            let due = vec![queues::decide(status.registration.id, app.clock.now())];
            let statements = statements::author(app, vec![voiding])?;
            statements::commit(app, Commit { statements, due, writes: vec![end], ..Commit::default() }).await?;
        }
        HandAct::Award { offering, amount, completed } => {
            let (offering, approval) = (offering.clone(), decided.clone());
            let event = Event::Awarded { offering, amount: *amount, completed: *completed, approval };
            let end = Commit { writes: vec![end], ..Commit::default() };
            status.record(app, vec![event], end).await.map_err(stored)?;
        }
        HandAct::Revoke { credit } => {
            let approval = Some(decided.clone());
            let deed = Deed::Revocation { credit: credit.0, voided: Vec::new(), approval: approval.clone() };
            in_ledger(app, *credit, deed, end, |record, entry| {
                record.standing = CreditState::Revoked { entry, approval };
            })
            .await?;
        }
        HandAct::Reinstate { credit } => {
            let despite = voided_under(app, status, *credit).await?;
            let approval = decided.clone();
            let deed = Deed::Reinstatement { credit: credit.0, despite: despite.clone(), approval: approval.clone() };
            in_ledger(app, *credit, deed, end, |record, entry| {
                let revoked = match record.standing {
                    CreditState::Revoked { entry, .. } | CreditState::Superseded { entry } => entry,
                    CreditState::Active => entry,
                };
                record.standing = CreditState::Active;
                record.reinstated = Some(Reinstatement { revoked, entry, despite, approval });
            })
            .await?;
        }
    }
    Ok(())
}

/// A race for the store as such, so that it is told from a refusal.
fn stored(error: registrations::Error) -> Error {
    match error {
        registrations::Error::Store(error) => Error::Store(error),
        other => Error::Registration(other),
    }
}

/// The voided statements that a credit rests on.
async fn voided_under(app: &App, status: &RegistrationStatus, id: CreditId) -> Result<Vec<StatementId>, Error> {
    let record = credit_of(status, id, |_| true).ok_or(Error::NotRevoked)?;
    let bundle = decisions::bundle(app, record).await?;
    let voided = &status.evidence.voided;
    Ok(bundle.decision.rests_on().into_iter().filter(|id| voided.contains_key(id)).collect())
}

/// Appends `deed` to the ledger, with what it changes in the credit's record.
async fn in_ledger(
    app: &App,
    id: CreditId,
    deed: Deed,
    end: Write,
    change: impl FnOnce(&mut CreditRecord, u64),
) -> Result<(), Error> {
    let entries::PendingEntry { number, mut writes } = match entries::append(app, deed).await {
        Ok(pending) => pending,
        Err(entries::Error::Store(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    };
    let mut kept = app.store.get::<CreditRecord>(&app.provider, &id.to_string()).await?.ok_or(Error::NotActive)?;
    change(&mut kept.document, number);
    writes.extend([kept.replace()?, end]);
    app.store.commit(&app.provider, Commit { writes, ..Commit::default() }).await?;
    Ok(())
}
