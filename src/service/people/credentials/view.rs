//! A credential as people and scripts see it: what the API returns and `enduring credential list --json` prints.

use super::{Credential, Scope};
use jiff::Timestamp;
use serde::Serialize;

/// A credential without its secrets.
#[derive(Debug, Clone, Serialize)]
pub struct CredentialView<'a> {
    pub key: &'a str,
    pub name: &'a str,
    pub scopes: Vec<&'static str>,
    pub created: String,
    /// When it got its current secret.
    pub rotated: Option<String>,
    /// Until when the previous secret works too.
    pub overlap_until: Option<String>,
    pub revoked: Option<String>,
}

impl<'a> CredentialView<'a> {
    /// As it is at `now`.
    pub fn of(credential: &'a Credential, now: Timestamp) -> Self {
        Self {
            key: &credential.key,
            name: &credential.name,
            scopes: credential.scopes.iter().copied().map(Scope::as_str).collect(),
            created: xapi::instant(credential.created),
            rotated: credential.rotated.map(xapi::instant),
            overlap_until: credential.overlap_until(now).map(xapi::instant),
            revoked: credential.revoked.map(xapi::instant),
        }
    }
}
