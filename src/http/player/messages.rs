//! What the player sends to the server. The key of the page's load is the only authorization: in a header, or in the body of
//! a beacon, which has no headers. A cookie authorizes nothing here, and no response has a secret that content could read.

use super::{cookie, pace};
use crate::http::Problem;
use crate::http::serving::readers;
use crate::service::App;
use crate::service::playing::commits::{self, Heartbeat};
use crate::service::playing::{launches, opening, sessions};
use actix_web::error::PayloadError;
use actix_web::http::header::ContentType;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse};
use base::surrogates;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;
use serde_json::value::RawValue;

/// How much longer than a commit the body around it may be.
const ENVELOPE: usize = 1024;

/// The addresses of the messages.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::scope("/player")
            .app_data(PayloadConfig::new(commits::LARGEST + ENVELOPE))
            .route("/values", web::post().to(values))
            .route("/commit", web::post().to(commit))
            .route("/heartbeat", web::post().to(heartbeat))
            .route("/item", web::post().to(item)),
    );
}

/// The headers that carry what the body of a beacon carries itself.
const KEY: &str = "x-player-key";
const PARTING: &str = "x-player-parting";

/// The body of a beacon around a commit.
#[derive(Deserialize)]
struct Envelope<'a> {
    key: String,
    #[serde(default)]
    parting: bool,
    #[serde(borrow)]
    commit: &'a RawValue,
}

/// `POST /player/commit`: see `docs/runtime.md` for the body and what it leads to.
pub(super) async fn commit(
    app: Data<App>,
    req: HttpRequest,
    body: Result<Bytes, Error>,
) -> Result<HttpResponse, Problem> {
    let body = body.map_err(|error| unreadable(&error))?;
    let (key, parting, commit) = if let Some(key) = field(&req, KEY) {
        (key.to_owned(), field(&req, PARTING).is_some(), &*body)
    } else {
        let envelope: Envelope<'_> = serde_json::from_slice(&body).map_err(|_| no_key())?;
        (envelope.key, envelope.parting, envelope.commit.get().as_bytes())
    };
    if commit.len() > commits::LARGEST {
        return Err(too_large());
    }
    let receive = async {
        if parting {
            return Ok(commits::last_commit(&app, &key, commit).await?);
        }
        Ok(commits::commit(&app, &key, commit).await?)
    };
    Ok(HttpResponse::Ok().json(pace::limited(&app, &req, &key, receive).await?))
}

fn field<'r>(req: &'r HttpRequest, name: &str) -> Option<&'r str> {
    req.headers().get(name).and_then(|value| value.to_str().ok())
}

fn no_key() -> Problem {
    let detail = "give the key of the page in the header X-Player-Key, or the body {\"key\": …, \"commit\": …}";
    Problem::bad_request("invalid-commit", detail)
}

fn unreadable(error: &Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => too_large(),
        Some(other) => readers::body(other),
        None => Problem::bad_request("body-unreadable", "the body could not be read; send it again"),
    }
}

fn too_large() -> Problem {
    let detail = format!("a commit has at most {} bytes; send only what changed since the last one", commits::LARGEST);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "commit-too-large", detail)
}

/// A small message with its key, which may be in a header.
struct KeyedMessage<T> {
    key: String,
    message: T,
}

#[derive(Deserialize)]
struct Keyed {
    #[serde(default)]
    key: String,
}

fn keyed<T: DeserializeOwned>(req: &HttpRequest, body: &Bytes) -> Result<KeyedMessage<T>, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let refused = |error: serde_json::Error| Problem::bad_request("invalid-json", error.to_string());
    let key = match field(req, KEY) {
        Some(key) => key.to_owned(),
        None => serde_json::from_slice::<Keyed>(body).map_err(refused)?.key,
    };
    Ok(KeyedMessage { key, message: serde_json::from_slice(body).map_err(refused)? })
}

/// `POST /player/values`: what content starts with. Until it has them, the page shows no content.
pub(super) async fn values(app: Data<App>, req: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    let KeyedMessage { key, message: IgnoredAny } = keyed(&req, &body)?;
    let values = pace::limited(&app, &req, &key, async { Ok(opening::values(&app, &key).await?) }).await?;
    let json = serde_json::to_string(&values).map_err(Problem::internal)?;
    // Content gets its text back as it set it, half an emoji included.
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(surrogates::restore(&json)))
}

/// The body of a heartbeat.
#[derive(Debug, Deserialize)]
struct HeartbeatMessage {
    /// Seconds of attention since the last heartbeat.
    #[serde(default)]
    attended: u64,
    /// Whether the page is going away.
    #[serde(default)]
    parting: bool,
}

/// `POST /player/heartbeat`.
pub(super) async fn heartbeat(app: Data<App>, req: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    let KeyedMessage { key, message: HeartbeatMessage { attended, parting } } = keyed(&req, &body)?;
    let heard = async { Ok(Box::pin(commits::heartbeat(&app, &key, Heartbeat { attended, parting })).await?) };
    let session = pace::limited(&app, &req, &key, heard).await?;
    Ok(HttpResponse::Ok().json(json!({ "session": session })))
}

/// The item to switch to.
#[derive(Debug, Deserialize)]
struct TurnRequest {
    item: String,
}

/// `POST /player/item`: another item of the same package, or the same again, in a new session. Its cookie takes the place of
/// the page's; the response itself could be read by content.
pub(super) async fn item(app: Data<App>, req: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    let KeyedMessage { key, message: TurnRequest { item } } = keyed(&req, &body)?;
    let turn = async {
        let session = sessions::by_load_key(&app, &key).await?.session.document;
        Ok(launches::turn_to(&app, &session, &item).await?)
    };
    let turned = pace::limited(&app, &req, &key, turn).await?;
    let left = app.config.play.life() - app.clock.now().duration_since(turned.session.born());
    let mut response = HttpResponse::Created().json(json!({ "session": turned.session.id }));
    if let Some(cookie) = cookie::carrying(&app.config, &turned.session, &turned.cookie, left) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
