//! The writer: one thread, one connection, and all waiting requests become part of the next commit.

use crate::archive::{LooseDue, Pieces};
use crate::embedded::archive;
use crate::embedded::commits::alive::{CLOSED, Liveness, StopAtEnd};
use crate::embedded::commits::apply::{Group, Work};
use crate::embedded::commits::checkpoint::{Checkpointer, scrub};
use crate::embedded::commits::lock::AppendRight;
use crate::embedded::commits::request::{PendingRequest, Request};
use crate::embedded::commits::watermark::Watermark;
use crate::embedded::fault::{engine, passes};
use crate::{Claim, ClaimRequest, Commit, CommitReceipt, Provider, Result, StoreError, size};
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// How many requests may wait, and how many KiB they may have together, before more are refused as [`StoreError::Busy`].
const WAITING: usize = 4096;
const WAITING_KIB: u32 = 128 * 1024;

/// How many requests share a commit, and how many KiB of them: enough that the sync costs each little, and few enough
/// that none waits long for the others.
const TOGETHER: usize = 500;
const TOGETHER_KIB: u32 = 2 * 1024;

enum Message {
    Write(Box<dyn Request>),
    Exclusive(ExclusiveTask),
}

/// What the thread does alone, after it has written the requests before it.
enum ExclusiveTask {
    Scrub(oneshot::Sender<Result<bool>>),
    Close(oneshot::Sender<()>),
}

/// The queue of the writer thread.
pub(in crate::embedded) struct Writer {
    queue: mpsc::Sender<Message>,
    room: Arc<Semaphore>,
    alive: Arc<Liveness>,
}

impl Writer {
    /// Starts the thread.
    pub(in crate::embedded) fn start(
        db: Connection,
        right: Arc<AppendRight>,
        watermark: Arc<Watermark>,
        checkpointer: Checkpointer,
        alive: Arc<Liveness>,
    ) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(WAITING);
        let at_end = StopAtEnd(Arc::clone(&alive));
        let thread = Thread { db, right, watermark, checkpointer };
        let started = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || {
            let _at_end = at_end;
            thread.run(waiting);
        });
        started.map_err(|e| StoreError::Failed(format!("cannot start the writer thread: {e}")))?;
        let room = usize::try_from(WAITING_KIB).unwrap_or(usize::MAX);
        Ok(Self { queue, room: Arc::new(Semaphore::new(room)), alive })
    }

    /// Does all of `commit` or none, and returns when it is durable.
    pub(in crate::embedded) async fn commit(&self, provider: Provider, commit: Commit) -> Result<CommitReceipt> {
        size::check(&commit)?;
        let weight = size::weight(&commit);
        self.send((provider, commit), weight).await
    }

    /// Restores pieces of another store.
    pub(in crate::embedded) async fn take_in(&self, provider: Provider, pieces: Pieces) -> Result<()> {
        let bytes: usize = pieces.statements.iter().map(|entry| entry.bytes.len()).sum();
        self.send((provider, pieces), u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)).await
    }

    /// Removes due items.
    pub(in crate::embedded) async fn call_off(&self, provider: Provider, due: Vec<LooseDue>) -> Result<()> {
        self.send((provider, due), 1).await
    }

    /// A number that changes as soon as another connection has committed anything.
    pub(in crate::embedded) async fn changes(&self) -> Result<u64> {
        self.send(archive::Changes, 1).await
    }

    /// Claims due work.
    pub(in crate::embedded) async fn claim(&self, wanted: ClaimRequest) -> Result<Vec<Claim>> {
        self.send(wanted, 1).await
    }

    async fn send<W: Work + 'static>(&self, work: W, weight: u32) -> Result<W::Output> {
        self.alive.check()?;
        // A commit that is larger than the whole queue is accepted when the queue is empty.
        let room = Arc::clone(&self.room).try_acquire_many_owned(weight.min(WAITING_KIB));
        let (request, receiver) = PendingRequest::new(work, weight, room.map_err(|_| StoreError::Busy)?);
        self.queue.try_send(Message::Write(Box::new(request))).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => self.alive.no_reply(),
        })?;
        receiver.await.unwrap_or_else(|_| Err(self.alive.no_reply()))
    }

    /// Empties the write-ahead log, which contains older versions of pages; false when a reader prevented it.
    pub(in crate::embedded) async fn scrub(&self) -> Result<bool> {
        self.alive.check()?;
        let (reply, done) = oneshot::channel();
        let sent = self.queue.send(Message::Exclusive(ExclusiveTask::Scrub(reply))).await;
        sent.map_err(|_| self.alive.no_reply())?;
        done.await.unwrap_or_else(|_| Err(self.alive.no_reply()))
    }

    /// Does the waiting requests, then ends the thread and closes its connection. Does nothing the second time.
    pub(in crate::embedded) async fn close(&self) {
        self.alive.stop(CLOSED);
        let (reply, done) = oneshot::channel();
        if self.queue.send(Message::Exclusive(ExclusiveTask::Close(reply))).await.is_ok() {
            // An error means that the thread has ended already.
            done.await.unwrap_or_default();
        }
    }
}

/// What the thread owns.
struct Thread {
    db: Connection,
    right: Arc<AppendRight>,
    watermark: Arc<Watermark>,
    checkpointer: Checkpointer,
}

impl Thread {
    fn run(mut self, mut waiting: mpsc::Receiver<Message>) {
        if let Err(error) = self.checkpointer.watch(&mut self.db) {
            tracing::error!(%error, "the store cannot watch its write-ahead log and has stopped");
            return;
        }
        let mut closing = None;
        while closing.is_none()
            && let Some(first) = waiting.blocking_recv()
        {
            let (together, task) = gather(first, &mut waiting);
            if let Err(error) = self.write(together) {
                tracing::error!(%error, "the store failed and has stopped; restart the server");
                return;
            }
            self.checkpointer.between_commits(&self.db);
            match task {
                // The caller may have gone away.
                Some(ExclusiveTask::Scrub(reply)) => drop(reply.send(scrub(&self.db).map_err(|error| engine(&error)))),
                Some(ExclusiveTask::Close(reply)) => closing = Some(reply),
                None => {}
            }
        }
        self.end(closing);
    }

    /// Commits `together` and completes every request. An error means that the store must stop.
    fn write(&self, mut together: Vec<Box<dyn Request>>) -> rusqlite::Result<()> {
        if together.is_empty() {
            return Ok(());
        }
        let outcome = self.transact(&mut together);
        self.watermark.end();
        match outcome {
            Ok(()) => {
                together.into_iter().for_each(Request::complete);
                Ok(())
            }
            Err(error) => {
                let undone = if self.db.is_autocommit() { Ok(()) } else { self.db.execute_batch("ROLLBACK") };
                for request in together {
                    request.fail(engine(&error));
                }
                if passes(&error) { undone } else { Err(error) }
            }
        }
    }

    fn transact(&self, together: &mut [Box<dyn Request>]) -> rusqlite::Result<()> {
        let mut group = Group::begin(&self.db, &self.right, &self.watermark)?;
        for request in together {
            request.apply(&mut group)?;
        }
        group.commit()
    }

    /// Closes the database. The process that serves the data empties the write-ahead log first, so that the database is one
    /// file again. A command leaves that to the running server, which it must not delay, or to SQLite if it is the last.
    fn end(self, closing: Option<oneshot::Sender<()>>) {
        if self.right.held() {
            self.checkpointer.at_end(&self.db);
        }
        if let Err((_, error)) = self.db.close() {
            tracing::warn!(%error, "the database could not be closed; the next start recovers it");
        }
        if let Some(reply) = closing {
            // The caller may have gone away.
            reply.send(()).unwrap_or_default();
        }
    }
}

/// `first` and the requests that wait after it, as many as one commit takes; and the exclusive task, if one comes next.
fn gather(first: Message, waiting: &mut mpsc::Receiver<Message>) -> (Vec<Box<dyn Request>>, Option<ExclusiveTask>) {
    let (mut together, mut weight) = (Vec::new(), 0);
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Exclusive(task) => return (together, Some(task)),
            Message::Write(request) => {
                weight += request.weight();
                together.push(request);
            }
        }
        let full = together.len() >= TOGETHER || weight >= TOGETHER_KIB;
        next = if full { None } else { waiting.try_recv().ok() };
    }
    (together, None)
}
