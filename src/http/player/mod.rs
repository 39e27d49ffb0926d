//! The content origin: the player, the files of packages, and what the player sends to the server.
//!
//! Everything lives under `/l/{token}/`: the token in the path carries exactly one registration's rights, so that relative
//! addresses, ranges and beacons carry it too, and no cookie is ever read or set. The player page owns the SCORM API and
//! frames the content on its own origin, since content looks for the API in its parents and calls it synchronously. The
//! app, on another host name, frames the player and receives only messages from it.
//!
//! Absent on purpose: restrictions on what scripts of a package do. Packages need inline script and `eval`; what confines
//! them is this origin, which holds nothing but them.

mod assets;
mod files;
mod media;
mod messages;
mod page;
mod problems;
mod range;

pub use assets::asset;

use crate::config::Config;
use crate::service::playing::commits;
use actix_web::web::{self, PayloadConfig, ServiceConfig};
use actix_web::{guard, http::Method};

/// What a frame that shows uploaded content may do. It may not take the whole window away.
pub const SANDBOX: &str = "allow-scripts allow-same-origin allow-forms allow-modals allow-popups \
    allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock allow-presentation";

/// Every route of the content origin.
pub fn routes(cfg: &mut ServiceConfig) {
    let reads = || guard::Any(guard::Get()).or(guard::Method(Method::HEAD));
    cfg.route("/player/{tag}/{name}", web::get().to(assets::serve)).service(
        web::scope("/l/{token}")
            .app_data(PayloadConfig::new(commits::LARGEST))
            .route("/player", web::get().to(page::show))
            .route("/p/{path:.*}", web::route().guard(reads()).to(files::serve))
            .route("/commit", web::post().to(messages::commit))
            .route("/heartbeat", web::post().to(messages::heartbeat))
            .route("/launch", web::post().to(messages::launch)),
    );
}

/// Who may frame what this origin serves: itself, and the app.
fn ancestors(config: &Config) -> String {
    format!("frame-ancestors 'self' {}", config.url)
}
