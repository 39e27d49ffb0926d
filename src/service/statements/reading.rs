//! Statements that others read.

use super::{App, Bounds};
use crate::store::{Order, Result, Scan, Seq, Stored, Voided};
use crate::xapi::check::Check;
use crate::xapi::json::Document;
use crate::xapi::query::{Direction, Filter};
use crate::xapi::{Authority, Ifi, StatementId, Version, actor, token};
use jiff::Timestamp;

/// The most statements in a page, and so many where a reader sets no limit.
pub const MOST_IN_PAGE: usize = 500;

/// A page ends once its statements have this many bytes together.
const PAGE_BYTES: usize = 8 << 20;

/// How many statements are read from the store at once.
const STEP: usize = 100;

/// Which statements a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// All.
    All,
    /// Only those that this authority vouches for.
    Own(Authority),
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub statements: Vec<Stored>,
    /// What is still to be read, if anything may be.
    pub rest: Option<Bounds>,
    /// Everything stored at or before this instant was visible when the page was read.
    pub consistent_through: Timestamp,
}

/// The statement with this id, if it is as `voided` says.
pub async fn one(app: &App, access: &Access, id: StatementId, voided: bool) -> Result<Option<Stored>> {
    let found = app.store.statement(&app.provider, id).await?;
    Ok(found.filter(|stored| stored.voided == voided && may_see(access, stored)))
}

/// The first page that answers `filter`, or the one that begins where another ended.
pub async fn page(app: &App, access: &Access, filter: &Filter, bounds: Option<Bounds>) -> Result<Page> {
    let head = app.store.head(&app.provider).await?;
    let mut rest = match bounds {
        Some(bounds) => Bounds { upto: bounds.upto.min(head.seq), ..bounds },
        None => first_bounds(app, filter, head.seq).await?,
    };
    let mut tokens = filter.tokens();
    if let Access::Own(authority) = access {
        tokens.push(token::authority(authority.ifi()));
    }
    let limit = filter.limit.unwrap_or(MOST_IN_PAGE).min(MOST_IN_PAGE);
    let mut statements: Vec<Stored> = Vec::new();
    let mut bytes = 0;
    loop {
        let scan = Scan {
            tokens: tokens.clone(),
            after: rest.after,
            upto: rest.upto,
            order: order(filter.direction),
            voided: Voided::LeftOut,
            limit: STEP.min(limit + 1 - statements.len()),
        };
        let wanted = scan.limit;
        let found = app.store.scan(&app.provider, scan).await?;
        let exhausted = found.len() < wanted;
        for stored in found {
            if statements.len() == limit || bytes >= PAGE_BYTES {
                return Ok(Page { statements, rest: Some(rest), consistent_through: head.consistent_through });
            }
            rest = behind(rest, filter.direction, stored.seq);
            if may_see(access, &stored) {
                bytes += stored.bytes.len();
                statements.push(stored);
            }
        }
        if exhausted {
            return Ok(Page { statements, rest: None, consistent_through: head.consistent_through });
        }
    }
}

/// `since` is exclusive and `until` inclusive; nothing that is stored later than now is part of the answer.
async fn first_bounds(app: &App, filter: &Filter, head: Seq) -> Result<Bounds> {
    let after = match filter.since {
        Some(since) => app.store.seq_at(&app.provider, since).await?,
        None => Seq(0),
    };
    let upto = match filter.until {
        Some(until) => app.store.seq_at(&app.provider, until).await?.min(head),
        None => head,
    };
    Ok(Bounds { after, upto })
}

fn behind(bounds: Bounds, direction: Direction, seq: Seq) -> Bounds {
    match direction {
        Direction::NewestFirst => Bounds { upto: Seq(seq.0.saturating_sub(1)), ..bounds },
        Direction::OldestFirst => Bounds { after: seq, ..bounds },
    }
}

fn order(direction: Direction) -> Order {
    match direction {
        Direction::NewestFirst => Order::Newest,
        Direction::OldestFirst => Order::Oldest,
    }
}

/// A token of the authority is not enough: a statement is also found by the tokens of those that it refers to.
fn may_see(access: &Access, stored: &Stored) -> bool {
    match access {
        Access::All => true,
        Access::Own(authority) => is_vouched_for(&stored.bytes, authority.ifi()),
    }
}

fn is_vouched_for(bytes: &[u8], ifi: &Ifi<'_>) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(document) = Document::read(text) else { return false };
    let Some(authority) = document.root().get("authority") else { return false };
    actor::actor(authority, &mut Check::by(Version::V2)).is_some_and(|actor| actor.ifi.as_ref() == Some(ifi))
}
