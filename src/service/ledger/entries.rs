//! The ledger in the store: its entries and its end.
//!
//! An entry is appended together with the credit record that it makes or ends, in one commit that also moves the end of the
//! ledger. Two that race for the same number cannot both win; the one that loses reads everything again.

pub use crate::service::ledger::keys::{Error, published_keys};

pub(in crate::service) use crate::service::ledger::keys::public_keys;

use crate::service::App;
use crate::service::ledger::keys;
use base::hash::Sha256;
use credit::ledger::{BEGINNING, Deed, LedgerEntry, SealedEntry};
use serde::{Deserialize, Serialize};
use store::{Document, Index, IndexKey, Kind, Records as _, Span, StoreError, StoredDocument, Write};

/// An entry as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::service) struct StoredEntry(SealedEntry);

impl Document for StoredEntry {
    const KIND: &'static Kind = &Kind { name: "ledger-entry", indexes: &[Index { name: "number", unique: true }] };

    fn key(&self) -> String {
        padded(self.0.number)
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "number", key: padded(self.0.number) }]
    }
}

/// A number whose text order is its order.
pub(super) fn padded(number: u64) -> String {
    format!("{number:020}")
}

/// The end of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct End {
    pub(in crate::service) number: u64,
    pub(in crate::service) hash: Sha256,
}

impl End {
    pub(in crate::service) const KEY: &'static str = "end";
    /// The end of a ledger that has no entry yet.
    pub(in crate::service) const START: Self = Self { number: 0, hash: BEGINNING };
}

impl Document for End {
    const KIND: &'static Kind = &Kind { name: "ledger-end", indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// An entry that is ready to be committed, and where the ledger ends with it.
pub(in crate::service) struct PendingEntry {
    pub(in crate::service) number: u64,
    pub(in crate::service) writes: Vec<Write>,
}

/// Prepares the next entry. The commit that takes it fails as stale when another entry was appended meanwhile.
pub(in crate::service) async fn append(app: &App, deed: Deed) -> Result<PendingEntry, Error> {
    // The end is read before the key: a rotation between the two makes the commit stale.
    let end = app.store.get::<End>(&app.provider, End::KEY).await?;
    let signing = keys::signing(app).await?;
    let before = end.as_ref().map_or(End::START, |kept| kept.document);
    let provider = app.provider.as_str().to_owned();
    let number = before.number + 1;
    let entry = LedgerEntry { provider, number, at: app.clock.now(), previous: before.hash, deed };
    let sealed = signing.seal(&entry)?;
    let after = End { number, hash: sealed.hash };
    let moved = match end {
        Some(kept) => StoredDocument { document: after, ..kept }.replace()?,
        None => after.insert()?,
    };
    Ok(PendingEntry { number, writes: vec![moved, StoredEntry(sealed).insert()?] })
}

/// The entries after `number`, oldest first, as they are kept.
pub(in crate::service) async fn page(app: &App, number: u64, limit: usize) -> Result<Vec<SealedEntry>, StoreError> {
    let all = Span::beginning("number", "", limit);
    let span = Span { keys: padded(number + 1)..all.keys.end.clone(), ..all };
    let found = app.store.list::<StoredEntry>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document.0).collect())
}

/// The entry of this number, as it is kept: its JWS is what anyone can check by the published keys.
pub async fn entry(app: &App, number: u64) -> Result<Option<SealedEntry>, StoreError> {
    Ok(app.store.get::<StoredEntry>(&app.provider, &padded(number)).await?.map(|kept| kept.document.0))
}

/// Where the ledger ends, by its own record.
pub(in crate::service) async fn end(app: &App) -> Result<End, StoreError> {
    let kept = app.store.get::<End>(&app.provider, End::KEY).await?;
    Ok(kept.map_or(End::START, |kept| kept.document))
}
