//! What the learner was shown and did: front matter (V3, V4, V5), content (V7), evaluation (V9), feedback (V10).

use super::period::{evaluation, feedback};
use super::{Case, Ruling, Step, day};
use crate::evidence::{FrontMatterDisplay, Proof, Session};
use crate::{EvaluationRule, FeedbackRule, FrontMatterPart};

impl Case<'_> {
    /// V3: relationships were mitigated before release, and this version's disclosures were shown before the content.
    pub(super) fn disclosures_shown(&self) -> Ruling {
        let activity = self.facts.activity;
        let related = activity.faculty.iter().any(|person| !person.relationships.is_empty());
        let mitigated = activity.mitigation.as_ref().is_some_and(|done| done.documented <= activity.dates.released);
        if related && !mitigated {
            return Ruling::unmet("The mitigation of a relationship was not documented before the release.")
                .go_to(Step::Coordinator);
        }
        self.shown_before_start(&[FrontMatterPart::Disclosures], "The disclosures")
    }

    /// V4: commercial support, if there was any, was acknowledged before the content.
    pub(super) fn support_shown(&self) -> Ruling {
        if self.facts.activity.commercial_support.is_empty() {
            return Ruling::not_applicable("The activity received no commercial support.");
        }
        self.shown_before_start(&[FrontMatterPart::CommercialSupport], "The commercial support")
    }

    /// V5: the minimum performance level and how to complete the activity were shown before the content.
    pub(super) fn pass_rule_shown(&self) -> Ruling {
        self.shown_before_start(
            &[FrontMatterPart::PassRule, FrontMatterPart::Completion],
            "The pass rule and the instructions",
        )
    }

    fn shown_before_start(&self, parts: &[FrontMatterPart], what: &str) -> Ruling {
        let shows = |informed: &&Proof<FrontMatterDisplay>| {
            informed.said.document == self.facts.document && parts.iter().all(|part| informed.said.shown.contains(part))
        };
        match (self.evidence.informed.iter().find(shows), self.begun()) {
            (Some(shown), Some(begun)) if begun.first.seq < shown.seq => {
                Ruling::unmet(format!("{what} had not been shown when the content was begun, only later."))
                    .go_to(Step::Coordinator)
                    .resting_on([shown.id, begun.first.id])
            }
            (Some(shown), _) => {
                let day = day(self.facts, shown.at);
                let version = self.facts.version;
                Ruling::met(format!("{what} of version {version} shown on {day}, before the content."), [shown.id])
            }
            (None, Some(begun)) => Ruling::unmet(format!("{what} had not been shown when the content was begun."))
                .go_to(Step::Coordinator)
                .resting_on([begun.first.id]),
            (None, None) => Ruling::unmet(format!("{what} must be read first.")).go_to(Step::FrontMatter),
        }
    }

    /// The session in which the content was begun.
    fn begun(&self) -> Option<&Session> {
        self.evidence.sessions.iter().min_by_key(|session| session.first.seq)
    }

    /// V7: every item that the activity requires was completed.
    pub(super) fn content_complete(&self) -> Ruling {
        let required = self.facts.required_items;
        let missing: Vec<&String> =
            required.iter().filter(|item| !self.evidence.completed.contains_key(*item)).collect();
        let done = required.iter().filter_map(|item| self.evidence.completed.get(item)).map(|proof| proof.id);
        match missing.first() {
            None if required.len() == 1 => Ruling::met("The required item is complete.", done),
            None => Ruling::met(format!("All {} required items are complete.", required.len()), done),
            Some(item) => {
                let reason =
                    format!("{} of {} required items complete.", required.len() - missing.len(), required.len());
                Ruling::unmet(reason).go_to(Step::Play { item: (*item).clone() }).resting_on(done)
            }
        }
    }

    /// V9: the evaluation was submitted where the offering requires one, and not before there was something to evaluate.
    pub(super) fn evaluation_submitted(&self) -> Ruling {
        let after = match self.offering.evaluation {
            EvaluationRule::Optional => {
                return Ruling::not_applicable("This offering does not require the evaluation.");
            }
            EvaluationRule::Required => "the content was complete",
            EvaluationRule::RequiredAfterPass => "the assessment was passed",
        };
        if let Some(submitted) = evaluation(self.facts, self.offering, self.evidence, self.pass.as_ref()) {
            return Ruling::met(format!("Submitted on {}.", day(self.facts, submitted.at)), [submitted.id]);
        }
        let reason = match self.evidence.evaluations.last() {
            None => "The evaluation has not been submitted.".to_owned(),
            Some(early) => format!(
                "The evaluation was submitted on {}, before {after}; the answers are kept and need only be confirmed.",
                day(self.facts, early.at)
            ),
        };
        Ruling::unmet(reason).go_to(Step::Evaluation)
    }

    /// V10: feedback on the passed attempt was shown where the offering requires it.
    pub(super) fn feedback_shown(&self) -> Ruling {
        if self.offering.feedback == FeedbackRule::NotRequired {
            return Ruling::not_applicable("This offering does not require feedback.");
        }
        let Some(pass) = &self.pass else {
            return Ruling::unmet("Feedback follows the passed assessment.").go_to(Step::Assessment);
        };
        match feedback(self.evidence, pass) {
            Some(shown) => Ruling::met(format!("Shown on {}.", day(self.facts, shown.at)), [shown.id]),
            None => Ruling::unmet("The feedback on the passed assessment has not been read.").go_to(Step::Feedback),
        }
    }
}
