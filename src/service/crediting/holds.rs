//! Decisions that wait for review: found without reading every registration.
//!
//! A hold follows from [`RegistrationStatus`], computed each time; the record here only remembers where to look. It is made
//! when a decision finds an open signal, whether or not the rest is done yet, and removed when it is read and nothing is held.

use crate::service::expiry;
use crate::service::learning::registrations::{self, RegistrationStatus};
use crate::service::{App, RegistrationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Kind, Records as _, Span, StoreError, StoredDocument};

/// How many are listed at once.
const AT_ONCE: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Hold {
    registration: RegistrationId,
    since: Timestamp,
}

impl Document for Hold {
    const KIND: &'static Kind = &Kind { name: "hold", indexes: &[Index { name: "since", unique: false }] };

    fn key(&self) -> String {
        self.registration.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "since", key: xapi::instant(self.since) }]
    }
}

/// A registration that waits for review.
#[derive(Debug, Clone)]
pub struct HeldRegistration {
    pub since: Timestamp,
    pub status: RegistrationStatus,
}

/// Whether a person must decide about a signal. What the learner must still do is no reason to wait with it.
pub fn is_held(status: &RegistrationStatus) -> bool {
    let ended = status.registration.restarted_as.is_some();
    !ended && status.eligible().any(|offering| offering.open_signals().next().is_some())
}

/// Remembers the registration if it waits for review.
pub(in crate::service) async fn note(app: &App, status: &RegistrationStatus) -> Result<(), registrations::Error> {
    if !is_held(status) {
        return Ok(());
    }
    let hold = Hold { registration: status.registration.id, since: app.clock.now() };
    let commit = Commit { writes: vec![hold.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        // It was remembered before.
        Ok(_) | Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The registrations that wait, the longest first; those that no longer do are forgotten.
pub async fn list(app: &App) -> Result<Vec<HeldRegistration>, registrations::Error> {
    let mut held = Vec::new();
    let kept: Vec<StoredDocument<Hold>> = app.store.list(&app.provider, Span::beginning("since", "", AT_ONCE)).await?;
    for hold in kept {
        let status = registrations::status(app, hold.document.registration).await?;
        if is_held(&status) {
            held.push(HeldRegistration { since: hold.document.since, status });
        } else {
            expiry::unless_changed(app, hold.delete()).await?;
        }
    }
    Ok(held)
}
