//! Following the log: each statement that answers a filter, in the order of the log, from a position on and without end.
//!
//! What a follower is promised: every statement behind the position where it began that matches, and may be seen, when
//! the follower comes to it; each once; in the order of `seq`. The position is all there is to remember, so one who comes
//! back with it misses nothing and gets nothing twice.
//!
//! Two things follow from the log's own order. A statement that is voided before the follower comes to it is left out, as
//! by every query; one that is voided later is followed by the statement that voids it, which every filter finds that
//! found the target. And a statement that refers to another matches by its target only once that is there (Part 3
//! §2.1.3): when the target comes later, the statement that refers to it may lie behind the follower already.
//!
//! Each follower reads from the store at the pace at which it is asked. Nothing is queued for it.

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
    /// Behind the statement at this position.
    After(Seq),
    /// Behind the last statement that was stored at or before this instant.
    Since(Timestamp),
    /// With the next statement that is stored.
    Now,
}

/// Why nobody follows.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("{MOST} streams are open already; try again in a minute, or read `/xapi/statements` with `since`")]
    Full,
    #[error(transparent)]
    Position(#[from] PositionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One who follows.
pub struct Follower {
    app: App,
    reading: Reading,
    end: watch::Receiver<LogEnd>,
}

/// Follows what `access` may see of what answers `filter`, whose times, limit and direction do not count.
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

/// How many follow in this process.
pub fn followers(app: &App) -> usize {
    app.reports.tail.followers()
}

impl Follower {
    /// Everything up to here that matches was answered already: who goes on behind it misses nothing.
    pub fn position(&self) -> Seq {
        self.reading.rest().after
    }

    /// The next statement, as soon as there is one; `None` once the server ends. A call that is given up before it answers
    /// loses nothing.
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
