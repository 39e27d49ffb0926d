//! `/api/v1/erasures`: pseudonymizing a person, and the records of what was done.

use crate::http::Problem;
use crate::http::auth::Keeper;
use crate::service::App;
use crate::service::erasure::{self, ErasureId, ErasureRequest, ErasureResponse, ErasureView, Error, PreviewResponse};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/erasures", web::get().to(list))
        .route("/api/v1/erasures", web::post().to(create))
        .route("/api/v1/erasures/{id}", web::get().to(get));
}

/// Whom to erase and why. A dry run says what would happen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateErasureRequest {
    account: Option<Uuid>,
    #[serde(default)]
    agents: Vec<Value>,
    #[serde(default)]
    reason: String,
    /// Whether to change nothing.
    #[serde(default)]
    dry_run: bool,
}

/// `POST /api/v1/erasures`: 202 with the record and the receipt, which is shown this once; 200 for a dry run.
async fn create(app: Data<App>, keeper: Keeper, request: Json<CreateErasureRequest>) -> Result<HttpResponse, Problem> {
    let CreateErasureRequest { account, agents, reason, dry_run } = request.into_inner();
    let wanted = ErasureRequest { account, agents, reason };
    if dry_run {
        let found = erasure::preview(&app, &wanted).await?;
        return Ok(HttpResponse::Ok().json(PreviewResponse::of(&app, &found)));
    }
    let (begun, receipt) = erasure::begin(&app, &wanted, &keeper.by).await?;
    let place = format!("{}/api/v1/erasures/{}", app.config.url, begun.id);
    let answer = ErasureResponse { erasure: ErasureView::of(&app, &begun), receipt: &receipt.0 };
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, place))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer))
}

/// `GET /api/v1/erasures`: the last requested first.
async fn list(app: Data<App>, _keeper: Keeper) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct List<'a> {
        erasures: Vec<ErasureView<'a>>,
    }
    let found = erasure::list(&app).await?;
    Ok(HttpResponse::Ok().json(List { erasures: found.iter().map(|erasure| ErasureView::of(&app, erasure)).collect() }))
}

/// `GET /api/v1/erasures/{id}`.
async fn get(app: Data<App>, _keeper: Keeper, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let found = erasure::get(&app, ErasureId(*id)).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("no erasure has the id {}; list them", *id)))?;
    Ok(HttpResponse::Ok().json(ErasureView::of(&app, &found)))
}

impl From<Error> for Problem {
    fn from(refused: Error) -> Self {
        let sentence = refused.to_string();
        match refused {
            Error::Nobody => Self::unprocessable("nobody", sentence),
            Error::UnknownAccount(_) => Self::unprocessable("unknown-account", sentence),
            Error::NotAnAccount => Self::unprocessable("not-an-account", sentence),
            Error::NotAnAgent { .. } => Self::unprocessable("not-an-agent", sentence),
            Error::Several => Self::unprocessable("several-people", sentence),
            Error::Server => Self::unprocessable("server-agent", sentence),
            Error::NoReason => Self::unprocessable("no-reason", sentence),
            Error::Names => Self::unprocessable("reason-names", sentence),
            Error::Decision(error) => error.into(),
            Error::Registration(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}
