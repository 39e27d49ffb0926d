//! Seat time: how long the server saw the learner attend.

use jiff::Timestamp;

/// The most seconds that one heartbeat counts for: they come every 30 s, and one may be lost.
const HEARTBEAT_REACH: u64 = 60;

/// The seconds of `attended`, as the browser claims them, that count: never more than have passed between `counted`, when
/// seat time was last counted, and `now`, and never more than one heartbeat counts for.
pub(crate) fn credible(attended: u64, counted: Timestamp, now: Timestamp) -> u64 {
    attended.min(seconds_between(counted, now)).min(HEARTBEAT_REACH)
}

/// Whole seconds from `start` to `end`; 0 when `end` is earlier.
pub(crate) fn seconds_between(start: Timestamp, end: Timestamp) -> u64 {
    u64::try_from(end.duration_since(start).as_secs()).unwrap_or(0)
}
