//! The start page of the desk.

use super::activity::{CreditRow, credit_rows};
use super::proposing::{self, ProposalRow};
use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::presenter::openness;
use crate::http::pages::{Page, Section, prose, render};
use crate::service::App;
use crate::service::catalogue::activities;
use crate::service::crediting::holds::{self, HeldRegistration};
use crate::service::crediting::proposals;
use crate::service::learning::enrollment::{self, Availability};
use crate::service::learning::registrations::OfferingStatus;
use crate::service::ledger::credits;
use crate::service::people::accounts;
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

/// How many credits the desk shows.
const LATEST: usize = 50;

#[derive(Template)]
#[template(path = "desk/home.html")]
struct DeskPage {
    page: Page,
    held: Vec<HoldRow>,
    proposals: Vec<ProposalRow>,
    activities: Vec<ActivityRow>,
    credits: Vec<CreditRow>,
}

/// A completion that is held for review.
struct HoldRow {
    registration: String,
    learner: String,
    activity: String,
    why: String,
    since: String,
}

struct ActivityRow {
    id: String,
    title: String,
    version: u32,
    released: Date,
    expires: Date,
    offered: Availability,
}

/// `GET /desk`.
pub(super) async fn page(app: Data<App>, coordinator: Coordinator) -> Result<HttpResponse, Problem> {
    let page = Page::new(&app, "Desk").seen_by(&coordinator.0).at(Section::Desk);
    let mut held = Vec::new();
    for hold in holds::list(&app).await? {
        held.push(hold_row(&app, &page, hold).await?);
    }
    let mut published = Vec::new();
    for version in activities::list(&app).await? {
        let (dates, offered) = (version.document.dates, enrollment::availability(&app, &version.document)?);
        let (released, expires) = (dates.released, dates.expires);
        let (id, title) = (version.activity, version.document.title);
        published.push(ActivityRow { id, title, version: version.version, released, expires, offered });
    }
    let credits = credit_rows(&app, credits::latest(&app, LATEST).await?).await?;
    let proposals = proposing::rows(&app, &coordinator.0, &proposals::waiting(&app).await?).await?;
    Ok(render(&DeskPage { page, held, proposals, activities: published, credits }))
}

async fn hold_row(app: &App, page: &Page, hold: HeldRegistration) -> Result<HoldRow, Problem> {
    let HeldRegistration { since, status } = hold;
    let account = accounts::get(app, status.registration.learner).await?;
    let open = status.eligible().flat_map(OfferingStatus::open_signals).map(|signal| signal.message.clone()).next();
    Ok(HoldRow {
        registration: status.registration.id.to_string(),
        learner: account.map_or_else(|| "Erased learner".to_owned(), |account| account.name),
        activity: status.version.document.title,
        why: open.unwrap_or_default(),
        since: page.formats.moment(since),
    })
}
