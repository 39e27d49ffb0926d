//! What the player sends to the server. The token in the path is the only authorization.

use crate::http::Problem;
use crate::http::serving::readers;
use crate::service::App;
use crate::service::playing::{commits, launches, sessions};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{Error, HttpResponse};
use serde::Deserialize;
use serde_json::json;

/// `POST /l/{token}/commit`: see `docs/runtime.md` for the body and what it leads to.
pub(super) async fn commit(
    app: Data<App>,
    token: Path<String>,
    body: Result<Bytes, Error>,
) -> Result<HttpResponse, Problem> {
    let body = body.map_err(|error| unreadable(&error))?;
    Ok(HttpResponse::Ok().json(commits::commit(&app, &token, &body).await?))
}

fn unreadable(error: &Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => {
            let detail =
                format!("a commit has at most {} bytes; send only what changed since the last one", commits::LARGEST);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "commit-too-large", detail)
        }
        Some(other) => readers::body(other),
        None => Problem::bad_request("body-unreadable", "the body could not be read; send it again"),
    }
}

/// The body of a heartbeat.
#[derive(Debug, Deserialize)]
pub(super) struct Heartbeat {
    /// Seconds of attention since the last heartbeat.
    #[serde(default)]
    attended: u64,
}

/// `POST /l/{token}/heartbeat`.
pub(super) async fn heartbeat(
    app: Data<App>,
    token: Path<String>,
    said: Json<Heartbeat>,
) -> Result<HttpResponse, Problem> {
    let session = commits::heartbeat(&app, &token, said.attended).await?;
    Ok(HttpResponse::Ok().json(json!({ "session": session })))
}

/// The item to switch to.
#[derive(Debug, Deserialize)]
pub(super) struct TurnRequest {
    item: String,
}

/// `POST /l/{token}/launch`: another item of the same package, or the same again, in a new session.
pub(super) async fn launch(
    app: Data<App>,
    token: Path<String>,
    request: Json<TurnRequest>,
) -> Result<HttpResponse, Problem> {
    let session = sessions::open(&app, &token).await?.document;
    let launched = launches::turn_to(&app, &session, &request.item).await?;
    Ok(HttpResponse::Created().json(launched))
}
