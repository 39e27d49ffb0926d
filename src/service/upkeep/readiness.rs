//! Whether the store accepts a write, checked by making one.

use crate::service::App;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use store::{Commit, Document, Index, IndexKey, Kind, Records as _, Result, StoreError, StoredDocument};

/// The one record that the check writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Probe {
    at: Timestamp,
}

const NO_INDEX: &[Index] = &[];

impl Document for Probe {
    const KIND: &'static Kind = &Kind { name: "probe", indexes: NO_INDEX };

    fn key(&self) -> String {
        "readiness".to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// How long the write may take before the store counts as not ready. A store that waits for its primary waits longer, but
/// a readiness check must not.
const WITHIN: Duration = Duration::from_secs(3);

/// How long a result is given to whoever asks again: anyone may ask, and each write costs a sync of the disk.
const FRESH: Duration = Duration::from_millis(500);

/// The last check, and when it was made.
pub(crate) type LastCheck = tokio::sync::Mutex<Option<(Instant, bool)>>;

/// Makes one durable write, or fails within three seconds.
pub async fn check(app: &App) -> Result<()> {
    tokio::time::timeout(WITHIN, write(app)).await.unwrap_or(Err(StoreError::Unavailable))
}

/// The same for whoever asks: those who ask meanwhile, or shortly after, are given the same result.
pub async fn check_for_anyone(app: &App) -> Result<()> {
    let mut last = app.memory.ready.lock().await;
    if let Some((_, is_ready)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
        return if is_ready { Ok(()) } else { Err(StoreError::Unavailable) };
    }
    let checked = check(app).await;
    *last = Some((Instant::now(), checked.is_ok()));
    checked
}

/// A check that lost a race against another has seen a write too.
async fn write(app: &App) -> Result<()> {
    let probe = Probe { at: app.clock.now() };
    let write = match app.store.get::<Probe>(&app.provider, &probe.key()).await? {
        Some(kept) => StoredDocument { version: kept.version, document: probe }.replace()?,
        None => probe.insert()?,
    };
    match app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await {
        Ok(_) | Err(StoreError::Stale { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
