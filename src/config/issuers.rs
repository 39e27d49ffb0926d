//! `[[issuers]]`: the issuers of bearer tokens for programs.

use super::{Config, ConfigError};
use actix_web::http::Uri;
use serde::Deserialize;
use std::collections::BTreeSet;
use xapi::Scope;

/// An issuer of bearer tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The `iss` of its tokens, character for character.
    pub issuer: String,
    /// What the `aud` of its tokens must contain; empty for the address of this server.
    #[serde(default)]
    pub audience: String,
    /// Where its public keys are; empty if its OpenID configuration says it.
    #[serde(default)]
    pub jwks_url: String,
    /// The algorithms that its tokens may be signed with.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// The most that its tokens can do.
    pub scopes: BTreeSet<Scope>,
    /// What the scopes in its tokens begin with.
    #[serde(default)]
    pub scope_prefix: String,
}

/// A signature that only the holder of a private key can make (RFC 7518 §3.1). The shared-secret ones and `none` are
/// absent on purpose: with them, whoever can check a token could also forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

fn default_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::ES256]
}

/// Checks all of them.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    let own = config.clone().at_ports(config.listen.port(), config.content_listen.port()).url;
    for (at, issuer) in config.issuers.iter().enumerate() {
        issuer.check(&own)?;
        if config.issuers.iter().skip(at + 1).any(|other| other.issuer == issuer.issuer) {
            let reason = format!("{} is listed twice; list each issuer once", issuer.issuer);
            return Err(ConfigError::refused("issuers.issuer", reason));
        }
    }
    Ok(())
}

impl Issuer {
    /// Whether statements sent with a token of this issuer would look like those of this server, which is served at `url`.
    pub fn speaks_as(&self, url: &str) -> bool {
        let plain = |url: &str| url.trim_end_matches('/').to_lowercase();
        plain(&self.issuer) == plain(url)
    }

    fn check(&self, own: &str) -> Result<(), ConfigError> {
        let issuer = &self.issuer;
        if !is_safe(issuer) {
            return Err(ConfigError::refused("issuers.issuer", format!("{issuer:?} {UNSAFE}")));
        }
        if self.speaks_as(own) {
            return Err(ConfigError::refused(
                "issuers.issuer",
                format!("{issuer} is this server itself, and no token may act on its behalf; name another issuer"),
            ));
        }
        if !self.jwks_url.is_empty() && !is_safe(&self.jwks_url) {
            return Err(ConfigError::refused("issuers.jwks_url", format!("{:?} {UNSAFE}", self.jwks_url)));
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::refused(
                "issuers.algorithms",
                format!("name the algorithms that {issuer} signs with, such as RS256"),
            ));
        }
        if self.scopes.is_empty() {
            let reason = format!("name the most that tokens of {issuer} can do, such as statements/write");
            return Err(ConfigError::refused("issuers.scopes", reason));
        }
        Ok(())
    }
}

const UNSAFE: &str =
    "must be an address that begins with https://, or http:// for this machine alone, without a fragment";

/// Whether what is fetched from `url` cannot be changed in transit.
pub fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let local = |host: &str| ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match (uri.scheme_str(), uri.host()) {
        _ if url.contains(['#', '@']) => false,
        (Some("https"), Some(host)) => !host.is_empty(),
        (Some("http"), Some(host)) => local(host),
        _ => false,
    }
}
