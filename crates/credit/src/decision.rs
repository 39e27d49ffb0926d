//! The decision: every rule over the evidence, for one credit offering.

use super::evidence::{Evidence, Facts};
use super::integrity::{self, Signal};
use super::rules::{self, Case, Finding, Force, RuleId, Status};
use super::{Credits, Offering, OfferingId, Tier, Window};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xapi::StatementId;

/// The version of the rules below. It changes with every change of what a rule means, and a bundle names it.
pub const RULES: &str = "2026.1";

/// A credit that the ledger already holds, which a second one must not double (V13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    pub credit: Uuid,
    pub activity: String,
    pub offering: OfferingId,
    /// The period that it counts in.
    pub window: Window,
}

/// What follows from the evidence for one credit offering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub rules: String,
    pub offering: OfferingId,
    pub outcome: Outcome,
    /// The day on which the last thing that the offering asks for was done, in the provider's time zone.
    pub completed: Option<Date>,
    /// How far the passed assessment can be trusted.
    pub tier: Option<Tier>,
    /// One for each rule, V1 to V15.
    pub findings: Vec<Finding>,
    pub signals: Vec<Signal>,
}

/// What a decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// Every rule is met: this amount is credited.
    Award { amount: Credits },
    /// Everything is done, and a person must look at an integrity signal first.
    Held,
    /// Something is missing.
    Open,
}

impl Decision {
    /// The finding on `rule`.
    pub fn finding(&self, rule: RuleId) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.rule == rule)
    }

    /// What stands between the learner and the credit.
    pub fn missing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocks())
    }

    /// Every statement that some finding rests on, once each, in the order of the rules.
    pub fn rests_on(&self) -> Vec<StatementId> {
        let mut ids = Vec::new();
        for id in self.findings.iter().flat_map(|finding| &finding.rests_on) {
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        ids
    }
}

/// Decides on one offering: a pure function of the pinned version, the evidence, and the credits already active.
pub fn decide(facts: &Facts<'_>, offering: &Offering, evidence: &Evidence, active: &[Active]) -> Decision {
    let pass = rules::pass(facts, offering, evidence);
    let signals = integrity::signals(facts, evidence, pass.as_ref());
    let completed = rules::completion(facts, offering, evidence, pass.as_ref());
    let case = Case { facts, offering, evidence, active, pass, completed, signals: &signals };
    let findings: Vec<Finding> = RuleId::ALL.iter().map(|rule| case.judge(*rule)).collect();
    let outcome = outcome(&findings, &case);
    let (completed, tier) = (case.completed, case.pass.as_ref().map(|pass| pass.said.tier));
    Decision { rules: RULES.to_owned(), offering: offering.id.clone(), outcome, completed, tier, findings, signals }
}

fn outcome(findings: &[Finding], case: &Case<'_>) -> Outcome {
    let blocking: Vec<RuleId> =
        findings.iter().filter(|finding| finding.blocks()).map(|finding| finding.rule).collect();
    match (blocking.as_slice(), case.claim()) {
        ([], Some(claim)) => Outcome::Award { amount: claim.said.amount },
        ([RuleId::V15], _) => Outcome::Held,
        _ => Outcome::Open,
    }
}

impl Finding {
    /// Whether it stands between the learner and the credit. A rule about reporting never does.
    pub fn blocks(&self) -> bool {
        self.status == Status::Unmet && self.rule.force() == Force::Award
    }
}
