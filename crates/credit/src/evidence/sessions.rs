//! Play sessions: when the server saw a learner in the content.

use super::Proof;
use super::reading::ScoReport;
use jiff::Timestamp;

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

impl Session {
    /// Seconds between its first and its last statement, by the server's clock.
    pub fn elapsed_seconds(&self) -> u64 {
        self.last.at.duration_since(self.first.at).unsigned_abs().as_secs()
    }

    /// Seconds that the server can vouch for: as reported, or as elapsed where a session never closed.
    pub fn vouched_seconds(&self) -> u64 {
        self.seat_seconds.unwrap_or_else(|| self.elapsed_seconds())
    }

    /// Seconds during which both sessions were open.
    pub fn overlap_seconds(&self, other: &Self) -> u64 {
        let from: Timestamp = self.first.at.max(other.first.at);
        let until = self.last.at.min(other.last.at);
        u64::try_from(until.duration_since(from).as_secs()).unwrap_or(0)
    }
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
