//! `/api/v1/registrations`: registering learners, reading their status, deciding about held completions.

use crate::http::auth::{ApiCaller, Coordinator};
use crate::http::{ErrorDetail, Problem};
use crate::service::crediting::decisions;
use crate::service::learning::registrations::{self, Error, OfferingStatus, OfficeAct, RegistrationStatus};
use crate::service::learning::restarts;
use crate::service::ledger::credits::CreditRecord;
use crate::service::people::accounts::{self, Person};
use crate::service::{AccountIssuer, App, RegistrationId, Role};
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use credit::{Decision, Profession, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/registrations", web::post().to(create))
        .route("/api/v1/registrations/{id}", web::get().to(get))
        .route("/api/v1/registrations/{id}/settle", web::post().to(record_decision))
        .route("/api/v1/registrations/{id}/attempts", web::post().to(grant_attempt))
        .route("/api/v1/registrations/{id}/restart", web::post().to(restart));
}

/// Whom to register for which activity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateRegistrationRequest {
    activity: String,
    learner: Learner,
}

/// A learner, as the caller knows them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Learner {
    /// The caller's own identifier of this person, which never changes.
    id: String,
    /// As it appears on a certificate.
    #[serde(default)]
    name: String,
    /// With `given_name`, what content is given as the name.
    #[serde(default)]
    family_name: String,
    #[serde(default)]
    given_name: String,
    #[serde(default = "unknown")]
    profession: Profession,
}

fn unknown() -> Profession {
    Profession::Other
}

#[derive(Serialize)]
struct CreateRegistrationResponse {
    id: RegistrationId,
    activity: String,
    version: u32,
    learner: Uuid,
}

/// `POST /api/v1/registrations`: 201 with the registration's id; the same for the same learner.
async fn create(
    app: Data<App>,
    _caller: ApiCaller,
    request: Json<CreateRegistrationRequest>,
) -> Result<HttpResponse, Problem> {
    let CreateRegistrationRequest { activity, learner } = request.into_inner();
    let Learner { id, name, family_name, given_name, profession } = learner;
    let names = [("name", &name), ("family_name", &family_name), ("given_name", &given_name)];
    let places = names.into_iter().filter(|(_, name)| !accounts::is_name(name)).map(|(member, _)| ErrorDetail {
        pointer: format!("/learner/{member}"),
        code: "invalid".into(),
        message: format!("Send at most {} characters, without control characters.", accounts::LONGEST_NAME),
    });
    let places: Vec<_> = places.collect();
    if !places.is_empty() {
        return Err(Problem::unprocessable("invalid-name", "a name of the learner cannot be used").with(places));
    }
    if id.trim().is_empty() {
        let place =
            ErrorDetail { pointer: "/learner/id".into(), code: "empty".into(), message: "Name the learner.".into() };
        return Err(Problem::unprocessable("no-learner", "say whom to register").with(vec![place]));
    }
    let roles = BTreeSet::from([Role::Learner]);
    let person = Person { issuer: AccountIssuer::Api, subject: id, name, family_name, given_name, profession, roles };
    let account = accounts::find_or_create(&app, &person).await?;
    let registration = registrations::register(&app, &activity, &account).await?;
    let place = format!("{}/api/v1/registrations/{}", app.config.url, registration.id);
    let created = CreateRegistrationResponse {
        id: registration.id,
        activity: registration.activity,
        version: registration.version,
        learner: registration.learner.0,
    };
    Ok(HttpResponse::Created().insert_header((LOCATION, place)).json(created))
}

/// The status of a registration.
#[derive(Serialize)]
struct RegistrationView<'a> {
    id: RegistrationId,
    activity: &'a str,
    version: u32,
    learner: Uuid,
    created: String,
    items: Vec<ItemView<'a>>,
    offerings: Vec<OfferingView<'a>>,
    /// What the CME office did, in its order: who, when, what, and why.
    acts: Vec<OfficeAct>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restarts: Option<RegistrationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restarted_as: Option<RegistrationId>,
}

/// One item that must be completed.
#[derive(Serialize)]
struct ItemView<'a> {
    id: &'a str,
    completed: bool,
    seat_seconds: u64,
}

/// One credit offering, decided rule by rule.
#[derive(Serialize)]
struct OfferingView<'a> {
    id: &'a str,
    decision: &'a Decision,
    credit: Option<&'a CreditRecord>,
}

impl<'a> RegistrationView<'a> {
    fn new(app: &App, standing: &'a RegistrationStatus) -> Self {
        let RegistrationStatus { registration, version, evidence, offerings, .. } = standing;
        let item = |id: &'a String| ItemView {
            id,
            completed: evidence.completed.contains_key(id),
            seat_seconds: evidence
                .sessions
                .iter()
                .filter(|session| session.item == *id)
                .filter_map(|session| session.seat_seconds)
                .sum(),
        };
        Self {
            id: registration.id,
            activity: &registration.activity,
            version: registration.version,
            learner: registration.learner.0,
            created: xapi::instant(registration.created),
            items: version.required_items.iter().map(item).collect(),
            offerings: offerings.iter().map(OfferingView::new).collect(),
            acts: standing.acts(app),
            restarts: registration.restarts,
            restarted_as: registration.restarted_as,
        }
    }
}

impl<'a> OfferingView<'a> {
    fn new(standing: &'a OfferingStatus) -> Self {
        let OfferingStatus { offering, decision, credit } = standing;
        Self { id: offering.id.as_str(), decision, credit: credit.as_ref() }
    }
}

/// `GET /api/v1/registrations/{id}`: progress, items, and the decision rule by rule.
async fn get(app: Data<App>, _caller: ApiCaller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = registrations::status(&app, RegistrationId(*id)).await?;
    Ok(HttpResponse::Ok().json(RegistrationView::new(&app, &standing)))
}

/// What a person decided about integrity signals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordDecisionRequest {
    /// The ids of the signals.
    signals: BTreeSet<String>,
    verdict: Verdict,
    /// A sentence that an auditor will read.
    reason: String,
}

/// `POST /api/v1/registrations/{id}/settle`: records a person's decision, evaluates the rules again, and returns the new status.
async fn record_decision(
    app: Data<App>,
    Coordinator(by): Coordinator,
    id: Path<Uuid>,
    request: Json<RecordDecisionRequest>,
) -> Result<HttpResponse, Problem> {
    let RecordDecisionRequest { signals, verdict, reason } = request.into_inner();
    let id = RegistrationId(*id);
    registrations::record_decision(&app, id, signals, &by, verdict, &reason).await?;
    decisions::decide(&app, id).await?;
    let standing = registrations::status(&app, id).await?;
    Ok(HttpResponse::Ok().json(RegistrationView::new(&app, &standing)))
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `POST /api/v1/registrations/{id}/attempts`: one more attempt at the assessment; returns the new status.
async fn grant_attempt(
    app: Data<App>,
    Coordinator(by): Coordinator,
    id: Path<Uuid>,
    request: Json<Reason>,
) -> Result<HttpResponse, Problem> {
    let id = RegistrationId(*id);
    restarts::grant_attempt(&app, id, &by, &request.reason).await?;
    let standing = registrations::status(&app, id).await?;
    Ok(HttpResponse::Created().json(RegistrationView::new(&app, &standing)))
}

/// `POST /api/v1/registrations/{id}/restart`: 201 with the registration that takes the place of this one.
async fn restart(
    app: Data<App>,
    Coordinator(by): Coordinator,
    id: Path<Uuid>,
    request: Json<Reason>,
) -> Result<HttpResponse, Problem> {
    let begun = restarts::restart(&app, RegistrationId(*id), &by, &request.reason).await?;
    let standing = registrations::status(&app, begun.id).await?;
    Ok(HttpResponse::Created().json(RegistrationView::new(&app, &standing)))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Unknown(_) => Self::not_found(sentence),
            Error::NotReleased(_) => Self::conflict("not-released", sentence),
            Error::Expired(_) => Self::conflict("activity-expired", sentence),
            Error::NoSignal(_) => Self::unprocessable("no-such-signal", sentence),
            Error::NoReason => Self::unprocessable("no-reason", sentence),
            Error::NoGrants(_) => Self::conflict("no-grants", sentence),
            Error::NotExhausted => Self::conflict("attempts-left", sentence),
            Error::Restarted(_) => Self::conflict("restarted", sentence),
            Error::Credited => Self::conflict("credited", sentence),
            Error::Rules(_) => Self::conflict("rule-set-unknown", sentence),
            Error::Activity(error) => error.into(),
            Error::Store(error) => error.into(),
            Error::Zone(_) | Error::Statements(_) => Self::internal(sentence),
        }
    }
}

impl From<decisions::Error> for Problem {
    fn from(error: decisions::Error) -> Self {
        use decisions::Error as E;
        match error {
            E::Registration(error) => error.into(),
            E::Store(error) => error.into(),
            E::Record(_) | E::Bundle(_) | E::NoBundle(_) | E::Ledger(_) | E::Statements(_) => Self::internal(error),
        }
    }
}
