//! Group commit: commits that wait at the same time share one transaction.

use crate::archive::Pieces;
use crate::mongodb::DEADLINE;
use crate::mongodb::closed;
use crate::mongodb::commits::line::Line;
use crate::mongodb::commits::transaction::{self, Failure, Outcome};
use crate::mongodb::connection::schema::Collections;
use crate::{Commit, CommitReceipt, Provider, Result, StoreError, size};
use base::clock::Clock;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How many commits may wait, and how many KiB they may have together, before more are refused as [`StoreError::Busy`].
const WAITING: usize = 4096;
const WAITING_KIB: u32 = 128 * 1024;
/// How many commits share a transaction, and how many KiB of them: far below the limit of a transaction, and few enough that
/// none waits long for the others.
const TOGETHER: usize = 256;
const TOGETHER_KIB: u32 = 4 * 1024;

/// A commit whose caller waits for it.
struct QueuedCommit {
    provider: Provider,
    commit: Commit,
    weight: u32,
    until: Instant,
    reply: oneshot::Sender<Result<CommitReceipt>>,
    /// Its share of the queue's capacity, released with it.
    _room: OwnedSemaphorePermit,
}

/// The task through which every commit of this process goes.
pub(in crate::mongodb) struct Writer {
    queue: Mutex<Option<mpsc::Sender<QueuedCommit>>>,
    room: Arc<Semaphore>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(in crate::mongodb) fn start(collections: Arc<Collections>, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(collections, clock, waiting));
        let room = usize::try_from(WAITING_KIB).unwrap_or(usize::MAX);
        Self { queue: Mutex::new(Some(queue)), room: Arc::new(Semaphore::new(room)), task: Mutex::new(Some(task)) }
    }

    /// Does all of `commit` or none, and returns when it is durable; or returns [`StoreError::Unavailable`] at the deadline, when
    /// the outcome is not known.
    pub(in crate::mongodb) async fn commit(&self, provider: &Provider, commit: Commit) -> Result<CommitReceipt> {
        size::check(&commit)?;
        let weight = size::weight(&commit);
        let queue = self.queue.lock().await.clone().ok_or_else(closed)?;
        // A commit that is larger than the whole queue is accepted when the queue is empty.
        let room = Arc::clone(&self.room).try_acquire_many_owned(weight.min(WAITING_KIB));
        let room = room.map_err(|_| StoreError::Busy)?;
        let until = Instant::now() + DEADLINE;
        let (reply, receiver) = oneshot::channel();
        let waiting = QueuedCommit { provider: provider.clone(), commit, weight, until, reply, _room: room };
        queue.try_send(waiting).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        let outcome = tokio::time::timeout_at(until, receiver).await;
        outcome.map_err(|_| StoreError::Unavailable)?.map_err(|_| closed())?
    }

    /// Accepts no more commits, and returns when all accepted ones are complete.
    pub(in crate::mongodb) async fn close(&self) {
        self.queue.lock().await.take();
        if let Some(task) = self.task.lock().await.take() {
            // A task that panicked has nothing left to write.
            let _ = task.await;
        }
    }
}

async fn run(collections: Arc<Collections>, clock: Arc<dyn Clock>, mut queue: mpsc::Receiver<QueuedCommit>) {
    let mut waiting = VecDeque::new();
    let mut line = Line::default();
    loop {
        if waiting.is_empty() {
            match queue.recv().await {
                Some(first) => waiting.push_back(first),
                None => return,
            }
        }
        line.let_others_by().await;
        while let Ok(next) = queue.try_recv() {
            waiting.push_back(next);
        }
        write(&collections, clock.as_ref(), &mut line, next_group(&mut waiting)).await;
    }
}

/// The commits at the head of the queue that belong to one provider and fit into one transaction.
fn next_group(waiting: &mut VecDeque<QueuedCommit>) -> Vec<QueuedCommit> {
    let mut group: Vec<QueuedCommit> = Vec::new();
    let mut weight = 0;
    while group.len() < TOGETHER
        && let Some(next) = waiting.front()
    {
        let fits = group.is_empty() || weight + next.weight <= TOGETHER_KIB;
        if !fits || group.first().is_some_and(|first| first.provider != next.provider) {
            break;
        }
        weight += next.weight;
        group.extend(waiting.pop_front());
    }
    group
}

/// Commits `group` and sends each caller the outcome.
async fn write(to: &Collections, clock: &dyn Clock, line: &mut Line, group: Vec<QueuedCommit>) {
    let Some(provider) = group.first().map(|first| first.provider.clone()) else { return };
    let mut group = group;
    line.join();
    loop {
        group = give_up_late(group);
        if group.is_empty() {
            return;
        }
        let commits: Vec<&Commit> = group.iter().map(|waiting| &waiting.commit).collect();
        let began = Instant::now();
        match transaction::transact(to, &provider, &commits, clock.now()).await {
            Ok(Outcome { results, turn }) => {
                line.had(&provider, turn, began.elapsed());
                for (waiting, reply) in group.into_iter().zip(results) {
                    // A caller that stopped waiting needs no outcome; its commit is done all the same.
                    let _ = waiting.reply.send(reply);
                }
                return;
            }
            Err(Failure::Transient) => line.wait(to).await,
            Err(Failure::Permanent(StoreError::Failed(_))) if group.len() > 1 => {
                // The error of one commit must not fail the others.
                for waiting in group {
                    Box::pin(write(to, clock, line, vec![waiting])).await;
                }
                return;
            }
            Err(Failure::Permanent(error)) => return refuse(group, &error),
        }
    }
}

/// Refuses those whose deadline has passed, and returns the others.
fn give_up_late(group: Vec<QueuedCommit>) -> Vec<QueuedCommit> {
    let now = Instant::now();
    let (late, rest): (Vec<QueuedCommit>, Vec<QueuedCommit>) =
        group.into_iter().partition(|waiting| waiting.until <= now);
    refuse(late, &StoreError::Unavailable);
    rest
}

fn refuse(group: Vec<QueuedCommit>, error: &StoreError) {
    for waiting in group {
        let _ = waiting.reply.send(Err(error.clone()));
    }
}

/// Restores pieces of another store, in one transaction.
pub(in crate::mongodb) async fn take_in(to: &Collections, provider: &Provider, pieces: Pieces) -> Result<()> {
    let mut line = Line::default();
    let until = Instant::now() + DEADLINE;
    loop {
        match transaction::take_in(to, provider, &pieces).await {
            Ok(()) => return Ok(()),
            Err(Failure::Permanent(error)) => return Err(error),
            Err(Failure::Transient) if Instant::now() >= until => return Err(StoreError::Unavailable),
            Err(Failure::Transient) => line.wait(to).await,
        }
    }
}
