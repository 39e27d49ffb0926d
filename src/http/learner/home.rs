//! The start page: which activities are available, in progress and completed.

use crate::http::Problem;
use crate::http::auth::Visitor;
use crate::http::pages::presenter::{CreditStatus, Reader};
use crate::http::pages::{Formats, Page, Section, minutes, prose, render, see_other};
use crate::service::catalogue::activities;
use crate::service::crediting::transcript::award;
use crate::service::learning::enrollment;
use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::{Account, ActivityVersion, App, Role};
use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use credit::Activity;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "learner/home.html")]
struct HomePage {
    page: Page,
    greeting: Option<String>,
    going: Vec<StartedActivity>,
    available: Vec<AvailableActivity>,
    /// What is said where none is available.
    nothing: &'static str,
    done: Vec<StartedActivity>,
}

/// An activity that the learner has started.
struct StartedActivity {
    registration: String,
    title: String,
    word: String,
}

/// An activity that is open.
struct AvailableActivity {
    id: String,
    title: String,
    summary: String,
    format: String,
    minutes: u32,
    expires: jiff::civil::Date,
    sample: bool,
    credits: Vec<String>,
}

/// `GET /`: for a learner their activities, for others their part of the site.
pub(super) async fn page(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let Some(account) = &visitor.0 else {
        let page = Page::new(&app, "Activities").at(Section::Activities);
        let (going, done) = (Vec::new(), Vec::new());
        let available = available(&app, &BTreeSet::new()).await?;
        return Ok(render(&HomePage { page, greeting: None, going, available, nothing: NONE_OPEN, done }));
    };
    if !account.roles.contains(&Role::Learner) {
        let coordinator = account.roles.contains(&Role::Coordinator);
        return Ok(see_other(if coordinator { "/desk" } else { "/studio" }));
    }
    let (mut going, mut done, mut begun) = (Vec::new(), Vec::new(), BTreeSet::new());
    for registration in registrations::of_learner(&app, account).await? {
        if registration.restarted_as.is_some() {
            continue;
        }
        let standing = registrations::status(&app, registration.id).await?;
        match completed(&Formats::of(&app), &standing) {
            Some(word) => done.push(entry(&standing, word)),
            None => going.push(entry(&standing, progress(&standing))),
        }
        begun.insert(registration.activity);
    }
    let page = Page::new(&app, "Activities").seen_by(account).at(Section::Activities);
    let available = available(&app, &begun).await?;
    let open = open(&app).await?;
    let nothing = if open.is_empty() { NONE_OPEN } else { ALL_STARTED };
    Ok(render(&HomePage { page, greeting: Some(greeting(account)), going, available, nothing, done }))
}

fn greeting(account: &Account) -> String {
    if account.name.is_empty() { account.subject.clone() } else { account.name.clone() }
}

fn entry(standing: &RegistrationStatus, word: String) -> StartedActivity {
    let (registration, title) = (standing.registration.id.to_string(), standing.version.document.title.clone());
    StartedActivity { registration, title, word }
}

/// What was recorded for the learner, if anything was.
fn completed(formats: &Formats, standing: &RegistrationStatus) -> Option<String> {
    let credit =
        standing.offerings.iter().filter_map(|offering| offering.credit.as_ref()).find(|credit| credit.is_active())?;
    let completed = formats.date(credit.completed);
    let what = match CreditStatus::of_credit(credit) {
        CreditStatus::Awarded => award(&standing.version.document, credit),
        other => other.word(Reader::Learner).to_owned(),
    };
    Some(format!("{what}, completed on {completed}"))
}

fn progress(standing: &RegistrationStatus) -> String {
    let (required, evidence) = (&standing.version.required_items, &standing.evidence);
    let done = required.iter().filter(|item| evidence.completed.contains_key(*item)).count();
    let passed = evidence.attempts.iter().any(|attempt| attempt.said.passed);
    if standing.offerings.iter().any(|offering| offering.credit.is_some()) {
        return "The credit was revoked: see why, and what is possible now".to_owned();
    }
    match (done == required.len(), passed) {
        (false, _) if required.len() > 1 => format!("{done} of {} parts completed", required.len()),
        (false, _) => "Started".to_owned(),
        (true, false) if standing.version.document.assessment.is_some() => "Next: the assessment".to_owned(),
        (true, _) => "Almost done: see what is left".to_owned(),
    }
}

const NONE_OPEN: &str = "No activity is open at the moment.";
const ALL_STARTED: &str = "You have started or completed every activity that is open. New ones appear here.";

async fn available(app: &App, begun: &BTreeSet<String>) -> Result<Vec<AvailableActivity>, Problem> {
    let open = open(app).await?;
    Ok(open
        .iter()
        .filter(|version| !begun.contains(&version.activity))
        .map(|version| card(&version.document))
        .collect())
}

/// The activities that can be started today.
async fn open(app: &App) -> Result<Vec<ActivityVersion>, Problem> {
    let mut open = Vec::new();
    for version in activities::list(app).await? {
        if enrollment::availability(app, &version.document)?.is_open() {
            open.push(version);
        }
    }
    Ok(open)
}

fn card(activity: &Activity) -> AvailableActivity {
    let credit = activity.offerings.iter().filter(|offering| offering.system.is_credit());
    AvailableActivity {
        id: activity.id.clone(),
        title: activity.title.clone(),
        summary: activity.summary.clone(),
        format: activity.format.to_string(),
        minutes: activity.estimated_minutes,
        expires: activity.dates.expires,
        sample: activity.sample,
        credits: credit.map(|offering| offering.system.award(offering.maximum, &offering.designation)).collect(),
    }
}
