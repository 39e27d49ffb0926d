//! The rules V1 … V15: what makes a completion a verified one. Each is a small function that says met, unmet or not
//! applicable, why in a sentence, and which statements it rests on. The learner, the coordinator and the auditor read the
//! same list.

mod assessment;
mod conduct;
mod hand;
mod period;
mod record;

pub(super) use assessment::{Pass, pass};
pub(super) use period::completion;

use crate::evidence::{self, Evidence, Facts, Proof};
use crate::{ActiveCredit, Finding, Offering, RuleId, Signal, Status, Step};
use jiff::Timestamp;
use jiff::civil::Date;
use xapi::StatementId;

/// The provider's calendar day at `moment`.
fn day(facts: &Facts<'_>, moment: Timestamp) -> Date {
    moment.to_zoned(facts.zone.clone()).date()
}

/// What the rules look at.
pub(super) struct Case<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) offering: &'a Offering,
    pub(super) evidence: &'a Evidence,
    pub(super) active: &'a [ActiveCredit],
    pub(super) pass: Option<Proof<Pass>>,
    pub(super) completed: Option<Date>,
    pub(super) signals: &'a [Signal],
}

impl Case<'_> {
    pub(super) fn judge(&self, rule: RuleId) -> Finding {
        let Ruling { status, reason, rests_on, step } = match rule {
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
                Ruling::not_applicable("This offering is reported to no registry; reporting never delays a credit.")
            }
            RuleId::V15 => self.evidence_sound(),
        };
        Finding { rule, status, reason, rests_on, step }
    }

    /// The learner's last claim in this offering.
    pub(super) fn claim(&self) -> Option<&Proof<evidence::Claim>> {
        self.evidence.claims.iter().rev().find(|claim| claim.said.offering == self.offering.id)
    }
}

/// What a rule function returns.
struct Ruling {
    status: Status,
    reason: String,
    rests_on: Vec<StatementId>,
    step: Option<Step>,
}

impl Ruling {
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
