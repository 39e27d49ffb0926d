//! Reading statements.

use super::{App, Bounds};
use crate::service::records::access::Access;
use jiff::Timestamp;
use std::collections::VecDeque;
use store::{Order, Result, Scan, Seq, StoredStatement, VoidedStatements};
use xapi::query::{Direction, Filter};
use xapi::{StatementId, Token, token};

/// The most statements in a page, and the number if a reader sets no limit.
pub const MOST_IN_PAGE: usize = 500;

/// A page ends once its statements have this many bytes together.
const PAGE_BYTES: usize = 8 << 20;

/// How many statements are read from the store at first, before it is known how large they are.
const FIRST_STEP: usize = 20;

/// The same when at least this many are wanted, so that most pages are read in one step.
const FIRST_OF_PAGE: usize = 128;

/// The most statements that are read from the store at once, and about how many bytes.
const STEP: usize = 500;
const STEP_BYTES: usize = 1 << 20;

/// A page of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub statements: Vec<StoredStatement>,
    /// What is still to be read, if anything may be.
    pub rest: Option<Bounds>,
    /// Everything stored at or before this instant was visible when the page was read.
    pub consistent_through: Timestamp,
}

/// The statement with this id, if its being voided or not is as `voided` says.
pub async fn one(app: &App, access: &Access, id: StatementId, voided: bool) -> Result<Option<StoredStatement>> {
    let found = app.store.statement(&app.provider, id).await?;
    Ok(found.filter(|stored| stored.voided == voided && access.covers(stored)))
}

/// Everything stored at or before this instant is visible now.
pub async fn consistent_through(app: &App) -> Result<Timestamp> {
    Ok(app.store.head(&app.provider).await?.consistent_through)
}

/// The first page of what matches `filter`, or the one that begins where another ended.
pub async fn page(app: &App, access: &Access, filter: &Filter, bounds: Option<Bounds>) -> Result<Page> {
    let head = app.store.head(&app.provider).await?;
    let mut rest = match bounds {
        Some(bounds) => Bounds { upto: bounds.upto.min(head.seq), ..bounds },
        None => first_bounds(app, filter, head.seq).await?,
    };
    let limit = filter.limit.unwrap_or(MOST_IN_PAGE).min(MOST_IN_PAGE);
    let mut reading = Reading::new(access, filter, rest).of_at_most(limit + 1);
    let mut statements: Vec<StoredStatement> = Vec::new();
    let mut bytes = 0;
    while let Some(stored) = reading.next(app).await? {
        if statements.len() == limit || bytes >= PAGE_BYTES {
            return Ok(Page { statements, rest: Some(rest), consistent_through: head.consistent_through });
        }
        rest = reading.rest();
        bytes += stored.bytes.len();
        statements.push(stored);
    }
    Ok(Page { statements, rest: None, consistent_through: head.consistent_through })
}

/// Statements that match a filter, one after the other within bounds. This is the one place that decides what a reader
/// gets: pages, streams, aggregates and exports are all based on it.
#[derive(Debug)]
pub struct Reading {
    access: Access,
    tokens: Vec<Token>,
    voided: VoidedStatements,
    direction: Direction,
    /// What was not returned yet.
    rest: Bounds,
    /// Read from the store and not returned yet.
    ahead: VecDeque<StoredStatement>,
    /// Whether the store has nothing more within the bounds than `ahead`.
    ended: bool,
    /// How many are still wanted.
    wanted: usize,
    /// How many are read from the store next.
    step: usize,
}

impl Reading {
    /// What `access` may see of what matches `filter` within `bounds`.
    pub fn new(access: &Access, filter: &Filter, bounds: Bounds) -> Self {
        let mut tokens = filter.tokens();
        if let Access::Own(authority) = access {
            tokens.push(token::authority(authority.ifi()));
        }
        Self {
            access: access.clone(),
            tokens,
            voided: VoidedStatements::Excluded,
            direction: filter.direction,
            rest: bounds,
            ahead: VecDeque::new(),
            ended: false,
            wanted: usize::MAX,
            step: FIRST_STEP,
        }
    }

    /// The same, with voided statements or, as every query of the standard has it, without them.
    pub(super) fn with(mut self, voided: VoidedStatements) -> Self {
        self.voided = voided;
        self
    }

    /// The same, but no more than `most` statements are requested from the store.
    pub(super) fn of_at_most(mut self, most: usize) -> Self {
        self.wanted = most;
        self.step = most.min(FIRST_OF_PAGE);
        self
    }

    /// What is still to be read after the last statement that was returned; nothing once the end was reached.
    pub fn rest(&self) -> Bounds {
        self.rest
    }

    /// Continues up to `upto`, for a reader of the oldest first that has reached its end.
    pub fn extend(&mut self, upto: Seq) {
        self.rest.upto = self.rest.upto.max(upto);
        self.ended = false;
    }

    /// The next statement, or `None` at the end of the bounds. A call that is canceled before it returns loses nothing.
    pub async fn next(&mut self, app: &App) -> Result<Option<StoredStatement>> {
        loop {
            while let Some(stored) = self.ahead.pop_front() {
                self.rest = rest_after(self.rest, self.direction, stored.seq);
                if self.access.covers(&stored) {
                    self.wanted = self.wanted.saturating_sub(1);
                    return Ok(Some(stored));
                }
            }
            if self.wanted == 0 {
                return Ok(None);
            }
            if self.ended || self.rest.after >= self.rest.upto {
                self.rest = at_end(self.rest, self.direction);
                return Ok(None);
            }
            let scan = self.scan();
            let wanted = scan.limit;
            let found = app.store.scan(&app.provider, scan).await?;
            self.ended = found.len() < wanted;
            self.step = step_after(&found).unwrap_or(self.step);
            self.ahead = found.into();
        }
    }

    fn scan(&self) -> Scan {
        Scan {
            tokens: self.tokens.clone(),
            after: self.rest.after,
            upto: self.rest.upto,
            order: order(self.direction),
            voided: self.voided,
            limit: self.step.min(self.wanted),
        }
    }
}

/// The part of a log that ends at `head` that matches `since`, which is exclusive, and `until`, which is inclusive.
pub async fn first_bounds(app: &App, filter: &Filter, head: Seq) -> Result<Bounds> {
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

/// How many to read at once, if they are as large as those of the last step.
fn step_after(found: &[StoredStatement]) -> Option<usize> {
    let bytes: usize = found.iter().map(|stored| stored.bytes.len()).sum();
    let average = bytes.checked_div(found.len())?.max(1);
    Some((STEP_BYTES / average).clamp(1, STEP))
}

fn rest_after(bounds: Bounds, direction: Direction, seq: Seq) -> Bounds {
    match direction {
        Direction::NewestFirst => Bounds { upto: Seq(seq.0.saturating_sub(1)), ..bounds },
        Direction::OldestFirst => Bounds { after: seq, ..bounds },
    }
}

fn at_end(bounds: Bounds, direction: Direction) -> Bounds {
    match direction {
        Direction::NewestFirst => Bounds { upto: bounds.after, ..bounds },
        Direction::OldestFirst => Bounds { after: bounds.upto, ..bounds },
    }
}

fn order(direction: Direction) -> Order {
    match direction {
        Direction::NewestFirst => Order::Newest,
        Direction::OldestFirst => Order::Oldest,
    }
}
