//! Whoever works while the server runs. Who does due work is idempotent and takes up after a crash where the store says.

use crate::service::crediting::decisions;
use crate::service::playing::commits;
use crate::service::upkeep::housekeeping;
use crate::service::{App, Stop, erasure, reporting};
use futures_util::future::join5;

/// Does due work, looks for new statements on behalf of those who follow them, and keeps the store tidy, until asked to stop.
pub async fn run(app: &App, stop: Stop) {
    let suspending = commits::suspend_silent(app.clone(), stop.clone());
    let watching = reporting::watch(app.clone(), stop.clone());
    let erasing = erasure::run(app.clone(), stop.clone());
    let tidying = housekeeping::run(app.clone(), stop.clone());
    join5(decisions::run(app.clone(), stop), suspending, watching, erasing, tidying).await;
}
