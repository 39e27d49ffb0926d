//! What the driver's errors mean to the rest of the house while the server runs.

use crate::store::StoreError;
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteFailure};

/// An error while serving: without a primary the caller should come back soon, everything else is a failure.
pub(super) fn serving(error: &Error) -> StoreError {
    if passes(error) { StoreError::Busy } else { StoreError::Failed(error.to_string()) }
}

/// Whether the error goes away by itself once the replica set has a primary again.
pub(super) fn passes(error: &Error) -> bool {
    let kind = matches!(
        error.kind.as_ref(),
        ErrorKind::Io(_) | ErrorKind::ServerSelection { .. } | ErrorKind::ConnectionPoolCleared { .. }
    );
    kind || ["RetryableWriteError", "RetryableError", TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT]
        .iter()
        .any(|label| error.contains_label(label))
        || matches!(error.kind.as_ref(), ErrorKind::Command(c) if NOT_PRIMARY.contains(&c.code))
}

/// Whether the server gave up because the operation took longer than it was given, be it to do it, be it to hear from the
/// majority that they have it.
pub(super) fn is_out_of_time(error: &Error) -> bool {
    const MAX_TIME_EXPIRED: i32 = 50;
    match error.kind.as_ref() {
        ErrorKind::Command(command) => command.code == MAX_TIME_EXPIRED,
        ErrorKind::Write(WriteFailure::WriteConcernError(unheard)) => unheard.code == MAX_TIME_EXPIRED,
        _ => false,
    }
}

/// Codes of a server that is not, or no longer, the primary, or is shutting down.
const NOT_PRIMARY: [i32; 8] = [91, 189, 10107, 11600, 11602, 13435, 13436, 10058];
