//! `/api/v1/launches`: a portal launches what its learner is registered for.

use crate::http::Problem;
use crate::http::auth::{self, ApiCaller};
use crate::service::playing::launches::{self, LaunchOptions};
use crate::service::{App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, ServiceConfig};
use runtime::Mode;
use serde::Deserialize;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/api/v1/launches", web::post().to(create));
}

/// What to launch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateLaunchRequest {
    registration: RegistrationId,
    /// The item's identifier in the manifest; without it, the first that is not complete.
    item: Option<String>,
    /// Where the learner goes afterwards, when the launch has a separate window.
    return_url: Option<String>,
    #[serde(default)]
    mode: Mode,
    /// The origin whose page shows the player in a frame.
    frame_ancestor: Option<String>,
}

/// `POST /api/v1/launches`: 201 with the URL to send the learner's browser to, and the session's id.
async fn create(
    app: Data<App>,
    caller: ApiCaller,
    request: Json<CreateLaunchRequest>,
) -> Result<HttpResponse, Problem> {
    app.memory.limits.launch(&caller.by, app.clock.now()).map_err(auth::Error::from)?;
    let CreateLaunchRequest { registration, item, return_url, mode, frame_ancestor } = request.into_inner();
    let options = LaunchOptions {
        item: item.as_deref(),
        mode,
        return_url: return_url.as_deref(),
        frame_ancestor: frame_ancestor.as_deref(),
        signed_in: None,
    };
    let launched = launches::launch_with(&app, registration, options).await?;
    Ok(HttpResponse::Created().json(launched))
}
