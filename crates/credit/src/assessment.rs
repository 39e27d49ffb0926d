//! The post-activity assessment: what a learner is shown, how answers are graded, what feedback they get, when they may try
//! again. The key stays here: a [`Paper`] has no place for it, and feedback holds it back until the assessment is passed.

use super::{
    Activity, Assessment, AssessmentItem, AssessmentKind, AttemptResult, ChoiceId, Event, Fraction, Gap, ItemId,
    Reference, Shuffle, canonical,
};
use base::hash::Sha256;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a learner answered: by item, the choices that they marked.
pub type Responses = BTreeMap<ItemId, BTreeSet<ChoiceId>>;

/// The assessment as one attempt shows it, in its order and without keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub items: Vec<PaperItem>,
}

/// One question of a [`Paper`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperItem {
    pub id: ItemId,
    pub stem: String,
    pub kind: AssessmentKind,
    pub choices: Vec<super::Choice>,
}

/// The paper of the attempt that `seed` names. The same seed gives the same order, so that a page can be loaded again.
pub fn present(assessment: &Assessment, seed: &str) -> Paper {
    let mut items: Vec<_> = assessment.items.iter().map(|item| paper_item(item, assessment.shuffle, seed)).collect();
    match assessment.shuffle {
        Shuffle::Items | Shuffle::ItemsAndChoices => items.sort_by_cached_key(|item| lot(seed, item.id.as_str(), "")),
        Shuffle::None => {}
    }
    Paper { items }
}

fn paper_item(item: &AssessmentItem, shuffle: Shuffle, seed: &str) -> PaperItem {
    let mut choices = item.choices.clone();
    match shuffle {
        Shuffle::ItemsAndChoices => {
            choices.sort_by_cached_key(|choice| lot(seed, item.id.as_str(), choice.id.as_str()));
        }
        Shuffle::Items | Shuffle::None => {}
    }
    PaperItem { id: item.id.clone(), stem: item.stem.clone(), kind: item.kind, choices }
}

/// A lot drawn for an item or a choice: without the seed nobody can predict the order.
fn lot(seed: &str, item: &str, choice: &str) -> Sha256 {
    Sha256::of(format!("{seed}\u{1f}{item}\u{1f}{choice}"))
}

/// A graded attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradedAttempt {
    pub correct: u32,
    pub total: u32,
    pub minimum: Fraction,
    pub passed: bool,
    pub items: Vec<GradedItem>,
    pub responses: Sha256,
}

/// One graded answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradedItem {
    pub id: ItemId,
    pub chosen: BTreeSet<ChoiceId>,
    pub correct: bool,
}

/// Grades `responses`, or returns a gap for every item that is not answered as it requires.
pub fn grade(assessment: &Assessment, responses: &Responses) -> Result<GradedAttempt, Vec<Gap>> {
    let gaps = unanswered(assessment, responses);
    if !gaps.is_empty() {
        return Err(gaps);
    }
    let items: Vec<GradedItem> = assessment.items.iter().map(|item| grade_item(item, responses)).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (correct, total) = (count(items.iter().filter(|item| item.correct).count()), count(items.len()));
    let minimum = assessment.minimum_score;
    let passed = minimum.is_reached_by(correct, total);
    Ok(GradedAttempt { correct, total, minimum, passed, items, responses: digest(responses) })
}

fn grade_item(item: &AssessmentItem, responses: &Responses) -> GradedItem {
    let chosen = responses.get(&item.id).cloned().unwrap_or_default();
    let correct = chosen.iter().eq(item.correct.iter().collect::<BTreeSet<_>>());
    GradedItem { id: item.id.clone(), chosen, correct }
}

/// What is wrong with `responses` as an answer to this assessment, by the item's id.
fn unanswered(assessment: &Assessment, responses: &Responses) -> Vec<Gap> {
    let wrong = assessment.items.iter().filter_map(|item| {
        let place = format!("/{}", item.id);
        let chosen = responses.get(&item.id).filter(|chosen| !chosen.is_empty());
        let Some(chosen) = chosen else { return Some(Gap::new(place, "unanswered", "Answer this question.")) };
        let known = |choice: &ChoiceId| item.choices.iter().any(|offered| offered.id == *choice);
        if !chosen.iter().all(known) {
            return Some(Gap::new(place, "not-a-choice", "Choose among the answers that are offered."));
        }
        (item.kind == AssessmentKind::Single && chosen.len() > 1)
            .then(|| Gap::new(place, "several-choices", "Choose one answer."))
    });
    let has = |id: &ItemId| assessment.items.iter().any(|item| item.id == *id);
    let unknown = responses
        .keys()
        .filter(|id| !has(id))
        .map(|id| Gap::new(format!("/{id}"), "not-asked", "The assessment has no such question; load the page again."));
    wrong.chain(unknown).collect()
}

/// The digest of `responses` that an [`AttemptResult`] event keeps.
pub fn digest(responses: &Responses) -> Sha256 {
    // Text keys and text values: canonical JSON of them always exists.
    Sha256::of(canonical::of(responses).unwrap_or_default())
}

impl GradedAttempt {
    /// What the log keeps of this attempt: one event for each answer, then the attempt itself.
    pub fn events(&self, attempt: u32, seconds: u64) -> Vec<Event> {
        let answers = self.items.iter().map(|item| Event::Answered {
            attempt,
            item: item.id.clone(),
            chosen: item.chosen.clone(),
            correct: item.correct,
        });
        let &Self { correct, total, minimum, passed, responses, .. } = self;
        let assessed = AttemptResult { attempt, correct, total, minimum, passed, seconds, responses };
        answers.chain([Event::Assessed(assessed)]).collect()
    }
}

/// The feedback that a learner receives on one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback<'a> {
    pub item: &'a AssessmentItem,
    pub chosen: BTreeSet<ChoiceId>,
    pub correct: bool,
    /// The correct choices and the rationale, once the assessment is passed: before, they would give away the next attempt.
    pub key: Option<Key<'a>>,
    /// What to read.
    pub references: Vec<&'a Reference>,
}

/// An item's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    pub correct: &'a [ChoiceId],
    pub rationale: &'a str,
}

/// The feedback on answers, in the order of the document.
pub fn feedback<'a>(activity: &'a Activity, graded: &[GradedItem], passed: bool) -> Vec<Feedback<'a>> {
    let items = activity.assessment.iter().flat_map(|assessment| &assessment.items);
    items
        .filter_map(|item| {
            let answer = graded.iter().find(|answer| answer.id == item.id)?;
            Some(Feedback {
                item,
                chosen: answer.chosen.clone(),
                correct: answer.correct,
                key: passed.then_some(Key { correct: &item.correct, rationale: &item.rationale }),
                references: item.references.iter().filter_map(|id| activity.reference(id)).collect(),
            })
        })
        .collect()
}

/// Whether a learner may begin another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAttempt {
    /// The number of the attempt that can begin now.
    Open(u32),
    /// The instant from which the next attempt can begin.
    Wait(Timestamp),
    Exhausted,
    Passed,
}

/// The attempts at an assessment so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptHistory {
    /// Those that count, and the instants at which they were graded.
    pub counted: Vec<(Timestamp, AttemptResult)>,
    /// The highest number that an attempt ever had, voided ones included: no number comes twice.
    pub highest: u32,
    /// How many attempts people have granted beyond the policy.
    pub granted: u32,
}

impl AttemptHistory {
    /// How many attempts there can be in all, by their numbers; none where there is no limit.
    pub fn last_number(&self, assessment: &Assessment) -> Option<u32> {
        let voided = self.highest.saturating_sub(self.used());
        assessment.attempts.maximum.map(|most| most.saturating_add(self.granted).saturating_add(voided))
    }

    fn used(&self) -> u32 {
        u32::try_from(self.counted.len()).unwrap_or(u32::MAX)
    }
}

/// What the attempt policy says at `now`.
pub fn next(assessment: &Assessment, history: &AttemptHistory, now: Timestamp) -> NextAttempt {
    let attempts = &history.counted;
    if attempts.iter().any(|(_, attempt)| attempt.passed) {
        return NextAttempt::Passed;
    }
    let used = history.used();
    if assessment.attempts.maximum.is_some_and(|most| used >= most.saturating_add(history.granted)) {
        return NextAttempt::Exhausted;
    }
    let number = history.highest.max(used).saturating_add(1);
    let wait = SignedDuration::from_mins(i64::from(assessment.attempts.wait_minutes));
    let free = attempts.last().and_then(|(graded, _)| graded.checked_add(wait).ok()).filter(|free| *free > now);
    free.map_or(NextAttempt::Open(number), NextAttempt::Wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completeness;

    fn activity() -> Activity {
        completeness::read(include_bytes!("../../../fixtures/activity/complete.json")).unwrap()
    }

    fn responses(answers: &[(&str, &[&str])]) -> Responses {
        answers.iter().map(|(item, chosen)| ((*item).into(), chosen.iter().map(|id| (*id).into()).collect())).collect()
    }

    const RIGHT: [(&str, &[&str]); 4] = [("q1", &["b"]), ("q2", &["a", "c"]), ("q3", &["a"]), ("q4", &["a"])];

    #[test]
    fn a_seed_gives_one_order_and_another_seed_another() {
        let assessment = activity().assessment.unwrap();
        assert_eq!(present(&assessment, "one"), present(&assessment, "one"));
        let orders: BTreeSet<Vec<ItemId>> = (0..20)
            .map(|seed| present(&assessment, &seed.to_string()).items.into_iter().map(|item| item.id).collect())
            .collect();
        assert!(orders.len() > 5, "{orders:?}");
    }

    #[test]
    fn a_paper_holds_no_key() {
        let assessment = activity().assessment.unwrap();
        let text = serde_json::to_string(&present(&assessment, "one")).unwrap();
        assert!(!text.contains("correct") && !text.contains("rationale"), "{text}");
    }

    #[test]
    fn a_set_counts_only_when_it_is_exactly_the_correct_one() {
        let assessment = activity().assessment.unwrap();
        let graded = grade(&assessment, &responses(&RIGHT)).unwrap();
        assert_eq!((graded.correct, graded.total, graded.passed), (4, 4, true));
        for half in [vec!["a"], vec!["a", "b", "c"], vec!["b", "c"]] {
            let mut answers = RIGHT;
            answers[1].1 = &half;
            assert_eq!(grade(&assessment, &responses(&answers)).unwrap().correct, 3, "{half:?}");
        }
    }

    #[test]
    fn incomplete_responses_are_named() {
        let assessment = activity().assessment.unwrap();
        let named = |answers: &[(&str, &[&str])]| {
            let gaps = grade(&assessment, &responses(answers)).unwrap_err();
            gaps.into_iter().map(|gap| format!("{} {}", gap.pointer, gap.code)).collect::<Vec<_>>()
        };
        assert_eq!(named(&RIGHT[..2]), ["/q3 unanswered", "/q4 unanswered"]);
        assert_eq!(
            named(&[("q1", &["a", "b"]), ("q2", &["z"]), ("q3", &[]), ("q4", &["a"]), ("q5", &["a"])]),
            ["/q1 several-choices", "/q2 not-a-choice", "/q3 unanswered", "/q5 not-asked"]
        );
    }

    #[test]
    fn feedback_holds_the_key_back_until_the_assessment_is_passed() {
        let activity = activity();
        let graded = grade(activity.assessment.as_ref().unwrap(), &responses(&RIGHT)).unwrap();
        assert!(feedback(&activity, &graded.items, false).iter().all(|shown| shown.key.is_none()));
        let shown = feedback(&activity, &graded.items, true);
        assert_eq!(shown[0].key.as_ref().unwrap().correct, ["b".into()]);
        assert_eq!(shown[0].references[0].citation, "Example A. A guideline. 2024.");
    }

    #[test]
    fn the_attempt_policy_says_when() {
        let mut assessment = activity().assessment.unwrap();
        assessment.attempts.wait_minutes = 10;
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let failed = |time| (at(time), graded_with(0));
        let now = at("2026-03-01T12:00:00Z");
        let after = |counted: &[_]| AttemptHistory {
            counted: counted.to_vec(),
            highest: u32::try_from(counted.len()).unwrap(),
            granted: 0,
        };
        let next = |history| next(&assessment, &history, now);
        assert_eq!(next(after(&[])), NextAttempt::Open(1));
        let wait = NextAttempt::Wait(at("2026-03-01T12:05:00Z"));
        assert_eq!(next(after(&[failed("2026-03-01T11:55:00Z")])), wait);
        assert_eq!(next(after(&[failed("2026-03-01T11:50:00Z")])), NextAttempt::Open(2));
        let used = after(&[failed("2026-03-01T11:00:00Z"); 3]);
        assert_eq!(next(used.clone()), NextAttempt::Exhausted);
        assert_eq!(next(after(&[(now, graded_with(4))])), NextAttempt::Passed);
        // One more was granted; and an attempt that was voided leaves its number behind, not its place.
        let granted = AttemptHistory { granted: 1, ..used };
        assert_eq!((next(granted.clone()), granted.last_number(&assessment)), (NextAttempt::Open(4), Some(4)));
        let voided = AttemptHistory { highest: 2, ..after(&[failed("2026-03-01T11:00:00Z")]) };
        assert_eq!((next(voided.clone()), voided.last_number(&assessment)), (NextAttempt::Open(3), Some(4)));
    }

    fn graded_with(correct: u32) -> AttemptResult {
        let minimum: Fraction = "0.75".parse().unwrap();
        let (passed, responses) = (minimum.is_reached_by(correct, 4), digest(&Responses::new()));
        AttemptResult { attempt: 1, correct, total: 4, minimum, passed, seconds: 60, responses }
    }
}
