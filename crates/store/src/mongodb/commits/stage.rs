//! Decides, without I/O, what each commit of a group does: a commit is checked against what is stored and what its
//! predecessors change, and is accepted whole or refused whole.

use crate::archive::LogEntry;
use crate::mongodb::commits::head::End;
use crate::mongodb::commits::view::{Row, StatementFacts, View};
use crate::mongodb::records::{Entry, Name, entries};
use crate::{
    AppendReceipt, Commit, CommitReceipt, Draft, DueItem, LONGEST_CHAIN, Redaction, Result, Seq, StoreError, Write,
};
use base::hash::Sha256;
use base::log::{NewStatement, StatementId, Token};
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a group of commits changes, on top of a [`View`].
#[derive(Debug)]
pub(in crate::mongodb) struct Stage {
    view: View,
    /// The former state of every record that changed.
    before: HashMap<Name, Option<Row>>,
    pub(in crate::mongodb) appended: Vec<Addition>,
    /// The keys of new statements, and those that stored ones receive because a statement that they refer to arrived.
    pub(in crate::mongodb) keys: BTreeMap<StatementId, BTreeSet<Token>>,
    /// Stored statements that have new bytes.
    pub(in crate::mongodb) redacted: BTreeMap<StatementId, Bytes>,
    /// Statements whose keys must be computed again: the redacted ones, and those that refer to them.
    pub(in crate::mongodb) rekeyed: BTreeSet<StatementId>,
    /// Stored statements that are voided now.
    pub(in crate::mongodb) voided: BTreeSet<StatementId>,
    pub(in crate::mongodb) due: BTreeMap<(&'static str, String), Timestamp>,
    pub(in crate::mongodb) done: BTreeSet<(String, String)>,
}

/// A statement that is appended to the log.
#[derive(Debug)]
pub(in crate::mongodb) struct Addition {
    pub(in crate::mongodb) id: StatementId,
    pub(in crate::mongodb) bytes: Vec<u8>,
}

/// The part of a stage that one commit adds; merged only when the whole commit is accepted.
#[derive(Debug, Default)]
struct Step {
    statements: HashMap<StatementId, StatementFacts>,
    appended: Vec<Addition>,
    referring: HashMap<StatementId, BTreeSet<StatementId>>,
    keys: BTreeMap<StatementId, BTreeSet<Token>>,
    redacted: BTreeMap<StatementId, Bytes>,
    rekeyed: BTreeSet<StatementId>,
    records: HashMap<Name, Option<Row>>,
    holders: HashMap<Entry, Option<String>>,
}

impl Stage {
    /// Begins on top of what is stored.
    pub(in crate::mongodb) fn new(view: View) -> Self {
        Self {
            view,
            before: HashMap::new(),
            appended: Vec::new(),
            keys: BTreeMap::new(),
            redacted: BTreeMap::new(),
            rekeyed: BTreeSet::new(),
            voided: BTreeSet::new(),
            due: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    /// The end of the log now.
    pub(in crate::mongodb) fn end(&self) -> End {
        self.view.end
    }

    /// A statement that was stored before or is appended now.
    pub(in crate::mongodb) fn statement(&self, id: StatementId) -> Option<&StatementFacts> {
        self.view.statements.get(&id)
    }

    /// Every record that changed: its former and its current state.
    pub(in crate::mongodb) fn records(&self) -> impl Iterator<Item = (&Name, Option<&Row>, Option<&Row>)> {
        self.before.iter().map(|(name, before)| (name, before.as_ref(), self.view.records.get(name)))
    }

    /// Accepts all of `commit`, at `now`, or refuses it and changes nothing.
    pub(in crate::mongodb) fn accept(&mut self, commit: &Commit, now: Timestamp) -> Result<CommitReceipt> {
        let mut step = Step::default();
        let mut end = self.view.end;
        for claim in &commit.done {
            self.check_claim(&claim.queue, &claim.key, claim.ticket)?;
        }
        for write in &commit.writes {
            self.write(&mut step, write)?;
        }
        for redaction in &commit.redactions {
            self.redact(&mut step, redaction)?;
        }
        let mut appended = Vec::with_capacity(commit.statements.len());
        for statement in &commit.statements {
            appended.push(self.append(&mut step, statement, now, &mut end)?);
        }
        self.merge(step, end);
        self.update_due(commit);
        Ok(CommitReceipt { statements: appended })
    }

    /// Accepts a statement of another store, at the same position.
    pub(in crate::mongodb) fn accept_again(&mut self, entry: &LogEntry) -> Result<()> {
        let commit = Commit { statements: vec![entry.clone().new_statement()], ..Commit::default() };
        // A promise about the empty log does not apply to statements that were stored elsewhere before.
        self.view.end.promised = self.view.end.promised.min(entry.stored.as_millisecond() - 1);
        let appended = self.accept(&commit, entry.stored)?.statements.into_iter().next();
        if appended.is_some_and(|appended| appended.seq == entry.seq && appended.stored == entry.stored) {
            return Ok(());
        }
        let (id, number) = (entry.id, entry.seq.0);
        let sentence = format!(
            "statement {id} was number {number} and would not be here; restore a log only into a \
             store that has no other statements"
        );
        Err(StoreError::Failed(sentence))
    }

    /// Stores a record of another store at the version that it has there, replacing the one of the same name.
    pub(in crate::mongodb) fn put(&mut self, draft: &Draft, version: u64) -> Result<()> {
        let name = Name { kind: draft.kind.name.to_owned(), key: draft.key.clone() };
        let there = self.view.records.get(&name).map(|row| row.version.unsigned_abs());
        let write = match there {
            Some(version) => Write::Replace { version, draft: draft.clone() },
            None => Write::Insert(draft.clone()),
        };
        self.accept(&Commit { writes: vec![write], ..Commit::default() }, Timestamp::UNIX_EPOCH)?;
        if let Some(row) = self.view.records.get_mut(&name) {
            row.version = i64::try_from(version).unwrap_or(i64::MAX);
        }
        Ok(())
    }

    fn check_claim(&self, queue: &str, key: &str, ticket: u64) -> Result<()> {
        let name = (queue.to_owned(), key.to_owned());
        let held = self.view.tickets.get(&name).is_some_and(|held| u64::try_from(*held) == Ok(ticket));
        if held && !self.done.contains(&name) && !self.is_written_again(queue, key) {
            return Ok(());
        }
        Err(StoreError::Lapsed { queue: name.0, key: name.1 })
    }

    /// Whether an earlier commit of the group has written the item again, which makes a claim on the old one void.
    fn is_written_again(&self, queue: &str, key: &str) -> bool {
        self.due.keys().any(|(q, k)| *q == queue && k == key)
    }

    fn append(
        &self,
        step: &mut Step,
        statement: &NewStatement,
        now: Timestamp,
        end: &mut End,
    ) -> Result<AppendReceipt> {
        if let Some(there) = self.known(step, statement.id) {
            if there.digest != statement.digest {
                return Err(StoreError::Differs(statement.id));
            }
            return Ok(AppendReceipt { seq: seq(there.seq), stored: instant(there.stored)?, new: false });
        }
        *end = end.next(now);
        let stored = instant(end.stored)?;
        let referrers = self.referrers(step, statement.id);
        let voids = |id: &StatementId| {
            self.known(step, *id).is_some_and(|known| {
                known.voiding
                    && known.refers_to == Some(statement.id)
                    && statement.voidable_by.is_none_or(|by| known.tokens.contains(&by))
            })
        };
        let voided = !statement.voiding && referrers.iter().any(|(_, id)| voids(id));
        let inherited = self.inherited(step, statement.id, statement.refers_to);
        for (links, id) in std::iter::once((0, statement.id)).chain(referrers) {
            let targets = std::iter::once(statement.tokens.as_slice()).chain(inherited.iter().map(Vec::as_slice));
            step.keys.entry(id).or_default().extend(targets.take(LONGEST_CHAIN + 1 - links).flatten());
        }
        if let Some(id) = statement.refers_to.filter(|_| statement.voiding)
            && let Some(mut target) = self.known(step, id).filter(|target| !target.voiding).cloned()
        {
            target.voided = true;
            step.statements.insert(id, target);
        }
        let known = StatementFacts {
            seq: end.seq,
            stored: end.stored,
            digest: statement.digest,
            refers_to: statement.refers_to,
            voiding: statement.voiding,
            voided,
            tokens: statement.tokens.clone(),
        };
        if let Some(target) = statement.refers_to {
            step.referring.entry(target).or_default().insert(statement.id);
        }
        step.statements.insert(statement.id, known);
        step.appended.push(Addition { id: statement.id, bytes: statement.bytes.stamp(stored) });
        Ok(AppendReceipt { seq: seq(end.seq), stored, new: true })
    }

    fn redact(&self, step: &mut Step, redaction: &Redaction) -> Result<()> {
        let id = redaction.id;
        let stale = || StoreError::Stale { kind: "statement", key: id.to_string() };
        let now = step.redacted.get(&id).or_else(|| self.redacted.get(&id)).map(Sha256::of);
        if now.or_else(|| self.view.bodies.get(&id).copied()) != Some(redaction.expected) {
            return Err(stale());
        }
        let mut known = self.known(step, id).cloned().ok_or_else(stale)?;
        known.digest = redaction.digest;
        known.tokens.clone_from(&redaction.tokens);
        step.statements.insert(id, known);
        step.redacted.insert(id, redaction.bytes.clone());
        let referrers = self.referrers(step, id).into_iter().map(|(_, id)| id);
        step.rekeyed.extend(std::iter::once(id).chain(referrers));
        Ok(())
    }

    /// Every token by which a statement is found after the whole group.
    pub(in crate::mongodb) fn found_by(&self, id: StatementId, known: &StatementFacts) -> BTreeSet<Token> {
        let inherited = self.inherited(&Step::default(), id, known.refers_to).into_iter().flatten();
        known.tokens.iter().copied().chain(inherited).collect()
    }

    fn known<'a>(&'a self, step: &'a Step, id: StatementId) -> Option<&'a StatementFacts> {
        step.statements.get(&id).or_else(|| self.view.statements.get(&id))
    }

    /// The tokens along the chain of references that begins at the statement `id`, which refers to `target`, one list per
    /// link, nearest first.
    fn inherited(&self, step: &Step, id: StatementId, target: Option<StatementId>) -> Vec<Vec<Token>> {
        let (mut found, mut visited) = (Vec::new(), HashSet::from([id]));
        let mut next = target;
        while let Some(id) = next.filter(|id| found.len() < LONGEST_CHAIN && visited.insert(*id))
            && let Some(known) = self.known(step, id)
        {
            found.push(known.tokens.clone());
            next = known.refers_to;
        }
        found
    }

    /// The statements from which references lead to `id`, and by how many links.
    fn referrers(&self, step: &Step, id: StatementId) -> Vec<(usize, StatementId)> {
        let (mut found, mut visited, mut targets) = (Vec::new(), HashSet::from([id]), HashSet::from([id]));
        for links in 1..=LONGEST_CHAIN {
            let direct =
                |target| self.view.referring.get(target).into_iter().chain(step.referring.get(target)).flatten();
            targets = targets.iter().flat_map(direct).copied().filter(|id| visited.insert(*id)).collect();
            if targets.is_empty() {
                break;
            }
            found.extend(targets.iter().map(|id| (links, *id)));
        }
        found
    }

    fn write(&self, step: &mut Step, write: &Write) -> Result<()> {
        let name = Name::of(write);
        let there = step.records.get(&name).cloned().unwrap_or_else(|| self.view.records.get(&name).cloned());
        let stale = || StoreError::Stale { kind: kind_of(write), key: name.key.clone() };
        let expected = match write {
            Write::Insert(_) => None,
            Write::Replace { version, .. } | Write::Delete { version, .. } => Some(*version),
        };
        let found = there.as_ref().map(|row| u64::try_from(row.version).unwrap_or_default());
        if found != expected {
            return Err(stale());
        }
        for entry in there.iter().flat_map(|row| &row.entries).filter(|entry| entry.unique) {
            step.holders.insert(entry.clone(), None);
        }
        let row = match write {
            Write::Delete { .. } => None,
            Write::Insert(draft) | Write::Replace { draft, .. } => {
                let body = String::from_utf8(draft.body.clone())
                    .map_err(|_| StoreError::Failed(format!("a {} is not JSON", draft.kind.name)))?;
                let version = there.map_or(1, |row| row.version + 1);
                let entries = entries(draft);
                for entry in entries.iter().filter(|entry| entry.unique) {
                    self.hold(step, entry, write, &name)?;
                }
                Some(Row { version, body, entries })
            }
        };
        step.records.insert(name, row);
        Ok(())
    }

    /// Reserves a key of a unique index for the record `name`.
    fn hold(&self, step: &mut Step, entry: &Entry, write: &Write, name: &Name) -> Result<()> {
        let holder = step.holders.get(entry).cloned().unwrap_or_else(|| self.view.holders.get(entry).cloned());
        if holder.is_some_and(|holder| holder != name.key) {
            return Err(taken(write, &entry.index));
        }
        step.holders.insert(entry.clone(), Some(name.key.clone()));
        Ok(())
    }

    fn merge(&mut self, step: Step, end: End) {
        for (id, known) in step.statements {
            if known.voided && self.view.statements.get(&id).is_some_and(|before| !before.voided) {
                self.voided.insert(id);
            }
            self.view.insert(id, known);
        }
        for (id, keys) in step.keys {
            self.keys.entry(id).or_default().extend(keys);
        }
        self.redacted.extend(step.redacted);
        self.rekeyed.extend(step.rekeyed);
        self.appended.extend(step.appended);
        for (name, row) in step.records {
            let before = match row {
                Some(row) => self.view.records.insert(name.clone(), row),
                None => self.view.records.remove(&name),
            };
            self.before.entry(name).or_insert(before);
        }
        for (entry, holder) in step.holders {
            match holder {
                Some(holder) => self.view.holders.insert(entry, holder),
                None => self.view.holders.remove(&entry),
            };
        }
        self.view.end = end;
    }

    fn update_due(&mut self, commit: &Commit) {
        for claim in &commit.done {
            self.done.insert((claim.queue.clone(), claim.key.clone()));
        }
        for DueItem { queue, key, at } in &commit.due {
            self.due.insert((queue, key.clone()), *at);
        }
    }
}

fn seq(number: i64) -> Seq {
    Seq(number.unsigned_abs())
}

fn instant(milliseconds: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| StoreError::Failed("a statement was stored at an impossible time".to_owned()))
}

fn kind_of(write: &Write) -> &'static str {
    match write {
        Write::Insert(draft) | Write::Replace { draft, .. } => draft.kind.name,
        Write::Delete { kind, .. } => kind.name,
    }
}

fn taken(write: &Write, index: &str) -> StoreError {
    let declared = write.draft().map_or(&[][..], |draft| draft.kind.indexes);
    let index = declared.iter().map(|index| index.name).find(|name| *name == index).unwrap_or_default();
    StoreError::Taken { kind: kind_of(write), index }
}
