//! Word of new statements, for those in this process who wait for some.

use super::{Committed, Result};
use tokio::sync::watch;

/// Tells everyone who listens that statements were appended.
#[derive(Debug, Default)]
pub(super) struct News(watch::Sender<()>);

impl News {
    /// Passes `done` on, and the word with it when it has appended something.
    pub(super) fn of(&self, done: Result<Committed>) -> Result<Committed> {
        if done.as_ref().is_ok_and(|done| done.statements.iter().any(|appended| appended.new)) {
            self.0.send_replace(());
        }
        done
    }

    /// Hears of what is told from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
