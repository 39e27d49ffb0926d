//! One registration: the way to credit, and rule by rule what is still missing.

use super::mine;
use super::way::{self, Action, WayStep};
use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::{Page, Section, date, minutes, prose, render};
use crate::service::App;
use crate::service::catalogue::packages;
use crate::service::learning::registrations::{OfferingStanding, Standing};
use crate::service::ledger::credits::CreditRecord;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Activity, Outcome, RuleId, Status};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/hub.html")]
struct Hub<'a> {
    page: Page,
    activity: &'a Activity,
    situation: String,
    held: Option<String>,
    credits: Vec<Earned>,
    steps: Vec<WayStep>,
    offerings: Vec<OfferingRules>,
}

/// A credit that was recorded.
struct Earned {
    id: String,
    heading: &'static str,
    what: String,
    completed: String,
    active: bool,
}

/// The rules of one offering.
struct OfferingRules {
    name: &'static str,
    missing: usize,
    rules: Vec<Rule>,
}

struct Rule {
    title: &'static str,
    state: &'static str,
    word: &'static str,
    reason: String,
    action: Option<Action>,
}

/// `GET /registrations/{id}`.
pub(super) async fn page(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &learner.0, *id).await?;
    let package = packages::get(&app, standing.version.package).await?;
    let activity = &standing.version.document;
    let steps = way::steps(&app, &standing, &package.package);
    let credits: Vec<_> =
        standing.offerings.iter().filter_map(|offering| offering.credit.as_ref()).map(earned).collect();
    Ok(render(&Hub {
        page: Page::new(&app, &activity.title).seen_by(&learner.0).at(Section::Activities),
        activity,
        situation: situation(&standing, &steps),
        held: held(&standing),
        credits,
        steps,
        offerings: standing.eligible().map(|offering| rules(&standing, offering)).collect(),
    }))
}

fn situation(standing: &Standing, steps: &[WayStep]) -> String {
    if standing.offerings.iter().any(|offering| offering.credit.as_ref().is_some_and(CreditRecord::is_active)) {
        return "You have completed this activity. Your certificate is below, and in your transcript.".to_owned();
    }
    let left = steps.iter().filter(|step| !step.state.is_done()).count();
    match left {
        0 => "Everything is done.".to_owned(),
        1 => "One step is left.".to_owned(),
        left => format!("{left} steps are left. You can stop at any time and go on later, on any device."),
    }
}

fn held(standing: &Standing) -> Option<String> {
    let held = standing.eligible().find(|offering| offering.decision.outcome == Outcome::Held)?;
    Some(held.decision.finding(RuleId::V15)?.reason.clone())
}

fn earned(credit: &CreditRecord) -> Earned {
    let (active, is_credit) = (credit.is_active(), credit.system.is_credit());
    let what = credit.system.award(credit.amount);
    let heading = match (active, is_credit) {
        (true, true) => "Credit awarded",
        (true, false) => "Participation recorded",
        (false, _) => "Taken back",
    };
    Earned { id: credit.id.to_string(), heading, what, completed: date(credit.completed), active }
}

fn rules(standing: &Standing, offering: &OfferingStanding) -> OfferingRules {
    let decision = &offering.decision;
    let rule = |finding: &credit::Finding| {
        let (state, word) = match finding.status {
            Status::Met => ("met", "Met"),
            Status::Unmet => ("unmet", "Not yet"),
            Status::NotApplicable => ("na", "Does not apply"),
        };
        let action = finding.step.as_ref().filter(|_| finding.blocks());
        let action = action.and_then(|step| way::action(standing, offering, step));
        Rule { title: finding.rule.title(), state, word, reason: finding.reason.clone(), action }
    };
    OfferingRules {
        name: offering.offering.system.name(),
        missing: decision.missing().count(),
        rules: decision.findings.iter().map(rule).collect(),
    }
}
