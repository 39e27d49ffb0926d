//! `/reports`: what was recorded, for the people who are responsible for it.
//!
//! Statements name learners, and contain their answers, so they are shown to CME coordinators alone; designers only check
//! what they themselves wrote. These pages show what others sent: every text is escaped, isolated in its direction of
//! writing and shortened to fit a table; no address that others wrote becomes a link; and bytes that others sent are only
//! downloads that no browser shows.

mod agent;
mod attachments;
mod count;
mod facts;
mod form;
mod formatted_json;
mod index;
mod list;
mod parts;
mod query_links;
mod row;
mod statement;
mod validate;
mod words;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::web::{self, ServiceConfig};
use form::Form;
use xapi::language::Preferences;

/// Every page of the reports.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/reports", web::get().to(index::page))
        .route("/reports/validate", web::get().to(validate::form))
        .route("/reports/validate", web::post().to(validate::submit))
        .route("/reports/statements", web::get().to(list::page))
        .route("/reports/statements/{id}", web::get().to(statement::page))
        .route("/reports/statements/{id}/exact.json", web::get().to(attachments::exact))
        .route("/reports/statements/{id}/attachments/{sha256}", web::get().to(attachments::download));
}

/// The languages in which a reader prefers names.
fn languages(req: &HttpRequest) -> Preferences {
    let header = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Preferences::parse(header.unwrap_or_default())
}

/// The address of the statements about an activity, and of those in whose context it appears.
pub(super) fn about(activity: &str) -> String {
    Form::default().with("activity", activity).with("related_activities", "true").href()
}
