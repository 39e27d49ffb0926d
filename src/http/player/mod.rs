//! The content origin: the player, the files of packages, and what the player sends to the server.
//!
//! A launch is an address with a ticket. It leads to a cookie, which opens the player page and nothing else. Each load of that
//! page has a key of its own, which content cannot reach; the key alone authorizes commits. The files of a package have
//! addresses with another key, which only reads. The player page owns the SCORM API and frames the content on its own
//! origin, since content looks for the API in its parents and calls it synchronously.
//!
//! Absent on purpose: restrictions on what scripts of a package do. Packages need inline script, `eval`, windows and storage;
//! what confines them is this origin, which holds nothing but them.

mod assets;
mod cookie;
mod files;
mod media;
mod messages;
mod open;
mod pace;
mod page;
mod problems;
mod range;

pub use assets::asset;

use crate::http::Problem;
use crate::http::serving::hosts::host_of;
use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, guard};

/// Every route of the content origin.
pub fn routes(cfg: &mut ServiceConfig) {
    let read = |resource: Resource| {
        let reads = guard::Any(guard::Get()).or(guard::Method(Method::HEAD));
        resource.route(web::route().guard(reads).to(files::serve))
    };
    cfg.route("/player/{tag}/{name}", web::get().to(assets::serve))
        .route("/player/open", web::get().to(open::open))
        .route("/player/enter", web::get().to(open::enter))
        .route("/player", web::get().to(page::show))
        .configure(messages::routes)
        // What is text is sent compressed; what is not is compressed in itself already.
        .service(read(web::resource(media::text_pattern())).wrap(Compress::default()))
        .service(read(web::resource("/{files}/p/{path:.*}")));
}

/// Refuses a request under another host than that of its session: each registration may have its own.
fn require_host(req: &HttpRequest, origin: &str) -> Result<(), Problem> {
    let own = origin.split_once("://").map_or(origin, |(_, host)| host);
    if own.eq_ignore_ascii_case(host_of(req)) {
        return Ok(());
    }
    let detail = "this address belongs to another activity; open the activity again from its own page";
    Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", detail))
}
