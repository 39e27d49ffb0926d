//! One registration as the CME office sees it: every rule with its evidence, and the decision about a hold.

use super::proposing::{self, ProposalRow};
use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::presenter::{ActRow, Badge, CreditStatus, FindingKind, Reader, RuleRow, acts};
use crate::http::pages::{Page, Section, prose, render, render_with, see_other, sentence};
use crate::service::crediting::transcript::award;
use crate::service::crediting::{certificates, decisions, proposals};
use crate::service::learning::registrations::{self, Error, OfferingStatus};
use crate::service::learning::{assessment, restarts};
use crate::service::ledger::credits::{CreditRecord, CreditState};
use crate::service::people::accounts;
use crate::service::playing::history;
use crate::service::{Account, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::assessment::NextAttempt;
use credit::{Activity, RuleSetName, Verdict};
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
    acts: Vec<ActRow>,
    proposals: Vec<ProposalRow>,
    /// The registrations that this one began again, and that began this one again.
    restarts: Option<String>,
    restarted_as: Option<String>,
    ways: Vec<Way>,
    reason: String,
    refusal: Option<String>,
    /// Whether the learner opened content that never called its API, so that nothing of it can count.
    never_reported: bool,
    /// Whether the learner still has an account; an erasure removes it.
    is_known: bool,
}

/// How the office lets a learner go on.
enum Way {
    Grant,
    Restart,
}

struct SignalRow {
    id: String,
    message: String,
    kind: FindingKind,
    /// What a person decided about it.
    decided: Option<ActRow>,
}

struct RequirementsView {
    id: String,
    name: &'static str,
    status: Badge,
    /// The recorded credit, with its amount.
    credit: Option<String>,
    /// Why the certificate cannot be made as PDF.
    no_pdf: Option<String>,
    revocable: Option<String>,
    reinstatable: Option<String>,
    may_award: bool,
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
    let logged = standing.acts(app);
    let mut rows = Vec::new();
    for (id, signal) in signals {
        let decision = signal.settled.and_then(|(_, statement)| logged.iter().find(|act| act.statement == statement));
        let decided = acts(app, decision.map(std::slice::from_ref).unwrap_or_default(), &[]).await?.pop();
        let kind = if signal.settled.is_some() { FindingKind::Decided } else { FindingKind::Open };
        rows.push(SignalRow { id, message: signal.message.clone(), kind, decided });
    }
    let known = proposals::of_registration(app, standing.registration.id).await?;
    let ended = standing.registration.restarted_as.map(|id| id.to_string());
    let credited =
        standing.offerings.iter().any(|offering| offering.credit.as_ref().is_some_and(CreditRecord::is_active));
    let exhausted = assessment::next(app, &standing)? == Some(NextAttempt::Exhausted);
    let is_newer = standing.registration.rules != RuleSetName::FIRST;
    let never_reported = history::never_reported(app, RegistrationId(id)).await?;
    let page = Page::new(app, &learner).seen_by(coordinator).at(Section::Desk);
    let mut offerings = Vec::new();
    for offering in &standing.offerings {
        let no_pdf = no_pdf(app, offering).await?;
        offerings.push(requirements(&standing.version.document, offering, is_newer, no_pdf));
    }
    Ok(RegistrationPage {
        registration: id,
        activity_id: standing.registration.activity.clone(),
        activity: standing.version.document.title.clone(),
        profession: account.map(|account| account.profession.to_string()).unwrap_or_default(),
        learner,
        started: page.formats.moment(standing.registration.created),
        page,
        version: standing.registration.version,
        signals: rows,
        acts: acts(app, &logged, &known).await?,
        proposals: proposing::rows(app, coordinator, &known).await?,
        restarts: standing.registration.restarts.map(|id| id.to_string()),
        ways: [
            (Way::Grant, exhausted && is_newer && ended.is_none()),
            (Way::Restart, !credited && ended.is_none() && is_known),
        ]
        .into_iter()
        .filter_map(|(way, is_open)| is_open.then_some(way))
        .collect(),
        restarted_as: ended,
        offerings,
        reason,
        refusal,
        never_reported,
        is_known,
    })
}

/// Which letters of the certificate no font has, and what to do.
async fn no_pdf(app: &App, offering: &OfferingStatus) -> Result<Option<String>, Problem> {
    let Some(credit) = offering.credit.as_ref().filter(|credit| credit.is_active()) else { return Ok(None) };
    let certificate = certificates::certificate(app, credit).await?;
    let missing = certificates::missing_letters(&certificate, &app.fonts).map_err(Problem::internal)?;
    Ok(missing.map(|missing| {
        format!("There is {missing}. Ask the people who run this server to name its file in certificates.fonts. Until then, the learner can print the page of the certificate.")
    }))
}

fn requirements(
    activity: &Activity,
    offering: &OfferingStatus,
    is_newer: bool,
    no_pdf: Option<String>,
) -> RequirementsView {
    let row = |finding| RuleRow::new(finding, Reader::Coordinator);
    let credit = offering.credit.as_ref();
    let of = |is: fn(&CreditRecord) -> bool| credit.filter(|credit| is(credit)).map(|credit| credit.id.to_string());
    RequirementsView {
        id: offering.offering.id.to_string(),
        name: offering.offering.system.name(),
        status: CreditStatus::of_offering(offering).badge(Reader::Coordinator),
        credit: credit.map(|credit| award(activity, credit)),
        no_pdf,
        revocable: of(CreditRecord::is_active),
        reinstatable: of(|credit| matches!(credit.standing, CreditState::Revoked { .. })),
        may_award: is_newer && credit.is_none(),
        rules: offering.decision.findings.iter().map(row).collect(),
    }
}

/// `POST /desk/registrations/{id}/grant`: one more attempt at the assessment.
pub(super) async fn grant(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let reason = posted.fields.get("reason").unwrap_or_default();
    match restarts::grant_attempt(&app, RegistrationId(*id), account, reason).await {
        Ok(()) => Ok(see_other(&format!("/desk/registrations/{}", *id))),
        Err(refused) => refuse(&app, account, *id, refused).await,
    }
}

/// `POST /desk/registrations/{id}/restart`: a new registration beside this one.
pub(super) async fn restart(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let reason = posted.fields.get("reason").unwrap_or_default();
    match restarts::restart(&app, RegistrationId(*id), account, reason).await {
        Ok(begun) => Ok(see_other(&format!("/desk/registrations/{}", begun.id))),
        Err(refused) => refuse(&app, account, *id, refused).await,
    }
}

/// The page again, where a reason is missing.
async fn refuse(app: &App, account: &Account, id: Uuid, refused: Error) -> Result<HttpResponse, Problem> {
    if !matches!(refused, Error::NoReason) {
        return Err(refused.into());
    }
    let page = show(app, account, id, String::new(), Some(sentence(&refused.to_string()))).await?;
    Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

impl RegistrationPage {
    /// Whether some proposal no longer waits.
    fn has_past(&self) -> bool {
        self.proposals.iter().any(|proposal| !proposal.is_waiting)
    }

    /// The signals that are not decided yet.
    fn open(&self) -> Vec<&SignalRow> {
        self.signals.iter().filter(|signal| signal.kind == FindingKind::Open).collect()
    }
}
