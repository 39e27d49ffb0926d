//! What every page for people shares: the base layout, the assets, the headers, and how words and dates are written.
//!
//! A page is an askama template under `src/http/templates/` that extends `base.html`, and a struct that has a field
//! `page: Page`:
//!
//! ```ignore
//! #[derive(askama::Template)]
//! #[template(path = "studio/upload.html")]
//! struct Upload { page: Page, reports: Vec<Report> }
//!
//! pages::render(&Upload { page: Page::new(&app, "Packages").seen_by(&account).at(Section::Studio), reports })
//! ```
//!
//! `base.html` has the blocks `content` (inside `<main>`), `head` (before the title in `<main>`'s shell) and `scripts`.
//! Scripts are ES modules among the assets: `Page::script("dropzone.js")`. Inline script and style are refused by the
//! content security policy.

mod assets;
mod error;
mod formats;
mod headers;
pub mod presenter;
mod words;

pub use assets::{asset, routes};
pub use error::{Failure, error_page};
pub use formats::Formats;
pub use headers::ResponseHeaders;
pub use words::{Prose, bytes, escape, minutes, prose, sentence};

use crate::service::{Account, App, Role};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;

/// A part of the site, as the navigation shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Activities,
    Transcript,
    Studio,
    Desk,
    Reports,
}

/// One entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NavEntry {
    pub href: &'static str,
    pub text: &'static str,
    pub here: bool,
}

/// Who looks at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub name: String,
    roles: Vec<Role>,
}

/// What the base layout needs to know.
#[derive(Debug, Clone)]
pub struct Page {
    pub title: String,
    /// The name of the accredited provider, where the page is made for one.
    pub provider: Option<String>,
    pub viewer: Option<Viewer>,
    /// How the provider writes dates, times and numbers.
    pub formats: Formats,
    section: Option<Section>,
    scripts: Vec<String>,
}

impl Page {
    /// A page of the provider of `app`.
    pub fn new(app: &App, title: impl Into<String>) -> Self {
        let provider = Some(app.config.provider.name.clone());
        Self { provider, formats: Formats::of(app), ..Self::plain(title) }
    }

    /// A page that is made without an [`App`], such as an error page.
    pub fn plain(title: impl Into<String>) -> Self {
        let formats = Formats::default();
        Self { title: title.into(), provider: None, viewer: None, formats, section: None, scripts: Vec::new() }
    }

    /// Shows who is signed in, and the navigation of their roles.
    pub fn seen_by(mut self, account: &Account) -> Self {
        let name = if account.name.is_empty() { account.subject.clone() } else { account.name.clone() };
        self.viewer = Some(Viewer { name, roles: account.roles.iter().copied().collect() });
        self
    }

    /// Marks `section` as the current one.
    pub fn at(mut self, section: Section) -> Self {
        self.section = Some(section);
        self
    }

    /// Loads an ES module of the assets.
    pub fn script(mut self, name: &str) -> Self {
        self.scripts.push(asset(name));
        self
    }

    /// The entries of the navigation.
    pub fn nav(&self) -> Vec<NavEntry> {
        const ENTRIES: [(Role, Section, &str, &str); 5] = [
            (Role::Learner, Section::Activities, "/", "Activities"),
            (Role::Learner, Section::Transcript, "/transcript", "Transcript"),
            (Role::Designer, Section::Studio, "/studio", "Studio"),
            (Role::Coordinator, Section::Desk, "/desk", "Desk"),
            (Role::Coordinator, Section::Reports, "/reports", "Reports"),
        ];
        let Some(viewer) = &self.viewer else { return Vec::new() };
        let mine = ENTRIES.iter().filter(|(role, ..)| viewer.roles.contains(role));
        mine.map(|&(_, section, href, text)| NavEntry { href, text, here: self.section == Some(section) }).collect()
    }

    /// The address of the style sheet.
    pub fn stylesheet(&self) -> String {
        asset("enduring.css")
    }

    /// The addresses of the page's modules.
    pub fn scripts(&self) -> &[String] {
        &self.scripts
    }
}

/// The page, with status 200.
pub fn render(template: &impl Template) -> HttpResponse {
    render_with(StatusCode::OK, template)
}

/// The page, with `status`: a refused form is shown again with 409 or 422.
pub fn render_with(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => html_response(status, html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            html_response(
                StatusCode::INTERNAL_SERVER_ERROR,
                error_page(
                    None,
                    None,
                    Failure {
                        status: StatusCode::INTERNAL_SERVER_ERROR,
                        detail: "This page could not be shown. Please try again.",
                        places: &[],
                        path: "/",
                        request: None,
                        base: "",
                    },
                ),
            )
        }
    }
}

/// Finished HTML. A page is made for one person at one time, so it must not be cached.
pub fn html_response(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html)
}

/// Redirects the browser to a GET after a POST.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
