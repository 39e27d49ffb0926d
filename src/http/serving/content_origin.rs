//! What the content origin refuses before any handler: other hosts, and service workers.

use super::hosts::host_of;
use crate::http::Problem;
use crate::service::App;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Data;

/// Lets only requests to the content origin's own host names through: under any other name, such as the app's, the pages of
/// a package could be given that name's cookies. No script becomes a service worker, on any path: it would outlive its launch.
pub(super) async fn guard<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let own = req.app_data::<Data<App>>().and_then(|app| app.config.content_url.split_once("://"));
    if !own.is_some_and(|(_, own)| is_own(own, host_of(req.request()))) {
        let detail = "this address is for packages only, under its own host name; go to the app instead";
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", detail).into());
    }
    if req.headers().get("service-worker").is_some_and(|value| value == "script") {
        let detail = "this server lets no package install a service worker, which would outlive its launch";
        return Err(Problem::forbidden("service-worker-refused", detail).into());
    }
    next.call(req).await
}

/// Whether `host` is the configured one, whose star is one label of letters and digits.
fn is_own(configured: &str, host: &str) -> bool {
    match configured.split_once('*') {
        None => configured.eq_ignore_ascii_case(host),
        Some((before, after)) => {
            let host = host.to_ascii_lowercase();
            let label = host.strip_prefix(before).and_then(|rest| rest.strip_suffix(&after.to_ascii_lowercase()));
            label.is_some_and(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn a_star_is_one_label() {
        for (configured, host, expected) in [
            ("127.0.0.1:8081", "127.0.0.1:8081", true),
            ("127.0.0.1:8081", "localhost:8081", false),
            ("*.content.example", "abc.content.example", true),
            ("*.content.example", "ABC.Content.Example", true),
            ("*.content.example", "content.example", false),
            ("*.content.example", ".content.example", false),
            ("*.content.example", "a.b.content.example", false),
            ("*.content.example", "abc.content.example:8081", false),
            ("*.localhost:8081", "abc.localhost:8081", true),
        ] {
            assert_eq!(is_own(configured, host), expected, "{configured} {host}");
        }
    }
}
