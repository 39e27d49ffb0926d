//! Bearer tokens (RFC 6750): access tokens as JWT (RFC 9068), signed by issuers that the operator names.
//!
//! A token is accepted when its issuer is one of them, its signature matches a key that this issuer publishes, and it was made
//! for this server and is in force. It grants what it says, and at most what the operator allows its issuer.
//!
//! Statements that come with a token are vouched for by the Agent with the account `{homePage: issuer, name: sub}`.
//! xAPI 1.0.3 Part 2 §2.4.9 wants a Group of application and user after three-legged OAuth 1.0, where the record store
//! itself is the server that both have dealt with. A token of another issuer does not say whether its subject is a person:
//! `azp` and `client_id` differ from `sub` also where a program acts on its own behalf. So only the one named by `sub`
//! vouches.
//!
//! Absent on purpose: any way for a token to act with this server's own authority, and storing or logging tokens.

mod fetch;
mod keys;
mod known_issuer;
mod token;

use crate::config;
use crate::service::App;
use crate::service::people::credentials::{Right, give};
use base::clock::Clock;
use known_issuer::{KnownIssuer, UnreachableIssuer};
use std::collections::BTreeSet;
use std::sync::Arc;
use token::Token;
use xapi::{Authority, Scope};

/// The issuers that the operator names, and the keys that they publish.
pub(in crate::service) struct Issuers(Vec<Arc<KnownIssuer>>);

impl Issuers {
    /// No keys are fetched yet.
    pub(in crate::service) fn new(named: &[config::Issuer]) -> Self {
        Self(named.iter().cloned().map(KnownIssuer::new).map(Arc::new).collect())
    }
}

/// The bearer of a token that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    issuer: String,
    subject: String,
    /// What the token grants.
    granted: BTreeSet<Scope>,
    /// The most that its issuer may grant.
    allowed: BTreeSet<Scope>,
}

impl Bearer {
    /// Whether it grants `right`.
    pub fn may(&self, right: Right) -> bool {
        give(&self.granted, right) && give(&self.allowed, right)
    }

    /// The agent that vouches for statements sent with the token.
    pub fn authority(&self) -> Authority {
        Authority::account(&self.issuer, &self.subject)
    }

    /// The name under which records say who did it.
    pub fn by(&self) -> String {
        format!("token:{} {}", self.issuer, self.subject)
    }
}

/// Why a token was rejected. Each sentence says which check failed, and nothing that the token does not say itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the token is longer than {} bytes; ask its issuer for a smaller one", token::LONGEST)]
    TooLong,
    #[error("the token is not a signed JWT in compact form")]
    Malformed,
    #[error("the token is not an access token; its `typ` says that it is for something else")]
    Type,
    #[error("the token requires an extension that this server does not support (`crit`)")]
    Critical,
    #[error("the token names no issuer that this server trusts")]
    Issuer,
    #[error("the token is signed by an algorithm that is not allowed for its issuer")]
    Algorithm,
    #[error("the token does not name its key, and its issuer publishes several; it needs a `kid`")]
    WhichKey,
    #[error("the token is signed with a key that its issuer does not publish")]
    Key,
    #[error("the signature of the token is not valid")]
    Signature,
    #[error("the token was made for another server; its `aud` must name this one")]
    Audience,
    #[error("the token has no `exp`, or one that is not a time")]
    NoEnd,
    #[error("the token has expired; ask its issuer for a new one")]
    Expired,
    #[error("the token is not valid yet; check the clocks of its issuer and of this server")]
    TooEarly,
    #[error("the token names no subject of 1 to {} characters (`sub`)", token::LONGEST_SUBJECT)]
    Subject,
    #[error("the keys of the token's issuer cannot be fetched at the moment; try again shortly")]
    Unreachable,
}

impl From<UnreachableIssuer> for Error {
    fn from(UnreachableIssuer: UnreachableIssuer) -> Self {
        Self::Unreachable
    }
}

/// The bearer of `token`, if it is valid now.
pub async fn authenticate(app: &App, token: &str) -> Result<Bearer, Error> {
    let token = Token::read(token)?;
    let known = app.memory.issuers.0.iter().find(|known| known.config.issuer == token.claims.iss);
    let known = known.filter(|known| !known.config.speaks_as(&app.config.url)).ok_or(Error::Issuer)?;
    let algorithm = token.algorithm(&known.config.algorithms)?;
    let keys = known.keys(&app.clock, |keys| keys.knows(token.header.kid.as_deref(), algorithm)).await?;
    token.verify(algorithm, keys.find(token.header.kid.as_deref(), algorithm)?)?;
    let audience = if known.config.audience.is_empty() { &app.config.url } else { &known.config.audience };
    token.in_force(audience, app.clock.now())?;
    Ok(Bearer {
        issuer: known.config.issuer.clone(),
        subject: token.subject()?.to_owned(),
        granted: token.scopes(&known.config.scope_prefix),
        allowed: known.config.scopes.clone(),
    })
}

/// Whether programs can call with tokens at all.
pub fn are_named(app: &App) -> bool {
    !app.memory.issuers.0.is_empty()
}

/// The clock as the modules of this folder take it: shared, since keys are also fetched in the background.
type SharedClock = Arc<dyn Clock>;
