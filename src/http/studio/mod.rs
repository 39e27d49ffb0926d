//! `/studio`: where instructional designers upload packages, read their import reports, and preview them.
//!
//! A plain form does everything; `studio.js` adds dropping a file and a progress bar to it. Refused uploads have a
//! page too, under the SHA-256 of what was uploaded, so that a report can be shown to a colleague.

mod preview;
mod report;
mod view;

use super::Problem;
use super::auth::Designer;
use super::pages::{self, Page, Section};
use super::serving::upload;
use crate::service::App;
use crate::service::catalogue::activities;
use crate::service::catalogue::packages::{self, Error};
use actix_web::web::{self, Data, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use content::Limits;
use view::PackageRow;

/// How many packages, and how many refusals, the list shows.
const LISTED: usize = 100;
/// Among how many of each a search looks.
const SEARCHED: usize = 1_000;
/// How many characters of a search count.
const LONGEST_QUERY: usize = 200;

/// Every route of the studio.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/studio", web::get().to(list))
        .route("/studio/packages", web::post().to(receive))
        .route("/studio/packages/{id}", web::get().to(report::accepted))
        .route("/studio/packages/{id}/report.json", web::get().to(report::accepted_json))
        .route("/studio/packages/{id}/preview", web::post().to(preview::preview))
        .route("/studio/refused/{sha256}", web::get().to(report::refused))
        .route("/studio/refused/{sha256}/report.json", web::get().to(report::refused_json));
}

#[derive(Template)]
#[template(path = "studio/list.html")]
struct PackagesPage {
    page: Page,
    /// What is searched for; empty for everything.
    query: String,
    packages: Vec<PackageRow>,
    refusals: Vec<PackageRow>,
    /// The largest upload, for people.
    limit: String,
    /// The same in bytes, for the script.
    limit_bytes: u64,
}

#[derive(serde::Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /studio`: the newest packages, or those of the newest that contain every word of `q`.
async fn list(app: Data<App>, designer: Designer, search: Query<Search>) -> Result<HttpResponse, Problem> {
    let formats = pages::Formats::of(&app);
    let query: String = search.q.trim().chars().take(LONGEST_QUERY).collect();
    let searched = if query.is_empty() { LISTED } else { SEARCHED };
    let packages = packages::list(&app, searched).await?;
    let refusals = packages::refusals(&app, searched).await?;
    let activities = activities::list(&app).await?;
    let accepted = packages.iter().map(|version| PackageRow::accepted(version, &activities, &formats));
    let refused = refusals.iter().map(|refusal| PackageRow::refused(refusal, &formats));
    Ok(pages::render(&PackagesPage {
        page: Page::new(&app, "Packages").seen_by(&designer.0).at(Section::Studio).script("studio.js"),
        packages: accepted.filter(|row| row.matches(&query)).take(LISTED).collect(),
        refusals: refused.filter(|row| row.matches(&query)).take(LISTED).collect(),
        query,
        limit: pages::bytes(Limits::DEFAULT.upload),
        limit_bytes: Limits::DEFAULT.upload,
    }))
}

/// `POST /studio/packages`: redirects to the page of the report, whether the package was accepted or refused.
async fn receive(app: Data<App>, designer: Designer, req: HttpRequest, body: Payload) -> Result<HttpResponse, Problem> {
    let upload = upload::receive(&app, &req, body).await?;
    let by = designer.0.id.to_string();
    match packages::import(&app, upload.path(), upload.name.as_deref(), &by).await {
        Ok(imported) => Ok(pages::see_other(&format!("/studio/packages/{}", imported.version.id))),
        Err(Error::Refused(refusal)) => Ok(pages::see_other(&format!("/studio/refused/{}", refusal.sha256))),
        Err(error) => Err(error.into()),
    }
}
