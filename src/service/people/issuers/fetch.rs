//! Fetching the keys of an issuer, within limits of time and size.

use super::keys::Keys;
use crate::config::{Issuer, is_safe};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::time::Duration;

/// How long one fetch may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read, in bytes.
const LARGEST: usize = 256 << 10;

/// Why keys could not be fetched, for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it cannot be reached: {0}")]
    Network(String),
    #[error("it returned {0} instead of 200")]
    Status(StatusCode),
    #[error("it returned more than {LARGEST} bytes")]
    TooLarge,
    #[error("it returned something unexpected: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("its OpenID configuration belongs to {0:?}")]
    OtherIssuer(String),
    #[error("its OpenID configuration says that its keys are at {0:?}, which is not safe")]
    UnsafeAddress(String),
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        let mut words = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            words = format!("{words}: {inner}");
            cause = inner.source();
        }
        Self::Network(words)
    }
}

/// The keys that `issuer` publishes now.
pub(super) async fn keys(issuer: &Issuer) -> Result<Keys, FetchError> {
    // A separate client each time, since fetches are rare: what the machine trusts may have changed meanwhile. Redirects
    // could lead anywhere, so the operator configures the new address of an issuer that moved.
    let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build()?;
    let address = if issuer.jwks_url.is_empty() { discover(&client, issuer).await? } else { issuer.jwks_url.clone() };
    Ok(Keys::read(&get(&client, &address).await?)?)
}

/// Where the issuer's keys are, by its OpenID configuration (OpenID Connect Discovery §4).
async fn discover(client: &Client, issuer: &Issuer) -> Result<String, FetchError> {
    #[derive(Deserialize)]
    struct Configuration {
        issuer: String,
        jwks_uri: String,
    }
    let address = format!("{}/.well-known/openid-configuration", issuer.issuer.trim_end_matches('/'));
    let configuration: Configuration = serde_json::from_slice(&get(client, &address).await?)?;
    if configuration.issuer != issuer.issuer {
        return Err(FetchError::OtherIssuer(configuration.issuer));
    }
    // A remote issuer cannot send this server to an address on the server's own machine.
    let is_remote = issuer.issuer.starts_with("https://");
    if !is_safe(&configuration.jwks_uri) || is_remote && !configuration.jwks_uri.starts_with("https://") {
        return Err(FetchError::UnsafeAddress(configuration.jwks_uri));
    }
    Ok(configuration.jwks_uri)
}

async fn get(client: &Client, address: &str) -> Result<Vec<u8>, FetchError> {
    let mut response = client.get(address).header("accept", "application/json").send().await?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if bytes.len() + piece.len() > LARGEST {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}
