//! Records and their index entries.
//!
//! A record is one document in `records`, its `_id` is `{provider, kind, key}`. Each of its entries in an index is one in
//! `entries`, whose `_id` is `{provider, kind, index, key, record}`, so that the `_id` index alone serves every range, in
//! order. In a unique index the record is not part of the `_id`, so that the server itself refuses a second one.

use crate::mongodb::commits::view::Row;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::{Draft, Kind, Provider, Record, Result, StoreError, Write};
use mongodb::bson::{Bson, Document, doc};

/// A record's name within its provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::mongodb) struct Name {
    pub(in crate::mongodb) kind: String,
    pub(in crate::mongodb) key: String,
}

impl Name {
    /// The record that `write` is about.
    pub(in crate::mongodb) fn of(write: &Write) -> Self {
        let (kind, key) = match write {
            Write::Insert(draft) | Write::Replace { draft, .. } => (draft.kind, &draft.key),
            Write::Delete { kind, key, .. } => (*kind, key),
        };
        Self { kind: kind.name.to_owned(), key: key.clone() }
    }

    /// Its `_id`.
    pub(in crate::mongodb) fn id(&self, provider: &Provider) -> Bson {
        Bson::Document(doc! { "provider": provider.as_str(), "kind": &self.kind, "key": &self.key })
    }
}

/// A record's entry in an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::mongodb) struct Entry {
    pub(in crate::mongodb) kind: String,
    pub(in crate::mongodb) index: String,
    pub(in crate::mongodb) key: String,
    pub(in crate::mongodb) unique: bool,
}

impl Entry {
    /// Its `_id`, for a record with the key `record`.
    pub(in crate::mongodb) fn id(&self, provider: &Provider, record: &str) -> Bson {
        let mut id = doc! { "provider": provider.as_str(), "kind": &self.kind, "index": &self.index, "key": &self.key };
        if !self.unique {
            id.insert("record", record);
        }
        Bson::Document(id)
    }
}

/// The entries of `draft`; each once.
pub(in crate::mongodb) fn entries(draft: &Draft) -> Vec<Entry> {
    let unique = |name| draft.kind.indexes.iter().any(|index| index.name == name && index.unique);
    let entry = |key: &crate::IndexKey| Entry {
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
pub(in crate::mongodb) fn document(provider: &Provider, name: &Name, row: &Row) -> Document {
    let entries: Vec<Bson> = row
        .entries
        .iter()
        .map(|entry| Bson::Document(doc! { "index": &entry.index, "key": &entry.key, "unique": entry.unique }))
        .collect();
    doc! { "_id": name.id(provider), "version": row.version, "entries": entries, "body": &row.body }
}

/// A record's name and content from its document.
pub(in crate::mongodb) fn row(document: &Document) -> Result<(Name, Row)> {
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

/// A unique entry and the key of its record.
pub(in crate::mongodb) fn holder(document: &Document) -> Result<(Entry, String)> {
    let read = || -> Option<(Entry, String)> {
        let id = document.get_document("_id").ok()?;
        let text = |name| id.get_str(name).ok().map(str::to_owned);
        let entry = Entry { kind: text("kind")?, index: text("index")?, key: text("key")?, unique: true };
        Some((entry, document.get_str("record").ok()?.to_owned()))
    };
    read().ok_or_else(|| unreadable("index entry"))
}

/// A document that cannot be read: another program wrote it.
pub(in crate::mongodb) fn unreadable(what: &str) -> StoreError {
    StoreError::Failed(format!("a {what} in MongoDB is not as this version writes it"))
}

/// The record of this kind and key.
pub(in crate::mongodb) async fn get(
    from: &Collections,
    provider: &Provider,
    kind: &Kind,
    key: &str,
) -> Result<Option<Record>> {
    let name = Name { kind: kind.name.to_owned(), key: key.to_owned() };
    let found = seen::one(from, from.records.find_one(doc! { "_id": name.id(provider) })).await?;
    found.map(|document| row(&document).and_then(|(name, row)| record(name.key, &row))).transpose()
}

/// The record with this key and content.
pub(in crate::mongodb) fn record(key: String, row: &Row) -> Result<Record> {
    let version = u64::try_from(row.version).map_err(|_| unreadable("record"))?;
    Ok(Record { key, version, body: row.body.clone().into_bytes() })
}
