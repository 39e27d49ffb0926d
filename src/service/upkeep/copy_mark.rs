//! The mark on a store into which a copy is in progress: a record that belongs to no provider. While it exists,
//! no server serves the store and no command uses it.

use store::{Index, Kind, Provider, Store, StoreError};

/// Where the mark is stored: a name that no provider can have.
const PLACE: &str = "(copy)";

/// The key of the mark.
pub(in crate::service) const KEY: &str = "arrival";

const NO_INDEX: &[Index] = &[];

/// The kind of the mark, which is none of those that are copied.
pub(in crate::service) const KIND: &Kind = &Kind { name: "arrival", indexes: NO_INDEX };

/// Whether a copy into `store` was started and has not finished.
pub(in crate::service) async fn is_unfinished(store: &(impl Store + ?Sized)) -> Result<bool, StoreError> {
    Ok(store.record(&place(), KIND, KEY).await?.is_some())
}

/// Whether this is not a provider but where the mark is stored.
pub(in crate::service) fn is_place(provider: &Provider) -> bool {
    provider.as_str() == PLACE
}

/// Where the mark is stored.
pub(in crate::service) fn place() -> Provider {
    Provider::new(PLACE)
}
