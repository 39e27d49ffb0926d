//! The CME coordinator's pages: activities, completions that are held for review, credits and their evidence.

mod activity;
mod audit;
mod credentials;
mod home;
mod privacy;
mod proposing;
mod publish;
mod registration;

use actix_web::web::{self, ServiceConfig};

/// Every page of the desk.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/desk", web::get().to(home::page))
        .route("/desk/audit", web::get().to(audit::page))
        .route("/desk/audit.csv", web::get().to(audit::table))
        .route("/desk/publish", web::get().to(publish::form))
        .route("/desk/publish", web::post().to(publish::submit))
        .route("/desk/credentials", web::get().to(credentials::list))
        .route("/desk/credentials", web::post().to(credentials::create))
        .route("/desk/credentials/{key}", web::get().to(credentials::page))
        .route("/desk/credentials/{key}/rotate", web::post().to(credentials::rotate))
        .route("/desk/credentials/{key}/revoke", web::post().to(credentials::revoke))
        .route("/desk/activities/{activity}", web::get().to(activity::page))
        .route("/desk/privacy", web::get().to(privacy::page))
        .route("/desk/privacy", web::post().to(privacy::preview))
        .route("/desk/privacy/erase", web::post().to(privacy::erase))
        .route("/desk/privacy/{id}", web::get().to(privacy::erasure))
        .route("/desk/registrations/{id}", web::get().to(registration::page))
        .route("/desk/registrations/{id}/settle", web::post().to(registration::record_decision))
        .route("/desk/registrations/{id}/grant", web::post().to(registration::grant))
        .route("/desk/registrations/{id}/restart", web::post().to(registration::restart))
        .route("/desk/registrations/{id}/propose/{act}/{of}", web::get().to(proposing::form))
        .route("/desk/registrations/{id}/propose/{act}/{of}", web::post().to(proposing::propose))
        .route("/desk/proposals/{id}", web::post().to(proposing::decide));
}
