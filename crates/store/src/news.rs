//! Notifications of new statements, for tasks of this process that wait for them.

use super::{CommitReceipt, Result};
use tokio::sync::watch;

/// Notifies every listener that statements were appended.
#[derive(Debug, Default)]
pub(super) struct News(watch::Sender<()>);

impl News {
    /// Returns `done`, after notifying the listeners when it has appended something.
    pub(super) fn of(&self, done: Result<CommitReceipt>) -> Result<CommitReceipt> {
        if done.as_ref().is_ok_and(|done| done.statements.iter().any(|appended| appended.new)) {
            self.0.send_replace(());
        }
        done
    }

    /// A receiver of the notifications from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
