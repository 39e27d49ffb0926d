//! The secret of the content origin, and what is derived from it: host names, keys, cookies and addresses of files. Nothing
//! that is derived is stored, and nothing of it tells the secret or another derivation.
//!
//! Keys and cookies include the hash of the session's ticket: a new ticket in the record ends all of them.

use crate::service::{App, PackageVersionId, RegistrationId, SessionId};
use base::hash::Sha256;
use base::ids;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError};

/// How many characters of base32 make a host name: 130 bits.
const LABEL_LENGTH: usize = 26;

/// The secret of a provider's content origin. Made when it is first needed, and never changed.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::service) struct ContentKey {
    secret: String,
}

impl Document for ContentKey {
    const KIND: &'static Kind = &Kind { name: "content-key", indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

impl ContentKey {
    const KEY: &str = "content-key";

    fn derive(&self, purpose: &str, parts: &[&str]) -> Sha256 {
        Sha256::keyed(self.secret.as_bytes(), format!("{purpose}\n{}", parts.join("\n")).as_bytes())
    }

    /// The first label of the host that plays a package version for a registration, or for one preview.
    pub(super) fn label(&self, whose: Subject, package: PackageVersionId) -> String {
        base32(&self.derive("host", &[&whose.to_string(), &package.to_string()]).0)
    }

    /// The part of an address that opens the files of a package version to a registration: the same in every visit, so that
    /// browsers find the files in their caches.
    pub(super) fn files(&self, whose: Subject, package: PackageVersionId) -> Sha256 {
        self.derive("files", &[&whose.to_string(), &package.to_string()])
    }

    /// The value of the cookie that opens the player page of a session.
    pub(super) fn cookie(&self, session: SessionId, ticket: Sha256) -> String {
        format!("{session}.{}", self.cookie_mac(session, ticket))
    }

    pub(super) fn cookie_mac(&self, session: SessionId, ticket: Sha256) -> Sha256 {
        self.derive("cookie", &[&session.to_string(), &ticket.to_string()])
    }

    /// The key of one load of the player page.
    pub(super) fn load_key(&self, session: SessionId, ticket: Sha256, load: u64) -> String {
        format!("{session}.{load}.{}", self.load_mac(session, ticket, load))
    }

    pub(super) fn load_mac(&self, session: SessionId, ticket: Sha256, load: u64) -> Sha256 {
        self.derive("load", &[&session.to_string(), &ticket.to_string(), &load.to_string()])
    }
}

/// For whom a package is played.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Registration(RegistrationId),
    Preview(SessionId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Registration(id) => write!(f, "registration {id}"),
            Self::Preview(id) => write!(f, "preview {id}"),
        }
    }
}

/// The content key of the provider, made when it is first needed.
pub(super) async fn content_key(app: &App) -> Result<Arc<ContentKey>, StoreError> {
    let provider = app.provider.as_str().to_owned();
    if let Some(known) = app.memory.content_keys.get(&provider) {
        return Ok(known);
    }
    let key = match read(app).await? {
        Some(key) => key,
        None => {
            let new = ContentKey { secret: ids::secret() };
            let commit = Commit { writes: vec![new.insert()?], ..Commit::default() };
            match app.store.commit(&app.provider, commit).await {
                Ok(_) => new,
                // Another request, or another process, was first.
                Err(error @ StoreError::Stale { .. }) => read(app).await?.ok_or(error)?,
                Err(error) => return Err(error),
            }
        }
    };
    let key = Arc::new(key);
    app.memory.content_keys.insert(provider, Arc::clone(&key));
    Ok(key)
}

async fn read(app: &App) -> Result<Option<ContentKey>, StoreError> {
    Ok(app.store.get::<ContentKey>(&app.provider, ContentKey::KEY).await?.map(|kept| kept.document))
}

/// The beginning of `bytes` in base32 (RFC 4648 §6), in lower case: host names have no others.
fn base32(bytes: &[u8]) -> String {
    let mut text = data_encoding::BASE32_NOPAD.encode(bytes).to_ascii_lowercase();
    text.truncate(LABEL_LENGTH);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_is_26_characters_and_differs_by_learner_and_by_package() {
        let key = ContentKey { secret: "secret".to_owned() };
        let (a, b) = (Subject::Registration(RegistrationId(ids::random())), Subject::Preview(SessionId(ids::random())));
        let (p, q) = (PackageVersionId(ids::random()), PackageVersionId(ids::random()));
        let label = key.label(a, p);
        assert_eq!(label.len(), LABEL_LENGTH);
        assert!(label.chars().all(|c| c.is_ascii_lowercase() || ('2'..='7').contains(&c)), "{label}");
        assert_eq!(label, key.label(a, p), "the same in every visit");
        for (whose, package) in [(b, p), (a, q)] {
            assert_ne!(label, key.label(whose, package));
            assert_ne!(key.files(a, p), key.files(whose, package));
        }
        assert!(key.files(a, p).is_written(&key.files(a, p).to_string()));
        assert!(!key.files(a, p).is_written(&key.files(b, p).to_string()));
    }
}
