//! One activity: its learners and its credits.

use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::{Page, Section, date, moment, prose, render, zone};
use crate::http::reports::about;
use crate::service::catalogue::activities;
use crate::service::crediting::holds;
use crate::service::learning::registrations::{self, Standing};
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
    learners: Vec<Row>,
    credits: Vec<CreditRecord>,
}

struct Row {
    registration: String,
    name: String,
    profession: String,
    begun: String,
    version: u32,
    word: &'static str,
    badge: &'static str,
}

/// `GET /desk/activities/{activity}`.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    activity: Path<String>,
) -> Result<HttpResponse, Problem> {
    let version = activities::current(&app, &activity).await?;
    let mut learners = Vec::new();
    for registration in registrations::of_activity(&app, &activity, LATEST).await? {
        learners.push(row(&app, registration).await?);
    }
    let published = moment(version.published, &zone(&app));
    let title = version.document.title;
    let page = Page::new(&app, &title).seen_by(&coordinator.0).at(Section::Desk);
    let credits = credits::of_activity(&app, &activity, LATEST).await?;
    let (id, version) = (version.activity, version.version);
    let statements = about(&iri::activity(&app.config.url, &id));
    Ok(render(&ActivityPage { page, id, title, version, published, statements, learners, credits }))
}

async fn row(app: &App, registration: Registration) -> Result<Row, Problem> {
    let standing = registrations::standing(app, registration.id).await?;
    let account = accounts::get(app, registration.learner).await?;
    let (word, badge) = stands(&standing);
    Ok(Row {
        registration: registration.id.to_string(),
        name: account.as_ref().map_or_else(|| "Erased learner".to_owned(), |account| account.name.clone()),
        profession: account.map(|account| account.profession.to_string()).unwrap_or_default(),
        begun: moment(registration.created, &zone(app)),
        version: registration.version,
        word,
        badge,
    })
}

fn stands(standing: &Standing) -> (&'static str, &'static str) {
    let credited = standing.offerings.iter().filter_map(|offering| offering.credit.as_ref());
    let states: Vec<bool> = credited.map(CreditRecord::is_active).collect();
    match (states.contains(&true), states.contains(&false)) {
        (true, _) => ("Credited", "good"),
        (false, true) => ("Taken back", "bad"),
        (false, false) if holds::is_held(standing) => ("Waits for you", "warn"),
        (false, false) => ("In progress", ""),
    }
}
