//! How long a call waits for the servers.
//!
//! A server that is unavailable may refuse connections, or not respond at all: after a loss of power, or in a network that
//! drops packets, the driver waits until its own checks fail (`schema` says how soon). A call has a deadline instead.

use crate::mongodb::connection::schema::Collections;
use crate::{Result, StoreError};
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a call takes at most, including all attempts, before it returns [`StoreError::Unavailable`].
pub(in crate::mongodb) const DEADLINE: Duration = Duration::from_secs(10);
/// The time between two attempts.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Runs `ask`, and again while there is no primary, until the deadline. Doing `ask` twice must have the same effect as once.
pub(in crate::mongodb) async fn patiently<'a, T>(
    of: &Collections,
    ask: impl Fn() -> BoxFuture<'a, Result<T>>,
) -> Result<T> {
    let until = Instant::now() + DEADLINE;
    loop {
        match timeout_at(until, ask()).await {
            Ok(Err(StoreError::Unavailable)) if Instant::now() + BETWEEN_TRIES < until => sleep(BETWEEN_TRIES).await,
            Ok(outcome) => return outcome,
            Err(_) => {
                give_up(of);
                return Err(StoreError::Unavailable);
            }
        }
    }
}

/// Logs that the primary was too slow or hangs. If there is no primary, the log says so already.
pub(in crate::mongodb) fn give_up(of: &Collections) {
    if !of.reach.is_lost() {
        let seconds = DEADLINE.as_secs();
        tracing::warn!(
            seconds,
            "the MongoDB primary did not respond in time, and the caller was asked to try again later"
        );
    }
}
