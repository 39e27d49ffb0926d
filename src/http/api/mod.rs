//! `/api/v1`: JSON for automation. Every handler names its caller in its signature, as [`super::auth::ApiCaller`].

mod launches;
mod packages;

use actix_web::web::ServiceConfig;

/// Every route of the API.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(launches::routes).configure(packages::routes);
}
