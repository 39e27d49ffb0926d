//! Which host names the app responds under. Under any other, a page of somebody else who points a name here (DNS rebinding)
//! would be taken for one of ours by the browser.

use crate::config::Config;
use crate::http::Problem;
use crate::service::App;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{FORWARDED, HOST, HeaderMap, VIA};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};

/// What supervisors call by whatever name they know.
const FOR_SUPERVISORS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Lets requests to the app's own host names through.
pub(super) async fn own<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    if FOR_SUPERVISORS.contains(&req.path()) {
        return next.call(req).await;
    }
    let Some(app) = req.app_data::<Data<App>>() else { return next.call(req).await };
    match refusal(&app.config, host_of(req.request()), req.headers()) {
        None => next.call(req).await,
        Some(detail) => Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", detail).into()),
    }
}

/// The host that a request names itself (RFC 9112 §3.2); what a proxy says of it in other headers counts nothing, since anybody
/// may send those.
pub(in crate::http) fn host_of(req: &HttpRequest) -> &str {
    let named = req.head().uri.authority().map(Authority::as_str);
    named.or_else(|| req.headers().get(HOST)?.to_str().ok()).unwrap_or_default()
}

/// Why a request with this `host` is not for the app, if it is not.
fn refusal(config: &Config, host: &str, headers: &HeaderMap) -> Option<String> {
    let own = config.url.split_once("://").map_or(("", config.url.as_str()), |(scheme, host)| (scheme, host));
    let is_own = |own: &str| without_default_port(host).eq_ignore_ascii_case(without_default_port(own));
    let is_named = |named: &str| {
        let has_port = named.rsplit(']').next().is_some_and(|after| after.contains(':'));
        is_own(named) || (!has_port && without_port(host).eq_ignore_ascii_case(named))
    };
    if !is_own(own.1) && !config.hosts.iter().any(|named| is_named(named)) {
        return Some(format!(
            "this server is at {}; use that address, or ask its operator to add this host name to `hosts`",
            config.url
        ));
    }
    let is_forwarded = || {
        headers.contains_key(FORWARDED)
            || headers.contains_key(VIA)
            || headers.keys().any(|name| name.as_str().starts_with("x-forwarded-"))
    };
    // Whoever sets the address that others reach, and `demo` with it, has opened the demonstration on purpose.
    (config.demo && !config.is_public() && is_forwarded()).then(|| {
        "this is a demonstration for the machine that it runs on, and a proxy forwarded this request; to open it to others, set \
         `url` to the address that they use, and `demo`"
            .to_owned()
    })
}

/// Browsers leave the port of the scheme out; some programs do not.
fn without_default_port(host: &str) -> &str {
    host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host)
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn served(change: impl FnOnce(&mut Config), host: &str, header: Option<&'static str>) -> bool {
        let mut config = Config::load(None, [], &[]).unwrap().at_ports(8080, 8081);
        change(&mut config);
        let mut headers = HeaderMap::new();
        if let Some(name) = header {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        refusal(&config, host, &headers).is_none()
    }

    #[test]
    fn a_demonstration_is_for_its_own_machine() {
        for (host, header, expected) in [
            ("localhost:8080", None, true),
            ("LOCALHOST:8080", None, true),
            ("localhost", None, false),
            ("127.0.0.1:8080", None, false),
            ("evil.example:8080", None, false),
            ("", None, false),
            ("localhost:8080", Some("forwarded"), false),
            ("localhost:8080", Some("via"), false),
            ("localhost:8080", Some("x-forwarded-for"), false),
            ("localhost:8080", Some("x-forwarded-host"), false),
        ] {
            assert_eq!(served(|_| {}, host, header), expected, "{host} {header:?}");
        }
    }

    #[test]
    fn a_server_for_others_responds_under_its_names() {
        let public = |config: &mut Config| {
            (config.url, config.demo) = ("https://cme.example.org".to_owned(), false);
            config.hosts = vec!["inside.example.org:8080".to_owned(), "10.0.0.7".to_owned(), "[::1]".to_owned()];
        };
        for (host, expected) in [
            ("cme.example.org", true),
            ("cme.example.org:443", true),
            ("inside.example.org:8080", true),
            ("inside.example.org", false),
            ("10.0.0.7", true),
            ("10.0.0.7:9090", true),
            ("[::1]:9090", true),
            ("[::1]", true),
            ("10.0.0.7.evil.example", false),
            ("cme.example.org.evil.example", false),
            ("localhost:8080", false),
        ] {
            assert_eq!(served(public, host, Some("x-forwarded-for")), expected, "{host}");
        }
        let open = |config: &mut Config| {
            public(config);
            config.demo = true;
        };
        assert!(served(open, "cme.example.org", Some("forwarded")), "opened on purpose");
    }
}
