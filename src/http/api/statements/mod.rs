//! `/api/v1/statements`: what reporting tools get beyond the standard, built on [`crate::service::reporting`]. Anyone who may
//! read statements at `/xapi` may read them here, with the same filters.

mod aggregate;
mod export;
mod parameters;
mod stream;
mod validate;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/statements/validate", web::post().to(validate::post))
        .route("/api/v1/statements/stream", web::get().to(stream::get))
        .route("/api/v1/statements/aggregate", web::get().to(aggregate::get))
        .route("/api/v1/statements/export.jsonl", web::get().to(export::lines))
        .route("/api/v1/statements/export.csv", web::get().to(export::table));
}
