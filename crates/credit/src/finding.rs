//! Findings as data: the rules by their names, and what a rule set found out about each.

use serde::{Deserialize, Serialize};
use std::fmt;
use xapi::StatementId;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleId {
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
    V7,
    V8,
    V9,
    V10,
    V11,
    V12,
    V13,
    V14,
    V15,
}

/// What an unmet rule prevents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    Award,
    /// Only the report to a registry.
    Report,
}

impl RuleId {
    pub const ALL: [Self; 15] = [
        Self::V1,
        Self::V2,
        Self::V3,
        Self::V4,
        Self::V5,
        Self::V6,
        Self::V7,
        Self::V8,
        Self::V9,
        Self::V10,
        Self::V11,
        Self::V12,
        Self::V13,
        Self::V14,
        Self::V15,
    ];

    /// What it requires, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::V1 => "Certified in advance",
            Self::V2 => "Completed within the credit period",
            Self::V3 => "Disclosures shown before the start",
            Self::V4 => "Commercial support shown before the start",
            Self::V5 => "Pass rule and instructions shown before the start",
            Self::V6 => "Learner identified",
            Self::V7 => "Content complete",
            Self::V8 => "Assessment passed",
            Self::V9 => "Evaluation submitted",
            Self::V10 => "Feedback shown",
            Self::V11 => "Profession eligible",
            Self::V12 => "Credit claimed and attested",
            Self::V13 => "Credited once",
            Self::V14 => "Ready to be reported",
            Self::V15 => "Evidence sound",
        }
    }

    /// What it prevents while it is unmet.
    pub fn force(self) -> Force {
        match self {
            Self::V14 => Force::Report,
            _ => Force::Award,
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Whether a rule is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Met,
    Unmet,
    NotApplicable,
}

/// Where a learner goes to meet a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    FrontMatter,
    Play {
        item: String,
    },
    Assessment,
    Feedback,
    Evaluation,
    Claim,
    /// The learner's own account.
    Profile,
    /// Nothing to do: the CME office acts.
    Coordinator,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub rule: RuleId,
    pub status: Status,
    /// A sentence.
    pub reason: String,
    pub rests_on: Vec<StatementId>,
    /// Where an unmet rule can be met.
    pub step: Option<Step>,
}

impl Finding {
    /// Whether it blocks the credit. A rule about reporting never does.
    pub fn blocks(&self) -> bool {
        self.status == Status::Unmet && self.rule.force() == Force::Award
    }
}
