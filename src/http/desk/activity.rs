//! One activity: its learners and its credits.

use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::presenter::{Badge, CreditStatus, Reader};
use crate::http::pages::{Page, Section, prose, render};
use crate::http::reports::about;
use crate::service::catalogue::activities;
use crate::service::crediting::transcript::award;
use crate::service::learning::registrations;
use crate::service::ledger::credits::{self, CreditRecord};
use crate::service::people::accounts;
use crate::service::{App, Registration};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use xapi::vocabulary::iri;

/// How many learners and credits the page shows.
const LATEST: usize = 100;

#[derive(Template)]
#[template(path = "desk/activity.html")]
struct ActivityPage {
    page: Page,
    id: String,
    title: String,
    version: u32,
    published: String,
    /// The report of every statement about it or in its context.
    statements: String,
    learners: Vec<LearnerRow>,
    credits: Vec<CreditRow>,
}

struct LearnerRow {
    registration: String,
    name: String,
    profession: String,
    started: String,
    version: u32,
    status: Badge,
}

/// `GET /desk/activities/{activity}`.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    activity: Path<String>,
) -> Result<HttpResponse, Problem> {
    let version = activities::current(&app, &activity).await?;
    let mut learners = Vec::new();
    let page = Page::new(&app, &version.document.title).seen_by(&coordinator.0).at(Section::Desk);
    for registration in registrations::of_activity(&app, &activity, LATEST).await? {
        learners.push(row(&app, &page, registration).await?);
    }
    let published = page.formats.moment(version.published);
    let title = version.document.title;
    let credits = credit_rows(&app, credits::of_activity(&app, &activity, LATEST).await?).await?;
    let (id, version) = (version.activity, version.version);
    let statements = about(&iri::activity(&app.config.url, &id));
    Ok(render(&ActivityPage { page, id, title, version, published, statements, learners, credits }))
}

async fn row(app: &App, page: &Page, registration: Registration) -> Result<LearnerRow, Problem> {
    let standing = registrations::status(app, registration.id).await?;
    let account = accounts::get(app, registration.learner).await?;
    Ok(LearnerRow {
        registration: registration.id.to_string(),
        name: account.as_ref().map_or_else(|| "Erased learner".to_owned(), |account| account.name.clone()),
        profession: account.map(|account| account.profession.to_string()).unwrap_or_default(),
        started: page.formats.moment(registration.created),
        version: registration.version,
        status: CreditStatus::of_registration(&standing).badge(Reader::Coordinator),
    })
}

/// A credit in a list.
pub(super) struct CreditRow {
    pub credit: CreditRecord,
    /// In words.
    pub award: String,
    /// Where it no longer counts.
    pub mark: Option<Badge>,
}

/// The rows of `credits`.
pub(super) async fn credit_rows(app: &App, credits: Vec<CreditRecord>) -> Result<Vec<CreditRow>, Problem> {
    let mut rows = Vec::new();
    for credit in credits {
        let version = activities::version(app, &credit.activity, credit.version).await?;
        let mark = (!credit.is_active()).then(|| CreditStatus::of_credit(&credit).badge(Reader::Coordinator));
        rows.push(CreditRow { award: award(&version.document, &credit), mark, credit });
    }
    Ok(rows)
}
