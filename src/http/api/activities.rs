//! `/api/v1/activities`: publishing activities and reading what was published.

use crate::http::auth::ApiCaller;
use crate::http::{ErrorDetail, Problem};
use crate::service::catalogue::activities::{self, Error};
use crate::service::{ActivityVersion, App};
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use credit::Gap;
use serde::Serialize;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/activities", web::post().to(create))
        .route("/api/v1/activities", web::get().to(list))
        .route("/api/v1/activities/{id}", web::get().to(current))
        .route("/api/v1/activities/{id}/versions/{version}", web::get().to(version));
}

/// An activity version as the API shows it.
#[derive(Serialize)]
struct ActivityView<'a> {
    id: &'a str,
    version: u32,
    title: &'a str,
    /// Of the document as canonical JSON.
    sha256: String,
    package: String,
    published: String,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a credit::Activity>,
}

impl<'a> ActivityView<'a> {
    fn brief(version: &'a ActivityVersion) -> Self {
        Self {
            id: &version.activity,
            version: version.version,
            title: &version.document.title,
            sha256: version.sha256.to_string(),
            package: version.package.to_string(),
            published: xapi::instant(version.published),
            by: &version.by,
            document: None,
        }
    }

    fn whole(version: &'a ActivityVersion) -> Self {
        Self { document: Some(&version.document), ..Self::brief(version) }
    }
}

/// `POST /api/v1/activities`: 201 with id and version, also when the current version says the same; 422 with every gap.
async fn create(app: Data<App>, caller: ApiCaller, body: Bytes) -> Result<HttpResponse, Problem> {
    let version = activities::publish(&app, &body, None, &caller.by).await?;
    let place = format!("{}/api/v1/activities/{}/versions/{}", app.config.url, version.activity, version.version);
    Ok(HttpResponse::Created().insert_header((LOCATION, place)).json(ActivityView::brief(&version)))
}

/// `GET /api/v1/activities`: the current versions, the last published first.
async fn list(app: Data<App>, _caller: ApiCaller) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct ActivityList<'a> {
        activities: Vec<ActivityView<'a>>,
    }
    let versions = activities::list(&app).await?;
    Ok(HttpResponse::Ok().json(ActivityList { activities: versions.iter().map(ActivityView::brief).collect() }))
}

/// `GET /api/v1/activities/{id}`: the current version, with its document.
async fn current(app: Data<App>, _caller: ApiCaller, id: Path<String>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(ActivityView::whole(&activities::current(&app, &id).await?)))
}

/// `GET /api/v1/activities/{id}/versions/{version}`: one version, with its document.
async fn version(app: Data<App>, _caller: ApiCaller, at: Path<(String, u32)>) -> Result<HttpResponse, Problem> {
    let (id, number) = at.into_inner();
    Ok(HttpResponse::Ok().json(ActivityView::whole(&activities::version(&app, &id, number).await?)))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Incomplete { gaps } => {
                let count = gaps.len();
                let detail = format!("the activity document has {count} gaps; fill each and publish it again");
                Self::unprocessable("activity-incomplete", detail)
                    .with(gaps.into_iter().map(ErrorDetail::from).collect())
            }
            Error::Unknown(_) | Error::NoVersion { .. } => Self::not_found(sentence),
            Error::Package(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<Gap> for ErrorDetail {
    fn from(Gap { pointer, code, message }: Gap) -> Self {
        Self { pointer, code: code.to_owned(), message }
    }
}
