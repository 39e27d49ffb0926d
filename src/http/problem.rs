//! The form of every error response: `application/problem+json` (RFC 9457) with a stable `code`, the places, and what to do.
//!
//! Which error goes where: a service error becomes a [`Problem`] by an `impl From<…> for Problem` in the http module that
//! handles it, exhaustively. A fault of the server itself becomes [`Problem::internal`]: opaque outside, with a request
//! id under which the log has the cause. A person whose browser asks for HTML gets the same words as a page, which
//! `http::serving::observe` renders, since the request is known only there.

use crate::service::StoreError;
use crate::service::upkeep::limits::LimitError;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use std::fmt;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One error response.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<ErrorDetail>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

/// One place in the request that the problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// JSON pointer (RFC 6901) into the body that was sent; empty for the whole of it.
    pub pointer: String,
    /// Stable; words joined by `-`.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// The body of the response, in the order in which a person reads it.
#[derive(Debug, Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[ErrorDetail]>::is_empty")]
    errors: &'a [ErrorDetail],
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
}

impl Problem {
    /// A problem. `code` is stable, words joined by `-`; `detail` is a sentence that says what to do.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// 400: the request cannot be read.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 409: the request is valid, but conflicts with what is stored.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 403.
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 422: the request can be read and breaks a rule.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 503: try again shortly.
    pub fn busy() -> Self {
        let detail = "the server has more to write than it can accept now; try again in a second";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).header("retry-after", "1")
    }

    /// 503: the store cannot be reached; only the log says why, since the cause names hosts.
    pub fn unavailable() -> Self {
        let detail = "the server cannot reach its store at the moment; try again in a few seconds";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", detail).header("retry-after", "5")
    }

    /// 500: our fault. `cause` goes to the log, never to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let detail =
            "something went wrong on the server; nothing was lost, and the log has the cause under this request";
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
        problem.cause = Some(cause.to_string());
        problem
    }

    /// The places that it is about.
    pub fn with(mut self, errors: Vec<ErrorDetail>) -> Self {
        self.errors = errors;
        self
    }

    /// A header that goes with it, such as `WWW-Authenticate`. A value that is not valid in a header is omitted.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence that says what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The places that it is about.
    pub fn errors(&self) -> &[ErrorDetail] {
        &self.errors
    }

    /// What the log should know and the caller should not.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The text for the log.
    pub fn reason(&self) -> &str {
        self.cause().unwrap_or(&self.detail)
    }

    /// The name of its status.
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Refused")
    }

    /// The response builder with status and headers, for a body of another form.
    pub fn builder(&self) -> HttpResponseBuilder {
        let mut builder = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            builder.insert_header((name.clone(), value.clone()));
        }
        builder
    }

    /// As JSON; a failure of the server names the request under which the log has its cause.
    pub fn json(&self, request: Option<&str>) -> HttpResponse {
        let body = ProblemBody {
            r#type: format!("urn:enduring:problem:{}", self.code),
            title: self.title(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            request: request.filter(|_| self.status.is_server_error()),
        };
        match serde_json::to_vec(&body) {
            Ok(bytes) => self.builder().content_type(MEDIA_TYPE).body(bytes),
            Err(_) => self.builder().finish(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.json(None)
    }
}

impl From<LimitError> for Problem {
    fn from(too_many: LimitError) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", too_many.to_string());
        problem.header("retry-after", &too_many.seconds().to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        use StoreError as E;
        let sentence = error.to_string();
        match error {
            E::Differs(_) => Self::conflict("statement-differs", sentence),
            E::Stale { .. } => Self::conflict("changed-meanwhile", sentence),
            E::Taken { .. } => Self::conflict("already-there", sentence),
            E::Lapsed { .. } => Self::conflict("claim-lapsed", sentence),
            E::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", sentence),
            E::Busy => Self::busy(),
            E::Unavailable => Self::unavailable(),
            E::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "no-room", sentence).header("retry-after", "60"),
            E::Failed(cause) | E::Missing(cause) => Self::internal(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::rt::System;

    fn body(problem: &Problem, request: Option<&str>) -> serde_json::Value {
        let response = problem.json(request);
        let bytes = System::new().block_on(to_bytes(response.into_body())).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn a_refusal_says_code_place_and_what_to_do() {
        let place =
            ErrorDetail { pointer: "/verb/id".into(), code: "missing".into(), message: "Add the verb's id.".into() };
        let problem = Problem::bad_request("invalid-statement", "fix the statement").with(vec![place]);
        assert_eq!(
            body(&problem, Some("r")),
            serde_json::json!({
                "type": "urn:enduring:problem:invalid-statement", "title": "Bad Request", "status": 400,
                "code": "invalid-statement", "detail": "fix the statement",
                "errors": [{"pointer": "/verb/id", "code": "missing", "message": "Add the verb's id."}],
            })
        );
    }

    #[test]
    fn a_full_disk_is_said() {
        let problem = Problem::from(StoreError::Full);
        assert_eq!((problem.status_code(), problem.code()), (StatusCode::INSUFFICIENT_STORAGE, "no-room"));
    }

    #[test]
    fn a_failure_of_ours_is_opaque_and_names_the_request() {
        let problem = Problem::internal("disk /secret/path is full");
        let body = body(&problem, Some("0190"));
        assert_eq!(body["request"], "0190");
        assert!(!body.to_string().contains("secret"));
        assert_eq!(problem.cause(), Some("disk /secret/path is full"));
    }
}
