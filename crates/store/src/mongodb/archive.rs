//! Reading and restoring everything.

use crate::archive::{Archive, LogEntry, LooseDue, LooseRecord, PAGE_BYTES, Pieces};
use crate::mongodb::MongoDbStore;
use crate::mongodb::commits::head::End;
use crate::mongodb::commits::view::Row;
use crate::mongodb::commits::writer;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::mongodb::damage;
use crate::mongodb::due;
use crate::mongodb::log;
use crate::mongodb::patiently;
use crate::mongodb::records::{self, Name};
use crate::{Provider, Result, Seq};
use async_trait::async_trait;
use base::hash::Sha256;
use mongodb::Collection;
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, doc};

#[async_trait]
impl Archive for MongoDbStore {
    async fn providers(&self) -> Result<Vec<Provider>> {
        let here = self.open()?;
        let heads =
            patiently(here, || Box::pin(seen::all(here, here.heads.find(doc! {}).sort(doc! { "_id": 1 })))).await?;
        Ok(heads.iter().filter_map(|head| head.get_str("_id").ok()).map(Provider::new).collect())
    }

    async fn statements_after(&self, provider: &Provider, after: Seq, limit: usize) -> Result<Vec<LogEntry>> {
        let here = self.open()?;
        patiently(here, || Box::pin(log::entries(here, provider, after, limit))).await
    }

    async fn records_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseRecord>> {
        let (kind, key) = after.unwrap_or_default();
        let (here, bounds) = (self.open()?, following(provider, "kind", &kind, &key));
        let rows = patiently(here, || Box::pin(page(here, within(&here.records, &bounds, limit)))).await?;
        rows.iter().map(loose_record).collect()
    }

    async fn due_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseDue>> {
        let (queue, key) = after.unwrap_or_default();
        let (here, bounds) = (self.open()?, following(provider, "queue", &queue, &key));
        let rows = patiently(here, || Box::pin(page(here, within(&here.due, &bounds, limit)))).await?;
        rows.iter().map(due::loose).collect()
    }

    async fn blobs_after(&self, after: Option<Sha256>, limit: usize) -> Result<Vec<Sha256>> {
        let after = after.map(|name| name.to_string()).unwrap_or_default();
        let (here, bounds) = (self.open()?, doc! { "_id": { "$gt": after } });
        let rows = patiently(here, || Box::pin(page(here, within(&here.blobs, &bounds, limit)))).await?;
        let name = |row: &Document| row.get_str("_id").ok()?.parse().ok();
        rows.iter().map(|row| name(row).ok_or_else(|| records::unreadable("blob"))).collect()
    }

    async fn log_end(&self, provider: &Provider) -> Result<Seq> {
        let (here, name) = (self.open()?, doc! { "_id": provider.as_str() });
        let head = patiently(here, || Box::pin(seen::all(here, here.heads.find(name.clone())))).await?;
        head.first().map_or(Ok(Seq(0)), |head| Ok(Seq(End::read(head)?.seq.unsigned_abs())))
    }

    async fn damage(&self) -> Result<Vec<String>> {
        damage::find(self.open()?).await
    }

    async fn changes(&self) -> Result<u64> {
        let here = self.open()?;
        let heads = || here.heads.find(doc! {}).sort(doc! { "_id": 1 });
        let heads = patiently(here, || Box::pin(seen::all(here, heads()))).await?;
        // Every commit increases it.
        Ok(heads.iter().filter_map(|head| head.get_i64("turn").ok()).map(i64::unsigned_abs).sum())
    }

    async fn take_in(&self, provider: &Provider, pieces: Pieces) -> Result<()> {
        writer::take_in(self.open()?, provider, pieces).await
    }

    async fn call_off(&self, provider: &Provider, due: Vec<LooseDue>) -> Result<()> {
        let ids: Vec<Bson> = due.iter().map(|item| due::id(provider, &item.queue, &item.key)).collect();
        self.open()?.due.delete_many(doc! { "_id": { "$in": ids } }).await.map(drop).map_err(|e| serving(&e))
    }
}

/// The first `limit` documents within `bounds`, by `_id`.
fn within<'c>(from: &'c Collection<Document>, bounds: &Document, limit: usize) -> Find<'c, Document> {
    from.find(bounds.clone()).sort(doc! { "_id": 1 }).limit(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// The first documents that `find` finds, as many as fit a page.
pub(in crate::mongodb) async fn page(from: &Collections, find: Find<'_, Document>) -> Result<Vec<Document>> {
    let mut session = seen::session(from).await?;
    let mut found = find.session(&mut session).await.map_err(|e| serving(&e))?;
    let (mut rows, mut weight) = (Vec::new(), 0);
    while weight < PAGE_BYTES
        && let Some(row) = found.next(&mut session).await
    {
        let row = row.map_err(|e| serving(&e))?;
        weight += weight_of(&row);
        rows.push(row);
    }
    from.seen.note(&session);
    Ok(rows)
}

/// The length in bytes of the body of a statement or a record.
fn weight_of(row: &Document) -> usize {
    match row.get("body") {
        Some(Bson::Binary(body)) => body.bytes.len(),
        Some(Bson::String(body)) => body.len(),
        _ => 0,
    }
}

/// The documents after one whose `_id` is `{provider, [first], key}`, within the provider.
fn following(provider: &Provider, first: &str, value: &str, key: &str) -> Document {
    let provider = provider.as_str();
    doc! { "_id": {
        "$gt": { "provider": provider, first: value, "key": key },
        "$lt": { "provider": format!("{provider}\0") },
    } }
}

fn loose_record(row: &Document) -> Result<LooseRecord> {
    let (Name { kind, key }, Row { version, body, entries }) = records::row(row)?;
    let version = u64::try_from(version).map_err(|_| records::unreadable("record"))?;
    let index = entries.into_iter().map(|entry| (entry.index, entry.key)).collect();
    Ok(LooseRecord { kind, key, version, body: body.into_bytes(), index })
}
