//! Credentials: what a program presents, by HTTP Basic authentication, to use the record store (Part 3 §4.0).
//!
//! A secret has 256 random bits, so its SHA-256 is stored instead of a slow hash: nobody can guess it, and a copy of the
//! store gives no access. A credential that was used is cached for a while, so that a request needs no read. What another
//! process withdraws (a revoked credential, a retired secret) works here for at most a minute longer than it should; what it
//! creates (a new credential, a new secret) works here at once, because a secret that does not match the cached hash is
//! compared with the stored one.

mod scope;
mod view;

pub use scope::{Right, meaning};
pub use view::CredentialView;
pub use xapi::Scope;

pub(in crate::service) use scope::give;

use crate::service::{Account, AccountIssuer, App};
use base::hash::Sha256;
use base::ids;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Commit, Document, Index, IndexKey, Key, Kind, Order, Records as _, Span, StoreError, StoredDocument};
use subtle::ConstantTimeEq as _;
use xapi::Authority;

/// The longest name of a credential, in bytes.
const LONGEST_NAME: usize = 200;

/// The longest time for which a retired secret may continue to work.
pub const LONGEST_OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The most credentials in a page of a list.
pub const MOST_IN_PAGE: usize = 500;

/// The index by which they are listed.
const CREATED: &str = "created";

/// One credential, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its public half: the user name of Basic authentication.
    pub key: String,
    pub secret_sha256: Sha256,
    /// What people call it.
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    pub created: Timestamp,
    pub revoked: Option<Timestamp>,
    /// When it got its current secret; `None` while it has its first.
    #[serde(default)]
    pub rotated: Option<Timestamp>,
    /// The previous secret.
    #[serde(default)]
    pub retiring: Option<RetiringSecret>,
    /// Who has its secret.
    #[serde(default)]
    pub origin: CredentialOrigin,
}

/// Who was given the secret of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialOrigin {
    /// Someone who is known, or the operator.
    #[default]
    Provider,
    /// A person of the demonstration, who may be anyone. It works only while the demonstration is on.
    Demonstration,
}

impl CredentialOrigin {
    /// Of what `account` creates.
    pub fn of(account: &Account) -> Self {
        if account.issuer == AccountIssuer::Demo { Self::Demonstration } else { Self::Provider }
    }
}

/// A secret that was replaced and still works for a while, so that a fleet can switch over without an outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiringSecret {
    pub secret_sha256: Sha256,
    /// It works before this instant.
    pub until: Timestamp,
}

impl Credential {
    /// Whether it grants `right`.
    pub fn may(&self, right: Right) -> bool {
        give(&self.scopes, right)
    }

    /// The agent that vouches for statements sent with it.
    pub fn authority(&self, app: &App) -> Authority {
        Authority::account(&app.config.url, &format!("credential:{}", self.key))
    }

    /// Until when the previous secret works too, if it does at `now`.
    pub fn overlap_until(&self, now: Timestamp) -> Option<Timestamp> {
        let retiring = self.retiring.as_ref().filter(|_| self.revoked.is_none());
        retiring.map(|old| old.until).filter(|until| *until > now)
    }

    /// Whether the secret with the hash `shown` is valid at `now`. The comparison takes as long for a wrong secret as for the
    /// right one.
    fn accepts(&self, shown: Sha256, now: Timestamp) -> bool {
        let present = shown.0.ct_eq(&self.secret_sha256.0);
        let retiring = self.retiring.as_ref().is_some_and(|old| {
            let same = bool::from(shown.0.ct_eq(&old.secret_sha256.0));
            same && now < old.until
        });
        (bool::from(present) || retiring) && self.revoked.is_none()
    }
}

impl Document for Credential {
    const KIND: &'static Kind = &Kind { name: "credential", indexes: &[Index { name: CREATED, unique: false }] };

    fn key(&self) -> String {
        self.key.clone()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: CREATED, key: xapi::instant(self.created) }]
    }
}

/// Why a credential was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("give the credential a name of 1 to {LONGEST_NAME} bytes without control characters")]
    Name,
    #[error("give the credential at least one scope, such as `all` or `statements/write`")]
    NoScope,
    #[error("there is no credential with the key {0}")]
    Unknown(String),
    #[error("the credential {0} was revoked, which is permanent; create a new one")]
    Revoked(String),
    #[error("the old secret can continue to work for 0 seconds to 7 days, no longer")]
    Overlap,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a credential and returns it with its secret, which cannot be read again.
pub async fn create(app: &App, name: &str, scopes: BTreeSet<Scope>) -> Result<(Credential, String), Error> {
    create_for(app, CredentialOrigin::Provider, name, scopes).await
}

/// The same for someone who belongs to `origin`.
pub async fn create_for(
    app: &App,
    origin: CredentialOrigin,
    name: &str,
    scopes: BTreeSet<Scope>,
) -> Result<(Credential, String), Error> {
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::Name);
    }
    if scopes.is_empty() {
        return Err(Error::NoScope);
    }
    let secret = ids::secret();
    let credential = Credential {
        key: ids::random().simple().to_string(),
        secret_sha256: Sha256::of(&secret),
        name: name.to_owned(),
        scopes,
        created: app.clock.now(),
        revoked: None,
        rotated: None,
        retiring: None,
        origin,
    };
    app.store.commit(&app.provider, Commit { writes: vec![credential.insert()?], ..Commit::default() }).await?;
    Ok((credential, secret))
}

/// Up to `limit` credentials, the oldest first, that come after the one with the key `after`.
pub async fn page(app: &App, after: Option<&str>, limit: usize) -> Result<Vec<Credential>, Error> {
    let after = match after {
        Some(key) => Some((xapi::instant(get(app, key).await?.created), key.to_owned())),
        None => None,
    };
    let limit = limit.min(MOST_IN_PAGE);
    let span = Span { order: Order::Oldest, after, ..Span::beginning(CREATED, "", limit) };
    Ok(app.store.list::<Credential>(&app.provider, span).await?.into_iter().map(|kept| kept.document).collect())
}

/// All credentials, the oldest first.
pub async fn list(app: &App) -> Result<Vec<Credential>, Error> {
    let mut all: Vec<Credential> = Vec::new();
    loop {
        let next = page(app, all.last().map(|last| last.key.as_str()), MOST_IN_PAGE).await?;
        if next.is_empty() {
            return Ok(all);
        }
        all.extend(next);
    }
}

/// The credential `key`, revoked or not.
pub async fn get(app: &App, key: &str) -> Result<Credential, Error> {
    Ok(stored(app, key).await?.document)
}

/// Gives the credential `key` a new secret, which cannot be read again. The old one continues to work for `overlap`; one that
/// was still retiring from an earlier rotation stops working, so never more than two work.
pub async fn rotate(app: &App, key: &str, overlap: SignedDuration) -> Result<(Credential, String), Error> {
    rotate_for(app, CredentialOrigin::Provider, key, overlap).await
}

/// The same for someone who belongs to `origin`. Who takes a credential over from the demonstration makes it the provider's, once
/// its old secret no longer works.
pub async fn rotate_for(
    app: &App,
    origin: CredentialOrigin,
    key: &str,
    overlap: SignedDuration,
) -> Result<(Credential, String), Error> {
    if overlap.is_negative() || overlap > LONGEST_OVERLAP {
        return Err(Error::Overlap);
    }
    let mut kept = stored(app, key).await?;
    if kept.document.revoked.is_some() {
        return Err(Error::Revoked(key.to_owned()));
    }
    let (secret, now) = (ids::secret(), app.clock.now());
    let old = std::mem::replace(&mut kept.document.secret_sha256, Sha256::of(&secret));
    let until = now.checked_add(overlap).map_err(|_| Error::Overlap)?;
    kept.document.retiring = (!overlap.is_zero()).then_some(RetiringSecret { secret_sha256: old, until });
    kept.document.rotated = Some(now);
    if origin == CredentialOrigin::Demonstration || overlap.is_zero() {
        kept.document.origin = origin;
    }
    Ok((replace(app, kept).await?, secret))
}

/// Revokes the credential `key` permanently. Revoking it again changes nothing.
pub async fn revoke(app: &App, key: &str) -> Result<(), Error> {
    let mut kept = stored(app, key).await?;
    if kept.document.revoked.is_none() {
        kept.document.revoked = Some(app.clock.now());
        replace(app, kept).await?;
    }
    Ok(())
}

/// The credential of this key, if `secret` is its secret and it was not revoked.
pub async fn authenticate(app: &App, key: &str, secret: &str) -> Result<Option<Arc<Credential>>, StoreError> {
    let (shown, now) = (Sha256::of(secret), app.clock.now());
    let known = known(app, key, shown, now).await?;
    Ok(known.filter(|known| app.config.demo || known.origin == CredentialOrigin::Provider))
}

async fn known(app: &App, key: &str, shown: Sha256, now: Timestamp) -> Result<Option<Arc<Credential>>, StoreError> {
    if let Some(seen) = app.memory.credentials.get(&cache_key(app, key))
        && seen.document.accepts(shown, now)
    {
        return Ok(Some(seen.document));
    }
    let Some(kept) = app.store.get::<Credential>(&app.provider, key).await? else { return Ok(None) };
    let credential = remember(app, kept);
    Ok(credential.accepts(shown, now).then_some(credential))
}

async fn stored(app: &App, key: &str) -> Result<StoredDocument<Credential>, Error> {
    let kept = app.store.get::<Credential>(&app.provider, key).await?;
    kept.ok_or_else(|| Error::Unknown(key.to_owned()))
}

/// Stores `kept` as it is now and caches it at once.
async fn replace(app: &App, kept: StoredDocument<Credential>) -> Result<Credential, Error> {
    app.store.commit(&app.provider, Commit { writes: vec![kept.replace()?], ..Commit::default() }).await?;
    let now = remember(app, StoredDocument { version: kept.version.saturating_add(1), document: kept.document });
    Ok(Arc::unwrap_or_clone(now))
}

/// Caches `kept`, unless a later version is cached: one that was read just before a change must not outlive it.
fn remember(app: &App, kept: StoredDocument<Credential>) -> Arc<Credential> {
    let fresh = StoredDocument { version: kept.version, document: Arc::new(kept.document) };
    let entry = app.memory.credentials.entry(cache_key(app, &fresh.document.key));
    let cached = entry.and_upsert_with(|seen| match seen {
        Some(seen) if seen.value().version > fresh.version => seen.into_value(),
        _ => fresh,
    });
    cached.into_value().document
}

fn cache_key(app: &App, key: &str) -> String {
    Key::of(&[&app.provider.as_str(), &key]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first release stored it.
    const FIRST: &str = r#"{"key":"k","secret_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "name":"n","scopes":["all"],"created":"2026-01-01T00:00:00Z","revoked":null}"#;

    #[test]
    fn a_credential_of_the_first_release_still_opens() {
        let credential: Credential = serde_json::from_str(FIRST).unwrap();
        assert_eq!((credential.rotated, &credential.retiring), (None, &None));
        assert_eq!(credential.origin, CredentialOrigin::Provider);
        assert!(credential.accepts(Sha256::of(""), Timestamp::UNIX_EPOCH));
        assert!(!credential.accepts(Sha256::of("x"), Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_retiring_secret_works_until_its_instant_and_never_once_revoked() {
        let mut credential: Credential = serde_json::from_str(FIRST).unwrap();
        let until = Timestamp::from_second(100).unwrap();
        credential.retiring = Some(RetiringSecret { secret_sha256: Sha256::of("old"), until });
        let before = Timestamp::from_second(99).unwrap();
        let open = |credential: &Credential, now| {
            [credential.accepts(Sha256::of("old"), now), credential.accepts(Sha256::of(""), now)]
        };
        assert_eq!(open(&credential, before), [true, true]);
        assert_eq!(open(&credential, until), [false, true]);
        credential.revoked = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(open(&credential, before), [false, false]);
    }
}
