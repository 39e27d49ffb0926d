//! Whether the store works. Once it does not, it never does again in this process.

use super::super::{Result, StoreError};
use std::sync::{Arc, OnceLock};

/// Why nothing works after a failure.
pub(super) const BROKEN: &str = "the writer has stopped after a failure that the log shows; restart the server";
/// Why nothing works after [`super::Embedded`] was closed.
pub(super) const CLOSED: &str = "the store is closed";

/// The state, shared by everyone who would touch the data.
#[derive(Default)]
pub(super) struct Alive(OnceLock<&'static str>);

impl Alive {
    /// Fails when the store has stopped, saying why.
    pub(super) fn check(&self) -> Result<()> {
        self.0.get().map_or(Ok(()), |why| Err(failed(why)))
    }

    /// Makes every later call fail. The first reason stays.
    pub(super) fn stop(&self, why: &'static str) {
        self.0.get_or_init(|| why);
    }

    /// The failure of a call that the writer will not answer any more.
    pub(super) fn unanswered(&self) -> StoreError {
        failed(self.0.get_or_init(|| BROKEN))
    }
}

fn failed(why: &str) -> StoreError {
    StoreError::Failed(why.to_owned())
}

/// Stops the store when the thread that holds it ends, however it ends.
pub(super) struct StopAtEnd(pub(super) Arc<Alive>);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.stop(BROKEN);
    }
}
