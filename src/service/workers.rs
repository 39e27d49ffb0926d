//! Whoever works while the server runs. Who does due work is idempotent and takes up after a crash where the store says.

use super::{App, Stop, commits, decisions, reports};
use futures_util::future::join3;

/// Does due work, and looks for new statements on behalf of those who follow them, until asked to stop.
pub async fn run(app: &App, stop: Stop) {
    let suspending = commits::suspend_silent(app.clone(), stop.clone());
    join3(decisions::run(app.clone(), stop.clone()), suspending, reports::watch(app.clone(), stop)).await;
}
