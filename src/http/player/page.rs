//! The player page. Its script asks for the values that content starts with, once the page before it is gone.

use super::{cookie, pace, require_host};
use crate::http::{Problem, pages};
use crate::service::App;
use crate::service::playing::opening::{self, PlayerView};
use crate::service::playing::sessions::{self, Session};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use content::{Package, Role};
use runtime::{Completion, Status, Success};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "player/player.html")]
struct PlayerPage<'a> {
    title: &'a str,
    item: &'a str,
    /// The item after this one.
    next: Option<&'a str>,
    toc: Vec<ContentsEntry<'a>>,
    preview: bool,
    /// Whether the page of another site frames it.
    framed: bool,
    /// JSON without `<`, so that it is safe in a script element.
    launch: String,
}

/// One line of the table of contents.
struct ContentsEntry<'a> {
    depth: usize,
    id: &'a str,
    title: &'a str,
    launchable: bool,
    current: bool,
    status: &'static str,
    /// Shown, never enforced.
    prerequisites: Option<&'a str>,
}

/// Which session the page is for: on a host that several share, the cookie may be that of another by now.
#[derive(Deserialize)]
pub(super) struct PlayerQuery {
    session: Option<String>,
}

/// `GET /player`: opens a load of the page. Content can neither fetch nor frame it, since it contains the key of the load.
pub(super) async fn show(app: Data<App>, req: HttpRequest, query: Query<PlayerQuery>) -> Result<HttpResponse, Problem> {
    let cookie = cookie::read(&req, &app.config).ok_or(sessions::Error::UnknownLaunch)?;
    let known = async { Ok(sessions::by_cookie(&app, &cookie).await?.document) };
    let session = pace::limited(&app, &req, &cookie, known).await?;
    require_host(&req, &sessions::origin(&app, &session).await?)?;
    if !is_page(&req, &session) {
        let detail = "the player opens as a page of its own; open the activity from its own page";
        return Err(Problem::forbidden("player-not-a-page", detail));
    }
    if query.session.as_ref().is_some_and(|wanted| *wanted != session.id.to_string()) {
        // Another activity was opened in this browser since, in another window.
        return Ok(pages::see_other(&app.config.url));
    }
    let shown = opening::show(&app, &cookie).await?;
    let (item, package) = (shown.session.item.as_str(), &shown.package.package);
    let toc = contents(package, item, &shown.reached);
    let next = package.launchable().skip_while(|each| each.id != item).nth(1).map(|next| next.id);
    let preview = shown.session.registration.is_none();
    let framed = shown.session.frame_ancestor.is_some();
    let launch = launch(&app, &shown).to_string().replace('<', "\\u003c");
    let page = PlayerPage { title: &shown.title, item, next, toc, preview, framed, launch };
    let mut response = pages::render_with(StatusCode::OK, &page);
    let headers = response.headers_mut();
    if let Ok(policy) = header::HeaderValue::from_str(&policy(&shown.session)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in HEADERS {
        headers.insert(header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Content may open windows that find the API; nothing in them may use what a learner would have to permit.
const HEADERS: [(&str, &str); 2] = [
    ("cross-origin-opener-policy", "same-origin-allow-popups"),
    (
        "permissions-policy",
        "unload=(self), camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), midi=(), payment=(), \
         idle-detection=()",
    ),
];

/// Whether the browser shows the response as a page, by what it says (W3C Fetch Metadata); old browsers say nothing.
fn is_page(req: &HttpRequest, session: &Session) -> bool {
    let said = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    match said("sec-fetch-dest") {
        None | Some("document") => true,
        Some("iframe") => session.frame_ancestor.is_some(),
        Some(_) => false,
    }
}

fn contents<'a>(package: &'a Package, current: &str, reached: &BTreeMap<String, Status>) -> Vec<ContentsEntry<'a>> {
    let entries = package.outline.entries().into_iter().filter(|entry| entry.visible);
    let line = |entry: content::OutlineEntry<'a>| ContentsEntry {
        depth: entry.depth,
        id: entry.id,
        title: entry.title,
        launchable: entry.launch.is_some(),
        current: entry.id == current,
        status: reached.get(entry.id).map_or("", |status| words(*status)),
        prerequisites: entry.prerequisites,
    };
    entries.map(line).collect()
}

fn words(status: Status) -> &'static str {
    match (status.completion, status.success) {
        (_, Success::Passed) => "passed",
        (_, Success::Failed) => "not passed",
        (Completion::Completed, Success::Unknown) => "complete",
        (Completion::Incomplete, Success::Unknown) => "started",
        (Completion::Unknown, Success::Unknown) => "",
    }
}

/// What `web/player.js` reads.
fn launch(app: &App, shown: &PlayerView) -> serde_json::Value {
    let session = &shown.session;
    let role = match shown.launch.role {
        Role::Sco => "sco",
        Role::Asset => "asset",
    };
    let leave_url = match session.registration {
        Some(id) => format!("{}/registrations/{id}", app.config.url),
        None => format!("{}/studio/packages/{}", app.config.url, session.package),
    };
    json!({
        "session": session.id,
        "key": shown.key,
        "mode": session.mode,
        "role": role,
        "href": format!("/{}/p/{}{}", shown.files, address(&shown.launch.path), shown.launch.suffix),
        "clock": super::asset("clock.js"),
        "framed": session.frame_ancestor,
        "return_url": session.return_url,
        "leave_url": leave_url,
    })
}

/// A path of the package as an address: each part encoded, the slashes kept.
fn address(path: &str) -> String {
    path.split('/').map(xapi::vocabulary::iri::encoded).collect::<Vec<_>>().join("/")
}

/// The player runs its own modules and nothing else; what it frames follows its own policy.
fn policy(session: &Session) -> String {
    let frames = session.frame_ancestor.as_deref().unwrap_or("'none'");
    format!(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; frame-src 'self' https: data: blob:; base-uri 'none'; form-action 'none'; \
         frame-ancestors {frames}"
    )
}
