//! Which files of its package a session was given, and when first: what the server itself saw of a visit. Who passes with
//! four files in nine seconds has not seen the content, whatever the browser says.

use crate::service::App;
use crate::service::playing::sessions::SessionId;
use jiff::Timestamp;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError, StoredDocument, Write};

/// The files that a session was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub session: SessionId,
    /// Paths in the package, with the first time that each was asked for.
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

/// What sessions were given since it was last kept. It waits for the session's next word; a crash loses what no word
/// followed.
pub(in crate::service) struct Waiting(Cache<SessionId, Files>);

impl Default for Waiting {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_hours(1)).build())
    }
}

/// Notes that a session was given a file.
pub fn note(app: &App, session: SessionId, path: &str) {
    let files = app.memory.delivered.0.get_with(session, Files::default);
    lock(&files).entry(path.to_owned()).or_insert(app.clock.now());
}

fn lock(files: &Files) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was noted about a session and is to be kept with its next word.
pub(super) struct Delivered {
    session: SessionId,
    files: BTreeMap<String, Timestamp>,
    before: Option<StoredDocument<Delivery>>,
}

/// What was noted about `session` and not kept yet.
pub(super) async fn waiting(app: &App, session: SessionId) -> Result<Delivered, StoreError> {
    let files = app.memory.delivered.0.get(&session).map(|files| lock(&files).clone()).unwrap_or_default();
    let before =
        if files.is_empty() { None } else { app.store.get::<Delivery>(&app.provider, &session.to_string()).await? };
    Ok(Delivered { session, files, before })
}

impl Delivered {
    /// The write that keeps it; none if it adds nothing.
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

    /// Forgets what was noted, once it is kept. What was noted meanwhile waits on.
    pub(super) fn is_kept(&self, app: &App) {
        if let Some(files) = app.memory.delivered.0.get(&self.session) {
            lock(&files).retain(|path, _| !self.files.contains_key(path));
        }
    }

    /// Keeps it alone, where nothing else is written.
    pub(super) async fn keep(&self, app: &App) -> Result<(), StoreError> {
        if let Some(write) = self.write()? {
            app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await?;
        }
        self.is_kept(app);
        Ok(())
    }
}

/// The files that a session was given, as far as they are kept.
pub async fn of(app: &App, session: SessionId) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let kept = app.store.get::<Delivery>(&app.provider, &session.to_string()).await?;
    Ok(kept.map(|kept| kept.document.files).unwrap_or_default())
}
