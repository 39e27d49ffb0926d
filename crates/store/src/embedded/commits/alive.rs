//! Whether the store works. After it has stopped, it never works again in this process.

use crate::{Result, StoreError};
use std::sync::{Arc, OnceLock};

/// The reason after a failure.
pub(in crate::embedded) const BROKEN: &str =
    "the writer has stopped after a failure that the log shows; restart the server";
/// The reason after [`super::EmbeddedStore`] was closed.
pub(in crate::embedded) const CLOSED: &str = "the store is closed";

/// Why the store has stopped, if it has; shared by everything that uses the data.
#[derive(Default)]
pub(in crate::embedded) struct Liveness(OnceLock<&'static str>);

impl Liveness {
    /// Fails with the reason when the store has stopped.
    pub(in crate::embedded) fn check(&self) -> Result<()> {
        self.0.get().map_or(Ok(()), |why| Err(failed(why)))
    }

    /// Makes every later call fail. The first reason is kept.
    pub(in crate::embedded) fn stop(&self, why: &'static str) {
        self.0.get_or_init(|| why);
    }

    /// The failure of a call that the writer can no longer complete.
    pub(in crate::embedded) fn no_reply(&self) -> StoreError {
        failed(self.0.get_or_init(|| BROKEN))
    }
}

fn failed(why: &str) -> StoreError {
    StoreError::Failed(why.to_owned())
}

/// Stops the store when the thread that owns this value ends, however it ends.
pub(in crate::embedded) struct StopAtEnd(pub(in crate::embedded) Arc<Liveness>);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.stop(BROKEN);
    }
}
