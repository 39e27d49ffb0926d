//! Blobs: pieces of one mebibyte, so that a range is read without the rest. GridFS is not used because it does not name a file
//! by its content: here the SHA-256 is the `_id`, and the same bytes are stored once.
//!
//! The pieces are written first, under a new content id of the upload; the document in `blobs`, written last, makes them a
//! blob. An upload whose process ends leaves pieces that no blob names; [`orphans`] removes them.

use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::patience::patiently;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::mongodb::log;
use crate::mongodb::orphans;
use crate::mongodb::records::unreadable;
use crate::{Result, StoreError};
use base::clock::Clock;
use base::hash::{Hasher, Sha256};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::options::ReturnDocument;
use std::ops::Range;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use uuid::Uuid;

/// Bytes in every piece but the last.
const PIECE: u64 = 1 << 20;

/// A stored blob.
pub(in crate::mongodb) struct Blob {
    pub(in crate::mongodb) length: u64,
    content: Bson,
}

/// The blob of this name.
pub(in crate::mongodb) async fn find(from: &Collections, name: Sha256) -> Result<Option<Blob>> {
    let row = seen::one(from, from.blobs.find_one(doc! { "_id": name.to_string() })).await?;
    let read = |row: Document| {
        let length = u64::try_from(row.get_i64("length").ok()?).ok()?;
        Some(Blob { length, content: row.get("content")?.clone() })
    };
    row.map(|row| read(row).ok_or_else(|| unreadable("blob"))).transpose()
}

/// Reads `source` to its end and stores it.
pub(in crate::mongodb) async fn keep(
    to: &Collections,
    source: &mut (dyn AsyncRead + Send + Unpin),
    clock: &dyn Clock,
) -> Result<(Sha256, u64)> {
    let content = orphans::content(clock.now());
    let written = pieces(to, source, content).await;
    match written.and_then(|written| orphans::in_time(content, clock.now()).map(|()| written)) {
        // If naming the blob fails, it may have its name all the same: its pieces are kept, and a sweep checks them.
        Ok((name, length)) => {
            patiently(to, || Box::pin(name_it(to, content, name, length))).await?;
            Ok((name, length))
        }
        // The pieces cannot be removed now either: a sweep does it.
        Err(StoreError::Unavailable) => Err(StoreError::Unavailable),
        Err(error) => {
            // If this fails, a sweep removes them.
            let _removed = remove_pieces(to, log::uuid(content)).await.is_ok();
            Err(error)
        }
    }
}

/// Makes the pieces a blob, or removes them if there is another blob of this name.
async fn name_it(to: &Collections, content: Uuid, name: Sha256, length: u64) -> Result<()> {
    let content = log::uuid(content);
    let blob = doc! { "$setOnInsert": { "length": i64::try_from(length).unwrap_or(i64::MAX), "content": &content } };
    let mut session = seen::session(to).await?;
    let named = to.blobs.find_one_and_update(doc! { "_id": name.to_string() }, blob).upsert(true);
    let named = named.return_document(ReturnDocument::After).session(&mut session).await.map_err(|e| serving(&e))?;
    to.seen.note(&session);
    let named = named.ok_or_else(|| unreadable("blob"))?;
    // When this is retried, the blob may have been named by the first attempt.
    if named.get("content") != Some(&content) {
        remove_pieces(to, content).await?;
    }
    Ok(())
}

/// Removes every piece of a content.
pub(in crate::mongodb) async fn remove_pieces(from: &Collections, content: Bson) -> Result<()> {
    let its = doc! { "_id": { "$gte": piece(content.clone(), 0), "$lte": piece(content, i64::MAX) } };
    from.pieces.delete_many(its).await.map(drop).map_err(|e| serving(&e))
}

/// Writes the pieces of one upload.
async fn pieces(to: &Collections, source: &mut (dyn AsyncRead + Send + Unpin), content: Uuid) -> Result<(Sha256, u64)> {
    let (mut hasher, mut length): (Hasher, u64) = (Sha256::hasher(), 0);
    for n in 0.. {
        let mut bytes = Vec::new();
        let read = (&mut *source).take(PIECE).read_to_end(&mut bytes).await;
        read.map_err(|e| StoreError::Failed(format!("the bytes to store could not be read: {e}")))?;
        if bytes.is_empty() {
            break;
        }
        hasher.update(&bytes);
        length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let (id, data) =
            (piece(log::uuid(content), n), Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes }));
        patiently(to, || Box::pin(put(to, &id, &data))).await?;
    }
    Ok((hasher.finish(), length))
}

/// Writes a piece. May be repeated.
async fn put(to: &Collections, id: &Bson, data: &Bson) -> Result<()> {
    let put = to.pieces.replace_one(doc! { "_id": id }, doc! { "data": data }).upsert(true);
    put.await.map(drop).map_err(|e| serving(&e))
}

/// The `_id` of a piece.
pub(in crate::mongodb) fn piece(content: Bson, n: i64) -> Bson {
    Bson::Document(doc! { "content": content, "n": n })
}

/// Removes the blob, and then its pieces.
pub(in crate::mongodb) async fn forget(from: &Collections, name: Sha256) -> Result<()> {
    let Some(blob) = find(from, name).await? else { return Ok(()) };
    // If this process ends before the pieces are removed, a sweep finds them.
    orphans::check_again(from, &blob.content).await?;
    let mut session = seen::session(from).await?;
    let delete = from.blobs.delete_one(doc! { "_id": name.to_string() }).session(&mut session);
    delete.await.map_err(|e| serving(&e))?;
    from.seen.note(&session);
    remove_pieces(from, blob.content).await
}

/// The bytes of the blob within `range`, cut to its length.
pub(in crate::mongodb) async fn read(from: &Collections, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>> {
    let Some(blob) = find(from, name).await? else { return Ok(None) };
    let (start, end) = (range.start.min(blob.length), range.end.min(blob.length));
    if start >= end {
        return Ok(Some(Bytes::new()));
    }
    let number = |at: u64| i64::try_from(at / PIECE).unwrap_or(i64::MAX);
    let bounds =
        doc! { "$gte": piece(blob.content.clone(), number(start)), "$lte": piece(blob.content, number(end - 1)) };
    let mut session = seen::session(from).await?;
    let rows = from.pieces.find(doc! { "_id": bounds }).sort(doc! { "_id": 1 }).session(&mut session);
    let mut rows = rows.await.map_err(|e| serving(&e))?;
    let (mut rows, mut joined) = (rows.stream(&mut session), BytesMut::new());
    while let Some(row) = rows.try_next().await.map_err(|e| serving(&e))? {
        joined.extend_from_slice(row.get_binary_generic("data").map_err(|_| unreadable("piece of a blob"))?);
    }
    let cut = |at: u64| usize::try_from(at - start / PIECE * PIECE).unwrap_or(usize::MAX);
    let joined = joined.freeze();
    if joined.len() < cut(end) {
        return Err(StoreError::Failed(format!("blob {name} is incomplete in MongoDB")));
    }
    Ok(Some(joined.slice(cut(start)..cut(end))))
}
