//! The version of the format of this store, as recorded in the database.
//!
//! The collection `format` has one document, written at the first start. A process refuses a database whose format is newer
//! than the newest that it knows, so that an older program never touches newer data. A process that is running when a newer
//! one raises the format is stopped by the provider's head: it does not commit where the head names a newer format.
//!
//! A database without such a document has version 1.

use crate::mongodb::connection::meeting;
use crate::{Result, StoreError};
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;

/// What this program writes, and the newest that it reads.
pub(in crate::mongodb) const VERSION: i32 = 1;

/// The `_id` of the one document.
const NAME: &str = "store";

/// Records the format in a new database, and refuses an existing one with a newer format.
pub(in crate::mongodb) async fn agree_on(database: &Database) -> Result<()> {
    let formats = database.collection::<Document>("format");
    let first = formats
        .find_one_and_update(doc! { "_id": NAME }, doc! { "$setOnInsert": { "version": VERSION } })
        .upsert(true)
        .return_document(ReturnDocument::After);
    let format = first.await.map_err(|error| meeting::at_start(&error))?.unwrap_or_default();
    check(&format, "version")
}

/// Whether the database has a store, in a format that this program reads.
///
/// # Errors
/// When the format is newer.
pub(in crate::mongodb) async fn is_known(database: &Database) -> Result<bool> {
    let formats = database.collection::<Document>("format");
    let format = formats.find_one(doc! { "_id": NAME }).await.map_err(|error| meeting::at_start(&error))?;
    format.map_or(Ok(false), |format| check(&format, "version").map(|()| true))
}

/// Checks that this program knows the format that `document` names in `field`; a missing field means version 1.
pub(in crate::mongodb) fn check(document: &Document, field: &str) -> Result<()> {
    match document.get(field) {
        None | Some(Bson::Int32(..=VERSION)) => Ok(()),
        Some(newer) => Err(StoreError::Failed(format!(
            "the database was written by a newer version of this program (format {newer}; this one knows up to {VERSION}); \
             start the version that wrote it, or name another database"
        ))),
    }
}
