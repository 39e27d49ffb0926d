//! Play sessions: each commit has the hash that was noted when it came, and all of them the session's chain.

use super::{Error, Examination};
use crate::service::SessionId;
use crate::service::playing::history;
use crate::service::playing::sessions::StoredCommit;
use base::hash::Sha256;

impl Examination<'_> {
    /// A session with all its commits.
    pub(super) async fn session(&mut self, id: SessionId) -> Result<(), Error> {
        let mut found = history::of(self.app, id).await;
        if matches!(&found, Ok(found) if !found.intact) {
            // Its content may have sent something between the reading of the session and of its commits.
            found = history::of(self.app, id).await;
        }
        match found {
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
