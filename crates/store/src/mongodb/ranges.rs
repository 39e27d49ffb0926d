//! Ranges of an index: entries, and the records that they name, which agree.
//!
//! The entries in a range and their records are two reads, and others write in between. A page that lacks what went
//! meanwhile would be taken for the last one, and a page that ends with a record that was moved would be gone on from where it
//! is now: both make a reader miss records that nobody has touched. Every record tells its entries, so it is seen when one has
//! changed; then both are read again, and at last in a transaction, where nothing changes in between.
//!
//! Not promised, outside of that transaction: that a record which is moved *against* the order while its range is read is met
//! at either place. Between two pages nobody could promise that.

use super::fault::serving;
use super::records::{self, Name, unreadable};
use super::schema::{Collections, durable};
use super::seen::{self, all_in};
use super::view::Row;
use crate::{Index, Kind, Order, Provider, Record, Result, Span, StoreError};
use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;
use mongodb::options::ReadConcern;
use std::collections::HashMap;

/// How often both are read while others change them, before a transaction is begun. It costs two more round trips.
const TRIES: usize = 3;

/// The records in `span`, each with the index key that places it.
pub(super) async fn range(
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
    let wanted = Wanted { from, provider, kind, index, span };
    for _ in 0..TRIES {
        let mut session = seen::session(from).await?;
        let found = wanted.read(&mut session).await?;
        from.seen.note(&session);
        if let Some(records) = found {
            return Ok(records);
        }
    }
    wanted.read_in_transaction().await
}

/// What is asked, and of whom.
struct Wanted<'a> {
    from: &'a Collections,
    provider: &'a Provider,
    kind: &'a Kind,
    index: &'a Index,
    span: &'a Span,
}

/// An entry's key, and the key of its record.
type Place = (String, String);

impl Wanted<'_> {
    /// The records; nothing when one was moved or removed while they were read.
    async fn read(&self, session: &mut ClientSession) -> Result<Option<Vec<(String, Record)>>> {
        let places = self.places(session).await?;
        let names = places.iter().map(|(_, record)| self.name(record).id(self.provider)).collect::<Vec<Bson>>();
        let find = self.from.records.find(doc! { "_id": { "$in": names } });
        let mut rows = HashMap::new();
        for document in all_in(session, find).await.map_err(|e| serving(&e))? {
            let (name, row) = records::row(&document)?;
            rows.insert(name.key, row);
        }
        let placed = |(key, name): Place| {
            let row = rows.get(&name).filter(|row| self.places_at(row, &key))?;
            Some(records::record(name, row).map(|record| (key, record)))
        };
        places.into_iter().map(placed).collect::<Option<Result<_>>>().transpose()
    }

    /// The same as of one moment. To commit waits until a majority has what was read.
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

    /// Whether the record stands at `key` in the index.
    fn places_at(&self, row: &Row, key: &str) -> bool {
        row.entries.iter().any(|entry| entry.index == self.index.name && entry.key == key)
    }

    /// Where the records in the span stand, in its order.
    async fn places(&self, session: &mut ClientSession) -> Result<Vec<Place>> {
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

    /// Between which `_id`s the entries are.
    fn bounds(&self) -> Document {
        let at = |key: &str| doc! { "provider": self.provider.as_str(), "kind": self.kind.name, "index": self.index.name, "key": key };
        let mut bounds = doc! { "$gte": at(&self.span.keys.start), "$lt": at(&self.span.keys.end) };
        if let Some((key, record)) = &self.span.after {
            let mut behind = at(key);
            if !self.index.unique {
                behind.insert("record", record);
            }
            match self.span.order {
                Order::Oldest => {
                    bounds.remove("$gte");
                    bounds.insert("$gt", behind);
                }
                Order::Newest => {
                    bounds.insert("$lt", behind);
                }
            }
        }
        bounds
    }
}
