//! Play sessions: each commit has the hash that was noted when it came, and all of them the session's chain.

use super::{Error, Examination};
use crate::service::SessionId;
use crate::service::playing::history;
use crate::service::playing::sessions::StoredCommit;
use base::hash::Sha256;

impl Examination<'_> {
    /// A session with all its commits.
    pub(super) async fn session(&mut self, id: SessionId) -> Result<(), Error> {
        match history::of(self.app, id).await {
            Ok(found) if !found.intact => {
                let message = format!("Play session {id}: its commits are not those that were chained when they came.");
                self.differs(message);
            }
            Ok(_) => {}
            Err(history::Error::Store(error @ store::StoreError::Failed(_))) => {
                self.differs(format!("Play session {id} cannot be read: {error}."));
            }
            Err(history::Error::Store(error)) => return Err(error.into()),
            Err(error) => self.differs(format!("Play session {id} cannot be read: {error}.")),
        }
        Ok(())
    }

    /// A commit alone.
    pub(super) fn commit(&mut self, commit: &StoredCommit) {
        if Sha256::of(&commit.body) != commit.sha256 {
            let message = format!(
                "Commit {} of play session {} was changed: its bytes have another hash.",
                commit.sequence, commit.session
            );
            self.differs(message);
        }
    }
}
