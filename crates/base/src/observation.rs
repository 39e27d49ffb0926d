//! What the run-time noticed about a visit that its statements do not otherwise show: claims that are odd, and silence.
//! Noticed, never judged here: a rule set decides what follows for credit.

use serde::{Deserialize, Serialize};

/// Something that the run-time noticed about a visit. The codes are stable: statements carry them, and rule sets read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// Content was left without ever having set a status, although it stored something or was open for seconds only.
    NoStatusReported,
    /// Content repeated the same session time minutes later.
    SessionTimeFrozen,
    /// Content says that it is done while objectives that it has set are open.
    CompletedWithOpenObjectives,
    /// Content says that it is done with less than half of its highest score, and no mastery score judges it.
    CompletedWithLowScore,
    /// Content speaks of elements of SCORM 2004.
    #[serde(rename = "scorm2004-elements")]
    Scorm2004Elements,
    /// The server never delivered the file that starts the item to this session.
    LaunchFileNotDelivered,
}

impl Observation {
    /// In words, without a full stop: for the person who previews a package, and for the office, which adds what it knows.
    /// Decisions of a rule set repeat the words, so they never change.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoStatusReported => "The content never said whether it was completed",
            Self::SessionTimeFrozen => "The session time that the content says stood still",
            Self::CompletedWithOpenObjectives => {
                "The content said that it was completed while its own objectives were still open"
            }
            Self::CompletedWithLowScore => "The content said that it was completed with a low score",
            Self::Scorm2004Elements => {
                "The content used elements of SCORM 2004 in a SCORM 1.2 package, so what it said was not understood"
            }
            Self::LaunchFileNotDelivered => "The item's launch file was never delivered to the browser",
        }
    }
}
