//! Reading and writing everything that a store keeps, page by page: the basis of `copy`, `export` and `import`.
//!
//! A page continues after the last piece of the page before it, so that a store of any size is copied within a few megabytes
//! of memory. Restoring is for a store that nobody else writes to, and may be repeated.

use super::{Draft, Provider, Result, Seq, Store};
use async_trait::async_trait;
use base::hash::Sha256;
use base::log::{NewStatement, StatementId, StatementTemplate, Token};
use jiff::Timestamp;

/// The most bytes that a page of statements or records has before its last piece: a body has up to 15 MiB, and usually a
/// thousandth of that.
pub const PAGE_BYTES: usize = 4 << 20;

/// The most sentences of one sort that [`Archive::damage`] returns.
pub const MOST_DAMAGE: usize = 100;

/// A store whose whole content can be read and restored.
///
/// A page has at most `limit` pieces, and fewer where they are large; an empty page is the end.
#[async_trait]
pub trait Archive: Store {
    /// Every provider that has any data, by name.
    async fn providers(&self) -> Result<Vec<Provider>>;

    /// The statements after `after`, in the order of the log.
    async fn statements_after(&self, provider: &Provider, after: Seq, limit: usize) -> Result<Vec<LogEntry>>;

    /// The records after this kind and key, by kind and key.
    async fn records_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseRecord>>;

    /// The due items after this queue and key, by queue and key.
    async fn due_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseDue>>;

    /// The names of the blobs after `after`, in order.
    async fn blobs_after(&self, after: Option<Sha256>, limit: usize) -> Result<Vec<Sha256>>;

    /// The position of the last statement, as in [`Store::head`], but without a promise about later statements.
    async fn log_end(&self, provider: &Provider) -> Result<Seq>;

    /// What is wrong with how the engine keeps the data of all providers, as sentences: its own structures, what its indexes
    /// list, what a table has that no program of ours wrote. What the data say is for the caller. Nothing if all is well;
    /// at most [`MOST_DAMAGE`] sentences of each sort.
    async fn damage(&self) -> Result<Vec<String>>;

    /// A number that changes as soon as another process has committed anything.
    async fn changes(&self) -> Result<u64>;

    /// Stores all of `pieces`, durably, or none of them.
    ///
    /// Statements must follow the end of the log without a gap and keep the instant at which they were stored. A record or
    /// due item replaces the one of the same name.
    async fn take_in(&self, provider: &Provider, pieces: Pieces) -> Result<()>;

    /// Removes these due items, claimed or not.
    async fn call_off(&self, provider: &Provider, due: Vec<LooseDue>) -> Result<()>;
}

/// A statement as it is in the log of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub seq: Seq,
    pub id: StatementId,
    pub stored: Timestamp,
    pub digest: Sha256,
    /// Its own tokens, without those of statements that it refers to.
    pub tokens: Vec<Token>,
    pub refers_to: Option<StatementId>,
    pub voiding: bool,
    /// Exactly as they are returned to clients.
    pub bytes: Vec<u8>,
}

impl LogEntry {
    /// The statement, ready to be stored again as it is.
    pub(crate) fn new_statement(self) -> NewStatement {
        NewStatement {
            id: self.id,
            bytes: StatementTemplate { pieces: vec![self.bytes] },
            digest: self.digest,
            tokens: self.tokens,
            refers_to: self.refers_to,
            voiding: self.voiding,
            voidable_by: None,
            registration: None,
            defined: Vec::new(),
        }
    }
}

/// A record outside its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseRecord {
    pub kind: String,
    pub key: String,
    pub version: u64,
    pub body: Vec<u8>,
    /// Its index entries: the name of the index, and the key in it.
    pub index: Vec<(String, String)>,
}

/// A due item outside its store. Claims on it are not copied: the process that starts next does the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseDue {
    pub queue: String,
    pub key: String,
    /// In whole milliseconds, whatever precision the engine has.
    pub at: Timestamp,
}

/// What [`Archive::take_in`] stores together.
#[derive(Debug, Default)]
pub struct Pieces {
    pub statements: Vec<LogEntry>,
    /// Each with its version.
    pub records: Vec<(Draft, u64)>,
    pub due: Vec<LooseDue>,
}
