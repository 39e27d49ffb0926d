//! The workload of the store, for the people and programs that monitor the server.

use crate::service::{App, QUEUES};
use futures_util::future::try_join_all;
use store::StoreError;
use store::figures::{COMMITS, COMMITS_WAITING, STATEMENTS, TRIES_REPEATED};

/// Describes the metrics of the store, and publishes each before it is first counted.
pub fn describe() {
    metrics::describe_counter!(COMMITS, "Commits that the store has made for this process");
    metrics::describe_counter!(STATEMENTS, "Statements that the store has appended for this process");
    metrics::describe_counter!(
        TRIES_REPEATED,
        "Attempts to commit that were repeated, because of another process or an unreachable store"
    );
    metrics::describe_gauge!(COMMITS_WAITING, "Commits of this process that wait to be made");
    for counter in [COMMITS, STATEMENTS, TRIES_REPEATED] {
        metrics::counter!(counter).increment(0);
    }
    metrics::gauge!(COMMITS_WAITING).increment(0.0);
}

/// How much due work is waiting in each queue.
pub async fn waiting(app: &App) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let now = app.clock.now();
    let queues = QUEUES.iter().copied();
    try_join_all(queues.map(async |queue| app.store.due(queue, now).await.map(|due| (queue, due)))).await
}
