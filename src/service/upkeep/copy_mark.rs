//! The mark on a store into which everything is still being copied: a record in the place of no provider. While it is there,
//! no server serves the store and no command uses it.

use store::{Index, Kind, Provider, Store, StoreError};

/// Where the mark is kept: what no provider can be called.
const PLACE: &str = "(copy)";

/// The key of the mark.
pub(in crate::service) const KEY: &str = "arrival";

const NO_INDEX: &[Index] = &[];

/// The kind of the mark, which is none of those that are copied.
pub(in crate::service) const KIND: &Kind = &Kind { name: "arrival", indexes: NO_INDEX };

/// Whether a copy into `store` was begun and has not ended.
pub(in crate::service) async fn is_unfinished(store: &(impl Store + ?Sized)) -> Result<bool, StoreError> {
    Ok(store.record(&place(), KIND, KEY).await?.is_some())
}

/// Whether this is no provider but where the mark is kept.
pub(in crate::service) fn is_place(provider: &Provider) -> bool {
    provider.as_str() == PLACE
}

/// Where the mark is kept.
pub(in crate::service) fn place() -> Provider {
    Provider::new(PLACE)
}
