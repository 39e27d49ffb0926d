//! `/api/v1/sessions`: the stored data of play sessions, for anyone who has to explain one.

use crate::http::Problem;
use crate::http::auth::ApiCaller;
use crate::service::playing::history::{self, History};
use crate::service::playing::sessions::{Session, SessionId, StoredCommit};
use crate::service::{App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/sessions", web::get().to(list)).route("/api/v1/sessions/{id}", web::get().to(get));
}

/// Whose sessions.
#[derive(Debug, Deserialize)]
struct SessionsQuery {
    registration: RegistrationId,
}

/// `GET /api/v1/sessions?registration=…`: the latest first.
async fn list(app: Data<App>, _caller: ApiCaller, query: Query<SessionsQuery>) -> Result<HttpResponse, Problem> {
    let sessions = history::list(&app, query.registration).await?;
    Ok(HttpResponse::Ok().json(json!({ "sessions": sessions.iter().map(brief).collect::<Vec<_>>() })))
}

/// `GET /api/v1/sessions/{id}`: with every commit as it was received, and the files that were delivered to the session.
async fn get(app: Data<App>, _caller: ApiCaller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let History { session, commits, intact, files } = history::of(&app, SessionId(*id)).await?;
    let mut response = brief(&session);
    if let Some(members) = response.as_object_mut() {
        members.insert("intact".to_owned(), json!(intact));
        members.insert("commits".to_owned(), commits.iter().map(commit).collect());
        members.insert("files".to_owned(), json!(files));
    }
    Ok(HttpResponse::Ok().json(response))
}

fn brief(session: &Session) -> Value {
    json!({
        "id": session.id,
        "registration": session.registration,
        "package": session.package,
        "item": session.item,
        "mode": session.mode,
        "phase": session.visit.phase,
        "opened": session.visit.opened,
        "heard": session.heard,
        "seat_seconds": session.visit.seat,
        "client_seconds": session.visit.claimed.map(runtime::time::Hundredths::seconds),
        "sequence": session.visit.sequence,
    })
}

fn commit(commit: &StoredCommit) -> Value {
    json!({
        "sequence": commit.sequence,
        "received": commit.received,
        "fate": commit.fate,
        "objections": commit.objections,
        "sha256": commit.sha256,
        "chain": commit.chain,
        "body": commit.body,
    })
}
