//! Queries of the log by tokens.
//!
//! The index `provider, keys, seq` gives the statements with one token in the order of the log. Of several tokens the server
//! uses the first in the filter for the index, and checks each of those statements for the others. Callers put the token
//! first that usually has the fewest statements, so most queries are fast; one that takes long is canceled, and sent again
//! with the token first that is rarest where the scan begins. So the cost of a query depends on the shorter list.

use crate::mongodb::connection::fault::{is_out_of_time, serving};
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::connection::seen;
use crate::mongodb::log::{key, projection, stored};
use crate::{Order, Provider, Result, Scan, Seq, StoreError, StoredStatement, VoidedStatements};
use base::log::Token;
use futures_util::future::try_join_all;
use mongodb::action::Find;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::Error;
use std::time::Duration;

/// How long a scan for several tokens may take before it is worth finding out which of them is rarest.
const WORTH_A_LOOK: Duration = Duration::from_millis(50);

/// How many statements with a token are read to estimate how rare it is.
const SAMPLE: u64 = 200;

/// The statements that match `scan`.
pub(in crate::mongodb) async fn scan(
    from: &Collections,
    provider: &Provider,
    scan: &Scan,
) -> Result<Vec<StoredStatement>> {
    if scan.limit == 0 {
        return Ok(Vec::new());
    }
    if scan.tokens.len() < 2 {
        return read(from, find(from, provider, scan)).await;
    }
    let rows = match rows(from, find(from, provider, scan).max_time(WORTH_A_LOOK)).await {
        Err(error) if is_out_of_time(&error) => {
            let tokens = rarest_first(from, provider, scan).await?;
            return read(from, find(from, provider, &Scan { tokens, ..scan.clone() })).await;
        }
        rows => rows.map_err(|e| serving(&e))?,
    };
    rows.iter().map(|row| stored(row)).collect()
}

async fn read(from: &Collections, find: Find<'_, RawDocumentBuf>) -> Result<Vec<StoredStatement>> {
    seen::all(from, find).await?.iter().map(|row| stored(row)).collect()
}

async fn rows(from: &Collections, find: Find<'_, RawDocumentBuf>) -> std::result::Result<Vec<RawDocumentBuf>, Error> {
    let mut session = from.seen.session(&from.client).await?;
    let found = seen::all_in(&mut session, find).await?;
    from.seen.note(&session);
    Ok(found)
}

fn find<'a>(from: &'a Collections, provider: &Provider, scan: &Scan) -> Find<'a, RawDocumentBuf> {
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let find = from.statements.find(filter(provider, scan)).projection(projection());
    find.sort(doc! { "seq": direction(scan) }).limit(limit)
}

fn direction(scan: &Scan) -> i32 {
    if scan.order == Order::Oldest { 1 } else { -1 }
}

fn bound(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

fn filter(provider: &Provider, scan: &Scan) -> Document {
    let mut filter = doc! {
        "provider": provider.as_str(),
        "seq": { "$gt": bound(scan.after), "$lte": bound(scan.upto) },
    };
    if !scan.tokens.is_empty() {
        filter.insert("keys", doc! { "$all": scan.tokens.iter().map(|token| key(*token)).collect::<Vec<Bson>>() });
    }
    if scan.voided == VoidedStatements::Excluded {
        filter.insert("voided", false);
    }
    filter
}

/// The tokens of `scan`, the rarest first: the one whose first [`SAMPLE`] statements, from where the scan begins, reach the
/// furthest, or which has fewer than that.
pub(in crate::mongodb) async fn rarest_first(
    from: &Collections,
    provider: &Provider,
    scan: &Scan,
) -> Result<Vec<Token>> {
    let reaches = try_join_all(scan.tokens.iter().map(|token| reach(from, provider, scan, *token))).await?;
    let mut tokens: Vec<(i64, Token)> = reaches.into_iter().zip(scan.tokens.iter().copied()).collect();
    // Oldest first, a rare token reaches a high number; newest first, a low one.
    tokens.sort_by_key(|(seq, _)| if scan.order == Order::Oldest { -*seq } else { *seq });
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

/// The position of the last of the first [`SAMPLE`] statements with `token`; beyond the end of the scan when there are fewer.
async fn reach(from: &Collections, provider: &Provider, scan: &Scan, token: Token) -> Result<i64> {
    let one = Scan { tokens: vec![token], voided: VoidedStatements::Included, ..scan.clone() };
    let statements = from.statements.clone_with_type::<Document>();
    let find = statements.find(filter(provider, &one)).projection(doc! { "_id": 0, "seq": 1 });
    let find = find.sort(doc! { "seq": direction(scan) }).skip(SAMPLE - 1).limit(1);
    let rows = seen::all(from, find).await?;
    let beyond = if scan.order == Order::Oldest { i64::MAX } else { -1 };
    rows.first().map_or(Ok(beyond), |row| {
        row.get_i64("seq").map_err(|_| StoreError::Failed("a statement in MongoDB has no seq".to_owned()))
    })
}
