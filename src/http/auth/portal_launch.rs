//! A portal's launch token: the portal vouches for a person, whom the token signs in once.

use super::Error;
use super::sign_in::enter;
use crate::http::Problem;
use crate::http::serving::address;
use crate::service::App;
use crate::service::people::portal;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use xapi::vocabulary::iri;

/// What a portal sends.
#[derive(Debug, Deserialize)]
pub(super) struct PortalLaunchRequest {
    token: String,
}

/// `GET /launch?token=…`.
pub(super) async fn link(
    app: Data<App>,
    req: HttpRequest,
    launch: Query<PortalLaunchRequest>,
) -> Result<HttpResponse, Problem> {
    arrive(&app, &req, &launch.token).await
}

/// `POST /launch`, with `token` as a form field: a portal that would rather not have the token in logs and histories.
pub(super) async fn form(
    app: Data<App>,
    req: HttpRequest,
    launch: Form<PortalLaunchRequest>,
) -> Result<HttpResponse, Problem> {
    arrive(&app, &req, &launch.token).await
}

/// The token itself is the proof that the portal sent this person; where the request comes from does not matter.
async fn arrive(app: &App, req: &HttpRequest, token: &str) -> Result<HttpResponse, Problem> {
    let address = address::of(req, &app.config.limits);
    app.memory.limits.launch(&address, app.clock.now()).map_err(Error::from)?;
    let arrival = portal::accept(app, token).await?;
    let next = arrival.activity.map_or_else(|| "/".to_owned(), |activity| iri::activity("", &activity));
    enter(app, req, &arrival.account, &next).await
}

impl From<portal::Error> for Problem {
    fn from(refused: portal::Error) -> Self {
        use portal::Error as R;
        let sentence = refused.to_string();
        match refused {
            R::Unknown => Self::new(StatusCode::UNAUTHORIZED, "portal-unknown", sentence),
            R::Invalid => Self::new(StatusCode::UNAUTHORIZED, "portal-token-invalid", sentence),
            R::Expired => Self::new(StatusCode::UNAUTHORIZED, "portal-token-expired", sentence),
            R::Used => Self::new(StatusCode::UNAUTHORIZED, "portal-token-used", sentence),
            R::Role { .. } => Self::forbidden("portal-role", sentence),
            R::Misconfigured { .. } => Self::new(StatusCode::UNAUTHORIZED, "portal-misconfigured", sentence),
            R::Store(error) => error.into(),
        }
    }
}
