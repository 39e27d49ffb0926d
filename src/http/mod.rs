//! actix-web: one module per audience, and no rules.
//!
//! Two servers on two origins: the app (pages, API, xAPI) and the content origin (uploaded packages and the player). Their
//! route tables are the two functions below and share nothing, so the app never serves package bytes and the content
//! origin never sees a cookie.

pub mod api;
pub mod auth;
pub mod desk;
pub mod learner;
mod operations;
pub mod pages;
pub mod player;
pub mod problem;
pub mod reports;
pub mod serving;
pub mod studio;
mod xapi;

pub use problem::{ErrorDetail, Problem};

use actix_web::web::ServiceConfig;

/// Every route of the app.
pub fn app_routes(cfg: &mut ServiceConfig) {
    cfg.configure(operations::routes)
        .configure(pages::routes)
        .configure(auth::routes)
        .configure(learner::routes)
        .configure(desk::routes)
        .configure(reports::routes)
        .configure(xapi::routes)
        .configure(api::routes)
        .configure(studio::routes);
}

/// Every route of the content origin.
pub fn content_routes(cfg: &mut ServiceConfig) {
    cfg.configure(player::routes);
}
