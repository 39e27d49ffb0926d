//! A dry run for people who write statements: what would happen to one, or to many, if they were sent.
//!
//! Nothing is stored, and what a person pastes is not a learner's data, so designers may use it too.

use crate::http::Problem;
use crate::http::auth::{PostedForm, Staff};
use crate::http::pages::presenter::{Badge, FindingKind, Tone};
use crate::http::pages::{Page, Section, render, sentence};
use crate::service::reporting::{Hint, Outcome, StatementFindings, ValidationReport, validate};
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use xapi::{Authority, Fault, Version};

/// In a larger batch, statements without findings are counted but not listed.
const MOST_WITHOUT_NEWS: usize = 10;

#[derive(Template)]
#[template(path = "reports/validate.html")]
struct ValidatePage<'a> {
    page: Page,
    version: Version,
    statements: &'a str,
    findings: Option<FindingsView>,
}

/// What was found, as the page shows it.
struct FindingsView {
    valid: bool,
    /// The result of the check in one sentence.
    verdict: String,
    /// What is wrong with the whole.
    whole: Vec<FindingView>,
    statements: Vec<StatementFindingsView>,
    /// How many others have no findings.
    rest: usize,
}

/// One statement.
struct StatementFindingsView {
    heading: String,
    outcome: Badge,
    places: Vec<FindingView>,
}

/// A finding, with its place.
struct FindingView {
    kind: FindingKind,
    message: String,
    pointer: String,
    code: &'static str,
}

impl FindingView {
    fn place(&self) -> &str {
        if self.pointer.is_empty() { "the whole text" } else { &self.pointer }
    }
}

/// `GET /reports/validate`.
pub(super) async fn form(app: Data<App>, staff: Staff) -> HttpResponse {
    render(&page(&app, &staff.0, Version::V2, "", None))
}

/// `POST /reports/validate`.
pub(super) async fn submit(app: Data<App>, posted: PostedForm<Staff>) -> Result<HttpResponse, Problem> {
    let Staff(account) = &posted.by;
    let statements = posted.fields.get("statements").unwrap_or_default();
    let version = posted.fields.get("version").and_then(|text| text.parse().ok()).unwrap_or(Version::V2);
    let authority = Authority::account(&app.config.url, &account.id.to_string());
    let findings = validate(&app, &authority, version, statements.as_bytes()).await?;
    Ok(render(&page(&app, account, version, statements, Some(findings_view(findings)))))
}

fn page<'a>(
    app: &App,
    account: &Account,
    version: Version,
    statements: &'a str,
    findings: Option<FindingsView>,
) -> ValidatePage<'a> {
    let page = Page::new(app, "Check statements").seen_by(account).at(Section::Reports).script("publish.js");
    ValidatePage { page, version, statements, findings }
}

fn findings_view(findings: ValidationReport) -> FindingsView {
    let ValidationReport { valid, faults, statements } = findings;
    let count = statements.len();
    let refused = statements.iter().filter(|found| found.outcome == Outcome::Refused).count();
    let verdict = match (valid, count) {
        (true, 1) => "This statement would be stored.".to_owned(),
        (true, 0) => "This contains no statement: nothing would be stored.".to_owned(),
        (true, count) => format!("All {count} statements would be stored."),
        (false, _) if !faults.is_empty() => "Nothing of this would be stored.".to_owned(),
        (false, 1) => "This statement would be refused.".to_owned(),
        (false, count) => {
            format!("{refused} of {count} statements would be refused, so none of them would be stored.")
        }
    };
    let mut statements: Vec<_> = statements.into_iter().map(|found| one(found, count)).collect();
    if count > MOST_WITHOUT_NEWS {
        statements.retain(|one| !one.places.is_empty());
    }
    FindingsView {
        valid,
        verdict,
        whole: faults.iter().map(fault).collect(),
        rest: count - statements.len(),
        statements,
    }
}

fn one(found: StatementFindings, count: usize) -> StatementFindingsView {
    let StatementFindings { index, id, outcome, faults, hints } = found;
    let number = if count == 1 { "The statement".to_owned() } else { format!("Statement {} of {count}", index + 1) };
    let outcome = match outcome {
        Outcome::Stored => Badge::new(Tone::Good, "Would be stored"),
        Outcome::Unchanged => Badge::new(Tone::Neutral, "Already stored; nothing would change"),
        Outcome::Refused => Badge::new(Tone::Bad, "Would be refused"),
    };
    StatementFindingsView {
        heading: id.map_or_else(|| number.clone(), |id| format!("{number}: {id}")),
        outcome,
        places: faults.iter().map(fault).chain(hints.iter().map(hint)).collect(),
    }
}

fn fault(fault: &Fault) -> FindingView {
    let Fault { pointer, code, message } = fault;
    FindingView { kind: FindingKind::Error, message: sentence(message), pointer: pointer.clone(), code: code.as_str() }
}

fn hint(hint: &Hint) -> FindingView {
    let Hint { pointer, code, message } = hint;
    FindingView { kind: FindingKind::Note, message: sentence(message), pointer: pointer.clone(), code }
}
