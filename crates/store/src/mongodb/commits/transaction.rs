//! One transaction: what a group of commits reads and writes, from its turn in the line to the confirmation by the majority.

use crate::archive::{LogEntry, Pieces};
use crate::mongodb::commits::head::End;
use crate::mongodb::commits::stage::Stage;
use crate::mongodb::commits::updates::Updates;
use crate::mongodb::commits::view::{self, View};
use crate::mongodb::connection::fault::{passes, serving};
use crate::mongodb::connection::patience::{DEADLINE, give_up};
use crate::mongodb::connection::schema::{Collections, durable};
use crate::mongodb::due;
use crate::mongodb::log;
use crate::mongodb::records;
use crate::{Commit, CommitReceipt, Provider, Result, StoreError, Write, figures};
use base::log::StatementId;
use jiff::Timestamp;
use mongodb::ClientSession;
use mongodb::bson::{Bson, DateTime, doc};
use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, ReturnDocument};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

/// A step of a transaction, or the whole.
type Attempt<T> = std::result::Result<T, Failure>;

/// A turn at the head of the line.
struct Turn {
    number: i64,
    /// The end of the log according to the head.
    end: End,
}

/// Why a transaction did not happen.
pub(in crate::mongodb) enum Failure {
    /// Another process was first, or there is no primary at the moment: try again.
    Transient,
    Permanent(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.contains_label(TRANSIENT_TRANSACTION_ERROR) || passes(&error) || is_duplicate(&error) {
            return Self::Transient;
        }
        Self::Permanent(serving(&error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let passes = matches!(error, StoreError::Unavailable);
        if passes { Self::Transient } else { Self::Permanent(error) }
    }
}

/// A duplicate key can only be the first write of a head by two processes at once: everything else was read before it was
/// written.
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

/// The outcome of a transaction that was committed.
pub(in crate::mongodb) struct Outcome {
    /// One for each commit.
    pub(in crate::mongodb) results: Vec<Result<CommitReceipt>>,
    /// The number of turns in the provider's line so far.
    pub(in crate::mongodb) turn: i64,
}

/// Does all of `commits` in one transaction: each is done whole or refused whole, and those that are done become durable
/// together.
///
/// A transaction to which a server does not respond is given up at the deadline of its callers; later ones use another
/// connection. Whether it happened is seen by a sender who sends the same again.
pub(in crate::mongodb) async fn transact(
    to: &Collections,
    provider: &Provider,
    commits: &[&Commit],
    now: Timestamp,
) -> Attempt<Outcome> {
    let done = in_time(to, one(to, provider, commits, now)).await;
    if matches!(done, Err(Failure::Transient)) {
        figures::repeated();
    }
    done
}

/// The result of `work`, unless a server does not respond before the deadline.
async fn in_time<T>(to: &Collections, work: impl Future<Output = Attempt<T>>) -> Attempt<T> {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| {
        give_up(to);
        Err(Failure::Permanent(StoreError::Unavailable))
    })
}

async fn one(to: &Collections, provider: &Provider, commits: &[&Commit], now: Timestamp) -> Attempt<Outcome> {
    let mut transaction = Transaction::begin(to, provider).await?;
    let done = transaction.all_of(commits, now).await;
    transaction.end(done).await
}

/// Restores pieces of another store.
pub(in crate::mongodb) async fn take_in(to: &Collections, provider: &Provider, pieces: &Pieces) -> Attempt<()> {
    let taking = async {
        let mut transaction = Transaction::begin(to, provider).await?;
        let done = transaction.pieces(pieces).await;
        transaction.end(done).await
    };
    in_time(to, taking).await
}

/// A transaction in progress.
struct Transaction<'a> {
    to: &'a Collections,
    provider: &'a Provider,
    session: ClientSession,
}

impl<'a> Transaction<'a> {
    async fn begin(to: &'a Collections, provider: &'a Provider) -> Attempt<Self> {
        let mut session = to.client.start_session().await?;
        session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(durable()).await?;
        Ok(Self { to, provider, session })
    }

    /// Commits the transaction if its work is `done`, and aborts it otherwise.
    async fn end<T>(mut self, done: Attempt<T>) -> Attempt<T> {
        if done.is_err() {
            // The server ends an abandoned transaction by itself; an abort releases its locks immediately.
            let _ = self.session.abort_transaction().await;
            return done;
        }
        self.commit().await?;
        self.to.seen.note(&self.session);
        done
    }

    /// Commits, and tries again while the server cannot say whether it has committed, until [`in_time`] ends it.
    async fn commit(&mut self) -> Attempt<()> {
        loop {
            match self.session.commit_transaction().await {
                Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                done => return Ok(done?),
            }
        }
    }

    async fn all_of(&mut self, commits: &[&Commit], now: Timestamp) -> Attempt<Outcome> {
        let coming = commits.iter().map(|commit| commit.statements.len()).sum();
        let Turn { number: turn, end } = self.take_turn(coming, now).await?;
        let mut stage = Stage::new(self.view(commits, end.without(coming)).await?);
        let results = commits.iter().map(|commit| stage.accept(commit, now)).collect();
        self.write(&mut stage, end).await?;
        Ok(Outcome { results, turn })
    }

    async fn pieces(&mut self, pieces: &Pieces) -> Attempt<()> {
        let Turn { end, .. } = self.take_turn(0, Timestamp::UNIX_EPOCH).await?;
        let touched = Commit {
            statements: pieces.statements.iter().cloned().map(LogEntry::new_statement).collect(),
            writes: pieces.records.iter().map(|(draft, _)| Write::Insert(draft.clone())).collect(),
            ..Commit::default()
        };
        let mut stage = Stage::new(self.view(&[&touched], end).await?);
        for entry in &pieces.statements {
            stage.accept_again(entry)?;
        }
        for (draft, version) in &pieces.records {
            stage.put(draft, *version)?;
        }
        self.write(&mut stage, end).await?;
        let items = pieces.due.iter().map(|item| (item.queue.as_str(), item.key.as_str(), item.at));
        self.write_due_items(items).await
    }

    /// Writes the provider's head, by which commits of all processes form one line.
    ///
    /// It counts all `coming` statements in advance, as if each were new and accepted, since nearly always they are, and is
    /// corrected when everything is known. This saves a round trip for which the line would wait.
    async fn take_turn(&mut self, coming: usize, now: Timestamp) -> Attempt<Turn> {
        let name = doc! { "_id": self.provider.as_str() };
        let head = self.to.heads.find_one_and_update(name, vec![End::moved(coming, now)]).upsert(true);
        let head = head.return_document(ReturnDocument::After).session(&mut self.session).await?.unwrap_or_default();
        let number = head.get_i64("turn").map_err(|_| records::unreadable("head"))?;
        Ok(Turn { number, end: End::read(&head)? })
    }

    async fn view(&mut self, commits: &[&Commit], end: End) -> Result<View> {
        view::read(self.to, &mut self.session, self.provider, commits, end).await
    }

    /// Writes everything that the stage changes; the head contains `written` so far.
    async fn write(&mut self, stage: &mut Stage, written: End) -> Attempt<()> {
        self.write_statements(stage).await?;
        self.write_records(stage).await?;
        self.write_due(stage).await?;
        if stage.end() != written {
            let End { seq, stored, .. } = stage.end();
            let moved = doc! { "$set": { "seq": seq, "stored": DateTime::from_millis(stored) } };
            let name = doc! { "_id": self.provider.as_str() };
            self.to.heads.update_one(name, moved).session(&mut self.session).await?;
        }
        Ok(())
    }

    async fn write_statements(&mut self, stage: &mut Stage) -> Attempt<()> {
        let (mut documents, mut fresh) = (Vec::new(), BTreeSet::new());
        for addition in std::mem::take(&mut stage.appended) {
            let gained = stage.keys.remove(&addition.id).unwrap_or_default();
            let Some(known) = stage.statement(addition.id) else { continue };
            let anew = stage.rekeyed.contains(&addition.id);
            let keys = if anew { stage.found_by(addition.id, known) } else { gained };
            fresh.insert(addition.id);
            let document = log::document(self.provider, addition.id, known, &keys, addition.bytes);
            documents.push(document.map_err(|e| Failure::Permanent(StoreError::Failed(e.to_string())))?);
        }
        if !documents.is_empty() {
            self.to.statements.insert_many(documents).session(&mut self.session).await?;
        }
        for id in stage.rekeyed.difference(&fresh) {
            self.rewrite(stage, *id).await?;
        }
        let mut gains = Updates::default();
        for (id, gained) in stage.keys.iter().filter(|(id, _)| !stage.rekeyed.contains(id)) {
            let gained: Vec<Bson> = gained.iter().map(|token| log::key(*token)).collect();
            let name = doc! { "provider": self.provider.as_str(), "id": log::uuid(id.0) };
            let weight = 256 + 32 * gained.len();
            gains.change(name, doc! { "$addToSet": { "keys": { "$each": gained } } }, weight);
        }
        gains.send(&self.to.database, self.to.statements.name(), &mut self.session).await?;
        if !stage.voided.is_empty() {
            let ids: Vec<Bson> = stage.voided.iter().map(|id| log::uuid(id.0)).collect();
            let names = doc! { "provider": self.provider.as_str(), "id": { "$in": ids } };
            self.to
                .statements
                .update_many(names, doc! { "$set": { "voided": true } })
                .session(&mut self.session)
                .await?;
        }
        Ok(())
    }

    /// Writes the new bytes of a stored statement, if it has any, and its new keys.
    async fn rewrite(&mut self, stage: &Stage, id: StatementId) -> Attempt<()> {
        let Some(known) = stage.statement(id) else { return Ok(()) };
        let (name, keys) =
            (doc! { "provider": self.provider.as_str(), "id": log::uuid(id.0) }, stage.found_by(id, known));
        if let Some(bytes) = stage.redacted.get(&id) {
            let document = log::document(self.provider, id, known, &keys, bytes.to_vec());
            let document = document.map_err(|e| Failure::Permanent(StoreError::Failed(e.to_string())))?;
            self.to.statements.replace_one(name, document).session(&mut self.session).await?;
        } else {
            let keys: Vec<Bson> = keys.iter().map(|token| log::key(*token)).collect();
            self.to.statements.update_one(name, doc! { "$set": { "keys": keys } }).session(&mut self.session).await?;
        }
        Ok(())
    }

    async fn write_records(&mut self, stage: &Stage) -> Attempt<()> {
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let (mut removed, mut rows): (Vec<Bson>, Updates) = (Vec::new(), Updates::default());
        for (name, before, after) in stage.records() {
            if before == after {
                continue;
            }
            let entries = |row: Option<&view::Row>| row.map(|row| row.entries.clone()).unwrap_or_default();
            let (old, new) = (entries(before), entries(after));
            gone.extend(
                old.iter().filter(|entry| !new.contains(entry)).map(|entry| entry.id(self.provider, &name.key)),
            );
            come.extend(new.iter().filter(|entry| !old.contains(entry)).map(|entry| {
                doc! { "_id": entry.id(self.provider, &name.key), "record": &name.key }
            }));
            let id = name.id(self.provider);
            match after {
                Some(row) => {
                    let weight = 256 + row.body.len() + 128 * row.entries.len();
                    rows.put(doc! { "_id": id }, records::document(self.provider, name, row), weight);
                }
                None => removed.push(id),
            }
        }
        if !gone.is_empty() {
            self.to.entries.delete_many(doc! { "_id": { "$in": gone } }).session(&mut self.session).await?;
        }
        if !come.is_empty() {
            self.to.entries.insert_many(come).session(&mut self.session).await?;
        }
        if !removed.is_empty() {
            self.to.records.delete_many(doc! { "_id": { "$in": removed } }).session(&mut self.session).await?;
        }
        rows.send(&self.to.database, self.to.records.name(), &mut self.session).await?;
        Ok(())
    }

    async fn write_due(&mut self, stage: &Stage) -> Attempt<()> {
        let done: Vec<Bson> = stage.done.iter().map(|(queue, key)| due::id(self.provider, queue, key)).collect();
        if !done.is_empty() {
            self.to.due.delete_many(doc! { "_id": { "$in": done } }).session(&mut self.session).await?;
        }
        let items = stage.due.iter().map(|((queue, key), at)| (*queue, key.as_str(), *at));
        self.write_due_items(items).await
    }

    async fn write_due_items(&mut self, items: impl Iterator<Item = (&str, &str, Timestamp)>) -> Attempt<()> {
        let mut fresh = Updates::default();
        for (queue, key, at) in items {
            let name = doc! { "_id": due::id(self.provider, queue, key) };
            fresh.put(name, due::fresh(queue, at, self.to.tickets.next()), 512 + 2 * key.len());
        }
        fresh.send(&self.to.database, self.to.due.name(), &mut self.session).await?;
        Ok(())
    }
}
