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
}

/// The page for a refusal: `detail` says what to do; `errors` are places (JSON pointers or names of fields) with what
/// is wrong there.
pub fn error_page(status: StatusCode, detail: &str, errors: &[(String, String)]) -> String {
    let page = Page::plain(heading(status));
    // The template writes to a string, which cannot fail; should it yet, the sentence is what counts.
    ErrorPage { page, status: status.as_u16(), detail, errors }.render().unwrap_or_else(|_| detail.to_owned())
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
    fn what_others_wrote_is_escaped() {
        let errors = [("/title".to_owned(), "is <b>missing</b>".to_owned())];
        let html = error_page(StatusCode::UNPROCESSABLE_ENTITY, "Correct the document & send it again.", &errors);
        assert!(html.contains("Correct the document &#38; send it again."), "{html}");
        assert!(html.contains("&#60;b&#62;missing"), "{html}");
    }
}
