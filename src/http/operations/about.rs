//! `/about`: which program this is, and the licenses of everything that is shipped with it.

use crate::http::pages::{self, Page};
use crate::service::App;
use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, ServiceConfig, get};
use askama::Template;

/// Name, version and license of each library, one a line. The test `licenses` compares it with what is shipped.
const PACKAGES: &str = include_str!("../../../licenses/packages.tsv");

/// The text of each license and notice.
const TEXTS: &str = include_str!("../../../licenses/texts.txt");

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/about", get().to(about)).route("/about/licenses.txt", get().to(licenses));
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    page: Page,
    version: &'static str,
    commit: &'static str,
    libraries: Vec<Library>,
}

/// Something by others that is shipped with the program.
struct Library {
    name: &'static str,
    version: &'static str,
    license: &'static str,
}

async fn about(app: Data<App>) -> HttpResponse {
    let page = Page::new(&app, "About this server");
    let version = env!("CARGO_PKG_VERSION");
    let commit = env!("ENDURING_BUILT_FROM");
    pages::render(&AboutPage { page, version, commit, libraries: libraries().collect() })
}

/// `GET /about/licenses.txt`.
async fn licenses() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header((CACHE_CONTROL, "no-cache")).body(TEXTS)
}

fn libraries() -> impl Iterator<Item = Library> {
    PACKAGES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some(Library { name: parts.next()?, version: parts.next()?, license: parts.next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_library_its_version_and_its_license() {
        assert_eq!(libraries().count(), PACKAGES.lines().count());
        assert!(libraries().any(|library| library.name == "scorm-again" && library.license == "MIT"));
    }
}
