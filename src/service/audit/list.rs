//! Reading the trail, the newest first.

use super::entry::{Act, AuditEntry, BY, TIME};
use crate::service::App;
use jiff::Timestamp;
use store::{Document as _, Key, Order, Records as _, Result, Span};

/// How many entries are read from the store at once.
const STEP: usize = 200;

/// The most entries that are read for one page: a rare act among many others is found over several pages.
const MOST_READ: usize = 5000;

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Exactly this person or program.
    pub by: Option<String>,
    pub act: Option<Act>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// A page of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    /// After which key the next page continues, if there may be more.
    pub next: Option<String>,
}

/// Up to `limit` entries that match, the newest first, after the one with the key `after`.
pub async fn page(app: &App, filter: &AuditFilter, after: Option<&str>, limit: usize) -> Result<AuditPage> {
    let mut span = span(filter);
    if let Some(after) = after
        && let Some(kept) = app.store.get::<AuditEntry>(&app.provider, after).await?
    {
        span.after = position(&span, &kept.document);
    }
    let (mut found, mut read) = (AuditPage::default(), 0);
    loop {
        let listed = app.store.list::<AuditEntry>(&app.provider, span.clone()).await?;
        let is_end = listed.len() < STEP;
        for kept in listed {
            read += 1;
            span.after = position(&span, &kept.document);
            let key = kept.document.key.clone();
            if filter.act.is_none_or(|act| act == kept.document.act) {
                found.entries.push(kept.document);
            }
            if found.entries.len() >= limit || read >= MOST_READ {
                found.next = Some(key);
                return Ok(found);
            }
        }
        if is_end {
            return Ok(found);
        }
    }
}

fn span(filter: &AuditFilter) -> Span {
    let from = filter.from.map_or_else(String::new, xapi::instant);
    let to = filter.to.map_or_else(|| "\u{10ffff}".to_owned(), xapi::instant);
    let (index, keys) = match &filter.by {
        None => (TIME, from..to),
        Some(by) => (BY, String::from(Key::of(&[by, &from]))..String::from(Key::of(&[by, &to]))),
    };
    Span { index, keys, order: Order::Newest, after: None, limit: STEP }
}

fn position(span: &Span, entry: &AuditEntry) -> Option<(String, String)> {
    let at = entry.index().into_iter().find(|at| at.index == span.index)?;
    Some((at.key, entry.key.clone()))
}
