//! The documents that the record store keeps for programs (Part 3 §2.2): state, activity profiles and agent profiles.
//!
//! Every change is made to the version that was read, and repeated on the next one if another writer was first: two
//! concurrent writers never lose an update, and conditions are true at the instant of the change.

use crate::service::App;
use base::hash::Sha256;
use base::surrogates;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use store::{
    Commit, Document, Index, IndexKey, Key, Kind, Order, Records as _, Span, StoreError, StoredDocument, Write,
};
use xapi::document::{self, Address, DocumentContext, Resource};
use xapi::json::Document as Json;
use xapi::precondition::{Preconditions, Tag};
use xapi::{Ifi, Version, instant, merge};

/// Contents up to this many bytes are stored in the record, larger ones as blobs.
const SMALL: usize = 64 << 10;

/// How often a change is tried while others change the same document.
const ATTEMPTS: usize = 20;

/// How many documents are listed or deleted at once.
const BATCH: usize = 500;

/// A document, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct DocumentRecord {
    key: Sha256,
    /// The context without its registration, and with it.
    general: Sha256,
    context: Sha256,
    /// Of the agent that it is about; none of an activity's profile.
    #[serde(default)]
    agent: Option<Sha256>,
    id: String,
    content_type: String,
    content: Content,
    updated: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Content {
    /// In base64.
    Small(String),
    Blob {
        sha256: Sha256,
        length: u64,
    },
}

impl Document for DocumentRecord {
    const KIND: &'static Kind = &Kind {
        name: "xapi-document",
        indexes: &[
            Index { name: "general", unique: false },
            Index { name: "context", unique: false },
            Index { name: "agent", unique: false },
        ],
    };

    fn key(&self) -> String {
        self.key.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let changed = instant(self.updated);
        let mut keys = vec![
            IndexKey { index: "general", key: Key::of(&[&self.general, &changed]).into() },
            IndexKey { index: "context", key: Key::of(&[&self.context, &changed]).into() },
        ];
        keys.extend(self.agent.map(|agent| IndexKey { index: "agent", key: agent.to_string() }));
        keys
    }
}

/// A document that a program sends.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub content_type: String,
    pub content: Bytes,
}

/// A document as a reader gets it.
#[derive(Debug, Clone)]
pub struct CurrentDocument {
    pub content_type: String,
    pub content: Bytes,
    pub tag: Tag,
    pub updated: Timestamp,
}

/// Why a document was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the document does not match If-Match or If-None-Match; read it again and repeat the request with its ETag"
    )]
    Precondition,
    #[error("there is a document already; read its current state, and send its ETag as If-Match to replace it")]
    Unguarded,
    #[error("say with If-None-Match: * that the profile is new, or with If-Match which one it replaces")]
    Unconditional,
    #[error("the content is not JSON, though its Content-Type says so")]
    NotJson,
    #[error("the merged document would be larger than the server accepts; keep it below {0} bytes")]
    TooLarge(usize),
    #[error("a POST merges JSON objects only; use PUT to replace the document as a whole")]
    NotMergeable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a document is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// PUT.
    Replace,
    /// POST.
    Merge,
}

/// Stores `sent` at `address`, or merges it into the document there.
pub async fn write(
    app: &App,
    address: &Address,
    method: Method,
    sent: &NewDocument,
    conditions: &Preconditions,
    version: Version,
) -> Result<(), Error> {
    if is_json(&sent.content_type) && !is_json_text(&sent.content) {
        return Err(Error::NotJson);
    }
    for _ in 0..ATTEMPTS {
        let kept = get(app, address).await?;
        let current = match &kept {
            Some(kept) => Some(found(app, &kept.document).await?),
            None => None,
        };
        permit(address.context.resource, method, current.as_ref(), conditions, version)?;
        let sent = match (method, &current) {
            (Method::Merge, Some(current)) => &merged(current, sent)?,
            _ => sent,
        };
        let most = app.config.limits.body_bytes;
        if sent.content.len() > most {
            return Err(Error::TooLarge(most));
        }
        let record = record(app, address, sent).await?;
        let write = match kept {
            Some(kept) => StoredDocument { version: kept.version, document: record }.replace()?,
            None => record.insert()?,
        };
        if committed(app, vec![write]).await? {
            return Ok(());
        }
    }
    Err(StoreError::Busy.into())
}

/// The document at `address`.
pub async fn read(app: &App, address: &Address) -> Result<Option<CurrentDocument>, Error> {
    match get(app, address).await? {
        Some(kept) => Ok(Some(found(app, &kept.document).await?)),
        None => Ok(None),
    }
}

/// The ids of the documents of a context, the last changed one last, and when it was changed.
pub async fn ids(app: &App, address: &Address) -> Result<(Vec<String>, Option<Timestamp>), Error> {
    let mut span = span(&address.context, address.since);
    let mut listed = Vec::new();
    let mut changed = None;
    loop {
        let records = app.store.list::<DocumentRecord>(&app.provider, span.clone()).await?;
        let Some(last) = records.last().filter(|_| records.len() == BATCH) else {
            changed = records.last().map(|last| last.document.updated).or(changed);
            listed.extend(records.into_iter().map(|kept| kept.document.id));
            return Ok((without_repeats(listed), changed));
        };
        changed = Some(last.document.updated);
        span.after = position_after(&span, &last.document);
        listed.extend(records.into_iter().map(|kept| kept.document.id));
    }
}

/// Each id only where it occurs last: several registrations may have it, and a document that is changed meanwhile occurs again.
fn without_repeats(ids: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut last: Vec<String> = ids.into_iter().rev().filter(|id| seen.insert(id.clone())).collect();
    last.reverse();
    last
}

/// Deletes the document at `address`, or all of its context. Deleting a document that does not exist succeeds.
pub async fn delete(app: &App, address: &Address, conditions: &Preconditions) -> Result<(), Error> {
    if address.id.is_none() {
        return delete_all(app, &address.context).await;
    }
    for _ in 0..ATTEMPTS {
        let kept = get(app, address).await?;
        let current = match &kept {
            Some(kept) => Some(found(app, &kept.document).await?),
            None => None,
        };
        if !conditions.permit(current.as_ref().map(|current| &current.tag)) {
            return Err(Error::Precondition);
        }
        let Some(kept) = kept else { return Ok(()) };
        if committed(app, vec![kept.delete()]).await? {
            return Ok(());
        }
    }
    Err(StoreError::Busy.into())
}

async fn delete_all(app: &App, context: &DocumentContext) -> Result<(), Error> {
    loop {
        let records = app.store.list::<DocumentRecord>(&app.provider, span(context, None)).await?;
        if records.is_empty() {
            return Ok(());
        }
        // Another writer may have changed one of them: then the next round deletes what is there.
        committed(app, records.iter().map(StoredDocument::delete).collect()).await?;
    }
}

/// Whether the change may be made: by the conditions of the request, and whether the standard requires some (Part 3 §3.1).
fn permit(
    resource: Resource,
    method: Method,
    current: Option<&CurrentDocument>,
    conditions: &Preconditions,
    version: Version,
) -> Result<(), Error> {
    if !conditions.is_empty() {
        let permitted = conditions.permit(current.map(|current| &current.tag));
        return if permitted { Ok(()) } else { Err(Error::Precondition) };
    }
    match (method, version, resource, current) {
        (Method::Merge, ..) | (_, Version::V1, Resource::State, _) | (_, Version::V2, _, None) => Ok(()),
        (Method::Replace, _, _, Some(_)) => Err(Error::Unguarded),
        (Method::Replace, Version::V1, _, None) => Err(Error::Unconditional),
    }
}

fn merged(current: &CurrentDocument, sent: &NewDocument) -> Result<NewDocument, Error> {
    if !is_json(&current.content_type) || !is_json(&sent.content_type) {
        return Err(Error::NotMergeable);
    }
    let (current, new) = (surrogates::keep(&current.content), surrogates::keep(&sent.content));
    let texts = (std::str::from_utf8(&current), std::str::from_utf8(&new));
    let (Ok(current), Ok(new)) = texts else { return Err(Error::NotMergeable) };
    let content = merge::top_level(current, new).map_err(|_| Error::NotMergeable)?;
    let content = surrogates::restore(&content);
    Ok(NewDocument { content_type: sent.content_type.clone(), content: content.into() })
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether it is JSON, in which RFC 8259 §8.2 allows lone surrogates: programs keep what a string compressor wrote.
fn is_json_text(content: &[u8]) -> bool {
    std::str::from_utf8(&surrogates::keep(content)).is_ok_and(|text| Json::read(text).is_ok())
}

/// The writes that remove documents about an agent.
#[derive(Debug, Default)]
pub(in crate::service) struct RemovalBatch {
    pub(in crate::service) writes: Vec<Write>,
    /// The blobs among their contents, which other documents may have too.
    pub(in crate::service) blobs: Vec<Sha256>,
}

/// The next batch that removes documents about `agents`; empty once there are none.
pub(in crate::service) async fn removal_of_agents(app: &App, agents: &[Ifi<'_>]) -> Result<RemovalBatch, StoreError> {
    let mut removal = RemovalBatch::default();
    for agent in agents {
        let records = app.store.list::<DocumentRecord>(&app.provider, about(agent, BATCH)).await?;
        removal.writes.extend(records.iter().map(StoredDocument::delete));
        removal.blobs.extend(records.iter().filter_map(|kept| kept.document.blob()));
        if !removal.writes.is_empty() {
            break;
        }
    }
    Ok(removal)
}

/// How many documents are about `agent`.
pub(in crate::service) async fn count_of_agent(app: &App, agent: &Ifi<'_>) -> Result<u64, StoreError> {
    let found = app.store.list::<DocumentRecord>(&app.provider, about(agent, Span::ALL)).await?;
    Ok(u64::try_from(found.len()).unwrap_or(u64::MAX))
}

fn about(agent: &Ifi<'_>, limit: usize) -> Span {
    Span::of("agent", &document::agent_key(agent).to_string(), limit)
}

/// Removes from `blobs` those that are the content of a document.
pub(in crate::service) async fn keep_needed(app: &App, blobs: &mut BTreeSet<Sha256>) -> Result<(), StoreError> {
    let mut span = Span::beginning("general", "", BATCH);
    loop {
        let records = app.store.list::<DocumentRecord>(&app.provider, span.clone()).await?;
        let Some(last) = records.last() else { return Ok(()) };
        span.after = position_after(&span, &last.document);
        for blob in records.iter().filter_map(|kept| kept.document.blob()) {
            blobs.remove(&blob);
        }
    }
}

impl DocumentRecord {
    fn blob(&self) -> Option<Sha256> {
        match self.content {
            Content::Small(_) => None,
            Content::Blob { sha256, .. } => Some(sha256),
        }
    }
}

async fn get(app: &App, address: &Address) -> Result<Option<StoredDocument<DocumentRecord>>, StoreError> {
    let Some(id) = &address.id else { return Ok(None) };
    app.store.get(&app.provider, &address.context.document_key(id).to_string()).await
}

async fn record(app: &App, address: &Address, sent: &NewDocument) -> Result<DocumentRecord, StoreError> {
    let id = address.id.clone().unwrap_or_default();
    let content = if sent.content.len() <= SMALL {
        Content::Small(STANDARD.encode(&sent.content))
    } else {
        let length = u64::try_from(sent.content.len()).unwrap_or(u64::MAX);
        Content::Blob { sha256: app.store.keep(sent.content.clone()).await?, length }
    };
    Ok(DocumentRecord {
        key: address.context.document_key(&id),
        general: address.context.general_key(),
        context: address.context.key(),
        agent: address.context.agent.as_ref().map(document::agent_key),
        id,
        content_type: sent.content_type.clone(),
        content,
        updated: app.clock.now(),
    })
}

async fn found(app: &App, record: &DocumentRecord) -> Result<CurrentDocument, StoreError> {
    let lost = || StoreError::Failed(format!("the content of the document {} is lost", record.key));
    let content = match &record.content {
        Content::Small(text) => STANDARD.decode(text).map_err(|_| lost())?.into(),
        Content::Blob { sha256, length } => app.store.blob(*sha256, 0..*length).await?.ok_or_else(lost)?,
    };
    let tag = Tag::of(&content);
    Ok(CurrentDocument { content_type: record.content_type.clone(), content, tag, updated: record.updated })
}

/// The documents of a context: of one registration, or of all if it names none (Part 3 §2.3).
fn span(context: &DocumentContext, since: Option<Timestamp>) -> Span {
    let (index, key) = match context.registration {
        Some(_) => ("context", context.key()),
        None => ("general", context.general_key()),
    };
    let all = Span { order: Order::Oldest, ..Span::beginning(index, &Key::beginning(&[&key]), BATCH) };
    match since {
        Some(since) => Span { keys: format!("{}\u{10ffff}", Key::of(&[&key, &instant(since)]))..all.keys.end, ..all },
        None => all,
    }
}

fn position_after(span: &Span, last: &DocumentRecord) -> Option<(String, String)> {
    let entry = last.index().into_iter().find(|entry| entry.index == span.index)?;
    Some((entry.key, Document::key(last)))
}

/// Commits `writes`; whether nobody else had changed the same records.
async fn committed(app: &App, writes: Vec<Write>) -> Result<bool, StoreError> {
    match app.store.commit(&app.provider, Commit { writes, ..Commit::default() }).await {
        Ok(_) => Ok(true),
        Err(StoreError::Stale { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
