//! One registration as the CME office sees it: every rule with what it rests on, and the settling of a hold.

use crate::http::Problem;
use crate::http::auth::{Coordinator, Posted};
use crate::http::pages::{Page, Section, moment, prose, render, render_with, see_other, sentence, zone};
use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, Error, OfferingStanding};
use crate::service::people::accounts;
use crate::service::{Account, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Finding, Outcome, Status, Verdict};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "desk/registration.html")]
struct RegistrationPage {
    page: Page,
    registration: Uuid,
    activity_id: String,
    activity: String,
    learner: String,
    profession: String,
    begun: String,
    version: u32,
    signals: Vec<SignalRow>,
    is_open: bool,
    offerings: Vec<OfferingRules>,
    reason: String,
    refusal: Option<String>,
    /// Whether the learner has an account; it goes with an erasure.
    is_known: bool,
}

struct SignalRow {
    id: String,
    message: String,
    settled: bool,
}

struct OfferingRules {
    name: &'static str,
    credit: Option<String>,
    word: &'static str,
    rules: Vec<Rule>,
}

struct Rule {
    id: String,
    title: &'static str,
    state: &'static str,
    reason: String,
    rests_on: Vec<String>,
}

/// `GET /desk/registrations/{id}`.
pub(super) async fn page(app: Data<App>, coordinator: Coordinator, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(render(&show(&app, &coordinator.0, *id, String::new(), None).await?))
}

/// `POST /desk/registrations/{id}/settle`: the decision is evidence, and what follows from it happens at once.
pub(super) async fn settle(
    app: Data<App>,
    posted: Posted<Coordinator>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let verdict = match posted.fields.get("verdict") {
        Some("accepted") => Verdict::Accepted,
        Some("upheld") => Verdict::Upheld,
        _ => return Err(Problem::bad_request("no-verdict", "choose one of the two decisions, then settle")),
    };
    let signals = posted.fields.values("signal").map(str::to_owned).collect();
    let reason = posted.fields.get("reason").unwrap_or_default();
    match registrations::settle(&app, RegistrationId(*id), signals, account, verdict, reason).await {
        Ok(()) => {}
        Err(refused @ (Error::NoReason | Error::NoSignal(_))) => {
            let page = show(&app, account, *id, reason.to_owned(), Some(sentence(&refused.to_string()))).await?;
            return Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        Err(error) => return Err(error.into()),
    }
    decisions::decide(&app, RegistrationId(*id)).await?;
    Ok(see_other(&format!("/desk/registrations/{}", *id)))
}

async fn show(
    app: &App,
    coordinator: &Account,
    id: Uuid,
    reason: String,
    refusal: Option<String>,
) -> Result<RegistrationPage, Problem> {
    let standing = registrations::standing(app, RegistrationId(id)).await?;
    let account = accounts::get(app, standing.registration.learner).await?;
    let learner = account.as_ref().map_or_else(|| "Erased learner".to_owned(), |account| account.name.clone());
    let is_known = account.is_some();
    let known = standing.eligible().flat_map(|offering| &offering.decision.signals);
    let signals: BTreeMap<_, _> = known.map(|signal| (signal.id.clone(), signal)).collect();
    let signals: Vec<SignalRow> = signals
        .into_iter()
        .map(|(id, signal)| SignalRow { id, message: signal.message.clone(), settled: signal.settled.is_some() })
        .collect();
    Ok(RegistrationPage {
        page: Page::new(app, &learner).seen_by(coordinator).at(Section::Desk),
        registration: id,
        activity_id: standing.registration.activity.clone(),
        activity: standing.version.document.title.clone(),
        profession: account.map(|account| account.profession.to_string()).unwrap_or_default(),
        learner,
        begun: moment(standing.registration.created, &zone(app)),
        version: standing.registration.version,
        is_open: signals.iter().any(|signal| !signal.settled),
        signals,
        offerings: standing.offerings.iter().map(rules).collect(),
        reason,
        refusal,
        is_known,
    })
}

fn rules(offering: &OfferingStanding) -> OfferingRules {
    let credit = offering.credit.as_ref().map(|credit| {
        let standing = if credit.is_active() { "Credited" } else { "Taken back" };
        format!("{standing}: {} {}", credit.amount, credit.system.name())
    });
    let word = match offering.decision.outcome {
        Outcome::Award { .. } => "Every rule is met",
        Outcome::Held => "Waits for a person",
        Outcome::Open => "Something is missing",
    };
    let name = offering.offering.system.name();
    OfferingRules { name, credit, word, rules: offering.decision.findings.iter().map(rule).collect() }
}

fn rule(finding: &Finding) -> Rule {
    Rule {
        id: finding.rule.to_string(),
        title: finding.rule.title(),
        state: match finding.status {
            Status::Met => "met",
            Status::Unmet => "unmet",
            Status::NotApplicable => "na",
        },
        reason: finding.reason.clone(),
        rests_on: finding.rests_on.iter().map(ToString::to_string).collect(),
    }
}
