//! One issuer, and the cache of its keys.

use super::SharedClock;
use super::fetch;
use super::keys::Keys;
use crate::config::Issuer;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};

/// Keys are fetched again in the background once they are older than this, so that a withdrawn key stops working.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// Keys of an issuer that cannot be reached are used until they are older than this: about as long as tokens live.
const LONGEST_USE: SignedDuration = SignedDuration::from_hours(1);

/// A token with an unknown key causes another fetch, but not before this has passed since the last successful one.
const AFTER_SUCCESS: SignedDuration = SignedDuration::from_secs(30);

/// The same, since the last failed one.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

/// An issuer.
pub(super) struct KnownIssuer {
    pub(super) config: Issuer,
    cache: RwLock<KeyCache>,
    /// Locked while the keys are fetched.
    fetching: tokio::sync::Mutex<()>,
}

/// The keys that were fetched, and when.
#[derive(Clone, Default)]
struct KeyCache {
    keys: Arc<Keys>,
    /// When they were fetched.
    fetched: Option<Timestamp>,
    /// When a fetch failed, if none has succeeded since.
    failed: Option<Timestamp>,
}

/// The issuer's keys are not known, or too old, and it cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnreachableIssuer;

impl KnownIssuer {
    pub(super) fn new(config: Issuer) -> Self {
        Self { config, cache: RwLock::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// Its keys. They are fetched first if the known ones are not `enough`, or too old.
    pub(super) async fn keys(
        self: &Arc<Self>,
        clock: &SharedClock,
        enough: impl Fn(&Keys) -> bool,
    ) -> Result<Arc<Keys>, UnreachableIssuer> {
        let (cache, now) = (self.cached(), clock.now());
        if cache.is_younger(LONGEST_USE, now) && enough(&cache.keys) {
            if !cache.is_younger(FRESH, now) && cache.may_fetch(now) {
                self.refresh_in_background(clock);
            }
            return Ok(cache.keys);
        }
        let _one_at_a_time = self.fetching.lock().await;
        // The previous holder of the lock may have fetched what is needed here.
        let (mut cache, now) = (self.cached(), clock.now());
        if !(cache.is_younger(LONGEST_USE, now) && enough(&cache.keys)) && cache.may_fetch(now) {
            cache = self.fetch(clock).await;
        }
        match cache.failed {
            Some(_) if !(cache.is_younger(LONGEST_USE, clock.now()) && enough(&cache.keys)) => Err(UnreachableIssuer),
            _ => Ok(cache.keys),
        }
    }

    /// Fetches its keys in the background while the current ones are still used.
    fn refresh_in_background(self: &Arc<Self>, clock: &SharedClock) {
        let (known, clock) = (Arc::clone(self), Arc::clone(clock));
        tokio::spawn(async move {
            if let Ok(_one_at_a_time) = known.fetching.try_lock()
                && known.cached().may_fetch(clock.now())
            {
                known.fetch(&clock).await;
            }
        });
    }

    /// Fetches its keys now and caches the result.
    async fn fetch(&self, clock: &SharedClock) -> KeyCache {
        let fetched = fetch::keys(&self.config).await;
        let now = Some(clock.now());
        let cache = match fetched {
            Ok(keys) => KeyCache { keys: Arc::new(keys), fetched: now, failed: None },
            Err(cause) => {
                tracing::warn!(issuer = self.config.issuer, %cause, "the keys of an issuer could not be fetched");
                KeyCache { failed: now, ..self.cached() }
            }
        };
        *self.cache.write().unwrap_or_else(PoisonError::into_inner) = cache.clone();
        cache
    }

    fn cached(&self) -> KeyCache {
        self.cache.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl KeyCache {
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.fetched.is_some_and(|fetched| now.duration_since(fetched) < age)
    }

    /// Whether the issuer may be contacted again.
    fn may_fetch(&self, now: Timestamp) -> bool {
        let after_success = self.fetched.is_none_or(|at| now.duration_since(at) >= AFTER_SUCCESS);
        let after_failure = self.failed.is_none_or(|at| now.duration_since(at) >= AFTER_FAILURE);
        after_success && after_failure
    }
}
