//! `/api/v1`: JSON for automation. Every handler names its caller in its signature, as [`super::auth::ApiCaller`].

mod packages;

use actix_web::web::ServiceConfig;

/// Every route of the API.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(packages::routes);
}
