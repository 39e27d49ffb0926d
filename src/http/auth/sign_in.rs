//! The pages for signing in and out, whatever the scheme.

use super::{Error, Visitor, origin, session_cookie};
use crate::http::Problem;
use crate::http::pages::{Page, render, see_other};
use crate::http::serving::audit;
use crate::service::people::demo::{self, DemoPerson};
use crate::service::people::sign_in as sessions;
use crate::service::playing::closing;
use crate::service::{Account, App};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Destination {
    next: Option<String>,
}

impl Destination {
    /// A path on this server, never another site: what follows the first slash is neither a slash nor a backslash, both of
    /// which browsers read as the start of a host name.
    pub(super) fn path(&self) -> &str {
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
struct SignInPage<'a> {
    page: Page,
    people: Vec<DemoPerson>,
    next: &'a str,
    portals: bool,
}

/// `GET /sign-in`.
pub(super) async fn page(app: Data<App>, visitor: Visitor, next: Query<Destination>) -> HttpResponse {
    let mut page = Page::new(&app, "Sign in");
    if let Some(account) = &visitor.0 {
        page = page.seen_by(account);
    }
    let people = if app.config.demo { demo::PEOPLE.to_vec() } else { Vec::new() };
    render(&SignInPage { page, people, next: next.path(), portals: !app.config.portals.is_empty() })
}

/// `POST /sign-out`.
pub(super) async fn sign_out(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    require_own_origin(&req, &app)?;
    if let Some(secret) = session_cookie::read(&req, &app.config) {
        if let Some(account) = sessions::account_of(&app, &secret).await? {
            audit::acts(&req, account.id.to_string());
        }
        closing::sign_out(&app, &secret).await?;
    }
    let mut response = see_other("/");
    set(&mut response, &session_cookie::cleared(&app.config))?;
    Ok(response)
}

/// Signs `account` in under a new secret, ends the browser's earlier session, and redirects to `next`.
pub(super) async fn enter(
    app: &App,
    req: &HttpRequest,
    account: &Account,
    next: &str,
) -> Result<HttpResponse, Problem> {
    if let Some(earlier) = session_cookie::read(req, &app.config) {
        sessions::close(app, &earlier).await?;
    }
    let secret = sessions::open(app, account).await?;
    audit::acts(req, account.id.to_string());
    let mut response = see_other(next);
    set(&mut response, &session_cookie::carrying(&app.config, secret))?;
    Ok(response)
}

fn set(response: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    response.add_cookie(cookie).map_err(Problem::internal)
}

/// Refuses a request that another site sent.
pub(super) fn require_own_origin(req: &HttpRequest, app: &App) -> Result<(), Problem> {
    if origin::is_ours(req, &app.config) { Ok(()) } else { Err(Problem::from(Error::Foreign)) }
}
