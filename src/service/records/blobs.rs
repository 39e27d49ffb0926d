//! The bytes of attachments and of files of packages, which are stored by their hash.

use crate::service::App;
use base::hash::Sha256;
use bytes::Bytes;
use std::ops::Range;
use store::StoreError;

/// The bytes of a blob within `range`. Only what a record or a statement names is read, so a missing blob is a failure.
pub async fn read(app: &App, name: Sha256, range: Range<u64>) -> Result<Bytes, StoreError> {
    let bytes = app.store.blob(name, range).await?;
    bytes.ok_or_else(|| StoreError::Failed(format!("the blob {name} is lost")))
}
