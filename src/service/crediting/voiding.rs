//! Voiding evidence: a coordinator voids one statement that a registration rests on, and says why.
//!
//! Nothing is removed. A voiding statement (xAPI 1.0.3 Part 2 §2.3.2) joins the log with its reason, every decision
//! about the registration is made again without what it voids, and a credit that no longer follows from the rest is
//! corrected or revoked in the ledger.

use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::records::statements;
use crate::service::{Account, App, queues};
use serde_json::{Value, json};
use store::Commit;
use xapi::vocabulary::{iri, verb};
use xapi::{StatementId, instant};

/// Why a statement was not voided.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("nothing about this learner rests on that statement any more; check the list again")]
    NotEvidence,
    #[error("give the reason for voiding this statement in a sentence; an auditor will read it")]
    NoReason,
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Decision(#[from] decisions::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// Voids `statement` in the name of `by`, and decides again at once.
pub async fn void(
    app: &App,
    status: &RegistrationStatus,
    statement: StatementId,
    by: &Account,
    reason: &str,
) -> Result<(), Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::NoReason);
    }
    if !status.evidence.statements.iter().any(|counted| counted.id == statement) {
        return Err(Error::NotEvidence);
    }
    let registration = status.registration.id;
    let statements = statements::author(app, vec![voiding(app, status, statement, by, reason)])?;
    let due = vec![queues::decide(registration, app.clock.now())];
    statements::commit(app, Commit { statements, due, ..Commit::default() }).await?;
    let mut status = status.clone();
    status.refresh(app).await?;
    decisions::carry_out(app, status).await?;
    Ok(())
}

fn voiding(app: &App, status: &RegistrationStatus, statement: StatementId, by: &Account, reason: &str) -> Value {
    let base = &app.config.url;
    // Neither revision nor platform: those are for objects that are activities (Part 2 §2.4.6).
    json!({
        "actor": {"objectType": "Agent", "account": {"homePage": base, "name": by.id.to_string()}},
        "verb": {"id": verb::VOIDED, "display": {"en": "voided"}},
        "object": {"objectType": "StatementRef", "id": statement},
        "result": {"response": reason},
        "context": {
            "registration": status.registration.id,
            "contextActivities": {
                "grouping": [{"objectType": "Activity", "id": iri::activity(base, &status.registration.activity)}],
            },
        },
        "timestamp": instant(app.clock.now()),
    })
}
