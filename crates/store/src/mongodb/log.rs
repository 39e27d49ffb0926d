//! The log: one document per statement.

use crate::archive::LogEntry;
use crate::mongodb::archive;
use crate::mongodb::commits::view::StatementFacts;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::mongodb::records::unreadable;
use crate::{Provider, Result, Seq, StoredStatement};
use base::hash::Sha256;
use base::log::{StatementId, Token};
use bytes::Bytes;
use jiff::Timestamp;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, RawDocument, RawDocumentBuf, doc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A UUID as MongoDB's own tools show it.
pub(in crate::mongodb) fn uuid(id: Uuid) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: id.as_bytes().to_vec() })
}

/// A token as an element of `keys`.
pub(in crate::mongodb) fn key(token: Token) -> Bson {
    binary(token.0.to_vec())
}

fn binary(bytes: Vec<u8>) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes })
}

/// The document of a statement.
pub(in crate::mongodb) fn document(
    provider: &Provider,
    id: StatementId,
    known: &StatementFacts,
    keys: &BTreeSet<Token>,
    bytes: Vec<u8>,
) -> mongodb::bson::error::Result<RawDocumentBuf> {
    let mut document = doc! {
        "provider": provider.as_str(),
        "seq": known.seq,
        "id": uuid(id.0),
        "stored": DateTime::from_millis(known.stored),
        "voided": known.voided,
    };
    document.extend(crate::mongodb::facts::of(&bytes));
    if let Some(target) = known.refers_to {
        document.insert("refers_to", uuid(target.0));
    }
    document.insert("voiding", known.voiding);
    document.insert("digest", binary(known.digest.0.to_vec()));
    document.insert("tokens", binary(known.tokens.iter().flat_map(|token| token.0).collect()));
    document.insert("keys", keys.iter().map(|token| key(*token)).collect::<Vec<Bson>>());
    document.insert("body", binary(bytes));
    RawDocumentBuf::try_from(&document)
}

/// The facts on which later statements can depend, from a statement's document.
pub(in crate::mongodb) fn known(row: &Document) -> Result<(StatementId, StatementFacts)> {
    let read = || -> Option<(StatementId, StatementFacts)> {
        let tokens = row.get_binary_generic("tokens").ok()?.as_chunks::<16>().0.iter().copied().map(Token).collect();
        let known = StatementFacts {
            seq: row.get_i64("seq").ok()?,
            stored: row.get_datetime("stored").ok()?.timestamp_millis(),
            digest: Sha256(bytes(row.get("digest")?)?),
            refers_to: row.get("refers_to").and_then(bytes).map(Uuid::from_bytes).map(StatementId),
            voiding: row.get_bool("voiding").ok()?,
            voided: row.get_bool("voided").ok()?,
            tokens,
        };
        Some((StatementId(Uuid::from_bytes(bytes(row.get("id")?)?)), known))
    };
    read().ok_or_else(|| unreadable("statement"))
}

/// The id and the bytes of a statement, from those fields of its document.
pub(in crate::mongodb) fn body(row: &Document) -> Result<(StatementId, &[u8])> {
    let id = row.get("id").and_then(bytes).map(Uuid::from_bytes).map(StatementId);
    let body = row.get_binary_generic("body").ok().map(Vec::as_slice);
    id.zip(body).ok_or_else(|| unreadable("statement"))
}

fn bytes<const N: usize>(value: &Bson) -> Option<[u8; N]> {
    match value {
        Bson::Binary(binary) => binary.bytes.as_slice().try_into().ok(),
        _ => None,
    }
}

/// The fields that [`stored`] reads.
pub(in crate::mongodb) fn projection() -> Document {
    doc! { "_id": 0, "seq": 1, "id": 1, "stored": 1, "voided": 1, "body": 1 }
}

/// A statement from its document.
pub(in crate::mongodb) fn stored(row: &RawDocument) -> Result<StoredStatement> {
    let read = || -> Option<StoredStatement> {
        let at = row.get_datetime("stored").ok()?;
        Some(StoredStatement {
            seq: Seq(row.get_i64("seq").ok()?.unsigned_abs()),
            id: StatementId(Uuid::from_slice(row.get_binary("id").ok()?.bytes).ok()?),
            stored: Timestamp::from_millisecond(at.timestamp_millis()).ok()?,
            voided: row.get_bool("voided").ok()?,
            bytes: Bytes::copy_from_slice(row.get_binary("body").ok()?.bytes),
        })
    };
    read().ok_or_else(|| unreadable("statement"))
}

/// The statement with this id.
pub(in crate::mongodb) async fn statement(
    from: &Collections,
    provider: &Provider,
    id: StatementId,
) -> Result<Option<StoredStatement>> {
    let filter = doc! { "provider": provider.as_str(), "id": uuid(id.0) };
    let row = seen::one(from, from.statements.find_one(filter).projection(projection())).await?;
    row.as_deref().map(stored).transpose()
}

/// The statements after `after`, complete, as many as fit a page.
pub(in crate::mongodb) async fn entries(
    from: &Collections,
    provider: &Provider,
    after: Seq,
    limit: usize,
) -> Result<Vec<LogEntry>> {
    let bound = i64::try_from(after.0).unwrap_or(i64::MAX);
    let find = from.statements.clone_with_type::<Document>();
    let find = find.find(doc! { "provider": provider.as_str(), "seq": { "$gt": bound } }).sort(doc! { "seq": 1 });
    let rows = archive::page(from, find.limit(i64::try_from(limit).unwrap_or(i64::MAX))).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &Document) -> Result<LogEntry> {
    let (id, known) = known(row)?;
    let stored = Timestamp::from_millisecond(known.stored).map_err(|_| unreadable("statement"))?;
    Ok(LogEntry {
        seq: Seq(known.seq.unsigned_abs()),
        id,
        stored,
        digest: known.digest,
        tokens: known.tokens,
        refers_to: known.refers_to,
        voiding: known.voiding,
        bytes: row.get_binary_generic("body").map_err(|_| unreadable("statement"))?.clone(),
    })
}

/// The last position stored at or before `at`.
pub(in crate::mongodb) async fn seq_at(from: &Collections, provider: &Provider, at: Timestamp) -> Result<Seq> {
    let filter =
        doc! { "provider": provider.as_str(), "stored": { "$lte": DateTime::from_millis(at.as_millisecond()) } };
    let find = from.statements.find_one(filter).sort(doc! { "stored": -1, "seq": -1 });
    let row = seen::one(from, find.projection(doc! { "_id": 0, "seq": 1 })).await?;
    let Some(row) = row else { return Ok(Seq(0)) };
    row.get_i64("seq").map(|seq| Seq(seq.unsigned_abs())).map_err(|_| unreadable("statement"))
}
