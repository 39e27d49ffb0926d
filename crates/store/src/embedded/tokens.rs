//! The token index: `(token, place)` in order, so that the statements with one token are a run, and those with several
//! are the intersection of runs.
//!
//! An intersection skips: each run is asked for its first position at or after the furthest that another run has returned,
//! until all return the same. Entries in between are never read, so a rare token makes a common one cheap.

use crate::embedded::fault::Fault;
use crate::embedded::log::{self, LogPosition};
use crate::embedded::schema;
use crate::{Order, Provider, Scan, StoredStatement, VoidedStatements};
use base::log::Token;
use rusqlite::{CachedStatement, Connection, params};

/// Adds entries; existing ones are kept. Sorted first, because neighbors then share a page.
pub(in crate::embedded) fn add(db: &Connection, mut entries: Vec<(Token, LogPosition)>) -> rusqlite::Result<()> {
    entries.sort_unstable();
    entries.dedup();
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO token (token, place) VALUES (?1, ?2)")?;
    for (token, place) in entries {
        insert.execute(params![token.0, place])?;
    }
    Ok(())
}

/// The statements that match `scan`, in its order, from one snapshot.
pub(in crate::embedded) fn scan(
    db: &Connection,
    provider: &Provider,
    scan: &Scan,
) -> Result<Vec<StoredStatement>, Fault> {
    let _snapshot = schema::snapshot(db)?;
    let Some(provider) = log::provider(db, provider)? else { return Ok(Vec::new()) };
    let bounds = Bounds { after: LogPosition::of(provider, scan.after), upto: LogPosition::of(provider, scan.upto) };
    let mut runs = Runs::new(db, &scan.tokens, scan.order)?;
    let mut fetch = db.prepare_cached(&format!("SELECT {} FROM statement WHERE place = ?1", log::COLUMNS))?;
    let (mut found, mut left) = (Vec::new(), bounds);
    while found.len() < scan.limit
        && let Some(place) = runs.next(left)?
    {
        let mut rows = fetch.query([place])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let stored = log::read(row)?;
        if !(stored.voided && scan.voided == VoidedStatements::Excluded) {
            found.push(stored);
        }
        left = left.beyond(place, scan.order);
    }
    Ok(found)
}

/// The positions `after < place <= upto`.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    after: LogPosition,
    upto: LogPosition,
}

impl Bounds {
    /// What is left after `place`, in `order`.
    fn beyond(self, place: LogPosition, order: Order) -> Self {
        match order {
            Order::Oldest => Self { after: place, ..self },
            Order::Newest => Self { upto: LogPosition(place.0 - 1), ..self },
        }
    }

    /// What is left from `place` on, in `order`.
    fn from(self, place: LogPosition, order: Order) -> Self {
        match order {
            Order::Oldest => Self { after: LogPosition(place.0 - 1), ..self },
            Order::Newest => Self { upto: place, ..self },
        }
    }
}

/// The runs of a scan's tokens, or the whole log when it names none.
struct Runs<'s> {
    tokens: &'s [Token],
    order: Order,
    seek: CachedStatement<'s>,
}

impl<'s> Runs<'s> {
    fn new(db: &'s Connection, tokens: &'s [Token], order: Order) -> rusqlite::Result<Self> {
        let sql = match (tokens, order) {
            ([], Order::Oldest) => {
                "SELECT place FROM statement WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT 1"
            }
            ([], Order::Newest) => {
                "SELECT place FROM statement WHERE place > ?1 AND place <= ?2 ORDER BY place DESC LIMIT 1"
            }
            (_, Order::Oldest) => {
                "SELECT place FROM token WHERE token = ?3 AND place > ?1 AND place <= ?2 ORDER BY place LIMIT 1"
            }
            (_, Order::Newest) => {
                "SELECT place FROM token WHERE token = ?3 AND place > ?1 AND place <= ?2 ORDER BY place DESC LIMIT 1"
            }
        };
        Ok(Self { tokens, order, seek: db.prepare_cached(sql)? })
    }

    /// The first position within `bounds` that is in every run.
    fn next(&mut self, mut bounds: Bounds) -> rusqlite::Result<Option<LogPosition>> {
        let tokens = self.tokens;
        if tokens.is_empty() {
            return self.first(None, bounds);
        }
        let (mut candidate, mut agreed) = (None, 0);
        for token in tokens.iter().cycle() {
            let Some(place) = self.first(Some(*token), bounds)? else { return Ok(None) };
            agreed = if candidate == Some(place) { agreed + 1 } else { 1 };
            if agreed == tokens.len() {
                return Ok(Some(place));
            }
            candidate = Some(place);
            bounds = bounds.from(place, self.order);
        }
        Ok(None)
    }

    /// The first position of one run within `bounds`.
    fn first(&mut self, token: Option<Token>, bounds: Bounds) -> rusqlite::Result<Option<LogPosition>> {
        use rusqlite::OptionalExtension as _;
        let Bounds { after, upto } = bounds;
        match token {
            None => self.seek.query_row(params![after, upto], |row| row.get(0)).optional(),
            Some(token) => self.seek.query_row(params![after, upto, token.0], |row| row.get(0)).optional(),
        }
    }
}
