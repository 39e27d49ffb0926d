//! Pages of other origins that may call `/xapi` and `/api/v1` from a browser (the Fetch standard, §3.2).
//!
//! Such a page shows a credential or a token as any program does; cookies of this origin are of no use to it, since no
//! response ever has `Access-Control-Allow-Credentials`. These headers only say what browsers may let the page see: who may
//! do what is decided elsewhere, the same for all.

use crate::http::Problem;
use crate::service::App;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse};

/// The addresses that are for programs.
const SHARED: [&str; 2] = ["/xapi/", "/api/v1/"];

/// What a page may send in addition to what every page may.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Experience-API-Version",
);

/// What a page may read in addition to what every page may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, Enduring-Through, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Experience-API-Consistent-Through, \
     X-Experience-API-Version, X-Request-Id",
);

/// How long a browser remembers the preflight response, in seconds: the maximum of browsers.
const REMEMBERED: HeaderValue = HeaderValue::from_static("7200");

/// What the response to a request says about other origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Nothing: the address is for people, or no other origin may call.
    Silent,
    /// That the response may differ for another origin.
    Varies,
    /// That this origin may see it.
    With(HeaderValue),
}

impl Sharing {
    /// By where `req` comes from and where it goes.
    pub(super) fn of(req: &ServiceRequest) -> Self {
        let Some(app) = req.app_data::<Data<App>>() else { return Self::Silent };
        let allowed = &app.config.cors.origins;
        if allowed.is_empty() || !is_shared(req) {
            return Self::Silent;
        }
        let origin = req.headers().get(ORIGIN);
        let named = origin.filter(|origin| allowed.iter().any(|one| one.as_bytes() == origin.as_bytes()));
        named.map_or(Self::Varies, |origin| Self::With(origin.clone()))
    }

    /// Adds the headers to a response, whatever its status.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if *self != Self::Silent {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Self::With(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

fn is_shared(req: &ServiceRequest) -> bool {
    SHARED.iter().any(|place| req.path().starts_with(place))
}

/// Responds to the preflight request of a browser (§3.2.2), which goes no further.
pub(super) async fn preflight(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = req.headers();
    let is_preflight = headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight || *req.method() != Method::OPTIONS || !is_shared(&req) {
        return next.call(req).await.map(ServiceResponse::map_into_boxed_body);
    }
    match Sharing::of(&req) {
        Sharing::With(_) => {
            let mut response = HttpResponse::NoContent();
            response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
            response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS));
            response.insert_header((ACCESS_CONTROL_MAX_AGE, REMEMBERED));
            Ok(req.into_response(response.finish()))
        }
        Sharing::Silent | Sharing::Varies => Err(Problem::forbidden(
            "origin-not-allowed",
            "pages of this origin may not call here; the operator can add it to cors.origins",
        )
        .into()),
    }
}
