//! The signal for a part of the program to stop.

use tokio::sync::watch;

/// Signals every [`Stop`] made with it. Dropping it signals them too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Owned by whatever runs until it is signaled to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A pair of both.
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Signals every owner to finish what it does and stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for the signal.
    pub async fn requested(&mut self) {
        // An error means that the stopper was dropped, and with it whoever needs this to run.
        let _gone = self.0.wait_for(|stop| *stop).await.is_err();
    }

    /// Whether the signal was given.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_owner_is_signaled_by_a_call_or_a_drop() {
        let (sender, mut first) = stopper();
        let mut second = first.clone();
        assert!(!first.is_requested());
        sender.stop();
        first.requested().await;
        second.requested().await;
        assert!(second.is_requested());

        let (dropped, mut last) = stopper();
        drop(dropped);
        last.requested().await;
        assert!(last.is_requested());
    }
}
