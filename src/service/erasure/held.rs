//! The originals of statements under issued credits. Only the fold of evidence reads them; every reader of the log sees
//! the pseudonym at once.

use super::Original;
use crate::service::{App, RegistrationId};
use bytes::Bytes;
use credit::evidence::Logged;
use std::collections::BTreeMap;
use store::{Records as _, Span, StoreError};

/// Puts the originals that are held back into the statements of a registration, as its credits were decided on them.
pub(in crate::service) async fn restore(
    app: &App,
    registration: RegistrationId,
    log: &mut [Logged<Bytes>],
) -> Result<(), StoreError> {
    let span = Span::of("registration", &registration.to_string(), usize::from(u16::MAX));
    let originals = app.store.list::<Original>(&app.provider, span).await?;
    let mut originals: BTreeMap<_, _> =
        originals.into_iter().map(|kept| (kept.document.statement, kept.document.text)).collect();
    if originals.is_empty() {
        return Ok(());
    }
    for logged in log {
        if let Some(original) = originals.remove(&logged.id) {
            logged.bytes = Bytes::from(original);
        }
    }
    Ok(())
}
