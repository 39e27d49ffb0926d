//! Whether there is a primary, as far as the driver knows. It is logged once when the primary becomes unavailable, and once when
//! there is one again, so that the calls that wait in the meantime need not log why.

use crate::mongodb::connection::meeting::reasons;
use mongodb::event::EventHandler;
use mongodb::event::sdam::{SdamEvent, TopologyDescriptionChangedEvent};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Since when there is no primary, if there was one before.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct Reach(Mutex<Option<Instant>>);

impl Reach {
    /// The listener to which the driver reports changes.
    pub(in crate::mongodb) fn listener(self: &Arc<Self>) -> EventHandler<SdamEvent> {
        let reach = Arc::clone(self);
        EventHandler::callback(move |event| {
            if let SdamEvent::TopologyDescriptionChanged(change) = event {
                reach.note(&change);
            }
        })
    }

    /// Whether there was a primary before and is none now.
    pub(in crate::mongodb) fn is_lost(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn note(&self, change: &TopologyDescriptionChangedEvent) {
        match (change.previous_description.has_writable_server(), change.new_description.has_writable_server()) {
            // This process closes the store.
            (true, false) if change.new_description.servers().is_empty() => {}
            (true, false) => self.lose(&change.new_description.to_string()),
            (false, true) => self.find(),
            (true, true) | (false, false) => {}
        }
    }

    fn lose(&self, description: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        let mut servers = reasons(description);
        servers.sort();
        let servers = servers.join("; ");
        tracing::warn!(servers, "no primary of the MongoDB replica set can be reached; requests wait for one");
    }

    /// Does not log the first primary after the start.
    fn find(&self) {
        let since = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(after) = since.map(|since| since.elapsed()) {
            let seconds = after.as_secs_f64();
            tracing::info!(seconds, "a primary of the MongoDB replica set is available again");
        }
    }
}
