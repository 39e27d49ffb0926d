//! V8: the assessment was passed at the published minimum, within the attempt policy, by a grader that can be trusted.

use super::super::grading::grade;
use super::super::words::percent;
use super::{Case, Ruling, Step, day};
use crate::assessment::Responses;
use crate::evidence::{Evidence, Facts, GradedAnswer, Proof, ScoScore};
use crate::{Assessment, AttemptResult, Fraction, Offering, Tier};
use jiff::SignedDuration;
use xapi::StatementId;

/// A passed assessment, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The attempt at the server's assessment; none where the package's own score counts.
    pub attempt: Option<u32>,
    pub tier: Tier,
    /// How well, in words.
    pub score: String,
    /// What the score was made from: the answers that were graded, or the scores of each item of the package.
    pub from: Vec<StatementId>,
}

/// The first pass that counts: of the server's assessment, or of the package's own where the activity has no other.
pub(crate) fn pass(facts: &Facts<'_>, offering: &Offering, evidence: &Evidence) -> Option<Proof<Pass>> {
    let assessment = facts.activity.assessment.as_ref()?;
    let minimum = minimum(assessment, offering);
    if assessment.items.is_empty() { reported(facts, minimum, evidence) } else { graded(assessment, minimum, evidence) }
}

/// The minimum performance level of this offering.
fn minimum(assessment: &Assessment, offering: &Offering) -> Fraction {
    offering.minimum_score.unwrap_or(assessment.minimum_score)
}

/// The first attempt, graded by the server, that reaches the minimum within the attempt policy.
fn graded(assessment: &Assessment, minimum: Fraction, evidence: &Evidence) -> Option<Proof<Pass>> {
    let attempts = allowed(assessment, evidence);
    let passed = |attempt: &&Proof<AttemptResult>| {
        reaches(&attempt.said, minimum) && adds_up(assessment, &attempt.said, &answers(evidence, attempt))
    };
    let attempt = attempts.into_iter().find(passed)?;
    let AttemptResult { correct, total, .. } = attempt.said;
    let score = format!("{correct} of {total} correct");
    let from = answers(evidence, attempt).iter().map(|answer| answer.id).collect();
    let said = Pass { attempt: Some(attempt.said.attempt), tier: Tier::T2, score, from };
    Some(Proof { id: attempt.id, seq: attempt.seq, at: attempt.at, said })
}

/// Whether the numbers reach the minimum; the result that the attempt itself states does not matter.
fn reaches(assessed: &AttemptResult, minimum: Fraction) -> bool {
    assessed.correct <= assessed.total && minimum.is_reached_by(assessed.correct, assessed.total)
}

/// The answers that were graded in an attempt.
fn answers<'a>(evidence: &'a Evidence, attempt: &Proof<AttemptResult>) -> Vec<&'a Proof<GradedAnswer>> {
    let number = attempt.said.attempt;
    evidence.answers.iter().filter(|answer| answer.said.attempt == number && answer.seq < attempt.seq).collect()
}

/// Whether the answers, graded again by the key of the pinned version, give the score of the attempt: trust tier T2 is
/// recomputed, not believed.
fn adds_up(assessment: &Assessment, attempt: &AttemptResult, answers: &[&Proof<GradedAnswer>]) -> bool {
    let responses: Responses =
        answers.iter().map(|answer| (answer.said.item.clone(), answer.said.chosen.clone())).collect();
    grade(assessment, &responses).is_some_and(|graded| graded == (attempt.correct, attempt.total, attempt.responses))
}

/// How many attempts the policy allows and people have granted; none where there is no limit.
fn most(assessment: &Assessment, evidence: &Evidence) -> Option<u32> {
    let granted = u32::try_from(evidence.granted.len()).unwrap_or(u32::MAX);
    assessment.attempts.maximum.map(|most| most.saturating_add(granted))
}

/// The attempts that the policy allows: so many, and each begun long enough after the one before it had ended.
fn allowed<'a>(assessment: &Assessment, evidence: &'a Evidence) -> Vec<&'a Proof<AttemptResult>> {
    let attempts = &evidence.attempts;
    let most = most(assessment, evidence).map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let wait = SignedDuration::from_mins(i64::from(assessment.attempts.wait_minutes));
    let waited = |n: usize, attempt: &Proof<AttemptResult>| {
        let Some(before) = n.checked_sub(1).and_then(|n| attempts.get(n)) else { return true };
        let taken = SignedDuration::from_secs(i64::try_from(attempt.said.seconds).unwrap_or(i64::MAX));
        attempt.at.duration_since(before.at).saturating_sub(taken) >= wait
    };
    attempts
        .iter()
        .take(most)
        .enumerate()
        .filter(|(n, attempt)| waited(*n, attempt))
        .map(|(_, attempt)| attempt)
        .collect()
}

/// The scores that the package reports: recomputed by the server (T2), or claimed by the browser (T1) where a named person
/// accepted that. Every required item that has a score must reach the minimum; the last one to do so makes the pass.
fn reported(facts: &Facts<'_>, minimum: Fraction, evidence: &Evidence) -> Option<Proof<Pass>> {
    let approved = facts.activity.integrity.accept_t1.is_some();
    let trusted = |score: &&Proof<ScoScore>| score.said.tier >= Tier::T2 || (score.said.tier == Tier::T1 && approved);
    let scores: Vec<_> = evidence.scores.iter().filter(trusted).collect();
    let mut reached = Vec::new();
    for item in facts.required_items {
        let mut of_item = scores.iter().filter(|score| score.said.item == *item).peekable();
        if of_item.peek().is_some() {
            reached.push(of_item.find(|score| score.said.scaled >= minimum)?);
        }
    }
    let last = reached.iter().max_by_key(|score| score.seq)?;
    let lowest = reached.iter().min_by_key(|score| score.said.scaled)?;
    let said = Pass {
        attempt: None,
        tier: reached.iter().map(|score| score.said.tier).min()?,
        score: format!("a score of {}", percent(lowest.said.scaled)),
        from: reached.iter().map(|score| score.id).filter(|id| *id != last.id).collect(),
    };
    Some(Proof { id: last.id, seq: last.seq, at: last.at, said })
}

impl Case<'_> {
    /// V8.
    pub(super) fn assessment_passed(&self) -> Ruling {
        let Some(assessment) = &self.facts.activity.assessment else {
            return Ruling::not_applicable("The activity has no assessment.");
        };
        let minimum = percent(minimum(assessment, self.offering));
        if let Some(pass) = &self.pass {
            let Pass { score, tier, .. } = &pass.said;
            let day = day(self.facts, pass.at);
            let reason = match (&self.facts.activity.integrity.accept_t1, tier) {
                (Some(approval), Tier::T0 | Tier::T1) => format!(
                    "Passed on {day} with {score}; {minimum} is the minimum. The score is the package's claim ({tier}), accepted by {} on {}.",
                    approval.by, approval.on
                ),
                _ => format!("Passed on {day} with {score}; {minimum} is the minimum. Graded by the server ({tier})."),
            };
            return Ruling::met(reason, [pass.id]).resting_on(pass.said.from.iter().copied());
        }
        self.not_passed(assessment, &minimum)
    }

    fn not_passed(&self, assessment: &Assessment, least: &str) -> Ruling {
        let attempts = &self.evidence.attempts;
        let used = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
        let exhausted = most(assessment, self.evidence).is_some_and(|most| used >= most);
        let tried = attempts.iter().map(|attempt| attempt.id);
        match attempts.last() {
            _ if assessment.items.is_empty() => {
                let reason = format!("The package has not reported a score of at least {least}.");
                match self.facts.required_items.first() {
                    Some(item) => Ruling::unmet(reason).go_to(Step::Play { item: item.clone() }),
                    None => Ruling::unmet(reason),
                }
            }
            None => Ruling::unmet(format!("The assessment has not been taken; {least} is the minimum."))
                .go_to(Step::Assessment),
            Some(last) if reaches(&last.said, minimum(assessment, self.offering)) => {
                let reason = "The answers in the log do not give the score of the last attempt, or it came too soon.";
                Ruling::unmet(reason).go_to(Step::Coordinator).resting_on(tried)
            }
            Some(_) if exhausted => {
                let reason = format!("All {used} attempts are used and none reached {least}; ask the CME office.");
                Ruling::unmet(reason).go_to(Step::Coordinator).resting_on(tried)
            }
            Some(last) => {
                let AttemptResult { correct, total, .. } = last.said;
                let reason = format!("The last attempt had {correct} of {total} correct; {least} is the minimum.");
                Ruling::unmet(reason).go_to(Step::Assessment).resting_on(tried)
            }
        }
    }
}
