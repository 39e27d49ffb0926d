//! Wrapping: a private key as the store has it when the configuration has a key for that purpose.
//!
//! AES-256-GCM with a random nonce before the ciphertext. The additional data are the provider and the id of the wrapped key, so
//! that one record's secret does not pass for another's.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

/// A wrapping key with what it is used for.
pub(super) struct Wrapping<'a> {
    key: [u8; 32],
    provider: &'a str,
    id: &'a str,
}

impl<'a> Wrapping<'a> {
    /// For the signing key `id` of `provider`.
    pub(super) fn new(key: [u8; 32], provider: &'a str, id: &'a str) -> Self {
        Self { key, provider, id }
    }

    fn additional(&self) -> Aad<Vec<u8>> {
        Aad::from(format!("enduring signing-key\n{}\n{}", self.provider, self.id).into_bytes())
    }

    /// The nonce, and `secret` encrypted, in base64url.
    pub(super) fn wrap(&self, secret: &[u8]) -> Result<String, Unspecified> {
        let mut sealed = secret.to_vec();
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key)?;
        let nonce = key.seal_in_place_append_tag(self.additional(), &mut sealed)?;
        Ok(BASE64URL.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// What [`Self::wrap`] was given; an error by any other key, or if anything was changed.
    pub(super) fn unwrap(&self, wrapped: &str) -> Result<Vec<u8>, Unspecified> {
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
        let wrapped = Wrapping::new([7; 32], "main", "k").wrap(b"secret").unwrap();
        assert_eq!(Wrapping::new([7; 32], "main", "k").unwrap(&wrapped).unwrap(), b"secret");
        assert_ne!(Wrapping::new([7; 32], "main", "k").wrap(b"secret").unwrap(), wrapped, "each has its own nonce");
        for other in [
            Wrapping::new([8; 32], "main", "k"),
            Wrapping::new([7; 32], "other", "k"),
            Wrapping::new([7; 32], "main", "l"),
        ] {
            assert!(other.unwrap(&wrapped).is_err());
        }
        let mut changed = BASE64URL.decode(&wrapped).unwrap();
        for place in 0..changed.len() {
            changed[place] ^= 1;
            assert!(Wrapping::new([7; 32], "main", "k").unwrap(&BASE64URL.encode(&changed)).is_err(), "{place}");
            changed[place] ^= 1;
        }
        assert!(Wrapping::new([7; 32], "main", "k").unwrap("AAAA").is_err());
    }
}
