//! Records: documents by key, and the indexes that their kinds declare.

use crate::archive::{LooseRecord, PAGE_BYTES};
use crate::embedded::fault::{Fault, number};
use crate::embedded::log::{self, ProviderId};
use crate::{Draft, IndexKey, Kind, Order, Provider, Record, Result, Span, StoreError, Write};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// The greatest length of a key of a record or of an index, in bytes.
const LONGEST_KEY: usize = 512;

/// Refuses drafts whose keys are too long or whose indexes are not declared, before they reach a transaction.
pub(in crate::embedded) fn check_keys(writes: &[Write]) -> Result<()> {
    for write in writes {
        let (kind, key, index): (_, _, &[IndexKey]) = match write {
            Write::Insert(draft) | Write::Replace { draft, .. } => (draft.kind, &draft.key, &draft.index),
            Write::Delete { kind, key, .. } => (*kind, key, &[]),
        };
        for entry in index {
            check_index(kind, entry.index)?;
        }
        if index.iter().map(|entry| &entry.key).chain([key]).any(|key| key.len() > LONGEST_KEY) {
            let name = kind.name;
            return Err(StoreError::Failed(format!("a key of a {name} is longer than {LONGEST_KEY} bytes")));
        }
    }
    Ok(())
}

/// Refuses an index that the kind does not declare.
pub(in crate::embedded) fn check_index(kind: &Kind, index: &str) -> Result<()> {
    if kind.indexes.iter().any(|declared| declared.name == index) {
        return Ok(());
    }
    Err(StoreError::Failed(format!("the kind {} declares no index {index}", kind.name)))
}

/// Does one write.
pub(in crate::embedded) fn write(
    db: &Connection,
    provider: ProviderId,
    write: &Write,
) -> std::result::Result<(), Fault> {
    match write {
        Write::Insert(draft) => insert(db, provider, draft),
        Write::Replace { version, draft } => replace(db, provider, *version, draft),
        Write::Delete { kind, key, version } => delete(db, provider, kind, key, *version),
    }
}

fn insert(db: &Connection, provider: ProviderId, draft: &Draft) -> std::result::Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO record (provider, kind, key, version, entries, body) VALUES (?1, ?2, ?3, 1, ?4, ?5)
         ON CONFLICT DO NOTHING RETURNING id",
    )?;
    let entries = entries_of(draft);
    let row = params![provider, draft.kind.name, draft.key, to_text(&entries)?, draft.body];
    let id = insert.query_row(row, |row| row.get(0)).optional()?.ok_or_else(|| stale(draft.kind, &draft.key))?;
    index(db, provider, draft, id, &entries)
}

fn replace(db: &Connection, provider: ProviderId, version: u64, draft: &Draft) -> std::result::Result<(), Fault> {
    let there = expect(db, provider, draft.kind, &draft.key, version)?;
    let entries = entries_of(draft);
    unindex(db, provider, draft.kind, &draft.key, there.entries.difference(&entries))?;
    let fresh = entries.difference(&there.entries).cloned().collect();
    index(db, provider, draft, there.id, &fresh)?;
    let mut update =
        db.prepare_cached("UPDATE record SET version = version + 1, entries = ?2, body = ?3 WHERE id = ?1")?;
    update.execute(params![there.id, to_text(&entries)?, draft.body])?;
    Ok(())
}

fn delete(
    db: &Connection,
    provider: ProviderId,
    kind: &'static Kind,
    key: &str,
    version: u64,
) -> std::result::Result<(), Fault> {
    let there = expect(db, provider, kind, key, version)?;
    unindex(db, provider, kind, key, there.entries.iter())?;
    db.prepare_cached("DELETE FROM record WHERE id = ?1")?.execute([there.id])?;
    Ok(())
}

/// An entry of a record: the index and the key in it.
type Entry = (String, String);

/// What a replacement must know of the record that it replaces.
struct CurrentRecord {
    id: i64,
    entries: BTreeSet<Entry>,
}

/// The record of this key, which must have this version.
fn expect(
    db: &Connection,
    provider: ProviderId,
    kind: &'static Kind,
    key: &str,
    version: u64,
) -> std::result::Result<CurrentRecord, Fault> {
    let mut find = db.prepare_cached(
        "SELECT id, entries FROM record WHERE provider = ?1 AND kind = ?2 AND key = ?3 AND version = ?4",
    )?;
    let version = i64::try_from(version).map_err(|_| number("record version"))?;
    let found: Option<(i64, String)> =
        find.query_row(params![provider, kind.name, key, version], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (id, entries) = found.ok_or_else(|| stale(kind, key))?;
    Ok(CurrentRecord { id, entries: from_text(&entries)? })
}

fn entries_of(draft: &Draft) -> BTreeSet<Entry> {
    draft.index.iter().map(|entry| (entry.index.to_owned(), entry.key.clone())).collect()
}

fn index(
    db: &Connection,
    provider: ProviderId,
    draft: &Draft,
    id: i64,
    entries: &BTreeSet<Entry>,
) -> std::result::Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO record_index (provider, kind, name, key, record_key, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (name, key) in entries {
        refuse_if_taken(db, provider, draft.kind, name, key)?;
        insert.execute(params![provider, draft.kind.name, name, key, draft.key, id])?;
    }
    Ok(())
}

fn unindex<'e>(
    db: &Connection,
    provider: ProviderId,
    kind: &Kind,
    record_key: &str,
    entries: impl Iterator<Item = &'e Entry>,
) -> std::result::Result<(), Fault> {
    let mut delete = db.prepare_cached(
        "DELETE FROM record_index WHERE provider = ?1 AND kind = ?2 AND name = ?3 AND key = ?4 AND record_key = ?5",
    )?;
    for (name, key) in entries {
        delete.execute(params![provider, kind.name, name, key, record_key])?;
    }
    Ok(())
}

/// Refuses a key in a unique index that another record has. The caller's own entry there was taken out or never was.
fn refuse_if_taken(
    db: &Connection,
    provider: ProviderId,
    kind: &'static Kind,
    name: &str,
    key: &str,
) -> std::result::Result<(), Fault> {
    let Some(index) = kind.indexes.iter().find(|index| index.name == name && index.unique) else { return Ok(()) };
    let mut find = db.prepare_cached(
        "SELECT 1 FROM record_index WHERE provider = ?1 AND kind = ?2 AND name = ?3 AND key = ?4 LIMIT 1",
    )?;
    if find.exists(params![provider, kind.name, name, key])? {
        return Err(StoreError::Taken { kind: kind.name, index: index.name }.into());
    }
    Ok(())
}

/// The record of this kind and key.
pub(in crate::embedded) fn get(
    db: &Connection,
    provider: &Provider,
    kind: &Kind,
    key: &str,
) -> std::result::Result<Option<Record>, Fault> {
    let Some(provider) = log::provider(db, provider)? else { return Ok(None) };
    let mut find =
        db.prepare_cached("SELECT key, version, body FROM record WHERE provider = ?1 AND kind = ?2 AND key = ?3")?;
    Ok(find.query_row(params![provider, kind.name, key], |row| read(row, 0)).optional()?)
}

/// The records in a range of an index.
pub(in crate::embedded) fn range(
    db: &Connection,
    provider: &Provider,
    kind: &Kind,
    span: &Span,
) -> std::result::Result<Vec<(String, Record)>, Fault> {
    let Some(provider) = log::provider(db, provider)? else { return Ok(Vec::new()) };
    let (beyond, direction) = match span.order {
        Order::Oldest => (">", "ASC"),
        Order::Newest => ("<", "DESC"),
    };
    let continued =
        if span.after.is_some() { format!("AND (e.key, e.record_key) {beyond} (?7, ?8)") } else { String::new() };
    let sql = format!(
        "SELECT e.key, r.key, r.version, r.body FROM record_index e JOIN record r ON r.id = e.record
         WHERE e.provider = ?1 AND e.kind = ?2 AND e.name = ?3 AND e.key >= ?4 AND e.key < ?5 {continued}
         ORDER BY e.key {direction}, e.record_key {direction} LIMIT ?6"
    );
    let mut find = db.prepare_cached(&sql)?;
    let limit = i64::try_from(span.limit).unwrap_or(i64::MAX);
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, read(row, 1)?));
    let found: rusqlite::Result<_> = match &span.after {
        None => find
            .query_map(params![provider, kind.name, span.index, span.keys.start, span.keys.end, limit], row)?
            .collect(),
        Some((key, record)) => find
            .query_map(
                params![provider, kind.name, span.index, span.keys.start, span.keys.end, limit, key, record],
                row,
            )?
            .collect(),
    };
    found.map_err(Fault::from)
}

/// The records after this kind and key, by kind and key, as many as fit a page.
pub(in crate::embedded) fn after(
    db: &Connection,
    provider: &Provider,
    last: Option<(String, String)>,
    limit: usize,
) -> std::result::Result<Vec<LooseRecord>, Fault> {
    let Some(provider) = log::provider(db, provider)? else { return Ok(Vec::new()) };
    let (kind, key) = last.unwrap_or_default();
    let mut find = db.prepare_cached(
        "SELECT kind, key, version, body, entries FROM record WHERE provider = ?1 AND (kind, key) > (?2, ?3)
         ORDER BY kind, key LIMIT ?4",
    )?;
    let mut rows = find.query(params![provider, kind, key, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let (mut found, mut weight) = (Vec::new(), 0);
    while weight < PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let (Record { key, version, body }, entries) = (read(row, 1)?, from_text(&row.get::<_, String>(4)?)?);
        weight += body.len();
        found.push(LooseRecord { kind: row.get(0)?, key, version, body, index: entries.into_iter().collect() });
    }
    Ok(found)
}

/// Stores `draft` at `version`, replacing the record with its key if there is one.
pub(in crate::embedded) fn put(
    db: &Connection,
    provider: ProviderId,
    draft: &Draft,
    version: u64,
) -> std::result::Result<(), Fault> {
    let mut find = db.prepare_cached("SELECT version FROM record WHERE provider = ?1 AND kind = ?2 AND key = ?3")?;
    let row = params![provider, draft.kind.name, draft.key];
    if let Some(there) = find.query_row(row, |row| row.get::<_, i64>(0)).optional()? {
        delete(db, provider, draft.kind, &draft.key, there.unsigned_abs())?;
    }
    insert(db, provider, draft)?;
    let version = i64::try_from(version).map_err(|_| number("record version"))?;
    let mut update =
        db.prepare_cached("UPDATE record SET version = ?4 WHERE provider = ?1 AND kind = ?2 AND key = ?3")?;
    update.execute(params![provider, draft.kind.name, draft.key, version])?;
    Ok(())
}

/// A record from the columns key, version, body, beginning at `first`.
fn read(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Record> {
    let version: i64 = row.get(first + 1)?;
    Ok(Record { key: row.get(first)?, version: version.unsigned_abs(), body: row.get(first + 2)? })
}

fn stale(kind: &'static Kind, key: &str) -> StoreError {
    StoreError::Stale { kind: kind.name, key: key.to_owned() }
}

fn to_text(entries: &BTreeSet<Entry>) -> Result<String> {
    serde_json::to_string(entries).map_err(|e| StoreError::Failed(format!("cannot write index entries: {e}")))
}

fn from_text(text: &str) -> Result<BTreeSet<Entry>> {
    serde_json::from_str(text).map_err(|e| StoreError::Failed(format!("cannot read index entries: {e}")))
}
