//! The evidence as data: what a rule set folds the log of one registration into, and what it decides on.
//!
//! Everything that is counted keeps the statement's id and the SHA-256 of its stored bytes. What counts is for a rule set to
//! say ([`crate::RuleSet::fold`]).

use super::{
    Activity, AttemptResult, Credits, EvaluationAnswer, Fraction, FrontMatterPart, Identity, Observation, OfferingId,
    Tier, Verdict,
};
use base::hash::Sha256;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use xapi::StatementId;

/// What is known about a registration before its statements are read: the pinned version, and who and where.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The server's own address, the root of every IRI.
    pub base: &'a str,
    pub activity: &'a Activity,
    pub version: u32,
    /// Of that version's document.
    pub document: Sha256,
    /// Of the package's bytes.
    pub package: Sha256,
    /// The identifiers of the items that must be completed.
    pub required_items: &'a [String],
    pub learner: Uuid,
    pub registration: Uuid,
    /// The provider's time zone, in which a completion date is computed.
    pub zone: TimeZone,
}

/// A statement as the log has it.
#[derive(Debug, Clone)]
pub struct LoggedStatement<B> {
    pub seq: u64,
    pub id: StatementId,
    pub stored: Timestamp,
    pub bytes: B,
}

/// A statement that was counted: what a bundle names, and what `verify` looks for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    pub seq: u64,
    pub id: StatementId,
    pub stored: Timestamp,
    pub sha256: Sha256,
}

/// A fact that a statement proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof<T> {
    pub id: StatementId,
    pub seq: u64,
    /// When the server stored it: the time that counts.
    pub at: Timestamp,
    pub said: T,
}

/// Everything that is proved about a registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Who the learner is, by the last statement about it.
    pub registered: Option<Proof<Identity>>,
    pub informed: Vec<Proof<FrontMatterDisplay>>,
    /// By item: the first statement that says it is completed.
    pub completed: BTreeMap<String, Proof<Tier>>,
    /// Scores of SCOs, in the order of the log.
    pub scores: Vec<Proof<ScoScore>>,
    pub sessions: Vec<Session>,
    /// Graded attempts, in the order of the log.
    pub attempts: Vec<Proof<AttemptResult>>,
    /// The answers that were graded.
    pub answers: Vec<Proof<GradedAnswer>>,
    /// By the attempt that the feedback was on.
    pub feedback: Vec<Proof<u32>>,
    pub evaluations: Vec<Proof<Vec<EvaluationAnswer>>>,
    pub claims: Vec<Proof<Claim>>,
    pub settlements: Vec<Proof<SignalDecision>>,
    /// What the run-time noticed, in the order of the log.
    pub observations: Vec<Proof<SessionObservation>>,
    /// By whom another attempt at the assessment was granted.
    pub granted: Vec<Proof<Uuid>>,
    /// Credit that two people awarded by hand.
    pub awarded: Vec<Proof<HandAward>>,
    /// Statements whose own time is further from the server's than the rule set allows.
    pub skewed: Vec<StatementId>,
    /// All that was counted, in the order of the log.
    pub statements: Vec<Fingerprint>,
    /// What would have counted had it not been voided, with the statement that voided it.
    pub voided: BTreeMap<StatementId, StatementId>,
}

/// Front matter that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontMatterDisplay {
    pub shown: BTreeSet<FrontMatterPart>,
    pub document: Sha256,
}

/// A score that a SCO reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoScore {
    pub item: String,
    pub scaled: Fraction,
    pub tier: Tier,
}

/// An answer that was graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradedAnswer {
    pub attempt: u32,
    pub item: super::ItemId,
    pub chosen: BTreeSet<super::ChoiceId>,
    pub correct: bool,
}

/// A claim of credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub offering: OfferingId,
    pub amount: Credits,
    pub attested: bool,
}

/// A person's decision about integrity signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalDecision {
    pub signals: BTreeSet<String>,
    pub verdict: Verdict,
}

/// What the run-time noticed in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionObservation {
    pub item: String,
    pub session: String,
    pub what: Observation,
    /// Of the same statement.
    pub score: Option<Fraction>,
    pub seat_seconds: Option<u64>,
    pub client_seconds: Option<u64>,
}

/// Credit that two people awarded by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandAward {
    pub offering: OfferingId,
    pub amount: Credits,
    pub completed: Date,
    pub reason: String,
}

/// One visit to one item, from its first statement to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    pub item: String,
    pub first: Proof<()>,
    pub last: Proof<()>,
    /// Seconds open and in view, by the server's clock; absent until the session reports it.
    pub seat_seconds: Option<u64>,
    /// Seconds that the content says it took.
    pub client_seconds: Option<u64>,
}
