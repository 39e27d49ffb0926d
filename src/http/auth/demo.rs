//! Links that sign in an invented person on a demonstration server (`--demo`).

use super::sign_in::{Destination, enter, require_own_origin};
use crate::http::Problem;
use crate::http::pages::{Page, render};
use crate::service::App;
use crate::service::people::demo::{self, DemoPerson};
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "auth/demo.html")]
struct DemoPage<'a> {
    page: Page,
    person: DemoPerson,
    next: &'a str,
}

/// `GET /demo/{person}`: asks for confirmation, since an image on any site could follow a link that signed in immediately.
pub(super) async fn confirm(
    app: Data<App>,
    person: Path<String>,
    next: Query<Destination>,
) -> Result<HttpResponse, Problem> {
    let person = demo_person(&app, &person)?;
    Ok(render(&DemoPage { page: Page::new(&app, "Try it out"), person, next: next.path() }))
}

/// `POST /demo/{person}`.
pub(super) async fn sign_in(
    app: Data<App>,
    req: HttpRequest,
    person: Path<String>,
    next: Form<Destination>,
) -> Result<HttpResponse, Problem> {
    require_own_origin(&req, &app)?;
    let account = demo::account(&app, demo_person(&app, &person)?).await?;
    enter(&app, &req, &account, next.path()).await
}

fn demo_person(app: &App, key: &str) -> Result<DemoPerson, Problem> {
    demo::person(app, key).ok_or_else(|| {
        Problem::not_found("there is no such demonstration sign-in on this server; sign in from your portal")
    })
}
