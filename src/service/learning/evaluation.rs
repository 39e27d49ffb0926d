//! The evaluation form: a draft that is kept while it is filled in, and its submission.

use crate::service::learning::assessment;
use crate::service::learning::registrations::{self, OfferingStatus, RegistrationStatus};
use crate::service::{App, RegistrationId};
use credit::{
    Evaluation, EvaluationAnswer, EvaluationItem, EvaluationKind, EvaluationRule, Event, ItemId, RuleId, Status,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Commit, Document, Kind, Records as _, StoreError, StoredDocument, Write};

/// The longest free-text answer, in characters.
pub const LONGEST: usize = 4000;

/// What was filled in, by item. An item that was left empty is not in it.
pub type Answers = BTreeMap<ItemId, String>;

/// What was filled in so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Draft {
    registration: RegistrationId,
    answers: Answers,
}

impl Document for Draft {
    const KIND: &'static Kind = &Kind { name: "evaluation-draft", indexes: &[] };

    fn key(&self) -> String {
        self.registration.to_string()
    }

    fn index(&self) -> Vec<store::IndexKey> {
        Vec::new()
    }
}

/// The form as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationForm {
    /// What a later save must name; 0 when nothing was saved yet.
    pub edition: u64,
    pub answers: Answers,
}

/// Why a form cannot be saved or submitted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this activity has no evaluation; continue with the next step")]
    None,
    #[error("the evaluation opens once you have worked through the content; what you filled in is kept")]
    ContentFirst,
    #[error("the evaluation opens once you have passed the assessment; what you filled in is kept")]
    PassFirst,
    #[error("your evaluation was submitted before; thank you")]
    Submitted,
    #[error("the form was changed in another window; these are the answers saved last, so check them and submit again")]
    Changed,
    #[error("some answers are missing or do not fit; correct them and submit again")]
    Invalid(Vec<Fault>),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub item: ItemId,
    pub message: &'static str,
}

/// The form with what was filled in so far.
pub async fn open(app: &App, status: &RegistrationStatus) -> Result<EvaluationForm, Error> {
    fillable(status)?;
    let kept = find(app, status).await?;
    Ok(kept.map_or_else(
        || EvaluationForm { edition: 0, answers: submitted(status) },
        |kept| EvaluationForm { edition: kept.version, answers: kept.document.answers },
    ))
}

/// Saves `answers` as they are, and returns the new edition.
pub async fn save(app: &App, status: &RegistrationStatus, edition: u64, answers: Answers) -> Result<u64, Error> {
    unsubmitted(status)?;
    let answers = answers.into_iter().map(|(item, answer)| (item, answer.chars().take(LONGEST).collect())).collect();
    let draft = Draft { registration: status.registration.id, answers };
    let write = match edition {
        0 => draft.insert()?,
        version => StoredDocument { version, document: draft }.replace()?,
    };
    match app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await {
        Ok(_) => Ok(edition + 1),
        Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Err(Error::Changed),
        Err(error) => Err(error.into()),
    }
}

/// Writes the evaluation into the log; or, when something is missing, saves the draft and names what.
pub async fn submit(app: &App, status: &RegistrationStatus, edition: u64, answers: Answers) -> Result<(), Error> {
    let evaluation = match fillable(status) {
        Ok(evaluation) => evaluation,
        Err(early @ (Error::ContentFirst | Error::PassFirst)) => {
            save(app, status, edition, answers).await?;
            return Err(early);
        }
        Err(error) => return Err(error),
    };
    let faults: Vec<_> = evaluation.items.iter().filter_map(|item| fault(item, answers.get(&item.id))).collect();
    if !faults.is_empty() {
        save(app, status, edition, answers).await?;
        return Err(Error::Invalid(faults));
    }
    let items = evaluation.items.iter();
    let given = items.filter_map(|item| {
        Some(EvaluationAnswer { item: item.id.clone(), response: answers.get(&item.id)?.trim().to_owned() })
    });
    let events = vec![Event::Evaluated { answers: given.collect() }];
    let draft = find(app, status).await?.map(|kept| kept.delete());
    let end = Commit { writes: draft.into_iter().collect::<Vec<Write>>(), ..Commit::default() };
    match status.record(app, events, end).await {
        Ok(_) => Ok(()),
        Err(registrations::Error::Store(StoreError::Stale { .. })) => Err(Error::Changed),
        Err(error) => Err(error.into()),
    }
}

/// How far a learner is with the evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluationState {
    /// The content comes first.
    ContentFirst,
    /// The assessment comes first.
    PassFirst,
    /// It can be filled in.
    Open,
    /// It was submitted before there was something to evaluate. The answers are kept, and can be confirmed.
    Early,
    Submitted,
}

/// How far a learner is with the evaluation; none where the activity has no form.
pub fn state(status: &RegistrationStatus) -> Option<EvaluationState> {
    status.version.document.evaluation.as_ref()?;
    let is_unmet = |offering: &OfferingStatus, rule| {
        offering.decision.finding(rule).is_some_and(|finding| finding.status == Status::Unmet)
    };
    let begun = !status.evidence.evaluations.is_empty();
    if begun && !status.eligible().any(|offering| is_unmet(offering, RuleId::V9)) {
        return Some(EvaluationState::Submitted);
    }
    let waits_for_pass = status.eligible().any(|offering| {
        offering.offering.evaluation == EvaluationRule::RequiredAfterPass && is_unmet(offering, RuleId::V8)
    });
    Some(match begun {
        _ if !assessment::content_is_complete(status) => EvaluationState::ContentFirst,
        _ if waits_for_pass => EvaluationState::PassFirst,
        true => EvaluationState::Early,
        false => EvaluationState::Open,
    })
}

/// The form, unless it was submitted: what is typed is saved whenever it comes.
fn unsubmitted(status: &RegistrationStatus) -> Result<&Evaluation, Error> {
    match state(status) {
        Some(EvaluationState::Submitted) => Err(Error::Submitted),
        _ => status.version.document.evaluation.as_ref().ok_or(Error::None),
    }
}

fn fillable(status: &RegistrationStatus) -> Result<&Evaluation, Error> {
    match state(status) {
        Some(EvaluationState::ContentFirst) => Err(Error::ContentFirst),
        Some(EvaluationState::PassFirst) => Err(Error::PassFirst),
        _ => unsubmitted(status),
    }
}

/// What was submitted last, if anything was.
fn submitted(status: &RegistrationStatus) -> Answers {
    let last = status.evidence.evaluations.last().map(|proof| proof.said.as_slice()).unwrap_or_default();
    last.iter().map(|answer| (answer.item.clone(), answer.response.clone())).collect()
}

async fn find(app: &App, status: &RegistrationStatus) -> Result<Option<StoredDocument<Draft>>, StoreError> {
    app.store.get::<Draft>(&app.provider, &status.registration.id.to_string()).await
}

/// What is wrong with `answer` to `item`, if anything.
fn fault(item: &EvaluationItem, answer: Option<&String>) -> Option<Fault> {
    let fault = |message| Some(Fault { item: item.id.clone(), message });
    let answer = answer.map(|answer| answer.trim()).filter(|answer| !answer.is_empty());
    let Some(answer) = answer else {
        return if item.required { fault("Answer this question.") } else { None };
    };
    match item.kind {
        EvaluationKind::Text if answer.chars().count() > LONGEST => fault("Shorten this to 4000 characters."),
        EvaluationKind::Text => None,
        EvaluationKind::Choice if item.choices.iter().any(|choice| choice == answer) => None,
        EvaluationKind::Scale if on_scale(item, answer) => None,
        EvaluationKind::Choice | EvaluationKind::Scale => fault("Choose among the answers that are offered."),
    }
}

fn on_scale(item: &EvaluationItem, answer: &str) -> bool {
    let place = answer.parse::<u8>().ok();
    item.scale.as_ref().zip(place).is_some_and(|(scale, place)| (scale.from..=scale.to).contains(&place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use credit::Scale;

    fn item(kind: EvaluationKind, required: bool) -> EvaluationItem {
        let scale = Some(Scale { from: 1, to: 5, low: "not at all".into(), high: "very much".into() });
        let choices = vec!["Yes".to_owned(), "No".to_owned()];
        EvaluationItem { id: "e1".into(), prompt: "?".into(), kind, required, choices, scale }
    }

    #[test]
    fn an_answer_fits_its_item() {
        use EvaluationKind::{Choice, Scale, Text};
        let long = "a".repeat(LONGEST + 1);
        for (kind, required, answer, fits) in [
            (Scale, true, Some("5"), true),
            (Scale, true, Some("6"), false),
            (Scale, true, Some("five"), false),
            (Scale, false, None, true),
            (Choice, true, Some("Yes"), true),
            (Choice, true, Some("Perhaps"), false),
            (Text, true, Some("  "), false),
            (Text, false, Some("  "), true),
            (Text, true, Some(long.as_str()), false),
        ] {
            let answer = answer.map(str::to_owned);
            assert_eq!(fault(&item(kind, required), answer.as_ref()).is_none(), fits, "{kind:?} {answer:?}");
        }
    }
}
