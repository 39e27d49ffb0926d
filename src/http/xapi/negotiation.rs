//! The version of the standard of a request and its response (Part 3 §3.3).

use super::{alternate, refusal};
use crate::config::Config;
use crate::http::Problem;
use crate::service::App;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use std::future::{Ready, ready};
use xapi::Version;

/// The header in which both sides send the version.
pub(in crate::http) const VERSION: HeaderName = HeaderName::from_static("x-experience-api-version");

/// The version of a request. A request without one is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestVersion(pub Version);

impl FromRequest for RequestVersion {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(version_of(req.headers()).map(Self))
    }
}

/// Adds the version to every response: the one of the request, or the configured default. Error responses become JSON here,
/// whatever the request accepts, so that they keep the headers that were added.
pub(super) async fn announce(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let understood = alternate::unfold(&mut req).await;
    let config = req.app_data::<Data<App>>().map(|app| app.config.clone());
    let version =
        version_of(req.headers()).ok().or_else(|| config.as_deref().map(default_version)).unwrap_or(Version::V2);
    let mut response = match understood {
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
        Err(problem) => req.error_response(problem),
    };
    response.headers_mut().insert(VERSION, HeaderValue::from_static(version.as_str()));
    Ok(refusal::written(response))
}

fn version_of(headers: &HeaderMap) -> Result<Version, Problem> {
    let Some(header) = headers.get(VERSION) else {
        let detail = "send the version of xAPI in the header X-Experience-API-Version: `1.0.3` or `2.0.0`";
        return Err(Problem::bad_request("version-missing", detail));
    };
    let text = header.to_str().unwrap_or_default();
    text.parse()
        .map_err(|error: xapi::version::UnknownVersion| Problem::bad_request("version-unknown", error.to_string()))
}

/// The version that is assumed if a request has none. The configuration admits only versions that this server supports.
pub(in crate::http) fn default_version(config: &Config) -> Version {
    config.xapi.default_version.parse().unwrap_or(Version::V2)
}
