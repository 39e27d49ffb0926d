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
    /// Completed, though the content never said a status.
    NoStatusReported,
    /// The session time that the content says stood still, while minutes passed.
    SessionTimeFrozen,
    /// The content said that it is completed while its own objectives were open.
    CompletedWithOpenObjectives,
    /// The content said that it is completed with a score that is far from passing.
    CompletedWithLowScore,
    /// Content of SCORM 1.2 used elements of SCORM 2004, which mean nothing there.
    #[serde(rename = "scorm2004-elements")]
    Scorm2004Elements,
    /// The item was played, but its launch file was never delivered.
    LaunchFileNotDelivered,
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStatusReported => "no-status-reported",
            Self::SessionTimeFrozen => "session-time-frozen",
            Self::CompletedWithOpenObjectives => "completed-with-open-objectives",
            Self::CompletedWithLowScore => "completed-with-low-score",
            Self::Scorm2004Elements => "scorm2004-elements",
            Self::LaunchFileNotDelivered => "launch-file-not-delivered",
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
