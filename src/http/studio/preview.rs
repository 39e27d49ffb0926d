//! The preview: the package plays as for a learner, and nothing of it is recorded.

use crate::http::Problem;
use crate::http::auth::Designer;
use crate::http::pages;
use crate::service::playing::launches;
use crate::service::{App, PackageVersionId};
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use uuid::Uuid;

/// `POST /studio/packages/{id}/preview`: starts a session without a registration, and goes to its player.
pub(super) async fn preview(app: Data<App>, _designer: Designer, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let launched = launches::preview(&app, PackageVersionId(*id), None).await?;
    Ok(pages::see_other(&launched.url))
}
