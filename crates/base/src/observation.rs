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
    /// What a designer can do about it, for the log of a preview.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoStatusReported => {
                "The content was left without having set a status, so it may stay incomplete for learners. \
                 Have it set cmi.core.lesson_status before it finishes."
            }
            Self::SessionTimeFrozen => {
                "The content reported the same session time again, at least two minutes later. \
                 Its clock seems to stand still; credit for time is counted by the server's clock."
            }
            Self::CompletedWithOpenObjectives => {
                "The content says that it is done while an objective that it has set is still open or failed. \
                 A reviewer will be asked about this."
            }
            Self::CompletedWithLowScore => {
                "The content says that it is done with less than half of its highest score, and the package has no mastery \
                 score that would decide. Set a mastery score, or have the content report its status by the score."
            }
            Self::Scorm2004Elements => {
                "The content sets elements of SCORM 2004, which SCORM 1.2 does not have, so nothing of them is kept. \
                 Publish it again for SCORM 1.2."
            }
            Self::LaunchFileNotDelivered => {
                "The file that starts this item was never delivered to this visit, so nobody can have seen its content."
            }
        }
    }
}
