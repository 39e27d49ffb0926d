//! Whether the store accepts a write, checked by making one.

use crate::service::App;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
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

/// Makes one durable write, or fails within three seconds.
pub async fn check(app: &App) -> Result<()> {
    tokio::time::timeout(WITHIN, write(app)).await.unwrap_or(Err(StoreError::Unavailable))
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
