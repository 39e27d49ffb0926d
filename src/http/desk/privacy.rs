//! Erasing a learner from the desk: who it is, what an erasure would find, the reason with a typed confirmation, and what was done.

use crate::http::Problem;
use crate::http::auth::{Coordinator, Fields, PostedForm};
use crate::http::pages::presenter::{Badge, Tone};
use crate::http::pages::{Formats, Page, Section, render, render_with, sentence};
use crate::service::erasure::{self, Counts, Erasure, ErasureId, ErasureRequest, Error, HeldEvidence};
use crate::service::learning::registrations;
use crate::service::people::accounts;
use crate::service::{Account, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What a coordinator types to confirm.
const CONFIRMATION: &str = "ERASE";

#[derive(Template)]
#[template(path = "desk/privacy.html")]
struct PrivacyPage {
    page: Page,
    form: ErasureForm,
    refusal: Option<String>,
    erasures: Vec<ErasureRow>,
}

#[derive(Template)]
#[template(path = "desk/erase.html")]
struct ErasePage {
    page: Page,
    form: ErasureForm,
    learner: Option<String>,
    counts: Vec<(&'static str, String)>,
    held: Vec<RetainedEvidence>,
    confirmation: &'static str,
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/erasure.html")]
struct ErasurePage {
    page: Page,
    id: ErasureId,
    row: ErasureRow,
    pseudonym: String,
    counts: Vec<(&'static str, String)>,
    held: Vec<RetainedEvidence>,
    mentioned: Vec<String>,
    receipt: Option<String>,
}

/// Whom to erase, as typed.
#[derive(Debug, Clone, Default)]
struct ErasureForm {
    account: String,
    agents: String,
    reason: String,
}

struct ErasureRow {
    id: ErasureId,
    requested: String,
    reason: String,
    by: String,
    state: &'static str,
    is_done: bool,
}

impl ErasureRow {
    fn status(&self) -> Badge {
        Badge::new(if self.is_done { Tone::Good } else { Tone::Warn }, self.state)
    }
}

/// Evidence that is retained.
struct RetainedEvidence {
    registration: RegistrationId,
    credits: usize,
    until: Date,
    released: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PrivacyQuery {
    registration: Option<Uuid>,
}

/// `GET /desk/privacy`: with `?registration=`, for its learner.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    query: Query<PrivacyQuery>,
) -> Result<HttpResponse, Problem> {
    let mut form = ErasureForm::default();
    if let Some(id) = query.registration {
        form.account = registrations::get(&app, RegistrationId(id)).await?.learner.to_string();
    }
    Ok(render(&list(&app, &coordinator.0, form, None).await?))
}

/// `POST /desk/privacy`: what would happen.
pub(super) async fn preview(app: Data<App>, posted: PostedForm<Coordinator>) -> Result<HttpResponse, Problem> {
    let (Coordinator(account), form) = (&posted.by, ErasureForm::of(&posted.fields));
    match preview_page(&app, account, form.clone(), None).await {
        Ok(page) => Ok(render(&page)),
        Err(refused) => refuse(&app, account, form, refused).await,
    }
}

/// `POST /desk/privacy/erase`: begins, and shows the receipt, which is never shown again.
pub(super) async fn erase(app: Data<App>, posted: PostedForm<Coordinator>) -> Result<HttpResponse, Problem> {
    let (Coordinator(account), form) = (&posted.by, ErasureForm::of(&posted.fields));
    let is_confirmed = posted.fields.get("confirmation").is_some_and(|typed| typed.trim() == CONFIRMATION);
    let begun = match form.wanted() {
        Ok(wanted) if is_confirmed => erasure::begin(&app, &wanted, &account.id.to_string()).await,
        Ok(_) => {
            let refusal = format!("Type {CONFIRMATION} to confirm: an erasure cannot be undone.");
            return incomplete(&app, account, form, refusal).await;
        }
        Err(refused) => Err(refused),
    };
    match begun {
        Ok((erasure, receipt)) => Ok(render(&record(&app, account, &erasure, Some(receipt.0)))),
        Err(refused @ (Error::NoReason | Error::Names)) => {
            incomplete(&app, account, form, sentence(&refused.to_string())).await
        }
        Err(refused) => refuse(&app, account, form, refused).await,
    }
}

/// `GET /desk/privacy/{id}`: what was done.
pub(super) async fn erasure(app: Data<App>, coordinator: Coordinator, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let found = erasure::get(&app, ErasureId(*id)).await?;
    let found = found.ok_or_else(|| Problem::not_found("there is no such erasure; the page Privacy lists all"))?;
    Ok(render(&record(&app, &coordinator.0, &found, None)))
}

/// The page of the dry run, with what is still missing.
async fn incomplete(app: &App, account: &Account, form: ErasureForm, refusal: String) -> Result<HttpResponse, Problem> {
    match preview_page(app, account, form.clone(), Some(refusal)).await {
        Ok(page) => Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)),
        Err(refused) => refuse(app, account, form, refused).await,
    }
}

async fn refuse(app: &App, account: &Account, form: ErasureForm, refused: Error) -> Result<HttpResponse, Problem> {
    if let Error::Store(_) | Error::Decision(_) | Error::Registration(_) = refused {
        return Err(refused.into());
    }
    let page = list(app, account, form, Some(sentence(&refused.to_string()))).await?;
    Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn list(
    app: &App,
    account: &Account,
    form: ErasureForm,
    refusal: Option<String>,
) -> Result<PrivacyPage, Problem> {
    let erasures = erasure::list(app).await?.iter().map(|erasure| row(app, erasure)).collect();
    let page = Page::new(app, "Privacy").seen_by(account).at(Section::Desk);
    Ok(PrivacyPage { page, form, refusal, erasures })
}

async fn preview_page(
    app: &App,
    account: &Account,
    form: ErasureForm,
    refusal: Option<String>,
) -> Result<ErasePage, Error> {
    let wanted = form.wanted()?;
    let found = erasure::preview(app, &wanted).await?;
    let learner = match wanted.account {
        Some(id) => accounts::get(app, crate::service::AccountId(id)).await?.map(|account| account.name),
        None => None,
    };
    let page = Page::new(app, "Erase a learner").seen_by(account).at(Section::Desk);
    let (counts, held) = (figures(app, found.counts), kept(app, &found.held));
    Ok(ErasePage { page, form, learner, counts, held, confirmation: CONFIRMATION, refusal })
}

fn record(app: &App, account: &Account, erasure: &Erasure, receipt: Option<String>) -> ErasurePage {
    ErasurePage {
        page: Page::new(app, "An erasure").seen_by(account).at(Section::Desk),
        id: erasure.id,
        row: row(app, erasure),
        pseudonym: erasure.pseudonym.to_string(),
        counts: figures(app, erasure.counts),
        held: kept(app, &erasure.held),
        mentioned: erasure.mentioned.iter().map(ToString::to_string).collect(),
        receipt,
    }
}

fn row(app: &App, erasure: &Erasure) -> ErasureRow {
    ErasureRow {
        id: erasure.id,
        requested: Formats::of(app).moment(erasure.requested),
        reason: erasure.reason.clone(),
        by: erasure.by.clone(),
        state: erasure.state(),
        is_done: erasure.is_done(),
    }
}

fn kept(app: &App, held: &[HeldEvidence]) -> Vec<RetainedEvidence> {
    let one = |held: &HeldEvidence| RetainedEvidence {
        registration: held.registration,
        credits: held.credits.len(),
        until: erasure::until(app, held),
        released: held.released.map(|at| Formats::of(app).moment(at)),
    };
    held.iter().map(one).collect()
}

fn figures(app: &App, counts: Counts) -> Vec<(&'static str, String)> {
    let formats = Formats::of(app);
    let figures = [
        ("Statements that name the person", counts.statements),
        ("Actors in them that are the person", counts.actors),
        ("Strings that are an identifier of the person", counts.texts),
        ("Strings that mention the person and remain", counts.mentions),
        ("Original statements retained for credits", counts.held),
        ("State and profile documents", counts.documents),
        ("Registrations without credit", counts.registrations),
        ("Records about playing, answering and signing in", counts.records),
        ("Attachments", counts.attachments),
    ];
    figures.into_iter().map(|(name, count)| (name, formats.count(count))).collect()
}

impl ErasureForm {
    fn of(fields: &Fields) -> Self {
        let field = |name| fields.get(name).unwrap_or_default().trim().to_owned();
        Self { account: field("account"), agents: field("agents"), reason: field("reason") }
    }

    fn wanted(&self) -> Result<ErasureRequest, Error> {
        let account = match self.account.as_str() {
            "" => None,
            typed => Some(typed.parse().map_err(|_| Error::NotAnAccount)?),
        };
        let agents = self.agents.lines().map(str::trim).filter(|line| !line.is_empty()).map(agent).collect();
        Ok(ErasureRequest { account, agents, reason: self.reason.clone() })
    }
}

/// The agent that a line means: a mail address, 40 digits, `homePage|name`, an OpenID, or an agent as JSON.
fn agent(line: &str) -> Value {
    if let Ok(agent @ Value::Object(_)) = serde_json::from_str(line) {
        return agent;
    }
    let is_sum = line.len() == 40 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    match line.split_once('|') {
        Some((home_page, name)) => json!({"account": {"homePage": home_page.trim(), "name": name.trim()}}),
        None if is_sum => json!({"mbox_sha1sum": line}),
        None if line.starts_with("mailto:") => json!({"mbox": line}),
        None if line.starts_with("http://") || line.starts_with("https://") => json!({"openid": line}),
        None => json!({"mbox": format!("mailto:{line}")}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_identifier_that_it_is() {
        for (line, meant) in [
            ("ann@example.org", json!({"mbox": "mailto:ann@example.org"})),
            ("mailto:ann@example.org", json!({"mbox": "mailto:ann@example.org"})),
            (
                "4e95a2820130c497c206a0817086a19a3eeaf7a5",
                json!({"mbox_sha1sum": "4e95a2820130c497c206a0817086a19a3eeaf7a5"}),
            ),
            ("https://ann.example", json!({"openid": "https://ann.example"})),
            ("https://portal.example | 17", json!({"account": {"homePage": "https://portal.example", "name": "17"}})),
            (r#"{"openid":"https://x.example"}"#, json!({"openid": "https://x.example"})),
        ] {
            assert_eq!(agent(line), meant);
        }
    }
}
