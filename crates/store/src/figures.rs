//! The metrics of a store's own work.

use super::{CommitReceipt, Result};

/// Commits that succeeded.
pub const COMMITS: &str = "enduring_store_commits_total";
/// Statements that they appended.
pub const STATEMENTS: &str = "enduring_store_statements_total";
/// Commits that are waiting or in progress.
pub const COMMITS_WAITING: &str = "enduring_store_commits_waiting";
/// Attempts to commit a group that were retried because another process was first or a server was unavailable.
pub const TRIES_REPEATED: &str = "enduring_store_tries_repeated_total";

/// Counts a commit and its outcome.
pub(super) async fn counted(commit: impl Future<Output = Result<CommitReceipt>>) -> Result<CommitReceipt> {
    let _waiting = GaugeEntry::begin();
    let done = commit.await?;
    let appended = done.statements.iter().filter(|appended| appended.new).count();
    metrics::counter!(COMMITS).increment(1);
    metrics::counter!(STATEMENTS).increment(u64::try_from(appended).unwrap_or_default());
    Ok(done)
}

/// Counts a retried attempt.
pub(super) fn repeated() {
    metrics::counter!(TRIES_REPEATED).increment(1);
}

/// A commit in the gauge of waiting commits. It leaves the gauge when it is dropped, even if its caller stops waiting.
struct GaugeEntry;

impl GaugeEntry {
    fn begin() -> Self {
        metrics::gauge!(COMMITS_WAITING).increment(1.0);
        Self
    }
}

impl Drop for GaugeEntry {
    fn drop(&mut self) {
        metrics::gauge!(COMMITS_WAITING).decrement(1.0);
    }
}
