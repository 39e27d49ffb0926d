//! Due work: one document per item, its `_id` is `{provider, queue, key}`.

use crate::archive::LooseDue;
use crate::mongodb::commits::abandoned;
use crate::mongodb::connection::fault::{is_out_of_time, passes, serving};
use crate::mongodb::connection::patience::DEADLINE;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::mongodb::records::unreadable;
use crate::{Claim, ClaimRequest, Provider, Result};
use base::clock::{Clock as _, SystemClock};
use base::ids;
use jiff::{SignedDuration, Timestamp};
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::ReturnDocument;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// How long a claim waits for another transaction, or for the majority to confirm it: an item whose claim was not confirmed in
/// time is not claimed again until its lease ends.
const PATIENCE: Duration = Duration::from_secs(3);

/// The `_id` of an item.
pub(in crate::mongodb) fn id(provider: &Provider, queue: &str, key: &str) -> Bson {
    Bson::Document(doc! { "provider": provider.as_str(), "queue": queue, "key": key })
}

/// The source of tickets. No process ever issues the same one: a ticket begins with the time, and ends with random bits that
/// are then counted up.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct Tickets(AtomicI64);

impl Tickets {
    const RANDOM_BITS: u32 = 20;

    /// The next ticket. Its time is that of the machine, whatever clock the store uses: it only orders tickets.
    pub(in crate::mongodb) fn next(&self) -> i64 {
        let noise = ids::random().as_u128() & ((1 << Self::RANDOM_BITS) - 1);
        let fresh =
            (SystemClock.now().as_millisecond() << Self::RANDOM_BITS) | i64::try_from(noise).unwrap_or_default();
        let next = |last: i64| Some(fresh.max(last + 1));
        let last = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).unwrap_or_default();
        fresh.max(last + 1)
    }
}

/// The update that writes an item, due at `at`.
pub(in crate::mongodb) fn fresh(queue: &str, at: Timestamp, ticket: i64) -> Document {
    let at = DateTime::from_millis(at.as_millisecond());
    doc! { "$set": { "queue": queue, "at": at, "ready": at, "ticket": ticket, "claims": 0 } }
}

/// The queue, key and ticket of an item's document.
pub(in crate::mongodb) fn ticket(row: &Document) -> Result<(String, String, i64)> {
    let read = || {
        let id = row.get_document("_id").ok()?;
        Some((id.get_str("queue").ok()?.to_owned(), id.get_str("key").ok()?.to_owned(), row.get_i64("ticket").ok()?))
    };
    read().ok_or_else(|| unreadable("due item"))
}

/// Claims up to `limit` items of the queue that are ready at `now`. If a problem occurs, returns what was claimed before it; the
/// next call finds the rest. So there is nothing to claim while there is no primary.
pub(in crate::mongodb) async fn claim(from: &Collections, wanted: ClaimRequest) -> Result<Vec<Claim>> {
    let ClaimRequest { queue, now, lease, horizon, limit } = wanted;
    let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    let has_come = doc! { "queue": queue, "ready": { "$lte": DateTime::from_millis(now.as_millisecond()) } };
    let ready = if horizon == SignedDuration::MAX {
        has_come
    } else {
        let ahead = DateTime::from_millis(wanted.latest().as_millisecond());
        doc! { "$or": [has_come, { "queue": queue, "ready": { "$gt": ahead } }] }
    };
    let mut claims = Vec::new();
    while claims.len() < limit {
        let update = doc! {
            "$set": { "ready": DateTime::from_millis(until.as_millisecond()), "ticket": from.tickets.next() },
            "$inc": { "claims": 1 },
        };
        let mut session = seen::session(from).await?;
        let take = from.due.find_one_and_update(ready.clone(), update).sort(doc! { "ready": 1 }).session(&mut session);
        let take = take.return_document(ReturnDocument::After).max_time(PATIENCE);
        // A claim is not retried: each attempt would claim another item.
        let Ok(taken) = timeout(DEADLINE, take.into_future()).await else { break };
        match taken {
            Ok(Some(item)) => {
                // The data that the work needs was committed with it, so the worker must see that too.
                from.seen.note(&session);
                claims.push(read(&item)?);
            }
            Ok(None) => break,
            Err(error) if is_out_of_time(&error) => {
                abandoned::end(from).await;
                break;
            }
            Err(error) if passes(&error) => break,
            Err(error) => return Err(serving(&error)),
        }
    }
    Ok(claims)
}

fn read(item: &Document) -> Result<Claim> {
    let (queue, key, ticket) = ticket(item)?;
    let read = || {
        let provider = item.get_document("_id").ok()?.get_str("provider").ok()?;
        let claims = item.get_i32("claims").ok()?;
        let (ticket, attempts) = (u64::try_from(ticket).ok()?, u32::try_from(claims - 1).ok()?);
        Some(Claim { provider: Provider::new(provider), queue, key, ticket, attempts })
    };
    read().ok_or_else(|| unreadable("due item"))
}

/// An item outside its store.
pub(in crate::mongodb) fn loose(row: &Document) -> Result<LooseDue> {
    let (queue, key, _) = ticket(row)?;
    let at = row.get_datetime("at").ok().and_then(|at| Timestamp::from_millisecond(at.timestamp_millis()).ok());
    Ok(LooseDue { queue, key, at: at.ok_or_else(|| unreadable("due item"))? })
}

/// How many items of `queue` were due at or before `now`.
pub(in crate::mongodb) async fn count(from: &Collections, queue: &str, now: Timestamp) -> Result<u64> {
    let filter = doc! { "queue": queue, "at": { "$lte": DateTime::from_millis(now.as_millisecond()) } };
    from.due.count_documents(filter).await.map_err(|e| serving(&e))
}
