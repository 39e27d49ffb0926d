//! The evaluation form.

use super::forms::{self, SaveReceipt};
use super::mine;
use crate::http::Problem;
use crate::http::auth::{Learner, PostedForm};
use crate::http::pages::{Page, Section, prose, render, render_with, see_other, sentence};
use crate::service::learning::evaluation::{self, Error, EvaluationForm, EvaluationState, Fault};
use crate::service::learning::registrations::RegistrationStatus;
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use askama::Template;
use credit::{EvaluationItem, EvaluationKind};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/evaluation.html")]
struct EvaluationPage<'a> {
    page: Page,
    registration: Uuid,
    activity: &'a str,
    title: &'a str,
    edition: u64,
    items: Vec<QuestionView<'a>>,
    refusal: Option<String>,
    provider: &'a str,
    /// Whether the answers were submitted before they could count.
    early: bool,
}

struct QuestionView<'a> {
    id: &'a str,
    prompt: &'a str,
    required: bool,
    fault: &'static str,
    control: Control,
}

/// How an item is answered, and what was answered so far.
enum Control {
    Text(String),
    Choice(Vec<OptionView>),
    Scale { options: Vec<OptionView>, low: String, high: String },
}

struct OptionView {
    value: String,
    chosen: bool,
}

/// `GET /registrations/{id}/evaluation`.
pub(super) async fn page(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &learner.0, *id).await?;
    let sheet = evaluation::open(&app, &standing).await?;
    Ok(render(&form(&app, &learner.0, &standing, &sheet, &[], None)?))
}

/// `POST /registrations/{id}/evaluation/draft`: what the page saves automatically.
pub(super) async fn save(
    app: Data<App>,
    posted: PostedForm<Learner>,
    id: Path<Uuid>,
) -> Result<Json<SaveReceipt>, Problem> {
    let standing = mine(&app, &posted.by.0, *id).await?;
    let edition = forms::number(&posted.fields, "edition")?;
    let edition = evaluation::save(&app, &standing, edition, forms::answers(&posted.fields)).await?;
    Ok(Json(SaveReceipt { edition }))
}

/// `POST /registrations/{id}/evaluation`.
pub(super) async fn submit(
    app: Data<App>,
    posted: PostedForm<Learner>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Learner(account) = &posted.by;
    let standing = mine(&app, account, *id).await?;
    let edition = forms::number(&posted.fields, "edition")?;
    let refused = match evaluation::submit(&app, &standing, edition, forms::answers(&posted.fields)).await {
        Ok(()) => return Ok(see_other(&format!("/registrations/{}", *id))),
        Err(refused) => refused,
    };
    let (status, faults) = match &refused {
        Error::Changed => (StatusCode::CONFLICT, Vec::new()),
        Error::Invalid(faults) => (StatusCode::UNPROCESSABLE_ENTITY, faults.clone()),
        _ => return Err(refused.into()),
    };
    // The last saved answers, with their faults: nothing that was typed is lost.
    let sheet = evaluation::open(&app, &standing).await?;
    Ok(render_with(status, &form(&app, account, &standing, &sheet, &faults, Some(sentence(&refused.to_string())))?))
}

fn form<'a>(
    app: &App,
    account: &Account,
    standing: &'a RegistrationStatus,
    sheet: &EvaluationForm,
    faults: &[Fault],
    refusal: Option<String>,
) -> Result<EvaluationPage<'a>, Problem> {
    let activity = &standing.version.document;
    let form = activity.evaluation.as_ref().ok_or_else(|| Problem::from(Error::None))?;
    let items = form.items.iter().map(|item| QuestionView {
        id: item.id.as_str(),
        prompt: &item.prompt,
        required: item.required,
        fault: faults.iter().find(|fault| fault.item == item.id).map_or("", |fault| fault.message),
        control: control(item, sheet.answers.get(&item.id).map_or("", String::as_str)),
    });
    let (registration, edition, items) = (standing.registration.id.0, sheet.edition, items.collect());
    let page = Page::new(app, &form.title).seen_by(account).at(Section::Activities).script("autosave.js");
    let (activity, title) = (&activity.title, &form.title);
    let (provider, early) =
        (&standing.version.document.provider.name, evaluation::state(standing) == Some(EvaluationState::Early));
    Ok(EvaluationPage { page, registration, activity, title, edition, items, refusal, provider, early })
}

fn control(item: &EvaluationItem, answer: &str) -> Control {
    let option = |value: String| OptionView { chosen: value == answer, value };
    match (item.kind, &item.scale) {
        (EvaluationKind::Choice, _) => Control::Choice(item.choices.iter().cloned().map(option).collect()),
        (EvaluationKind::Scale, Some(scale)) => Control::Scale {
            options: (scale.from..=scale.to).map(|place| option(place.to_string())).collect(),
            low: scale.low.clone(),
            high: scale.high.clone(),
        },
        (EvaluationKind::Text | EvaluationKind::Scale, _) => Control::Text(answer.to_owned()),
    }
}
