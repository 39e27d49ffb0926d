//! The evidence bundle: everything by which one credit can be recomputed, years later, by someone else.
//!
//! It names each statement that was counted with the SHA-256 of its stored bytes, the version and the package by theirs, the
//! version of the rules, and the whole decision. Its canonical bytes are a blob; the ledger entry signs their hash.

use super::evidence::{Evidence, Facts, Fingerprint};
use super::schema::{self, Gap};
use super::{Activity, Decision, canonical};
use base::hash::Sha256;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The schema that a bundle follows, as the bundle itself says.
pub const SCHEMA: &str = "https://w3id.org/enduring/schemas/evidence-bundle.schema.json";

/// The evidence for one credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The server's own address, the root of every IRI in the statements.
    pub base: String,
    /// The IANA name of the provider's time zone, in which the completion date was computed.
    pub time_zone: String,
    pub learner: Uuid,
    pub registration: Uuid,
    pub activity: String,
    pub version: u32,
    /// Of that version's document.
    pub document: Sha256,
    /// Of the package's bytes.
    pub package: Sha256,
    pub required_items: Vec<String>,
    /// The position in the log up to which statements were read.
    pub through: u64,
    /// Those that were counted, in the order of the log.
    pub statements: Vec<Fingerprint>,
    pub decision: Decision,
}

/// Why a bundle cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("it breaks the schema of evidence bundles: {}", .0.iter().map(|gap| format!("{} {}", gap.pointer, gap.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Gap>),
}

impl Bundle {
    /// The bundle of a decision over `evidence`, for which statements up to `through` were read.
    pub fn new(facts: &Facts<'_>, time_zone: &str, evidence: &Evidence, through: u64, decision: Decision) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            base: facts.base.to_owned(),
            time_zone: time_zone.to_owned(),
            learner: facts.learner,
            registration: facts.registration,
            activity: facts.activity.id.clone(),
            version: facts.version,
            document: facts.document,
            package: facts.package,
            required_items: facts.required_items.to_vec(),
            through,
            statements: evidence.statements.clone(),
            decision,
        }
    }

    /// What was known about the registration before its statements were read. `activity` is the document that the bundle
    /// names, `zone` its time zone.
    pub fn facts<'a>(&'a self, activity: &'a Activity, zone: TimeZone) -> Facts<'a> {
        Facts {
            base: &self.base,
            activity,
            version: self.version,
            document: self.document,
            package: self.package,
            required_items: &self.required_items,
            learner: self.learner,
            registration: self.registration,
            zone,
        }
    }

    /// Its canonical bytes, checked against the published schema.
    pub fn write(&self) -> Result<Vec<u8>, BundleError> {
        let gaps = schema::EVIDENCE_BUNDLE.gaps(&serde_json::to_value(self)?);
        if gaps.is_empty() { Ok(canonical::of(self)?) } else { Err(BundleError::Invalid(gaps)) }
    }

    /// Reads a bundle, checked against the published schema.
    pub fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        let gaps = schema::EVIDENCE_BUNDLE.gaps(&serde_json::from_slice(bytes)?);
        if gaps.is_empty() { Ok(serde_json::from_slice(bytes)?) } else { Err(BundleError::Invalid(gaps)) }
    }
}
