//! Claiming credit.

use super::mine;
use crate::http::Problem;
use crate::http::auth::{Learner, PostedForm};
use crate::http::pages::{Page, Section, prose, render, render_with, see_other, sentence};
use crate::service::crediting::claims::{self, Error};
use crate::service::learning::registrations::RegistrationStatus;
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Credits, Offering, OfferingId};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/claim.html")]
struct ClaimPage<'a> {
    page: Page,
    registration: Uuid,
    activity: &'a str,
    offering: &'a Offering,
    designation: String,
    amounts: Vec<AmountChoice>,
    refusal: Option<String>,
}

/// An amount that can be claimed.
struct AmountChoice {
    value: String,
    chosen: bool,
}

/// `GET /registrations/{id}/claim/{offering}`.
pub(super) async fn page(
    app: Data<App>,
    learner: Learner,
    path: Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, offering) = path.into_inner();
    let standing = mine(&app, &learner.0, id).await?;
    let claimable = claims::claimable(&app, &standing, &OfferingId(offering))?;
    Ok(render(&form(&app, &learner.0, &standing, claimable.offering, None, None)))
}

/// `POST /registrations/{id}/claim/{offering}`.
pub(super) async fn submit(
    app: Data<App>,
    posted: PostedForm<Learner>,
    path: Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, offering) = path.into_inner();
    let (Learner(account), offering) = (&posted.by, OfferingId(offering));
    let standing = mine(&app, account, id).await?;
    let amount = posted.fields.get("amount").unwrap_or_default();
    let attested = posted.fields.get("attested").is_some();
    let refused = match claims::claim(&app, &standing, &offering, amount, attested).await {
        Ok(()) => return Ok(see_other(&format!("/registrations/{id}"))),
        Err(refused) => refused,
    };
    let offering = standing.version.document.offering(&offering);
    match (&refused, offering) {
        (Error::NotAnAmount | Error::AboveMaximum { .. } | Error::NotAStep(_) | Error::NotAttested, Some(offering)) => {
            let (chosen, refusal) = (Some(amount), Some(sentence(&refused.to_string())));
            let page = form(&app, account, &standing, offering, chosen, refusal);
            Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        _ => Err(refused.into()),
    }
}

fn form<'a>(
    app: &App,
    account: &Account,
    standing: &'a RegistrationStatus,
    offering: &'a Offering,
    chosen: Option<&str>,
    refusal: Option<String>,
) -> ClaimPage<'a> {
    let activity = &standing.version.document;
    let amount = |amount: Credits| {
        let value = amount.to_string();
        AmountChoice { chosen: chosen == Some(value.as_str()), value }
    };
    ClaimPage {
        page: Page::new(app, "Claim credit").seen_by(account).at(Section::Activities),
        registration: standing.registration.id.0,
        activity: &activity.title,
        offering,
        designation: activity.designation_statement(offering),
        amounts: Credits::choices(offering.step, offering.maximum).rev().map(amount).collect(),
        refusal,
    }
}
