//! The headers of the app origin.

use crate::config::Config;
use actix_web::middleware::DefaultHeaders;

/// The headers of every response of the app origin, unless its handler sets them.
///
/// A page runs and shows only what this origin serves; it frames nothing, and its forms lead only here and, to
/// open the player, to the content origin; no other site may frame a page. Addresses of pages contain registration ids, so they are not sent to other origins.
pub fn security_headers(config: &Config) -> DefaultHeaders {
    let https = config.url.starts_with("https://");
    let headers = DefaultHeaders::new()
        .add(("Content-Security-Policy", policy(&config.content_url)))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
    if https { headers.add(("Strict-Transport-Security", "max-age=31536000")) } else { headers }
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
}
