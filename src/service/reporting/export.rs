//! Everything that matches a filter, one statement after the other, however much it is.
//!
//! An export has the statements up to where the log ended when it began. One that is voided before the export reaches it
//! is left out, as by every query.

use super::{PositionError, bounds, end_of_log, within};
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::records::statements::Reading;
use jiff::Timestamp;
use store::{Seq, StoreError, StoredStatement};
use xapi::query::{Direction, Filter};

/// An export in progress.
#[derive(Debug)]
pub struct Export {
    reading: Reading,
    /// It has nothing after this; a later one can continue here.
    pub through: Seq,
    /// Everything stored at or before this instant could be seen when it began.
    pub consistent_through: Timestamp,
}

/// Why an export failed to begin.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Position(#[from] PositionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins an export of what `access` may see of what matches `filter`, after the position `after`, oldest first. The limit
/// and the direction of the filter are ignored.
pub async fn export(app: &App, access: &Access, filter: &Filter, after: Seq) -> Result<Export, ExportError> {
    let head = end_of_log(app, after).await?;
    let bounds = bounds(app, filter, within(after, head.seq)?, head.seq).await?;
    let filter = Filter { direction: Direction::OldestFirst, ..filter.clone() };
    let through = bounds.upto.max(bounds.after);
    let reading = Reading::new(access, &filter, bounds);
    Ok(Export { reading, through, consistent_through: head.consistent_through })
}

impl Export {
    /// The next statement; `None` once it is complete.
    pub async fn next(&mut self, app: &App) -> Result<Option<StoredStatement>, StoreError> {
        self.reading.next(app).await
    }
}
