//! `/api/v1/openapi.json`: the API, described for programs. `tests/it/server/openapi.rs` compares it with the routes.

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, get};

/// OpenAPI 3.1.
const DOCUMENT: &str = include_str!("../../../schemas/openapi.json");

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/openapi.json", get().to(document));
}

async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT)
}
