//! Taking evidence back: a coordinator voids one statement that a registration rests on, and says why.
//!
//! Nothing is removed. A voiding statement (xAPI 1.0.3 Part 2 §2.3.2) joins the log with its reason, every decision
//! about the registration is made anew without what it voids, and a credit that no longer follows from the rest is
//! corrected or revoked in the ledger.

use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, Standing};
use crate::service::records::statements;
use crate::service::{Account, App, queues};
use serde_json::{Value, json};
use store::Commit;
use xapi::vocabulary::{iri, verb};
use xapi::{StatementId, instant};

/// Why a statement was not voided.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("nothing about this learner rests on that statement any more; look at the list again")]
    NotEvidence,
    #[error("say in a sentence why the statement is not to count; an auditor will read it")]
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

/// Voids `statement` in the name of `by`, and decides anew at once.
pub async fn void(
    app: &App,
    standing: &Standing,
    statement: StatementId,
    by: &Account,
    reason: &str,
) -> Result<(), Refused> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refused::NoReason);
    }
    if !standing.evidence.statements.iter().any(|counted| counted.id == statement) {
        return Err(Refused::NotEvidence);
    }
    let registration = standing.registration.id;
    let said = statements::author(app, vec![voiding(app, standing, statement, by, reason)])?;
    let due = vec![queues::decide(registration, app.clock.now())];
    statements::commit(app, Commit { statements: said, due, ..Commit::default() }).await?;
    let mut standing = standing.clone();
    standing.refresh(app).await?;
    decisions::carry_out(app, standing).await?;
    Ok(())
}

fn voiding(app: &App, standing: &Standing, statement: StatementId, by: &Account, reason: &str) -> Value {
    let base = &app.config.url;
    // Neither revision nor platform: those are for objects that are activities (Part 2 §2.4.6).
    json!({
        "actor": {"objectType": "Agent", "account": {"homePage": base, "name": by.id.to_string()}},
        "verb": {"id": verb::VOIDED, "display": {"en": "voided"}},
        "object": {"objectType": "StatementRef", "id": statement},
        "result": {"response": reason},
        "context": {
            "registration": standing.registration.id,
            "contextActivities": {
                "grouping": [{"objectType": "Activity", "id": iri::activity(base, &standing.registration.activity)}],
            },
        },
        "timestamp": instant(app.clock.now()),
    })
}
