//! What a store counts of its own work, for whoever reads the figures of the process.

use super::{Committed, Result};

/// Commits that were done.
pub const COMMITS: &str = "enduring_store_commits_total";
/// Statements that were appended by them.
pub const STATEMENTS: &str = "enduring_store_statements_total";
/// Commits that wait to be done, or are being done.
pub const COMMITS_WAITING: &str = "enduring_store_commits_waiting";
/// Tries to commit, each for all that wait, that were begun again because another process was first or a server was gone.
pub const TRIES_REPEATED: &str = "enduring_store_tries_repeated_total";

/// Counts what becomes of a commit.
pub(super) async fn counted(commit: impl Future<Output = Result<Committed>>) -> Result<Committed> {
    let _waiting = Waiting::begin();
    let done = commit.await?;
    let appended = done.statements.iter().filter(|appended| appended.new).count();
    metrics::counter!(COMMITS).increment(1);
    metrics::counter!(STATEMENTS).increment(u64::try_from(appended).unwrap_or_default());
    Ok(done)
}

/// Counts a try that is begun again.
pub(super) fn repeated() {
    metrics::counter!(TRIES_REPEATED).increment(1);
}

/// A commit that waits, also when its caller stops waiting for it.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        metrics::gauge!(COMMITS_WAITING).increment(1.0);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!(COMMITS_WAITING).decrement(1.0);
    }
}
