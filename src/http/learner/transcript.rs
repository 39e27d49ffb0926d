//! The transcript: every credit of a learner, as a page and as CSV.

use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::presenter::{Badge, CreditStatus, Reader, Tone};
use crate::http::pages::{Page, Section, prose, render};
use crate::service::App;
use crate::service::crediting::transcript::{self, TranscriptLine};
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "learner/transcript.html")]
struct TranscriptPage {
    page: Page,
    name: String,
    lines: Vec<TranscriptLine>,
    totals: Vec<(&'static str, String)>,
}

/// The badge of a line; an active credit has none.
fn mark(line: &TranscriptLine) -> Option<Badge> {
    match CreditStatus::of_credit(&line.credit) {
        CreditStatus::Awarded | CreditStatus::Recorded => line.sample.then(|| Badge::new(Tone::Warn, "Sample")),
        other => Some(other.badge(Reader::Learner)),
    }
}

/// `GET /transcript`.
pub(super) async fn page(app: Data<App>, learner: Learner) -> Result<HttpResponse, Problem> {
    let lines = transcript::lines(&app, &learner.0).await?;
    let totals = transcript::totals(&lines);
    let name = learner.0.name.clone();
    let page = Page::new(&app, "Transcript").seen_by(&learner.0).at(Section::Transcript);
    Ok(render(&TranscriptPage { page, name, lines, totals }))
}

/// `GET /transcript.csv`.
pub(super) async fn csv(app: Data<App>, learner: Learner) -> Result<HttpResponse, Problem> {
    let lines = transcript::lines(&app, &learner.0).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"transcript.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(transcript::csv(&lines)))
}
