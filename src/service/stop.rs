//! How a part of the program learns that it should end.

use tokio::sync::watch;

/// Tells every [`Stop`] made with it. Dropping it tells them too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Held by whatever runs until it is told to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A pair of both.
pub fn stopper() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks every holder to finish what it does and end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until asked to stop.
    pub async fn requested(&mut self) {
        // An error means that the stopper is gone, and with it whoever wanted us to run.
        let _gone = self.0.wait_for(|stop| *stop).await.is_err();
    }

    /// Whether it was asked already.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_hears_it_once_said_or_dropped() {
        let (said, mut first) = stopper();
        let mut second = first.clone();
        assert!(!first.is_requested());
        said.stop();
        first.requested().await;
        second.requested().await;
        assert!(second.is_requested());

        let (dropped, mut last) = stopper();
        drop(dropped);
        last.requested().await;
        assert!(last.is_requested());
    }
}
