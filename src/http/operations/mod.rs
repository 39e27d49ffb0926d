//! For the people and programs that run the server: its health, its metrics, the description of its API, and the licenses
//! of what is shipped with it.

mod about;
mod health;
pub(super) mod metrics;
mod openapi;

use actix_web::web::ServiceConfig;

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(health::routes).configure(about::routes).configure(openapi::routes);
}
