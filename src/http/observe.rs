//! Around every request: an id, a log line, a figure, and a net below handlers that panic.
//!
//! The log line has the method, the pattern of the route, the status and the time; never a path, a query string, an
//! address or a name, since those can be about a person.

use super::problem::Problem;
use super::{metrics, pages};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

/// The header that carries the request's id back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One of the two origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    App,
    Content,
}

impl Origin {
    /// As logs and figures call it.
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Content => "content",
        }
    }
}

/// The id of a request, under which the log knows it.
#[derive(Debug, Clone)]
pub(super) struct RequestId(String);

/// Answers through `next`, and tells the log and the figures about it.
pub(super) async fn observe(
    origin: Origin,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = RequestId(crate::ids::random().simple().to_string());
    req.extensions_mut().insert(id.clone());
    let http = req.request().clone();
    let answer = match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => finish(response.map_into_boxed_body(), &id),
        Ok(Err(error)) => finish(ServiceResponse::new(http, HttpResponse::from_error(error)), &id),
        Err(panic) => {
            metrics::panicked(origin.name());
            let problem = Problem::internal(format!("a handler panicked: {}", words_of(&panic)));
            finish(ServiceResponse::new(http, HttpResponse::from_error(problem)), &id)
        }
    };
    tell(origin, &answer, &id, began);
    Ok(answer)
}

/// Writes the id into the answer, and turns a refusal into the form that the caller asked for.
fn finish(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let mut response = match response.response().error().and_then(|error| error.as_error::<Problem>()) {
        Some(problem) => {
            if let Some(cause) = problem.cause() {
                tracing::error!(request = id.0, cause, "a request failed");
            }
            let answer = if prefers_html(response.request()) { page(problem) } else { problem.json(Some(&id.0)) };
            response.into_response(answer)
        }
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The same words as a page.
fn page(problem: &Problem) -> HttpResponse {
    let places: Vec<_> = problem.places().iter().map(|at| (at.pointer.clone(), at.message.clone())).collect();
    let html = pages::error_page(problem.status_code(), problem.detail(), &places);
    problem.builder().content_type("text/html; charset=utf-8").body(html)
}

fn tell(origin: Origin, answer: &ServiceResponse<BoxBody>, id: &RequestId, began: Instant) {
    let took = began.elapsed();
    let request = answer.request();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let (method, status) = (known(request.method().as_str()), answer.status().as_u16());
    metrics::answered(origin.name(), method, &route, status, took);
    let ms = took.as_secs_f64() * 1000.0;
    tracing::info!(request = id.0, origin = origin.name(), method, route, status, ms, "answered");
}

/// The method, when it is one that HTTP defines: an invented one must not make a new series.
fn known(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}

/// Whether the caller names HTML before any other type, as browsers do when a person follows a link or sends a form.
fn prefers_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').next().is_some_and(|first| first.trim().starts_with("text/html"))
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
