//! What the driver's errors mean to the rest of the program while the server runs, and what messages may contain.
//!
//! A server that refuses a command often quotes it, including names of people, and statements. Errors are written to the log,
//! which has no personal data, so messages contain only what precedes the first quotation.

use crate::StoreError;
use mongodb::error::{
    CommandError, Error, ErrorKind, InsertManyError, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT,
    WriteConcernError, WriteFailure,
};

/// An error while serving: without a primary the caller should try again soon, and everything else is a failure.
pub(in crate::mongodb) fn serving(error: &Error) -> StoreError {
    if passes(error) {
        StoreError::Unavailable
    } else if is_full(error) {
        StoreError::Full
    } else {
        StoreError::Failed(sentence(error))
    }
}

/// Whether the error goes away by itself once the replica set has a primary again.
pub(in crate::mongodb) fn passes(error: &Error) -> bool {
    let kind = matches!(
        error.kind.as_ref(),
        ErrorKind::Io(_) | ErrorKind::ServerSelection { .. } | ErrorKind::ConnectionPoolCleared { .. }
    );
    kind || ["RetryableWriteError", "RetryableError", TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT]
        .iter()
        .any(|label| error.contains_label(label))
        || matches!(error.kind.as_ref(), ErrorKind::Command(c) if NOT_PRIMARY.contains(&c.code))
}

/// Whether a server has no disk space left.
fn is_full(error: &Error) -> bool {
    const OUT_OF_DISK_SPACE: i32 = 14031;
    match error.kind.as_ref() {
        ErrorKind::Command(command) => command.code == OUT_OF_DISK_SPACE,
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code == OUT_OF_DISK_SPACE,
        ErrorKind::InsertMany(InsertManyError { write_errors: Some(all), .. }) => {
            all.iter().any(|write| write.code == OUT_OF_DISK_SPACE)
        }
        _ => false,
    }
}

/// Whether the server canceled the operation because it took longer than allowed, either to do it or to have it confirmed by
/// the majority.
pub(in crate::mongodb) fn is_out_of_time(error: &Error) -> bool {
    const MAX_TIME_EXPIRED: i32 = 50;
    match error.kind.as_ref() {
        ErrorKind::Command(command) => command.code == MAX_TIME_EXPIRED,
        ErrorKind::Write(WriteFailure::WriteConcernError(unheard)) => unheard.code == MAX_TIME_EXPIRED,
        _ => false,
    }
}

/// The error as a sentence for the operator, without any stored data or data of the command.
pub(in crate::mongodb) fn sentence(error: &Error) -> String {
    match error.kind.as_ref() {
        ErrorKind::Command(command) if lacks_a_right(command) => {
            let said = unquoted(&command.message);
            format!("MongoDB refused this user ({said}); give it the readWrite role on the database")
        }
        ErrorKind::Command(command) => refused(command.code, &command.code_name, &command.message),
        ErrorKind::Write(WriteFailure::WriteError(write)) => {
            refused(write.code, write.code_name.as_deref().unwrap_or_default(), &write.message)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(unheard)) => not_confirmed(unheard),
        ErrorKind::InsertMany(InsertManyError { write_errors, write_concern_error, .. }) => {
            let first = write_errors.as_deref().and_then(<[_]>::first);
            let first = first.map(|e| refused(e.code, e.code_name.as_deref().unwrap_or_default(), &e.message));
            first.or_else(|| write_concern_error.as_ref().map(not_confirmed)).unwrap_or_else(|| refused(0, "", ""))
        }
        other => format!("MongoDB: {}", unquoted(&other.to_string())),
    }
}

/// Whether the server refused the user rather than the command.
fn lacks_a_right(command: &CommandError) -> bool {
    const UNAUTHORIZED: i32 = 13;
    const AUTHENTICATION_FAILED: i32 = 18;
    matches!(command.code, UNAUTHORIZED | AUTHENTICATION_FAILED)
}

fn refused(code: i32, name: &str, message: &str) -> String {
    format!("MongoDB refused a command with {name} ({code}): {}", unquoted(message))
}

fn not_confirmed(error: &WriteConcernError) -> String {
    let said = unquoted(&error.message);
    format!("MongoDB did not confirm a write, with {} ({}): {said}", error.code_name, error.code)
}

/// A message of a server, up to where it begins to quote the command or a document.
pub(in crate::mongodb) fn unquoted(message: &str) -> &str {
    let said = message.split(" to execute command").next().unwrap_or_default();
    said.split(['{', '[', '"', '\'']).next().unwrap_or_default().trim_end()
}

/// Codes of a server that is not, or no longer, the primary, or is shutting down.
const NOT_PRIMARY: [i32; 8] = [91, 189, 10107, 11600, 11602, 13435, 13436, 10058];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_quotes_is_not_shown() {
        let quoting = [
            (
                "not authorized on enduring to execute command { find: \"records\", $db: \"x\" }",
                "not authorized on enduring",
            ),
            (
                "E11000 duplicate key error collection: a.b index: _id_ dup key: { _id: \"nurse\" }",
                "E11000 duplicate key error collection: a.b index: _id_ dup key:",
            ),
            ("cannot compare to 'nurse'", "cannot compare to"),
            ("the disk is full", "the disk is full"),
        ];
        for (message, shown) in quoting {
            assert_eq!(unquoted(message), shown);
        }
    }
}
