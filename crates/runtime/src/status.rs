//! Completion and success, kept apart although some standards have one word for both.

use serde::{Deserialize, Serialize};

/// How far a learner has come. Ordered: a greater value is never revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Completion {
    #[default]
    Unknown,
    Incomplete,
    Completed,
}

/// How well. Ordered: a greater value is never revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Success {
    #[default]
    Unknown,
    Failed,
    Passed,
}

/// Both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Status {
    pub completion: Completion,
    pub success: Success,
}

impl Status {
    /// The better of both in each respect. Tools send `incomplete` again whenever a finished course is reopened; that
    /// changes nothing.
    pub fn best(self, other: Self) -> Self {
        Self { completion: self.completion.max(other.completion), success: self.success.max(other.success) }
    }
}
