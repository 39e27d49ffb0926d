//! Records and their index entries.
//!
//! A record is one document in `records`, its `_id` is `{provider, kind, key}`. Each of its entries in an index is one in
//! `entries`, whose `_id` is `{provider, kind, index, key, record}`, so that the `_id` index alone answers every range, in
//! order. In a unique index the record is not part of the `_id`, so that the server itself refuses a second one.

use super::fault::serving;
use super::schema::Collections;
use super::view::Row;
use crate::store::{Draft, Kind, Order, Provider, Record, Result, Span, StoreError, Write};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashMap;

/// A record's name within its provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) kind: String,
    pub(super) key: String,
}

impl Name {
    /// The record that `write` is about.
    pub(super) fn of(write: &Write) -> Self {
        let (kind, key) = match write {
            Write::Insert(draft) | Write::Replace { draft, .. } => (draft.kind, &draft.key),
            Write::Delete { kind, key, .. } => (*kind, key),
        };
        Self { kind: kind.name.to_owned(), key: key.clone() }
    }

    /// Its `_id`.
    pub(super) fn id(&self, provider: &Provider) -> Bson {
        Bson::Document(doc! { "provider": provider.as_str(), "kind": &self.kind, "key": &self.key })
    }
}

/// A record's entry in an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) index: String,
    pub(super) key: String,
    pub(super) unique: bool,
}

impl Entry {
    /// Its `_id`, for a record with the key `record`.
    pub(super) fn id(&self, provider: &Provider, record: &str) -> Bson {
        let mut id = doc! { "provider": provider.as_str(), "kind": &self.kind, "index": &self.index, "key": &self.key };
        if !self.unique {
            id.insert("record", record);
        }
        Bson::Document(id)
    }
}

/// The entries that `draft` asks for; each once.
pub(super) fn entries(draft: &Draft) -> Vec<Entry> {
    let unique = |name| draft.kind.indexes.iter().any(|index| index.name == name && index.unique);
    let entry = |key: &crate::store::IndexKey| Entry {
        kind: draft.kind.name.to_owned(),
        index: key.index.to_owned(),
        key: key.key.clone(),
        unique: unique(key.index),
    };
    let mut entries: Vec<Entry> = draft.index.iter().map(entry).collect();
    entries.sort();
    entries.dedup();
    entries
}

/// The document of a record.
pub(super) fn document(provider: &Provider, name: &Name, row: &Row) -> Document {
    let entries: Vec<Bson> = row
        .entries
        .iter()
        .map(|entry| Bson::Document(doc! { "index": &entry.index, "key": &entry.key, "unique": entry.unique }))
        .collect();
    doc! { "_id": name.id(provider), "version": row.version, "entries": entries, "body": &row.body }
}

/// A record's name and content from its document.
pub(super) fn row(document: &Document) -> Result<(Name, Row)> {
    let read = || -> Option<(Name, Row)> {
        let id = document.get_document("_id").ok()?;
        let name = Name { kind: id.get_str("kind").ok()?.to_owned(), key: id.get_str("key").ok()?.to_owned() };
        let entry = |entry: &Bson| {
            let entry = entry.as_document()?;
            Some(Entry {
                kind: name.kind.clone(),
                index: entry.get_str("index").ok()?.to_owned(),
                key: entry.get_str("key").ok()?.to_owned(),
                unique: entry.get_bool("unique").ok()?,
            })
        };
        let entries = document.get_array("entries").ok()?.iter().map(entry).collect::<Option<_>>()?;
        let (version, body) = (document.get_i64("version").ok()?, document.get_str("body").ok()?.to_owned());
        Some((name, Row { version, body, entries }))
    };
    read().ok_or_else(|| unreadable("record"))
}

/// A unique entry and the key of the record that holds it.
pub(super) fn holder(document: &Document) -> Result<(Entry, String)> {
    let read = || -> Option<(Entry, String)> {
        let id = document.get_document("_id").ok()?;
        let text = |name| id.get_str(name).ok().map(str::to_owned);
        let entry = Entry { kind: text("kind")?, index: text("index")?, key: text("key")?, unique: true };
        Some((entry, document.get_str("record").ok()?.to_owned()))
    };
    read().ok_or_else(|| unreadable("index entry"))
}

/// A document of ours does not read: somebody else wrote it.
pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::Failed(format!("a {what} in MongoDB is not as this version writes it"))
}

/// The record of this kind and key.
pub(super) async fn get(from: &Collections, provider: &Provider, kind: &Kind, key: &str) -> Result<Option<Record>> {
    let name = Name { kind: kind.name.to_owned(), key: key.to_owned() };
    let found = from.records.find_one(doc! { "_id": name.id(provider) }).await.map_err(|e| serving(&e))?;
    found.map(|document| record(&document)).transpose()
}

fn record(document: &Document) -> Result<Record> {
    let (name, row) = row(document)?;
    let version = u64::try_from(row.version).map_err(|_| unreadable("record"))?;
    Ok(Record { key: name.key, version, body: row.body.into_bytes() })
}

/// The records in `span`, each with the index key that placed it.
pub(super) async fn range(
    from: &Collections,
    provider: &Provider,
    kind: &Kind,
    span: &Span,
) -> Result<Vec<(String, Record)>> {
    let placed = placed(from, provider, kind, span).await?;
    let names: Vec<Bson> = placed
        .iter()
        .map(|(_, record)| Name { kind: kind.name.to_owned(), key: record.clone() }.id(provider))
        .collect();
    let found = from.records.find(doc! { "_id": { "$in": names } }).await.map_err(|e| serving(&e))?;
    let found: Vec<Document> = found.try_collect().await.map_err(|e| serving(&e))?;
    let mut records = HashMap::new();
    for document in &found {
        let record = record(document)?;
        records.insert(record.key.clone(), record);
    }
    // A record that went between the two reads is simply not there any more.
    let answer = placed.into_iter().filter_map(|(key, name)| Some((key, records.get(&name)?.clone())));
    Ok(answer.collect())
}

/// The index keys in `span` with the keys of their records.
async fn placed(from: &Collections, provider: &Provider, kind: &Kind, span: &Span) -> Result<Vec<(String, String)>> {
    let Some(index) = kind.indexes.iter().find(|index| index.name == span.index) else {
        return Err(StoreError::Failed(format!("kind {} declares no index {}", kind.name, span.index)));
    };
    let at = |key: &str| doc! { "provider": provider.as_str(), "kind": kind.name, "index": span.index, "key": key };
    let mut bounds = doc! { "$gte": at(&span.keys.start), "$lt": at(&span.keys.end) };
    if let Some((key, record)) = &span.after {
        let mut behind = at(key);
        if !index.unique {
            behind.insert("record", record);
        }
        match span.order {
            Order::Oldest => {
                bounds.remove("$gte");
                bounds.insert("$gt", behind);
            }
            Order::Newest => {
                bounds.insert("$lt", behind);
            }
        }
    }
    let direction = if span.order == Order::Oldest { 1 } else { -1 };
    let limit = i64::try_from(span.limit).unwrap_or(i64::MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let find = from.entries.find(doc! { "_id": bounds }).sort(doc! { "_id": direction }).limit(limit);
    let entries: Vec<Document> = find.await.map_err(|e| serving(&e))?.try_collect().await.map_err(|e| serving(&e))?;
    let read = |entry: &Document| {
        let key = entry.get_document("_id").ok()?.get_str("key").ok()?;
        Some((key.to_owned(), entry.get_str("record").ok()?.to_owned()))
    };
    entries.iter().map(read).collect::<Option<_>>().ok_or_else(|| unreadable("index entry"))
}
