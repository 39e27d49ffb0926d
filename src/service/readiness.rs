//! Whether the store takes a write, told by making one.

use super::App;
use crate::store::{Commit, Document, Index, IndexKey, Kept, Kind, Records as _, Result, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The one record that the check writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Probe {
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

/// Makes one durable write. A check that lost a race against another has seen a write too.
pub async fn check(app: &App) -> Result<()> {
    let probe = Probe { at: app.clock.now() };
    let write = match app.store.get::<Probe>(&app.provider, &probe.key()).await? {
        Some(kept) => Kept { version: kept.version, document: probe }.replace()?,
        None => probe.insert()?,
    };
    match app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await {
        Ok(_) | Err(StoreError::Stale { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
