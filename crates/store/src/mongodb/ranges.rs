//! Ranges of an index: entries and the records that they name, which agree with each other.
//!
//! The entries in a range and their records are two reads, and others write in between. A page without a record that was
//! removed in between would look like the last page, and after a page that ends with a record that was moved, reading would
//! continue from the new position: in both cases a reader would miss records that nobody has changed. Every record contains
//! its entries, so a change is noticed; then both are read again, and finally in a transaction, where nothing changes in
//! between.
//!
//! Not promised, outside that transaction: that a record which moves *against* the order while its range is read is found at
//! either position. Between two pages nobody could promise that.

use crate::mongodb::commits::view::Row;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::{Collections, durable};
use crate::mongodb::connection::seen::{self, all_in};
use crate::mongodb::records::{self, Name, unreadable};
use crate::{Index, Kind, Order, Provider, Record, Result, Span, StoreError};
use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;
use mongodb::options::ReadConcern;
use std::collections::HashMap;

/// How often both are read while others change them, before a transaction begins. It costs two more round trips.
const TRIES: usize = 3;

/// The records in `span`, each with its index key.
pub(in crate::mongodb) async fn range(
    from: &Collections,
    provider: &Provider,
    kind: &Kind,
    span: &Span,
) -> Result<Vec<(String, Record)>> {
    let Some(index) = kind.indexes.iter().find(|index| index.name == span.index) else {
        return Err(StoreError::Failed(format!("kind {} declares no index {}", kind.name, span.index)));
    };
    if span.limit == 0 {
        return Ok(Vec::new());
    }
    let query = RangeQuery { from, provider, kind, index, span };
    for _ in 0..TRIES {
        let mut session = seen::session(from).await?;
        let found = query.read(&mut session).await?;
        from.seen.note(&session);
        if let Some(records) = found {
            return Ok(records);
        }
    }
    query.read_in_transaction().await
}

/// A query of a range.
struct RangeQuery<'a> {
    from: &'a Collections,
    provider: &'a Provider,
    kind: &'a Kind,
    index: &'a Index,
    span: &'a Span,
}

/// An entry's key, and the key of its record.
type EntryPosition = (String, String);

impl RangeQuery<'_> {
    /// The records; `None` when one was moved or removed while they were read.
    async fn read(&self, session: &mut ClientSession) -> Result<Option<Vec<(String, Record)>>> {
        let positions = self.positions(session).await?;
        let names = positions.iter().map(|(_, record)| self.name(record).id(self.provider)).collect::<Vec<Bson>>();
        let find = self.from.records.find(doc! { "_id": { "$in": names } });
        let mut rows = HashMap::new();
        for document in all_in(session, find).await.map_err(|e| serving(&e))? {
            let (name, row) = records::row(&document)?;
            rows.insert(name.key, row);
        }
        let record_at = |(key, name): EntryPosition| {
            let row = rows.get(&name).filter(|row| self.has_entry_at(row, &key))?;
            Some(records::record(name, row).map(|record| (key, record)))
        };
        positions.into_iter().map(record_at).collect::<Option<Result<_>>>().transpose()
    }

    /// The same from one snapshot. The commit waits until a majority has what was read.
    async fn read_in_transaction(&self) -> Result<Vec<(String, Record)>> {
        let mut session = seen::session(self.from).await?;
        let begin = session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(durable());
        begin.await.map_err(|e| serving(&e))?;
        let found = self.read(&mut session).await;
        let ended = if found.is_ok() { session.commit_transaction().await } else { session.abort_transaction().await };
        let found = found?.ok_or_else(|| unreadable("record or one of its index entries"))?;
        ended.map_err(|e: Error| serving(&e))?;
        self.from.seen.note(&session);
        Ok(found)
    }

    fn name(&self, key: &str) -> Name {
        Name { kind: self.kind.name.to_owned(), key: key.to_owned() }
    }

    /// Whether the record has an entry at `key` in the index.
    fn has_entry_at(&self, row: &Row, key: &str) -> bool {
        row.entries.iter().any(|entry| entry.index == self.index.name && entry.key == key)
    }

    /// The positions of the records in the span, in its order.
    async fn positions(&self, session: &mut ClientSession) -> Result<Vec<EntryPosition>> {
        let direction = if self.span.order == Order::Oldest { 1 } else { -1 };
        let limit = i64::try_from(self.span.limit).unwrap_or(i64::MAX);
        let find = self.from.entries.find(doc! { "_id": self.bounds() }).sort(doc! { "_id": direction }).limit(limit);
        let entries = all_in(session, find).await.map_err(|e| serving(&e))?;
        let read = |entry: &Document| {
            let key = entry.get_document("_id").ok()?.get_str("key").ok()?;
            Some((key.to_owned(), entry.get_str("record").ok()?.to_owned()))
        };
        entries.iter().map(read).collect::<Option<_>>().ok_or_else(|| unreadable("index entry"))
    }

    /// The bounds of the `_id`s of the entries.
    fn bounds(&self) -> Document {
        let at = |key: &str| doc! { "provider": self.provider.as_str(), "kind": self.kind.name, "index": self.index.name, "key": key };
        let mut bounds = doc! { "$gte": at(&self.span.keys.start), "$lt": at(&self.span.keys.end) };
        if let Some((key, record)) = &self.span.after {
            let mut last = at(key);
            if !self.index.unique {
                last.insert("record", record);
            }
            match self.span.order {
                Order::Oldest => {
                    bounds.remove("$gte");
                    bounds.insert("$gt", last);
                }
                Order::Newest => {
                    bounds.insert("$lt", last);
                }
            }
        }
        bounds
    }
}
