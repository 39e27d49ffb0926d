//! The keys of the ledger: the one that signs, and those that it replaced, by which older entries are still checked.
//!
//! The private half of the key that signs is in one of three places: a file outside the store (`signing_key_file`), the store,
//! wrapped by a key from the configuration (`key_wrapping_key`), or the store as it is. The private half of a replaced key is
//! nowhere: nothing needs it.

use crate::config::Config;
use crate::service::App;
use crate::service::wrapping::Wrapping;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use credit::ledger::{Jwk, KeyUse, PublicKey, SealError, SigningKey};
use jiff::Timestamp;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Kind, Records as _, Span, StoreError, StoredDocument};

/// Why the ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the ledger's signing key cannot be read; restore the store from a backup")]
    Key,
    #[error(
        "the ledger's signing key is wrapped; set key_wrapping_key_file (or key_wrapping_key) to the key that wraps it, or, if \
         that key is lost, make another signing key by `enduring key rotate --lost`"
    )]
    Wrapped,
    #[error(
        "the wrapping key of the configuration does not open the ledger's signing key; configure the one that wraps it, or, if \
         that key is lost, make another signing key by `enduring key rotate --lost`"
    )]
    OtherWrappingKey,
    #[error(
        "the ledger's signing key is in a file outside the store; set signing_key_file to that file, or, if it is lost, make \
         another signing key by `enduring key rotate --lost`"
    )]
    Elsewhere,
    #[error(
        "signing_key_file {path} has another key than the one that signs the ledger; set it to the file of that key, or run \
         `enduring key rotate` to sign with the key in this file from now on"
    )]
    OtherFile { path: String },
    #[error("signing_key_file {path} cannot be used: {reason}")]
    File { path: String, reason: String },
    #[error(
        "signing_key_file {path} has a key that signed the ledger before; write another key to it first, as by \
         `openssl genpkey -algorithm ed25519 -out {path}`"
    )]
    UsedBefore { path: String },
    #[error(transparent)]
    NotSealed(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key of this provider.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::service) struct StoredKey {
    pub(super) id: String,
    /// PKCS #8, base64url: anyone who can read the store can sign. Absent if it is wrapped, in a file, or no longer needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    /// The same, wrapped by the key of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
    /// The 32 bytes of RFC 8037 `x`, base64url.
    public: String,
    pub(super) made: Timestamp,
    /// When another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired: Option<Timestamp>,
    /// The first and the last entry that it signs, as far as other keys sign others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_entry: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_entry: Option<u64>,
}

impl StoredKey {
    /// The record of the key that signs. A replaced one is kept under its id.
    pub(super) const ACTIVE: &'static str = "ledger";
    const MADE: &'static str = "made";

    /// The same key, which begins to sign with this entry.
    pub(super) fn beginning(self, made: Timestamp, first_entry: u64) -> Self {
        Self { made, first_entry: Some(first_entry), ..self }
    }

    /// The same key, which signed its last entry.
    pub(super) fn retired(self, at: Timestamp, last_entry: u64) -> Self {
        Self { private: None, wrapped: None, retired: Some(at), last_entry: Some(last_entry), ..self }
    }

    fn time(&self) -> KeyUse {
        KeyUse {
            used_from: Some(self.made),
            used_until: self.retired,
            first_entry: self.first_entry,
            last_entry: self.last_entry,
        }
    }
}

impl Document for StoredKey {
    const KIND: &'static Kind = &Kind { name: "signing-key", indexes: &[Index { name: Self::MADE, unique: false }] };

    fn key(&self) -> String {
        if self.retired.is_some() { self.id.clone() } else { Self::ACTIVE.to_owned() }
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: Self::MADE, key: xapi::instant(self.made) }]
    }
}

/// What about a key of the ledger does not fit the rest, if anything. A private half outside the store, or one that this
/// configuration cannot unwrap, is not looked at.
pub(in crate::service) fn disagreeing(app: &App, key: &StoredKey) -> Option<&'static str> {
    if key_id(&key.public) != key.id {
        return Some("its id is not that of its public half");
    }
    if key.private.is_none() && (key.wrapped.is_none() || app.config.wrapping_key().is_none()) {
        return None;
    }
    match stored_half(app, key).ok().and_then(Pair::read) {
        None => Some("its private half cannot be read"),
        Some(pair) if pair.public != key.public => Some("its private half belongs to another public half"),
        Some(_) => None,
    }
}

/// The id of a key: the beginning of the hash of its public half, as that is published.
fn key_id(public: &str) -> String {
    Sha256::of(public).to_string().chars().take(16).collect()
}

/// Where the private half of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Custody {
    /// In a file outside the store.
    File,
    /// In the store, wrapped.
    Wrapped,
    /// In the store, as it is.
    Store,
    /// Nowhere: it signs no more.
    Gone,
}

/// A key as people and scripts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyView {
    /// Its name in signatures and among the published keys.
    pub kid: String,
    pub custody: Custody,
    #[serde(flatten)]
    pub time: KeyUse,
}

impl From<&StoredKey> for KeyView {
    fn from(key: &StoredKey) -> Self {
        let custody = match (key.retired, &key.private, &key.wrapped) {
            (Some(_), ..) => Custody::Gone,
            (None, Some(_), _) => Custody::Store,
            (None, None, Some(_)) => Custody::Wrapped,
            (None, None, None) => Custody::File,
        };
        Self { kid: key.id.clone(), custody, time: key.time() }
    }
}

/// A private key, and what is known of it.
struct Pair {
    id: String,
    /// Base64url.
    public: String,
    pkcs8: Vec<u8>,
}

impl Pair {
    fn read(pkcs8: Vec<u8>) -> Option<Self> {
        let public = BASE64URL.encode(Ed25519KeyPair::from_pkcs8(&pkcs8).ok()?.public_key().as_ref());
        Some(Self { id: key_id(&public), public, pkcs8 })
    }

    fn generate() -> Result<Self, Error> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Key)?;
        Self::read(pkcs8.as_ref().to_vec()).ok_or(Error::Key)
    }

    /// The key in the file that the configuration names, if it names one. Read each time, so that a rotation needs no restart.
    fn in_file(config: &Config) -> Result<Option<Self>, Error> {
        let path = &config.signing_key_file;
        if path.as_os_str().is_empty() {
            return Ok(None);
        }
        let unusable = |reason: String| Error::File { path: path.display().to_string(), reason };
        let text = crate::config::read_secret(path).map_err(unusable)?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).ok();
        let pair = der.and_then(|der| Self::read(der.secret_pkcs8_der().to_vec()));
        let advice = "it has no Ed25519 key as PKCS #8 in PEM; make one by `openssl genpkey -algorithm ed25519`";
        pair.map(Some).ok_or_else(|| unusable(advice.to_owned()))
    }
}

/// A key that begins to sign now, kept as the configuration says.
pub(super) fn fresh(app: &App) -> Result<StoredKey, Error> {
    let (pair, is_in_file) = match Pair::in_file(&app.config)? {
        Some(pair) => (pair, true),
        None => (Pair::generate()?, false),
    };
    let Pair { id, public, pkcs8 } = pair;
    let made = app.clock.now();
    let key = StoredKey {
        id,
        private: None,
        wrapped: None,
        public,
        made,
        retired: None,
        first_entry: None,
        last_entry: None,
    };
    if is_in_file { Ok(key) } else { kept(app, key, &pkcs8) }
}

/// `key` with its private half, wrapped if the configuration has a key for that.
fn kept(app: &App, key: StoredKey, pkcs8: &[u8]) -> Result<StoredKey, Error> {
    let wrapped = Wrapping::of(app, StoredKey::KIND.name, &key.id).map(|wrapping| wrapping.wrap(pkcs8));
    match wrapped.transpose().map_err(|_| Error::Key)? {
        Some(wrapped) => Ok(StoredKey { private: None, wrapped: Some(wrapped), ..key }),
        None => Ok(StoredKey { private: Some(BASE64URL.encode(pkcs8)), wrapped: None, ..key }),
    }
}

/// The private half of the key that signs, wherever it is.
fn private(app: &App, key: &StoredKey) -> Result<Vec<u8>, Error> {
    let file = Pair::in_file(&app.config)?;
    match file {
        Some(pair) if pair.id == key.id => Ok(pair.pkcs8),
        Some(_) => Err(Error::OtherFile { path: app.config.signing_key_file.display().to_string() }),
        None => stored_half(app, key),
    }
}

/// The private half that the store has.
fn stored_half(app: &App, key: &StoredKey) -> Result<Vec<u8>, Error> {
    match (&key.private, &key.wrapped) {
        (Some(private), _) => BASE64URL.decode(private).map_err(|_| Error::Key),
        (None, Some(wrapped)) => {
            let wrapping = Wrapping::of(app, StoredKey::KIND.name, &key.id).ok_or(Error::Wrapped)?;
            wrapping.unwrap(wrapped).map_err(|_| Error::OtherWrappingKey)
        }
        (None, None) => Err(Error::Elsewhere),
    }
}

/// Whether the private half of `key` can be read with this configuration.
pub(super) fn confirm(app: &App, key: &StoredKey) -> Result<(), Error> {
    private(app, key).map(|_| ())
}

/// The key that signs, ready to do so; created when it is first needed.
pub(super) async fn signing(app: &App) -> Result<SigningKey, Error> {
    let key = active_or_fresh(app).await?;
    Ok(SigningKey::new(key.id.clone(), &private(app, &key)?))
}

/// The record of the key that signs, if there is one.
pub(super) async fn active(app: &App) -> Result<Option<StoredDocument<StoredKey>>, StoreError> {
    app.store.get::<StoredKey>(&app.provider, StoredKey::ACTIVE).await
}

async fn active_or_fresh(app: &App) -> Result<StoredKey, Error> {
    if let Some(kept) = active(app).await? {
        return Ok(kept.document);
    }
    let made = fresh(app)?;
    let commit = Commit { writes: vec![made.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(made),
        // Another request, or another process, made it first.
        Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Ok(active(app).await?.ok_or(Error::Key)?.document),
        Err(error) => Err(error.into()),
    }
}

/// For the start of a server: refuses a configuration that cannot sign, and moves the private key to where the configuration wants
/// it: wraps one that is not wrapped, and removes one that is in a file from the store. Returns whether it did.
pub async fn prepare(app: &App) -> Result<bool, Error> {
    let Some(stored) = active(app).await? else {
        // Nothing signs yet. A file that is not usable is better known now than when the first credit is decided.
        return Pair::in_file(&app.config).map(|_| false);
    };
    let key = stored.document;
    let pkcs8 = private(app, &key)?;
    if key.private.is_none() {
        return Ok(false);
    }
    let moved = match (app.config.signing_key_file.as_os_str().is_empty(), app.config.wrapping_key()) {
        (false, _) => StoredKey { private: None, ..key },
        (true, Some(_)) => kept(app, key, &pkcs8)?,
        (true, None) => return Ok(false),
    };
    let moved = StoredDocument { version: stored.version, document: moved };
    let commit = Commit { writes: vec![moved.replace()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        // Another process that starts with the same configuration did it.
        Ok(_) | Err(StoreError::Stale { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// All keys, oldest first; none where nothing was signed yet. Makes none.
pub async fn list(app: &App) -> Result<Vec<KeyView>, StoreError> {
    Ok(all(app).await?.iter().map(KeyView::from).collect())
}

pub(super) async fn all(app: &App) -> Result<Vec<StoredKey>, StoreError> {
    let kept = app.store.list::<StoredKey>(&app.provider, Span::beginning(StoredKey::MADE, "", Span::ALL)).await?;
    Ok(kept.into_iter().map(|kept| kept.document).collect())
}

/// The keys by which anyone can check an entry's signature, oldest first.
pub async fn published_keys(app: &App) -> Result<Vec<Jwk>, Error> {
    active_or_fresh(app).await?;
    let keys = all(app).await?;
    Ok(keys.iter().map(|key| Jwk::ed25519(key.id.clone(), key.public.clone(), key.time())).collect())
}

/// The same keys, ready to check signatures with; none where nothing was signed yet. Makes none.
pub(in crate::service) async fn public_keys(app: &App) -> Result<Vec<PublicKey>, Error> {
    let public = |key: &StoredKey| {
        let bytes = BASE64URL.decode(&key.public).map_err(|_| Error::Key)?;
        Ok(PublicKey::new(key.id.clone(), &bytes, key.time()))
    };
    all(app).await?.iter().map(public).collect()
}
