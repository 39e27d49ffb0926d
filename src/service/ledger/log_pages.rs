//! Sealing the log: a page of statements at a time, some minutes after they were stored. See [`credit::log_page`].
//!
//! An erasure that rewrites statements also rewrites what the pages have of them, in its own commit. Both that commit and a new
//! page replace the record of the end, so a page is never sealed with bytes that are being rewritten.

use super::entries;
use super::keys::{self, Error};
use crate::service::{App, Stop};
use base::ids;
use credit::ledger::BEGINNING;
use credit::log_page::{Leaf, LogEnd, SealedPage};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{
    Commit, Document, Index, IndexKey, Kind, Records as _, Scan, Seq, Span, StoreError, StoredDocument, Write,
};

/// The most statements of a page.
const MOST: usize = 500;
/// How long a statement waits for its page to be full.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How often the worker looks, and how many pages it seals each time.
const EVERY: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 100;

/// A page as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::service) struct StoredPage(SealedPage);

impl Document for StoredPage {
    const KIND: &'static Kind = &Kind { name: "log-page", indexes: &[Index { name: "last", unique: true }] };

    fn key(&self) -> String {
        entries::padded(self.0.page)
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "last", key: entries::padded(self.0.last) }]
    }
}

/// Where the sealed log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::service) struct StoredLogEnd(LogEnd);

impl Document for StoredLogEnd {
    const KIND: &'static Kind = &Kind { name: "log-end", indexes: &[] };

    fn key(&self) -> String {
        END.to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

const END: &str = "end";

/// Where a log ends of which nothing is sealed.
pub(in crate::service) const NOWHERE: LogEnd = LogEnd { page: 0, last: 0, hash: BEGINNING };

/// Seals pages until the server stops.
pub(in crate::service) async fn run(app: App, mut stop: Stop) {
    loop {
        tokio::select! {
            () = stop.requested() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        for _ in 0..AT_ONCE {
            match seal(&app).await {
                Ok(true) if !stop.is_requested() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(%error, "a page of the log was not sealed; this is tried again");
                    break;
                }
            }
        }
    }
}

/// Seals the next page, if it is full or its first statement has waited long enough; returns whether to look for another.
pub async fn seal(app: &App) -> Result<bool, Error> {
    let kept = app.store.get::<StoredLogEnd>(&app.provider, END).await?;
    let end = kept.as_ref().map_or(NOWHERE, |kept| kept.document.0);
    let scan = Scan { after: Seq(end.last), ..Scan::everything(Vec::new(), MOST) };
    let statements = app.store.scan(&app.provider, scan).await?;
    let Some(first) = statements.first() else { return Ok(false) };
    if statements.len() < MOST && app.clock.now().duration_since(first.stored) < PATIENCE {
        return Ok(false);
    }
    if statements.iter().zip(end.last + 1..).any(|(statement, seq)| statement.seq.0 != seq) {
        tracing::error!(
            after = end.last,
            "the log has a gap and is sealed no further; run `enduring verify --everything`"
        );
        return Ok(false);
    }
    let leaves = statements.iter().map(|statement| Leaf::of(ids::random(), &statement.bytes)).collect();
    let key = keys::signing(app).await?;
    let page = SealedPage::seal(&key, app.provider.as_str(), end, leaves, app.clock.now())?;
    let writes = vec![moved(kept, page.end())?, StoredPage(page).insert()?];
    match app.store.commit(&app.provider, Commit { writes, ..Commit::default() }).await {
        // Another process has sealed it, or an erasure has rewritten a statement meanwhile.
        Ok(_) | Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn moved(kept: Option<StoredDocument<StoredLogEnd>>, end: LogEnd) -> Result<Write, StoreError> {
    match kept {
        Some(kept) => StoredDocument { document: StoredLogEnd(end), ..kept }.replace(),
        None => StoredLogEnd(end).insert(),
    }
}

/// What an erasure writes along with the new bytes of statements.
pub(in crate::service) async fn rewriting(app: &App, statements: &[(Seq, &[u8])]) -> Result<Vec<Write>, Error> {
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let kept = app.store.get::<StoredLogEnd>(&app.provider, END).await?;
    let end = kept.as_ref().map_or(NOWHERE, |kept| kept.document.0);
    let mut pages: BTreeMap<u64, StoredDocument<StoredPage>> = BTreeMap::new();
    for (Seq(seq), bytes) in statements.iter().filter(|(seq, _)| seq.0 <= end.last) {
        let of = pages.range(seq..).next().filter(|(_, page)| page.document.0.first <= *seq).map(|(last, _)| *last);
        let last = if let Some(last) = of {
            last
        } else {
            let Some(page) = page_of(app, *seq).await? else { continue };
            let last = page.document.0.last;
            pages.insert(last, page);
            last
        };
        if let Some(page) = pages.get_mut(&last) {
            let (key, leaf) = (keys::signing(app).await?, Leaf::of(ids::random(), bytes));
            page.document.0.rewrite(&key, app.provider.as_str(), *seq, leaf)?;
        }
    }
    let pages = pages.into_values().map(|page| page.replace());
    Ok(pages.chain([moved(kept, end)]).collect::<Result<_, StoreError>>()?)
}

/// The page that has the statement of this number.
async fn page_of(app: &App, seq: u64) -> Result<Option<StoredDocument<StoredPage>>, StoreError> {
    let all = Span::beginning("last", "", 1);
    let span = Span { keys: entries::padded(seq)..all.keys.end.clone(), ..all };
    Ok(app.store.list::<StoredPage>(&app.provider, span).await?.pop())
}

/// The page after the one that ends with statement `last`.
pub(in crate::service) async fn next(app: &App, last: u64) -> Result<Option<SealedPage>, StoreError> {
    Ok(page_of(app, last + 1).await?.map(|kept| kept.document.0))
}

/// Where the sealed log ends, by its own record.
pub(in crate::service) async fn end(app: &App) -> Result<LogEnd, StoreError> {
    let kept = app.store.get::<StoredLogEnd>(&app.provider, END).await?;
    Ok(kept.map_or(NOWHERE, |kept| kept.document.0))
}
