//! Opening the stores at both ends of a copy, an export or an import.

pub use store::archive::Archive;

use crate::service::OpenError;
use base::clock::Clock;
use std::path::PathBuf;
use std::sync::Arc;
use store::{StoreLocation, StoreRole};

/// Opens the store called `name`: a directory as its only server. Who else uses a database cannot be seen; a copy is marked
/// there instead.
///
/// # Errors
/// When `name` is not the name of a store, or the store cannot be opened.
pub async fn open(name: &str, clock: Arc<dyn Clock>) -> Result<Arc<dyn Archive>, OpenError> {
    Ok(StoreLocation::named(name)?.open(StoreRole::Server, clock).await?)
}

/// The directory that `name` stands for; none where it names a database.
///
/// # Errors
/// When `name` is not the name of a store.
pub fn directory(name: &str) -> Result<Option<PathBuf>, OpenError> {
    match StoreLocation::named(name)? {
        StoreLocation::Directory(directory) => Ok(Some(directory)),
        StoreLocation::MongoDb(_) => Ok(None),
    }
}
