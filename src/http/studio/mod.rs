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
use crate::service::catalogue::packages::{self, Error};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use content::Limits;
use view::PackageRow;

/// How many packages, and how many refusals, the list shows.
const LISTED: usize = 100;

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
    packages: Vec<PackageRow>,
    refusals: Vec<PackageRow>,
    /// The largest upload, for people.
    limit: String,
    /// The same in bytes, for the script.
    limit_bytes: u64,
}

/// `GET /studio`.
async fn list(app: Data<App>, designer: Designer) -> Result<HttpResponse, Problem> {
    let formats = pages::Formats::of(&app);
    let packages = packages::list(&app, LISTED).await?;
    let refusals = packages::refusals(&app, LISTED).await?;
    Ok(pages::render(&PackagesPage {
        page: Page::new(&app, "Packages").seen_by(&designer.0).at(Section::Studio).script("studio.js"),
        packages: packages.iter().map(|version| PackageRow::accepted(version, &formats)).collect(),
        refusals: refusals.iter().map(|refusal| PackageRow::refused(refusal, &formats)).collect(),
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
