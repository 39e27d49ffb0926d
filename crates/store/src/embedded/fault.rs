//! What can fail inside a transaction: the request was refused, or the engine failed.

use crate::StoreError;
use std::path::Path;

/// Why a step inside a transaction did not happen.
#[derive(Debug)]
pub(in crate::embedded) enum Fault {
    /// This request cannot be done; the others of the group are not affected.
    Refused(StoreError),
    /// The engine failed; the whole transaction is undone.
    Engine(rusqlite::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
        match error.sqlite_error_code() {
            // A row that cannot be read or written as it is: only the SQL statement failed, and the transaction continues.
            None | Some(ConstraintViolation | TooBig | TypeMismatch) => Self::Refused(engine(&error)),
            Some(_) => Self::Engine(error),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => error,
            Fault::Engine(error) => engine(&error),
        }
    }
}

/// An engine failure, as the sentence that an operator reads.
pub(in crate::embedded) fn engine(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full,
        _ => StoreError::Failed(format!("SQLite: {error}")),
    }
}

/// Whether, after this failure, the transaction is undone and the next may succeed.
pub(in crate::embedded) fn passes(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | DiskFull))
}

/// A failure of the file system, as the sentence that an operator reads.
pub(in crate::embedded) fn file(doing: &str, path: &Path, error: &std::io::Error) -> StoreError {
    if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
        return StoreError::Full;
    }
    StoreError::Failed(format!("cannot {doing} {}: {error}", path.display()))
}

/// A number that the database cannot store, or that it should never have stored.
pub(in crate::embedded) fn number(what: &str) -> StoreError {
    StoreError::Failed(format!("the store contains or was given a {what} that is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    /// SQLite says the same when the disk has no space left as when the database may not grow.
    #[test]
    fn a_full_disk_is_named_whoever_notices_it() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (x BLOB); PRAGMA max_page_count = 3;").unwrap();
        let full = db.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap_err();
        assert!(matches!(engine(&full), StoreError::Full), "{full}");
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(file("write", Path::new("x"), &Error::from(kind)), StoreError::Full));
        }
        assert!(matches!(file("write", Path::new("x"), &Error::from(ErrorKind::NotFound)), StoreError::Failed(_)));
    }
}
