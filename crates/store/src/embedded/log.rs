//! The log: statements in commit order, by position and by id.

use crate::embedded::commits::references;
use crate::embedded::fault::{Fault, number};
use crate::embedded::schema;
use crate::{AppendReceipt, Provider, Result, Seq, StoreError, StoredStatement};
use base::hash::Sha256;
use base::log::{NewStatement, StatementId, Token};
use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A provider's number in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embedded) struct ProviderId(i64);

/// A statement's position among all providers: `provider << 40 | seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::embedded) struct LogPosition(pub(in crate::embedded) i64);

impl LogPosition {
    const SEQ_BITS: u32 = 40;
    const LAST_SEQ: i64 = (1 << Self::SEQ_BITS) - 1;

    /// The position of `seq`, or the provider's greatest possible one when `seq` is beyond it.
    pub(in crate::embedded) fn of(provider: ProviderId, seq: Seq) -> Self {
        Self((provider.0 << Self::SEQ_BITS) | i64::try_from(seq.0).unwrap_or(i64::MAX).min(Self::LAST_SEQ))
    }

    /// Its position in the provider's log.
    pub(in crate::embedded) fn seq(self) -> Seq {
        Seq((self.0 & Self::LAST_SEQ).unsigned_abs())
    }
}

/// The number of `provider`, if anything was ever stored for it.
pub(in crate::embedded) fn provider(db: &Connection, provider: &Provider) -> rusqlite::Result<Option<ProviderId>> {
    let mut find = db.prepare_cached("SELECT id FROM provider WHERE name = ?1")?;
    find.query_row([provider.as_str()], |row| row.get(0).map(ProviderId)).optional()
}

/// The number of `provider`, assigned now if it has none.
pub(in crate::embedded) fn provider_or_new(db: &Connection, name: &Provider) -> rusqlite::Result<ProviderId> {
    if let Some(id) = provider(db, name)? {
        return Ok(id);
    }
    let mut insert = db.prepare_cached("INSERT INTO provider (name) VALUES (?1) RETURNING id")?;
    insert.query_row([name.as_str()], |row| row.get(0).map(ProviderId))
}

impl rusqlite::ToSql for ProviderId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for ProviderId {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

impl rusqlite::ToSql for LogPosition {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for LogPosition {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

/// The position of a provider's last statement, and when it was stored, in milliseconds. `seq` 0 and 0 when there is none.
#[derive(Debug, Clone, Copy)]
pub(in crate::embedded) struct End {
    pub(in crate::embedded) place: LogPosition,
    pub(in crate::embedded) stored: i64,
}

/// Where the log of `provider` ends.
pub(in crate::embedded) fn end(db: &Connection, provider: ProviderId) -> rusqlite::Result<End> {
    let start = LogPosition::of(provider, Seq(0));
    let last = LogPosition::of(provider, Seq(u64::MAX));
    let mut find = db.prepare_cached(
        "SELECT place, stored FROM statement WHERE place > ?1 AND place <= ?2 ORDER BY place DESC LIMIT 1",
    )?;
    let found = find.query_row([start, last], |row| Ok(End { place: row.get(0)?, stored: row.get(1)? })).optional()?;
    Ok(found.unwrap_or(End { place: start, stored: 0 }))
}

/// Appends `statement` at `stored` (milliseconds), unless an equivalent one is stored; adds its index entries to `index`.
pub(in crate::embedded) fn append(
    db: &Connection,
    provider: ProviderId,
    statement: &NewStatement,
    stored: i64,
    index: &mut Vec<(Token, LogPosition)>,
) -> std::result::Result<AppendReceipt, Fault> {
    if let Some(there) = stored_already(db, provider, statement)? {
        return Ok(there);
    }
    let end = end(db, provider)?;
    let seq = Seq(end.place.seq().0 + 1);
    let place = LogPosition::of(provider, seq);
    if place == end.place {
        return Err(number("position in the log").into());
    }
    let stored = stored.max(end.stored);
    let instant = instant(stored)?;
    let ties = references::of(db, provider, statement)?;
    insert(db, provider, place, statement, stored, ties.voided)?;
    if let Some(target) = statement.refers_to.filter(|_| statement.voiding) {
        references::void(db, provider, target)?;
    }
    index.extend(ties.entries(place, &statement.tokens));
    Ok(AppendReceipt { seq, stored: instant, new: true })
}

/// The position of the statement with this id, if it is stored already and equivalent.
fn stored_already(
    db: &Connection,
    provider: ProviderId,
    statement: &NewStatement,
) -> std::result::Result<Option<AppendReceipt>, Fault> {
    let mut find = db.prepare_cached("SELECT place, stored, digest FROM statement WHERE provider = ?1 AND id = ?2")?;
    let found: Option<(LogPosition, i64, [u8; 32])> = find
        .query_row(params![provider, statement.id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        None => Ok(None),
        Some((place, stored, digest)) if Sha256(digest) == statement.digest => {
            Ok(Some(AppendReceipt { seq: place.seq(), stored: instant(stored)?, new: false }))
        }
        Some(_) => Err(StoreError::Differs(statement.id).into()),
    }
}

fn insert(
    db: &Connection,
    provider: ProviderId,
    place: LogPosition,
    statement: &NewStatement,
    stored: i64,
    voided: bool,
) -> std::result::Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO statement (place, provider, id, stored, voided, digest, target, voiding, tokens, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let tokens: Vec<u8> = statement.tokens.iter().flat_map(|token| token.0).collect();
    insert.execute(params![
        place,
        provider,
        statement.id.0.as_bytes(),
        stored,
        voided,
        statement.digest.0,
        statement.refers_to.as_ref().map(|target| target.0.as_bytes()),
        statement.voiding,
        tokens,
        statement.bytes.stamp(instant(stored)?),
    ])?;
    Ok(())
}

/// The columns that [`read`] needs, for every query that returns statements.
pub(in crate::embedded) const COLUMNS: &str = "place, id, stored, voided, bytes";

/// A statement from a row of [`COLUMNS`].
pub(in crate::embedded) fn read(row: &Row<'_>) -> std::result::Result<StoredStatement, Fault> {
    let (place, id, bytes): (LogPosition, [u8; 16], Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(4)?);
    Ok(StoredStatement {
        seq: place.seq(),
        id: StatementId(uuid::Uuid::from_bytes(id)),
        stored: instant(row.get(2)?)?,
        voided: row.get(3)?,
        bytes: Bytes::from(bytes),
    })
}

/// The statement of this id.
pub(in crate::embedded) fn statement(
    db: &Connection,
    provider: &Provider,
    id: StatementId,
) -> std::result::Result<Option<StoredStatement>, Fault> {
    let Some(provider) = self::provider(db, provider)? else { return Ok(None) };
    let mut find = db.prepare_cached(&format!("SELECT {COLUMNS} FROM statement WHERE provider = ?1 AND id = ?2"))?;
    let mut rows = find.query(params![provider, id.0.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// The last position and, if there is one, when it was stored, in milliseconds.
pub(in crate::embedded) fn head(db: &Connection, provider: &Provider) -> std::result::Result<(Seq, i64), Fault> {
    let Some(provider) = self::provider(db, provider)? else { return Ok((Seq(0), 0)) };
    let end = end(db, provider)?;
    Ok((end.place.seq(), end.stored))
}

/// The last position stored at or before `at`. `stored` never decreases along the log, so a binary search finds it.
pub(in crate::embedded) fn seq_at(
    db: &Connection,
    provider: &Provider,
    at: Timestamp,
) -> std::result::Result<Seq, Fault> {
    let Some(provider) = self::provider(db, provider)? else { return Ok(Seq(0)) };
    let _snapshot = schema::snapshot(db)?;
    let mut find = db.prepare_cached("SELECT stored FROM statement WHERE place = ?1")?;
    let (mut within, mut beyond) = (0, end(db, provider)?.place.seq().0 + 1);
    while beyond - within > 1 {
        let middle = within + (beyond - within) / 2;
        let stored = find.query_row([LogPosition::of(provider, Seq(middle))], |row| row.get(0))?;
        if instant(stored)? <= at { within = middle } else { beyond = middle }
    }
    Ok(Seq(within))
}

fn instant(milliseconds: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| number("time"))
}
