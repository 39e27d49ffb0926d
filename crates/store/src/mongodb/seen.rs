//! How far this process has seen the replica set, so that what it reads later is never older than what it knows.
//!
//! A primary that was elected just now reads as of the last moment that it knows a majority to have, which for an instant
//! may lie before what its predecessor has acknowledged. A page whose end was told by the one could then miss statements
//! when read from the other, and a record that was written could be missing. So the operation time of what was written and
//! read is remembered, and reads ask for a moment no earlier (causal consistency): such a primary answers once it has caught up.
//!
//! What another process has seen is not known here: `docs/scaling.md` says what that means.

use super::fault::serving;
use super::schema::Collections;
use crate::Result;
use futures_util::TryStreamExt as _;
use mongodb::action::{Find, FindOne};
use mongodb::bson::Timestamp;
use mongodb::error::Error;
use mongodb::{Client, ClientSession};
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};

/// The latest moment that this process knows of.
#[derive(Default)]
pub(super) struct Seen(Mutex<Option<Timestamp>>);

impl Seen {
    /// A session whose reads are of no earlier moment.
    pub(super) async fn session(&self, client: &Client) -> std::result::Result<ClientSession, Error> {
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

/// A session whose reads are of no earlier moment than this process has seen.
pub(super) async fn session(from: &Collections) -> Result<ClientSession> {
    from.seen.session(&from.client).await.map_err(|e| serving(&e))
}

/// What `find` finds first.
pub(super) async fn one<T: DeserializeOwned + Send + Sync>(
    from: &Collections,
    find: FindOne<'_, T>,
) -> Result<Option<T>> {
    let mut session = session(from).await?;
    let found = find.session(&mut session).await.map_err(|e| serving(&e))?;
    from.seen.note(&session);
    Ok(found)
}

/// Everything that `find` finds.
pub(super) async fn all<T: DeserializeOwned + Send + Sync>(from: &Collections, find: Find<'_, T>) -> Result<Vec<T>> {
    let mut session = session(from).await?;
    let found = all_in(&mut session, find).await.map_err(|e| serving(&e))?;
    from.seen.note(&session);
    Ok(found)
}

/// Everything that `find` finds, as `session` sees it.
pub(super) async fn all_in<T: DeserializeOwned + Send + Sync>(
    session: &mut ClientSession,
    find: Find<'_, T>,
) -> std::result::Result<Vec<T>, Error> {
    let mut cursor = find.session(&mut *session).await?;
    cursor.stream(session).try_collect().await
}
