//! Sign-in from a portal: a signed launch token (JWT, RFC 7519) that is valid for one use within ten minutes.

use crate::config::Portal;
use crate::service::expiry;
use crate::service::people::accounts::{self, Person};
use crate::service::{Account, AccountIssuer, App, Profession, Role};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Commit, Document, Index, IndexKey, Key, Kind, StoreError};

/// The longest time for which a token may be valid.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// The longest `sub` and `jti`, in characters (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

/// How far the portal's clock may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// What a launch token says. `aud` is this server's address.
#[derive(Debug, Clone, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    jti: String,
    #[serde(default)]
    name: String,
    /// OpenID Connect Core §5.1.
    #[serde(default)]
    family_name: String,
    #[serde(default)]
    given_name: String,
    profession: Profession,
    #[serde(default = "learner")]
    roles: BTreeSet<Role>,
    activity: Option<String>,
}

fn learner() -> BTreeSet<Role> {
    BTreeSet::from([Role::Learner])
}

/// A token that was used. Stored until it would have expired anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct UsedToken {
    /// Of issuer and `jti`.
    sha256: Sha256,
    expires: Timestamp,
}

impl Document for UsedToken {
    const KIND: &'static Kind =
        &Kind { name: "portal-token", indexes: &[Index { name: expiry::INDEX, unique: false }] };

    fn key(&self) -> String {
        self.sha256.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: expiry::INDEX, key: xapi::instant(self.expires) }]
    }
}

/// A person whom a portal has sent here, signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSignIn {
    pub account: Account,
    /// The activity that they came for.
    pub activity: Option<String>,
}

/// Why a token was not accepted. Each sentence is for the person who followed the link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this link was not created by a portal that this server knows; open the activity from your portal again")]
    Unknown,
    #[error("this link is damaged or was not meant for this server; open the activity from your portal again")]
    Invalid,
    #[error("this link is too old; open the activity from your portal again")]
    Expired,
    #[error("this link was used before, and each link works once; open the activity from your portal again")]
    Used,
    #[error("the portal {issuer} may not sign anyone in as {role}; contact the people who run this server")]
    Role { issuer: String, role: &'static str },
    #[error("the key of the portal {issuer} cannot be read; contact the people who run this server")]
    Misconfigured { issuer: String },
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Accepts `token` once: checks its signature with the key that the configuration has for its issuer, its audience and
/// its times; returns who signed in.
pub async fn accept(app: &App, token: &str) -> Result<PortalSignIn, Error> {
    let now = app.clock.now();
    let claims = verify(&app.config.portals, &app.config.url, token)?;
    let expires = expiration(&claims, now)?;
    check_roles(&app.config.portals, &claims)?;
    mark_used(app, &claims, expires, now).await?;
    let Claims { iss, sub, name, family_name, given_name, profession, roles, activity, .. } = claims;
    let person = Person {
        issuer: AccountIssuer::Portal(iss),
        subject: sub,
        name: name.trim().to_owned(),
        family_name: family_name.trim().to_owned(),
        given_name: given_name.trim().to_owned(),
        profession,
        roles,
    };
    Ok(PortalSignIn { account: accounts::find_or_create(app, &person).await?, activity })
}

/// The claims, if a known portal signed them for `audience`. The algorithm is the one configured, never the one
/// that the token names (RFC 8725 §3.1).
fn verify(portals: &[Portal], audience: &str, token: &str) -> Result<Claims, Error> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    if has_critical_extensions(token) {
        return Err(Error::Invalid);
    }
    let unproven = jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token).map_err(|_| Error::Invalid)?;
    let portal = portals.iter().find(|portal| portal.issuer == unproven.iss).ok_or(Error::Unknown)?;
    let (algorithm, key) = key(portal).ok_or_else(|| Error::Misconfigured { issuer: portal.issuer.clone() })?;
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["aud", "iss", "sub"]);
    // Times are checked by `expiration`, against this server's own clock.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Error::Invalid)?.claims;
    let is_identifier = |text: &str| {
        !text.trim().is_empty() && text.chars().count() <= LONGEST_SUBJECT && !text.chars().any(char::is_control)
    };
    let has_names = is_identifier(&claims.sub) && is_identifier(&claims.jti);
    let fits = [&claims.name, &claims.family_name, &claims.given_name]
        .into_iter()
        .all(|name| name.trim().is_empty() || accounts::is_name(name));
    if has_names && fits { Ok(claims) } else { Err(Error::Invalid) }
}

/// Whether the header names extensions that a reader must understand (`crit`, RFC 7515 §4.1.11); none is understood here.
fn has_critical_extensions(token: &str) -> bool {
    #[derive(Deserialize)]
    struct Critical {
        crit: Option<serde::de::IgnoredAny>,
    }
    let header = token.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    header
        .and_then(|header| serde_json::from_slice::<Critical>(&header).ok())
        .is_none_or(|header| header.crit.is_some())
}

/// Whether the operator lets the portal grant every role that the token has.
fn check_roles(portals: &[Portal], claims: &Claims) -> Result<(), Error> {
    let allowed = portals.iter().find(|portal| portal.issuer == claims.iss).map_or(&[][..], |portal| &portal.roles);
    match claims.roles.iter().map(|role| role.as_str()).find(|role| !allowed.iter().any(|allowed| allowed == role)) {
        Some(role) => Err(Error::Role { issuer: claims.iss.clone(), role }),
        None if claims.roles.is_empty() => Err(Error::Invalid),
        None => Ok(()),
    }
}

/// The algorithm and key of a portal, if its entry in the configuration is valid.
fn key(portal: &Portal) -> Option<(Algorithm, DecodingKey)> {
    let bytes = portal.key.as_bytes();
    match portal.algorithm.as_str() {
        "HS256" => Some((Algorithm::HS256, DecodingKey::from_secret(bytes))),
        "RS256" => Some((Algorithm::RS256, DecodingKey::from_rsa_pem(bytes).ok()?)),
        "ES256" => Some((Algorithm::ES256, DecodingKey::from_ec_pem(bytes).ok()?)),
        "EdDSA" => Some((Algorithm::EdDSA, DecodingKey::from_ed_pem(bytes).ok()?)),
        _ => None,
    }
}

/// When the token expires, if `now` is within its life and its life is not too long.
fn expiration(claims: &Claims, now: Timestamp) -> Result<Timestamp, Error> {
    let issued = Timestamp::from_second(claims.iat).map_err(|_| Error::Invalid)?;
    let expires = Timestamp::from_second(claims.exp).map_err(|_| Error::Invalid)?;
    let begins = claims.nbf.map_or(Ok(issued), Timestamp::from_second).map_err(|_| Error::Invalid)?;
    if issued.duration_since(now) > SKEW
        || begins.duration_since(now) > SKEW
        || expires.duration_since(issued) > LONGEST
    {
        return Err(Error::Invalid);
    }
    if now.duration_since(expires) >= SKEW { Err(Error::Expired) } else { Ok(expires) }
}

/// Marks the token as used; a second attempt is rejected, however soon it comes.
async fn mark_used(app: &App, claims: &Claims, expires: Timestamp, now: Timestamp) -> Result<(), Error> {
    let used = UsedToken { sha256: Sha256::of(Key::of(&[&claims.iss, &claims.jti])), expires };
    let commit = Commit { writes: vec![used.insert()?], ..Commit::default() };
    match app.store.commit(&app.provider, commit).await {
        Ok(_) => Ok(expiry::sweep::<UsedToken>(app, now.checked_sub(LONGEST).unwrap_or(Timestamp::MIN)).await?),
        Err(StoreError::Stale { .. } | StoreError::Taken { .. }) => Err(Error::Used),
        Err(error) => Err(error.into()),
    }
}
