//! When: certified in advance (V1), completed within the period (V2), and the completion date itself.

use super::{Case, Pass, Ruling, day};
use crate::evidence::{Evidence, Facts, Proof};
use crate::{EvaluationRule, FeedbackRule, Offering};
use jiff::Timestamp;
use jiff::civil::Date;

/// The day on which the last requirement of the offering was fulfilled, in the provider's time zone; none while something
/// is missing. The claim is not among them: it follows from completion. Server time counts, never a client's.
pub(crate) fn completion(
    facts: &Facts<'_>,
    offering: &Offering,
    evidence: &Evidence,
    pass: Option<&Proof<Pass>>,
) -> Option<Date> {
    let mut moments: Vec<Timestamp> = Vec::new();
    for item in facts.required_items {
        moments.push(evidence.completed.get(item)?.at);
    }
    if facts.activity.assessment.is_some() {
        moments.push(pass?.at);
    }
    if offering.evaluation != EvaluationRule::Optional {
        moments.push(evidence.evaluations.first()?.at);
    }
    if offering.feedback == FeedbackRule::Required {
        moments.push(feedback(evidence, pass?)?.at);
    }
    moments.into_iter().max().map(|moment| day(facts, moment))
}

/// The first time that feedback on the passed attempt was shown.
pub(super) fn feedback<'a>(evidence: &'a Evidence, pass: &Proof<Pass>) -> Option<&'a Proof<u32>> {
    evidence.feedback.iter().find(|shown| Some(shown.said) == pass.said.attempt && shown.seq > pass.seq)
}

impl Case<'_> {
    /// V1: the activity was certified before it was completed; credit is never certified afterwards.
    pub(super) fn certified_in_advance(&self) -> Ruling {
        let certified = self.facts.activity.dates.certified;
        let latest = self.evidence.statements.last().map(|statement| day(self.facts, statement.stored));
        match self.completed.or(latest) {
            Some(day) if day < certified => {
                Ruling::unmet(format!("The activity was certified on {certified}, after it was completed on {day}."))
            }
            _ => {
                let accreditor = &self.facts.activity.provider.accreditor;
                Ruling::met(format!("Certified on {certified} by a provider that {accreditor} accredits."), [])
            }
        }
    }

    /// V2: the completion date is within the offering's window.
    pub(super) fn within_the_period(&self) -> Ruling {
        let window = self.offering.window;
        match self.completed {
            None => Ruling::unmet(format!("Not complete yet; the last day for it is {}.", window.until)),
            Some(day) if window.contains(day) => {
                Ruling::met(format!("Completed on {day}, between {} and {}.", window.from, window.until), [])
            }
            Some(day) => Ruling::unmet(format!(
                "Completed on {day}; the offering is open from {} to {}.",
                window.from, window.until
            )),
        }
    }
}
