//! An erasure as the API and the command line show it: all of its record, but for whom it is about.

use super::{Counts, Erasure, ErasureId, Preview, until};
use crate::service::{App, RegistrationId};
use base::hash::Sha256;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use xapi::StatementId;
use xapi::instant;

/// An erasure, for anyone who may read it.
#[derive(Debug, Serialize)]
pub struct ErasureView<'a> {
    id: ErasureId,
    /// The agent that replaces the person in statements.
    pseudonym: Value,
    requested: String,
    by: &'a str,
    reason: &'a str,
    state: &'static str,
    done: Option<String>,
    /// The position in the log up to which statements were examined.
    through: u64,
    counts: Counts,
    mentioned: &'a [StatementId],
    held: Vec<HeldEvidenceView<'a>>,
    proofs: &'a [Sha256],
}

/// An erasure that was just requested.
#[derive(Debug, Serialize)]
pub struct ErasureResponse<'a> {
    #[serde(flatten)]
    pub erasure: ErasureView<'a>,
    /// Shown this once.
    pub receipt: &'a str,
}

/// What an erasure would do.
#[derive(Debug, Serialize)]
pub struct PreviewResponse<'a> {
    account: bool,
    identifiers: usize,
    counts: Counts,
    held: Vec<HeldEvidenceView<'a>>,
}

impl<'a> PreviewResponse<'a> {
    /// From a dry run.
    pub fn of(app: &App, preview: &'a Preview) -> Self {
        let Preview { account, identifiers, counts, held } = preview;
        Self { account: *account, identifiers: *identifiers, counts: *counts, held: held_evidence_views(app, held) }
    }
}

/// A registration whose evidence is retained.
#[derive(Debug, Serialize)]
pub struct HeldEvidenceView<'a> {
    pub registration: RegistrationId,
    pub own: bool,
    pub credits: &'a BTreeSet<Uuid>,
    /// The last day on which it is retained.
    pub until: Date,
    pub released: Option<String>,
}

impl<'a> ErasureView<'a> {
    /// As it is now.
    pub fn of(app: &App, erasure: &'a Erasure) -> Self {
        let account = json!({"homePage": app.config.url, "name": erasure.pseudonym});
        Self {
            id: erasure.id,
            pseudonym: json!({"objectType": "Agent", "account": account}),
            requested: instant(erasure.requested),
            by: &erasure.by,
            reason: &erasure.reason,
            state: erasure.state(),
            done: erasure.done.map(instant),
            through: erasure.through,
            counts: erasure.counts,
            mentioned: &erasure.mentioned,
            held: held_evidence_views(app, &erasure.held),
            proofs: &erasure.proofs,
        }
    }
}

/// What is retained, with the last day of its retention.
pub fn held_evidence_views<'a>(app: &App, held: &'a [super::HeldEvidence]) -> Vec<HeldEvidenceView<'a>> {
    let one = |held: &'a super::HeldEvidence| HeldEvidenceView {
        registration: held.registration,
        own: held.own,
        credits: &held.credits,
        until: until(app, held),
        released: held.released.map(instant),
    };
    held.iter().map(one).collect()
}
