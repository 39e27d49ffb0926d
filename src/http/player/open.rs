//! From a launch address to the player page, in two steps: the first clears what other content has left in the browser, the
//! second sets the cookie. One step would not do, since the header that clears also removes a cookie of the same response.

use super::{cookie, pace, require_host};
use crate::http::{Problem, pages};
use crate::service::App;
use crate::service::playing::opening::{self, Entry};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

/// The secret in the address of a launch.
#[derive(Deserialize)]
pub(super) struct Ticket {
    ticket: String,
}

#[derive(Template)]
#[template(path = "player/open.html")]
struct OpenPage {
    next: String,
}

/// `GET /player/open`: a page and not a redirect, on which WebKit would clear nothing.
pub(super) async fn open(app: Data<App>, req: HttpRequest, query: Query<Ticket>) -> Result<HttpResponse, Problem> {
    let known = cookie::read(&req, &app.config);
    let entry = pace::limited(&app, &req, &query.ticket, look(&app, &query.ticket, known.as_deref())).await?;
    require_host(&req, &entry.origin)?;
    let next = format!("/player/enter?ticket={}", query.ticket);
    let mut response = pages::render_with(StatusCode::OK, &OpenPage { next });
    let headers = response.headers_mut();
    let frames = entry.session.frame_ancestor.as_deref().unwrap_or("'none'");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors {frames}"
    );
    if let Ok(policy) = header::HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // A browser that is in this session already keeps what its content has stored.
    if known.as_ref() != Some(&entry.cookie) {
        let clear = if app.config.has_own_content_domain() { r#""storage", "cookies""# } else { r#""storage""# };
        headers.insert(header::HeaderName::from_static("clear-site-data"), header::HeaderValue::from_static(clear));
    }
    Ok(response)
}

async fn look(app: &App, ticket: &str, cookie: Option<&str>) -> Result<Entry, Problem> {
    Ok(opening::entry(app, ticket, cookie).await?)
}

/// `GET /player/enter`: sets the cookie.
pub(super) async fn enter(app: Data<App>, req: HttpRequest, query: Query<Ticket>) -> Result<HttpResponse, Problem> {
    let known = cookie::read(&req, &app.config);
    let entry = pace::limited(&app, &req, &query.ticket, look(&app, &query.ticket, known.as_deref())).await?;
    require_host(&req, &entry.origin)?;
    let mut response = pages::see_other(&format!("/player?session={}", entry.session.id));
    if let Some(cookie) = cookie::carrying(&app.config, &entry.session, &entry.cookie, entry.left) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}
