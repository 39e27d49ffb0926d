//! Publishing an activity document.

use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::presenter::FindingKind;
use crate::http::pages::{Page, Section, render, render_with, see_other};
use crate::service::catalogue::activities::{self, Error};
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use credit::Gap;

#[derive(Template)]
#[template(path = "desk/publish.html")]
struct PublishPage<'a> {
    page: Page,
    document: &'a str,
    gaps: &'a [Gap],
}

/// Where in the document a gap is.
fn place(gap: &Gap) -> &str {
    if gap.pointer.is_empty() { "the whole document" } else { &gap.pointer }
}

/// `GET /desk/publish`.
pub(super) async fn form(app: Data<App>, coordinator: Coordinator) -> HttpResponse {
    render(&PublishPage { page: page(&app, &coordinator.0), document: "", gaps: &[] })
}

/// `POST /desk/publish`: an incomplete document comes back with every gap.
pub(super) async fn submit(app: Data<App>, posted: PostedForm<Coordinator>) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let document = posted.fields.get("document").unwrap_or_default();
    match activities::publish(&app, document.as_bytes(), None, &account.id.to_string()).await {
        Ok(version) => Ok(see_other(&format!("/desk/activities/{}", version.activity))),
        Err(Error::Incomplete { gaps }) => {
            let page = PublishPage { page: page(&app, account), document, gaps: &gaps };
            Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(app: &App, account: &Account) -> Page {
    Page::new(app, "Publish an activity").seen_by(account).at(Section::Desk).script("publish.js")
}
