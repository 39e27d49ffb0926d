//! `/about`: which program this is, and the licences of everything that is shipped with it.

use crate::http::pages::{self, Page};
use crate::service::App;
use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};
use askama::Template;

/// Name, version and licence of each library, one a line. `tests/it/server/about.rs` holds it to what is shipped.
const LICENCES: &str = include_str!("../../licences.tsv");

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/about", get().to(about));
}

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    page: Page,
    version: &'static str,
    commit: &'static str,
    libraries: Vec<Library>,
}

/// Something by others that is shipped with the program.
struct Library {
    name: &'static str,
    version: &'static str,
    licence: &'static str,
}

async fn about(app: Data<App>) -> HttpResponse {
    let page = Page::new(&app, "About this server");
    let version = env!("CARGO_PKG_VERSION");
    let commit = env!("ENDURING_BUILT_FROM");
    pages::render(&About { page, version, commit, libraries: libraries().collect() })
}

fn libraries() -> impl Iterator<Item = Library> {
    LICENCES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some(Library { name: parts.next()?, version: parts.next()?, licence: parts.next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_library_its_version_and_its_licence() {
        assert_eq!(libraries().count(), LICENCES.lines().count());
        assert!(libraries().any(|library| library.name == "scorm-again" && library.licence == "MIT"));
    }
}
