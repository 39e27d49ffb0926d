//! `/api/v1/credits`: credit records, their evidence, and the keys by which anyone checks the ledger.

use crate::http::Problem;
use crate::http::auth::{ApiCaller, Keeper};
use crate::service::crediting::{decisions, packets};
use crate::service::ledger::credits::{self, CreditId, CreditRecord};
use crate::service::ledger::entries;
use crate::service::{AccountId, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use credit::ledger::Jwk;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most records in a response.
const MOST: usize = 1000;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/credits", web::get().to(list))
        .route("/api/v1/credits/{id}", web::get().to(get))
        .route("/api/v1/credits/{id}/evidence", web::get().to(evidence))
        .route("/api/v1/credits/{id}/evidence/statements", web::get().to(statements))
        .route("/api/v1/ledger/{number}", web::get().to(entry))
        .route("/api/v1/keys", web::get().to(keys))
        .route("/.well-known/jwks.json", web::get().to(keys));
}

/// Which records. The narrowest parameter selects them, and the others filter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreditsQuery {
    registration: Option<Uuid>,
    learner: Option<Uuid>,
    activity: Option<String>,
    /// Only those that count.
    #[serde(default)]
    active: bool,
    /// At most this many; 1000 at most.
    limit: Option<usize>,
}

/// `GET /api/v1/credits`: the requested records, the most recent first.
async fn list(app: Data<App>, _caller: ApiCaller, query: Query<CreditsQuery>) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct List {
        credits: Vec<CreditRecord>,
    }
    let CreditsQuery { registration, learner, activity, active, limit } = query.into_inner();
    let found = match (registration, learner, &activity) {
        (Some(id), _, _) => credits::of_registration(&app, RegistrationId(id)).await?,
        (None, Some(id), _) => credits::of_learner(&app, AccountId(id), MOST).await?,
        (None, None, Some(activity)) => credits::of_activity(&app, activity, MOST).await?,
        (None, None, None) => credits::latest(&app, MOST).await?,
    };
    let is_requested = |credit: &CreditRecord| {
        learner.is_none_or(|id| credit.learner.0 == id)
            && activity.as_ref().is_none_or(|activity| credit.activity == *activity)
            && (!active || credit.is_active())
    };
    let credits = found.into_iter().filter(is_requested).take(limit.unwrap_or(MOST).min(MOST)).collect();
    Ok(HttpResponse::Ok().json(List { credits }))
}

async fn find(app: &App, id: Uuid) -> Result<CreditRecord, Problem> {
    let found = credits::get(app, CreditId(id)).await?;
    found.ok_or_else(|| {
        Problem::not_found(format!("no credit record has the id {id}; list them to see those that exist"))
    })
}

/// `GET /api/v1/credits/{id}`: a record, by `schemas/credit-record.schema.json`.
async fn get(app: Data<App>, _caller: ApiCaller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(find(&app, *id).await?))
}

/// `GET /api/v1/credits/{id}/evidence`: the bundle, byte for byte as the ledger signs its hash.
async fn evidence(app: Data<App>, _caller: ApiCaller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let credit = find(&app, *id).await?;
    let bytes = decisions::bundle_bytes(&app, &credit).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
}

/// `GET /api/v1/credits/{id}/evidence/statements`: the statements that the bundle names, byte for byte, and everything else that `enduring-verify`
/// needs, for anyone who audits the credit. The statements name the learner even after an erasure, so a designer does not see them.
async fn statements(app: Data<App>, _keeper: Keeper, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let credit = find(&app, *id).await?;
    Ok(HttpResponse::Ok().json(packets::packet(&app, &credit).await?))
}

/// `GET /api/v1/ledger/{number}`: an entry, with the JWS that holds its canonical bytes.
async fn entry(app: Data<App>, _caller: ApiCaller, number: Path<u64>) -> Result<HttpResponse, Problem> {
    let entry = entries::entry(&app, *number).await?;
    let entry = entry.ok_or_else(|| Problem::not_found(format!("the ledger has no entry {number}")))?;
    Ok(HttpResponse::Ok().json(entry))
}

/// `GET /api/v1/keys` and `/.well-known/jwks.json`: the public keys, as a JWK Set (RFC 7517 §5). For anyone.
async fn keys(app: Data<App>) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct Keys {
        keys: Vec<Jwk>,
    }
    Ok(HttpResponse::Ok().json(Keys { keys: entries::published_keys(&app).await? }))
}

impl From<packets::Error> for Problem {
    fn from(error: packets::Error) -> Self {
        use packets::Error as E;
        match error {
            E::Decision(error) => error.into(),
            E::Activity(error) => error.into(),
            E::Ledger(error) => error.into(),
            E::Store(error) => error.into(),
            E::Bundle(_) | E::Zone(_) | E::NoEntry(_) => Self::internal(error),
        }
    }
}

impl From<entries::Error> for Problem {
    fn from(error: entries::Error) -> Self {
        match error {
            entries::Error::Store(error) => error.into(),
            entries::Error::Key
            | entries::Error::Wrapped
            | entries::Error::OtherWrappingKey
            | entries::Error::Elsewhere
            | entries::Error::OtherFile { .. }
            | entries::Error::File { .. }
            | entries::Error::UsedBefore { .. }
            | entries::Error::NotSealed(_) => Self::internal(error),
        }
    }
}
