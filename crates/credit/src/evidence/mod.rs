//! The evidence: what the log says about one registration, folded from its statements in the order of the log.
//!
//! [`fold`] is pure and total. It counts a statement only when this server vouches for it (`authority` is set at ingest, so
//! no client can claim it), it is about this learner, this registration, this activity and this version, and nobody has
//! voided it. Everything counted keeps the statement's id and the SHA-256 of its stored bytes.

mod reading;
mod sessions;

pub use sessions::Session;

use super::{
    Activity, Assessed, Credits, EvaluationAnswer, Event, Fraction, Identity, OfferingId, Shown, Tier, Verdict,
};
use base::hash::Sha256;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reading::{ScoReport, Statement};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use xapi::{StatementId, vocabulary::iri};

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
pub struct Logged<B> {
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

/// Something that a statement proves.
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
    /// Who the learner is, by the last word on it.
    pub registered: Option<Proof<Identity>>,
    pub informed: Vec<Proof<Informed>>,
    /// By item: the first statement that says it is completed.
    pub completed: BTreeMap<String, Proof<Tier>>,
    /// Scores of SCOs, in the order of the log.
    pub scores: Vec<Proof<ScoScore>>,
    pub sessions: Vec<Session>,
    /// Graded attempts, in the order of the log.
    pub attempts: Vec<Proof<Assessed>>,
    /// The answers that were graded.
    pub answers: Vec<Proof<Answer>>,
    /// By the attempt that the feedback was on.
    pub feedback: Vec<Proof<u32>>,
    pub evaluations: Vec<Proof<Vec<EvaluationAnswer>>>,
    pub claims: Vec<Proof<Claim>>,
    pub settlements: Vec<Proof<Settlement>>,
    /// Statements whose own time is further from the server's than [`SKEW_SECONDS`].
    pub skewed: Vec<StatementId>,
    /// All that was counted, in the order of the log.
    pub statements: Vec<Fingerprint>,
    /// What would have counted had it not been voided, with the statement that voided it.
    pub voided: BTreeMap<StatementId, StatementId>,
}

/// Front matter that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Informed {
    pub shown: BTreeSet<Shown>,
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
pub struct Answer {
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
pub struct Settlement {
    pub signals: BTreeSet<String>,
    pub verdict: Verdict,
}

/// How far a statement's own time may be from the time at which it was stored.
const SKEW_SECONDS: u64 = 300;

/// What `statements` prove, given in the order of the log. Statements that prove nothing here are passed over.
pub fn fold<B: AsRef<[u8]>>(facts: &Facts<'_>, statements: &[Logged<B>]) -> Evidence {
    let read: Vec<_> =
        statements.iter().filter_map(|logged| Some((logged, Statement::read(logged.bytes.as_ref())?))).collect();
    // A void counts whichever of the two comes first (Part 2 §2.3.2), so all of them are known before anything is counted.
    let voids: BTreeMap<_, _> = read.iter().filter_map(|(logged, said)| Some((said.voids()?, logged.id))).collect();
    let mut evidence = Evidence::default();
    for (logged, statement) in read.iter().filter(|(_, statement)| counts(facts, statement)) {
        match voids.get(&logged.id) {
            Some(voider) => drop(evidence.voided.insert(logged.id, *voider)),
            None => evidence.count(logged, statement),
        }
    }
    evidence
}

/// Whether a statement can be evidence in this registration.
fn counts(facts: &Facts<'_>, statement: &Statement) -> bool {
    let settles = matches!(statement.event(), Some(Event::Settled { .. }));
    statement.is_ours(facts.base)
        && statement.registration() == Some(facts.registration)
        && statement.is_within(&iri::activity(facts.base, &facts.activity.id), facts.version)
        && (settles || statement.is_about(facts.base, facts.learner))
}

impl Evidence {
    fn count<B: AsRef<[u8]>>(&mut self, logged: &Logged<B>, statement: &Statement) {
        let (seq, id, stored) = (logged.seq, logged.id, logged.stored);
        let proof = Proof { id, seq, at: stored, said: () };
        match (statement.event(), statement.sco()) {
            (Some(event), _) => self.count_event(event, &proof),
            (None, Some(report)) => self.count_report(report, &proof),
            (None, None) => return,
        }
        self.statements.push(Fingerprint { seq, id, stored, sha256: Sha256::of(logged.bytes.as_ref()) });
        if stored.duration_since(statement.timestamp()).unsigned_abs().as_secs() > SKEW_SECONDS {
            self.skewed.push(id);
        }
    }

    fn count_event(&mut self, event: Event, proof: &Proof<()>) {
        match event {
            // The last word counts: a name that was missing may have been given meanwhile.
            Event::Registered { identity, .. } => self.registered = Some(proof.of(identity)),
            Event::Informed { shown, document } => self.informed.push(proof.of(Informed { shown, document })),
            Event::Answered { attempt, item, chosen, correct } => {
                self.answers.push(proof.of(Answer { attempt, item, chosen, correct }));
            }
            Event::Assessed(assessed) => self.attempts.push(proof.of(assessed)),
            Event::FeedbackShown { attempt } => self.feedback.push(proof.of(attempt)),
            Event::Evaluated { answers } => self.evaluations.push(proof.of(answers)),
            Event::Claimed { offering, amount, attested } => {
                self.claims.push(proof.of(Claim { offering, amount, attested }));
            }
            Event::Settled { signals, verdict, .. } => self.settlements.push(proof.of(Settlement { signals, verdict })),
        }
    }

    fn count_report(&mut self, report: ScoReport, proof: &Proof<()>) {
        sessions::extend(&mut self.sessions, &report, proof);
        if let Some(scaled) = report.score {
            self.scores.push(proof.of(ScoScore { item: report.item.clone(), scaled, tier: report.tier }));
        }
        if report.completed {
            self.completed.entry(report.item).or_insert_with(|| proof.of(report.tier));
        }
    }

    /// The first statement of the first session: when the content was begun.
    pub fn begun(&self) -> Option<&Session> {
        self.sessions.iter().min_by_key(|session| session.first.seq)
    }
}

impl<T> Proof<T> {
    /// That the same statement says `said`.
    fn of<U>(&self, said: U) -> Proof<U> {
        Proof { id: self.id, seq: self.seq, at: self.at, said }
    }
}
