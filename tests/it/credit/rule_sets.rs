//! A new rule set beside the released one, on one store; it exists in this test alone.

use super::office::Office;
use credit::evidence::{Evidence, Facts};
use credit::{ActiveCredit, Decision, Offering, Outcome, RuleId, RuleSet, RuleSetName, RuleSets, Status};
use enduring::service::crediting::decisions;
use jiff::civil::date;
use std::sync::Arc;

fn newer() -> RuleSetName {
    "2026.T".to_owned().into()
}

/// As the released rules, but that the assessment must have been taken twice.
fn decide(facts: &Facts<'_>, offering: &Offering, evidence: &Evidence, credits: &[ActiveCredit]) -> Decision {
    let released = RuleSets::released();
    let mut decision = released.named(&RuleSetName::FIRST).unwrap().decide(facts, offering, evidence, credits);
    decision.rules = newer();
    if evidence.attempts.len() < 2 {
        let finding = decision.findings.iter_mut().find(|finding| finding.rule == RuleId::V8).unwrap();
        finding.status = Status::Unmet;
        finding.reason = "The assessment has not been taken twice.".to_owned();
        decision.outcome = Outcome::Open;
    }
    decision
}

fn with_newer() -> RuleSets {
    let released = RuleSets::released();
    let fold = released.named(&RuleSetName::FIRST).unwrap().fold;
    released.with(RuleSet { name: newer(), from: date(2026, 3, 2), fold, decide })
}

#[actix_web::test]
async fn an_old_credit_still_verifies_and_a_new_registration_is_decided_by_the_new_rules() {
    let mut office = Office::open().await;
    let (_, old) = office.credited("Ada").await;
    let begun = office.register("Bo").await;
    office.test.app.rule_sets = Arc::new(with_newer());
    assert_eq!(office.differences().await, Vec::<String>::new());

    // Started under the old rules, and completed under them although newer ones are in force.
    office.after(2 * 24 * 60);
    office.complete(&begun).await;
    office.decide(begun.id).await;
    let pinned = office.credits(&begun).await.remove(0);
    let bundle = decisions::bundle(office.app(), &pinned).await.unwrap();
    assert_eq!((begun.rules.clone(), bundle.decision.rules), (RuleSetName::FIRST, RuleSetName::FIRST));

    // The same deeds under the new rules are not enough.
    let new = office.register("Cy").await;
    office.complete(&new).await;
    office.decide(new.id).await;
    let decision = office.ama(&new).await.decision;
    assert_eq!((&decision.rules, decision.outcome), (&newer(), Outcome::Open));
    let missing: Vec<_> = decision.missing().map(|finding| finding.rule).collect();
    assert_eq!(missing, [RuleId::V8]);
    assert!(office.credits(&new).await.is_empty());
    office.answer(&new, 2, 4).await;
    office.decide(new.id).await;
    let credit = office.credits(&new).await.remove(0);
    assert_eq!(decisions::bundle(office.app(), &credit).await.unwrap().decision.rules, newer());
    assert_eq!(office.differences().await, Vec::<String>::new());
    assert!(old.is_active());

    // A program without the new set says so, about that credit alone.
    office.test.app.rule_sets = Arc::new(RuleSets::released());
    let expected = format!(
        "Credit {}: It was decided by the rule set 2026.T, which this program does not have; use a release that has it to \
         compute the credit again.",
        credit.id
    );
    assert_eq!(office.differences().await, [expected]);
}
