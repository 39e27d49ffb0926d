//! A credit recomputed, from its evidence bundle and the log: what differs, in sentences for an auditor.

use crate::bundle::Bundle;
use crate::evidence::{Facts, LoggedStatement};
use crate::ledger::Credit;
use crate::rule_sets::pinned;
use crate::{ActiveCredit, Decision, Outcome, RuleId, RuleSets};

/// What differs when the credit of `bundle` is decided again by the rule set that it names. `log` is the log of the
/// registration up to the position at which the bundle was made, `credits` what the learner had been credited by then.
pub fn recompute<B: AsRef<[u8]>>(
    bundle: &Bundle,
    facts: &Facts<'_>,
    log: &[LoggedStatement<B>],
    credits: &[ActiveCredit],
    rule_sets: &RuleSets,
) -> Vec<String> {
    let mut differences = Vec::new();
    let named = &bundle.decision.rules;
    let pinned = pinned(facts, log);
    if pinned != *named {
        differences.push(format!("It was decided by the rule set {named}; its registration began under {pinned}."));
    }
    let Ok(rule_set) = rule_sets.named(named) else {
        let message = "this program does not have; use a release that has it to compute the credit again";
        differences.push(format!("It was decided by the rule set {named}, which {message}."));
        return differences;
    };
    let evidence = rule_set.fold(facts, log);
    if evidence.statements != bundle.statements {
        differences.push("Other statements count today than its evidence bundle names.".to_owned());
    }
    match facts.activity.offering(&bundle.decision.offering) {
        Some(offering) => {
            let again = rule_set.decide(facts, offering, &evidence, credits);
            differences.extend(compare(&bundle.decision, &again));
        }
        None => differences.push(format!("The version has no offering {}.", bundle.decision.offering)),
    }
    differences
}

/// Whether a bundle is about the credit that names it.
pub fn identify(bundle: &Bundle, credit: &Credit) -> Vec<String> {
    let decided = Outcome::Award { amount: credit.amount };
    let checks = [
        (bundle.learner == credit.learner, "learner"),
        (bundle.registration == credit.registration, "registration"),
        (bundle.activity == credit.activity && bundle.version == credit.version, "activity version"),
        (bundle.document == credit.document, "document"),
        (bundle.package == credit.package, "package"),
        (bundle.decision.offering == credit.offering, "offering"),
        (bundle.decision.outcome == decided, "amount"),
        (bundle.decision.completed == Some(credit.completed), "completion date"),
        (bundle.decision.tier == credit.tier, "trust tier"),
    ];
    let differing = checks.into_iter().filter(|(same, _)| !same);
    differing.map(|(_, what)| format!("Its evidence bundle has another {what}.")).collect()
}

/// What is decided differently today.
fn compare(then: &Decision, now: &Decision) -> Vec<String> {
    if then == now {
        return Vec::new();
    }
    let differing = RuleId::ALL.into_iter().filter(|rule| then.finding(*rule) != now.finding(*rule));
    let mut differences: Vec<String> = differing
        .map(|rule| {
            let today = now.finding(rule).map(|finding| finding.reason.as_str()).unwrap_or_default();
            format!("{rule} ({}) has another result today: {today}", rule.title())
        })
        .collect();
    if differences.is_empty() {
        differences.push("The decision has another result today.".to_owned());
    }
    differences
}
