//! Wrapping: a secret key as the store has it when the configuration has a key for that purpose.
//!
//! AES-256-GCM with a random nonce before the ciphertext. The additional data are the provider, the kind and the id of the wrapped
//! key, so that one record's secret does not pass for another's.

use crate::service::App;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

/// A wrapping key with what it is used for.
pub(in crate::service) struct Wrapping<'a> {
    key: [u8; 32],
    provider: &'a str,
    kind: &'a str,
    id: &'a str,
}

impl<'a> Wrapping<'a> {
    /// For the key `id` of this kind of record; `None` if the configuration has no wrapping key.
    pub(in crate::service) fn of(app: &'a App, kind: &'a str, id: &'a str) -> Option<Self> {
        Some(Self { key: app.config.wrapping_key()?, provider: app.provider.as_str(), kind, id })
    }

    fn additional(&self) -> Aad<Vec<u8>> {
        Aad::from(format!("enduring {}\n{}\n{}", self.kind, self.provider, self.id).into_bytes())
    }

    /// The nonce, and `secret` encrypted, in base64url.
    pub(in crate::service) fn wrap(&self, secret: &[u8]) -> Result<String, Unspecified> {
        let mut sealed = secret.to_vec();
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key)?;
        let nonce = key.seal_in_place_append_tag(self.additional(), &mut sealed)?;
        Ok(BASE64URL.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// What [`Self::wrap`] was given; an error by any other key, or if anything was changed.
    pub(in crate::service) fn unwrap(&self, wrapped: &str) -> Result<Vec<u8>, Unspecified> {
        let bytes = BASE64URL.decode(wrapped).map_err(|_| Unspecified)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
        let mut sealed = sealed.to_vec();
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        Ok(key.open_in_place(nonce, self.additional(), &mut sealed)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrapped_opens_by_the_same_key_in_the_same_place_only() {
        let by = |key, provider, kind, id| Wrapping { key: [key; 32], provider, kind, id };
        let right = || by(7, "main", "signing-key", "k");
        let wrapped = right().wrap(b"secret").unwrap();
        assert_eq!(right().unwrap(&wrapped).unwrap(), b"secret");
        assert_ne!(right().wrap(b"secret").unwrap(), wrapped, "each has its own nonce");
        for other in [
            by(8, "main", "signing-key", "k"),
            by(7, "other", "signing-key", "k"),
            by(7, "main", "content-key", "k"),
            by(7, "main", "signing-key", "l"),
        ] {
            assert!(other.unwrap(&wrapped).is_err());
        }
        let mut changed = BASE64URL.decode(&wrapped).unwrap();
        for place in 0..changed.len() {
            changed[place] ^= 1;
            assert!(right().unwrap(&BASE64URL.encode(&changed)).is_err(), "{place}");
            changed[place] ^= 1;
        }
        assert!(right().unwrap("AAAA").is_err());
    }
}
