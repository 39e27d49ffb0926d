//! The decision as data: what a rule set says about one credit offering. How it is made is defined in [`crate::rule_sets`].

use super::{Credits, Finding, OfferingId, RuleId, RuleSetName, Signal, Tier, Window};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xapi::StatementId;

/// A credit that the ledger already holds, which a second one must not double (V13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActiveCredit {
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
    /// The rule set that decided.
    pub rules: RuleSetName,
    pub offering: OfferingId,
    pub outcome: Outcome,
    /// The day on which the last requirement of the offering was fulfilled, in the provider's time zone.
    pub completed: Option<Date>,
    /// How far the passed assessment can be trusted.
    pub tier: Option<Tier>,
    /// One for each rule, V1 to V15.
    pub findings: Vec<Finding>,
    pub signals: Vec<Signal>,
}

/// The result of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// Every rule is met: this amount is credited.
    Award { amount: Credits },
    /// Everything is done, and a person must first decide about an integrity signal.
    Held,
    /// Something is missing.
    Open,
}

impl Decision {
    /// The finding on `rule`.
    pub fn finding(&self, rule: RuleId) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.rule == rule)
    }

    /// What is missing for the credit.
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
