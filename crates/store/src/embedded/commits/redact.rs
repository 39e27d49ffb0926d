//! Redactions: replacing the bytes of a stored statement, and the tokens of it and of those that refer to it.
//!
//! The row keeps its position, so the order of the log does not change. The index loses every token that only the old bytes
//! had: a token can be computed from an address, so a token that was left would still reveal whom the statement was about.
//! `secure_delete` overwrites what is freed (see `schema`).

use crate::embedded::commits::references::{depending, found_by};
use crate::embedded::fault::Fault;
use crate::embedded::log::{LogPosition, ProviderId};
use crate::{Redaction, StoreError};
use base::hash::Sha256;
use base::log::Token;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// Does `redaction`, if the statement still has the bytes that it expects.
pub(in crate::embedded) fn redact(db: &Connection, provider: ProviderId, redaction: &Redaction) -> Result<(), Fault> {
    let place = expected(db, provider, redaction)?;
    let depending = depending(db, provider, redaction.id, place)?;
    let keys = |db: &Connection| -> Result<Vec<BTreeSet<Token>>, Fault> {
        depending.iter().map(|place| found_by(db, provider, *place)).collect()
    };
    let before = keys(db)?;
    replace(db, place, redaction)?;
    for ((place, before), after) in depending.iter().zip(before).zip(keys(db)?) {
        reindex(db, *place, &before, &after)?;
    }
    Ok(())
}

/// The position of the statement, if it has the expected bytes.
fn expected(db: &Connection, provider: ProviderId, redaction: &Redaction) -> Result<LogPosition, Fault> {
    let mut find = db.prepare_cached("SELECT place, bytes FROM statement WHERE provider = ?1 AND id = ?2")?;
    let found: Option<(LogPosition, Vec<u8>)> = find
        .query_row(params![provider, redaction.id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((place, bytes)) if Sha256::of(&bytes) == redaction.expected => Ok(place),
        _ => Err(StoreError::Stale { kind: "statement", key: redaction.id.to_string() }.into()),
    }
}

fn replace(db: &Connection, place: LogPosition, redaction: &Redaction) -> Result<(), Fault> {
    let tokens: Vec<u8> = redaction.tokens.iter().flat_map(|token| token.0).collect();
    let mut update = db.prepare_cached("UPDATE statement SET bytes = ?2, digest = ?3, tokens = ?4 WHERE place = ?1")?;
    update.execute(params![place, &redaction.bytes[..], redaction.digest.0, tokens])?;
    Ok(())
}

fn reindex(
    db: &Connection,
    place: LogPosition,
    before: &BTreeSet<Token>,
    after: &BTreeSet<Token>,
) -> Result<(), Fault> {
    let mut lose = db.prepare_cached("DELETE FROM token WHERE token = ?1 AND place = ?2")?;
    for token in before.difference(after) {
        lose.execute(params![token.0, place])?;
    }
    let mut gain = db.prepare_cached("INSERT OR IGNORE INTO token (token, place) VALUES (?1, ?2)")?;
    for token in after.difference(before) {
        gain.execute(params![token.0, place])?;
    }
    Ok(())
}
