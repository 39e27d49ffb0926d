//! The cookie of the content origin: it opens the player page of one session, and nothing else.

use crate::config::Config;
use crate::service::playing::sessions::Session;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use jiff::SignedDuration;

/// Its name. Over HTTPS the prefix keeps neighboring hosts from planting one (RFC 6265bis §4.1.3.2). Over HTTP, which is for
/// development, WebKit keeps no secure cookie.
fn name(config: &Config) -> &'static str {
    if config.content_url.starts_with("https://") { "__Host-play" } else { "play" }
}

/// The value that the browser has.
pub(super) fn read(req: &HttpRequest, config: &Config) -> Option<String> {
    req.cookie(name(config)).map(|cookie| cookie.value().to_owned())
}

/// The header that sets it for as long as the launch lives. `Lax`, so that it is there when the learner reloads a page that
/// they reached from the app; a player in another site's page needs one that is kept apart for that site (CHIPS).
pub(super) fn carrying(config: &Config, session: &Session, value: &str, left: SignedDuration) -> Option<HeaderValue> {
    let seconds = left.as_secs().max(0);
    let more = match (&session.frame_ancestor, config.content_url.starts_with("https://")) {
        (Some(_), _) => "; SameSite=None; Secure; Partitioned",
        (None, true) => "; SameSite=Lax; Secure",
        (None, false) => "; SameSite=Lax",
    };
    HeaderValue::from_str(&format!("{}={value}; Path=/; HttpOnly; Max-Age={seconds}{more}", name(config))).ok()
}
