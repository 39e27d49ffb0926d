//! Play sessions: when the server saw a learner in the content, and what of it this rule set counts.

use super::reading::ScoReport;
use crate::evidence::{Proof, Session};
use jiff::Timestamp;

/// Seconds between its first and its last statement, by the server's clock.
pub(super) fn elapsed_seconds(session: &Session) -> u64 {
    session.last.at.duration_since(session.first.at).unsigned_abs().as_secs()
}

/// Seconds that the server can vouch for: as reported, or as elapsed where a session never closed.
pub(super) fn vouched_seconds(session: &Session) -> u64 {
    session.seat_seconds.unwrap_or_else(|| elapsed_seconds(session))
}

/// Seconds during which both sessions were open.
pub(super) fn overlap_seconds(one: &Session, other: &Session) -> u64 {
    let from: Timestamp = one.first.at.max(other.first.at);
    let until = one.last.at.min(other.last.at);
    u64::try_from(until.duration_since(from).as_secs()).unwrap_or(0)
}

/// Adds what a SCO reported to its session.
pub(super) fn extend(sessions: &mut Vec<Session>, report: &ScoReport, proof: &Proof<()>) {
    let known = sessions.iter_mut().find(|session| session.id == report.session && session.item == report.item);
    if let Some(session) = known {
        session.last = proof.clone();
        session.seat_seconds = session.seat_seconds.max(report.seat_seconds);
        session.client_seconds = session.client_seconds.max(report.client_seconds);
    } else {
        sessions.push(Session {
            id: report.session.clone(),
            item: report.item.clone(),
            first: proof.clone(),
            last: proof.clone(),
            seat_seconds: report.seat_seconds,
            client_seconds: report.client_seconds,
        });
    }
}
