//! The ledger in the store: its entries, its end, and the key that signs them.
//!
//! An entry is appended together with the credit record that it makes or ends, in one commit that also moves the end of the
//! ledger. Two that race for the same number cannot both win; the one that loses reads everything again.

use crate::service::App;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use credit::ledger::{BEGINNING, Deed, Jwk, LedgerEntry, PublicKey, SealError, SealedEntry, SigningKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Kind, Records as _, Span, StoreError, StoredDocument, Write};

/// Why the ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the ledger's signing key cannot be read; restore the store from a backup")]
    Key,
    #[error(transparent)]
    NotSealed(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An entry as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::service) struct StoredEntry(SealedEntry);

impl Document for StoredEntry {
    const KIND: &'static Kind = &Kind { name: "ledger-entry", indexes: &[Index { name: "number", unique: true }] };

    fn key(&self) -> String {
        padded(self.0.number)
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "number", key: padded(self.0.number) }]
    }
}

/// A number whose text order is its order.
pub(super) fn padded(number: u64) -> String {
    format!("{number:020}")
}

/// The end of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct End {
    pub(in crate::service) number: u64,
    pub(in crate::service) hash: Sha256,
}

impl Document for End {
    const KIND: &'static Kind = &Kind { name: "ledger-end", indexes: &[] };

    fn key(&self) -> String {
        "end".to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// The key of this provider, made once. It signs every entry, so it is never replaced.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::service) struct StoredKey {
    id: String,
    /// PKCS #8, base64url. Anyone who can read the store can sign: guard its backups.
    private: String,
    /// The 32 bytes of RFC 8037 `x`, base64url.
    public: String,
    made: Timestamp,
}

impl Document for StoredKey {
    const KIND: &'static Kind = &Kind { name: "signing-key", indexes: &[Index { name: "made", unique: false }] };

    fn key(&self) -> String {
        "ledger".to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "made", key: xapi::instant(self.made) }]
    }
}

impl StoredKey {
    /// What about it does not fit the rest, if anything.
    pub(in crate::service) fn disagreeing(&self) -> Option<&'static str> {
        if key_id(&self.public) != self.id {
            return Some("its id is not that of its public half");
        }
        let pair = BASE64URL.decode(&self.private).ok().and_then(|pkcs8| Ed25519KeyPair::from_pkcs8(&pkcs8).ok());
        match pair {
            None => Some("its private half cannot be read"),
            Some(pair) if BASE64URL.encode(pair.public_key().as_ref()) != self.public => {
                Some("its private half belongs to another public half")
            }
            Some(_) => None,
        }
    }
}

/// The id of a key: the beginning of the hash of its public half, as that is published.
fn key_id(public: &str) -> String {
    Sha256::of(public).to_string().chars().take(16).collect()
}

/// An entry that is ready to be committed, and where the ledger ends with it.
pub(in crate::service) struct PendingEntry {
    pub(in crate::service) number: u64,
    pub(in crate::service) writes: Vec<Write>,
}

/// Prepares the next entry. The commit that takes it fails as stale when another entry was appended meanwhile.
pub(in crate::service) async fn append(app: &App, deed: Deed) -> Result<PendingEntry, Error> {
    let key = key(app).await?;
    let end = app.store.get::<End>(&app.provider, "end").await?;
    let before = end.as_ref().map_or(End { number: 0, hash: BEGINNING }, |kept| kept.document);
    let provider = app.provider.as_str().to_owned();
    let number = before.number + 1;
    let entry = LedgerEntry { provider, number, at: app.clock.now(), previous: before.hash, deed };
    let sealed = signing(key)?.seal(&entry)?;
    let after = End { number, hash: sealed.hash };
    let moved = match end {
        Some(kept) => StoredDocument { document: after, ..kept }.replace()?,
        None => after.insert()?,
    };
    Ok(PendingEntry { number, writes: vec![moved, StoredEntry(sealed).insert()?] })
}

/// The key that signs, ready for use.
pub(super) async fn signing_key(app: &App) -> Result<SigningKey, Error> {
    signing(key(app).await?)
}

fn signing(key: StoredKey) -> Result<SigningKey, Error> {
    let private = BASE64URL.decode(&key.private).map_err(|_| Error::Key)?;
    Ok(SigningKey::new(key.id, &private))
}

/// The key that signs, created when it is first needed.
async fn key(app: &App) -> Result<StoredKey, Error> {
    if let Some(kept) = app.store.get::<StoredKey>(&app.provider, "ledger").await? {
        return Ok(kept.document);
    }
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Key)?;
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| Error::Key)?;
    let public = BASE64URL.encode(pair.public_key().as_ref());
    let private = BASE64URL.encode(pkcs8.as_ref());
    let id = key_id(&public);
    let made = StoredKey { id, private, public, made: app.clock.now() };
    let commit = Commit { writes: vec![made.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(made),
        // Another request, or another process, made it first.
        Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => {
            let kept = app.store.get::<StoredKey>(&app.provider, "ledger").await?;
            Ok(kept.ok_or(Error::Key)?.document)
        }
        Err(error) => Err(error.into()),
    }
}

/// The keys by which anyone can check an entry's signature.
pub async fn published_keys(app: &App) -> Result<Vec<Jwk>, Error> {
    let StoredKey { id, public, .. } = key(app).await?;
    Ok(vec![Jwk::ed25519(id, public)])
}

/// The same keys, ready to check signatures with; none where nothing was signed yet. Makes none.
pub(in crate::service) async fn public_keys(app: &App) -> Result<Vec<PublicKey>, Error> {
    let Some(kept) = app.store.get::<StoredKey>(&app.provider, "ledger").await? else { return Ok(Vec::new()) };
    let StoredKey { id, public, .. } = kept.document;
    let public = BASE64URL.decode(&public).map_err(|_| Error::Key)?;
    Ok(vec![PublicKey::new(id, &public)])
}

/// The entries after `number`, oldest first, as they are kept.
pub(in crate::service) async fn page(app: &App, number: u64, limit: usize) -> Result<Vec<SealedEntry>, StoreError> {
    let all = Span::beginning("number", "", limit);
    let span = Span { keys: padded(number + 1)..all.keys.end.clone(), ..all };
    let found = app.store.list::<StoredEntry>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document.0).collect())
}

/// The entry of this number, as it is kept: its JWS is what anyone can check by the published keys.
pub async fn entry(app: &App, number: u64) -> Result<Option<SealedEntry>, StoreError> {
    Ok(app.store.get::<StoredEntry>(&app.provider, &padded(number)).await?.map(|kept| kept.document.0))
}

/// Where the ledger ends, by its own record.
pub(in crate::service) async fn end(app: &App) -> Result<End, StoreError> {
    let kept = app.store.get::<End>(&app.provider, "end").await?;
    Ok(kept.map_or(End { number: 0, hash: BEGINNING }, |kept| kept.document))
}
