//! The MongoDB store: any number of processes on one replica set, with every promise of [`super`].
//!
//! How the promises are kept:
//!
//! * Every commit is one transaction whose first step writes the provider's document in `heads`. Of two processes that
//!   commit at once, one continues; the other immediately receives a write conflict, starts again, and sees what the first
//!   has done. [`line`](commits::line) makes sure that everyone soon has a turn. So commits of one provider form one line, `seq` is counted
//!   along it, and what a commit reads cannot change before it writes.
//! * Acknowledged means `w: majority, j: true`; reads are of majority-committed data on the primary, and never of an earlier
//!   moment than this process has seen, whichever member is primary now ([`seen`](connection::seen)).
//! * Commits that wait at the same time share a transaction ([`writer`](commits::writer), [`transaction`](commits::transaction)); each is still whole or absent,
//!   because each is checked against what is stored and what its predecessors in the group change ([`stage`](commits::stage)) before
//!   anything is written.
//! * A database records the version of its format; a program that knows only older ones neither starts with it nor continues
//!   to commit to it ([`format`](connection::format)).
//!
//! Absent on purpose: no sharding key is chosen here (`docs/scaling.md` says what to choose), and there is no cache: the next
//! read sees what another process has written.

mod archive;
mod blobs;
mod commits;
mod connection;
mod damage;
mod due;
mod facts;
mod log;
mod orphans;
mod ranges;
mod records;
mod scans;

use super::figures;
use super::news::News;
use super::{
    Claim, ClaimRequest, Commit, CommitReceipt, Head, Kind, Provider, Record, Result, Scan, Seq, Span, Store,
    StoreError, StoredStatement,
};
use async_trait::async_trait;
use base::clock::Clock;
use base::hash::Sha256;
use base::log::{StatementId, Token};
use bytes::Bytes;
use connection::patience::{DEADLINE, patiently};
use jiff::Timestamp;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

pub use connection::indexes::{CollectionIndex, INDEXES};

/// A database on a replica set.
pub struct MongoDbStore {
    collections: Arc<connection::schema::Collections>,
    clock: Arc<dyn Clock>,
    closed: AtomicBool,
    writer: commits::writer::Writer,
    head: commits::head::Heads,
    news: News,
}

/// Connects to the replica set and database that `url` names, and creates the collections and indexes that are missing.
///
/// # Errors
/// A sentence for the operator: no replica set, no primary, wrong credentials, a server that is too old, an index that
/// cannot be built.
pub async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<MongoDbStore> {
    Ok(over(Arc::new(connection::schema::connect(url).await?), clock))
}

/// Connects to a database to read it. Creates nothing.
///
/// # Errors
/// As [`connect`]; and [`StoreError::Missing`] if there is no store in the database.
pub async fn connect_to_read(url: &str, clock: Arc<dyn Clock>) -> Result<MongoDbStore> {
    let collections = connection::schema::connect_to_read(url).await?;
    Ok(over(Arc::new(collections), clock))
}

fn over(collections: Arc<connection::schema::Collections>, clock: Arc<dyn Clock>) -> MongoDbStore {
    let writer = commits::writer::Writer::start(Arc::clone(&collections), Arc::clone(&clock));
    let head = commits::head::Heads::new(Arc::clone(&collections), Arc::clone(&clock));
    MongoDbStore { collections, clock, closed: AtomicBool::new(false), writer, head, news: News::default() }
}

impl MongoDbStore {
    /// The database itself, for tests that ask the server about its query plans or read its data.
    pub fn database(&self) -> &mongodb::Database {
        &self.collections.database
    }

    /// The tokens of a scan, the rarest first where it begins, for tests of that order.
    pub async fn rarest_first(&self, provider: &Provider, scan: &Scan) -> Result<Vec<Token>> {
        scans::rarest_first(self.open()?, provider, scan).await
    }

    /// The collections, while the store is open.
    fn open(&self) -> Result<&connection::schema::Collections> {
        if self.closed.load(Ordering::SeqCst) { Err(closed()) } else { Ok(&self.collections) }
    }
}

#[async_trait]
impl Store for MongoDbStore {
    async fn commit(&self, provider: &Provider, commit: Commit) -> Result<CommitReceipt> {
        self.news.of(figures::counted(self.writer.commit(provider, commit)).await)
    }

    fn appended(&self) -> watch::Receiver<()> {
        self.news.listen()
    }

    async fn head(&self, provider: &Provider) -> Result<Head> {
        let here = self.open()?;
        patiently(here, || Box::pin(self.head.of(provider))).await
    }

    async fn seq_at(&self, provider: &Provider, at: Timestamp) -> Result<Seq> {
        let here = self.open()?;
        patiently(here, || Box::pin(log::seq_at(here, provider, at))).await
    }

    async fn statement(&self, provider: &Provider, id: StatementId) -> Result<Option<StoredStatement>> {
        let here = self.open()?;
        patiently(here, || Box::pin(log::statement(here, provider, id))).await
    }

    async fn scan(&self, provider: &Provider, scan: Scan) -> Result<Vec<StoredStatement>> {
        let here = self.open()?;
        patiently(here, || Box::pin(scans::scan(here, provider, &scan))).await
    }

    async fn record(&self, provider: &Provider, kind: &'static Kind, key: &str) -> Result<Option<Record>> {
        let here = self.open()?;
        patiently(here, || Box::pin(records::get(here, provider, kind, key))).await
    }

    async fn range(&self, provider: &Provider, kind: &'static Kind, span: Span) -> Result<Vec<(String, Record)>> {
        let here = self.open()?;
        patiently(here, || Box::pin(ranges::range(here, provider, kind, &span))).await
    }

    async fn claim(&self, wanted: ClaimRequest) -> Result<Vec<Claim>> {
        due::claim(self.open()?, wanted).await
    }

    async fn due(&self, queue: &'static str, now: Timestamp) -> Result<u64> {
        let here = self.open()?;
        patiently(here, || Box::pin(due::count(here, queue, now))).await
    }

    async fn keep(&self, bytes: Bytes) -> Result<Sha256> {
        let (name, _) = self.keep_from(&mut bytes.as_ref()).await?;
        Ok(name)
    }

    async fn keep_from(&self, source: &mut (dyn tokio::io::AsyncRead + Send + Unpin)) -> Result<(Sha256, u64)> {
        blobs::keep(self.open()?, source, self.clock.as_ref()).await
    }

    async fn blob_len(&self, name: Sha256) -> Result<Option<u64>> {
        let here = self.open()?;
        Ok(patiently(here, || Box::pin(blobs::find(here, name))).await?.map(|blob| blob.length))
    }

    async fn blob(&self, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>> {
        let here = self.open()?;
        patiently(here, || Box::pin(blobs::read(here, name, range.clone()))).await
    }

    async fn forget(&self, name: Sha256) -> Result<()> {
        let here = self.open()?;
        patiently(here, || Box::pin(blobs::forget(here, name))).await
    }

    async fn sweep(&self) -> Result<u64> {
        orphans::sweep(self.open()?, self.clock.now()).await
    }

    async fn scrub(&self) -> Result<bool> {
        // The storage engine frees and reuses space by itself; no command of a client would speed that up.
        self.open().map(|_| true)
    }

    async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::SeqCst);
        self.writer.close().await;
        Ok(())
    }
}

/// The error of a call after [`Store::close`].
fn closed() -> StoreError {
    StoreError::Failed("the store is closed".to_owned())
}
