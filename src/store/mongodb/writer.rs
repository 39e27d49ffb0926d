//! Group commit: commits that wait at the same time share one transaction.

use super::fault::{passes, serving};
use super::head::End;
use super::schema::{Collections, durable};
use super::stage::Stage;
use super::{DEADLINE, abandoned, closed, due, log, records, view};
use crate::clock::Clock;
use crate::store::archive::{LogEntry, Pieces};
use crate::store::{Commit, Committed, Provider, Result, StoreError, Write};
use crate::xapi::StatementId;
use jiff::Timestamp;
use mongodb::ClientSession;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, ReturnDocument};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Commits that may wait before more are refused as [`StoreError::Busy`].
const QUEUE: usize = 4096;
/// Commits that share a transaction at most.
const GROUP: usize = 256;
/// Statements after which a group takes no further commit; far below what one transaction may hold.
const STATEMENTS: usize = 2000;

/// A commit and who waits for it.
struct Waiting {
    provider: Provider,
    commit: Commit,
    until: Instant,
    answer: oneshot::Sender<Result<Committed>>,
}

/// The task through which every commit of this process goes.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(collections: Arc<Collections>, clock: Arc<dyn Clock>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(collections, clock, waiting));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    pub(super) async fn commit(&self, provider: &Provider, commit: Commit) -> Result<Committed> {
        let queue = self.queue.lock().await.clone().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { provider: provider.clone(), commit, until: Instant::now() + DEADLINE, answer };
        queue.try_send(waiting).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answered.await.map_err(|_| closed())?
    }

    /// Takes no more, and returns when everything taken is answered.
    pub(super) async fn close(&self) {
        self.queue.lock().await.take();
        if let Some(task) = self.task.lock().await.take() {
            // A task that panicked has nothing left to write.
            let _ = task.await;
        }
    }
}

async fn run(collections: Arc<Collections>, clock: Arc<dyn Clock>, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match queue.recv().await {
                Some(first) => waiting.push_back(first),
                None => return,
            }
        }
        while let Ok(next) = queue.try_recv() {
            waiting.push_back(next);
        }
        let group = next_group(&mut waiting);
        write(&collections, clock.as_ref(), group).await;
    }
}

/// The commits at the head of the line that belong to one provider and fit into one transaction.
fn next_group(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let mut group: Vec<Waiting> = Vec::new();
    let mut statements = 0;
    while group.len() < GROUP
        && let Some(next) = waiting.front()
    {
        let size = next.commit.statements.len() + next.commit.redactions.len();
        let fits = group.is_empty() || statements + size <= STATEMENTS;
        if !fits || group.first().is_some_and(|first| first.provider != next.provider) {
            break;
        }
        statements += size;
        group.extend(waiting.pop_front());
    }
    group
}

/// Commits `group` and answers everyone in it.
async fn write(collections: &Collections, clock: &dyn Clock, group: Vec<Waiting>) {
    let Some(provider) = group.first().map(|first| first.provider.clone()) else { return };
    let mut pause = Pause::default();
    let mut group = group;
    loop {
        let commits: Vec<&Commit> = group.iter().map(|waiting| &waiting.commit).collect();
        let tried = transact(collections, &provider, &commits, clock.now()).await;
        match tried {
            Ok(answers) => {
                for (waiting, answer) in group.into_iter().zip(answers) {
                    // Whoever stopped waiting needs no answer; what they asked for is done all the same.
                    let _ = waiting.answer.send(answer);
                }
                return;
            }
            Err(Failure::Passing) => {
                group = give_up_late(group);
                if group.is_empty() {
                    return;
                }
                pause.rest(collections).await;
            }
            Err(Failure::Lasting(error)) => {
                for waiting in group {
                    let _ = waiting.answer.send(Err(copy(&error)));
                }
                return;
            }
        }
    }
}

/// Tells those whose deadline has passed to come back; answers the others.
fn give_up_late(group: Vec<Waiting>) -> Vec<Waiting> {
    let now = Instant::now();
    let (late, rest): (Vec<Waiting>, Vec<Waiting>) = group.into_iter().partition(|waiting| waiting.until <= now);
    for waiting in late {
        let _ = waiting.answer.send(Err(StoreError::Busy));
    }
    rest
}

/// The pause between two tries: longer each time, and never the same for two processes that met.
#[derive(Default)]
struct Pause(u32);

impl Pause {
    /// The tries after which it has a look at who is in the way: about every half a second.
    const LOOK: u32 = 64;

    async fn rest(&mut self, to: &Collections) {
        self.0 += 1;
        // A transaction takes some milliseconds; who waits longer than that lets others by again and again.
        let longest: u64 = 1 << self.0.min(4);
        let part = u64::try_from(crate::ids::random().as_u128() % u128::from(longest * 1000)).unwrap_or_default();
        tokio::time::sleep(Duration::from_micros(part + 200)).await;
        if self.0.is_multiple_of(Self::LOOK) {
            abandoned::end(to).await;
        }
    }
}

/// Why a transaction did not happen.
enum Failure {
    /// Another process was first, or there is no primary for the moment: try again.
    Passing,
    Lasting(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.contains_label(TRANSIENT_TRANSACTION_ERROR) || passes(&error) || is_duplicate(&error) {
            return Self::Passing;
        }
        Self::Lasting(serving(&error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let passes = matches!(error, StoreError::Busy | StoreError::Unavailable);
        if passes { Self::Passing } else { Self::Lasting(error) }
    }
}

/// A duplicate key can only be the first write of a head by two processes at once: all else was read before it was written.
fn is_duplicate(error: &Error) -> bool {
    const DUPLICATE_KEY: i32 = 11000;
    match error.kind.as_ref() {
        mongodb::error::ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        mongodb::error::ErrorKind::Write(mongodb::error::WriteFailure::WriteError(write)) => {
            write.code == DUPLICATE_KEY
        }
        _ => false,
    }
}

fn copy(error: &StoreError) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// One transaction over all of `commits`: each is done whole or refused whole, and all that are done become durable together.
async fn transact(
    to: &Collections,
    provider: &Provider,
    commits: &[&Commit],
    now: Timestamp,
) -> std::result::Result<Vec<Result<Committed>>, Failure> {
    let mut session = to.client.start_session().await?;
    session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(durable()).await?;
    let done = in_transaction(to, &mut session, provider, commits, now).await;
    let answers = match done {
        Ok(answers) => answers,
        Err(failure) => {
            // The server forgets an abandoned transaction by itself; telling it frees its locks at once.
            let _ = session.abort_transaction().await;
            return Err(failure);
        }
    };
    commit(&mut session).await?;
    to.seen.note(&session);
    Ok(answers)
}

/// Commits; asks again while the server cannot say whether it has.
async fn commit(session: &mut ClientSession) -> std::result::Result<(), Failure> {
    let until = Instant::now() + DEADLINE;
    loop {
        match session.commit_transaction().await {
            Ok(()) => return Ok(()),
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                if Instant::now() >= until {
                    return Err(Failure::Lasting(StoreError::Busy));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes in what another store had, in one transaction.
pub(super) async fn take_in(to: &Collections, provider: &Provider, pieces: Pieces) -> Result<()> {
    let mut pause = Pause::default();
    let until = Instant::now() + DEADLINE;
    loop {
        match try_take_in(to, provider, &pieces).await {
            Ok(()) => return Ok(()),
            Err(Failure::Lasting(error)) => return Err(error),
            Err(Failure::Passing) if Instant::now() >= until => return Err(StoreError::Busy),
            Err(Failure::Passing) => pause.rest(to).await,
        }
    }
}

async fn try_take_in(to: &Collections, provider: &Provider, pieces: &Pieces) -> std::result::Result<(), Failure> {
    let mut session = to.client.start_session().await?;
    session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(durable()).await?;
    let end = take_turn(to, &mut session, provider).await?;
    let touched = Commit {
        statements: pieces.statements.iter().cloned().map(LogEntry::prepared).collect(),
        writes: pieces.records.iter().map(|(draft, _)| Write::Insert(draft.clone())).collect(),
        ..Commit::default()
    };
    let mut stage = Stage::new(view::read(to, &mut session, provider, &[&touched], end).await?);
    for entry in &pieces.statements {
        stage.take_again(entry)?;
    }
    for (draft, version) in &pieces.records {
        stage.put(draft, *version)?;
    }
    write_stage(to, &mut session, provider, &mut stage, end).await?;
    for item in &pieces.due {
        let name = doc! { "_id": due::id(provider, &item.queue, &item.key) };
        let fresh = due::fresh(&item.queue, item.at, to.tickets.next());
        to.due.update_one(name, fresh).upsert(true).session(&mut session).await?;
    }
    commit(&mut session).await?;
    to.seen.note(&session);
    Ok(())
}

async fn in_transaction(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    now: Timestamp,
) -> std::result::Result<Vec<Result<Committed>>, Failure> {
    let end = take_turn(to, session, provider).await?;
    let view = view::read(to, session, provider, commits, end).await?;
    let mut stage = Stage::new(view);
    let answers: Vec<Result<Committed>> = commits.iter().map(|commit| stage.take(commit, now)).collect();
    write_stage(to, session, provider, &mut stage, end).await?;
    Ok(answers)
}

/// Writes everything that the stage changes; the log ended at `end` before.
async fn write_stage(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    stage: &mut Stage,
    end: End,
) -> std::result::Result<(), Failure> {
    write_statements(to, session, provider, stage).await?;
    write_records(to, session, provider, stage).await?;
    write_due(to, session, provider, stage).await?;
    if stage.end() != end {
        let End { seq, stored, .. } = stage.end();
        let moved = doc! { "$set": { "seq": seq, "stored": DateTime::from_millis(stored) } };
        to.heads.update_one(doc! { "_id": provider.as_str() }, moved).session(session).await?;
    }
    Ok(())
}

/// Writes the provider's head, by which commits of all processes form one line; answers where the log ends.
async fn take_turn(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
) -> std::result::Result<End, Failure> {
    let turn = doc! {
        "$inc": { "turn": 1_i64 },
        "$setOnInsert": { "seq": 0_i64, "stored": DateTime::from_millis(0), "promised": DateTime::from_millis(0) },
    };
    let head = to.heads.find_one_and_update(doc! { "_id": provider.as_str() }, turn);
    let head = head.upsert(true).return_document(ReturnDocument::After).session(session).await?;
    Ok(End::read(&head.unwrap_or_default())?)
}

async fn write_statements(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    stage: &mut Stage,
) -> std::result::Result<(), Failure> {
    let (mut documents, mut fresh) = (Vec::new(), BTreeSet::new());
    for addition in std::mem::take(&mut stage.appended) {
        let gained = stage.keys.remove(&addition.id).unwrap_or_default();
        let Some(known) = stage.statement(addition.id) else { continue };
        let anew = stage.rekeyed.contains(&addition.id);
        let keys = if anew { stage.found_by(addition.id, known) } else { gained };
        fresh.insert(addition.id);
        let document = log::document(provider, addition.id, known, &keys, addition.bytes);
        documents.push(document.map_err(|e| Failure::Lasting(StoreError::Failed(e.to_string())))?);
    }
    if !documents.is_empty() {
        to.statements.insert_many(documents).session(&mut *session).await?;
    }
    for id in stage.rekeyed.difference(&fresh) {
        rewrite(to, session, provider, stage, *id).await?;
    }
    for (id, gained) in stage.keys.iter().filter(|(id, _)| !stage.rekeyed.contains(id)) {
        let gained: Vec<Bson> = gained.iter().map(|token| log::key(*token)).collect();
        let name = doc! { "provider": provider.as_str(), "id": log::uuid(id.0) };
        let update = doc! { "$addToSet": { "keys": { "$each": gained } } };
        to.statements.update_one(name, update).session(&mut *session).await?;
    }
    if !stage.voided.is_empty() {
        let ids: Vec<Bson> = stage.voided.iter().map(|id| log::uuid(id.0)).collect();
        let names = doc! { "provider": provider.as_str(), "id": { "$in": ids } };
        to.statements.update_many(names, doc! { "$set": { "voided": true } }).session(session).await?;
    }
    Ok(())
}

/// Writes a stored statement's other words, and what it is found by now.
async fn rewrite(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    stage: &Stage,
    id: StatementId,
) -> std::result::Result<(), Failure> {
    let Some(known) = stage.statement(id) else { return Ok(()) };
    let (name, keys) = (doc! { "provider": provider.as_str(), "id": log::uuid(id.0) }, stage.found_by(id, known));
    if let Some(bytes) = stage.redacted.get(&id) {
        let document = log::document(provider, id, known, &keys, bytes.to_vec());
        let document = document.map_err(|e| Failure::Lasting(StoreError::Failed(e.to_string())))?;
        to.statements.replace_one(name, document).session(session).await?;
    } else {
        let keys: Vec<Bson> = keys.iter().map(|token| log::key(*token)).collect();
        to.statements.update_one(name, doc! { "$set": { "keys": keys } }).session(session).await?;
    }
    Ok(())
}

async fn write_records(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    stage: &Stage,
) -> std::result::Result<(), Failure> {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut removed, mut added): (Vec<Bson>, Vec<Document>) = (Vec::new(), Vec::new());
    for (name, before, after) in stage.records() {
        if before == after {
            continue;
        }
        let entries = |row: Option<&view::Row>| row.map(|row| row.entries.clone()).unwrap_or_default();
        let (old, new) = (entries(before), entries(after));
        gone.extend(old.iter().filter(|entry| !new.contains(entry)).map(|entry| entry.id(provider, &name.key)));
        come.extend(new.iter().filter(|entry| !old.contains(entry)).map(|entry| {
            doc! { "_id": entry.id(provider, &name.key), "record": &name.key }
        }));
        if before.is_some() {
            removed.push(name.id(provider));
        }
        added.extend(after.map(|row| records::document(provider, name, row)));
    }
    if !gone.is_empty() {
        to.entries.delete_many(doc! { "_id": { "$in": gone } }).session(&mut *session).await?;
    }
    if !come.is_empty() {
        to.entries.insert_many(come).session(&mut *session).await?;
    }
    if !removed.is_empty() {
        to.records.delete_many(doc! { "_id": { "$in": removed } }).session(&mut *session).await?;
    }
    if !added.is_empty() {
        to.records.insert_many(added).session(&mut *session).await?;
    }
    Ok(())
}

async fn write_due(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    stage: &Stage,
) -> std::result::Result<(), Failure> {
    let done: Vec<Bson> = stage.done.iter().map(|(queue, key)| due::id(provider, queue, key)).collect();
    if !done.is_empty() {
        to.due.delete_many(doc! { "_id": { "$in": done } }).session(&mut *session).await?;
    }
    for ((queue, key), at) in &stage.due {
        let name = doc! { "_id": due::id(provider, queue, key) };
        to.due.update_one(name, due::fresh(queue, *at, to.tickets.next())).upsert(true).session(&mut *session).await?;
    }
    Ok(())
}
