//! Following the log: each statement that matches a filter, in the order of the log, from a position on and without end.
//!
//! What a follower is promised: every statement after the position where it began that matches, and may be seen, when
//! the follower reaches it; each once; in the order of `seq`. The position is the only state, so whoever comes
//! back with it misses nothing and gets nothing twice.
//!
//! Two things follow from the log's own order. A statement that is voided before the follower reaches it is left out, as
//! by every query; one that is voided later is followed by the statement that voids it, which matches every filter that
//! the target matched. And a statement that refers to another matches by its target only once that is stored (Part 3
//! §2.1.3): if the target comes later, the follower may already have passed the statement that refers to it.
//!
//! Each follower reads from the store at the pace of its reader. Nothing is queued for it.

use super::tail::LogEnd;
use super::{PositionError, end_of_log, within};
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::records::statements::{Bounds, Reading};
use jiff::Timestamp;
use store::{Seq, StoreError, StoredStatement};
use tokio::sync::watch;
use xapi::query::{Direction, Filter};

/// How many may follow at once in one process.
const MOST: usize = 1000;

/// Where a follower begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After the statement at this position.
    After(Seq),
    /// After the last statement that was stored at or before this instant.
    Since(Timestamp),
    /// With the next statement that is stored.
    Now,
}

/// Why following failed to begin.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("{MOST} streams are open already; try again in a minute, or read `/xapi/statements` with `since`")]
    Full,
    #[error(transparent)]
    Position(#[from] PositionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A reader that follows the log.
pub struct Follower {
    app: App,
    reading: Reading,
    end: watch::Receiver<LogEnd>,
}

/// Follows what `access` may see of what matches `filter`, whose times, limit and direction are ignored.
pub async fn follow(app: &App, access: &Access, filter: &Filter, start: Start) -> Result<Follower, FollowError> {
    let end = app.reports.tail.join();
    if app.reports.tail.followers() > MOST {
        return Err(FollowError::Full);
    }
    let asked = if let Start::After(asked) = start { asked } else { Seq(0) };
    let head = end_of_log(app, asked).await?.seq;
    let after = match start {
        Start::After(asked) => within(asked, head)?,
        Start::Since(at) => app.store.seq_at(&app.provider, at).await?,
        Start::Now => head,
    };
    let filter = Filter { direction: Direction::OldestFirst, ..filter.clone() };
    let reading = Reading::new(access, &filter, Bounds { after, upto: after.max(head) });
    Ok(Follower { app: app.clone(), reading, end })
}

/// How many followers this process has.
pub fn followers(app: &App) -> usize {
    app.reports.tail.followers()
}

impl Follower {
    /// Everything up to here that matches was already returned: whoever continues after it misses nothing.
    pub fn position(&self) -> Seq {
        self.reading.rest().after
    }

    /// The next statement, as soon as there is one; `None` once the server ends. A call that is canceled before it
    /// returns loses nothing.
    pub async fn next(&mut self) -> Result<Option<StoredStatement>, StoreError> {
        loop {
            let end = *self.end.borrow_and_update();
            let LogEnd::At(end) = end else { return Ok(None) };
            if let Some(stored) = self.reading.next(&self.app).await? {
                return Ok(Some(stored));
            }
            if end > self.reading.rest().after {
                self.reading.extend(end);
            } else if self.end.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}
