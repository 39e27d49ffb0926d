//! The assessment, the evaluation and the bibliography that they refer to.

use super::{Draft, Gap, numbered, unique};
use crate::{Assessment, AssessmentItem, AssessmentKind, EvaluationItem, EvaluationKind};

pub(super) fn check(draft: &Draft, gaps: &mut Vec<Gap>) {
    let references = numbered(&draft.bibliography);
    unique(references.map(|(n, entry)| (format!("/bibliography/{n}/id"), entry.id.as_str())), gaps);
    if let Some(assessment) = draft.assessment.get() {
        check_assessment(assessment, draft, gaps);
    }
    if let Some(evaluation) = draft.evaluation.get() {
        let ids = evaluation.items.iter().enumerate();
        unique(ids.map(|(n, item)| (format!("/evaluation/items/{n}/id"), item.id.as_str())), gaps);
        for (n, item) in evaluation.items.iter().enumerate() {
            check_evaluation_item(&format!("/evaluation/items/{n}"), item, gaps);
        }
    }
}

fn check_assessment(assessment: &Assessment, draft: &Draft, gaps: &mut Vec<Gap>) {
    let approved = draft.integrity.as_ref().is_some_and(|integrity| integrity.accept_t1.is_some());
    if assessment.items.is_empty() && !approved {
        gaps.push(Gap::new(
            "/assessment/items",
            "assessment-empty",
            "List the items that the server grades, or let a named person accept the package's own assessment in \
             /integrity/accept_t1.",
        ));
    }
    let ids = assessment.items.iter().enumerate();
    unique(ids.map(|(n, item)| (format!("/assessment/items/{n}/id"), item.id.as_str())), gaps);
    for (n, item) in assessment.items.iter().enumerate() {
        let place = format!("/assessment/items/{n}");
        check_key(&place, item, gaps);
        check_references(&place, item, draft, gaps);
    }
}

/// The key names choices that are there, as many as the kind of item wants.
fn check_key(place: &str, item: &AssessmentItem, gaps: &mut Vec<Gap>) {
    let choices = item.choices.iter().enumerate();
    unique(choices.map(|(n, choice)| (format!("{place}/choices/{n}/id"), choice.id.as_str())), gaps);
    for (n, key) in item.correct.iter().enumerate() {
        if !item.choices.iter().any(|choice| choice.id == *key) {
            let message = format!("`{key}` is marked as correct and is not among the choices; correct one of them.");
            gaps.push(Gap::new(format!("{place}/correct/{n}"), "key-not-a-choice", message));
        }
    }
    if item.kind == AssessmentKind::Single && item.correct.len() > 1 {
        let message = "An item of kind single has exactly one correct choice; name one, or make the item multiple.";
        gaps.push(Gap::new(format!("{place}/correct"), "several-keys", message));
    }
}

fn check_references(place: &str, item: &AssessmentItem, draft: &Draft, gaps: &mut Vec<Gap>) {
    // A bibliography that is missing, or an entry that cannot be read, has its own gap.
    let readable = !draft.bibliography.is_empty() && draft.bibliography.iter().all(Option::is_some);
    for (n, reference) in item.references.iter().enumerate() {
        if readable && !numbered(&draft.bibliography).any(|(_, entry)| entry.id == *reference) {
            let message = format!("The bibliography has no entry `{reference}`; add it or correct the id.");
            gaps.push(Gap::new(format!("{place}/references/{n}"), "reference-not-found", message));
        }
    }
    if draft.objectives > 0 && item.objective.is_some_and(|objective| objective >= draft.objectives) {
        let message = format!("There are {} objectives, counted from 0; name one of them.", draft.objectives);
        gaps.push(Gap::new(format!("{place}/objective"), "objective-not-found", message));
    }
}

fn check_evaluation_item(place: &str, item: &EvaluationItem, gaps: &mut Vec<Gap>) {
    match (item.kind, &item.scale) {
        (EvaluationKind::Choice, _) if item.choices.len() < 2 => gaps.push(Gap::new(
            format!("{place}/choices"),
            "choices-missing",
            "An item of kind choice needs at least two choices.",
        )),
        (EvaluationKind::Scale, None) => gaps.push(Gap::new(
            format!("{place}/scale"),
            "scale-missing",
            "An item of kind scale needs a scale: from, to, and what the ends mean.",
        )),
        (EvaluationKind::Scale, Some(scale)) if scale.from >= scale.to => {
            gaps.push(Gap::new(
                format!("{place}/scale/to"),
                "scale-empty",
                "A scale ends above the number it begins with.",
            ));
        }
        _ => {}
    }
}
