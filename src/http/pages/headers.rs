//! The headers of every response, of pages, programs and the content origin, whatever its status.
//!
//! `serving::observe` adds them to what a handler did not set itself, outermost, so that refusals have them too. Only what
//! actix-web refuses before it has a request (a head that cannot be read, or too slow) has none.

use crate::config::Config;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, CROSS_ORIGIN_OPENER_POLICY,
    CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use std::sync::Arc;

/// What a client has stored is never a page of this origin: no script of it runs, and it is nobody's frame.
const CONFINED: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

const FOR_A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The headers that a response has unless its handler set them.
#[derive(Debug, Clone)]
pub struct ResponseHeaders {
    all: Arc<[(HeaderName, HeaderValue)]>,
    /// Whether addresses for programs are among those that have them.
    programs: bool,
}

impl ResponseHeaders {
    /// Of the app origin.
    ///
    /// A page runs and shows only what this origin serves; the only frame is the player on the content origin; no other site may
    /// frame a page. Addresses of pages contain registration ids, so they are not sent to other origins. Whatever does not say
    /// that it may be kept is about a person, and is not.
    pub fn of_app(config: &Config) -> Self {
        let mut all = vec![
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
            (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
            (
                PERMISSIONS_POLICY,
                HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        all.extend(HeaderValue::from_str(&policy(&config.content_url)).map(|policy| (CONTENT_SECURITY_POLICY, policy)));
        if config.url.starts_with("https://") {
            all.push((STRICT_TRANSPORT_SECURITY, FOR_A_YEAR));
        }
        Self { all: all.into(), programs: true }
    }

    /// Of the content origin, whose files decide themselves what they run.
    pub fn of_content(config: &Config) -> Self {
        let mut all = vec![
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        if config.content_url.starts_with("https://") {
            all.push((STRICT_TRANSPORT_SECURITY, FOR_A_YEAR));
        }
        Self { all: all.into(), programs: false }
    }

    /// Adds them to the response to a request for `path`.
    pub fn complete(&self, path: &str, headers: &mut HeaderMap) {
        let is_html = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        // Pages at the addresses of the API are refusals for people; the record store has none, and gives out whatever was stored.
        let is_record_store = is_below("/xapi", path);
        if self.programs && (is_record_store || (!is_html && is_below("/api", path))) {
            let is_document = is_record_store && headers.contains_key(CONTENT_TYPE);
            if is_document && !headers.contains_key(CONTENT_DISPOSITION) {
                headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
            }
            if !headers.contains_key(CONTENT_SECURITY_POLICY) {
                headers.insert(CONTENT_SECURITY_POLICY, CONFINED);
            }
        }
        for (name, value) in &*self.all {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}

fn is_below(area: &str, path: &str) -> bool {
    path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn policy(content_url: &str) -> String {
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        &format!("form-action 'self' {content_url}"),
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_lead_to_the_content_origin_and_nothing_is_framed() {
        let policy = policy("http://127.0.0.1:8081");
        assert!(policy.contains("form-action 'self' http://127.0.0.1:8081;"));
        assert!(!policy.contains("frame-src"));
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn what_clients_stored_is_confined_and_pages_are_not() {
        let config = Config::load(None, [], &[]).unwrap().at_ports(1, 2);
        let complete = |path: &str, kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            ResponseHeaders::of_app(&config).complete(path, &mut headers);
            (headers.get(CONTENT_SECURITY_POLICY) == Some(&CONFINED), headers.contains_key(CONTENT_DISPOSITION))
        };
        assert_eq!(complete("/xapi/activities/state", "image/svg+xml"), (true, true));
        assert_eq!(complete("/xapi/activities/state", "text/html"), (true, true));
        assert_eq!(complete("/api/v1/credits", "application/json"), (true, false));
        assert_eq!(complete("/api/v1/credits", "text/html; charset=utf-8"), (false, false), "an error page of ours");
        assert_eq!(complete("/apiary", "application/json"), (false, false));
    }
}
