//! Whether a request that changes something comes from a page of ours.

use crate::config::Config;
use actix_web::HttpRequest;

/// Whether a page of this origin, or the person's own hand, sent the request.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` (W3C Fetch Metadata), and where they do not (an address
/// that is neither HTTPS nor local) in `Origin`. A request that says neither was not made by a browser of our day, and
/// carries no right to use a cookie.
pub(super) fn is_ours(req: &HttpRequest, config: &Config) -> bool {
    if req.method().is_safe() {
        return true;
    }
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    match header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => header("origin").is_some_and(|origin| origin.eq_ignore_ascii_case(&config.url)),
    }
}
