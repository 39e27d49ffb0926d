//! Taking the post-activity assessment: attempts in progress, and their grading.
//!
//! The order of items, the key and the grade stay on the server. Answers are saved as they are given, so that a closed
//! window or a signed-out session loses nothing. What counts is in the log: an attempt is graded in the one commit that
//! also ends it here, so that no attempt is graded twice, from however many windows it is submitted.

use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::{App, Registration, RegistrationId};
use base::ids;
use credit::assessment::{self, GradedAttempt, NextAttempt, Paper, Responses};
use credit::{Assessment, Event, Gap};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Key, Kind, Records as _, StoreError, StoredDocument};

/// An attempt in progress, or one that was graded. A convenience of the page: a decision never reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Attempt {
    registration: RegistrationId,
    /// 1, 2, 3 …
    number: u32,
    /// What the order of items and choices is drawn from.
    seed: String,
    begun: Timestamp,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum State {
    Open { answers: Responses },
    Graded,
}

impl Document for Attempt {
    const KIND: &'static Kind = &Kind { name: "assessment-attempt", indexes: &[] };

    fn key(&self) -> String {
        key(self.registration, self.number)
    }

    fn index(&self) -> Vec<store::IndexKey> {
        Vec::new()
    }
}

/// The key of this record.
pub(in crate::service) fn key(registration: RegistrationId, number: u32) -> String {
    Key::of(&[&registration, &format_args!("{number:08}")]).into()
}

/// An attempt as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptSheet {
    pub attempt: u32,
    /// What a later save or submission must name: two windows must not overwrite each other unseen.
    pub edition: u64,
    pub paper: Paper,
    pub answers: Responses,
}

/// Why an attempt cannot be opened, saved or submitted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this activity has no assessment; continue with the next step")]
    None,
    #[error("the assessment comes after the content; work through the activity first, then come back")]
    ContentFirst,
    #[error("you have passed the assessment; there is nothing more to answer")]
    Passed,
    #[error(
        "all attempts at the assessment are used; write to the contact named in the activity, since the CME office can grant one more"
    )]
    Exhausted,
    #[error("the next attempt at the assessment opens a little later; come back then")]
    Wait(Timestamp),
    #[error("this attempt was submitted before and graded; see its result")]
    Graded(u32),
    #[error(
        "this attempt was changed in another window; these are the answers saved last, so check them and submit again"
    )]
    Changed,
    #[error("some questions are not answered yet; answer them and submit again")]
    Unanswered(Vec<Gap>),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The attempt that can be worked on now, begun if it was not.
pub async fn open(app: &App, status: &RegistrationStatus) -> Result<AttemptSheet, Error> {
    let (assessment, number) = permitted(app, status)?;
    let kept = match find(app, status.registration.id, number).await? {
        Some(kept) => kept,
        None => begin(app, status.registration.id, number).await?,
    };
    sheet(assessment, kept)
}

/// Saves `answers` as they are, and returns the new edition.
pub async fn save(app: &App, status: &RegistrationStatus, on: Edit, answers: Responses) -> Result<u64, Error> {
    let (_, kept) = editable(app, status, on).await?;
    put(app, kept, answers).await
}

/// The attempt and edition that a page was working on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    pub attempt: u32,
    pub edition: u64,
}

/// Grades `answers` and writes the attempt into the log; or, when some are missing, keeps them and names those.
pub async fn submit(
    app: &App,
    status: &RegistrationStatus,
    on: Edit,
    answers: Responses,
) -> Result<GradedAttempt, Error> {
    let (assessment, mut kept) = editable(app, status, on).await?;
    let graded = match assessment::grade(assessment, &answers) {
        Ok(graded) => graded,
        Err(gaps) => {
            put(app, kept, answers).await?;
            return Err(Error::Unanswered(gaps));
        }
    };
    let taken = app.clock.now().duration_since(kept.document.begun).unsigned_abs().as_secs();
    kept.document.state = State::Graded;
    let end = Commit { writes: vec![kept.replace()?], ..Commit::default() };
    match status.record(app, graded.events(on.attempt, taken), end).await {
        Ok(_) => Ok(graded),
        Err(registrations::Error::Store(StoreError::Stale { .. })) => Err(Error::Changed),
        Err(error) => Err(error.into()),
    }
}

/// What the attempt policy allows now; none when there is no assessment.
pub fn next(app: &App, status: &RegistrationStatus) -> Result<Option<NextAttempt>, registrations::Error> {
    let Some(assessment) = status.version.document.assessment.as_ref() else { return Ok(None) };
    Ok(Some(assessment::next(assessment, &status.attempts(app)?, app.clock.now())))
}

/// The number of the last attempt that there can be, if there is a limit.
pub fn last_number(app: &App, status: &RegistrationStatus) -> Result<Option<u32>, registrations::Error> {
    let Some(assessment) = status.version.document.assessment.as_ref() else { return Ok(None) };
    Ok(status.attempts(app)?.last_number(assessment))
}

/// The assessment and the number of the attempt that the policy allows now.
fn permitted<'a>(app: &App, status: &'a RegistrationStatus) -> Result<(&'a Assessment, u32), Error> {
    let assessment = status.version.document.assessment.as_ref().ok_or(Error::None)?;
    match next(app, status)?.ok_or(Error::None)? {
        // A learner who passed before having seen the content would be held for review.
        NextAttempt::Open(_) if !content_is_complete(status) => Err(Error::ContentFirst),
        NextAttempt::Open(number) => Ok((assessment, number)),
        NextAttempt::Wait(until) => Err(Error::Wait(until)),
        NextAttempt::Exhausted => Err(Error::Exhausted),
        NextAttempt::Passed => Err(Error::Passed),
    }
}

/// Whether every required item is complete: the assessment comes after them.
pub fn content_is_complete(status: &RegistrationStatus) -> bool {
    status.version.required_items.iter().all(|item| status.evidence.completed.contains_key(item))
}

/// The attempt that a page works on, if it is still the one to work on and nobody has changed it since.
async fn editable<'a>(
    app: &App,
    status: &'a RegistrationStatus,
    on: Edit,
) -> Result<(&'a Assessment, StoredDocument<Attempt>), Error> {
    if status.evidence.attempts.iter().any(|proof| proof.said.attempt == on.attempt) {
        return Err(Error::Graded(on.attempt));
    }
    let (assessment, number) = permitted(app, status)?;
    let kept = find(app, status.registration.id, number).await?;
    let unchanged = kept.filter(|kept| kept.version == on.edition && number == on.attempt);
    Ok((assessment, unchanged.ok_or(Error::Changed)?))
}

async fn put(app: &App, mut kept: StoredDocument<Attempt>, answers: Responses) -> Result<u64, Error> {
    kept.document.state = State::Open { answers };
    let commit = Commit { writes: vec![kept.replace()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(kept.version + 1),
        Err(StoreError::Stale { .. }) => Err(Error::Changed),
        Err(error) => Err(error.into()),
    }
}

async fn find(
    app: &App,
    registration: RegistrationId,
    number: u32,
) -> Result<Option<StoredDocument<Attempt>>, StoreError> {
    app.store.get::<Attempt>(&app.provider, &key(registration, number)).await
}

async fn begin(app: &App, registration: RegistrationId, number: u32) -> Result<StoredDocument<Attempt>, Error> {
    let state = State::Open { answers: Responses::new() };
    let attempt = Attempt { registration, number, seed: ids::secret(), begun: app.clock.now(), state };
    let commit = Commit { writes: vec![attempt.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(StoredDocument { version: 1, document: attempt }),
        // Another window of the same learner was first.
        Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => {
            find(app, registration, number).await?.ok_or(Error::Changed)
        }
        Err(error) => Err(error.into()),
    }
}

fn sheet(assessment: &Assessment, kept: StoredDocument<Attempt>) -> Result<AttemptSheet, Error> {
    let Attempt { number, seed, state, .. } = kept.document;
    let paper = assessment::present(assessment, &seed);
    match state {
        State::Open { answers } => Ok(AttemptSheet { attempt: number, edition: kept.version, paper, answers }),
        State::Graded => Err(Error::Graded(number)),
    }
}

/// Records that the learner was shown the feedback on a graded attempt.
pub async fn record_feedback_shown(
    app: &App,
    registration: &Registration,
    attempt: u32,
) -> Result<(), registrations::Error> {
    let shown = vec![Event::FeedbackShown { attempt }];
    registrations::record(app, registration, shown, Commit::default()).await.map(|_| ())
}
