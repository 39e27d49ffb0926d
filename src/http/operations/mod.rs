//! For the people and programs that run the server: its health, its figures, the description of its API, and what is shipped
//! with it.

mod about;
mod health;
pub(super) mod metrics;
mod openapi;

use actix_web::web::ServiceConfig;

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(health::routes).configure(about::routes).configure(openapi::routes);
}
