//! The workers that run in the server. Those that do due work are idempotent and resume after a crash where the store says.

use crate::service::crediting::decisions;
use crate::service::ledger::log_pages;
use crate::service::playing::commits;
use crate::service::upkeep::housekeeping;
use crate::service::{App, Stop, erasure, reporting};
use tokio::join;

/// Does due work, watches for new statements for followers, and keeps the store clean, until the server stops.
pub async fn run(app: &App, stop: Stop) {
    let suspending = commits::suspend_silent(app.clone(), stop.clone());
    let watching = reporting::watch(app.clone(), stop.clone());
    let erasing = erasure::run(app.clone(), stop.clone());
    let tidying = housekeeping::run(app.clone(), stop.clone());
    let sealing = log_pages::run(app.clone(), stop.clone());
    join!(decisions::run(app.clone(), stop), suspending, watching, erasing, tidying, sealing);
}
