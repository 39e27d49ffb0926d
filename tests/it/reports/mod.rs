//! What reporting tools get beyond the standard, against the real server. Expected responses are derived by hand.

mod aggregate;
pub mod events;
mod export;
mod following;
mod stream;
mod validate;

use crate::xapi::Lrs;
use reqwest::{Method, RequestBuilder};

/// A request to `/api/v1/statements…` with the credential of `lrs`.
fn ask(lrs: &Lrs, method: Method, path: &str) -> RequestBuilder {
    ask_as(lrs, (&lrs.key, &lrs.secret), method, path)
}

/// The same with another credential.
fn ask_as(lrs: &Lrs, (key, secret): (&str, &str), method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}/api/v1/statements{path}", lrs.server.url);
    lrs.server.client.request(method, url).basic_auth(key, Some(secret))
}
