//! The ledger: what was recorded, in entries that nobody can change undetected.
//!
//! A [`LedgerEntry`] names the hash of the one before it, so that changing, dropping or inserting one breaks every later hash;
//! and it is signed, so that even a complete new ledger would not pass for ours. Its canonical bytes are the payload of a JWS (RFC
//! 7515, compact, EdDSA over Ed25519), which is all that is kept.
//!
//! Absent on purpose: a way to change or remove an entry. A correction and a revocation are separate entries. Names of
//! people are not here either: an entry is kept forever, a name only as long as it is needed.

use super::{Credits, JointDecision, OfferingId, System, Tier, Window, canonical};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use xapi::StatementId;

/// What precedes the first entry: the hash that it names.
pub const BEGINNING: Sha256 = Sha256([0; 32]);

/// One entry of a provider's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntry {
    /// The provider's short name.
    pub provider: String,
    /// 1, 2, 3 … without a gap.
    pub number: u64,
    pub at: Timestamp,
    /// The hash of the entry before, or [`BEGINNING`].
    pub previous: Sha256,
    pub deed: Deed,
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Deed {
    /// Records a credit.
    Award { credit: Credit },
    /// Records a credit that replaces another, whose evidence was voided.
    Correction { supersedes: Uuid, credit: Credit, voided: Vec<StatementId> },
    /// Revokes a credit, since statements that it rests on were voided, or since two people decided so.
    Revocation {
        credit: Uuid,
        voided: Vec<StatementId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<JointDecision>,
    },
    /// Two people let a revoked credit count again, although the statements in `despite`, which it rests on, are voided.
    Reinstatement { credit: Uuid, despite: Vec<StatementId>, approval: JointDecision },
}

impl Deed {
    /// The credit that the entry records.
    pub fn credit(&self) -> Option<&Credit> {
        match self {
            Self::Award { credit } | Self::Correction { credit, .. } => Some(credit),
            Self::Revocation { .. } | Self::Reinstatement { .. } => None,
        }
    }

    /// The credit that no longer counts from this entry on.
    pub fn ends(&self) -> Option<Uuid> {
        match self {
            Self::Award { .. } | Self::Reinstatement { .. } => None,
            Self::Correction { supersedes, .. } => Some(*supersedes),
            Self::Revocation { credit, .. } => Some(*credit),
        }
    }
}

/// A credit as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    pub id: Uuid,
    /// The learner's account; opaque.
    pub learner: Uuid,
    pub registration: Uuid,
    pub activity: String,
    pub version: u32,
    /// Of that version's document.
    pub document: Sha256,
    /// Of the package's bytes.
    pub package: Sha256,
    pub offering: OfferingId,
    pub system: System,
    pub window: Window,
    pub amount: Credits,
    pub completed: Date,
    pub tier: Option<Tier>,
    /// Of the evidence bundle.
    pub bundle: Sha256,
    /// Of the salted name, profession and code of the certificate ([`crate::holder`]); entries of earlier releases have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Sha256>,
}

/// An entry as it is stored: signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedEntry {
    pub number: u64,
    /// Of the canonical bytes; what the next entry names.
    pub hash: Sha256,
    /// The canonical bytes and their signature.
    pub jws: String,
}

/// A key that signs entries.
pub struct SigningKey {
    /// Its name: what a signature's header says.
    pub id: String,
    key: EncodingKey,
}

/// A published key that checks signatures.
#[derive(Clone)]
pub struct PublicKey {
    pub id: String,
    key: DecodingKey,
    time: KeyUse,
}

/// Which entries a key signs, and when it does. A key that was replaced signs nothing later: whoever steals it afterwards cannot
/// continue the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When the key was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_from: Option<Timestamp>,
    /// When another took its place; none while it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_until: Option<Timestamp>,
    /// The first entry that it could sign; none for the first key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_entry: Option<u64>,
    /// The last one; none while it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_entry: Option<u64>,
}

impl KeyUse {
    /// Whether it signed at this time, give or take what the clocks of several servers differ by.
    fn covers_time(&self, at: Timestamp) -> bool {
        const SLACK: SignedDuration = SignedDuration::from_mins(10);
        self.used_until.is_none_or(|until| at.duration_since(until) <= SLACK)
    }

    /// Whether the entry of this number is one of them.
    fn covers(&self, number: u64) -> bool {
        self.first_entry.is_none_or(|first| first <= number) && self.last_entry.is_none_or(|last| number <= last)
    }
}

/// A published key, as a JWK (RFC 7517, RFC 8037). Members that tell its use are ours; RFC 7517 §4 lets others ignore them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    pub kty: String,
    pub crv: String,
    pub alg: String,
    #[serde(rename = "use")]
    pub usage: String,
    pub kid: String,
    pub x: String,
    #[serde(flatten)]
    pub time: KeyUse,
}

impl Jwk {
    /// The key `kid` of these 32 bytes in base64url.
    pub fn ed25519(kid: String, x: String, time: KeyUse) -> Self {
        let [kty, crv, alg, usage] = ["OKP", "Ed25519", "EdDSA", "sig"].map(str::to_owned);
        Self { kty, crv, alg, usage, kid, x, time }
    }
}

/// What is wrong with an entry, as a sentence for an auditor.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    #[error("its signature is not of the form of a JWS")]
    NotAJws,
    #[error("it is signed with the key {0}, which is not one of this provider's")]
    UnknownKey(String),
    #[error("it is signed with the key {key}, which signs other entries than number {number}")]
    OtherUse { key: String, number: u64 },
    #[error("it is signed with the key {key} at {at}, when another had taken its place")]
    Retired { key: String, at: Timestamp },
    #[error("its signature does not fit its content")]
    BadSignature,
    #[error("its content has the hash {found}; {kept} is stored")]
    OtherHash { found: Sha256, kept: Sha256 },
    #[error("its content cannot be read: {0}")]
    Unreadable(serde_json::Error),
    #[error("it is number {found} where {expected} belongs")]
    OutOfOrder { found: u64, expected: u64 },
    #[error("it names {found} as the entry before it; that has the hash {expected}")]
    NotChained { found: Sha256, expected: Sha256 },
}

/// Why an entry could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the ledger's signing key cannot be used: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    #[error("an entry cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl SigningKey {
    /// A key from its PKCS #8 document.
    pub fn new(id: String, pkcs8: &[u8]) -> Self {
        Self { id, key: EncodingKey::from_ed_der(pkcs8) }
    }

    /// Signs `entry`.
    pub fn seal(&self, entry: &LedgerEntry) -> Result<SealedEntry, SealError> {
        let payload = canonical::of(entry)?;
        Ok(SealedEntry { number: entry.number, hash: Sha256::of(&payload), jws: self.sign(&payload)? })
    }

    /// A JWS with this payload.
    pub(crate) fn sign(&self, payload: &[u8]) -> Result<String, SealError> {
        let header = canonical::of(&json!({"alg": "EdDSA", "kid": self.id}))?;
        let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(payload));
        let signature = crypto::sign(signed.as_bytes(), &self.key, Algorithm::EdDSA)?;
        Ok(format!("{signed}.{signature}"))
    }
}

impl PublicKey {
    /// Whether it signed anything at this time.
    pub(crate) fn signed_at(&self, at: Timestamp) -> bool {
        self.time.covers_time(at)
    }

    /// A key from its 32 bytes, and what it signs.
    pub fn new(id: String, bytes: &[u8], time: KeyUse) -> Self {
        Self { id, key: DecodingKey::from_ed_der(bytes), time }
    }

    /// The key that is published as `jwk`, if it can check the signatures of entries.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let Jwk { kty, crv, alg, usage, kid, x, time } = jwk;
        let usable = (kty.as_str(), crv.as_str(), alg.as_str(), usage.as_str()) == ("OKP", "Ed25519", "EdDSA", "sig");
        let bytes = BASE64URL.decode(x).ok().filter(|_| usable)?;
        Some(Self::new(kid.clone(), &bytes, time.clone()))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

impl SealedEntry {
    /// The entry, if its signature and its hash are right and it follows on `before`.
    pub fn open(&self, keys: &[PublicKey], before: (u64, Sha256)) -> Result<LedgerEntry, EntryError> {
        let entry = self.read(keys)?;
        let (number, hash) = before;
        if entry.number != number + 1 || self.number != entry.number {
            return Err(EntryError::OutOfOrder { found: entry.number, expected: number + 1 });
        }
        if entry.previous != hash {
            return Err(EntryError::NotChained { found: entry.previous, expected: hash });
        }
        Ok(entry)
    }

    /// The entry, if its signature and its hash are right; whatever is before it.
    pub fn open_alone(&self, keys: &[PublicKey]) -> Result<LedgerEntry, EntryError> {
        let entry = self.read(keys)?;
        if self.number != entry.number {
            return Err(EntryError::OutOfOrder { found: entry.number, expected: self.number });
        }
        Ok(entry)
    }

    fn read(&self, keys: &[PublicKey]) -> Result<LedgerEntry, EntryError> {
        let (key, payload) = payload(&self.jws, keys)?;
        let found = Sha256::of(&payload);
        if found != self.hash {
            return Err(EntryError::OtherHash { found, kept: self.hash });
        }
        let entry: LedgerEntry = serde_json::from_slice(&payload).map_err(EntryError::Unreadable)?;
        if key.time.covers(entry.number) {
            Ok(entry)
        } else {
            Err(EntryError::OtherUse { key: key.id.clone(), number: entry.number })
        }
    }
}

/// What a JWS signs, and which of these keys made it.
pub(crate) fn payload<'a>(jws: &str, keys: &'a [PublicKey]) -> Result<(&'a PublicKey, Vec<u8>), EntryError> {
    let (signed, signature) = jws.rsplit_once('.').ok_or(EntryError::NotAJws)?;
    let (header, payload) = signed.split_once('.').ok_or(EntryError::NotAJws)?;
    let header = BASE64URL.decode(header).map_err(|_| EntryError::NotAJws)?;
    let payload = BASE64URL.decode(payload).map_err(|_| EntryError::NotAJws)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| EntryError::NotAJws)?;
    let key = keys.iter().find(|key| key.id == header.kid).ok_or(EntryError::UnknownKey(header.kid))?;
    let fits = crypto::verify(signature, signed.as_bytes(), &key.key, Algorithm::EdDSA).unwrap_or(false);
    if fits && header.alg == "EdDSA" { Ok((key, payload)) } else { Err(EntryError::BadSignature) }
}

/// The letters of a certificate's code: digits and capitals without I, L, O and U (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A certificate's code of 20 letters from a random secret: 100 bits, which nobody guesses.
pub fn make_code(secret: &str) -> String {
    let digest = Sha256::of(secret).0;
    let letters = digest.iter().take(20).filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    letters.map(|letter| char::from(*letter)).collect()
}

/// The code as it was made, from however it was typed: case, spaces and hyphens do not matter, and letters that look like
/// digits are read as those.
pub fn read_code(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    });
    letters.collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use jiff::civil::date;

    /// The same key, once another has taken its place.
    pub(crate) fn retired(mut public: PublicKey, until: &str) -> PublicKey {
        public.time.used_until = Some(until.parse().unwrap());
        public
    }

    pub(crate) fn keys() -> (SigningKey, PublicKey) {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let public = PublicKey::new("k".to_owned(), pair.public_key().as_ref(), KeyUse::default());
        (SigningKey::new("k".to_owned(), pkcs8.as_ref()), public)
    }

    fn entry(number: u64, previous: Sha256) -> LedgerEntry {
        let credit = Credit {
            id: Uuid::from_u128(1),
            learner: Uuid::from_u128(2),
            registration: Uuid::from_u128(3),
            activity: "a".to_owned(),
            version: 1,
            document: Sha256::of("document"),
            package: Sha256::of("package"),
            offering: "ama".into(),
            system: System::AmaPraCategory1,
            window: Window { from: date(2026, 1, 15), until: date(2028, 1, 14) },
            amount: Credits(75),
            completed: date(2026, 3, 1),
            tier: Some(Tier::T2),
            bundle: Sha256::of("bundle"),
            holder: None,
        };
        let at = "2026-03-02T14:00:00Z".parse().unwrap();
        LedgerEntry { provider: "p".to_owned(), number, at, previous, deed: Deed::Award { credit } }
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let (signing, public) = keys();
        let keys = [public];
        let first = signing.seal(&entry(1, BEGINNING)).unwrap();
        let second = signing.seal(&entry(2, first.hash)).unwrap();
        assert_eq!(first.open(&keys, (0, BEGINNING)).unwrap(), entry(1, BEGINNING));
        assert!(second.open(&keys, (1, first.hash)).is_ok());
        assert!(matches!(second.open(&keys, (0, BEGINNING)), Err(EntryError::OutOfOrder { found: 2, expected: 1 })));
        assert!(matches!(second.open(&keys, (1, Sha256::of("x"))), Err(EntryError::NotChained { .. })));
    }

    #[test]
    fn no_byte_of_an_entry_can_be_flipped_unseen() {
        let (signing, public) = keys();
        let keys = [public];
        let sealed = signing.seal(&entry(1, BEGINNING)).unwrap();
        for place in 0..sealed.jws.len() {
            let mut bytes = sealed.jws.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let jws = String::from_utf8(bytes).unwrap();
            // The last letter of a base64url part has bits that say nothing: another letter may mean the same bytes.
            let same = BASE64URL.decode(jws.rsplit('.').next().unwrap()).ok()
                == BASE64URL.decode(sealed.jws.rsplit('.').next().unwrap()).ok();
            let opened = SealedEntry { jws: jws.clone(), ..sealed.clone() }.open(&keys, (0, BEGINNING));
            assert!(opened.is_err() || (same && jws.starts_with(sealed.jws.rsplit_once('.').unwrap().0)), "{place}");
        }
        let another = SealedEntry { hash: Sha256::of("x"), ..sealed.clone() };
        assert!(matches!(another.open(&keys, (0, BEGINNING)), Err(EntryError::OtherHash { .. })));
        let (_, stranger) = self::keys();
        assert!(matches!(sealed.open(&[stranger], (0, BEGINNING)), Err(EntryError::BadSignature)));
    }

    #[test]
    fn a_key_that_was_replaced_signs_nothing_later() {
        let (signing, mut public) = keys();
        public.time = KeyUse { first_entry: Some(2), last_entry: Some(2), ..KeyUse::default() };
        let sealed =
            |number| signing.seal(&entry(number, BEGINNING)).unwrap().open_alone(std::slice::from_ref(&public));
        assert!(sealed(2).is_ok());
        for outside in [1, 3] {
            assert!(matches!(sealed(outside), Err(EntryError::OtherUse { number, .. }) if number == outside));
        }
    }

    #[test]
    fn a_key_of_an_earlier_release_is_read_as_it_was_published() {
        let published = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"k","x":"AA"}"#;
        let jwk: Jwk = serde_json::from_str(published).unwrap();
        assert_eq!(jwk.time, KeyUse::default());
        assert_eq!(serde_json::to_string(&jwk).unwrap(), published);
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = make_code("secret");
        assert_eq!(code.len(), 20);
        assert_eq!(read_code(&code.to_lowercase()), code);
        assert_eq!(read_code("oil 0-1"), "01101");
        assert_ne!(make_code("other"), code);
    }
}
