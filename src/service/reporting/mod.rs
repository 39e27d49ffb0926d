//! What reporting tools get in addition to the standard: a live stream ([`follow`]), counts and sums ([`aggregate()`]), exports of any
//! length ([`export()`]), and a dry run for developers of senders ([`validate()`]).
//!
//! All of them use [`Reading`], so that a filter means the same here as at `/xapi/statements`, and none of them has
//! more than a step of the log in memory. The log is never read as of an instant, since that would slow down a store that
//! others write to: the positions in a result say what it is exact about.

mod aggregate;
mod columns;
mod export;
mod follow;
mod tail;
mod validate;

pub use aggregate::{
    AggregateError, AggregateQuery, AggregateResult, Durations, Extent, Group, GroupKey, Measure, Scores, Tally,
    TimeBasis, TimeUnit, aggregate,
};
pub use columns::{COLUMNS, guarded, row};
pub use export::{Export, ExportError, export};
pub use follow::{FollowError, Follower, Start, follow, followers};
pub use tail::run as watch;
pub use validate::{Hint, Outcome, StatementFindings, ValidationReport, validate};

use crate::service::App;
use crate::service::records::statements::{Bounds, first_bounds};
use std::time::Duration;
use store::{Head, Result, Seq};
use tail::Tail;
use tokio::sync::Semaphore;
use xapi::query::Filter;

/// How many aggregates are counted at once; each keeps one processor busy.
const COUNTED_AT_ONCE: usize = 4;

/// The state that all requests for reports share.
pub(crate) struct ReportingState {
    tail: Tail,
    counting: Semaphore,
}

impl Default for ReportingState {
    fn default() -> Self {
        Self { tail: Tail::default(), counting: Semaphore::new(COUNTED_AT_ONCE) }
    }
}

/// A request named a position that the log does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the log ends at {end}, and statements after {asked} were requested: the position is from another log, or this one was \
     restored from a backup; begin again with `since`"
)]
pub struct PositionError {
    asked: u64,
    end: u64,
}

/// How often the end of the log is read again before a position is reported to be after it, and the time between these reads.
const LOOKS: usize = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The end of the log, once it is no less than `asked`, if it will ever be. For an instant after an election, one process may
/// not yet see what another has already returned.
async fn end_of_log(app: &App, asked: Seq) -> Result<Head> {
    let mut head = app.store.head(&app.provider).await?;
    for _ in 0..LOOKS {
        if asked <= head.seq {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        head = app.store.head(&app.provider).await?;
    }
    Ok(head)
}

/// Rejects a position that a log which ends at `head` does not have: whoever waited there would miss what is stored meanwhile.
fn within(asked: Seq, head: Seq) -> std::result::Result<Seq, PositionError> {
    if asked > head { Err(PositionError { asked: asked.0, end: head.0 }) } else { Ok(asked) }
}

/// The part of a log that ends at `head` that `filter` and the position `after`, which is within it, select.
async fn bounds(app: &App, filter: &Filter, after: Seq, head: Seq) -> Result<Bounds> {
    let bounds = first_bounds(app, filter, head).await?;
    Ok(Bounds { after: bounds.after.max(after), ..bounds })
}
