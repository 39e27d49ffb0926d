//! A refusal, as a page.

use super::Page;
use actix_web::http::StatusCode;
use askama::Template;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    status: u16,
    detail: &'a str,
    errors: &'a [(String, String)],
    href: String,
    text: &'static str,
}

/// The page for a refusal: `detail` says what to do; `errors` are places (JSON pointers or names of fields) with what
/// is wrong there.
///
/// `path` is the address that was asked for; a page above it is offered as the way back.
pub fn error_page(status: StatusCode, detail: &str, errors: &[(String, String)], path: &str) -> String {
    let page = Page::plain(heading(status));
    let (href, text) = way_back(path);
    let page = ErrorPage { page, status: status.as_u16(), detail, errors, href, text };
    // The template writes to a string, which cannot fail; should it yet, the sentence is what counts.
    page.render().unwrap_or_else(|_| detail.to_owned())
}

/// Where someone goes on who was refused at `path`.
fn way_back(path: &str) -> (String, &'static str) {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["registrations", id, _, ..] => (format!("/registrations/{id}"), "Go to your overview"),
        ["desk", _, ..] => ("/desk".to_owned(), "Go to the desk"),
        ["studio", _, ..] => ("/studio".to_owned(), "Go to the studio"),
        ["reports", "statements", _, ..] => ("/reports/statements".to_owned(), "Go to the statements"),
        ["reports", _, ..] => ("/reports".to_owned(), "Go to the reports"),
        _ => ("/".to_owned(), "Go to the start page"),
    }
}

fn heading(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Please sign in",
        403 => "This page is not open to you",
        404 => "There is nothing here",
        409 => "That is not possible now",
        410 => "This is no longer available",
        413 => "That is too large",
        429 => "A moment, please",
        400..=499 => "That could not be done",
        503 => "We are busy right now",
        _ => "Something went wrong on our side",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_the_page_above() {
        for (path, href) in [
            ("/registrations/1/claim/ama", "/registrations/1"),
            ("/registrations/1", "/"),
            ("/desk/activities/a", "/desk"),
            ("/desk", "/"),
            ("", "/"),
        ] {
            assert_eq!(way_back(path).0, href, "{path}");
        }
    }

    #[test]
    fn what_others_wrote_is_escaped() {
        let errors = [("/title".to_owned(), "is <b>missing</b>".to_owned())];
        let html = error_page(StatusCode::UNPROCESSABLE_ENTITY, "Correct the document & send it again.", &errors, "/");
        assert!(html.contains("Correct the document &#38; send it again."), "{html}");
        assert!(html.contains("&#60;b&#62;missing"), "{html}");
    }
}
