//! What a group of commits needs to know of what is stored, read once inside its transaction.

use super::fault::serving;
use super::head::End;
use super::schema::Collections;
use super::{log, records};
use crate::hash::Sha256;
use crate::store::{Commit, LONGEST_CHAIN, Provider, Result, Write};
use crate::xapi::{StatementId, Token};
use futures_util::TryStreamExt as _;
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Collection};
use std::collections::{BTreeSet, HashMap};

/// A stored statement, as far as later ones can depend on it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) seq: i64,
    /// Milliseconds since 1970.
    pub(super) stored: i64,
    pub(super) digest: Sha256,
    pub(super) refers_to: Option<StatementId>,
    pub(super) voiding: bool,
    pub(super) voided: bool,
    /// Its own tokens, without those that it is found by because of `refers_to`.
    pub(super) tokens: Vec<Token>,
}

/// A stored record, as far as later writes can depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) version: i64,
    pub(super) body: String,
    pub(super) entries: Vec<records::Entry>,
}

/// What is stored.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) end: End,
    pub(super) statements: HashMap<StatementId, Known>,
    /// Of the bytes of those that are to be redacted.
    pub(super) bodies: HashMap<StatementId, Sha256>,
    /// Which of them refer to a statement.
    pub(super) referring: HashMap<StatementId, BTreeSet<StatementId>>,
    pub(super) records: HashMap<records::Name, Row>,
    /// Which record holds a key of a unique index.
    pub(super) holders: HashMap<records::Entry, String>,
    /// The ticket of each due item that a commit wants to be done with.
    pub(super) tickets: HashMap<(String, String), i64>,
}

impl View {
    /// Takes note of a statement.
    pub(super) fn learn(&mut self, id: StatementId, known: Known) {
        if let Some(target) = known.refers_to {
            self.referring.entry(target).or_default().insert(id);
        }
        self.statements.insert(id, known);
    }
}

/// Reads what `commits` touch.
pub(super) async fn read(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    end: End,
) -> Result<View> {
    let mut view = View { end, ..View::default() };
    statements(to, session, provider, commits, &mut view).await?;
    bodies(to, session, provider, commits, &mut view).await?;
    rows(to, session, provider, commits, &mut view).await?;
    tickets(to, session, provider, commits, &mut view).await?;
    Ok(view)
}

/// Statements with the ids of the commits, and what references lead to from them and to them, as far as chains are followed.
async fn statements(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    view: &mut View,
) -> Result<()> {
    let coming = || commits.iter().flat_map(|commit| &commit.statements);
    let redacted = commits.iter().flat_map(|commit| &commit.redactions).map(|redaction| redaction.id);
    let ids: BTreeSet<StatementId> = coming().map(|statement| statement.id).chain(redacted).collect();
    let mut targets: BTreeSet<StatementId> = &ids | &coming().filter_map(|statement| statement.refers_to).collect();
    let mut followed = BTreeSet::new();
    for _ in 0..=LONGEST_CHAIN {
        targets.retain(|id| followed.insert(*id));
        let found = load(to, session, provider, "id", &targets, view).await?;
        targets = found.iter().filter_map(|id| view.statements.get(id)?.refers_to).collect();
    }
    let (mut targets, mut followed) = (ids, BTreeSet::new());
    for _ in 0..LONGEST_CHAIN {
        targets.retain(|id| followed.insert(*id));
        targets = load(to, session, provider, "refers_to", &targets, view).await?;
    }
    Ok(())
}

/// Loads the statements whose `field` is one of `ids`, and answers their ids.
async fn load(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    field: &str,
    ids: &BTreeSet<StatementId>,
    view: &mut View,
) -> Result<BTreeSet<StatementId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<Bson> = ids.iter().map(|id| log::uuid(id.0)).collect();
    let filter = doc! { "provider": provider.as_str(), field: { "$in": ids } };
    let projection = doc! { "_id": 0, "id": 1, "seq": 1, "stored": 1, "digest": 1, "refers_to": 1, "voiding": 1, "voided": 1, "tokens": 1 };
    let statements = to.statements.clone_with_type::<Document>();
    let mut found = BTreeSet::new();
    for row in all(statements.find(filter).projection(projection), session).await? {
        let (id, known) = log::known(&row)?;
        view.learn(id, known);
        found.insert(id);
    }
    Ok(found)
}

/// What the statements that the commits redact are now.
async fn bodies(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    view: &mut View,
) -> Result<()> {
    let redactions = commits.iter().flat_map(|commit| &commit.redactions);
    let ids: Vec<Bson> = redactions.map(|redaction| log::uuid(redaction.id.0)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let filter = doc! { "provider": provider.as_str(), "id": { "$in": ids } };
    let statements = to.statements.clone_with_type::<Document>();
    for row in all(statements.find(filter).projection(doc! { "_id": 0, "id": 1, "body": 1 }), session).await? {
        let (id, body) = log::body(&row)?;
        view.bodies.insert(id, Sha256::of(body));
    }
    Ok(())
}

/// Records that the commits write, and who holds the unique keys that they want.
async fn rows(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    view: &mut View,
) -> Result<()> {
    let writes = || commits.iter().flat_map(|commit| &commit.writes);
    let names: Vec<Bson> = writes().map(|write| records::Name::of(write).id(provider)).collect();
    for row in named(&to.records, names, session).await? {
        let (name, row) = records::row(&row)?;
        view.records.insert(name, row);
    }
    let drafts = writes().filter_map(|write| match write {
        Write::Insert(draft) | Write::Replace { draft, .. } => Some(draft),
        Write::Delete { .. } => None,
    });
    let wanted = drafts.flat_map(records::entries).filter(|entry| entry.unique);
    let wanted: Vec<Bson> = wanted.map(|entry| entry.id(provider, "")).collect();
    for row in named(&to.entries, wanted, session).await? {
        let (entry, holder) = records::holder(&row)?;
        view.holders.insert(entry, holder);
    }
    Ok(())
}

async fn tickets(
    to: &Collections,
    session: &mut ClientSession,
    provider: &Provider,
    commits: &[&Commit],
    view: &mut View,
) -> Result<()> {
    let claims = commits.iter().flat_map(|commit| &commit.done);
    let ids: Vec<Bson> = claims.map(|claim| super::due::id(provider, &claim.queue, &claim.key)).collect();
    for row in named(&to.due, ids, session).await? {
        let (queue, key, ticket) = super::due::ticket(&row)?;
        view.tickets.insert((queue, key), ticket);
    }
    Ok(())
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
    let mut cursor = find.session(&mut *session).await.map_err(|e| serving(&e))?;
    cursor.stream(session).try_collect().await.map_err(|e| serving(&e))
}
