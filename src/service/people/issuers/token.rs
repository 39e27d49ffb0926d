//! One token: what it claims, and whether that is valid. Pure.

use super::Error;
use crate::config;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};
use std::collections::BTreeSet;
use xapi::Scope;

/// The longest token that is read, in bytes.
pub(super) const LONGEST: usize = 8 << 10;

/// The longest `sub`, in characters (OpenID Connect Core §2).
pub(super) const LONGEST_SUBJECT: usize = 255;

/// How far the issuer's clock may be off.
const LEEWAY: SignedDuration = SignedDuration::from_mins(1);

/// A token as it was sent, split into its parts. Nothing of it is proven before [`Token::verify`].
pub(super) struct Token<'t> {
    pub(super) header: Header,
    pub(super) claims: Claims,
    /// Header and claims as they were signed.
    message: &'t str,
    signature: &'t str,
}

/// The header (RFC 7515 §4). Where it says that a key could be found (`jku`, `jwk`, `x5u`, `x5c`) is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    typ: Option<String>,
    pub(super) kid: Option<String>,
    crit: Option<Value>,
}

/// The claims that are checked (RFC 7519 §4.1, RFC 8693 §4.2).
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    sub: Option<String>,
    aud: Option<Value>,
    exp: Option<Number>,
    nbf: Option<Number>,
    scope: Option<String>,
    /// Some issuers use this name for `scope`, with an array.
    scp: Option<Value>,
}

impl<'t> Token<'t> {
    /// Splits a token into its parts. Fails also if it is not an access token.
    pub(super) fn read(token: &'t str) -> Result<Self, Error> {
        if token.len() > LONGEST {
            return Err(Error::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Error::Malformed)?;
        let header: Header = part(header)?;
        if header.crit.is_some() {
            return Err(Error::Critical);
        }
        // RFC 9068 §4 requires at+jwt; many issuers say JWT or nothing. Anything else is another kind of token, such as
        // one that ends a session (RFC 8725 §3.11).
        let known = ["at+jwt", "application/at+jwt", "jwt"];
        if !header.typ.as_ref().is_none_or(|typ| known.iter().any(|known| typ.eq_ignore_ascii_case(known))) {
            return Err(Error::Type);
        }
        Ok(Self { header, claims: part(claims)?, message, signature })
    }

    /// The algorithm that it is signed with, if it is one of `allowed`: never one only because the token names it
    /// (RFC 8725 §3.1).
    pub(super) fn algorithm(&self, allowed: &[config::Algorithm]) -> Result<Algorithm, Error> {
        let matching = allowed.iter().copied().map(named).find(|(name, _)| *name == self.header.alg);
        matching.map(|(_, algorithm)| algorithm).ok_or(Error::Algorithm)
    }

    /// Whether the holder of `key` signed it.
    pub(super) fn verify(&self, algorithm: Algorithm, key: &DecodingKey) -> Result<(), Error> {
        let verified = jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, algorithm);
        if verified.unwrap_or(false) { Ok(()) } else { Err(Error::Signature) }
    }

    /// Whether it was made for `audience` and for `now` (RFC 7519 §4.1.3 to §4.1.5).
    pub(super) fn in_force(&self, audience: &str, now: Timestamp) -> Result<(), Error> {
        let named = match &self.claims.aud {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience),
            _ => false,
        };
        if !named {
            return Err(Error::Audience);
        }
        let end = self.claims.exp.as_ref().and_then(instant).ok_or(Error::NoEnd)?;
        if now.duration_since(end) >= LEEWAY {
            return Err(Error::Expired);
        }
        match self.claims.nbf.as_ref().map(instant) {
            None => Ok(()),
            Some(Some(begin)) if begin.duration_since(now) <= LEEWAY => Ok(()),
            Some(_) => Err(Error::TooEarly),
        }
    }

    /// Its subject.
    pub(super) fn subject(&self) -> Result<&str, Error> {
        let fits = |sub: &&str| !sub.trim().is_empty() && sub.chars().count() <= LONGEST_SUBJECT;
        let plain = |sub: &&str| !sub.chars().any(char::is_control);
        self.claims.sub.as_deref().filter(fits).filter(plain).ok_or(Error::Subject)
    }

    /// The scopes of the standard that it names after `prefix`; others concern other servers.
    pub(super) fn scopes(&self, prefix: &str) -> BTreeSet<Scope> {
        let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let scope = self.claims.scope.as_deref().map(words).unwrap_or_default();
        let scp = match &self.claims.scp {
            Some(Value::String(text)) => words(text),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        scope.iter().chain(&scp).filter_map(|name| Scope::named(name.strip_prefix(prefix)?)).collect()
    }
}

/// One part of a JWT: JSON in base64url.
fn part<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Error::Malformed)
}

/// A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction.
fn instant(number: &Number) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(number.as_f64()?).ok()?;
    Timestamp::UNIX_EPOCH.checked_add(since).ok()
}

fn named(algorithm: config::Algorithm) -> (&'static str, Algorithm) {
    match algorithm {
        config::Algorithm::RS256 => ("RS256", Algorithm::RS256),
        config::Algorithm::RS384 => ("RS384", Algorithm::RS384),
        config::Algorithm::RS512 => ("RS512", Algorithm::RS512),
        config::Algorithm::PS256 => ("PS256", Algorithm::PS256),
        config::Algorithm::PS384 => ("PS384", Algorithm::PS384),
        config::Algorithm::PS512 => ("PS512", Algorithm::PS512),
        config::Algorithm::ES256 => ("ES256", Algorithm::ES256),
        config::Algorithm::ES384 => ("ES384", Algorithm::ES384),
        config::Algorithm::EdDSA => ("EdDSA", Algorithm::EdDSA),
    }
}
