//! The statement by which two people void evidence.
//!
//! Nothing is removed. A voiding statement (xAPI 1.0.3 Part 2 §2.3.2) joins the log with its reason, every decision
//! about the registration is made again without what it voids, and a credit that no longer follows from the rest is
//! corrected or revoked in the ledger.

use crate::service::{App, Registration};
use credit::JointDecision;
use serde_json::{Value, json};
use xapi::vocabulary::{extension, iri, verb};
use xapi::{StatementId, instant};

/// The statement that voids `target`, a statement of `registration`.
pub(super) fn statement(app: &App, registration: &Registration, target: StatementId, decided: &JointDecision) -> Value {
    let base = &app.config.url;
    // Neither revision nor platform: those are for objects that are activities (Part 2 §2.4.6).
    json!({
        "actor": {"objectType": "Agent", "account": {"homePage": base, "name": decided.proposed_by.to_string()}},
        "verb": {"id": verb::VOIDED, "display": {"en": "voided"}},
        "object": {"objectType": "StatementRef", "id": target},
        "result": {"response": decided.reason, "extensions": {extension::APPROVAL: decided}},
        "context": {
            "registration": registration.id,
            "contextActivities": {
                "grouping": [{"objectType": "Activity", "id": iri::activity(base, &registration.activity)}],
            },
        },
        "timestamp": instant(app.clock.now()),
    })
}
