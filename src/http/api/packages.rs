//! `/api/v1/packages`: uploading packages and reading what was imported.

use crate::http::auth::Author;
use crate::http::serving::upload;
use crate::http::{Problem, problem};
use crate::service::catalogue::packages::{self, Error, PackageView, Refusal};
use crate::service::playing::launches;
use crate::service::{App, PackageVersionId};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use content::ImportReport;
use serde::Serialize;
use uuid::Uuid;

/// The most packages in a list.
const LISTED: usize = 500;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/packages", web::post().to(create))
        .route("/api/v1/packages", web::get().to(list))
        .route("/api/v1/packages/{id}", web::get().to(get))
        .route("/api/v1/packages/{id}/preview", web::post().to(preview));
}

/// `POST /api/v1/packages`: 201 with the report, also when the same bytes were imported before; 422 with the report.
async fn create(app: Data<App>, author: Author, req: HttpRequest, body: Payload) -> Result<HttpResponse, Problem> {
    let upload = upload::receive(&app, &req, body).await?;
    match packages::import(&app, upload.path(), upload.name.as_deref(), &author.by).await {
        Ok(imported) => {
            let location = format!("{}/api/v1/packages/{}", app.config.url, imported.version.id);
            let mut created = HttpResponse::Created();
            Ok(created.insert_header((LOCATION, location)).json(PackageView::whole(&imported.version)))
        }
        Err(Error::Refused(refusal)) => Ok(refusal_response(&refusal)),
        Err(error) => Err(error.into()),
    }
}

/// A refusal with its report: problem details (RFC 9457) with one additional member.
#[derive(Serialize)]
struct RefusalResponse<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    report: &'a ImportReport,
}

fn refusal_response(refusal: &Refusal) -> HttpResponse {
    let body = RefusalResponse {
        r#type: "urn:enduring:problem:package-refused",
        title: "Unprocessable Entity",
        status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
        code: "package-refused",
        detail: packages::refusal_sentence(&refusal.report),
        report: &refusal.report,
    };
    HttpResponse::UnprocessableEntity().content_type(problem::MEDIA_TYPE).json(body)
}

/// `GET /api/v1/packages`: the latest, newest first.
async fn list(app: Data<App>, _author: Author) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct List<'a> {
        packages: Vec<PackageView<'a>>,
    }
    let versions = packages::list(&app, LISTED).await?;
    Ok(HttpResponse::Ok().json(List { packages: versions.iter().map(PackageView::brief).collect() }))
}

/// `GET /api/v1/packages/{id}`.
async fn get(app: Data<App>, _author: Author, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let version = packages::get(&app, PackageVersionId(*id)).await?;
    Ok(HttpResponse::Ok().json(PackageView::whole(&version)))
}

/// `POST /api/v1/packages/{id}/preview`: 201 with the URL of a player that records nothing.
async fn preview(app: Data<App>, _author: Author, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let version = packages::get(&app, PackageVersionId(*id)).await?;
    let launched = launches::preview(&app, version.id, None).await?;
    Ok(HttpResponse::Created().json(launched))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Refused(_) => Self::unprocessable("package-refused", sentence),
            Error::Unknown(_) => Self::not_found(sentence),
            Error::Unreadable(cause) => Self::internal(cause),
            Error::Store(error) => error.into(),
        }
    }
}
