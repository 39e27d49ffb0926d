//! The store: what it promises, whichever engine implements it.
//!
//! A [`Store`] has three parts, and knows no rule about the content of any of them:
//!
//! * the **log**: one ordered, append-only list of statements per provider, queried by index tokens;
//! * **records**: typed documents of a [`Kind`] that declares its indexes and unique keys;
//! * **blobs**: bytes known by their SHA-256.
//!
//! One [`Commit`] takes statements, record writes and due work together, all or nothing, and [`Store::commit`] returns
//! when it is durable. Every engine promises the following, and `tests/contract` tests it on each of them:
//!
//! 1. `seq` is 1, 2, 3 … per provider in commit order. A reader that has seen `n` has been able to see every number
//!    below `n`; no number is ever skipped, reused or filled in later. `stored` never decreases along `seq`.
//! 2. A statement whose id is already stored with an equivalent digest is accepted and changes nothing; with another
//!    digest the whole commit is refused (xAPI 1.0.3 Part 3 §2.1.2).
//! 3. A voiding statement voids its target whichever of the two comes first; a voiding statement is never voided
//!    (Part 2 §2.3.2).
//! 4. A statement that refers to another (`refers_to`) is found by every token of the other, whichever comes first,
//!    along the chain of references (Part 3 §2.1.3, "Filter Conditions for StatementRefs"), as far as [`LONGEST_CHAIN`].
//! 5. Killing the process at any instant leaves each commit whole or absent; an acknowledged one is there.
//! 6. A stored statement changes only by a [`Redaction`]: its bytes and its tokens are replaced together, and so are the
//!    tokens of every statement that refers to it. Its id, `seq`, `stored`, references and whether it is voided stay, so
//!    that no reader of the log skips or repeats one.
//!
//! Absent on purpose: no method deletes a statement; no method of [`Store`] lists the data of all providers; no type of a
//! database driver appears in a signature.

pub mod archive;
pub mod embedded;
pub mod figures;
mod key;
mod location;
pub mod mongodb;
mod news;
mod record;
mod size;

pub use base::log::{Seq, StoredStatement};
pub use key::Key;
pub use location::{LocationError, StoreLocation, StoreRole};
pub use record::{Document, Records, StoredDocument};

use async_trait::async_trait;
use base::hash::Sha256;
use base::log::{NewStatement, StatementId, Token};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;
use std::sync::Arc;

/// The name of a provider (= tenant). Every statement, record and due item belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Provider(Arc<str>);

impl Provider {
    /// The provider called `name`.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Its name, as in configuration and commands.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many references are followed from a statement to those whose tokens it is found by.
///
/// Real chains have one or two links. Without a bound, a sender could make each statement cost as much as all before it.
pub const LONGEST_CHAIN: usize = 32;

/// The changes of one commit. All of them happen, or none.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Done first, in this order, so that statements of the same commit inherit the new tokens.
    pub redactions: Vec<Redaction>,
    /// Appended in this order.
    pub statements: Vec<NewStatement>,
    /// Checked and applied in this order.
    pub writes: Vec<Write>,
    /// Work that follows from this commit.
    pub due: Vec<DueItem>,
    /// Work that this commit completes, by the claims on it.
    pub done: Vec<Claim>,
}

/// A replacement for the bytes of a stored statement that no longer names a person. Only an erasure creates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    pub id: StatementId,
    /// The hash of the bytes that are stored now; the whole commit is stale if the statement is missing or has others.
    pub expected: Sha256,
    /// Exactly as they are returned to clients from now on.
    pub bytes: Bytes,
    /// The digest of the new bytes: a sender who repeats the old statement receives [`StoreError::Differs`].
    pub digest: Sha256,
    /// Its own tokens from now on.
    pub tokens: Vec<Token>,
}

/// One change to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Stores a record whose key must be free.
    Insert(Draft),
    /// Replaces the record of this key, which must still have this version.
    Replace { version: u64, draft: Draft },
    /// Removes the record of this key, which must still have this version.
    Delete { kind: &'static Kind, key: String, version: u64 },
}

impl Write {
    /// The record that it stores.
    fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Insert(draft) | Self::Replace { draft, .. } => Some(draft),
            Self::Delete { .. } => None,
        }
    }
}

/// A record before it is stored. Built from a [`Document`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: &'static Kind,
    /// Unique within the provider and kind; at most 512 bytes.
    pub key: String,
    /// The document, as JSON.
    pub body: Vec<u8>,
    /// Its keys in the indexes that the kind declares; a document may have many entries in an index, or none.
    pub index: Vec<IndexKey>,
}

/// One entry of a record in one index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexKey {
    /// The name of an [`Index`] of the record's kind.
    pub index: &'static str,
    /// Compared byte by byte; at most 512 bytes. A [`Key`] joins parts.
    pub key: String,
}

/// A kind of record: its name and its indexes. A new kind needs no new code in any engine.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Lower-case words joined by `-`; never changed once a release has stored it.
    pub name: &'static str,
    pub indexes: &'static [Index],
}

/// A declared index.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    /// Whether a key may have only one record of the kind.
    pub unique: bool,
}

/// A record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub key: String,
    /// 1 when inserted, one more at each replacement.
    pub version: u64,
    pub body: Vec<u8>,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitReceipt {
    /// One for each statement of the commit, in its order.
    pub statements: Vec<AppendReceipt>,
}

/// The position of one statement of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendReceipt {
    pub seq: Seq,
    pub stored: Timestamp,
    /// False when an equivalent statement was stored before and nothing changed.
    pub new: bool,
}

/// A query of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Every one must be among a statement's tokens, or those of a statement that it refers to. Empty: all statements.
    pub tokens: Vec<Token>,
    /// Only statements with `after < seq`.
    pub after: Seq,
    /// Only statements with `seq <= upto`; [`Scan::END`] for no bound.
    pub upto: Seq,
    pub order: Order,
    /// Whether voided statements are left out, as every xAPI query does, or kept, as evidence needs.
    pub voided: VoidedStatements,
    /// At most this many.
    pub limit: usize,
}

impl Scan {
    /// An `upto` that every statement is within.
    pub const END: Seq = Seq(i64::MAX.unsigned_abs());

    /// All statements with `tokens`, oldest first, including voided ones.
    pub fn everything(tokens: Vec<Token>, limit: usize) -> Self {
        Self { tokens, after: Seq(0), upto: Self::END, order: Order::Oldest, voided: VoidedStatements::Included, limit }
    }
}

/// Which end of the log a scan starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Oldest,
    Newest,
}

/// What a scan does with voided statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidedStatements {
    Excluded,
    Included,
}

/// The end of a provider's log: everything up to it is visible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// 0 when the log is empty.
    pub seq: Seq,
    /// Everything stored at or before this instant is visible now, and nothing will be stored at or before it again.
    pub consistent_through: Timestamp,
}

/// Work to be done at least once. Two items of the same queue and key are one: the later replaces the earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// The name of the worker that does it.
    pub queue: &'static str,
    /// What it is about, usually an id.
    pub key: String,
    /// The work is not done before this instant.
    pub at: Timestamp,
}

/// A worker's request for claims on due items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimRequest {
    pub queue: &'static str,
    pub now: Timestamp,
    /// How long a claim lasts.
    pub lease: SignedDuration,
    /// How far after `now` an item of this queue can be due, or a lease can end; [`SignedDuration::MAX`] for no bound. What is
    /// later was written while a clock was ahead, and is ready: otherwise it would wait until that time comes.
    pub horizon: SignedDuration,
    /// At most this many.
    pub limit: usize,
}

impl ClaimRequest {
    /// A request without a bound.
    pub fn new(queue: &'static str, now: Timestamp, lease: SignedDuration, limit: usize) -> Self {
        Self { queue, now, lease, horizon: SignedDuration::MAX, limit }
    }

    /// The last instant at which an item can be due. Nothing is later than [`Timestamp::MAX`].
    fn latest(&self) -> Timestamp {
        self.now.saturating_add(self.horizon).unwrap_or(Timestamp::MAX)
    }
}

/// A worker's claim on a due item. After its lease has ended, another worker may claim the item. This claim is void from
/// then on, or when the item is written again; until then it is valid, so that slow work is not repeated without need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub provider: Provider,
    pub queue: String,
    pub key: String,
    /// Increases each time the item is written or claimed.
    pub ticket: u64,
    /// How many claims on this item lapsed before this one.
    pub attempts: u32,
}

/// A range of an index, in the index's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub index: &'static str,
    /// Keys from `start` (inclusive) to `end` (exclusive).
    pub keys: Range<String>,
    pub order: Order,
    /// Continue after this entry of an earlier page: its index key and its record key.
    pub after: Option<(String, String)>,
    pub limit: usize,
}

impl Span {
    /// As a limit: all that there are, however many. They are read in pages.
    pub const ALL: usize = usize::MAX;

    /// The records whose key in `index` is `key`.
    pub fn of(index: &'static str, key: &str, limit: usize) -> Self {
        let keys = key.to_owned()..format!("{key}\0");
        Self { index, keys, order: Order::Oldest, after: None, limit }
    }

    /// The records whose key in `index` begins with `prefix`.
    pub fn beginning(index: &'static str, prefix: &str, limit: usize) -> Self {
        let keys = prefix.to_owned()..format!("{prefix}\u{10ffff}");
        Self { index, keys, order: Order::Oldest, after: None, limit }
    }
}

/// Why a commit was refused or a read failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A stored statement has this id and another content. Nothing of the commit was stored.
    #[error("statement {0} is already stored with different content; send it under a new id")]
    Differs(StatementId),
    /// An inserted key exists, or a replaced or deleted record is missing or has another version, or a statement to be
    /// redacted is missing or has other bytes.
    #[error("{kind} {key} was changed by someone else in the meantime; read it again and repeat")]
    Stale { kind: &'static str, key: String },
    /// Another record has this key in a unique index.
    #[error("another {kind} has the same {index}")]
    Taken { kind: &'static str, index: &'static str },
    /// Another worker has claimed the item since, or the item was written again. Nothing of the commit was stored.
    #[error("the claim on {queue} {key} has lapsed")]
    Lapsed { queue: String, key: String },
    /// Larger than any engine can store as one. Nothing of the commit was stored.
    #[error("{kind} {key} is too large to be stored: make it smaller than 15 MiB, including its index keys")]
    TooLarge { kind: &'static str, key: String },
    /// More work is waiting than the store accepts; try again shortly.
    #[error("the store has more to write than it can take on; try again in a second")]
    Busy,
    /// The database servers do not respond, or have no primary. The log says why; try again in a few seconds.
    #[error("the store cannot be reached at the moment; try again in a few seconds")]
    Unavailable,
    /// There is nothing to read where a store was to be read. The sentence says where.
    #[error("{0}")]
    Missing(String),
    /// There is no disk space left, here or on a database server. Nothing of the commit was stored.
    #[error("the server has no disk space left to store this; ask its operator to free some, then try again")]
    Full,
    /// The engine failed. The sentence is for operators and may name paths.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// The result of every method.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A provider-aware, durable store. See the module's promises.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Does all of `commit`, durably, or none of it.
    async fn commit(&self, provider: &Provider, commit: Commit) -> Result<CommitReceipt>;

    /// A receiver that is notified after each commit of this process that has appended statements to any provider's log.
    /// Commits of other processes do not notify it: whoever waits for statements must also read the head from time to time.
    fn appended(&self) -> tokio::sync::watch::Receiver<()>;

    /// The end of the log.
    async fn head(&self, provider: &Provider) -> Result<Head>;

    /// The position of the last statement stored at or before `at`; 0 when there is none. For `since` and `until`.
    async fn seq_at(&self, provider: &Provider, at: Timestamp) -> Result<Seq>;

    /// The statement with this id, voided or not.
    async fn statement(&self, provider: &Provider, id: StatementId) -> Result<Option<StoredStatement>>;

    /// The statements that match `scan`, in its order.
    async fn scan(&self, provider: &Provider, scan: Scan) -> Result<Vec<StoredStatement>>;

    /// The record of this kind and key.
    async fn record(&self, provider: &Provider, kind: &'static Kind, key: &str) -> Result<Option<Record>>;

    /// The records in a range of one of the kind's indexes, each with its index key. Fewer than the limit only at the end of
    /// the range; a record that nobody changes in the meantime is returned, whatever happens to its neighbors.
    async fn range(&self, provider: &Provider, kind: &'static Kind, span: Span) -> Result<Vec<(String, Record)>>;

    /// Up to `limit` due items of the queue, over all providers, each claimed until `now` + `lease`.
    async fn claim(&self, wanted: ClaimRequest) -> Result<Vec<Claim>>;

    /// How many items of `queue` are due at or before `now`, claimed or not.
    async fn due(&self, queue: &'static str, now: Timestamp) -> Result<u64>;

    /// Stores `bytes` durably and returns their name. Storing the same bytes again costs nothing.
    async fn keep(&self, bytes: Bytes) -> Result<Sha256>;

    /// As [`Store::keep`], for a stream, which is read to its end and never held in memory as a whole. Returns the length too.
    async fn keep_from(&self, source: &mut (dyn tokio::io::AsyncRead + Send + Unpin)) -> Result<(Sha256, u64)>;

    /// The length in bytes of a blob, or `None` when it is not stored.
    async fn blob_len(&self, name: Sha256) -> Result<Option<u64>>;

    /// The bytes of a blob within `range`, cut to its length; `None` when it is not stored.
    async fn blob(&self, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>>;

    /// Removes a blob. The caller has made sure that nothing names it any more; removing a blob that is missing succeeds.
    async fn forget(&self, name: Sha256) -> Result<()>;

    /// Removes what interrupted uploads of more than a day ago have left; returns the number of such uploads. Others may
    /// upload and sweep at the same time.
    async fn sweep(&self) -> Result<u64>;

    /// Removes what the engine itself still has of contents that were redacted, replaced or deleted before, as far as it
    /// can: `docs/store.md` and `docs/mongodb.md` say how far. False when others prevented it; try again later.
    async fn scrub(&self) -> Result<bool>;

    /// Writes what is buffered, closes cleanly, and makes every later call fail. For the end of the process.
    async fn close(&self) -> Result<()>;
}
