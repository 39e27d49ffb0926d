//! The pages of signing in and out.

use super::{Refused, Visitor, cookie, origin};
use crate::http::Problem;
use crate::http::pages::{Page, render, see_other};
use crate::service::people::demo::{self, DemoPerson};
use crate::service::people::{portal, sign_in as sessions};
use crate::service::{Account, App};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use xapi::vocabulary::iri;

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    next: Option<String>,
}

impl Next {
    /// A path of ours, never another site: what follows the first slash is neither a slash nor a backslash, both of
    /// which browsers read as the start of a host name.
    fn path(&self) -> &str {
        let path = self.next.as_deref().unwrap_or("/");
        let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
        if local { path } else { "/" }
    }
}

/// The address that signs in and then goes to `path`, which is the path and query of a request.
pub(super) fn sign_in_address(path: &str) -> String {
    let value = path.replace('%', "%25").replace('&', "%26").replace('+', "%2B");
    format!("/sign-in?next={value}")
}

#[derive(Template)]
#[template(path = "auth/sign-in.html")]
struct SignIn<'a> {
    page: Page,
    people: Vec<DemoPerson>,
    next: &'a str,
    portals: bool,
}

/// `GET /sign-in`.
pub(super) async fn sign_in(app: Data<App>, visitor: Visitor, next: Query<Next>) -> HttpResponse {
    let mut page = Page::new(&app, "Sign in");
    if let Some(account) = &visitor.0 {
        page = page.seen_by(account);
    }
    let people = if app.config.demo { demo::PEOPLE.to_vec() } else { Vec::new() };
    render(&SignIn { page, people, next: next.path(), portals: !app.config.portals.is_empty() })
}

/// `POST /sign-out`.
pub(super) async fn sign_out(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    ours(&req, &app)?;
    if let Some(secret) = cookie::read(&req, &app.config) {
        sessions::close(&app, &secret).await?;
    }
    let mut response = see_other("/");
    set(&mut response, &cookie::cleared(&app.config))?;
    Ok(response)
}

#[derive(Template)]
#[template(path = "auth/demo.html")]
struct AskDemo<'a> {
    page: Page,
    person: DemoPerson,
    next: &'a str,
}

/// `GET /demo/{person}`: asks first, since a link that signed in at once could be followed by any site's picture.
pub(super) async fn ask_demo(app: Data<App>, person: Path<String>, next: Query<Next>) -> Result<HttpResponse, Problem> {
    let person = demo_person(&app, &person)?;
    Ok(render(&AskDemo { page: Page::new(&app, "Try it out"), person, next: next.path() }))
}

/// `POST /demo/{person}`.
pub(super) async fn sign_in_demo(
    app: Data<App>,
    req: HttpRequest,
    person: Path<String>,
    next: Form<Next>,
) -> Result<HttpResponse, Problem> {
    ours(&req, &app)?;
    let account = demo::account(&app, demo_person(&app, &person)?).await?;
    enter(&app, &req, &account, next.path()).await
}

fn demo_person(app: &App, key: &str) -> Result<DemoPerson, Problem> {
    demo::person(app, key).ok_or_else(|| {
        Problem::not_found("there is no such demonstration sign-in on this server; sign in from your portal")
    })
}

/// What a portal sends.
#[derive(Debug, Deserialize)]
pub(super) struct Launch {
    token: String,
}

/// `GET /launch?token=…`.
pub(super) async fn launch_link(
    app: Data<App>,
    req: HttpRequest,
    launch: Query<Launch>,
) -> Result<HttpResponse, Problem> {
    arrive(&app, &req, &launch.token).await
}

/// `POST /launch`, with `token` as a form field: a portal that would rather not have the token in logs and histories.
pub(super) async fn launch_form(
    app: Data<App>,
    req: HttpRequest,
    launch: Form<Launch>,
) -> Result<HttpResponse, Problem> {
    arrive(&app, &req, &launch.token).await
}

/// The token itself is the proof that the portal sent this person; where the request comes from does not matter.
async fn arrive(app: &App, req: &HttpRequest, token: &str) -> Result<HttpResponse, Problem> {
    let arrival = portal::accept(app, token).await?;
    let next = arrival.activity.map_or_else(|| "/".to_owned(), |activity| iri::activity("", &activity));
    enter(app, req, &arrival.account, &next).await
}

/// Signs `account` in under a new secret, ends the session that the browser had, and goes to `next`.
async fn enter(app: &App, req: &HttpRequest, account: &Account, next: &str) -> Result<HttpResponse, Problem> {
    if let Some(earlier) = cookie::read(req, &app.config) {
        sessions::close(app, &earlier).await?;
    }
    let secret = sessions::open(app, account).await?;
    let mut response = see_other(next);
    set(&mut response, &cookie::carrying(&app.config, secret))?;
    Ok(response)
}

fn set(response: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    response.add_cookie(cookie).map_err(Problem::internal)
}

fn ours(req: &HttpRequest, app: &App) -> Result<(), Problem> {
    if origin::is_ours(req, &app.config) { Ok(()) } else { Err(Problem::from(Refused::Foreign)) }
}

impl From<portal::Refused> for Problem {
    fn from(refused: portal::Refused) -> Self {
        use portal::Refused as R;
        let sentence = refused.to_string();
        match refused {
            R::Unknown => Self::new(StatusCode::UNAUTHORIZED, "portal-unknown", sentence),
            R::Invalid => Self::new(StatusCode::UNAUTHORIZED, "portal-token-invalid", sentence),
            R::Expired => Self::new(StatusCode::UNAUTHORIZED, "portal-token-expired", sentence),
            R::Used => Self::new(StatusCode::UNAUTHORIZED, "portal-token-used", sentence),
            R::Misconfigured { .. } => Self::new(StatusCode::UNAUTHORIZED, "portal-misconfigured", sentence),
            R::Store(error) => error.into(),
        }
    }
}
