//! Decisions that wait for a person: found without looking at every registration.
//!
//! A hold is what [`Standing`] says, computed anew each time; the record here only remembers where to look. It is made
//! when a claim ends in a hold, and cleared away when someone looks and there is none.

use crate::service::expiry;
use crate::service::learning::registrations::{self, Standing};
use crate::service::{App, RegistrationId};
use credit::Outcome;
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

/// A registration that waits for a person.
#[derive(Debug, Clone)]
pub struct Held {
    pub since: Timestamp,
    pub standing: Standing,
}

/// Whether some offering is done but for a person's look.
pub fn is_held(standing: &Standing) -> bool {
    standing.eligible().any(|offering| offering.credit.is_none() && offering.decision.outcome == Outcome::Held)
}

/// Remembers the registration if it waits for a person.
pub(in crate::service) async fn note(app: &App, standing: &Standing) -> Result<(), registrations::Error> {
    if !is_held(standing) {
        return Ok(());
    }
    let hold = Hold { registration: standing.registration.id, since: app.clock.now() };
    let commit = Commit { writes: vec![hold.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        // It was remembered before.
        Ok(_) | Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Those that wait, the longest first; those that no longer do are forgotten.
pub async fn list(app: &App) -> Result<Vec<Held>, registrations::Error> {
    let mut held = Vec::new();
    let kept: Vec<StoredDocument<Hold>> = app.store.list(&app.provider, Span::beginning("since", "", AT_ONCE)).await?;
    for hold in kept {
        let standing = registrations::standing(app, hold.document.registration).await?;
        if is_held(&standing) {
            held.push(Held { since: hold.document.since, standing });
        } else {
            expiry::unless_changed(app, hold.delete()).await?;
        }
    }
    Ok(held)
}
