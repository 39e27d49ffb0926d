//! The post-activity assessment: its paper, and the feedback on a graded attempt.

use super::forms::{self, SaveReceipt};
use super::mine;
use crate::http::Problem;
use crate::http::auth::{Learner, PostedForm};
use crate::http::pages::presenter::{Badge, Link, StepState, Tone};
use crate::http::pages::{Formats, Page, Section, prose, render, render_with, see_other, sentence};
use crate::service::learning::assessment::{self, AttemptSheet, Error};
use crate::service::learning::evaluation::{self, EvaluationState};
use crate::service::learning::registrations::RegistrationStatus;
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use askama::Template;
use credit::assessment::{Feedback, GradedItem, NextAttempt, feedback as feedback_on};
use credit::{AssessmentKind, AttemptResult, Gap, Reference};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/assessment.html")]
struct PaperPage<'a> {
    page: Page,
    registration: Uuid,
    activity: &'a str,
    title: &'a str,
    minimum: String,
    attempt_words: String,
    attempt: u32,
    edition: u64,
    items: Vec<QuestionView>,
    missing: Vec<MissingAnswer>,
    refusal: Option<String>,
}

struct QuestionView {
    number: usize,
    id: String,
    stem: String,
    multiple: bool,
    choices: Vec<ChoiceView>,
    fault: String,
}

struct ChoiceView {
    id: String,
    text: String,
    chosen: bool,
}

/// A question that was not answered as required.
struct MissingAnswer {
    number: usize,
    fault: String,
}

/// `GET /registrations/{id}/assessment`.
pub(super) async fn page(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &learner.0, *id).await?;
    match assessment::open(&app, &standing).await {
        Ok(sheet) => Ok(render(&paper(&app, &learner.0, &standing, sheet, &[], None)?)),
        Err(Error::Passed) => Ok(see_other(&last_attempt(&standing))),
        Err(refused) => Err(refused.into()),
    }
}

/// `POST /registrations/{id}/assessment/draft`: what the page saves automatically.
pub(super) async fn save(
    app: Data<App>,
    posted: PostedForm<Learner>,
    id: Path<Uuid>,
) -> Result<Json<SaveReceipt>, Problem> {
    let standing = mine(&app, &posted.by.0, *id).await?;
    let answers = forms::responses(&posted.fields);
    let edition = assessment::save(&app, &standing, forms::edit(&posted.fields)?, answers).await?;
    Ok(Json(SaveReceipt { edition }))
}

/// `POST /registrations/{id}/assessment`.
pub(super) async fn submit(
    app: Data<App>,
    posted: PostedForm<Learner>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Learner(account) = &posted.by;
    let standing = mine(&app, account, *id).await?;
    let edit = forms::edit(&posted.fields)?;
    let Err(refused) = assessment::submit(&app, &standing, edit, forms::responses(&posted.fields)).await else {
        return Ok(see_other(&format!("/registrations/{}/assessment/{}", *id, edit.attempt)));
    };
    let (status, gaps) = match &refused {
        Error::Changed => (StatusCode::CONFLICT, Vec::new()),
        Error::Unanswered(gaps) => (StatusCode::UNPROCESSABLE_ENTITY, gaps.clone()),
        _ => return Err(refused.into()),
    };
    // The last saved answers, with their faults: nothing that was typed is lost.
    let sheet = assessment::open(&app, &standing).await?;
    Ok(render_with(status, &paper(&app, account, &standing, sheet, &gaps, Some(sentence(&refused.to_string())))?))
}

fn paper<'a>(
    app: &App,
    account: &Account,
    standing: &'a RegistrationStatus,
    sheet: AttemptSheet,
    gaps: &[Gap],
    refusal: Option<String>,
) -> Result<PaperPage<'a>, Problem> {
    let activity = &standing.version.document;
    let form = activity.assessment.as_ref().ok_or_else(|| Problem::from(Error::None))?;
    let fault =
        |id: &str| gaps.iter().find(|gap| gap.pointer == format!("/{id}")).map_or("", |gap| gap.message.as_str());
    let items: Vec<QuestionView> = sheet
        .paper
        .items
        .into_iter()
        .enumerate()
        .map(|(at, item)| {
            let chosen = sheet.answers.get(&item.id);
            let choices = item.choices.into_iter().map(|choice| ChoiceView {
                chosen: chosen.is_some_and(|chosen| chosen.contains(&choice.id)),
                id: choice.id.0,
                text: choice.text,
            });
            let (fault, choices) = (fault(item.id.as_str()).to_owned(), choices.collect());
            let multiple = item.kind == AssessmentKind::Multiple;
            QuestionView { number: at + 1, id: item.id.0, stem: item.stem, multiple, choices, fault }
        })
        .collect();
    let missing = items.iter().filter(|item| !item.fault.is_empty());
    let missing = missing.map(|item| MissingAnswer { number: item.number, fault: item.fault.clone() }).collect();
    let attempt_words = match assessment::last_number(app, standing)? {
        Some(most) => format!("This is attempt {} of {most}.", sheet.attempt),
        None => format!("This is attempt {}; you can try as often as you need.", sheet.attempt),
    };
    let page = Page::new(app, &form.title).seen_by(account).at(Section::Activities).script("autosave.js");
    let (registration, minimum) = (standing.registration.id.0, page.formats.percent(form.minimum_score));
    let (activity, title, attempt, edition) = (&activity.title, &form.title, sheet.attempt, sheet.edition);
    Ok(PaperPage {
        page,
        registration,
        activity,
        title,
        minimum,
        attempt_words,
        attempt,
        edition,
        items,
        missing,
        refusal,
    })
}

#[derive(Template)]
#[template(path = "learner/feedback.html")]
struct FeedbackPage<'a> {
    page: Page,
    registration: Uuid,
    activity: &'a str,
    passed: bool,
    correct: u32,
    total: u32,
    minimum: String,
    outlook: String,
    next: Option<Link>,
    items: Vec<ItemFeedback<'a>>,
}

/// One item of a graded attempt.
struct ItemFeedback<'a> {
    stem: &'a str,
    correct: bool,
    choices: Vec<ChoiceFeedback<'a>>,
    rationale: &'a str,
    references: Vec<&'a Reference>,
}

impl ItemFeedback<'_> {
    fn state(&self) -> StepState {
        if self.correct { StepState::Done } else { StepState::Stuck }
    }

    fn badge(&self) -> Badge {
        if self.correct { Badge::new(Tone::Good, "Correct") } else { Badge::new(Tone::Bad, "Not correct") }
    }
}

struct ChoiceFeedback<'a> {
    text: &'a str,
    chosen: bool,
    correct: bool,
}

/// `GET /registrations/{id}/assessment/{attempt}`: the result and the feedback. That it was shown is recorded once.
pub(super) async fn feedback(
    app: Data<App>,
    learner: Learner,
    path: Path<(Uuid, u32)>,
) -> Result<HttpResponse, Problem> {
    let (id, number) = path.into_inner();
    let standing = mine(&app, &learner.0, id).await?;
    let evidence = &standing.evidence;
    let graded = evidence.attempts.iter().map(|proof| &proof.said).find(|said| said.attempt == number);
    let graded = graded.ok_or_else(|| Problem::not_found("this attempt was not graded; go back to your overview"))?;
    if !evidence.feedback.iter().any(|proof| proof.said == number) {
        assessment::record_feedback_shown(&app, &standing.registration, number).await?;
    }
    Ok(render(&feedback_page(&app, &learner.0, &standing, graded)?))
}

fn feedback_page<'a>(
    app: &App,
    account: &Account,
    standing: &'a RegistrationStatus,
    graded: &AttemptResult,
) -> Result<FeedbackPage<'a>, Problem> {
    let activity = &standing.version.document;
    let answers =
        standing.evidence.answers.iter().map(|proof| &proof.said).filter(|said| said.attempt == graded.attempt);
    let answers: Vec<_> = answers
        .map(|said| GradedItem { id: said.item.clone(), chosen: said.chosen.clone(), correct: said.correct })
        .collect();
    let passed_any = standing.evidence.attempts.iter().any(|proof| proof.said.passed);
    let items = feedback_on(activity, &answers, passed_any).into_iter().map(one).collect();
    let id = standing.registration.id;
    let (outlook, next) = outlook(app, standing, graded.passed)?;
    Ok(FeedbackPage {
        page: Page::new(app, if graded.passed { "You passed" } else { "Not passed yet" })
            .seen_by(account)
            .at(Section::Activities),
        registration: id.0,
        activity: &activity.title,
        passed: graded.passed,
        correct: graded.correct,
        total: graded.total,
        minimum: Formats::of(app).percent(graded.minimum),
        outlook,
        next,
        items,
    })
}

fn one(feedback: Feedback<'_>) -> ItemFeedback<'_> {
    let Feedback { item, chosen, correct, key, references } = feedback;
    let right = |id| key.as_ref().is_some_and(|key| key.correct.contains(id));
    let choices = item.choices.iter().map(|choice| ChoiceFeedback {
        text: &choice.text,
        chosen: chosen.contains(&choice.id),
        correct: right(&choice.id),
    });
    let choices = choices.collect();
    ItemFeedback {
        stem: &item.stem,
        correct,
        choices,
        rationale: key.as_ref().map_or("", |key| key.rationale),
        references,
    }
}

/// The next step, as a sentence and a button.
fn outlook(app: &App, standing: &RegistrationStatus, passed: bool) -> Result<(String, Option<Link>), Problem> {
    let link = |page: &str, text: &str| Link {
        href: format!("/registrations/{}/{page}", standing.registration.id),
        text: text.to_owned(),
    };
    if passed {
        let is_open = evaluation::state(standing) == Some(EvaluationState::Open);
        let next = link("evaluation", "Continue to the evaluation");
        return Ok(("The correct answers and their explanations are below.".to_owned(), is_open.then_some(next)));
    }
    let again = || Some(link("assessment", "Try again"));
    Ok(match assessment::next(app, standing)? {
        Some(NextAttempt::Open(_)) => {
            ("Read the references of what was not correct, then try again.".to_owned(), again())
        }
        Some(NextAttempt::Wait(until)) => {
            let until = Formats::of(app).moment(until);
            (format!("The next attempt opens on {until}; read the references until then."), None)
        }
        Some(NextAttempt::Exhausted) => {
            let text =
                "All attempts are used. Write to the contact named in the activity: the CME office can grant one more.";
            (text.to_owned(), None)
        }
        Some(NextAttempt::Passed) => ("You passed a later attempt.".to_owned(), None),
        None => (String::new(), None),
    })
}

/// The page of the attempt graded last.
fn last_attempt(standing: &RegistrationStatus) -> String {
    let id = standing.registration.id;
    standing.evidence.attempts.last().map_or_else(
        || format!("/registrations/{id}"),
        |proof| format!("/registrations/{id}/assessment/{}", proof.said.attempt),
    )
}
