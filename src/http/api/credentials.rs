//! `/api/v1/credentials`: creating, listing, rotating and revoking the credentials of programs.

use crate::http::auth::Keeper;
use crate::http::{ErrorDetail, Problem};
use crate::service::App;
use crate::service::people::credentials::{self, Credential, CredentialView, Error, MOST_IN_PAGE, Scope};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{self, Bytes, Data, Json, Path, Query, ServiceConfig};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The default number of credentials in a page.
const USUAL_PAGE: usize = 100;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/credentials", web::get().to(list))
        .route("/api/v1/credentials", web::post().to(create))
        .route("/api/v1/credentials/{key}", web::get().to(get))
        .route("/api/v1/credentials/{key}", web::delete().to(revoke))
        .route("/api/v1/credentials/{key}/rotate", web::post().to(rotate));
}

/// Which page of credentials.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsQuery {
    /// The key of the last credential on the previous page.
    after: Option<String>,
    limit: Option<usize>,
}

/// `GET /api/v1/credentials`: the oldest first, revoked ones too, without their secrets.
async fn list(app: Data<App>, _keeper: Keeper, query: Query<CredentialsQuery>) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct List<'a> {
        credentials: Vec<CredentialView<'a>>,
        /// The address of the next page; null on the last one.
        more: Option<String>,
    }
    let limit = query.limit.unwrap_or(USUAL_PAGE).clamp(1, MOST_IN_PAGE - 1);
    let mut found = credentials::page(&app, query.after.as_deref(), limit + 1).await?;
    let rest = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| rest);
    let more = last.map(|last| format!("/api/v1/credentials?after={}&limit={limit}", last.key));
    let now = app.clock.now();
    let credentials = found.iter().map(|credential| CredentialView::of(credential, now)).collect();
    Ok(HttpResponse::Ok().json(List { credentials, more }))
}

/// The body of a request for a new credential.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateCredentialRequest {
    name: String,
    scopes: Vec<String>,
}

/// `POST /api/v1/credentials`: 201 with the secret, which nobody can read again.
async fn create(
    app: Data<App>,
    keeper: Keeper,
    request: Json<CreateCredentialRequest>,
) -> Result<HttpResponse, Problem> {
    let CreateCredentialRequest { name, scopes } = request.into_inner();
    let (credential, secret) = credentials::create_for(&app, keeper.origin, &name, scopes_of(&scopes)?).await?;
    let place = format!("{}/api/v1/credentials/{}", app.config.url, credential.key);
    let mut created = HttpResponse::Created();
    created.insert_header((LOCATION, place)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(created.json(SecretResponse::new(&app, &credential, &secret)))
}

fn scopes_of(named: &[String]) -> Result<BTreeSet<Scope>, Problem> {
    let unknown: Vec<_> = named.iter().enumerate().filter(|(_, name)| Scope::named(name).is_none()).collect();
    if unknown.is_empty() {
        return Ok(named.iter().filter_map(|name| Scope::named(name)).collect());
    }
    let known = Scope::EVERY.map(Scope::as_str).join(", ");
    let place = |(at, name): (usize, &String)| ErrorDetail {
        pointer: format!("/scopes/{at}"),
        code: "unknown-scope".into(),
        message: format!("There is no scope {name:?}; the scopes are {known}."),
    };
    let refusal = Problem::unprocessable("unknown-scope", "name scopes as the xAPI specification does");
    Err(refusal.with(unknown.into_iter().map(place).collect()))
}

/// A credential with its secret, which is shown only once.
#[derive(Serialize)]
struct SecretResponse<'a> {
    key: &'a str,
    secret: &'a str,
    credential: CredentialView<'a>,
}

impl<'a> SecretResponse<'a> {
    fn new(app: &App, credential: &'a Credential, secret: &'a str) -> Self {
        Self { key: &credential.key, secret, credential: CredentialView::of(credential, app.clock.now()) }
    }
}

/// `GET /api/v1/credentials/{key}`: one of them, without its secret.
async fn get(app: Data<App>, _keeper: Keeper, key: Path<String>) -> Result<HttpResponse, Problem> {
    let credential = credentials::get(&app, &key).await?;
    Ok(HttpResponse::Ok().json(CredentialView::of(&credential, app.clock.now())))
}

/// The body of a request to replace a secret.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateCredentialRequest {
    /// How long the old secret keeps working.
    #[serde(default)]
    overlap_seconds: u32,
}

/// `POST /api/v1/credentials/{key}/rotate`: a new secret, which nobody can read again. The body may be empty.
async fn rotate(app: Data<App>, keeper: Keeper, key: Path<String>, body: Bytes) -> Result<HttpResponse, Problem> {
    let request = if body.is_empty() { RotateCredentialRequest::default() } else { read(&body)? };
    let overlap = SignedDuration::from_secs(i64::from(request.overlap_seconds));
    let (credential, secret) = credentials::rotate_for(&app, keeper.origin, &key, overlap).await?;
    let mut rotated = HttpResponse::Ok();
    rotated.insert_header((CACHE_CONTROL, "no-store"));
    Ok(rotated.json(SecretResponse::new(&app, &credential, &secret)))
}

fn read(body: &[u8]) -> Result<RotateCredentialRequest, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("send nothing, or JSON such as {{\"overlap_seconds\": 3600}}: {error}");
        Problem::bad_request("invalid-json", detail)
    })
}

/// `DELETE /api/v1/credentials/{key}`: revokes it permanently. Repeating the request changes nothing.
async fn revoke(app: Data<App>, _keeper: Keeper, key: Path<String>) -> Result<HttpResponse, Problem> {
    credentials::revoke(&app, &key).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let at = |pointer: &str| {
            vec![ErrorDetail { pointer: pointer.into(), code: "bad-value".into(), message: error.to_string() }]
        };
        let sentence = error.to_string();
        match error {
            Error::Name => Self::unprocessable("bad-name", sentence).with(at("/name")),
            Error::NoScope => Self::unprocessable("no-scope", sentence).with(at("/scopes")),
            Error::Overlap => Self::unprocessable("bad-overlap", sentence).with(at("/overlap_seconds")),
            Error::Unknown(_) => Self::not_found(sentence),
            Error::Revoked(_) => Self::conflict("credential-revoked", sentence),
            Error::Store(error) => error.into(),
        }
    }
}
