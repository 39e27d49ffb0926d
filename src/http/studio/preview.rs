//! The preview: the package plays as for a learner, and nothing of it is recorded.

use crate::http::Problem;
use crate::http::auth::Designer;
use crate::http::pages::{self, Page, Section};
use crate::service::catalogue::packages;
use crate::service::playing::launches;
use crate::service::{App, PackageVersionId};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "studio/preview.html")]
struct PreviewPage {
    page: Page,
    title: String,
    /// The player, on the content origin.
    player: String,
    report: String,
}

/// `POST /studio/packages/{id}/preview`: starts a session without a registration, and shows it.
pub(super) async fn preview(app: Data<App>, designer: Designer, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let version = packages::get(&app, PackageVersionId(*id)).await?;
    let launched = launches::preview(&app, version.id, None).await?;
    let title = version.package.title.clone();
    Ok(pages::render(&PreviewPage {
        page: Page::new(&app, format!("Preview of {title}")).seen_by(&designer.0).at(Section::Studio),
        title,
        player: launched.url,
        report: format!("/studio/packages/{}", version.id),
    }))
}
