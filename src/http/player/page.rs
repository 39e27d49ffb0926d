//! The player page: it contains everything that content needs at its start.

use super::ancestors;
use crate::http::{Problem, pages};
use crate::service::App;
use crate::service::playing::launches::{self, PlayerView};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use askama::Template;
use base::surrogates;
use content::{Package, Role};
use runtime::{Completion, Status, Success};
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

/// `GET /l/{token}/player`.
pub(super) async fn show(app: Data<App>, token: Path<String>) -> Result<HttpResponse, Problem> {
    let shown = launches::show(&app, &token).await?;
    let (item, package) = (shown.session.item.as_str(), &shown.package.package);
    let toc = contents(package, item, &shown.reached);
    let next = package.launchable().skip_while(|each| each.id != item).nth(1).map(|next| next.id);
    let preview = shown.session.registration.is_none();
    let launch = surrogates::restore(&launch(&app, &shown).to_string()).replace('<', "\\u003c");
    let page = PlayerPage { title: &shown.title, item, next, toc, preview, launch };
    let mut response = pages::render_with(StatusCode::OK, &page);
    if let Ok(policy) = header::HeaderValue::from_str(&policy(&app)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
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
    json!({
        "session": session.id,
        "mode": session.mode,
        "role": role,
        "href": format!("p/{}{}", address(&shown.launch.path), shown.launch.suffix),
        "values": shown.values,
        "sequence": session.visit.sequence,
        "standing": shown.session_state,
        "app": app.config.url,
        "return_url": session.return_url,
        "leave_url": session.registration.map(|id| format!("{}/registrations/{id}", app.config.url)),
    })
}

/// A path of the package as an address: each part encoded, the slashes kept.
fn address(path: &str) -> String {
    path.split('/').map(xapi::vocabulary::iri::encoded).collect::<Vec<_>>().join("/")
}

/// The player runs its own modules and nothing else; what it frames follows its own policy.
fn policy(app: &App) -> String {
    let frames = ancestors(&app.config);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         frame-src 'self' https: data: blob:; base-uri 'none'; form-action 'none'; {frames}"
    )
}
