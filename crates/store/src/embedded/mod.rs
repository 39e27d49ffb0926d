//! The embedded store: SQLite in a directory, for one machine, without a server.
//!
//! ```text
//! data/
//!   enduring.db       the log, the records and the due work (next to -wal and -shm files while it is open)
//!   blobs/ab/cdef…    blobs, each under its SHA-256
//!   blobs/incoming/   blobs that are still being written
//!   log.lock          held by the one process that may append to the log
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `schema` | the tables, how a connection is opened, migrations |
//! | `writer`, `request` | one thread that commits all waiting requests together |
//! | `apply` | what one request does inside that, and how it is refused alone |
//! | `log`, `references`, `tokens` | statements: append, refer and void, index and scan |
//! | `redact` | replacing the bytes of a stored statement |
//! | `records`, `due` | documents and work |
//! | `watermark`, `lock` | what `Consistent-Through` may promise; who may append |
//! | `readers`, `checkpoint` | reading concurrently with the writer; keeping the write-ahead log short |
//! | `alive`, `fault` | whether the store still works; what can go wrong |
//! | `blobs` | bytes as files |
//! | `archive` | reading and restoring everything |
//! | `damage` | what is wrong with the tables and indexes themselves |
//!
//! **Durability.** The database is in WAL mode with `synchronous=FULL`: a commit is acknowledged after its frames are synced.
//! Speed comes from sharing that sync: all commits that wait while one is being written become part of the next.
//!
//! **Several processes.** Any number may read, write records and store blobs: SQLite's own locks order them. Only the
//! holder of `log.lock` appends statements, because it keeps the promise `Consistent-Through` in memory. A server acquires
//! the lock when it opens the store, a command when it first appends. Only a server claims due work, so claims end with it:
//! the next server begins by ending every lease.
//! A reader ([`open_to_read`]) writes nothing and creates nothing, and sees one snapshot.
//!
//! **Failing.** When the engine fails in a way that leaves its state in doubt, or the writer thread ends, the store stops:
//! every later call fails until a restart, which recovers from the write-ahead log.

mod archive;
mod blobs;
mod commits;
mod damage;
mod due;
mod fault;
mod log;
mod readers;
mod records;
mod schema;
mod tokens;

use super::figures;
use super::news::News;
use super::{
    Claim, ClaimRequest, Commit, CommitReceipt, Head, Kind, Provider, Record, Result, Scan, Seq, Span, Store,
    StoreError, StoredStatement,
};
use async_trait::async_trait;
use base::clock::Clock;
use base::hash::Sha256;
use base::log::StatementId;
use blobs::Blobs;
use bytes::Bytes;
use commits::alive::Liveness;
use commits::checkpoint::Checkpointer;
use commits::lock::AppendRight;
use commits::watermark::Watermark;
use commits::writer::Writer;
use jiff::Timestamp;
use readers::Readers;
use rusqlite::Connection;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// The store in one directory.
pub struct EmbeddedStore {
    /// `None` where the store was opened to be read only.
    writing: Option<Writing>,
    readers: Readers,
    blobs: Blobs,
    alive: Arc<Liveness>,
    news: News,
}

/// What a process has that may write.
struct Writing {
    writer: Writer,
    right: Arc<AppendRight>,
    watermark: Arc<Watermark>,
}

/// Opens the store in `dir` for a server: from now on, only this process appends to the log and does the due work.
///
/// Creates what is missing. Waits a few seconds for another process to finish, then refuses.
pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<EmbeddedStore> {
    let right = right_in(dir)?;
    right.wait()?;
    let db = schema::open_writer(&database_in(dir))?;
    due::end_leases(&db).map_err(|e| fault::engine(&e))?;
    start(dir, clock, right, db)
}

/// Opens the store in `dir` for a command, which may run while a server does.
///
/// It may do everything, but appends statements only while no other process holds the lock of the log.
pub fn open_beside(dir: &Path, clock: Arc<dyn Clock>) -> Result<EmbeddedStore> {
    let right = right_in(dir)?;
    let db = schema::open_writer(&database_in(dir))?;
    start(dir, clock, right, db)
}

/// Opens the store in `dir` to read it as it is now: one snapshot, whatever a server writes meanwhile. Creates no directory and
/// no file of ours, and works on a read-only copy.
///
/// # Errors
/// [`StoreError::Missing`] if there is no store in `dir`. A sentence that says what to do if the write-ahead log of a killed
/// process is next to the database and nothing can be written there: SQLite must write an index of the log to read it.
pub fn open_to_read(dir: &Path) -> Result<EmbeddedStore> {
    let database = dir.join(DATABASE);
    if !database.is_file() {
        return Err(StoreError::Missing(format!("there is no store in the directory {}", dir.display())));
    }
    let alive = Arc::new(Liveness::default());
    let readers = Readers::frozen(schema::open_snapshot(&database)?, Arc::clone(&alive));
    Ok(EmbeddedStore { writing: None, readers, blobs: Blobs::at(dir.join("blobs")), alive, news: News::default() })
}

/// The database file in the store's directory.
const DATABASE: &str = "enduring.db";

/// The database file of a store in `dir`.
pub fn database_in(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

fn right_in(dir: &Path) -> Result<AppendRight> {
    std::fs::create_dir_all(dir).map_err(|e| fault::file("create the directory", dir, &e))?;
    AppendRight::new(&dir.join("log.lock"))
}

fn start(dir: &Path, clock: Arc<dyn Clock>, right: AppendRight, db: Connection) -> Result<EmbeddedStore> {
    let database = database_in(dir);
    let (right, watermark, alive) = (Arc::new(right), Arc::new(Watermark::new(clock)), Arc::new(Liveness::default()));
    let blobs = Blobs::open(dir.join("blobs"))?;
    let checkpointer = Checkpointer::start(schema::open_checkpointer(&database)?)?;
    let writer = Writer::start(db, Arc::clone(&right), Arc::clone(&watermark), checkpointer, Arc::clone(&alive))?;
    let readers = Readers::open(&database, Arc::clone(&alive))?;
    let writing = Some(Writing { writer, right, watermark });
    Ok(EmbeddedStore { writing, readers, blobs, alive, news: News::default() })
}

impl EmbeddedStore {
    fn writing(&self) -> Result<&Writing> {
        let sentence = "the store was opened to be read only";
        self.writing.as_ref().ok_or_else(|| StoreError::Failed(sentence.to_owned()))
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn commit(&self, provider: &Provider, commit: Commit) -> Result<CommitReceipt> {
        records::check_keys(&commit.writes)?;
        self.news.of(figures::counted(self.writing()?.writer.commit(provider.clone(), commit)).await)
    }

    fn appended(&self) -> watch::Receiver<()> {
        self.news.listen()
    }

    async fn head(&self, provider: &Provider) -> Result<Head> {
        // The promise comes first: what it covers is then visible to a snapshot that is taken after it.
        let writing = self.writing.as_ref().filter(|writing| writing.right.held());
        let promise = writing.map(|writing| writing.watermark.promise());
        let (seq, stored) = self.readers.glance(|db| log::head(db, provider)).await?;
        Ok(Head { seq, consistent_through: promise.unwrap_or_else(|| commits::watermark::promise_of_a_guest(stored)) })
    }

    async fn seq_at(&self, provider: &Provider, at: Timestamp) -> Result<Seq> {
        let provider = provider.clone();
        self.readers.read(move |db| log::seq_at(db, &provider, at)).await
    }

    async fn statement(&self, provider: &Provider, id: StatementId) -> Result<Option<StoredStatement>> {
        let provider = provider.clone();
        self.readers.read(move |db| log::statement(db, &provider, id)).await
    }

    async fn scan(&self, provider: &Provider, scan: Scan) -> Result<Vec<StoredStatement>> {
        let provider = provider.clone();
        self.readers.read(move |db| tokens::scan(db, &provider, &scan)).await
    }

    async fn record(&self, provider: &Provider, kind: &'static Kind, key: &str) -> Result<Option<Record>> {
        let (provider, key) = (provider.clone(), key.to_owned());
        self.readers.read(move |db| records::get(db, &provider, kind, &key)).await
    }

    async fn range(&self, provider: &Provider, kind: &'static Kind, span: Span) -> Result<Vec<(String, Record)>> {
        records::check_index(kind, span.index)?;
        let provider = provider.clone();
        self.readers.read(move |db| records::range(db, &provider, kind, &span)).await
    }

    async fn claim(&self, wanted: ClaimRequest) -> Result<Vec<Claim>> {
        // Workers ask often and mostly find nothing; asking a reader first does not burden the writer.
        if !self.readers.glance(|db| due::any_ready(db, &wanted)).await? {
            return Ok(Vec::new());
        }
        self.writing()?.writer.claim(wanted).await
    }

    async fn due(&self, queue: &'static str, now: Timestamp) -> Result<u64> {
        self.readers.read(move |db| due::count(db, queue, now)).await
    }

    async fn keep(&self, bytes: Bytes) -> Result<Sha256> {
        self.alive.check()?;
        self.writing()?;
        self.blobs.keep(bytes).await
    }

    async fn keep_from(&self, source: &mut (dyn tokio::io::AsyncRead + Send + Unpin)) -> Result<(Sha256, u64)> {
        self.alive.check()?;
        self.writing()?;
        self.blobs.keep_from(source).await
    }

    async fn blob_len(&self, name: Sha256) -> Result<Option<u64>> {
        self.alive.check()?;
        self.blobs.len(name).await
    }

    async fn blob(&self, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>> {
        self.alive.check()?;
        self.blobs.read(name, range).await
    }

    async fn forget(&self, name: Sha256) -> Result<()> {
        self.alive.check()?;
        self.writing()?;
        self.blobs.forget(name).await
    }

    async fn sweep(&self) -> Result<u64> {
        // An interrupted upload removes its file; the start has removed what a killed process left.
        self.alive.check().map(|()| 0)
    }

    async fn scrub(&self) -> Result<bool> {
        self.writing()?.writer.scrub().await
    }

    async fn close(&self) -> Result<()> {
        self.alive.stop(commits::alive::CLOSED);
        self.readers.close().await;
        if let Some(writing) = &self.writing {
            writing.writer.close().await;
            writing.right.release();
        }
        Ok(())
    }
}
