//! `/xapi/activities/state`, `/xapi/activities/profile`, `/xapi/agents/profile` (Part 3 §2.3, §2.6 and §2.7).

use super::body;
use super::caller::{Caller, Needs, ReadProfiles, ReadState, WriteProfiles, WriteState};
use super::negotiation::RequestVersion;
use super::refusal::{bad_parameters, method_not_allowed};
use super::{dates, parameters};
use crate::http::Problem;
use crate::service::App;
use crate::service::records::document_resources::{self as documents, CurrentDocument, Error, Method, NewDocument};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::web::{self, Data, Payload, resource, to};
use actix_web::{HttpRequest, HttpResponse};
use std::marker::PhantomData;
use xapi::Version;
use xapi::document::{Address, DocumentTarget, Resource};
use xapi::precondition::Preconditions;

/// One document resource, and the rights that a caller needs for it.
pub(super) trait DocumentResource: 'static {
    const RESOURCE: Resource;
    type Reading: Needs;
    type Writing: Needs;
}

/// Part 3 §2.3.
pub(super) struct State;
/// Part 3 §2.7.
pub(super) struct ActivityProfile;
/// Part 3 §2.6.
pub(super) struct AgentProfile;

impl DocumentResource for State {
    const RESOURCE: Resource = Resource::State;
    type Reading = ReadState;
    type Writing = WriteState;
}

impl DocumentResource for ActivityProfile {
    const RESOURCE: Resource = Resource::ActivityProfile;
    type Reading = ReadProfiles;
    type Writing = WriteProfiles;
}

impl DocumentResource for AgentProfile {
    const RESOURCE: Resource = Resource::AgentProfile;
    type Reading = ReadProfiles;
    type Writing = WriteProfiles;
}

/// The methods of a document resource.
pub(super) fn document_resource<S: DocumentResource>(path: &str, _: PhantomData<S>) -> actix_web::Resource {
    resource(path)
        .route(web::get().to(get::<S>))
        .route(web::head().to(get::<S>))
        .route(web::put().to(put::<S>))
        .route(web::post().to(post::<S>))
        .route(web::delete().to(delete::<S>))
        .default_service(to(method_not_allowed))
}

async fn get<S: DocumentResource>(
    app: Data<App>,
    _caller: Caller<S::Reading>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let address = address::<S>(&req, DocumentTarget::OneOrIds, version)?;
    if address.id.is_some() {
        let found = documents::read(&app, &address).await?;
        return found.map(|found| one(&found)).ok_or_else(|| Problem::not_found("there is no such document"));
    }
    let (ids, changed) = documents::ids(&app, &address).await?;
    let mut response = HttpResponse::Ok();
    if let Some(changed) = changed {
        response.insert_header((LAST_MODIFIED, dates::http(changed)));
    }
    Ok(response.json(ids))
}

/// Sent as it is: its tag is that of the content without any encoding (Part 3 §3.1).
fn one(found: &CurrentDocument) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, found.content_type.clone()))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((ETAG, found.tag.to_string()))
        .insert_header((LAST_MODIFIED, dates::http(found.updated)))
        .body(found.content.clone())
}

async fn put<S: DocumentResource>(
    app: Data<App>,
    _caller: Caller<S::Writing>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    write::<S>(&app, Method::Replace, version, &req, payload).await
}

async fn post<S: DocumentResource>(
    app: Data<App>,
    _caller: Caller<S::Writing>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    write::<S>(&app, Method::Merge, version, &req, payload).await
}

async fn write<S: DocumentResource>(
    app: &App,
    method: Method,
    version: Version,
    req: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let address = address::<S>(req, DocumentTarget::Written, version)?;
    let content_type = text(req, CONTENT_TYPE).unwrap_or("application/octet-stream").to_owned();
    let sent = NewDocument { content_type, content: body::read(payload, app.config.limits.body_bytes).await? };
    documents::write(app, &address, method, &sent, &conditions(req), version).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn delete<S: DocumentResource>(
    app: Data<App>,
    _caller: Caller<S::Writing>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let scope = if S::RESOURCE == Resource::State { DocumentTarget::OneOrAll } else { DocumentTarget::One };
    let address = address::<S>(&req, scope, version)?;
    documents::delete(&app, &address, &conditions(&req)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn address<S: DocumentResource>(
    req: &HttpRequest,
    scope: DocumentTarget,
    version: Version,
) -> Result<Address, Problem> {
    let given = parameters::decode(req.query_string())?;
    Address::read(&given, S::RESOURCE, scope, version).map_err(bad_parameters)
}

fn conditions(req: &HttpRequest) -> Preconditions {
    Preconditions::read(text(req, IF_MATCH), text(req, IF_NONE_MATCH))
}

/// The value of a header; one that is not text counts as empty.
fn text(req: &HttpRequest, name: actix_web::http::header::HeaderName) -> Option<&str> {
    req.headers().get(name).map(|value| value.to_str().unwrap_or_default())
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Precondition => Self::new(StatusCode::PRECONDITION_FAILED, "precondition-failed", sentence),
            Error::Unguarded => Self::conflict("precondition-missing", sentence),
            Error::Unconditional => Self::bad_request("precondition-missing", sentence),
            Error::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", sentence),
            Error::NotJson => Self::bad_request("not-json", sentence),
            Error::NotMergeable => Self::bad_request("not-mergeable", sentence),
            Error::Store(error) => error.into(),
        }
    }
}
