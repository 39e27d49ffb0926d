//! How far this process has seen the replica set, so that what it reads later is never older than what it knows.
//!
//! A primary that was elected just now reads as of the last moment that it knows a majority to have, which for an instant
//! may lie before what its predecessor has acknowledged. A page whose end was told by the one could then miss statements
//! when read from the other. So answers about the end of the log, and commits, are remembered by their operation time, and
//! reads of the log ask for a moment no earlier (causal consistency): such a primary answers once it has caught up.

use mongodb::bson::Timestamp;
use mongodb::error::Error;
use mongodb::{Client, ClientSession};
use std::sync::{Mutex, PoisonError};

/// The latest moment that this process knows of.
#[derive(Default)]
pub(super) struct Seen(Mutex<Option<Timestamp>>);

impl Seen {
    /// A session whose reads are of no earlier moment.
    pub(super) async fn session(&self, client: &Client) -> Result<ClientSession, Error> {
        let mut session = client.start_session().await?;
        if let Some(at) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            session.advance_operation_time(at);
        }
        Ok(session)
    }

    /// Remembers the moment of what was answered in `session`.
    pub(super) fn note(&self, session: &ClientSession) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = session.operation_time().max(*latest);
    }
}
