//! Whoever does due work while the server runs. Each is idempotent and takes up after a crash where the store says.

use super::{App, Stop, commits};

/// Does due work until asked to stop.
pub async fn run(app: &App, stop: Stop) {
    commits::suspend_silent(app.clone(), stop).await;
}
