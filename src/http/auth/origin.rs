//! Which site sent a request that changes something.

use crate::config::Config;
use actix_web::HttpRequest;

/// Whether a page of this origin, or the person themselves (by the address bar), sent the request.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` (W3C Fetch Metadata), and where they do not (an address
/// that is neither HTTPS nor local) in `Origin`. A request that has neither was not made by a current browser, and may
/// not use a cookie.
pub(super) fn is_ours(req: &HttpRequest, config: &Config) -> bool {
    if req.method().is_safe() {
        return true;
    }
    match header(req, "sec-fetch-site") {
        Some(site) => is_here(site),
        None => header(req, "origin").is_some_and(|origin| origin.eq_ignore_ascii_case(&config.url)),
    }
}

/// Whether a page of an origin that is not allowed sent the request.
///
/// Such a page cannot show a credential, since its preflight request is refused. But it can post a form, and the
/// browser adds to it the password that a person once gave to its own dialog for HTTP Basic authentication.
pub(in crate::http) fn is_foreign(req: &HttpRequest, config: &Config) -> bool {
    let is_elsewhere = match header(req, "sec-fetch-site") {
        Some(site) => !is_here(site),
        // Browsers that do not send it, or not to an address without HTTPS, send this with whatever is not a GET.
        None => header(req, "origin").is_some_and(|origin| !origin.eq_ignore_ascii_case(&config.url)),
    };
    let is_allowed = || header(req, "origin").is_some_and(|origin| config.cors.origins.iter().any(|one| one == origin));
    !req.method().is_safe() && is_elsewhere && !is_allowed()
}

fn is_here(site: &str) -> bool {
    matches!(site, "same-origin" | "none")
}

fn header<'r>(req: &'r HttpRequest, name: &str) -> Option<&'r str> {
    req.headers().get(name).and_then(|value| value.to_str().ok())
}
