//! `/api/v1`: JSON for automation. The signature of every handler names its caller, as [`super::auth::ApiCaller`],
//! of packages [`super::auth::Author`], or, where it is
//! about statements, as [`super::auth::Reader`] or [`super::auth::Writer`].

mod activities;
mod credentials;
mod credits;
mod erasures;
mod launches;
mod packages;
mod proposals;
mod registrations;
mod sessions;
mod statements;

use actix_web::web::ServiceConfig;

/// Every route of the API.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(activities::routes)
        .configure(credentials::routes)
        .configure(credits::routes)
        .configure(erasures::routes)
        .configure(launches::routes)
        .configure(packages::routes)
        .configure(proposals::routes)
        .configure(sessions::routes)
        .configure(statements::routes)
        .configure(registrations::routes);
}
