//! How often a player may call. Each request shows a secret: a ticket, a cookie, or the key of a load; each secret has its own
//! pace, so that nobody uses up another's. One that is not valid is a failed attempt to authenticate.

use crate::http::Problem;
use crate::http::serving::address;
use crate::service::App;
use actix_web::HttpRequest;
use base::hash::Sha256;

/// Does `work` for a request that shows `secret`, unless it comes too early.
pub(super) async fn limited<T>(
    app: &App,
    req: &HttpRequest,
    secret: &str,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let (limits, now) = (&app.memory.limits, app.clock.now());
    let (address, name) = (address::of(req, &app.config.limits), Sha256::of(secret).to_string());
    limits.look(&address, &name, now)?;
    limits.play(&name, now)?;
    let done = work.await;
    match &done {
        Ok(_) => limits.let_in(&address, &name),
        Err(problem) if problem.code() == UNKNOWN => limits.fail(&address, now)?,
        Err(_) => {}
    }
    done
}

/// What a secret that is not valid is called.
pub(super) const UNKNOWN: &str = "launch-unknown";
