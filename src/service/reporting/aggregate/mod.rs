//! Counts and sums over the statements that match a filter, read from the log itself: nothing is stored that could disagree with it.
//!
//! The result is exact about the statements after `after` up to `through`, as they were when the log ended at the
//! position where the counting began. A statement that is voided meanwhile would be counted or not by chance, so the
//! count is then started again. (There is one exception: a statement that refers to another may already match because of a
//! target that arrives while the counting is in progress.)
//!
//! A request reads a limited number of statements; if there are more, its result says so, and where the next request
//! continues. Counts and sums of such parts can be added; numbers of different actors cannot.

mod key;
mod tally;

pub use key::{GroupKey, TimeBasis, TimeUnit};
pub(super) use key::{actor_key, at, is_activity};
pub use tally::{Durations, Measure, Scores, Tally};

use super::{PositionError, bounds, end_of_log, within};
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::records::statements::{Bounds, Reading};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::time::Duration;
use store::{Order, Scan, Seq, StoreError, StoredStatement, VoidedStatements};
use tally::RunningTally;
use tokio::time::timeout;
use xapi::json::Document;
use xapi::query::{Direction, Filter};
use xapi::{token, vocabulary};

/// The most groups in a result.
const MOST_GROUPS: usize = 10_000;
/// The most bytes, approximately, that one request may use in memory.
const MOST_BYTES: usize = 64 << 20;
/// Approximately how many bytes a group uses, besides its key.
const GROUP_BYTES: usize = 512;
/// How long a request waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often a count is started again because statements were voided meanwhile.
const ATTEMPTS: usize = 3;

/// What to count.
#[derive(Debug, Clone)]
pub struct AggregateQuery {
    /// Its limit and direction are ignored.
    pub filter: Filter,
    /// Only statements after this.
    pub after: Seq,
    /// What to group by; nothing for the total alone.
    pub by: Vec<GroupKey>,
    /// What to compute besides the count.
    pub measures: Vec<Measure>,
    pub moment: TimeBasis,
    /// Where days begin and end.
    pub zone: TimeZone,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateResult {
    /// Sorted by their keys.
    pub groups: Vec<Group>,
    /// All of them together.
    pub total: Tally,
    /// Statements after this were counted …
    pub after: Seq,
    /// … up to this.
    pub through: Seq,
    /// Whether there is more after `through`.
    pub extent: Extent,
    /// Everything stored at or before this instant could be seen when the counting began.
    pub consistent_through: Timestamp,
}

/// How much of what was requested is in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// As much as one request may read; the next one continues after [`AggregateResult::through`].
    Part,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// One value for each key, as JSON.
    pub key: Vec<String>,
    pub tally: Tally,
}

/// Why nothing was counted.
#[derive(Debug, thiserror::Error)]
pub enum AggregateError {
    #[error("the result has more than {MOST_GROUPS} groups; group by less, or narrow the filter")]
    TooManyGroups,
    #[error("the result needs more memory than one request may use; remove `actors`, or narrow the filter")]
    TooLarge,
    #[error("other aggregates are being counted; try again in a second")]
    Busy,
    #[error("statements are being voided faster than these can be counted; try again later, or narrow the filter")]
    Unsettled,
    #[error(transparent)]
    Position(#[from] PositionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts what `access` may see of what `query` selects.
pub async fn aggregate(app: &App, access: &Access, query: &AggregateQuery) -> Result<AggregateResult, AggregateError> {
    let turn = timeout(LONGEST_WAIT, app.reports.counting.acquire()).await;
    let Ok(Ok(_turn)) = turn else { return Err(AggregateError::Busy) };
    for _ in 0..ATTEMPTS {
        let head = end_of_log(app, query.after).await?;
        let bounds = bounds(app, &query.filter, within(query.after, head.seq)?, head.seq).await?;
        let mut count = RunningCount::of(query);
        let extent = count.read(app, access, bounds).await?;
        if voided_after(app, head.seq).await? {
            continue;
        }
        let through = if extent == Extent::Whole { bounds.upto.max(bounds.after) } else { count.last };
        return Ok(count.finish(bounds.after, through, extent, head.consistent_through));
    }
    Err(AggregateError::Unsettled)
}

/// Whether anything was voided by a statement after `head`.
async fn voided_after(app: &App, head: Seq) -> Result<bool, StoreError> {
    let tokens = vec![token::verb(vocabulary::verb::VOIDED)];
    let scan = Scan {
        tokens,
        after: head,
        upto: Scan::END,
        order: Order::Oldest,
        voided: VoidedStatements::Included,
        limit: 1,
    };
    Ok(!app.store.scan(&app.provider, scan).await?.is_empty())
}

/// A count in progress.
struct RunningCount<'q> {
    query: &'q AggregateQuery,
    groups: HashMap<Vec<String>, RunningTally>,
    total: RunningTally,
    bytes: usize,
    last: Seq,
}

impl<'q> RunningCount<'q> {
    fn of(query: &'q AggregateQuery) -> Self {
        let (groups, total) = (HashMap::new(), RunningTally::default());
        Self { query, groups, total, bytes: 0, last: Seq(0) }
    }

    async fn read(&mut self, app: &App, access: &Access, bounds: Bounds) -> Result<Extent, AggregateError> {
        let filter = Filter { direction: Direction::OldestFirst, ..self.query.filter.clone() };
        let mut reading = Reading::new(access, &filter, bounds);
        for _ in 0..app.config.reports.most_counted {
            let Some(stored) = reading.next(app).await? else { return Ok(Extent::Whole) };
            self.add(&stored)?;
        }
        Ok(if reading.next(app).await?.is_some() { Extent::Part } else { Extent::Whole })
    }

    fn add(&mut self, stored: &StoredStatement) -> Result<(), AggregateError> {
        let text = std::str::from_utf8(&stored.bytes).map_err(|_| unreadable(stored))?;
        let document = Document::read(text).map_err(|_| unreadable(stored))?;
        let (root, query) = (document.root(), self.query);
        self.last = stored.seq;
        self.bytes += self.total.add(root, &query.measures);
        if !query.by.is_empty() {
            let key: Vec<String> = query.by.iter().map(|by| by.of(stored, root, query.moment, &query.zone)).collect();
            if !self.groups.contains_key(&key) {
                self.bytes += key.iter().map(String::len).sum::<usize>() + GROUP_BYTES;
            }
            self.bytes += self.groups.entry(key).or_default().add(root, &query.measures);
        }
        if self.groups.len() > MOST_GROUPS {
            return Err(AggregateError::TooManyGroups);
        }
        if self.bytes > MOST_BYTES { Err(AggregateError::TooLarge) } else { Ok(()) }
    }

    fn finish(self, after: Seq, through: Seq, extent: Extent, consistent_through: Timestamp) -> AggregateResult {
        let measures = &self.query.measures;
        let finish = |(key, counting): (_, RunningTally)| Group { key, tally: counting.finish(measures) };
        let mut groups: Vec<Group> = self.groups.into_iter().map(finish).collect();
        groups.sort_by(|a, b| a.key.cmp(&b.key));
        AggregateResult { groups, total: self.total.finish(measures), after, through, extent, consistent_through }
    }
}

fn unreadable(stored: &StoredStatement) -> StoreError {
    StoreError::Failed(format!("the statement at {} is not JSON", stored.seq.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use xapi::StatementId;

    fn by_registration() -> AggregateQuery {
        let (by, zone) = (vec![GroupKey::Registration], TimeZone::UTC);
        AggregateQuery {
            filter: Filter::default(),
            after: Seq(0),
            by,
            measures: Vec::new(),
            moment: TimeBasis::Stored,
            zone,
        }
    }

    fn stored(seq: u64, registration: &str) -> StoredStatement {
        let bytes = format!("{{\"context\":{{\"registration\":\"{registration}\"}}}}").into();
        StoredStatement {
            seq: Seq(seq),
            id: StatementId(Uuid::nil()),
            stored: Timestamp::UNIX_EPOCH,
            voided: false,
            bytes,
        }
    }

    #[test]
    fn groups_without_end_are_refused() {
        let query = by_registration();
        let mut count = RunningCount::of(&query);
        for n in 0..10_000 {
            count.add(&stored(n, &n.to_string())).unwrap();
        }
        count.add(&stored(10_000, "0")).unwrap();
        assert!(matches!(count.add(&stored(10_001, "one more")), Err(AggregateError::TooManyGroups)));
    }

    #[test]
    fn keys_without_end_are_refused() {
        let query = by_registration();
        let mut count = RunningCount::of(&query);
        let long = "x".repeat(1 << 20);
        let held = (0..100).take_while(|n| count.add(&stored(*n, &format!("{n}{long}"))).is_ok()).count();
        assert_eq!(held, 63, "64 of them and what each takes beside are more than 64 MiB");
    }
}
