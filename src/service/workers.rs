//! Whoever does due work while the server runs. Each is idempotent and takes up after a crash where the store says.

use super::{App, Stop, commits, decisions};
use futures_util::future::join;

/// Does due work until asked to stop.
pub async fn run(app: &App, stop: Stop) {
    join(decisions::run(app.clone(), stop.clone()), commits::suspend_silent(app.clone(), stop)).await;
}
