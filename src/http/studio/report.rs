//! The import report as a page, and as a file for a ticket or a colleague.

use super::view::{self, FindingGroup, Tree};
use crate::http::Problem;
use crate::http::auth::Designer;
use crate::http::pages::{self, Page, Section};
use crate::service::catalogue::packages::{self, Refusal};
use crate::service::{App, PackageVersion, PackageVersionId};
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Data, Path};
use askama::Template;
use base::hash::Sha256;
use content::ImportReport;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "studio/report.html")]
struct ReportPage<'a> {
    page: Page,
    report: &'a ImportReport,
    heading: String,
    standard: String,
    /// What the upload is, as terms and details.
    facts: Vec<(&'static str, String)>,
    groups: Vec<FindingGroup>,
    tree: Tree<'a>,
    /// The address of the same report as JSON.
    json: String,
    /// Where the preview is started; `None` for a refused package.
    preview: Option<String>,
    /// How an activity document names the package; `None` where it cannot be used in one.
    document: Option<String>,
}

/// `GET /studio/packages/{id}`.
pub(super) async fn accepted(app: Data<App>, designer: Designer, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let version = packages::get(&app, PackageVersionId(*id)).await?;
    let PackageVersion { report, package, .. } = &*version;
    let broken = view::broken(report);
    Ok(pages::render(&ReportPage {
        page: Page::new(&app, package.title.as_str()).seen_by(&designer.0).at(Section::Studio),
        report,
        heading: package.title.clone(),
        standard: view::standard(report),
        facts: accepted_facts(&app, &version),
        groups: view::groups(report),
        tree: Tree { items: &report.items, broken: &broken },
        json: format!("/studio/packages/{}/report.json", version.id),
        document: package.standard().is_played().then(|| format!(r#""package": {{"sha256": "{}"}}"#, version.sha256)),
        preview: package.standard().is_played().then(|| format!("/studio/packages/{}/preview", version.id)),
    }))
}

fn accepted_facts(app: &App, version: &PackageVersion) -> Vec<(&'static str, String)> {
    let unzipped = version.package.files.values().map(|file| file.size).fold(0, u64::saturating_add);
    let files = version.package.files.len();
    let mut facts = tool(&version.report);
    facts.extend([
        ("Files", format!("{files}, {} in total", pages::bytes(unzipped))),
        ("Upload", upload(version)),
        ("Imported", pages::Formats::of(app).moment(version.imported)),
        ("Package id", version.id.to_string()),
        ("SHA-256", version.sha256.to_string()),
    ]);
    facts
}

/// The size of the upload, and the name of its file.
fn upload(version: &PackageVersion) -> String {
    let size = pages::bytes(version.size);
    if version.name.is_empty() { size } else { format!("{}, {size}", version.name) }
}

/// `GET /studio/refused/{sha256}`.
pub(super) async fn refused(app: Data<App>, designer: Designer, of: Path<String>) -> Result<HttpResponse, Problem> {
    let refusal = refusal(&app, &of).await?;
    let report = &refusal.report;
    let heading = view::name(&refusal);
    let broken = view::broken(report);
    let mut facts = tool(report);
    facts.extend(report.title.clone().filter(|title| *title != heading).map(|title| ("Title", title)));
    facts.extend([
        ("Upload", pages::bytes(refusal.size)),
        ("Refused", pages::Formats::of(&app).moment(refusal.refused)),
        ("SHA-256", refusal.sha256.to_string()),
    ]);
    Ok(pages::render(&ReportPage {
        page: Page::new(&app, heading.as_str()).seen_by(&designer.0).at(Section::Studio),
        report,
        heading,
        standard: view::standard(report),
        facts,
        groups: view::groups(report),
        tree: Tree { items: &report.items, broken: &broken },
        json: format!("/studio/refused/{}/report.json", refusal.sha256),
        preview: None,
        document: None,
    }))
}

fn tool(report: &ImportReport) -> Vec<(&'static str, String)> {
    report.tool.iter().map(|_| ("Made with", report.made_with())).collect()
}

/// `GET /studio/packages/{id}/report.json`.
pub(super) async fn accepted_json(
    app: Data<App>,
    _designer: Designer,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let version = packages::get(&app, PackageVersionId(*id)).await?;
    Ok(download(&version.report, version.sha256))
}

/// `GET /studio/refused/{sha256}/report.json`.
pub(super) async fn refused_json(
    app: Data<App>,
    _designer: Designer,
    of: Path<String>,
) -> Result<HttpResponse, Problem> {
    let refusal = refusal(&app, &of).await?;
    Ok(download(&refusal.report, refusal.sha256))
}

async fn refusal(app: &App, sha256: &str) -> Result<Refusal, Problem> {
    let sha256: Sha256 =
        sha256.parse().map_err(|error| Problem::not_found(format!("there is no such report: {error}")))?;
    Ok(packages::refusal(app, sha256).await?)
}

fn download(report: &ImportReport, sha256: Sha256) -> HttpResponse {
    let name: String = sha256.to_string().chars().take(12).collect();
    HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"report-{name}.json\"")))
        .json(report)
}
