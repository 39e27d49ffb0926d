//! Statements into the log, whoever sends them, together with their definitions of activities.

use super::App;
use crate::service::records::definitions;
use store::{Commit, CommitReceipt, StoreError};
use xapi::ActivityDefinition;

/// How often a commit is tried while others change the same definitions.
const ATTEMPTS: usize = 20;

/// Does all of `commit`, or none of it. The definitions in its statements are stored with it; one that another writer changed
/// meanwhile is merged again. Nothing else of a commit is retried: its caller knows whether it still makes sense.
pub async fn commit(app: &App, mut commit: Commit) -> Result<CommitReceipt, StoreError> {
    let brought = commit.statements.iter_mut().flat_map(|statement| std::mem::take(&mut statement.defined));
    let defined: Vec<ActivityDefinition> = brought.collect();
    for _ in 0..ATTEMPTS {
        let mut updates = definitions::learn(app, &defined).await?;
        if updates.writes.is_empty() {
            let done = app.store.commit(&app.provider, commit).await?;
            updates.remember(app);
            return Ok(done);
        }
        let mut whole = commit.clone();
        whole.writes.append(&mut updates.writes);
        match app.store.commit(&app.provider, whole).await {
            Ok(done) => {
                updates.remember(app);
                return Ok(done);
            }
            Err(StoreError::Stale { kind, .. }) if kind == definitions::KIND => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Busy)
}
