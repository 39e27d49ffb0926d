//! Which reports there are.

use crate::http::auth::Staff;
use crate::http::pages::{Page, Section, render};
use crate::service::{App, Role};
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "reports/index.html")]
struct IndexPage {
    page: Page,
    /// Statements hold learners' data, which designers have no need of.
    shows_statements: bool,
}

/// `GET /reports`.
pub(super) async fn page(app: Data<App>, Staff(account): Staff) -> HttpResponse {
    let page = Page::new(&app, "Reports").seen_by(&account).at(Section::Reports);
    render(&IndexPage { page, shows_statements: account.roles.contains(&Role::Coordinator) })
}
