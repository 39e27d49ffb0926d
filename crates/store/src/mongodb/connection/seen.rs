//! The latest moment of the replica set that this process has seen, so that later reads are never older than that.
//!
//! A newly elected primary reads as of the last moment that it knows to be on a majority, which may briefly be before what its
//! predecessor has acknowledged. A page whose end came from the predecessor could then lack statements when it is read from
//! the new primary, and a record that was written could be missing. So the operation time of every write and read is
//! remembered, and reads require a moment no earlier (causal consistency): such a primary responds when it has caught up.
//!
//! What another process has seen is not known here: `docs/scaling.md` describes the consequences.

use crate::Result;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use futures_util::TryStreamExt as _;
use mongodb::action::{Find, FindOne};
use mongodb::bson::Timestamp;
use mongodb::error::Error;
use mongodb::{Client, ClientSession};
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};

/// The latest moment that this process knows of.
#[derive(Default)]
pub(in crate::mongodb) struct LatestMoment(Mutex<Option<Timestamp>>);

impl LatestMoment {
    /// A session whose reads are of no earlier moment.
    pub(in crate::mongodb) async fn session(&self, client: &Client) -> std::result::Result<ClientSession, Error> {
        let mut session = client.start_session().await?;
        if let Some(at) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            session.advance_operation_time(at);
        }
        Ok(session)
    }

    /// Remembers the moment of the last result of `session`.
    pub(in crate::mongodb) fn note(&self, session: &ClientSession) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = session.operation_time().max(*latest);
    }
}

/// A session whose reads are of no earlier moment than this process has seen.
pub(in crate::mongodb) async fn session(from: &Collections) -> Result<ClientSession> {
    from.seen.session(&from.client).await.map_err(|e| serving(&e))
}

/// What `find` finds first.
pub(in crate::mongodb) async fn one<T: DeserializeOwned + Send + Sync>(
    from: &Collections,
    find: FindOne<'_, T>,
) -> Result<Option<T>> {
    let mut session = session(from).await?;
    let found = find.session(&mut session).await.map_err(|e| serving(&e))?;
    from.seen.note(&session);
    Ok(found)
}

/// Everything that `find` finds.
pub(in crate::mongodb) async fn all<T: DeserializeOwned + Send + Sync>(
    from: &Collections,
    find: Find<'_, T>,
) -> Result<Vec<T>> {
    let mut session = session(from).await?;
    let found = all_in(&mut session, find).await.map_err(|e| serving(&e))?;
    from.seen.note(&session);
    Ok(found)
}

/// Everything that `find` finds, as `session` sees it.
pub(in crate::mongodb) async fn all_in<T: DeserializeOwned + Send + Sync>(
    session: &mut ClientSession,
    find: Find<'_, T>,
) -> std::result::Result<Vec<T>, Error> {
    let mut cursor = find.session(&mut *session).await?;
    cursor.stream(session).try_collect().await
}
