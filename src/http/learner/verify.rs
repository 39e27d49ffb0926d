//! Checking a certificate: open to anyone, and telling no more than the paper does.

use crate::http::Problem;
use crate::http::auth::Visitor;
use crate::http::pages::{Page, prose, render, render_with, see_other};
use crate::service::App;
use crate::service::crediting::certificates::{self, Checked};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "learner/verify.html")]
struct VerifyPage<'a> {
    page: Page,
    code: &'a str,
    answer: Answer,
}

enum Answer {
    /// Nothing was asked yet.
    None,
    Unknown,
    Known(Box<Checked>),
}

impl Answer {
    /// Whether the field for a code is shown.
    fn asks_again(&self) -> bool {
        !matches!(self, Self::Known(_))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

/// `GET /verify`: the field for a code.
pub(super) async fn form(app: Data<App>, visitor: Visitor, asked: Query<Asked>) -> HttpResponse {
    let code: String = asked.code.iter().flat_map(|code| code.chars()).filter(char::is_ascii_alphanumeric).collect();
    if code.is_empty() {
        render(&VerifyPage { page: page_for(&app, &visitor, "Check a certificate"), code: "", answer: Answer::None })
    } else {
        see_other(&format!("/verify/{}", certificates::written(&code)))
    }
}

/// `GET /verify/{code}`.
pub(super) async fn page(app: Data<App>, visitor: Visitor, code: Path<String>) -> Result<HttpResponse, Problem> {
    let checked = certificates::check(&app, &code).await?;
    let (status, title) = match &checked {
        Some(checked) if checked.valid && checked.certificate.sample => {
            (StatusCode::OK, "This is a sample, not a certificate")
        }
        Some(checked) if checked.valid => (StatusCode::OK, "This certificate is valid"),
        Some(_) => (StatusCode::OK, "This certificate no longer counts"),
        None => (StatusCode::NOT_FOUND, "No certificate has this code"),
    };
    let answer = checked.map_or(Answer::Unknown, |checked| Answer::Known(Box::new(checked)));
    Ok(render_with(status, &VerifyPage { page: page_for(&app, &visitor, title), code: &code, answer }))
}

fn page_for(app: &App, visitor: &Visitor, title: &str) -> Page {
    let page = Page::new(app, title);
    match &visitor.0 {
        Some(account) => page.seen_by(account),
        None => page,
    }
}
