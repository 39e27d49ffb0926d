//! Which files of its package a session was given, and when first: what the server itself saw of a visit. Who passes with
//! four files in nine seconds has not seen the content, whatever the browser says.

use crate::service::App;
use crate::service::playing::sessions::SessionId;
use jiff::Timestamp;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use store::{Document, IndexKey, Kind, Records as _, StoreError};

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

/// What was given since it was last kept. It waits for the session's next word; a crash loses what no word followed.
static WAITING: LazyLock<Cache<SessionId, Files>> =
    LazyLock::new(|| Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_hours(1)).build());

/// Notes that a session was given a file.
pub fn note(session: SessionId, path: &str, now: Timestamp) {
    let files = WAITING.get_with(session, Files::default);
    files.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_insert(now);
}

/// Keeps what was noted about a session.
pub(in crate::service) async fn keep(app: &App, session: SessionId) -> Result<(), StoreError> {
    let Some(waiting) = WAITING.remove(&session) else { return Ok(()) };
    let given = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
    let write = match app.store.get::<Delivery>(&app.provider, &session.to_string()).await? {
        None => Delivery { session, files: given }.insert()?,
        Some(mut kept) => {
            let before = kept.document.files.len();
            for (path, at) in given {
                kept.document.files.entry(path).or_insert(at);
            }
            if kept.document.files.len() == before {
                return Ok(());
            }
            kept.replace()?
        }
    };
    crate::service::upkeep::expiry::unless_changed(app, write).await
}

/// The files that a session was given, as far as they are kept.
pub async fn of(app: &App, session: SessionId) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let kept = app.store.get::<Delivery>(&app.provider, &session.to_string()).await?;
    Ok(kept.map(|kept| kept.document.files).unwrap_or_default())
}
