//! Removing expired records, a few whenever a new one is created.

use crate::service::App;
use jiff::Timestamp;
use store::{Commit, Document, Order, Records, Result, Span, StoreError, Write};

/// The index that such a kind declares: the instant of expiry, as [`xapi::instant`] writes it.
pub(in crate::service) const INDEX: &str = "expires";

/// How many are removed at once.
const AT_ONCE: usize = 50;

/// Deletes records of this kind that expired before `before`.
pub(in crate::service) async fn sweep<D: Document>(app: &App, before: Timestamp) -> Result<()> {
    let keys = String::new()..xapi::instant(before);
    let span = Span { index: INDEX, keys, order: Order::Oldest, after: None, limit: AT_ONCE };
    for ended in app.store.list::<D>(&app.provider, span).await? {
        unless_changed(app, ended.delete()).await?;
    }
    Ok(())
}

/// Does `write`, unless another request has changed the record meanwhile, which is just as good.
pub(in crate::service) async fn unless_changed(app: &App, write: Write) -> Result<()> {
    match app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await {
        Ok(_) | Err(StoreError::Stale { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
