//! The rule set `2026.2`: released, and so frozen. It differs from `2026.1` in this: statements of one commit are simultaneous; what
//! the run-time observed holds a decision; the evaluation counts from the completion of the content on; only this server's own
//! voids void; another attempt can be granted, and credit be awarded by hand; and a clock that was ahead and
//! then corrected holds nothing. Everything that decides is in this folder: what counts ([`fold`]), the integrity signals, the rules V1 … V15, the completion date, the outcome, and every word of a finding. A change here that
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
use crate::evidence::{Evidence, Facts, HandAward, Proof};
use crate::{ActiveCredit, Decision, Finding, Offering, Outcome, RuleId, Status, Tier};
use jiff::civil::date;
use rules::Case;

fn name() -> RuleSetName {
    "2026.2".to_owned().into()
}

/// In force from its day on.
pub(super) fn rule_set() -> RuleSet {
    RuleSet { name: name(), from: date(2026, 11, 30), fold: fold::fold, decide }
}

/// Decides on one offering: a pure function of the pinned version, the evidence, and the credits already active.
fn decide(facts: &Facts<'_>, offering: &Offering, evidence: &Evidence, active: &[ActiveCredit]) -> Decision {
    let pass = rules::pass(facts, offering, evidence);
    let signals = integrity::signals(facts, evidence, pass.as_ref());
    let completed = rules::completion(facts, offering, evidence, pass.as_ref());
    let case = Case { facts, offering, evidence, active, pass, completed, signals: &signals };
    let findings: Vec<Finding> = RULES.iter().map(|rule| case.judge(*rule)).collect();
    let hand = case.hand_award().filter(|_| findings.iter().any(prevents_award));
    let findings: Vec<Finding> = match hand {
        Some(award) => findings.into_iter().map(|finding| case.by_hand(award, finding)).collect(),
        None => findings,
    };
    let outcome = outcome(&findings, &case, hand);
    let (completed, tier) = match hand {
        Some(award) => (Some(award.said.completed), Some(Tier::T0)),
        None => (case.completed, case.pass.as_ref().map(|pass| pass.said.tier)),
    };
    let (rules, offering) = (name(), offering.id.clone());
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

fn outcome(findings: &[Finding], case: &Case<'_>, hand: Option<&Proof<HandAward>>) -> Outcome {
    let blocking: Vec<RuleId> =
        findings.iter().filter(|finding| prevents_award(finding)).map(|finding| finding.rule).collect();
    let amount = match hand {
        Some(award) => Some(award.said.amount),
        None => case.claim().map(|claim| claim.said.amount),
    };
    match (blocking.as_slice(), amount) {
        ([], Some(amount)) => Outcome::Award { amount },
        ([RuleId::V15], _) => Outcome::Held,
        _ => Outcome::Open,
    }
}

/// V14 prevents the report to a registry, and nothing else.
fn prevents_award(finding: &Finding) -> bool {
    finding.status == Status::Unmet && finding.rule != RuleId::V14
}
