//! One typed configuration: defaults < `enduring.toml` < `ENDURING_*` < flags.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that an operator decides. `src/config.default.toml` is its documentation and its parsed default.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory of the embedded store.
    pub data: PathBuf,
    /// The app: pages, API and xAPI.
    pub listen: SocketAddr,
    /// The content origin.
    pub content_listen: SocketAddr,
    /// How browsers reach the app; no slash at the end.
    pub url: String,
    /// How browsers reach the content origin; no slash at the end, another host name than `url`.
    pub content_url: String,
    /// Whether the sample activities and one-click sign-in links are there.
    pub demo: bool,
    pub provider: ProviderConfig,
    pub xapi: XapiConfig,
    /// Portals whose signed launch tokens sign people in.
    pub portals: Vec<Portal>,
}

/// The accredited provider that this server speaks for.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its short name, by which the store knows it.
    pub id: String,
    /// As certificates show it.
    pub name: String,
    /// IANA name of the time zone in which completion dates are computed.
    pub time_zone: String,
}

/// The xAPI endpoint.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XapiConfig {
    /// The version assumed, and answered, when a request names none: `1.0.3` or `2.0.0`.
    pub default_version: String,
}

/// A portal that signs people in by JWT.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// `HS256` with a shared secret of at least 32 bytes, or `RS256`, `ES256`, `EdDSA` with its public key in PEM.
    pub algorithm: String,
    pub key: String,
}
