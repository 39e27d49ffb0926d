//! An error page: a title, what happened, what to do about it, and links to continue. The status is only in the response's
//! status line, where programs read it.

use super::{Page, Section};
use crate::service::{Account, App};
use actix_web::http::StatusCode;
use askama::Template;

/// What an error page is about.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    pub status: StatusCode,
    /// What happened and what to do, in sentences.
    pub detail: &'a str,
    /// Places (JSON pointers or names of fields) with what is wrong there.
    pub places: &'a [(String, String)],
    /// The requested address; a page above it is offered as a link.
    pub path: &'a str,
    /// The id under which the log has the cause, where the server failed.
    pub request: Option<&'a str>,
    /// What the addresses of the app begin with; empty on the app's own pages.
    pub base: &'a str,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    detail: &'a str,
    places: &'a [(String, String)],
    request: Option<&'a str>,
    links: Vec<PageLink>,
}

/// A link to a page where someone can continue.
struct PageLink {
    href: String,
    text: &'static str,
}

/// The page for an error, with the navigation of the person who is signed in.
pub fn error_page(app: Option<&App>, viewer: Option<&Account>, failure: Failure<'_>) -> String {
    let title = title(failure.status);
    let mut page = app.map_or_else(|| Page::plain(title), |app| Page::new(app, title));
    if let Some(account) = viewer {
        page = page.seen_by(account);
    }
    if let Some(section) = section(failure.path) {
        page = page.at(section);
    }
    let Failure { detail, places, path, request, base, .. } = failure;
    let links = if base.is_empty() { links(path, viewer.is_some()) } else { vec![start(base)] };
    let page = ErrorPage { page, detail, places, request, links };
    // Rendering to a string cannot fail; if it does anyway, the sentence is what counts.
    page.render().unwrap_or_else(|_| detail.to_owned())
}

/// The part of the navigation that an address belongs to.
fn section(path: &str) -> Option<Section> {
    match path.split('/').nth(1)? {
        "registrations" | "activities" => Some(Section::Activities),
        "transcript" | "credits" => Some(Section::Transcript),
        "studio" => Some(Section::Studio),
        "desk" => Some(Section::Desk),
        "reports" => Some(Section::Reports),
        _ => None,
    }
}

/// Links to continue from `path`, the nearest page first.
fn links(path: &str, is_signed_in: bool) -> Vec<PageLink> {
    let above = page_above(path);
    let is_start = above.href == "/";
    let mut links = vec![above];
    if !is_start {
        links.push(start(""));
    }
    if !is_signed_in {
        links.push(PageLink { href: "/sign-in".to_owned(), text: "Sign in" });
    }
    links
}

fn start(base: &str) -> PageLink {
    PageLink { href: format!("{base}/"), text: "Go to the start page" }
}

fn page_above(path: &str) -> PageLink {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let way = |href: &str, text| PageLink { href: href.to_owned(), text };
    match parts.as_slice() {
        ["registrations", id, _, ..] => PageLink { href: format!("/registrations/{id}"), text: "Go to your overview" },
        ["desk", _, ..] => way("/desk", "Go to the desk"),
        ["studio", _, ..] => way("/studio", "Go to the studio"),
        ["reports", "statements", _, ..] => way("/reports/statements", "Go to the statements"),
        ["reports", _, ..] => way("/reports", "Go to the reports"),
        _ => start(""),
    }
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Please sign in",
        403 => "You do not have access to this page",
        404 => "Page not found",
        409 => "That is not possible now",
        410 => "This is no longer available",
        413 => "That is too large",
        429 => "Please wait a moment",
        400..=499 => "That could not be done",
        503 => "Please try again shortly",
        _ => "Something went wrong on our side",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_is_the_page_above() {
        for (path, hrefs) in [
            ("/registrations/1/claim/ama", &["/registrations/1", "/"][..]),
            ("/registrations/1", &["/"]),
            ("/desk/activities/a", &["/desk", "/"]),
            ("/desk", &["/"]),
            ("", &["/"]),
        ] {
            let found: Vec<_> = links(path, true).into_iter().map(|way| way.href).collect();
            assert_eq!(found, hrefs, "{path}");
        }
        assert_eq!(links("/desk", false).last().unwrap().href, "/sign-in");
        assert_eq!(start("http://localhost:8080").href, "http://localhost:8080/");
    }

    #[test]
    fn what_others_wrote_is_escaped_and_no_bare_status_is_shown() {
        let places = [("/title".to_owned(), "is <b>missing</b>".to_owned())];
        let failure = Failure {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: "Correct the document & send it again.",
            places: &places,
            path: "/",
            request: None,
            base: "",
        };
        let html = error_page(None, None, failure);
        assert!(html.contains("Correct the document &#38; send it again."), "{html}");
        assert!(html.contains("&#60;b&#62;missing"), "{html}");
        assert!(!html.contains(">422<"), "{html}");
    }
}
