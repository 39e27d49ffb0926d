//! `/xapi/statements` (Part 3 §2.1).

use super::body;
use super::caller::{Caller, ReadOwnStatements, WriteStatements};
use super::negotiation::RequestVersion;
use super::refusal::bad_parameters;
use super::result::Presentation;
use super::{dates, multipart, parameters};
use crate::http::Problem;
use crate::http::auth;
use crate::service::App;
use crate::service::people::credentials::Right;
use crate::service::records::access::Access;
use crate::service::records::definitions;
use crate::service::records::statements::{self, Cursor, ReceivedAttachments, Sender, Target};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue, LAST_MODIFIED};
use actix_web::middleware::Next;
use actix_web::web::{Data, Payload};
use actix_web::{Error, HttpRequest, HttpResponse, HttpResponseBuilder};
use base::ids;
use base::log::StoredStatement;
use bytes::Bytes;
use std::collections::BTreeSet;
use xapi::check::parse_uuid;
use xapi::format::{self, Definitions, Format};
use xapi::language::Preferences;
use xapi::query::{Filter, Selection};
use xapi::{Query, StatementId, Version, instant};

/// The header that promises that everything stored up to an instant can be read (Part 3 §2.1.3).
pub(in crate::http) const CONSISTENT_THROUGH: HeaderName =
    HeaderName::from_static("x-experience-api-consistent-through");

/// The parameter of a `more` address that contains its cursor.
const MORE: &str = "more";

/// `PUT`: one statement under an id that the sender chose.
pub(super) async fn put(
    app: Data<App>,
    caller: Caller<WriteStatements>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = parse_uuid(&parameters::only(&req, "statementId")?);
    let id = id.ok_or_else(|| Problem::bad_request("invalid-parameters", "`statementId` must be a UUID"))?;
    let sender = Sender { program: &caller.program, version };
    receive(&app, sender, Target::One(StatementId(id)), &req, payload).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST`: one statement or an array of them; returns their ids.
pub(super) async fn post(
    app: Data<App>,
    caller: Caller<WriteStatements>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    if let Some((name, _)) = parameters::decode(req.query_string())?.first() {
        let detail = format!("a POST of statements has no parameter `{name}`; leave it out");
        return Err(Problem::bad_request("invalid-parameters", detail));
    }
    let sender = Sender { program: &caller.program, version };
    Ok(HttpResponse::Ok().json(receive(&app, sender, Target::Any, &req, payload).await?))
}

/// Stores the statements of a request, which come alone or together with their attachments.
async fn receive(
    app: &App,
    sender: Sender<'_>,
    target: Target,
    req: &HttpRequest,
    payload: Payload,
) -> Result<Vec<StatementId>, Problem> {
    let (taken, arrived) = match body::media_type(req).as_str() {
        "application/json" => {
            let body = body::read(payload, app.config.limits.body_bytes).await?;
            let taken = statements::read(app, sender, target, &body);
            // A body of parts begins with its boundary, which no JSON does.
            if taken.is_err() && body.trim_ascii_start().starts_with(b"--") {
                return Err(multipart::mislabeled(req));
            }
            (taken?, ReceivedAttachments::default())
        }
        "multipart/mixed" => multipart::receive(app, sender, target, req, payload).await?,
        _ => {
            let detail = format!(
                "send statements with Content-Type: application/json, or multipart/mixed with their attachments; this request has {}",
                body::label(req.headers())
            );
            return Err(Problem::bad_request("not-json", detail));
        }
    };
    Ok(statements::store(app, sender, taken, &arrived).await?)
}

/// `GET` and `HEAD`: one statement by its id, or a page of those that match a query.
pub(super) async fn get(
    app: Data<App>,
    caller: Caller<ReadOwnStatements>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let given = parameters::decode(req.query_string())?;
    let (query, cursor) = read_query(given, version)?;
    let access = caller.program.access(&app).ok_or(auth::Error::Scope(Right::ReadOwnStatements))?;
    let languages = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut show = Presentation {
        format: query.format,
        newest: newest(&app, version),
        attachments: query.attachments,
        languages: Preferences::parse(languages),
        definitions: Definitions::new(),
    };
    let found = match &query.selection {
        Selection::One(id) => statements::one(&app, &access, *id, false).await?,
        Selection::Voided(id) => statements::one(&app, &access, *id, true).await?,
        Selection::Many(filter) => {
            let sent = cursor.as_ref().map_or(req.query_string(), |cursor| &cursor.query);
            return page(&app, &access, filter, show, cursor.as_ref(), sent).await;
        }
    };
    let Some(stored) = found else {
        return Err(Problem::not_found("there is no such statement here that you may read; check the id"));
    };
    show.definitions = definitions_for(&app, query.format, std::slice::from_ref(&stored)).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((LAST_MODIFIED, dates::http(stored.stored)));
    let body = show.one(&stored)?;
    response_with(&app, response, query.attachments, body, std::slice::from_ref(&stored)).await
}

/// What a request asks for, and the cursor of its `more` address.
///
/// Clients such as Ralph add the parameters of their first request to that address. As long as they say the same as the cursor,
/// they do no harm.
fn read_query(given: Vec<(String, String)>, version: Version) -> Result<(Query, Option<Cursor>), Problem> {
    let (more, beside): (Vec<_>, Vec<_>) = given.into_iter().partition(|(name, _)| name == MORE);
    let [(_, text)] = more.as_slice() else {
        let all: Vec<_> = more.into_iter().chain(beside).collect();
        return Ok((Query::read(&all, version).map_err(bad_parameters)?, None));
    };
    let cursor = Cursor::decode(text)?;
    let own = parameters::decode(&cursor.query)?;
    let query = Query::read(&own, version).map_err(bad_parameters)?;
    if !beside.is_empty() {
        let mut all: Vec<_> =
            own.into_iter().filter(|(name, _)| !beside.iter().any(|(beside, _)| beside == name)).collect();
        all.extend(beside);
        if Query::read(&all, version).map_err(bad_parameters)? != query {
            let detail =
                "the parameters beside `more` say something else than it does; send `more` alone, as it was given";
            return Err(Problem::bad_request("invalid-parameters", detail));
        }
    }
    Ok((query, Some(cursor)))
}

/// The newest version in which statements are shown to a reader who uses `version`.
fn newest(app: &App, version: Version) -> Version {
    if app.config.xapi.hand_down { version } else { Version::V2 }
}

/// A response of JSON, or of JSON and the attachments of `statements` if they are requested.
async fn response_with(
    app: &App,
    mut response: HttpResponseBuilder,
    attachments: bool,
    json: Bytes,
    statements: &[StoredStatement],
) -> Result<HttpResponse, Problem> {
    if !attachments {
        return Ok(response.content_type("application/json").body(json));
    }
    let held = statements::stored_attachments(app, statements).await?;
    let boundary = ids::random().simple().to_string();
    let body = multipart::body(app.clone(), &boundary, json, &held);
    Ok(response.content_type(format!("multipart/mixed; boundary={boundary}")).streaming(body))
}

/// The definitions that are needed to show `statements`.
async fn definitions_for(app: &App, format: Format, statements: &[StoredStatement]) -> Result<Definitions, Problem> {
    let mut found = Definitions::new();
    if format != Format::Canonical {
        return Ok(found);
    }
    let texts = statements.iter().filter_map(|stored| std::str::from_utf8(&stored.bytes).ok());
    let ids: BTreeSet<String> = texts.filter_map(|text| format::activities(text).ok()).flatten().collect();
    for id in ids {
        if let Some(definition) = definitions::get(app, &id).await? {
            found.insert(id, definition);
        }
    }
    Ok(found)
}

async fn page(
    app: &App,
    access: &Access,
    filter: &Filter,
    mut show: Presentation,
    cursor: Option<&Cursor>,
    sent: &str,
) -> Result<HttpResponse, Problem> {
    let page = statements::page(app, access, filter, cursor.map(|cursor| cursor.bounds)).await?;
    let more = page.rest.map_or_else(String::new, |bounds| {
        format!("/xapi/statements?{MORE}={}", Cursor { query: sent.to_owned(), bounds }.encode())
    });
    show.definitions = definitions_for(app, show.format, &page.statements).await?;
    let body = show.many(&page.statements, &more)?;
    let mut response = HttpResponse::Ok();
    if let Some(newest) = page.statements.iter().map(|stored| stored.stored).max() {
        response.insert_header((LAST_MODIFIED, dates::http(newest)));
    }
    response.insert_header((CONSISTENT_THROUGH, instant(page.consistent_through)));
    response_with(app, response, show.attachments, body, &page.statements).await
}

/// Adds Consistent-Through to the responses that do not have it yet, errors included (Part 3 §2.1.3). Only a response that
/// says that the store is unavailable does not wait for the store again.
pub(super) async fn add_consistent_through<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let app = req.app_data::<Data<App>>().cloned();
    let mut response = next.call(req).await?;
    if let Some(app) = app
        && response.status() != StatusCode::SERVICE_UNAVAILABLE
        && !response.headers().contains_key(CONSISTENT_THROUGH)
        && let Ok(through) = statements::consistent_through(&app).await
        && let Ok(value) = HeaderValue::from_str(&instant(through))
    {
        response.headers_mut().insert(CONSISTENT_THROUGH, value);
    }
    Ok(response)
}
