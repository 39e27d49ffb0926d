//! What one request does inside the transaction that it shares with others.

use crate::archive::LogEntry;
use crate::embedded::commits::lock::AppendRight;
use crate::embedded::commits::redact;
use crate::embedded::commits::watermark::Watermark;
use crate::embedded::due;
use crate::embedded::fault::Fault;
use crate::embedded::log::{self, LogPosition};
use crate::embedded::records;
use crate::embedded::tokens;
use crate::{AppendReceipt, Claim, ClaimRequest, Commit, CommitReceipt, Provider};
use base::log::Token;
use rusqlite::Connection;

/// Work for the writer, and its result.
pub(in crate::embedded) trait Work: Send {
    type Output: Send;
    /// Whether it changes the tokens of stored statements.
    fn redacts(&self) -> bool {
        false
    }
    fn apply(&self, group: &mut Group<'_>) -> Result<Self::Output, Fault>;
}

/// The transaction that a group of requests shares.
pub(in crate::embedded) struct Group<'w> {
    db: &'w Connection,
    right: &'w AppendRight,
    watermark: &'w Watermark,
    /// When its statements are stored; chosen at the first statement.
    instant: Option<i64>,
    /// The index entries of its statements; written at the end, all in one pass.
    index: Vec<(Token, LogPosition)>,
}

impl<'w> Group<'w> {
    /// Begins the transaction.
    pub(in crate::embedded) fn begin(
        db: &'w Connection,
        right: &'w AppendRight,
        watermark: &'w Watermark,
    ) -> rusqlite::Result<Self> {
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self { db, right, watermark, instant: None, index: Vec::new() })
    }

    /// Does all of `work`, or none of it: a refusal does not affect the rest of the group.
    pub(in crate::embedded) fn alone<W: Work>(&mut self, work: &W) -> Result<W::Output, Fault> {
        if work.redacts() {
            // It removes entries from the index, so those of its predecessors must be in it.
            tokens::add(self.db, std::mem::take(&mut self.index))?;
        }
        let indexed = self.index.len();
        self.db.prepare_cached("SAVEPOINT request")?.execute([])?;
        let reply = work.apply(self);
        if let Err(Fault::Refused(_)) = reply {
            self.db.prepare_cached("ROLLBACK TO request")?.execute([])?;
            self.index.truncate(indexed);
        }
        if !matches!(reply, Err(Fault::Engine(_))) {
            self.db.prepare_cached("RELEASE request")?.execute([])?;
        }
        reply
    }

    /// Makes everything durable and visible.
    pub(in crate::embedded) fn commit(self) -> rusqlite::Result<()> {
        tokens::add(self.db, self.index)?;
        self.db.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// The instant of this group's statements, once this process has the right to append.
    fn instant(&mut self) -> Result<i64, Fault> {
        if let Some(instant) = self.instant {
            return Ok(instant);
        }
        self.right.take()?;
        Ok(*self.instant.insert(self.watermark.begin()))
    }

    /// The connection, inside the transaction.
    pub(in crate::embedded) fn db(&self) -> &'w Connection {
        self.db
    }

    /// Appends a statement of another store, at the instant at which that store stored it.
    pub(in crate::embedded) fn append_again(
        &mut self,
        provider: log::ProviderId,
        entry: &LogEntry,
    ) -> Result<AppendReceipt, Fault> {
        self.right.take()?;
        let statement = entry.clone().new_statement();
        log::append(self.db, provider, &statement, entry.stored.as_millisecond(), &mut self.index)
    }

    fn append(&mut self, provider: log::ProviderId, commit: &Commit) -> Result<Vec<AppendReceipt>, Fault> {
        if commit.statements.is_empty() {
            return Ok(Vec::new());
        }
        let instant = self.instant()?;
        let statements = commit.statements.iter();
        statements.map(|statement| log::append(self.db, provider, statement, instant, &mut self.index)).collect()
    }
}

impl Work for (Provider, Commit) {
    type Output = CommitReceipt;

    fn redacts(&self) -> bool {
        !self.1.redactions.is_empty()
    }

    fn apply(&self, group: &mut Group<'_>) -> Result<CommitReceipt, Fault> {
        let (provider, commit) = self;
        let provider = log::provider_or_new(group.db, provider)?;
        for redaction in &commit.redactions {
            redact::redact(group.db, provider, redaction)?;
        }
        let statements = group.append(provider, commit)?;
        for write in &commit.writes {
            records::write(group.db, provider, write)?;
        }
        for claim in &commit.done {
            due::done(group.db, provider, claim)?;
        }
        for item in &commit.due {
            due::add(group.db, provider, item)?;
        }
        Ok(CommitReceipt { statements })
    }
}

impl Work for ClaimRequest {
    type Output = Vec<Claim>;

    fn apply(&self, group: &mut Group<'_>) -> Result<Vec<Claim>, Fault> {
        due::claim(group.db, self)
    }
}
