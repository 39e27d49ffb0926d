//! A store that counts its calls, and delegates them to another.

use async_trait::async_trait;
use base::hash::Sha256;
use base::log::StatementId;
use bytes::Bytes;
use enduring::service::App;
use jiff::Timestamp;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{
    Claim, ClaimRequest, Commit, CommitReceipt, Head, Kind, Provider, Record, Result, Scan, Seq, Span, Store,
    StoredStatement,
};
use tokio::io::AsyncRead;

/// Counts commits, scans of the log, and the statements that these return.
pub struct CountingStore {
    inner: Arc<dyn Store>,
    commits: AtomicUsize,
    scans: AtomicUsize,
    statements: AtomicUsize,
}

impl CountingStore {
    /// Has `app` use a store that counts, over the one that it has.
    pub fn under(app: &mut App) -> Arc<Self> {
        let inner = Arc::clone(&app.store);
        let (commits, scans, statements) = Default::default();
        let counting = Arc::new(Self { inner, commits, scans, statements });
        app.store = counting.clone();
        counting
    }

    /// How many commits were done since the last call.
    pub fn commits(&self) -> usize {
        self.commits.swap(0, Ordering::SeqCst)
    }

    /// How many scans there were since the last call, and how many statements they returned.
    pub fn scans(&self) -> (usize, usize) {
        (self.scans.swap(0, Ordering::SeqCst), self.statements.swap(0, Ordering::SeqCst))
    }
}

#[async_trait]
impl Store for CountingStore {
    async fn commit(&self, provider: &Provider, commit: Commit) -> Result<CommitReceipt> {
        let done = self.inner.commit(provider, commit).await?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(done)
    }

    fn appended(&self) -> tokio::sync::watch::Receiver<()> {
        self.inner.appended()
    }

    async fn head(&self, provider: &Provider) -> Result<Head> {
        self.inner.head(provider).await
    }

    async fn seq_at(&self, provider: &Provider, at: Timestamp) -> Result<Seq> {
        self.inner.seq_at(provider, at).await
    }

    async fn statement(&self, provider: &Provider, id: StatementId) -> Result<Option<StoredStatement>> {
        self.inner.statement(provider, id).await
    }

    async fn scan(&self, provider: &Provider, scan: Scan) -> Result<Vec<StoredStatement>> {
        let found = self.inner.scan(provider, scan).await?;
        self.scans.fetch_add(1, Ordering::SeqCst);
        self.statements.fetch_add(found.len(), Ordering::SeqCst);
        Ok(found)
    }

    async fn record(&self, provider: &Provider, kind: &'static Kind, key: &str) -> Result<Option<Record>> {
        self.inner.record(provider, kind, key).await
    }

    async fn range(&self, provider: &Provider, kind: &'static Kind, span: Span) -> Result<Vec<(String, Record)>> {
        self.inner.range(provider, kind, span).await
    }

    async fn claim(&self, wanted: ClaimRequest) -> Result<Vec<Claim>> {
        self.inner.claim(wanted).await
    }

    async fn due(&self, queue: &'static str, now: Timestamp) -> Result<u64> {
        self.inner.due(queue, now).await
    }

    async fn keep(&self, bytes: Bytes) -> Result<Sha256> {
        self.inner.keep(bytes).await
    }

    async fn keep_from(&self, source: &mut (dyn AsyncRead + Send + Unpin)) -> Result<(Sha256, u64)> {
        self.inner.keep_from(source).await
    }

    async fn blob_len(&self, name: Sha256) -> Result<Option<u64>> {
        self.inner.blob_len(name).await
    }

    async fn blob(&self, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>> {
        self.inner.blob(name, range).await
    }

    async fn forget(&self, name: Sha256) -> Result<()> {
        self.inner.forget(name).await
    }

    async fn sweep(&self) -> Result<u64> {
        self.inner.sweep().await
    }

    async fn scrub(&self) -> Result<bool> {
        self.inner.scrub().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}
