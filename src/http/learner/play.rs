//! The app's page around the player: a frame on the content origin, from which it receives only messages.

use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::{self, Page, Section};
use crate::http::player::SANDBOX;
use crate::service::learning::registrations;
use crate::service::playing::launches;
use crate::service::{App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use askama::Template;
use runtime::Mode;
use serde::Deserialize;
use uuid::Uuid;

/// The page, reached by a link or by a button.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/registrations/{id}/play", web::get().to(play)).route("/registrations/{id}/play", web::post().to(begin));
}

#[derive(Template)]
#[template(path = "play.html")]
struct PlayPage {
    page: Page,
    title: String,
    /// The player, on the content origin.
    player: String,
    /// The only origin whose messages the page accepts.
    origin: String,
    sandbox: &'static str,
    /// Where the learner goes afterwards.
    back: String,
}

/// Which item to play.
#[derive(Debug, Deserialize)]
struct PlayQuery {
    item: Option<String>,
}

/// `GET /registrations/{id}/play`: every visit is a separate launch, which supersedes one in another window.
async fn play(
    app: Data<App>,
    learner: Learner,
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
    let launched = launches::launch(&app, id, query.item.as_deref(), Mode::Normal, None).await?;
    let title = standing.version.document.title;
    Ok(pages::render(&PlayPage {
        page: Page::new(&app, &title).seen_by(&learner.0).at(Section::Activities).script("play.js"),
        title,
        player: launched.url,
        origin: app.config.content_url.clone(),
        sandbox: SANDBOX,
        back: format!("/registrations/{id}"),
    }))
}

fn not_yours() -> Problem {
    Problem::not_found("you have no such activity; go to the start page, which lists what you have started")
}

/// `POST /registrations/{id}/play`: redirects a button's POST to the page.
async fn begin(_learner: Learner, id: Path<Uuid>) -> HttpResponse {
    pages::see_other(&format!("/registrations/{id}/play"))
}
