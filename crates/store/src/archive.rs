//! Everything that a store keeps, piece by piece, and back: what `copy`, `export` and `import` are made of.
//!
//! Handing over reads in pages that continue behind the last piece, so a store of any size passes through a few megabytes.
//! Taking in is for a store that nobody else writes to, and may be repeated: what is there already is left as it is.

use super::{Draft, Provider, Result, Seq, Store};
use async_trait::async_trait;
use base::hash::Sha256;
use base::log::{Prepared, StatementId, Token, Unstamped};
use jiff::Timestamp;

/// What a page of statements or records weighs, beside its last: bodies are up to 15 MiB, and usually a thousandth of that.
pub const PAGE_BYTES: usize = 4 << 20;

/// A store that can hand over everything, and take it in.
///
/// A page has at most as many pieces as were asked for, and fewer where they are large; an empty one is the end.
#[async_trait]
pub trait Archive: Store {
    /// Every provider that anything is kept for, by name.
    async fn providers(&self) -> Result<Vec<Provider>>;

    /// The statements behind `after`, in the order of the log.
    async fn statements_behind(&self, provider: &Provider, after: Seq, limit: usize) -> Result<Vec<LogEntry>>;

    /// The records behind this kind and key, by kind and key.
    async fn records_behind(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseRecord>>;

    /// The due items behind this queue and key, by queue and key.
    async fn due_behind(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseDue>>;

    /// The names of the blobs behind `after`, in order.
    async fn blobs_behind(&self, after: Option<Sha256>, limit: usize) -> Result<Vec<Sha256>>;

    /// The position of the last statement, as [`Store::head`] says it, but without promising anything.
    async fn log_end(&self, provider: &Provider) -> Result<Seq>;

    /// A number that is another one as soon as somebody else has committed anything.
    async fn changes(&self) -> Result<u64>;

    /// Takes in all of `pieces`, durably, or none of it.
    ///
    /// Statements must follow the end of the log without a hole and keep the instant at which they were stored. A record
    /// or due item replaces the one of its name.
    async fn take_in(&self, provider: &Provider, pieces: Pieces) -> Result<()>;

    /// Takes these due items away, claimed or not.
    async fn call_off(&self, provider: &Provider, due: Vec<LooseDue>) -> Result<()>;
}

/// A statement as one store's log has it.
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
    /// Exactly as they go out.
    pub bytes: Vec<u8>,
}

impl LogEntry {
    /// The statement, ready to be stored again as it is.
    pub fn prepared(self) -> Prepared {
        Prepared {
            id: self.id,
            bytes: Unstamped { pieces: vec![self.bytes] },
            digest: self.digest,
            tokens: self.tokens,
            refers_to: self.refers_to,
            voiding: self.voiding,
            registration: None,
            defined: Vec::new(),
        }
    }
}

/// A record outside of its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseRecord {
    pub kind: String,
    pub key: String,
    pub version: u64,
    pub body: Vec<u8>,
    /// Its entries: the index, and the key in it.
    pub index: Vec<(String, String)>,
}

/// A due item outside of its store. Who had claimed it is not kept: whoever starts next does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseDue {
    pub queue: String,
    pub key: String,
    /// In whole milliseconds, whatever the engine keeps.
    pub at: Timestamp,
}

/// What a store takes in together.
#[derive(Debug, Default)]
pub struct Pieces {
    pub statements: Vec<LogEntry>,
    /// Each with the version that it has.
    pub records: Vec<(Draft, u64)>,
    pub due: Vec<LooseDue>,
}
