//! The secret of the content origin, and what is derived from it: host names, keys, cookies and addresses of files. Nothing
//! that is derived is stored, and nothing of it tells the secret or another derivation.
//!
//! Keys and cookies include the hash of the session's ticket: a new ticket in the record ends all of them.

use crate::service::wrapping::Wrapping;
use crate::service::{App, PackageVersionId, RegistrationId, SessionId};
use base::hash::Sha256;
use base::ids;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError, StoredDocument};

/// How many characters of base32 make a host name: 130 bits.
const LABEL_LENGTH: usize = 26;

/// The secret of a provider's content origin. Made when it is first needed, and never changed unless it is lost.
#[derive(Clone)]
pub(in crate::service) struct ContentKey {
    secret: String,
}

/// The secret as the store has it: wrapped, if the configuration has a key for that.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::service) struct StoredContentKey {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
}

/// Why the secret cannot be used with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the secret of the content origin is wrapped; set key_wrapping_key_file (or key_wrapping_key) to the key that wraps it, \
         or, if that key is lost, make other keys by `enduring key rotate --lost`"
    )]
    Wrapped,
    #[error(
        "the wrapping key of the configuration does not open the secret of the content origin; configure the one that wraps it, \
         or, if that key is lost, make other keys by `enduring key rotate --lost`"
    )]
    OtherWrappingKey,
    #[error("the secret of the content origin cannot be read; restore the store from a backup")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoredContentKey {
    /// The secret, to be stored as the configuration says.
    fn of(app: &App, secret: &str) -> Result<Self, Error> {
        let wrapping = Wrapping::of(app, Self::KIND.name, ContentKey::KEY);
        match wrapping.map(|wrapping| wrapping.wrap(secret.as_bytes())).transpose() {
            Ok(None) => Ok(Self { secret: Some(secret.to_owned()), wrapped: None }),
            Ok(wrapped) => Ok(Self { secret: None, wrapped }),
            Err(_) => Err(Error::Unreadable),
        }
    }

    fn open(&self, app: &App) -> Result<ContentKey, Error> {
        let secret = match (&self.secret, &self.wrapped) {
            (Some(secret), _) => secret.clone(),
            (None, Some(wrapped)) => {
                let wrapping = Wrapping::of(app, Self::KIND.name, ContentKey::KEY).ok_or(Error::Wrapped)?;
                let secret = wrapping.unwrap(wrapped).map_err(|_| Error::OtherWrappingKey)?;
                String::from_utf8(secret).map_err(|_| Error::Unreadable)?
            }
            (None, None) => return Err(Error::Unreadable),
        };
        Ok(ContentKey { secret })
    }
}

impl Document for StoredContentKey {
    const KIND: &'static Kind = &Kind { name: "content-key", indexes: &[] };

    fn key(&self) -> String {
        ContentKey::KEY.to_owned()
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
    let stored = if let Some(stored) = read(app).await? {
        stored.document
    } else {
        let new = StoredContentKey::of(app, &ids::secret()).map_err(failed)?;
        let commit = Commit { writes: vec![new.insert()?], ..Commit::default() };
        match app.store.commit(&app.provider, commit).await {
            Ok(_) => new,
            // Another request, or another process, was first.
            Err(error @ StoreError::Stale { .. }) => read(app).await?.ok_or(error)?.document,
            Err(error) => return Err(error),
        }
    };
    let key = Arc::new(stored.open(app).map_err(failed)?);
    app.memory.content_keys.insert(provider, Arc::clone(&key));
    Ok(key)
}

async fn read(app: &App) -> Result<Option<StoredDocument<StoredContentKey>>, StoreError> {
    app.store.get::<StoredContentKey>(&app.provider, ContentKey::KEY).await
}

/// A server that started with the right configuration meets this only if another process has a different one.
fn failed(error: Error) -> StoreError {
    match error {
        Error::Store(error) => error,
        other => StoreError::Failed(other.to_string()),
    }
}

/// For the start of a server: refuses a configuration that cannot open the secret, and wraps one that is not wrapped; returns
/// whether it did.
pub async fn prepare(app: &App) -> Result<bool, Error> {
    let Some(stored) = read(app).await? else { return Ok(false) };
    let ContentKey { secret } = stored.document.open(app)?;
    if stored.document.secret.is_none() || app.config.wrapping_key().is_none() {
        return Ok(false);
    }
    let wrapped = StoredDocument { document: StoredContentKey::of(app, &secret)?, ..stored };
    let commit = Commit { writes: vec![wrapped.replace()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        // Another process that starts with the same configuration did it.
        Ok(_) | Err(StoreError::Stale { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Removes a secret that this configuration cannot open; the next is made when it is needed. What was open ends with it.
pub async fn forget_lost(app: &App) -> Result<(), StoreError> {
    match read(app).await? {
        Some(stored) if stored.document.open(app).is_err() => {
            let commit = Commit { writes: vec![stored.delete()], ..Commit::default() };
            app.store.commit(&app.provider, commit).await.map(|_| ())
        }
        _ => Ok(()),
    }
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
