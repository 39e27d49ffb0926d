//! CME, pure: the activity, its credit offerings, the evidence, the rules, the decision, the ledger, the certificate.

/// An activity document: `schemas/activity.schema.json`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Activity {
    pub id: String,
}
