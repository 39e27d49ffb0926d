//! One registration as the CME office sees it: every rule with its evidence, and the decision about a hold.

use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::presenter::{Badge, CreditStatus, FindingKind, Reader, RuleRow};
use crate::http::pages::{Page, Section, prose, render, render_with, see_other, sentence};
use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, Error, OfferingStatus};
use crate::service::people::accounts;
use crate::service::playing::history;
use crate::service::{Account, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::Verdict;
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
    started: String,
    version: u32,
    signals: Vec<SignalRow>,
    offerings: Vec<RequirementsView>,
    reason: String,
    refusal: Option<String>,
    /// Whether the learner opened content that never called its API, so that nothing of it can count.
    never_reported: bool,
    /// Whether the learner still has an account; an erasure removes it.
    is_known: bool,
}

struct SignalRow {
    id: String,
    message: String,
    kind: FindingKind,
}

struct RequirementsView {
    name: &'static str,
    status: Badge,
    /// The recorded credit, with its amount.
    credit: Option<String>,
    rules: Vec<RuleRow>,
}

/// `GET /desk/registrations/{id}`.
pub(super) async fn page(app: Data<App>, coordinator: Coordinator, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(render(&show(&app, &coordinator.0, *id, String::new(), None).await?))
}

/// `POST /desk/registrations/{id}/settle`: records the decision as evidence, and applies it immediately.
pub(super) async fn record_decision(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let verdict = match posted.fields.get("verdict") {
        Some("accepted") => Verdict::Accepted,
        Some("upheld") => Verdict::Upheld,
        _ => return Err(Problem::bad_request("no-verdict", "choose one of the two decisions, then record it")),
    };
    let signals = posted.fields.values("signal").map(str::to_owned).collect();
    let reason = posted.fields.get("reason").unwrap_or_default();
    match registrations::record_decision(&app, RegistrationId(*id), signals, account, verdict, reason).await {
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
    let standing = registrations::status(app, RegistrationId(id)).await?;
    let account = accounts::get(app, standing.registration.learner).await?;
    let learner = account.as_ref().map_or_else(|| "Erased learner".to_owned(), |account| account.name.clone());
    let is_known = account.is_some();
    let known = standing.eligible().flat_map(|offering| &offering.decision.signals);
    let signals: BTreeMap<_, _> = known.map(|signal| (signal.id.clone(), signal)).collect();
    let signals: Vec<SignalRow> = signals
        .into_iter()
        .map(|(id, signal)| {
            let kind = if signal.settled.is_some() { FindingKind::Decided } else { FindingKind::Open };
            SignalRow { id, message: signal.message.clone(), kind }
        })
        .collect();
    let never_reported = history::never_reported(app, RegistrationId(id)).await?;
    let page = Page::new(app, &learner).seen_by(coordinator).at(Section::Desk);
    Ok(RegistrationPage {
        registration: id,
        activity_id: standing.registration.activity.clone(),
        activity: standing.version.document.title.clone(),
        profession: account.map(|account| account.profession.to_string()).unwrap_or_default(),
        learner,
        started: page.formats.moment(standing.registration.created),
        page,
        version: standing.registration.version,
        signals,
        offerings: standing.offerings.iter().map(requirements).collect(),
        reason,
        refusal,
        never_reported,
        is_known,
    })
}

fn requirements(offering: &OfferingStatus) -> RequirementsView {
    let row = |finding| RuleRow::new(finding, Reader::Coordinator);
    let credit = offering.credit.as_ref();
    RequirementsView {
        name: offering.offering.system.name(),
        status: CreditStatus::of_offering(offering).badge(Reader::Coordinator),
        credit: credit.map(|credit| format!("{} {}", credit.amount, credit.system.name())),
        rules: offering.decision.findings.iter().map(row).collect(),
    }
}

impl RegistrationPage {
    /// The signals that are not decided yet.
    fn open(&self) -> Vec<&SignalRow> {
        self.signals.iter().filter(|signal| signal.kind == FindingKind::Open).collect()
    }
}
