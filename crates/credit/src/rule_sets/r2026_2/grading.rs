//! How this rule set grades answers again: trust tier T2 is recomputed, not taken from the log. It does not share the grading that
//! learners meet, which may change with the forms that it serves.

use crate::assessment::Responses;
use crate::{Assessment, AssessmentItem, AssessmentKind, canonical};
use base::hash::Sha256;
use std::collections::BTreeSet;

/// How many answers are correct, of how many, and the digest of all of them; nothing unless each question has an answer of
/// the required form, and there are no other answers.
pub(super) fn grade(assessment: &Assessment, responses: &Responses) -> Option<(u32, u32, Sha256)> {
    let items = &assessment.items;
    let asked: BTreeSet<_> = items.iter().map(|item| &item.id).collect();
    if !items.iter().all(|item| is_answered(item, responses)) || !responses.keys().all(|id| asked.contains(id)) {
        return None;
    }
    let correct = items.iter().filter(|item| is_correct(item, responses)).count();
    // Text keys and text values: canonical JSON of them always exists.
    let digest = Sha256::of(canonical::of(responses).unwrap_or_default());
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some((count(correct), count(items.len()), digest))
}

fn is_answered(item: &AssessmentItem, responses: &Responses) -> bool {
    responses.get(&item.id).is_some_and(|chosen| {
        let offered = chosen.iter().all(|id| item.choices.iter().any(|choice| choice.id == *id));
        let many = item.kind == AssessmentKind::Multiple || chosen.len() == 1;
        !chosen.is_empty() && offered && many
    })
}

/// A set counts only when it is exactly the correct one.
fn is_correct(item: &AssessmentItem, responses: &Responses) -> bool {
    responses.get(&item.id).is_some_and(|chosen| chosen.iter().eq(item.correct.iter().collect::<BTreeSet<_>>()))
}
