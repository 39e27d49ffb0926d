//! What `Consistent-Through` may promise while a commit is in progress.
//!
//! The writer chooses a commit's instant before the commit is visible, and a reader may ask for a promise in between. One
//! lock orders both: a promise is less than the instant of the commit in progress, and the instant of the next commit is
//! greater than every promise so far. So no statement ever appears at or before an instant that was promised as complete.
//!
//! A promise exists only in memory. If the clock was set back before a restart, statements are stored after the last stored
//! one, but possibly before an instant that was promised to readers of the earlier process.

use base::clock::Clock;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// The clock of the log. Instants are whole milliseconds since 1970, as statements show them.
pub(in crate::embedded) struct Watermark {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The last instant promised to a reader.
    promised: i64,
    /// The earliest instant of the commit in progress.
    under_way: Option<i64>,
}

impl Watermark {
    pub(in crate::embedded) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// Begins a commit that appends; returns the instant at or after which its statements are stored.
    pub(in crate::embedded) fn begin(&self) -> i64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let instant = self.clock.now().as_millisecond().max(state.promised + 1);
        state.under_way = Some(instant);
        instant
    }

    /// Ends the commit: it is visible, or it never will be.
    pub(in crate::embedded) fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).under_way = None;
    }

    /// The instant through which every snapshot that is taken after this call is complete.
    pub(in crate::embedded) fn promise(&self) -> Timestamp {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now().as_millisecond();
        let complete = state.under_way.map_or(now, |instant| now.min(instant - 1));
        state.promised = state.promised.max(complete);
        instant(state.promised)
    }
}

/// What a process may promise that does not hold the lock of the log: other statements may still be stored at `stored`, the
/// instant of the last visible statement, but none before it.
pub(in crate::embedded) fn promise_of_a_guest(stored: i64) -> Timestamp {
    instant(stored - 1)
}

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::FixedClock;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn watermark(milliseconds: i64) -> (Watermark, FixedClock) {
        let clock = FixedClock::at(at(milliseconds));
        (Watermark::new(Arc::new(clock.clone())), clock)
    }

    #[test]
    fn a_promise_stays_below_the_commit_under_way() {
        let (watermark, clock) = watermark(1_000);
        assert_eq!(watermark.begin(), 1_000);
        clock.set(at(5_000));
        assert_eq!(watermark.promise(), at(999));
        watermark.end();
        assert_eq!(watermark.promise(), at(5_000));
    }

    #[test]
    fn a_commit_stays_above_every_promise_even_when_the_clock_is_set_back() {
        let (watermark, clock) = watermark(1_000);
        assert_eq!(watermark.promise(), at(1_000));
        assert_eq!(watermark.begin(), 1_001);
        watermark.end();
        clock.set(at(10));
        assert_eq!(watermark.promise(), at(1_000));
        assert_eq!(watermark.begin(), 1_001);
    }
}
