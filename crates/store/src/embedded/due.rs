//! Due work: written in the commit from which it follows, and claimed by workers for the length of a lease.

use crate::archive::LooseDue;
use crate::embedded::fault::{Fault, number};
use crate::embedded::log::{self, ProviderId};
use crate::{Claim, ClaimRequest, DueItem, Provider, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Makes `due` due, replacing an item of the same queue and key and every claim on it.
pub(in crate::embedded) fn add(db: &Connection, provider: ProviderId, due: &DueItem) -> Result<(), Fault> {
    write(db, provider, due.queue, &due.key, due.at)
}

/// As [`add`], for an item of another store.
pub(in crate::embedded) fn put(db: &Connection, provider: ProviderId, due: &LooseDue) -> Result<(), Fault> {
    write(db, provider, &due.queue, &due.key, due.at)
}

fn write(db: &Connection, provider: ProviderId, queue: &str, key: &str, at: Timestamp) -> Result<(), Fault> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO due (provider, queue, key, at, ready, ticket, claims) VALUES (?1, ?2, ?3, ?4, ?4, ?5, 0)
         ON CONFLICT DO UPDATE SET at = excluded.at, ready = excluded.at, ticket = excluded.ticket, claims = 0",
    )?;
    upsert.execute(params![provider, queue, key, at.as_microsecond(), next_ticket(db)?])?;
    Ok(())
}

/// Removes the item of `claim`, if the claim is still valid.
///
/// A claim whose lease has ended is valid until someone else claims the item or it is written again: the work was done,
/// and nobody else has begun it.
pub(in crate::embedded) fn done(db: &Connection, provider: ProviderId, claim: &Claim) -> Result<(), Fault> {
    let mut delete =
        db.prepare_cached("DELETE FROM due WHERE provider = ?1 AND queue = ?2 AND key = ?3 AND ticket = ?4")?;
    let ticket = i64::try_from(claim.ticket).map_err(|_| number("ticket"))?;
    if delete.execute(params![provider, claim.queue, claim.key, ticket])? == 0 {
        return Err(StoreError::Lapsed { queue: claim.queue.clone(), key: claim.key.clone() }.into());
    }
    Ok(())
}

/// Removes an item, claimed or not.
pub(in crate::embedded) fn remove(db: &Connection, provider: ProviderId, due: &LooseDue) -> Result<(), Fault> {
    let mut delete = db.prepare_cached("DELETE FROM due WHERE provider = ?1 AND queue = ?2 AND key = ?3")?;
    delete.execute(params![provider, due.queue, due.key])?;
    Ok(())
}

/// Whether [`claim`] would find anything.
pub(in crate::embedded) fn any_ready(db: &Connection, wanted: &ClaimRequest) -> Result<bool, Fault> {
    let ClaimRequest { queue, now, .. } = wanted;
    let mut find = db.prepare_cached("SELECT 1 FROM due WHERE queue = ?1 AND ready <= ?2 LIMIT 1")?;
    let mut find_ahead = db.prepare_cached("SELECT 1 FROM due WHERE queue = ?1 AND ready > ?2 LIMIT 1")?;
    Ok(find.exists(params![queue, now.as_microsecond()])?
        || find_ahead.exists(params![queue, wanted.latest().as_microsecond()])?)
}

/// Claims the items that have waited the longest.
pub(in crate::embedded) fn claim(db: &Connection, wanted: &ClaimRequest) -> Result<Vec<Claim>, Fault> {
    let until = wanted.now.checked_add(wanted.lease).map_err(|_| number("lease"))?;
    let mut take = db.prepare_cached(
        "UPDATE due SET ready = ?4, ticket = ?5, claims = claims + 1 WHERE provider = ?1 AND queue = ?2 AND key = ?3",
    )?;
    let mut claims = Vec::new();
    for (provider, name, key, lapsed) in ready(db, wanted)? {
        let ticket = next_ticket(db)?;
        take.execute(params![provider, wanted.queue, key, until.as_microsecond(), ticket])?;
        claims.push(Claim {
            provider: Provider::new(&name),
            queue: wanted.queue.to_owned(),
            key,
            ticket: ticket.unsigned_abs(),
            attempts: lapsed,
        });
    }
    Ok(claims)
}

/// The items that may be claimed: provider, its name, key, and how often each was claimed before.
fn ready(db: &Connection, wanted: &ClaimRequest) -> Result<Vec<(ProviderId, String, String, u32)>, Fault> {
    let mut find = db.prepare_cached(
        "SELECT due.provider, provider.name, due.key, due.claims FROM due JOIN provider ON provider.id = due.provider
         WHERE due.queue = ?1 AND due.ready <= ?2 ORDER BY due.ready LIMIT ?3",
    )?;
    let mut find_ahead = db.prepare_cached(
        "SELECT due.provider, provider.name, due.key, due.claims FROM due JOIN provider ON provider.id = due.provider
         WHERE due.queue = ?1 AND due.ready > ?2 ORDER BY due.ready LIMIT ?3",
    )?;
    let mut found = Vec::new();
    for (find, bound) in [(&mut find, wanted.now), (&mut find_ahead, wanted.latest())] {
        let limit = i64::try_from(wanted.limit.saturating_sub(found.len())).unwrap_or(i64::MAX);
        let rows = find.query_map(params![wanted.queue, bound.as_microsecond(), limit], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// Ends every lease. For a server that starts: the process that had them has ended.
pub(in crate::embedded) fn end_leases(db: &Connection) -> rusqlite::Result<()> {
    db.execute("UPDATE due SET ready = at WHERE ready <> at", [])?;
    Ok(())
}

/// How many items of `queue` were due at or before `now`.
pub(in crate::embedded) fn count(db: &Connection, queue: &str, now: Timestamp) -> Result<u64, Fault> {
    let mut count = db.prepare_cached("SELECT count(*) FROM due WHERE queue = ?1 AND at <= ?2")?;
    let count: i64 = count.query_row(params![queue, now.as_microsecond()], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The items after this queue and key, by queue and key.
pub(in crate::embedded) fn after(
    db: &Connection,
    provider: &Provider,
    last: Option<(String, String)>,
    limit: usize,
) -> Result<Vec<LooseDue>, Fault> {
    let Some(provider) = log::provider(db, provider)? else { return Ok(Vec::new()) };
    let (queue, key) = last.unwrap_or_default();
    let mut find = db.prepare_cached(
        "SELECT queue, key, at FROM due WHERE provider = ?1 AND (queue, key) > (?2, ?3) ORDER BY queue, key LIMIT ?4",
    )?;
    let mut rows = find.query(params![provider, queue, key, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let at = row.get::<_, i64>(2)?.div_euclid(1000);
        let at = Timestamp::from_millisecond(at).map_err(|_| number("time"))?;
        found.push(LooseDue { queue: row.get(0)?, key: row.get(1)?, at });
    }
    Ok(found)
}

fn next_ticket(db: &Connection) -> rusqlite::Result<i64> {
    let mut next = db.prepare_cached("UPDATE ticket SET last = last + 1 RETURNING last")?;
    next.query_row([], |row| row.get(0))
}
