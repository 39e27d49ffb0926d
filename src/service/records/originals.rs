//! The originals of statements under issued credits, which an erasure retains. Only the fold of evidence reads them; every
//! reader of the log sees the pseudonym at once.

use crate::service::{App, ErasureId, RegistrationId};
use bytes::Bytes;
use credit::evidence::LoggedStatement;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Document, Index, IndexKey, Key, Kind, Records as _, Span, StoreError};
use xapi::StatementId;

/// The original bytes of a statement under an issued credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Original {
    pub(in crate::service) statement: StatementId,
    pub(in crate::service) erasure: ErasureId,
    pub(in crate::service) registration: RegistrationId,
    /// UTF-8, as every statement is.
    pub(in crate::service) text: String,
}

impl Document for Original {
    const KIND: &'static Kind = &Kind {
        name: "held-statement",
        indexes: &[Index { name: "registration", unique: false }, Index { name: "erasure", unique: false }],
    };

    fn key(&self) -> String {
        self.statement.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![
            IndexKey { index: "registration", key: self.registration.to_string() },
            IndexKey { index: "erasure", key: Key::of(&[&self.erasure, &self.registration]).into() },
        ]
    }
}

/// Restores the retained originals in the statements of a registration, since its credits were decided on them.
pub(in crate::service) async fn restore(
    app: &App,
    registration: RegistrationId,
    log: &mut [LoggedStatement<Bytes>],
) -> Result<(), StoreError> {
    let span = Span::of("registration", &registration.to_string(), Span::ALL);
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
