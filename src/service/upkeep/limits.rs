//! How often one caller may call, and how often one address may fail to authenticate.
//!
//! Both are the generic cell rate algorithm: for each caller or address, one instant is stored, at which all its calls would have
//! been due at the permitted rate. Each process counts separately. What is stored is bounded, and forgotten once it makes no
//! difference.
//!
//! A secret has 256 random bits, so failures are limited not because one could be guessed, but because each costs
//! a read of the store. Many programs may share an address, for example behind a proxy; so those that authenticated from
//! there within the last hour are not rejected because another fails.

use crate::config::LimitsConfig;
use jiff::{SignedDuration, Timestamp};
use moka::ops::compute::Op;
use moka::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Key;

/// How many callers and addresses are remembered. If there are more, those seen least are forgotten.
const REMEMBERED: u64 = 100_000;

/// For how long a key that authenticated from an address is not rejected because others there fail.
const PROVEN: Duration = Duration::from_hours(1);

/// Why a request is rejected for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("this caller sends more requests than it may; slow down, and continue in {} s", seconds(*.0))]
    Requests(SignedDuration),
    #[error("this page sends more than the server takes from one learner; it may continue in {} s", seconds(*.0))]
    Play(SignedDuration),
    #[error("there were more launches from here than the server takes in a minute; try again in {} s", seconds(*.0))]
    Launches(SignedDuration),
    #[error(
        "too many attempts from this address had no valid credential; try again in {} s, with the right one",
        seconds(*.0)
    )]
    Failures(SignedDuration),
}

impl LimitError {
    /// How long to wait, in whole seconds, at least one.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Requests(wait) | Self::Play(wait) | Self::Launches(wait) | Self::Failures(wait) => seconds(wait),
        }
    }
}

fn seconds(wait: SignedDuration) -> i64 {
    let whole = wait.as_secs();
    if wait.subsec_nanos() > 0 { whole.saturating_add(1) } else { whole.max(1) }
}

/// What one process has counted.
pub(crate) struct Limits {
    callers: Option<Pace>,
    launches: Option<Pace>,
    play: Option<Pace>,
    /// How many streams each caller has open.
    streams: Mutex<HashMap<String, u32>>,
    most_streams: u32,
    failures: Option<Pace>,
    /// Addresses, with a key that authenticated from there recently.
    proven: Cache<String, ()>,
}

impl Limits {
    /// With these settings. Nothing is counted yet.
    pub(in crate::service) fn new(config: &LimitsConfig) -> Self {
        let burst = if config.burst == 0 { config.requests_per_second } else { config.burst };
        let second = SignedDuration::from_secs(1);
        Self {
            callers: Pace::new(config.requests_per_second, second, burst),
            launches: Pace::new(config.launches_per_minute, SignedDuration::from_mins(1), config.launches_per_minute),
            play: Pace::new(config.play_per_minute, SignedDuration::from_mins(1), config.play_per_minute),
            streams: Mutex::default(),
            most_streams: config.streams_per_caller,
            failures: Pace::new(config.failures_per_minute, SignedDuration::from_mins(1), config.failures_per_minute),
            proven: Cache::builder().max_capacity(REMEMBERED).time_to_idle(PROVEN).build(),
        }
    }

    /// Counts a request of `caller`, or returns an error if it comes too early.
    pub(crate) fn call(&self, caller: &str, now: Timestamp) -> Result<(), LimitError> {
        self.callers.as_ref().map_or(Ok(()), |pace| pace.take(caller, now)).map_err(LimitError::Requests)
    }

    /// Counts a launch by `who`, an address or a caller, or returns an error if it comes too early.
    pub(crate) fn launch(&self, who: &str, now: Timestamp) -> Result<(), LimitError> {
        self.launches.as_ref().map_or(Ok(()), |pace| pace.take(who, now)).map_err(LimitError::Launches)
    }

    /// Counts a request of the player that shows `secret`, or returns an error if it comes too early.
    pub(crate) fn play(&self, secret: &str, now: Timestamp) -> Result<(), LimitError> {
        self.play.as_ref().map_or(Ok(()), |pace| pace.take(secret, now)).map_err(LimitError::Play)
    }

    /// A place for one more stream of `caller`, free again when it is dropped; `None` if all of theirs are taken.
    pub(crate) fn stream(self: &Arc<Self>, caller: &str) -> Option<StreamPlace> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(caller.to_owned()).or_default();
        if self.most_streams > 0 && *open >= self.most_streams {
            return None;
        }
        *open += 1;
        Some(StreamPlace { limits: Arc::clone(self), caller: caller.to_owned() })
    }

    /// How many streams one caller may have.
    pub(crate) fn most_streams(&self) -> u32 {
        self.most_streams
    }

    /// Whether a request from `address` that presents `key` may cause a read of the store.
    pub(crate) fn look(&self, address: &str, key: &str, now: Timestamp) -> Result<(), LimitError> {
        let wait = self.failures.as_ref().and_then(|pace| pace.wait(address, now));
        match wait.filter(|_| !self.proven.contains_key(&pair(address, key))) {
            Some(wait) => Err(LimitError::Failures(wait)),
            None => Ok(()),
        }
    }

    /// Remembers that `key` authenticated from `address`.
    pub(crate) fn let_in(&self, address: &str, key: &str) {
        if self.failures.is_some() {
            let pair = pair(address, key);
            if self.proven.get(&pair).is_none() {
                self.proven.insert(pair, ());
            }
        }
    }

    /// Counts a failure from `address`, or returns an error if there are already too many.
    pub(crate) fn fail(&self, address: &str, now: Timestamp) -> Result<(), LimitError> {
        self.failures.as_ref().map_or(Ok(()), |pace| pace.take(address, now)).map_err(LimitError::Failures)
    }
}

/// An open stream of a caller.
pub(crate) struct StreamPlace {
    limits: Arc<Limits>,
    caller: String,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut streams = self.limits.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.caller) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                streams.remove(&self.caller);
            }
        }
    }
}

fn pair(address: &str, key: &str) -> String {
    Key::of(&[&address, &key]).into()
}

/// A rate, and how many may come at once.
struct Pace {
    /// The time that one takes up.
    each: SignedDuration,
    /// How far the sum may be ahead of the clock.
    ahead: SignedDuration,
    /// When all that each caller has done would have been due.
    due: Cache<String, Timestamp>,
}

impl Pace {
    /// `number` in `time`, of which `burst` may come at once; `None` if there is no limit.
    fn new(number: u32, time: SignedDuration, burst: u32) -> Option<Self> {
        let each = time.checked_div(i32::try_from(number).ok().filter(|number| *number > 0)?)?;
        let ahead = each.checked_mul(i32::try_from(burst.max(1)).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        // A caller that was idle for this long may send a full burst again, like one that was never seen.
        let forgotten = Duration::try_from(ahead).unwrap_or(Duration::MAX).max(Duration::from_secs(1));
        let due = Cache::builder().max_capacity(REMEMBERED).time_to_live(forgotten).build();
        Some(Self { each, ahead, due })
    }

    /// How long `caller` has to wait, if at all.
    fn wait(&self, caller: &str, now: Timestamp) -> Option<SignedDuration> {
        self.early(self.due.get(caller).map(|due| self.realigned(due, now)), now)
    }

    /// Counts one call of `caller`, or returns how long to wait.
    fn take(&self, caller: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let counted = self.due.entry_by_ref(caller).and_try_compute_with(|entry| {
            let due = entry.map(|entry| self.realigned(entry.into_value(), now));
            match self.early(due, now) {
                Some(wait) => Err(wait),
                None => Ok(Op::Put(due.map_or(now, |due| due.max(now)).saturating_add(self.each).unwrap_or(now))),
            }
        });
        counted.map(|_| ())
    }

    /// `due`, or what it would be after one call just now if the clock was set back since: otherwise the caller would have to wait
    /// until the clock has caught up.
    fn realigned(&self, due: Timestamp, now: Timestamp) -> Timestamp {
        let latest = now.saturating_add(self.ahead).and_then(|at| at.checked_add(self.each)).unwrap_or(Timestamp::MAX);
        if due > latest { now.saturating_add(self.each).unwrap_or(now) } else { due }
    }

    /// By how much one more would be too early: never by more than one takes up, even if the clock was set back.
    fn early(&self, due: Option<Timestamp>, now: Timestamp) -> Option<SignedDuration> {
        let wait = due?.duration_since(now).min(self.ahead) + self.each - self.ahead;
        wait.is_positive().then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + milliseconds).unwrap()
    }

    fn limits(requests_per_second: u32, burst: u32, failures_per_minute: u32) -> Limits {
        let mut config = crate::config::Config::load(None, [], &[]).unwrap().limits;
        (config.requests_per_second, config.burst) = (requests_per_second, burst);
        config.failures_per_minute = failures_per_minute;
        Limits::new(&config)
    }

    #[test]
    fn so_many_at_once_and_then_one_at_its_time() {
        let limits = limits(10, 3, 0);
        let call = |milliseconds| limits.call("a", at(milliseconds));
        let wait = |milliseconds| Err(LimitError::Requests(SignedDuration::from_millis(milliseconds)));
        assert_eq!([call(0), call(0), call(0), call(0)], [Ok(()), Ok(()), Ok(()), wait(100)]);
        assert_eq!([call(99), call(100), call(100)], [wait(1), Ok(()), wait(100)]);
        assert_eq!(limits.call("b", at(100)), Ok(()), "each counts for itself");
        assert_eq!([call(400), call(400), call(400), call(400)], [Ok(()), Ok(()), Ok(()), wait(100)]);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_long() {
        let limits = limits(1, 1, 0);
        assert_eq!(limits.call("a", at(10_000)), Ok(()));
        assert_eq!(limits.call("a", at(0)), Err(LimitError::Requests(SignedDuration::from_secs(1))));
    }

    #[test]
    fn a_clock_that_is_set_back_by_an_hour_lets_a_caller_go_on() {
        let limits = limits(10, 3, 2);
        assert_eq!((limits.call("a", at(3_600_000)), limits.fail("b", at(3_600_000))), (Ok(()), Ok(())));
        let call = |milliseconds| limits.call("a", at(milliseconds));
        assert_eq!([call(0), call(0)], [Ok(()), Ok(())]);
        assert!(call(0).is_err(), "the rate is the same");
        assert_eq!([call(200), call(200)], [Ok(()), Ok(())]);
        assert_eq!((limits.look("b", "k", at(0)), limits.fail("b", at(0))), (Ok(()), Ok(())));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let limits = limits(0, 0, 0);
        assert!((0..1000).all(|_| limits.call("a", at(0)).is_ok() && limits.fail("a", at(0)).is_ok()));
        assert_eq!(limits.look("a", "k", at(0)), Ok(()));
    }

    #[test]
    fn an_unset_burst_is_what_comes_in_a_second() {
        let limits = limits(5, 0, 0);
        assert_eq!((0..10).filter(|_| limits.call("a", at(0)).is_ok()).count(), 5);
    }

    #[test]
    fn a_caller_that_authenticated_is_not_rejected_because_another_fails() {
        let limits = limits(0, 0, 2);
        limits.let_in("here", "good");
        let fail = || limits.fail("here", at(0));
        assert_eq!(
            [fail(), fail(), fail()],
            [Ok(()), Ok(()), Err(LimitError::Failures(SignedDuration::from_secs(30)))]
        );
        assert_eq!(limits.look("here", "good", at(0)), Ok(()));
        assert!(limits.look("here", "other", at(0)).is_err());
        assert_eq!(limits.look("there", "other", at(0)), Ok(()));
        assert_eq!(limits.look("here", "other", at(30_000)), Ok(()));
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds() {
        for (milliseconds, seconds) in [(1, 1), (1000, 1), (1001, 2), (0, 1)] {
            assert_eq!(LimitError::Requests(SignedDuration::from_millis(milliseconds)).seconds(), seconds);
        }
    }
}
