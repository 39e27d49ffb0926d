//! Removing from the store, from time to time, what was started in it and never finished.

use crate::service::{App, Stop, audit};
use std::time::Duration;

/// Between two sweeps.
const EVERY: Duration = Duration::from_hours(6);

/// Sweeps at the start and every few hours, until the server stops.
pub(in crate::service) async fn run(app: App, mut stop: Stop) {
    while !stop.is_requested() {
        match app.store.sweep().await {
            Ok(0) => {}
            Ok(uploads) => tracing::info!(uploads, "removed the remains of uploads that were interrupted"),
            Err(error) => tracing::warn!(%error, "the store was not swept; the next sweep tries again"),
        }
        if let Err(error) = audit::sweep(&app).await {
            tracing::warn!(%error, "old entries of the audit trail were not removed; the next sweep tries again");
        }
        tokio::select! {
            () = stop.requested() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
