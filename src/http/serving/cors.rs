//! Pages of other origins that may call `/xapi` and `/api/v1` from a browser (the Fetch standard, §3.2).
//!
//! Such a page shows a credential or a token as any program does; cookies of this origin are of no use to it, since no
//! answer ever says `Access-Control-Allow-Credentials`. What is said here only tells browsers what they may let the page see:
//! who may do what is decided elsewhere, the same for all.

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

/// What a page may send beside what every page may.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Experience-API-Version",
);

/// What a page may read beside what every page may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, Enduring-Through, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Experience-API-Consistent-Through, \
     X-Experience-API-Version, X-Request-Id",
);

/// For how long a browser remembers what it was told, in seconds: as long as browsers do at most.
const REMEMBERED: HeaderValue = HeaderValue::from_static("7200");

/// What the answer to a request says about other origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Nothing: the address is for people, or no other origin may call.
    Silent,
    /// That another origin might be answered otherwise.
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

    /// Says it on an answer, whatever the answer is.
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

/// Answers the question that a browser asks before the request proper (§3.2.2): it goes no further.
pub(super) async fn preflight(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = req.headers();
    let asks = headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || *req.method() != Method::OPTIONS || !is_shared(&req) {
        return next.call(req).await.map(ServiceResponse::map_into_boxed_body);
    }
    match Sharing::of(&req) {
        Sharing::With(_) => {
            let mut answer = HttpResponse::NoContent();
            answer.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
            answer.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS));
            answer.insert_header((ACCESS_CONTROL_MAX_AGE, REMEMBERED));
            Ok(req.into_response(answer.finish()))
        }
        Sharing::Silent | Sharing::Varies => Err(Problem::forbidden(
            "origin-not-allowed",
            "pages of this origin may not call here; the operator can add it to cors.origins",
        )
        .into()),
    }
}
