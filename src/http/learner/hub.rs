//! One registration: the steps to credit, and rule by rule what is still missing.

use super::mine;
use super::steps::{self, StepView};
use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::presenter::{ActRow, CreditStatus, Reader, RuleRow, StepState, acts};
use crate::http::pages::{Page, Section, minutes, prose, render};
use crate::service::App;
use crate::service::catalogue::packages;
use crate::service::crediting::transcript::award;
use crate::service::crediting::{holds, proposals};
use crate::service::learning::registrations::{OfferingStatus, RegistrationStatus};
use crate::service::ledger::credits::CreditRecord;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Activity, Outcome};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/hub.html")]
struct HubPage<'a> {
    page: Page,
    activity: &'a Activity,
    situation: String,
    held: Option<HoldView>,
    /// The registration that took the place of this one.
    restarted: Option<String>,
    acts: Vec<ActRow>,
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
    /// Why it no longer counts.
    reason: String,
}

/// What is under review.
struct HoldView {
    message: String,
    /// Whether the learner has nothing more to do.
    is_done: bool,
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
    let restarted = standing.registration.restarted_as.map(|id| id.to_string());
    let mut steps = steps::steps(&app, &standing, &package.package)?;
    let mut offerings = Vec::new();
    for offering in standing.eligible() {
        offerings.push(rules(&app, &standing, offering)?);
    }
    if restarted.is_some() {
        for step in &mut steps {
            step.actions.clear();
        }
        for rule in offerings.iter_mut().flat_map(|offering| &mut offering.rules) {
            rule.action = None;
        }
    }
    let page = Page::new(&app, &activity.title).seen_by(&learner.0).at(Section::Activities);
    let proposals = proposals::of_registration(&app, standing.registration.id).await?;
    let acts = acts(&app, &standing.acts(&app), &proposals).await?;
    let credits = standing.offerings.iter().filter_map(|offering| offering.credit.as_ref());
    let credits = credits.map(|credit| credit_view(&page, activity, credit, &acts)).collect();
    Ok(render(&HubPage {
        page,
        activity,
        situation: situation(&standing, &steps),
        held: held(&standing),
        restarted,
        acts,
        credits,
        steps,
        offerings,
    }))
}

fn situation(standing: &RegistrationStatus, steps: &[StepView]) -> String {
    if standing.registration.restarted_as.is_some() {
        return "The CME office started this activity again for you. Nothing more can be done here.".to_owned();
    }
    let credits = || standing.offerings.iter().filter_map(|offering| offering.credit.as_ref());
    if credits().any(CreditRecord::is_active) {
        return "You have completed this activity. Your certificate is below, and in your transcript.".to_owned();
    }
    if credits().next().is_some() {
        return "Your credit for this activity was revoked. The reason and what you can do are below.".to_owned();
    }
    let left = steps.iter().filter(|step| !step.state.is_done()).count();
    match left {
        _ if steps.iter().any(|step| step.state == StepState::Stuck) => {
            "You cannot go on by yourself at the moment; the step below says what to do.".to_owned()
        }
        0 => "Everything is done.".to_owned(),
        1 => "One step is left.".to_owned(),
        left => format!("{left} steps are left. You can stop at any time and continue later, on any device."),
    }
}

/// What the CME office reviews, from the moment at which it was noticed.
fn held(standing: &RegistrationStatus) -> Option<HoldView> {
    if !holds::is_held(standing) {
        return None;
    }
    let held = |offering: &OfferingStatus| {
        let first = offering.open_signals().next()?;
        let is_done = offering.decision.outcome == Outcome::Held;
        Some(HoldView { message: first.message.clone(), is_done })
    };
    standing.eligible().find_map(held)
}

fn credit_view(page: &Page, activity: &Activity, credit: &CreditRecord, acts: &[ActRow]) -> CreditView {
    let reason = acts.iter().rev().find(|act| act.takes_credit).map(|act| act.reason.clone());
    CreditView {
        id: credit.id.to_string(),
        status: CreditStatus::of_credit(credit),
        what: award(activity, credit),
        completed: page.formats.date(credit.completed),
        active: credit.is_active(),
        reason: reason.filter(|_| !credit.is_active()).unwrap_or_default(),
    }
}

fn rules(app: &App, standing: &RegistrationStatus, offering: &OfferingStatus) -> Result<RequirementsView, Problem> {
    let decision = &offering.decision;
    let mut rows = Vec::new();
    for finding in &decision.findings {
        let action = match finding.step.as_ref().filter(|_| finding.blocks()) {
            Some(step) => steps::action(app, standing, offering, step)?,
            None => None,
        };
        rows.push(RuleRow::new(finding, Reader::Learner).with(action));
    }
    Ok(RequirementsView { name: offering.offering.system.name(), missing: decision.missing().count(), rules: rows })
}
