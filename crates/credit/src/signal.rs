//! Integrity signals as data: what a rule set noticed, and what a person decided about it.

use super::Verdict;
use serde::{Deserialize, Serialize};
use std::fmt;
use xapi::StatementId;

/// What was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalKind {
    /// Passed after less than the activity's share of the estimated time.
    FastPass,
    /// Passed the assessment before the content was complete.
    AssessedBeforeContent,
    /// A statement's own time is far from the time at which it was stored.
    ClockSkew,
    /// Two sessions were open at the same time.
    OverlappingSessions,
    /// The content claims more time than passed on the server's clock.
    ClientTimeOverServer,
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FastPass => "fast-pass",
            Self::AssessedBeforeContent => "assessed-before-content",
            Self::ClockSkew => "clock-skew",
            Self::OverlappingSessions => "overlapping-sessions",
            Self::ClientTimeOverServer => "client-time-over-server",
        })
    }
}

/// One signal, and whether a person has decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The same for the same evidence; the decision about it names it.
    pub id: String,
    pub kind: SignalKind,
    /// A sentence with the figures.
    pub message: String,
    pub rests_on: Vec<StatementId>,
    /// What a person decided, and the statement that says so.
    pub settled: Option<(Verdict, StatementId)>,
}
