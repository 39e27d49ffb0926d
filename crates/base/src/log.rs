//! The statements of the log, as every crate uses them: their ids, their index tokens, and their bytes.
//!
//! References are to xAPI 1.0.3 (adlnet/xAPI-Spec). What a statement says is for the crate `xapi`.

use crate::hash::Sha256;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// The id of a statement (Part 2 §2.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatementId(pub Uuid);

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A position in a provider's log. The first statement is 1; 0 is the position before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// The first 128 bits of the SHA-256 of one searchable fact about a statement. Two facts never share a token in practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 16]);

/// A statement that is ready to be stored: checked, and complete except for the instant at which it will be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatement {
    pub id: StatementId,
    /// Its bytes, with a place for `stored`.
    pub bytes: StatementTemplate,
    /// Equal for two statements exactly when they are equivalent (Part 2 §2.4.1, "Statement Immutability").
    pub digest: Sha256,
    /// The tokens by which it can be found; sorted, each once.
    pub tokens: Vec<Token>,
    /// The statement that its object refers to, when the object is a StatementRef.
    pub refers_to: Option<StatementId>,
    /// Whether it is a voiding statement; then `refers_to` is its target (Part 2 §2.3.2).
    pub voiding: bool,
    /// When it is set, only a voiding statement that has this token voids it, even one that came before it.
    pub voidable_by: Option<Token>,
    /// `context.registration`.
    pub registration: Option<Uuid>,
    /// The definitions in it, in their order. A store does not read them; the caller commits them as records.
    pub defined: Vec<ActivityDefinition>,
}

/// A statement as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    pub seq: Seq,
    pub id: StatementId,
    pub stored: Timestamp,
    pub voided: bool,
    /// The exact bytes received, with the server's members set.
    pub bytes: Bytes,
}

/// A definition of an activity that a statement contains (Part 2 §2.4.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityDefinition {
    pub activity: String,
    /// JSON, as it was written.
    pub definition: String,
}

/// The bytes of a statement around the places where the instant of storing is written: `stored`, and `timestamp` when the
/// sender gave none (Part 2 §2.4.7 and §2.4.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementTemplate {
    /// Never empty; the instant, quoted, is written between each two.
    pub pieces: Vec<Vec<u8>>,
}

impl StatementTemplate {
    /// Returns the statement as it is stored at `stored`.
    pub fn stamp(&self, stored: Timestamp) -> Vec<u8> {
        let instant = format!("\"{}\"", instant(stored));
        self.pieces.join(instant.as_bytes())
    }
}

/// How this server writes an instant: RFC 3339, UTC, milliseconds (Part 2 §4.2.7). Text order is time order.
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.").to_string() + &format!("{:03}Z", at.subsec_millisecond().unsigned_abs())
}
