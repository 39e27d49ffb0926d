//! Credit that two people awarded by hand: which rules they vouch for, and which hold all the same.

use super::{Case, day};
use crate::evidence::{HandAward, Proof};
use crate::{Credits, Finding, RuleId, Status};

impl Case<'_> {
    /// The last award by hand in this offering, if it keeps to what the offering gives.
    pub(in super::super) fn hand_award(&self) -> Option<&Proof<HandAward>> {
        let last = self.evidence.awarded.iter().rev().find(|award| award.said.offering == self.offering.id)?;
        let HandAward { amount, completed, .. } = &last.said;
        let fits =
            *amount > Credits(0) && *amount <= self.offering.maximum && amount.is_multiple_of(self.offering.step);
        (fits && self.offering.window.contains(*completed)).then_some(last)
    }

    /// `finding` where people vouch for what the log does not show: that the activity was taken, passed, evaluated and claimed.
    /// What the provider must have done before (V1), who the learner is (V6, V11), one credit per period (V13) and sound evidence
    /// (V15) hold all the same.
    pub(in super::super) fn by_hand(&self, award: &Proof<HandAward>, finding: Finding) -> Finding {
        let vouched = match finding.rule {
            RuleId::V2
            | RuleId::V3
            | RuleId::V4
            | RuleId::V5
            | RuleId::V7
            | RuleId::V8
            | RuleId::V9
            | RuleId::V10
            | RuleId::V12 => finding.status == Status::Unmet,
            RuleId::V1 | RuleId::V6 | RuleId::V11 | RuleId::V13 | RuleId::V14 | RuleId::V15 => false,
        };
        if !vouched {
            return finding;
        }
        let reason = format!(
            "Two people of the CME office vouched for it on {}: {} Without them: {}",
            day(self.facts, award.at),
            ended(&award.said.reason),
            finding.reason
        );
        Finding { status: Status::Met, reason, rests_on: vec![award.id], step: None, ..finding }
    }
}

/// `text` with a full stop at its end.
fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
