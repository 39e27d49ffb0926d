//! The version of the format in which this store keeps things, as the database itself says it.
//!
//! The collection `format` has one document, written at the first start. A process refuses a database whose format is newer
//! than what it knows, so that an older program, left behind or brought back, never touches newer data. One that runs
//! already when a newer one raises the format is stopped by the provider's head: a head that names a newer format
//! takes no turn from it, and nothing is committed without one.
//!
//! A database from before there was such a document is of version 1.

use super::meeting;
use crate::{Result, StoreError};
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;

/// What this program writes, and the newest that it reads.
pub(super) const VERSION: i32 = 1;

/// The `_id` of the one document.
const NAME: &str = "store";

/// Says in a new database which format it has, and insists on it in any other.
pub(super) async fn settle(database: &Database) -> Result<()> {
    let formats = database.collection::<Document>("format");
    let first = formats
        .find_one_and_update(doc! { "_id": NAME }, doc! { "$setOnInsert": { "version": VERSION } })
        .upsert(true)
        .return_document(ReturnDocument::After);
    let format = first.await.map_err(|error| meeting::at_start(&error))?.unwrap_or_default();
    known(&format, "version")
}

/// Whether the format that `document` names in `field` is one that this program knows; none is the first.
pub(super) fn known(document: &Document, field: &str) -> Result<()> {
    match document.get(field) {
        None | Some(Bson::Int32(..=VERSION)) => Ok(()),
        Some(newer) => Err(StoreError::Failed(format!(
            "the database was written by a newer version of this program (format {newer}; this one knows up to {VERSION}); \
             start the version that wrote it, or name another database"
        ))),
    }
}
