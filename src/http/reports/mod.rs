//! `/reports`: what was recorded, for those who answer for it.
//!
//! Statements name learners, and say what they answered, so they are shown to CME coordinators alone; designers come to
//! check what they themselves wrote. These pages show what others sent: every text is escaped, isolated in its direction of writing and cut to what a table can bear; no address that
//! others wrote becomes a link; and bytes that others sent leave only as downloads that no browser shows.

mod agent;
mod attachments;
mod count;
mod query_links;
mod facts;
mod form;
mod index;
mod formatted_json;
mod list;
mod row;
mod statement;
mod parts;
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

/// The languages in which a reader wants names.
fn languages(req: &HttpRequest) -> Preferences {
    let header = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Preferences::parse(header.unwrap_or_default())
}

/// The address of the statements about an activity, and of those in whose context it stands.
pub(super) fn about(activity: &str) -> String {
    Form::default().with("activity", activity).with("related_activities", "true").href()
}
