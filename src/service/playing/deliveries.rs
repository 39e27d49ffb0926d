//! Which files of its package were delivered to a session, and when first: what the server itself saw of a visit. A learner
//! who passes with four files in nine seconds has not seen the content, whatever the browser claims.

use crate::service::playing::sessions::{self, Session, SessionId};
use crate::service::{App, PackageVersion};
use jiff::Timestamp;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError, StoredDocument, Write};

/// The files that were delivered to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub session: SessionId,
    /// Paths in the package, with the first time that each was requested.
    pub files: BTreeMap<String, Timestamp>,
}

impl Document for Delivery {
    const KIND: &'static Kind = &Kind { name: "play-delivery", indexes: &[] };

    fn key(&self) -> String {
        self.session.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

type Files = Arc<Mutex<BTreeMap<String, Timestamp>>>;

/// What was delivered to sessions since it was last saved. It waits for the session's next message; a crash loses what no
/// message followed.
pub(in crate::service) struct PendingDeliveries(Cache<SessionId, Files>);

impl Default for PendingDeliveries {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_hours(1)).build())
    }
}

/// Notes that a file was delivered to a session. The file that starts the session's item is saved at once, since seat time
/// rests on it, and the next message may reach another process.
pub async fn note(app: &App, session: &Session, package: &PackageVersion, path: &str) -> Result<(), StoreError> {
    let files = app.memory.delivered.0.get_with(session.id, Files::default);
    lock(&files).entry(path.to_owned()).or_insert(app.clock.now());
    if session.visit.delivered || launch_path(package, session) != Some(path) {
        return Ok(());
    }
    match pending(app, session.id).await?.save(app).await {
        // Another request has saved something meanwhile: this waits for the next message.
        Err(StoreError::Stale { .. }) => Ok(()),
        done => done,
    }
}

fn launch_path<'a>(package: &'a PackageVersion, session: &Session) -> Option<&'a str> {
    Some(package.package.item(&session.item)?.launch?.path.as_str())
}

/// Whether the file that starts the session's item was delivered to it: as far as it is noted here, or saved.
pub(super) async fn include_launch(
    app: &App,
    session: &Session,
    pending: &PendingDelivery,
) -> Result<bool, sessions::Error> {
    if session.visit.delivered {
        return Ok(true);
    }
    let package = sessions::package(app, session).await?;
    let Some(path) = launch_path(&package, session) else { return Ok(false) };
    Ok(pending.files.contains_key(path) || of(app, session.id).await?.contains_key(path))
}

fn lock(files: &Files) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was noted about a session and is to be saved with its next message.
pub(super) struct PendingDelivery {
    session: SessionId,
    files: BTreeMap<String, Timestamp>,
    before: Option<StoredDocument<Delivery>>,
}

/// What was noted about `session` and not saved yet.
pub(super) async fn pending(app: &App, session: SessionId) -> Result<PendingDelivery, StoreError> {
    let files = app.memory.delivered.0.get(&session).map(|files| lock(&files).clone()).unwrap_or_default();
    let before =
        if files.is_empty() { None } else { app.store.get::<Delivery>(&app.provider, &session.to_string()).await? };
    Ok(PendingDelivery { session, files, before })
}

impl PendingDelivery {
    /// The write that saves it; none if it adds nothing.
    pub(super) fn write(&self) -> Result<Option<Write>, StoreError> {
        let mut document = match &self.before {
            Some(before) => before.document.clone(),
            None => Delivery { session: self.session, files: BTreeMap::new() },
        };
        let before = document.files.len();
        for (path, at) in &self.files {
            document.files.entry(path.clone()).or_insert(*at);
        }
        match &self.before {
            _ if document.files.len() == before => Ok(None),
            Some(kept) => StoredDocument { version: kept.version, document }.replace().map(Some),
            None => document.insert().map(Some),
        }
    }

    /// Forgets what was noted, once it is saved. What was noted meanwhile keeps waiting.
    pub(super) fn mark_saved(&self, app: &App) {
        if let Some(files) = app.memory.delivered.0.get(&self.session) {
            lock(&files).retain(|path, _| !self.files.contains_key(path));
        }
    }

    /// Saves it alone, where nothing else is written.
    pub(super) async fn save(&self, app: &App) -> Result<(), StoreError> {
        if let Some(write) = self.write()? {
            app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await?;
        }
        self.mark_saved(app);
        Ok(())
    }
}

/// The files that were delivered to a session, as far as they are saved.
pub async fn of(app: &App, session: SessionId) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let kept = app.store.get::<Delivery>(&app.provider, &session.to_string()).await?;
    Ok(kept.map(|kept| kept.document.files).unwrap_or_default())
}
