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
    /// Whether the player is shown in a frame of another site's page.
    #[serde(default)]
    framed: bool,
    /// The origin of that page.
    frame_ancestor: Option<String>,
}

/// `POST /api/v1/launches`: 201 with the URL to send the learner's browser to, and the session's id.
async fn create(
    app: Data<App>,
    caller: ApiCaller,
    request: Json<CreateLaunchRequest>,
) -> Result<HttpResponse, Problem> {
    app.memory.limits.launch(&caller.by, app.clock.now()).map_err(auth::Error::from)?;
    let CreateLaunchRequest { registration, item, return_url, mode, framed, frame_ancestor } = request.into_inner();
    if framed != frame_ancestor.is_some() {
        let detail = "a framed launch has \"framed\": true and the platform's origin as \"frame_ancestor\", such as \
                      https://lms.example";
        return Err(Problem::unprocessable("invalid-frame-ancestor", detail));
    }
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
