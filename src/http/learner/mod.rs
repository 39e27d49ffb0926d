//! The learner's pages: which activities are available, what to know before, what is still missing, and the credit that was earned.
//!
//! Every page about a registration is its learner's alone ([`mine`]); to anyone else it does not exist.

mod assessment;
mod certificate;
mod claim;
mod evaluation;
mod forms;
mod front_matter;
mod home;
mod hub;
mod play;
mod problems;
mod steps;
mod transcript;
mod verify;

use super::Problem;
use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::{Account, App, RegistrationId};
use actix_web::web::{self, ServiceConfig};
use uuid::Uuid;

/// Every page for learners, and the public ones.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(play::routes)
        .route("/", web::get().to(home::page))
        .route("/activities/{activity}", web::get().to(front_matter::page))
        .route("/activities/{activity}/begin", web::post().to(front_matter::begin))
        .route("/registrations/{id}", web::get().to(hub::page))
        .route("/registrations/{id}/front-matter", web::get().to(front_matter::again))
        .route("/registrations/{id}/front-matter", web::post().to(front_matter::informed))
        .route("/registrations/{id}/assessment", web::get().to(assessment::page))
        .route("/registrations/{id}/assessment", web::post().to(assessment::submit))
        .route("/registrations/{id}/assessment/draft", web::post().to(assessment::save))
        .route("/registrations/{id}/assessment/{attempt}", web::get().to(assessment::feedback))
        .route("/registrations/{id}/evaluation", web::get().to(evaluation::page))
        .route("/registrations/{id}/evaluation", web::post().to(evaluation::submit))
        .route("/registrations/{id}/evaluation/draft", web::post().to(evaluation::save))
        .route("/registrations/{id}/claim/{offering}", web::get().to(claim::page))
        .route("/registrations/{id}/claim/{offering}", web::post().to(claim::submit))
        .route("/credits/{id}", web::get().to(certificate::page))
        .route("/credits/{id}/certificate.pdf", web::get().to(certificate::pdf))
        .route("/transcript", web::get().to(transcript::page))
        .route("/transcript.csv", web::get().to(transcript::csv))
        .route("/verify", web::get().to(verify::form))
        .route("/verify/{code}", web::get().to(verify::page));
}

/// The status of a registration, if it is this learner's.
async fn mine(app: &App, account: &Account, id: Uuid) -> Result<RegistrationStatus, Problem> {
    let standing = registrations::status(app, RegistrationId(id)).await?;
    if standing.registration.learner == account.id { Ok(standing) } else { Err(not_yours()) }
}

/// The same error for what does not exist and what is someone else's, so that an address reveals nothing.
fn not_yours() -> Problem {
    Problem::not_found("you have no such activity; go to the start page, which lists what you have started")
}
