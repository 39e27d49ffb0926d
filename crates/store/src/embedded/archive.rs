//! Reading and restoring everything.

use crate::archive::{Archive, LogEntry, LooseDue, LooseRecord, PAGE_BYTES, Pieces};
use crate::embedded::EmbeddedStore;
use crate::embedded::commits::apply::{Group, Work};
use crate::embedded::damage;
use crate::embedded::due;
use crate::embedded::fault::{Fault, number};
use crate::embedded::log;
use crate::embedded::log::LogPosition;
use crate::embedded::records;
use crate::{Provider, Result, Seq, StoreError};
use async_trait::async_trait;
use base::hash::Sha256;
use base::log::{StatementId, Token};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

#[async_trait]
impl Archive for EmbeddedStore {
    async fn providers(&self) -> Result<Vec<Provider>> {
        let all = |db: &Connection| {
            let mut find = db.prepare_cached("SELECT name FROM provider ORDER BY name")?;
            let names = find.query_map([], |row| Ok(Provider::new(&row.get::<_, String>(0)?)))?;
            Ok(names.collect::<rusqlite::Result<_>>()?)
        };
        self.readers.read(all).await
    }

    async fn statements_after(&self, provider: &Provider, after: Seq, limit: usize) -> Result<Vec<LogEntry>> {
        let provider = provider.clone();
        self.readers.read(move |db| statements(db, &provider, after, limit)).await
    }

    async fn records_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseRecord>> {
        let provider = provider.clone();
        self.readers.read(move |db| records::after(db, &provider, after, limit)).await
    }

    async fn due_after(
        &self,
        provider: &Provider,
        after: Option<(String, String)>,
        limit: usize,
    ) -> Result<Vec<LooseDue>> {
        let provider = provider.clone();
        self.readers.read(move |db| due::after(db, &provider, after, limit)).await
    }

    async fn blobs_after(&self, after: Option<Sha256>, limit: usize) -> Result<Vec<Sha256>> {
        self.alive.check()?;
        self.blobs.after(after, limit).await
    }

    async fn log_end(&self, provider: &Provider) -> Result<Seq> {
        let provider = provider.clone();
        self.readers.read(move |db| Ok(log::head(db, &provider)?.0)).await
    }

    async fn damage(&self) -> Result<Vec<String>> {
        let mut found = self.readers.read(|db| Ok(damage::find(db))).await?;
        found.extend(self.blobs.damage().await?);
        Ok(found)
    }

    async fn changes(&self) -> Result<u64> {
        self.writing()?.writer.changes().await
    }

    async fn take_in(&self, provider: &Provider, pieces: Pieces) -> Result<()> {
        self.writing()?.writer.take_in(provider.clone(), pieces).await
    }

    async fn call_off(&self, provider: &Provider, due: Vec<LooseDue>) -> Result<()> {
        self.writing()?.writer.call_off(provider.clone(), due).await
    }
}

fn statements(
    db: &Connection,
    provider: &Provider,
    after: Seq,
    limit: usize,
) -> std::result::Result<Vec<LogEntry>, Fault> {
    let Some(provider) = log::provider(db, provider)? else { return Ok(Vec::new()) };
    let mut find = db.prepare_cached(
        "SELECT place, id, stored, digest, tokens, target, voiding, bytes FROM statement
         WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3",
    )?;
    let (start, end) = (LogPosition::of(provider, after), LogPosition::of(provider, Seq(u64::MAX)));
    let mut rows = find.query(params![start, end, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let (mut found, mut weight) = (Vec::new(), 0);
    while weight < PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let entry = entry(row)?;
        weight += entry.bytes.len();
        found.push(entry);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> std::result::Result<LogEntry, Fault> {
    let (place, id, tokens): (LogPosition, [u8; 16], Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(4)?);
    let target: Option<[u8; 16]> = row.get(5)?;
    Ok(LogEntry {
        seq: place.seq(),
        id: StatementId(Uuid::from_bytes(id)),
        stored: Timestamp::from_millisecond(row.get(2)?).map_err(|_| number("time"))?,
        digest: Sha256(row.get(3)?),
        tokens: tokens.as_chunks::<16>().0.iter().copied().map(Token).collect(),
        refers_to: target.map(Uuid::from_bytes).map(StatementId),
        voiding: row.get(6)?,
        bytes: row.get(7)?,
    })
}

impl Work for (Provider, Pieces) {
    type Output = ();

    fn apply(&self, group: &mut Group<'_>) -> std::result::Result<(), Fault> {
        let (provider, pieces) = self;
        let provider = log::provider_or_new(group.db(), provider)?;
        for entry in &pieces.statements {
            let appended = group.append_again(provider, entry)?;
            if appended.seq != entry.seq {
                let sentence = format!(
                    "statement {} was number {} and would become number {}; restore a log only into a store \
                     that has no other statements",
                    entry.id, entry.seq.0, appended.seq.0
                );
                return Err(StoreError::Failed(sentence).into());
            }
        }
        for (draft, version) in &pieces.records {
            records::put(group.db(), provider, draft, *version)?;
        }
        for item in &pieces.due {
            due::put(group.db(), provider, item)?;
        }
        Ok(())
    }
}

impl Work for (Provider, Vec<LooseDue>) {
    type Output = ();

    fn apply(&self, group: &mut Group<'_>) -> std::result::Result<(), Fault> {
        let (provider, items) = self;
        let Some(provider) = log::provider(group.db(), provider)? else { return Ok(()) };
        for item in items {
            due::remove(group.db(), provider, item)?;
        }
        Ok(())
    }
}

/// A request for the number of changes of the database by others.
pub(in crate::embedded) struct Changes;

impl Work for Changes {
    type Output = u64;

    fn apply(&self, group: &mut Group<'_>) -> std::result::Result<u64, Fault> {
        let changes: i64 = group.db().query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok(changes.unsigned_abs())
    }
}
