//! How long a call waits for the servers.
//!
//! A server that is gone says so, or nothing at all: one that lost its power, or a network that drops packets, leaves the
//! driver waiting until its own checks miss an answer (`schema` says how soon). A call goes by the clock instead.

use super::schema::Collections;
use crate::{Result, StoreError};
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a call takes at most, however often it is tried, before its caller is told to come back.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// Between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Asks, and asks again while there is no primary, until the deadline. What is asked does no more when it is done twice.
pub(super) async fn patiently<'a, T>(of: &Collections, ask: impl Fn() -> BoxFuture<'a, Result<T>>) -> Result<T> {
    let until = Instant::now() + DEADLINE;
    loop {
        match timeout_at(until, ask()).await {
            Ok(Err(StoreError::Unavailable)) if Instant::now() + BETWEEN_TRIES < until => sleep(BETWEEN_TRIES).await,
            Ok(answer) => return answer,
            Err(_) => {
                give_up(of);
                return Err(StoreError::Unavailable);
            }
        }
    }
}

/// Where there is no primary the log has been told so. Where there is one, it hears here that it was too slow, or hangs.
pub(super) fn give_up(of: &Collections) {
    if !of.reach.is_lost() {
        let seconds = DEADLINE.as_secs();
        tracing::warn!(
            seconds,
            "the MongoDB primary did not answer in time, and the caller was told to come back later"
        );
    }
}
