//! The session cookie of a person who signed in.

use crate::config::Config;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// Its name. Over HTTPS the prefix makes browsers insist that it is secure, for this host alone and for every path
/// (RFC 6265bis §4.1.3.2), so that no neighboring host can plant one.
fn name(config: &Config) -> &'static str {
    if secure(config) { "__Host-enduring" } else { "enduring" }
}

fn secure(config: &Config) -> bool {
    config.url.starts_with("https://")
}

/// The secret in the request's cookie.
pub(in crate::http) fn read(req: &HttpRequest, config: &Config) -> Option<String> {
    req.cookie(name(config)).map(|cookie| cookie.value().to_owned())
}

/// The cookie that carries `secret` until the browser closes; the server ends the session in its own time.
///
/// `Lax`, so that someone who follows a link from a mail is still signed in, and no other site can post in their name.
pub(super) fn carrying(config: &Config, secret: String) -> Cookie<'static> {
    Cookie::build(name(config), secret)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure(config))
        .finish()
}

/// The cookie that removes it.
pub(super) fn cleared(config: &Config) -> Cookie<'static> {
    let mut cookie = carrying(config, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
