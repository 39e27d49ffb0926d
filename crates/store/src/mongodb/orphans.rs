//! Pieces that no blob names: the remains of an upload whose process ended before it was complete.
//!
//! The id of a content contains the time at which its upload began, so the contents that may be checked, those that began
//! more than a day ago, are one range of the `_id` index. `sweeps` remembers how far that range was checked: each content is
//! checked once, and the cost depends on what was uploaded since, not on what is stored. Any number of processes may upload
//! and sweep at the same time; an upload that takes half a day is refused, so that none is ever swept while it continues.

use crate::mongodb::blobs;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::log;
use crate::{Result, StoreError};
use base::ids;
use jiff::{SignedDuration, Timestamp};
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

/// How long ago an upload must have begun before its pieces are checked.
const AGE: SignedDuration = SignedDuration::from_hours(24);
/// How long an upload may take. The difference allows for clocks that differ.
const LONGEST_UPLOAD: SignedDuration = SignedDuration::from_hours(12);

/// The `_id` of the document in `sweeps`.
const PIECES: &str = "pieces";

/// A new content, whose upload begins now.
pub(in crate::mongodb) fn content(now: Timestamp) -> Uuid {
    ids::random_at(now)
}

/// Refuses an upload that has taken so long that its pieces may soon be considered abandoned.
pub(in crate::mongodb) fn in_time(content: Uuid, now: Timestamp) -> Result<()> {
    if now.saturating_sub(LONGEST_UPLOAD).is_ok_and(|latest| content < ids::first_at(latest)) {
        return Err(StoreError::Failed("an upload took longer than twelve hours; send it again".to_owned()));
    }
    Ok(())
}

/// Removes the pieces that no blob names, of uploads that began more than a day ago; returns the number of such uploads.
pub(in crate::mongodb) async fn sweep(to: &Collections, now: Timestamp) -> Result<u64> {
    let latest = now.saturating_sub(AGE).unwrap_or(Timestamp::UNIX_EPOCH);
    let end = log::uuid(ids::first_at(latest));
    let mark = to.sweeps.find_one(doc! { "_id": PIECES }).await.map_err(|e| serving(&e))?;
    let begin = mark.and_then(|mark| mark.get("upto").cloned());
    let (mut at, mut swept) = (begin.clone().unwrap_or_else(|| log::uuid(Uuid::nil())), 0);
    while let Some(next) = content_after(to, &at, &end).await? {
        let named = to.blobs.find_one(doc! { "content": next.clone() }).await.map_err(|e| serving(&e))?;
        if named.is_none() {
            blobs::remove_pieces(to, next.clone()).await?;
            swept += 1;
        }
        at = next;
    }
    remember(to, begin, at).await?;
    Ok(swept)
}

/// The first content after `at` that began before `end`.
async fn content_after(to: &Collections, at: &Bson, end: &Bson) -> Result<Option<Bson>> {
    let bounds = doc! { "$gt": blobs::piece(at.clone(), i64::MAX), "$lt": blobs::piece(end.clone(), 0) };
    let first = to.pieces.find_one(doc! { "_id": bounds }).sort(doc! { "_id": 1 }).projection(doc! { "_id": 1 });
    let first = first.await.map_err(|e| serving(&e))?;
    Ok(first.and_then(|piece| piece.get_document("_id").ok()?.get("content").cloned()))
}

/// Moves the mark from `begin` to `end`, unless another process has moved it in the meantime.
async fn remember(to: &Collections, begin: Option<Bson>, end: Bson) -> Result<()> {
    let moved = doc! { "$set": { "upto": end } };
    let written = match begin {
        Some(begin) => to.sweeps.update_one(doc! { "_id": PIECES, "upto": begin }, moved).await,
        None => to.sweeps.update_one(doc! { "_id": PIECES }, moved).upsert(true).await,
    };
    written.map(drop).map_err(|e| serving(&e))
}

/// Has the next sweep check this content, and those after it, again.
pub(in crate::mongodb) async fn check_again(to: &Collections, content: &Bson) -> Result<()> {
    // The mark is at the last content that was checked, so it moves to just before this one.
    let Bson::Binary(binary) = content else { return Ok(()) };
    let Ok(id) = Uuid::from_slice(&binary.bytes) else { return Ok(()) };
    let before = log::uuid(Uuid::from_u128(id.as_u128().saturating_sub(1)));
    let back: Document = doc! { "$min": { "upto": before } };
    to.sweeps.update_one(doc! { "_id": PIECES }, back).await.map(drop).map_err(|e| serving(&e))
}
