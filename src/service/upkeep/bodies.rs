//! How many bytes of request bodies the process holds in memory, all together.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What is held, and the most that may be.
#[derive(Debug)]
pub(crate) struct Bodies {
    most: usize,
    held: AtomicUsize,
}

impl Bodies {
    /// Nothing is held yet.
    pub(in crate::service) fn new(most: usize) -> Self {
        Self { most, held: AtomicUsize::new(0) }
    }

    /// Counts `bytes` more, unless that is too many. Whoever counts gives back.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let more = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= self.most);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// How many are held.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts `bytes` less.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_most_is_held() {
        let bodies = Bodies::new(10);
        assert_eq!([bodies.take(6), bodies.take(5), bodies.take(4), bodies.take(1)], [true, false, true, false]);
        bodies.give_back(6);
        assert!(bodies.take(6) && !bodies.take(usize::MAX));
    }
}
