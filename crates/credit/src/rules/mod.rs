//! The rules V1 … V15: what makes a completion a verified one. Each is a small function that says met, unmet or not
//! applicable, why in a sentence, and which statements it rests on. The learner, the coordinator and the auditor read the
//! same list.

mod assessment;
mod conduct;
mod period;
mod record;

pub use assessment::Pass;
pub(super) use assessment::pass;
pub(super) use period::completion;

use super::evidence::{Evidence, Facts, Proof};
use super::integrity::Signal;
use super::{Active, Offering, evidence};
use jiff::civil::Date;
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

    /// What it asks, in a few words.
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

/// Where a learner goes to get on.
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

/// What the rules look at.
pub(super) struct Case<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) offering: &'a Offering,
    pub(super) evidence: &'a Evidence,
    pub(super) active: &'a [Active],
    pub(super) pass: Option<Proof<Pass>>,
    pub(super) completed: Option<Date>,
    pub(super) signals: &'a [Signal],
}

impl Case<'_> {
    pub(super) fn judge(&self, rule: RuleId) -> Finding {
        let Said { status, reason, rests_on, step } = match rule {
            RuleId::V1 => self.certified_in_advance(),
            RuleId::V2 => self.within_the_period(),
            RuleId::V3 => self.disclosures_shown(),
            RuleId::V4 => self.support_shown(),
            RuleId::V5 => self.pass_rule_shown(),
            RuleId::V6 => self.learner_identified(),
            RuleId::V7 => self.content_complete(),
            RuleId::V8 => self.assessment_passed(),
            RuleId::V9 => self.evaluation_submitted(),
            RuleId::V10 => self.feedback_shown(),
            RuleId::V11 => self.profession_eligible(),
            RuleId::V12 => self.claimed(),
            RuleId::V13 => self.credited_once(),
            RuleId::V14 => {
                Said::not_applicable("This offering is reported to no registry; reporting never delays a credit.")
            }
            RuleId::V15 => self.evidence_sound(),
        };
        Finding { rule, status, reason, rests_on, step }
    }

    /// The learner's last word on how much they claim in this offering.
    pub(super) fn claim(&self) -> Option<&Proof<evidence::Claim>> {
        self.evidence.claims.iter().rev().find(|claim| claim.said.offering == self.offering.id)
    }
}

/// What a rule function answers.
struct Said {
    status: Status,
    reason: String,
    rests_on: Vec<StatementId>,
    step: Option<Step>,
}

impl Said {
    fn met(reason: impl Into<String>, rests_on: impl IntoIterator<Item = StatementId>) -> Self {
        Self { status: Status::Met, reason: reason.into(), rests_on: rests_on.into_iter().collect(), step: None }
    }

    fn unmet(reason: impl Into<String>) -> Self {
        Self { status: Status::Unmet, reason: reason.into(), rests_on: Vec::new(), step: None }
    }

    fn not_applicable(reason: impl Into<String>) -> Self {
        Self { status: Status::NotApplicable, reason: reason.into(), rests_on: Vec::new(), step: None }
    }

    fn go_to(mut self, step: Step) -> Self {
        self.step = Some(step);
        self
    }

    fn resting_on(mut self, ids: impl IntoIterator<Item = StatementId>) -> Self {
        self.rests_on.extend(ids);
        self
    }
}
