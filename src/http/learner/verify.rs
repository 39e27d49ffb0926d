//! Checking a certificate: open to anyone, and showing no more than the certificate itself.

use crate::http::Problem;
use crate::http::auth::Visitor;
use crate::http::pages::presenter::CertificateStatus;
use crate::http::pages::{Page, prose, render, render_with, see_other};
use crate::service::App;
use crate::service::crediting::certificates::{self, CertificateCheck};
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
    result: CheckResult,
}

enum CheckResult {
    /// No code was given yet.
    None,
    Unknown,
    Known {
        status: CertificateStatus,
        checked: Box<CertificateCheck>,
    },
}

impl CheckResult {
    /// Whether the field for a code is shown.
    fn shows_field(&self) -> bool {
        !matches!(self, Self::Known { .. })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CodeQuery {
    code: Option<String>,
}

/// `GET /verify`: the field for a code.
pub(super) async fn form(app: Data<App>, visitor: Visitor, query: Query<CodeQuery>) -> HttpResponse {
    let code: String = query.code.iter().flat_map(|code| code.chars()).filter(char::is_ascii_alphanumeric).collect();
    if code.is_empty() {
        render(&VerifyPage {
            page: page_for(&app, &visitor, "Check a certificate"),
            code: "",
            result: CheckResult::None,
        })
    } else {
        see_other(&format!("/verify/{}", certificates::format_code(&code)))
    }
}

/// `GET /verify/{code}`.
pub(super) async fn page(app: Data<App>, visitor: Visitor, code: Path<String>) -> Result<HttpResponse, Problem> {
    let checked = certificates::check(&app, &code).await?;
    let (status, title) = match &checked {
        Some(checked) => (StatusCode::OK, CertificateStatus::of(checked).title()),
        None => (StatusCode::NOT_FOUND, "No certificate has this code"),
    };
    let known = |checked| CheckResult::Known { status: CertificateStatus::of(&checked), checked: Box::new(checked) };
    let result = checked.map_or(CheckResult::Unknown, known);
    Ok(render_with(status, &VerifyPage { page: page_for(&app, &visitor, title), code: &code, result }))
}

fn page_for(app: &App, visitor: &Visitor, title: &str) -> Page {
    let page = Page::new(app, title);
    match &visitor.0 {
        Some(account) => page.seen_by(account),
        None => page,
    }
}
