//! A portal that vouches for people.

use crate::learner::ACTIVITY;
use enduring::config::Portal;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use std::path::Path;

/// The one that the processes of these tests know.
pub(super) fn known() -> Portal {
    Portal {
        issuer: "https://portal.example".to_owned(),
        algorithm: "HS256".to_owned(),
        key: "a secret of the portal that is long enough".to_owned(),
        roles: vec!["learner".to_owned()],
    }
}

/// Writes a configuration that names it.
pub(super) fn configure(file: &Path, portal: &Portal) {
    let Portal { issuer, algorithm, key, .. } = portal;
    // The tests are the balancer, and call each process by its own address.
    let text = format!(
        "hosts = [\"127.0.0.1\"]\n[[portals]]\nissuer = \"{issuer}\"\nalgorithm = \"{algorithm}\"\nkey = \"{key}\"\n"
    );
    std::fs::write(file, text).unwrap();
}

/// A token that lets the physician of this name in once, where people reach the server at `audience`.
pub(super) fn token(portal: &Portal, name: &str, audience: &str, now: Timestamp) -> String {
    let now = now.as_second();
    let claims = json!({
        "iss": portal.issuer, "sub": name, "name": name, "profession": "physician", "activity": ACTIVITY,
        "aud": audience, "iat": now, "exp": now + 300, "jti": base::ids::random(),
    });
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(portal.key.as_bytes())).unwrap()
}
