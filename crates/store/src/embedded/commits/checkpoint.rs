//! Keeping the write-ahead log short without making anyone wait.
//!
//! Moving the log's pages into the database takes most of the time and needs no lock, so a separate thread does it
//! (PASSIVE). Restarting the log from its beginning needs the write lock for a moment, so the writer does that itself
//! between two commits (RESTART), when there is little left to move.

use crate::{Result, StoreError};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// How many pages (of 4 KiB) the log may hold before it is moved: 32 MiB.
const PAGES: u32 = 8192;

/// How often the thread moves pages before the writer restarts the log; each round leaves less to do.
const ROUNDS: u8 = 3;

/// How long the writer waits for readers that still use the log, before it tries again later.
const READERS: Duration = Duration::from_millis(100);

/// The writer's side.
pub(in crate::embedded) struct Checkpointer {
    /// Asks the thread to move pages.
    ask: SyncSender<()>,
    /// Set by the thread when it has moved them.
    moved: Arc<AtomicBool>,
    /// How many pages the log holds, from the hook on the writer's connection.
    pages: Arc<AtomicU32>,
    /// The number of pages at which the writer asks next.
    limit: u32,
}

impl Checkpointer {
    /// Starts the thread on its own connection. It ends with this value.
    pub(in crate::embedded) fn start(db: Connection) -> Result<Self> {
        let (ask, asked) = sync_channel(1);
        let moved = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&moved);
        let thread = std::thread::Builder::new().name("store-checkpoint".to_owned());
        thread
            .spawn(move || move_pages(&db, &asked, &flag))
            .map_err(|e| StoreError::Failed(format!("cannot start the checkpoint thread: {e}")))?;
        Ok(Self { ask, moved, pages: Arc::default(), limit: PAGES })
    }

    /// Has `db`, the writer's connection, report the length of the log.
    pub(in crate::embedded) fn watch(&self, db: &mut Connection) -> rusqlite::Result<()> {
        let pages = Arc::clone(&self.pages);
        db.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length: std::ffi::c_int| {
            pages.store(length.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// What the writer does after each commit: mostly nothing.
    pub(in crate::embedded) fn between_commits(&mut self, db: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if self.moved.swap(false, Ordering::Acquire) {
            self.limit = match restart(db) {
                Ok(true) => PAGES,
                // A long read needs the log: let it grow by as much again before the next attempt.
                Ok(false) => pages.saturating_add(PAGES),
                Err(error) => {
                    tracing::warn!(%error, "the write-ahead log could not be restarted; trying again later");
                    pages.saturating_add(PAGES)
                }
            };
        } else if pages > self.limit {
            // A full channel means that the thread has a request already.
            self.ask.try_send(()).unwrap_or_default();
        }
    }

    /// Ends the thread and empties the log.
    pub(in crate::embedded) fn at_end(self, db: &Connection) {
        drop(self.ask);
        if let Err(error) = checkpoint(db, "TRUNCATE") {
            tracing::warn!(%error, "the write-ahead log could not be emptied; the next start recovers it");
        }
    }
}

/// Empties the log, so that no older version of a page is left in it; false when a reader still needs it.
pub(in crate::embedded) fn scrub(db: &Connection) -> rusqlite::Result<bool> {
    checkpoint(db, "TRUNCATE")
}

fn move_pages(db: &Connection, asked: &Receiver<()>, moved: &AtomicBool) {
    while asked.recv().is_ok() {
        for _ in 0..ROUNDS {
            if let Err(error) = checkpoint(db, "PASSIVE") {
                tracing::warn!(%error, "the write-ahead log could not be moved; trying again later");
            }
        }
        moved.store(true, Ordering::Release);
    }
}

/// Restarts the log from its beginning; false when a reader still needs it.
fn restart(db: &Connection) -> rusqlite::Result<bool> {
    db.busy_timeout(READERS)?;
    let done = checkpoint(db, "RESTART");
    db.busy_timeout(crate::embedded::schema::PATIENCE)?;
    done
}

/// Runs one checkpoint; false when it could not be completed because of others.
fn checkpoint(db: &Connection, mode: &str) -> rusqlite::Result<bool> {
    let busy: i64 = db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(0))?;
    Ok(busy == 0)
}
