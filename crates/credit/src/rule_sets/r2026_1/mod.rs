//! The rule set `2026.1`: released, and so frozen. Everything that decides is in this folder: what counts ([`fold`]), the
//! integrity signals, the rules V1 … V15, the completion date, the outcome, and every word of a finding. A change here that
//! alters one recorded decision fails `tests/recorded.rs`; the change then belongs to a new rule set.

mod fold;
mod grading;
mod integrity;
mod reading;
mod rules;
mod sessions;
mod words;

#[cfg(test)]
mod tests;

use super::{RuleSet, RuleSetName};
use crate::evidence::{Evidence, Facts};
use crate::{ActiveCredit, Decision, Finding, Offering, Outcome, RuleId, Status};
use jiff::civil::date;
use rules::Case;

/// In force from the first day on.
pub(super) fn rule_set() -> RuleSet {
    RuleSet { name: RuleSetName::FIRST, from: date(2026, 1, 1), fold: fold::fold, decide }
}

/// Decides on one offering: a pure function of the pinned version, the evidence, and the credits already active.
fn decide(facts: &Facts<'_>, offering: &Offering, evidence: &Evidence, active: &[ActiveCredit]) -> Decision {
    let pass = rules::pass(facts, offering, evidence);
    let signals = integrity::signals(facts, evidence, pass.as_ref());
    let completed = rules::completion(facts, offering, evidence, pass.as_ref());
    let case = Case { facts, offering, evidence, active, pass, completed, signals: &signals };
    let findings: Vec<Finding> = RULES.iter().map(|rule| case.judge(*rule)).collect();
    let outcome = outcome(&findings, &case);
    let (completed, tier) = (case.completed, case.pass.as_ref().map(|pass| pass.said.tier));
    let (rules, offering) = (RuleSetName::FIRST, offering.id.clone());
    Decision { rules, offering, outcome, completed, tier, findings, signals }
}

/// The rules of this set, in their order.
const RULES: [RuleId; 15] = [
    RuleId::V1,
    RuleId::V2,
    RuleId::V3,
    RuleId::V4,
    RuleId::V5,
    RuleId::V6,
    RuleId::V7,
    RuleId::V8,
    RuleId::V9,
    RuleId::V10,
    RuleId::V11,
    RuleId::V12,
    RuleId::V13,
    RuleId::V14,
    RuleId::V15,
];

fn outcome(findings: &[Finding], case: &Case<'_>) -> Outcome {
    let blocking: Vec<RuleId> =
        findings.iter().filter(|finding| prevents_award(finding)).map(|finding| finding.rule).collect();
    match (blocking.as_slice(), case.claim()) {
        ([], Some(claim)) => Outcome::Award { amount: claim.said.amount },
        ([RuleId::V15], _) => Outcome::Held,
        _ => Outcome::Open,
    }
}

/// V14 prevents the report to a registry, and nothing else.
fn prevents_award(finding: &Finding) -> bool {
    finding.status == Status::Unmet && finding.rule != RuleId::V14
}
