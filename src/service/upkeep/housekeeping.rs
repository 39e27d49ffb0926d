//! Sweeping the store now and then of what was begun in it and never finished.

use crate::service::{App, Stop};
use std::time::Duration;

/// Between two sweeps.
const EVERY: Duration = Duration::from_hours(6);

/// Sweeps at the start and every few hours, until asked to stop.
pub(in crate::service) async fn run(app: App, mut stop: Stop) {
    while !stop.is_requested() {
        match app.store.sweep().await {
            Ok(0) => {}
            Ok(uploads) => tracing::info!(uploads, "cleared away what uploads had left that broke off"),
            Err(error) => tracing::warn!(%error, "the store was not swept; the next sweep does it"),
        }
        tokio::select! {
            () = stop.requested() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
