//! The keys that an issuer publishes (RFC 7517 §5). Pure.

use super::Error;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The keys of a set that can check a signature.
#[derive(Default)]
pub(super) struct Keys(Vec<Key>);

struct Key {
    jwk: Jwk,
    decoding: DecodingKey,
}

impl Keys {
    /// Reads a JWK Set. Keys for other purposes, and of unknown kinds, are left out (§5).
    pub(super) fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(bytes)?;
        let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys = jwks.filter(checks_signatures).filter_map(|jwk| {
            let decoding = DecodingKey::from_jwk(&jwk).ok()?;
            Some(Key { jwk, decoding })
        });
        Ok(Self(keys.collect()))
    }

    /// Whether there is a key to check a token with that names `kid`.
    pub(super) fn knows(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        self.matching(kid, algorithm).next().is_some()
    }

    /// The key to check a token with: the one that it names, or the only one that it could mean.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, Error> {
        let mut matching = self.matching(kid, algorithm);
        let first = matching.next().ok_or(Error::Key)?;
        if kid.is_none() && matching.next().is_some() { Err(Error::WhichKey) } else { Ok(&first.decoding) }
    }

    fn matching(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        let named = move |key: &&Key| kid.is_none() || key.jwk.common.key_id.as_deref() == kid;
        self.0.iter().filter(named).filter(move |key| is_for(&key.jwk, algorithm))
    }
}

/// Whether the key is public and for signatures, as far as it says (§4.2, §4.3).
fn checks_signatures(jwk: &Jwk) -> bool {
    let purpose = jwk.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let operations = jwk.common.key_operations.as_ref();
    let verifies = operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    purpose && verifies && !matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_))
}

/// Whether the key can be used with `algorithm`: its kind and its curve are those, and it names no other.
fn is_for(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let other = jwk.common.key_algorithm.is_some_and(|named| named.to_string().parse() != Ok(algorithm));
    let kind = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), _) => algorithm.family() == AlgorithmFamily::Rsa,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    kind && !other
}
