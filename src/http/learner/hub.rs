//! One registration: the steps to credit, and rule by rule what is still missing.

use super::mine;
use super::steps::{self, StepView};
use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::presenter::{CreditStatus, Reader, RuleRow};
use crate::http::pages::{Page, Section, minutes, prose, render};
use crate::service::App;
use crate::service::catalogue::packages;
use crate::service::learning::registrations::{OfferingStatus, RegistrationStatus};
use crate::service::ledger::credits::CreditRecord;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Activity, Outcome, RuleId};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/hub.html")]
struct HubPage<'a> {
    page: Page,
    activity: &'a Activity,
    situation: String,
    held: Option<String>,
    credits: Vec<CreditView>,
    steps: Vec<StepView>,
    offerings: Vec<RequirementsView>,
}

/// A credit that was recorded.
struct CreditView {
    id: String,
    status: CreditStatus,
    what: String,
    completed: String,
    active: bool,
}

/// The rules of one offering.
struct RequirementsView {
    name: &'static str,
    missing: usize,
    rules: Vec<RuleRow>,
}

/// `GET /registrations/{id}`.
pub(super) async fn page(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &learner.0, *id).await?;
    let package = packages::get(&app, standing.version.package).await?;
    let activity = &standing.version.document;
    let steps = steps::steps(&app, &standing, &package.package);
    let page = Page::new(&app, &activity.title).seen_by(&learner.0).at(Section::Activities);
    let credits = standing.offerings.iter().filter_map(|offering| offering.credit.as_ref());
    let credits = credits.map(|credit| credit_view(&page, credit)).collect();
    Ok(render(&HubPage {
        page,
        activity,
        situation: situation(&standing, &steps),
        held: held(&standing),
        credits,
        steps,
        offerings: standing.eligible().map(|offering| rules(&standing, offering)).collect(),
    }))
}

fn situation(standing: &RegistrationStatus, steps: &[StepView]) -> String {
    if standing.offerings.iter().any(|offering| offering.credit.as_ref().is_some_and(CreditRecord::is_active)) {
        return "You have completed this activity. Your certificate is below, and in your transcript.".to_owned();
    }
    let left = steps.iter().filter(|step| !step.state.is_done()).count();
    match left {
        0 => "Everything is done.".to_owned(),
        1 => "One step is left.".to_owned(),
        left => format!("{left} steps are left. You can stop at any time and continue later, on any device."),
    }
}

fn held(standing: &RegistrationStatus) -> Option<String> {
    let held = standing.eligible().find(|offering| offering.decision.outcome == Outcome::Held)?;
    Some(held.decision.finding(RuleId::V15)?.reason.clone())
}

fn credit_view(page: &Page, credit: &CreditRecord) -> CreditView {
    CreditView {
        id: credit.id.to_string(),
        status: CreditStatus::of_credit(credit),
        what: credit.system.award(credit.amount),
        completed: page.formats.date(credit.completed),
        active: credit.is_active(),
    }
}

fn rules(standing: &RegistrationStatus, offering: &OfferingStatus) -> RequirementsView {
    let decision = &offering.decision;
    let rule = |finding: &credit::Finding| {
        let action = finding.step.as_ref().filter(|_| finding.blocks());
        let action = action.and_then(|step| steps::action(standing, offering, step));
        RuleRow::new(finding, Reader::Learner).with(action)
    };
    RequirementsView {
        name: offering.offering.system.name(),
        missing: decision.missing().count(),
        rules: decision.findings.iter().map(rule).collect(),
    }
}
