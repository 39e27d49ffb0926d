//! The stored data that a group of commits depends on, read once inside its transaction.

use crate::mongodb::commits::head::End;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen::all_in;
use crate::mongodb::due;
use crate::mongodb::log;
use crate::mongodb::records;
use crate::{Commit, LONGEST_CHAIN, Provider, Result, Write};
use base::hash::Sha256;
use base::log::{StatementId, Token};
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Collection};
use std::collections::{BTreeSet, HashMap};

/// A stored statement, as far as later ones can depend on it.
#[derive(Debug, Clone)]
pub(in crate::mongodb) struct StatementFacts {
    pub(in crate::mongodb) seq: i64,
    /// Milliseconds since 1970.
    pub(in crate::mongodb) stored: i64,
    pub(in crate::mongodb) digest: Sha256,
    pub(in crate::mongodb) refers_to: Option<StatementId>,
    pub(in crate::mongodb) voiding: bool,
    pub(in crate::mongodb) voided: bool,
    /// Its own tokens, without those that it inherits because of `refers_to`.
    pub(in crate::mongodb) tokens: Vec<Token>,
}

/// A stored record, as far as later writes can depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mongodb) struct Row {
    pub(in crate::mongodb) version: i64,
    pub(in crate::mongodb) body: String,
    pub(in crate::mongodb) entries: Vec<records::Entry>,
}

/// The stored data.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct View {
    pub(in crate::mongodb) end: End,
    pub(in crate::mongodb) statements: HashMap<StatementId, StatementFacts>,
    /// The hashes of the bytes of those that are to be redacted.
    pub(in crate::mongodb) bodies: HashMap<StatementId, Sha256>,
    /// Which statements refer to each statement.
    pub(in crate::mongodb) referring: HashMap<StatementId, BTreeSet<StatementId>>,
    pub(in crate::mongodb) records: HashMap<records::Name, Row>,
    /// Which record has each key of a unique index.
    pub(in crate::mongodb) holders: HashMap<records::Entry, String>,
    /// The ticket of each due item that a commit completes.
    pub(in crate::mongodb) tickets: HashMap<(String, String), i64>,
}

impl View {
    /// Adds a statement.
    pub(in crate::mongodb) fn insert(&mut self, id: StatementId, known: StatementFacts) {
        if let Some(target) = known.refers_to {
            self.referring.entry(target).or_default().insert(id);
        }
        self.statements.insert(id, known);
    }
}

/// Reads what `commits` touch.
pub(in crate::mongodb) async fn read(
    from: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    end: End,
) -> Result<View> {
    let mut reading = Reading { from, session, provider, commits, view: View { end, ..View::default() } };
    reading.statements().await?;
    reading.bodies().await?;
    reading.rows().await?;
    reading.tickets().await?;
    Ok(reading.view)
}

/// A view while it is read. Every query is a round trip to the server while other commits wait, so queries are combined, and
/// nothing is read that no commit touches.
struct Reading<'a> {
    from: &'a Collections,
    session: &'a mut ClientSession,
    provider: &'a Provider,
    commits: &'a [&'a Commit],
    view: View,
}

impl Reading<'_> {
    /// The statements with the ids of the commits, and those that references connect them to in both directions, as far as
    /// chains are followed.
    async fn statements(&mut self) -> Result<()> {
        let coming = || self.commits.iter().flat_map(|commit| &commit.statements);
        let redacted = self.commits.iter().flat_map(|commit| &commit.redactions).map(|redaction| redaction.id);
        let ids: BTreeSet<StatementId> = coming().map(|statement| statement.id).chain(redacted).collect();
        let mut wanted = &ids | &coming().filter_map(|statement| statement.refers_to).collect();
        let mut targets = ids;
        let (mut asked_for, mut asked_about) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..=LONGEST_CHAIN {
            wanted.retain(|id| asked_for.insert(*id));
            targets.retain(|id| asked_about.insert(*id));
            let found = self.load(&wanted, &targets).await?;
            let refers_to = |id: &StatementId| self.view.statements.get(id)?.refers_to;
            wanted = found.iter().filter(|id| wanted.contains(id)).filter_map(refers_to).collect();
            targets =
                found.iter().copied().filter(|id| refers_to(id).is_some_and(|to| targets.contains(&to))).collect();
        }
        Ok(())
    }

    /// Loads the statements that are `wanted` and those that refer to `targets`, and returns their ids.
    async fn load(
        &mut self,
        wanted: &BTreeSet<StatementId>,
        targets: &BTreeSet<StatementId>,
    ) -> Result<BTreeSet<StatementId>> {
        let one_of = |field: &str, ids: &BTreeSet<StatementId>| {
            let ids: Vec<Bson> = ids.iter().map(|id| log::uuid(id.0)).collect();
            (!ids.is_empty()).then(|| doc! { "provider": self.provider.as_str(), field: { "$in": ids } })
        };
        let any: Vec<Document> = one_of("id", wanted).into_iter().chain(one_of("refers_to", targets)).collect();
        if any.is_empty() {
            return Ok(BTreeSet::new());
        }
        let projection = doc! { "_id": 0, "id": 1, "seq": 1, "stored": 1, "digest": 1, "refers_to": 1, "voiding": 1, "voided": 1, "tokens": 1 };
        let statements = self.from.statements.clone_with_type::<Document>();
        let mut found = BTreeSet::new();
        for row in all(statements.find(doc! { "$or": any }).projection(projection), self.session).await? {
            let (id, known) = log::known(&row)?;
            self.view.insert(id, known);
            found.insert(id);
        }
        Ok(found)
    }

    /// The current bytes of the statements that the commits redact.
    async fn bodies(&mut self) -> Result<()> {
        let redactions = self.commits.iter().flat_map(|commit| &commit.redactions);
        let ids: Vec<Bson> = redactions.map(|redaction| log::uuid(redaction.id.0)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let filter = doc! { "provider": self.provider.as_str(), "id": { "$in": ids } };
        let statements = self.from.statements.clone_with_type::<Document>();
        let bodies = statements.find(filter).projection(doc! { "_id": 0, "id": 1, "body": 1 });
        for row in all(bodies, self.session).await? {
            let (id, body) = log::body(&row)?;
            self.view.bodies.insert(id, Sha256::of(body));
        }
        Ok(())
    }

    /// The records that the commits write, and which records have the unique keys that the commits write.
    async fn rows(&mut self) -> Result<()> {
        let writes = || self.commits.iter().flat_map(|commit| &commit.writes);
        let names: Vec<Bson> = writes().map(|write| records::Name::of(write).id(self.provider)).collect();
        let wanted = writes().filter_map(Write::draft).flat_map(records::entries).filter(|entry| entry.unique);
        let wanted: Vec<Bson> = wanted.map(|entry| entry.id(self.provider, "")).collect();
        for row in named(&self.from.records, names, self.session).await? {
            let (name, row) = records::row(&row)?;
            self.view.records.insert(name, row);
        }
        for row in named(&self.from.entries, wanted, self.session).await? {
            let (entry, holder) = records::holder(&row)?;
            self.view.holders.insert(entry, holder);
        }
        Ok(())
    }

    /// The tickets of the due items that the commits complete.
    async fn tickets(&mut self) -> Result<()> {
        let claims = self.commits.iter().flat_map(|commit| &commit.done);
        let ids: Vec<Bson> = claims.map(|claim| due::id(self.provider, &claim.queue, &claim.key)).collect();
        for row in named(&self.from.due, ids, self.session).await? {
            let (queue, key, ticket) = due::ticket(&row)?;
            self.view.tickets.insert((queue, key), ticket);
        }
        Ok(())
    }
}

/// The documents of these `_id`s, as the transaction sees them.
async fn named(from: &Collection<Document>, ids: Vec<Bson>, session: &mut ClientSession) -> Result<Vec<Document>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    all(from.find(doc! { "_id": { "$in": ids } }), session).await
}

/// Everything that `find` finds, as the transaction sees it.
async fn all(find: Find<'_, Document>, session: &mut ClientSession) -> Result<Vec<Document>> {
    all_in(session, find).await.map_err(|e| serving(&e))
}
