//! For supervisors and dashboards: `/healthz` (the process responds), `/readyz` (the store accepts a write), `/metrics`.

use super::metrics::Figures;
use crate::http::Problem;
use crate::service::App;
use crate::service::upkeep::readiness;
use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get};
use actix_web::{HttpResponse, Responder};

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/healthz", get().to(healthz)).route("/readyz", get().to(readyz)).route("/metrics", get().to(figures));
}

async fn healthz() -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

async fn readyz(app: Data<App>) -> Result<HttpResponse, Problem> {
    match readiness::check_for_anyone(&app).await {
        Ok(()) => Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n")),
        Err(error) => {
            tracing::error!(%error, "the store does not accept writes");
            let detail = "the store does not accept writes; see the server's log";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", detail).header("retry-after", "5"))
        }
    }
}

async fn figures(app: Data<App>, figures: Data<Figures>) -> HttpResponse {
    let figures = figures.render(&app).await;
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(figures)
}
