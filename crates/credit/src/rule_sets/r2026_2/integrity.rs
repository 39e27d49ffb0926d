//! Integrity signals: what about a completion needs a review.
//!
//! A signal holds a decision for a person; it never refuses by itself. No regulator sets a threshold, so the one that is a
//! matter of judgement, how fast is too fast, is the activity's ([`crate::Integrity`]).

use super::rules::Pass;
use super::sessions::{elapsed_seconds, overlap_seconds, vouched_seconds};
use super::words::{self, minutes, percent};
use crate::evidence::{Evidence, Facts, Proof, Session, SessionObservation};
use crate::{Observation, Signal, SignalKind, Verdict};
use std::collections::BTreeSet;
use xapi::StatementId;

/// Seconds by which clocks and closing tabs may differ without anyone asking why.
const TOLERANCE_SECONDS: u64 = 60;

/// Every signal in the evidence, given the pass that a decision would rest on.
pub(super) fn signals(facts: &Facts<'_>, evidence: &Evidence, pass: Option<&Proof<Pass>>) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(pass.and_then(|pass| fast_pass(facts, evidence, pass)));
    signals.extend(pass.and_then(|pass| assessed_before_content(facts, evidence, pass)));
    signals.extend(evidence.skewed.iter().map(|id| {
        let message = "A statement's own time is more than five minutes after the time at which it was stored.";
        signal(SignalKind::ClockSkew, message.to_owned(), vec![*id])
    }));
    signals.extend(overlaps(&evidence.sessions));
    signals.extend(evidence.sessions.iter().filter_map(client_time_over_server));
    signals.extend(observed(evidence));
    for signal in &mut signals {
        signal.settled = settlement(evidence, &signal.id);
    }
    signals
}

/// The last decision of a person about a signal.
fn settlement(evidence: &Evidence, signal: &str) -> Option<(Verdict, StatementId)> {
    let about = evidence.settlements.iter().rev().find(|settled| settled.said.signals.contains(signal))?;
    Some((about.said.verdict, about.id))
}

fn signal(kind: SignalKind, message: String, rests_on: Vec<StatementId>) -> Signal {
    let first = rests_on.first().map(StatementId::to_string).unwrap_or_default();
    Signal { id: format!("{}:{first}", words::signal(kind)), kind, message, rests_on, settled: None }
}

fn fast_pass(facts: &Facts<'_>, evidence: &Evidence, pass: &Proof<Pass>) -> Option<Signal> {
    let estimated = u64::from(facts.activity.estimated_minutes) * 60;
    let least = facts.activity.integrity.minimum_seat_fraction.of(estimated);
    let in_content: u64 =
        evidence.sessions.iter().filter(|session| session.first.at <= pass.at).map(vouched_seconds).sum();
    let in_attempts: u64 =
        evidence.attempts.iter().filter(|attempt| attempt.seq <= pass.seq).map(|attempt| attempt.said.seconds).sum();
    let taken = in_content + in_attempts;
    (taken < least).then(|| {
        let message = format!(
            "Passed after {}, when the activity is estimated at {} minutes and less than {} is looked at by a person.",
            minutes(taken),
            facts.activity.estimated_minutes,
            minutes(least)
        );
        signal(SignalKind::FastPass, message, vec![pass.id])
    })
}

fn assessed_before_content(facts: &Facts<'_>, evidence: &Evidence, pass: &Proof<Pass>) -> Option<Signal> {
    // Statements of one commit have one instant and are simultaneous, whatever their order in it.
    let done_before = |item: &String| evidence.completed.get(item).is_some_and(|done| done.at <= pass.at);
    let early = facts.required_items.iter().any(|item| !done_before(item));
    early.then(|| {
        let message = "The assessment was passed before the content was complete.".to_owned();
        signal(SignalKind::AssessedBeforeContent, message, vec![pass.id])
    })
}

fn overlaps(sessions: &[Session]) -> Vec<Signal> {
    let later = |n: usize| sessions.iter().skip(n + 1);
    let pairs = sessions.iter().enumerate().flat_map(|(n, one)| later(n).map(move |other| (one, other)));
    pairs
        .filter(|(one, other)| one.id != other.id && overlap_seconds(one, other) > TOLERANCE_SECONDS)
        .map(|(one, other)| {
            let message = format!("Two sessions were open at once for {}.", minutes(overlap_seconds(one, other)));
            signal(SignalKind::OverlappingSessions, message, vec![other.first.id, one.first.id])
        })
        .collect()
}

fn client_time_over_server(session: &Session) -> Option<Signal> {
    let claimed = session.client_seconds?;
    let server = elapsed_seconds(session).max(vouched_seconds(session));
    (claimed > server + TOLERANCE_SECONDS).then(|| {
        let message = format!(
            "The content says that a session took {}; on the server's clock it took {}.",
            minutes(claimed),
            minutes(server)
        );
        signal(SignalKind::ClientTimeOverServer, message, vec![session.last.id])
    })
}

/// What the run-time observed: one signal for each observation and item, so that a person who has decided about it is not asked
/// again after every visit.
fn observed(evidence: &Evidence) -> Vec<Signal> {
    let mut seen = BTreeSet::new();
    let relevant = evidence.observations.iter().filter(|observed| matters(evidence, observed));
    let first = relevant.filter(|observed| seen.insert((observed.said.what, observed.said.item.as_str())));
    first.map(|observed| signal(kind(observed.said.what), sentence(&observed.said), vec![observed.id])).collect()
}

/// That no status was said matters in the session that completed the item: a later session may have said one.
fn matters(evidence: &Evidence, observed: &Proof<SessionObservation>) -> bool {
    let SessionObservation { item, session, what, .. } = &observed.said;
    let completes = |done: &Proof<_>| {
        let mut sessions = evidence.sessions.iter().filter(|known| known.id == *session && known.item == *item);
        sessions.any(|session| session.first.seq <= done.seq && done.seq <= session.last.seq)
    };
    *what != Observation::NoStatusReported || evidence.completed.get(item).is_none_or(completes)
}

fn kind(what: Observation) -> SignalKind {
    match what {
        Observation::NoStatusReported => SignalKind::NoStatusReported,
        Observation::SessionTimeFrozen => SignalKind::SessionTimeFrozen,
        Observation::CompletedWithOpenObjectives => SignalKind::CompletedWithOpenObjectives,
        Observation::CompletedWithLowScore => SignalKind::CompletedWithLowScore,
        Observation::Scorm2004Elements => SignalKind::Scorm2004Elements,
        Observation::LaunchFileNotDelivered => SignalKind::LaunchFileNotDelivered,
    }
}

fn sentence(observed: &SessionObservation) -> String {
    let open = |lead: &str| observed.seat_seconds.map(|seat| format!("{lead}{}", minutes(seat))).unwrap_or_default();
    match observed.what {
        Observation::NoStatusReported => {
            format!("The content never said whether it was completed{}.", open(", though it was open for "))
        }
        Observation::SessionTimeFrozen => {
            let said = observed.client_seconds.map(|said| format!(" at {}", minutes(said))).unwrap_or_default();
            format!("The session time that the content says stood still{said}{}.", open(", though it was open for "))
        }
        Observation::CompletedWithOpenObjectives => {
            "The content said that it was completed while its own objectives were still open.".to_owned()
        }
        Observation::CompletedWithLowScore => {
            let score = observed.score.map(|score| format!(" of {}", percent(score))).unwrap_or_default();
            format!("The content said that it was completed with a low score{score}.")
        }
        Observation::Scorm2004Elements => {
            "The content used elements of SCORM 2004 in a SCORM 1.2 package, so what it said was not understood."
                .to_owned()
        }
        Observation::LaunchFileNotDelivered => {
            format!("The item's launch file was never delivered to the browser{}.", open(", though the session says "))
        }
    }
}
