//! The way into the player: a launch on the content origin, in the same window.

use crate::http::Problem;
use crate::http::auth::{Learner, session_cookie};
use crate::http::pages;
use crate::service::learning::registrations;
use crate::service::playing::launches::{self, LaunchOptions};
use crate::service::{App, RegistrationId};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use uuid::Uuid;

/// Reached by a link or by a button.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/registrations/{id}/play", web::get().to(play)).route("/registrations/{id}/play", web::post().to(play));
}

/// Which item to play.
#[derive(Debug, Deserialize)]
struct PlayQuery {
    item: Option<String>,
}

/// `GET` and `POST /registrations/{id}/play`: every visit is a separate launch, which supersedes one in another window.
async fn play(
    app: Data<App>,
    learner: Learner,
    req: HttpRequest,
    id: Path<Uuid>,
    query: Query<PlayQuery>,
) -> Result<HttpResponse, Problem> {
    let id = RegistrationId(*id);
    let standing = match registrations::status(&app, id).await {
        Ok(standing) if standing.registration.learner == learner.0.id => standing,
        Ok(_) | Err(registrations::Error::Unknown(_)) => return Err(not_yours()),
        Err(error) => return Err(error.into()),
    };
    // A learner must see the activity information before the activity starts, and the log must record it (V3 to V5).
    if standing.evidence.informed.is_empty() {
        return Ok(pages::see_other(&format!("/registrations/{id}/front-matter")));
    }
    let secret = session_cookie::read(&req, &app.config);
    let options =
        LaunchOptions { item: query.item.as_deref(), signed_in: secret.as_deref(), ..LaunchOptions::default() };
    Ok(pages::see_other(&launches::launch_with(&app, id, options).await?.url))
}

fn not_yours() -> Problem {
    Problem::not_found("you have no such activity; go to the start page, which lists what you have started")
}
