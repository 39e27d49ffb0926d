//! One issuer, and what is known of its keys.

use super::SharedClock;
use super::fetch;
use super::keys::Keys;
use crate::config::Issuer;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};

/// Keys are fetched again, while nobody waits, once they are older than this: a key that was withdrawn works no longer.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// Keys of an issuer that cannot be reached are believed until they are older than this: about as long as tokens live.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);

/// A token with an unknown key makes its issuer be asked again, but not before this has passed since it answered.
const AFTER_ANSWER: SignedDuration = SignedDuration::from_secs(30);

/// The same since it failed to answer.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

/// An issuer.
pub(super) struct KnownIssuer {
    pub(super) said: Issuer,
    held: RwLock<KeyCache>,
    /// Held by the one who fetches.
    fetching: tokio::sync::Mutex<()>,
}

/// What is known of its keys.
#[derive(Clone, Default)]
struct KeyCache {
    keys: Arc<Keys>,
    /// When they were fetched.
    fetched: Option<Timestamp>,
    /// When it failed to answer, if it has not answered since.
    failed: Option<Timestamp>,
}

/// Its keys are not known, or too old, and it does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnreachableIssuer;

impl KnownIssuer {
    pub(super) fn new(said: Issuer) -> Self {
        Self { said, held: RwLock::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// Its keys. They are fetched before the answer where those that are known are not `enough`, or too old.
    pub(super) async fn keys(
        self: &Arc<Self>,
        clock: &SharedClock,
        enough: impl Fn(&Keys) -> bool,
    ) -> Result<Arc<Keys>, UnreachableIssuer> {
        let (held, now) = (self.held(), clock.now());
        if held.is_younger(BELIEVED, now) && enough(&held.keys) {
            if !held.is_younger(FRESH, now) && held.may_ask(now) {
                self.refresh_aside(clock);
            }
            return Ok(held.keys);
        }
        let _one_at_a_time = self.fetching.lock().await;
        // Whoever held the lock before may have fetched what is wanted here.
        let (mut held, now) = (self.held(), clock.now());
        if !(held.is_younger(BELIEVED, now) && enough(&held.keys)) && held.may_ask(now) {
            held = self.fetch(clock).await;
        }
        match held.failed {
            Some(_) if !(held.is_younger(BELIEVED, clock.now()) && enough(&held.keys)) => Err(UnreachableIssuer),
            _ => Ok(held.keys),
        }
    }

    /// Fetches its keys while the present ones still do.
    fn refresh_aside(self: &Arc<Self>, clock: &SharedClock) {
        let (known, clock) = (Arc::clone(self), Arc::clone(clock));
        tokio::spawn(async move {
            if let Ok(_one_at_a_time) = known.fetching.try_lock()
                && known.held().may_ask(clock.now())
            {
                known.fetch(&clock).await;
            }
        });
    }

    /// Asks it now, and remembers what came of it.
    async fn fetch(&self, clock: &SharedClock) -> KeyCache {
        let fetched = fetch::keys(&self.said).await;
        let now = Some(clock.now());
        let held = match fetched {
            Ok(keys) => KeyCache { keys: Arc::new(keys), fetched: now, failed: None },
            Err(cause) => {
                tracing::warn!(issuer = self.said.issuer, %cause, "the keys of an issuer could not be fetched");
                KeyCache { failed: now, ..self.held() }
            }
        };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held.clone();
        held
    }

    fn held(&self) -> KeyCache {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl KeyCache {
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.fetched.is_some_and(|fetched| now.duration_since(fetched) < age)
    }

    /// Whether it is time to ask the issuer again.
    fn may_ask(&self, now: Timestamp) -> bool {
        let answered = self.fetched.is_none_or(|at| now.duration_since(at) >= AFTER_ANSWER);
        let failed = self.failed.is_none_or(|at| now.duration_since(at) >= AFTER_FAILURE);
        answered && failed
    }
}
