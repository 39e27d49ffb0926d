//! What counts: the log of one registration, folded into evidence in the order of the log.
//!
//! [`fold`] is pure and total. It counts a statement only when this server vouches for it (`authority` is set at ingest, so
//! no client can claim it), it is about this learner, this registration, this activity and this version, and this server has
//! not voided it: a void that anyone else sent counts for nothing.

use super::reading::{ScoReport, Statement};
use super::sessions;
use crate::Event;
use crate::evidence::{
    Claim, Evidence, Facts, Fingerprint, FrontMatterDisplay, GradedAnswer, HandAward, LoggedStatement, Proof, ScoScore,
    SessionObservation, SignalDecision,
};
use base::hash::Sha256;
use std::collections::BTreeMap;
use xapi::vocabulary::iri;

/// How far a statement's own time may be after the time at which it was stored.
const SKEW_SECONDS: i64 = 300;

/// What `statements` prove, given in the order of the log. Statements that prove nothing here are passed over.
pub(super) fn fold(facts: &Facts<'_>, statements: &[LoggedStatement<&[u8]>]) -> Evidence {
    let read: Vec<_> = statements.iter().filter_map(|logged| Some((logged, Statement::read(logged.bytes)?))).collect();
    // A void counts whichever of the two comes first (Part 2 §2.3.2), so all of them are known before anything is counted.
    let ours = read.iter().filter(|(_, said)| said.is_ours(facts.base));
    let voids: BTreeMap<_, _> = ours.filter_map(|(logged, said)| Some((said.voids()?, logged.id))).collect();
    let mut evidence = Evidence::default();
    for (logged, statement) in read.iter().filter(|(_, statement)| counts(facts, statement)) {
        match voids.get(&logged.id) {
            Some(voider) => drop(evidence.voided.insert(logged.id, *voider)),
            None => count(&mut evidence, logged, statement),
        }
    }
    evidence
}

/// Whether a statement can be evidence in this registration.
fn counts(facts: &Facts<'_>, statement: &Statement) -> bool {
    let by_office = statement.event().is_some_and(|event| event.by().is_some());
    statement.is_ours(facts.base)
        && statement.registration() == Some(facts.registration)
        && statement.is_within(&iri::activity(facts.base, &facts.activity.id), facts.version)
        && (by_office || statement.is_about(facts.base, facts.learner))
}

fn count(evidence: &mut Evidence, logged: &LoggedStatement<&[u8]>, statement: &Statement) {
    let (seq, id, stored) = (logged.seq, logged.id, logged.stored);
    // Both are by this server's clock. The time of storing never goes back, so after a clock that was ahead is corrected it stands
    // still for as long; the statement's own time is right.
    let own = statement.timestamp();
    let proof = Proof { id, seq, at: stored.min(own), said: () };
    match (statement.event(), statement.sco()) {
        (Some(event), _) => count_event(evidence, event, &proof),
        (None, Some(report)) => count_report(evidence, report, &proof),
        (None, None) => return,
    }
    evidence.statements.push(Fingerprint { seq, id, stored, sha256: Sha256::of(logged.bytes) });
    if own.duration_since(stored).as_secs() > SKEW_SECONDS {
        evidence.skewed.push(id);
    }
}

fn count_event(evidence: &mut Evidence, event: Event, proof: &Proof<()>) {
    match event {
        // The last statement counts: a name that was missing may have been added since.
        Event::Registered { identity, .. } => evidence.registered = Some(said(proof, identity)),
        Event::Informed { shown, document } => {
            evidence.informed.push(said(proof, FrontMatterDisplay { shown, document }));
        }
        Event::Answered { attempt, item, chosen, correct } => {
            evidence.answers.push(said(proof, GradedAnswer { attempt, item, chosen, correct }));
        }
        Event::Assessed(assessed) => evidence.attempts.push(said(proof, assessed)),
        Event::FeedbackShown { attempt } => evidence.feedback.push(said(proof, attempt)),
        Event::Evaluated { answers } => evidence.evaluations.push(said(proof, answers)),
        Event::Claimed { offering, amount, attested } => {
            evidence.claims.push(said(proof, Claim { offering, amount, attested }));
        }
        Event::Settled { signals, verdict, .. } => {
            evidence.settlements.push(said(proof, SignalDecision { signals, verdict }));
        }
        Event::AttemptGranted { by, .. } => evidence.granted.push(said(proof, by)),
        // What came before belongs to the other registration.
        Event::Restarted { .. } => {}
        Event::Awarded { offering, amount, completed, approval } => {
            let award = HandAward { offering, amount, completed, reason: approval.reason };
            evidence.awarded.push(said(proof, award));
        }
    }
}

fn count_report(evidence: &mut Evidence, report: ScoReport, proof: &Proof<()>) {
    sessions::extend(&mut evidence.sessions, &report, proof);
    let observed = |what: &_| SessionObservation {
        item: report.item.clone(),
        session: report.session.clone(),
        what: *what,
        score: report.score,
        seat_seconds: report.seat_seconds,
        client_seconds: report.client_seconds,
    };
    evidence.observations.extend(report.observations.iter().map(|what| said(proof, observed(what))));
    if let Some(scaled) = report.score {
        evidence.scores.push(said(proof, ScoScore { item: report.item.clone(), scaled, tier: report.tier }));
    }
    if report.completed {
        evidence.completed.entry(report.item).or_insert_with(|| said(proof, report.tier));
    }
}

/// That the same statement says `said`.
fn said<U>(proof: &Proof<()>, said: U) -> Proof<U> {
    Proof { id: proof.id, seq: proof.seq, at: proof.at, said }
}
