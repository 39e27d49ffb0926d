//! Which reports there are.

use crate::http::auth::Coordinator;
use crate::http::pages::{Page, Section, render};
use crate::service::App;
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "reports/index.html")]
struct Index {
    page: Page,
}

/// `GET /reports`.
pub(super) async fn page(app: Data<App>, coordinator: Coordinator) -> HttpResponse {
    render(&Index { page: Page::new(&app, "Reports").seen_by(&coordinator.0).at(Section::Reports) })
}
