//! `/api/v1/proposals`: acts that take or give credit by hand. Two signed-in coordinators decide them; no program can.

use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::service::crediting::proposals::{self, HandAct, Proposal};
use crate::service::{App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/proposals", web::get().to(waiting))
        .route("/api/v1/proposals", web::post().to(propose))
        .route("/api/v1/proposals/{id}", web::get().to(get))
        .route("/api/v1/proposals/{id}/approve", web::post().to(approve))
        .route("/api/v1/proposals/{id}/decline", web::post().to(decline));
}

/// What to do in which registration, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProposalRequest {
    registration: Uuid,
    /// `{"act": "void", "statement"}`, `{"act": "revoke", "credit"}`, `{"act": "reinstate", "credit"}` or
    /// `{"act": "award", "offering", "amount", "completed"}`.
    act: HandAct,
    reason: String,
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `GET /api/v1/proposals`: those that wait for a second person, the longest first.
async fn waiting(app: Data<App>, _by: Coordinator) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct List {
        proposals: Vec<Proposal>,
    }
    Ok(HttpResponse::Ok().json(List { proposals: proposals::waiting(&app).await? }))
}

/// `POST /api/v1/proposals`: 201 with the proposal, which waits for a second person.
async fn propose(
    app: Data<App>,
    Coordinator(by): Coordinator,
    request: Json<ProposalRequest>,
) -> Result<HttpResponse, Problem> {
    let ProposalRequest { registration, act, reason } = request.into_inner();
    let proposal = proposals::propose(&app, RegistrationId(registration), act, &by, &reason).await?;
    Ok(HttpResponse::Created().json(proposal))
}

/// `GET /api/v1/proposals/{id}`: what was proposed, and what became of it.
async fn get(app: Data<App>, _by: Coordinator, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(proposals::get(&app, *id).await?))
}

/// `POST /api/v1/proposals/{id}/approve`: carries it out, in the name of someone else than who proposed it.
async fn approve(
    app: Data<App>,
    Coordinator(by): Coordinator,
    id: Path<Uuid>,
    request: Json<Reason>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(proposals::approve(&app, *id, &by, &request.reason).await?))
}

/// `POST /api/v1/proposals/{id}/decline`: ends it, and nothing happens.
async fn decline(
    app: Data<App>,
    Coordinator(by): Coordinator,
    id: Path<Uuid>,
    request: Json<Reason>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(proposals::decline(&app, *id, &by, &request.reason).await?))
}
