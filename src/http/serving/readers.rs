//! How much actix-web's own readers take, and the errors for what they cannot read.

use crate::http::Problem;
use actix_web::error::{JsonPayloadError, PathError, PayloadError, QueryPayloadError, UrlencodedError};
use actix_web::http::StatusCode;
use actix_web::web::{FormConfig, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use std::io;

/// The largest JSON body that the API takes, in bytes.
pub(super) const JSON_LIMIT: usize = 4 << 20;
/// The largest form that a page sends, in bytes.
const FORM_LIMIT: usize = 256 << 10;

/// Limits and refusals for `Json`, `Form`, `Query` and `Path`.
pub(super) fn configure(cfg: &mut ServiceConfig) {
    cfg.app_data(JsonConfig::default().limit(JSON_LIMIT).error_handler(|error, _| json(&error).into()))
        .app_data(FormConfig::default().limit(FORM_LIMIT).error_handler(|error, _| form(&error).into()))
        .app_data(QueryConfig::default().error_handler(|error, _| query(&error).into()))
        .app_data(PathConfig::default().error_handler(|error, _| path(&error).into()));
}

/// The error if the body of a request could not be read to its end.
pub(in crate::http) fn body(error: &PayloadError) -> Problem {
    match error {
        PayloadError::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "the body came too slowly; send it again")
        }
        PayloadError::Io(cause) if cause.kind() == io::ErrorKind::ResourceBusy => {
            let detail = "the server reads as many bodies as it has memory for; send it again in a second";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "bodies-busy", detail);
            problem.header("retry-after", "1")
        }
        PayloadError::Overflow => too_large("the body is larger than this address accepts; send less at once"),
        _ => Problem::bad_request("body-unreadable", "the body ended early; send it again"),
    }
}

fn too_large(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
}

fn json(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::OverflowKnownLength { limit, .. } | JsonPayloadError::Overflow { limit } => {
            too_large(&format!("send at most {limit} bytes of JSON at once"))
        }
        JsonPayloadError::ContentType => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "send JSON, with Content-Type: application/json",
        ),
        JsonPayloadError::Deserialize(error) => {
            Problem::bad_request("invalid-json", format!("the body is not valid: {error}"))
        }
        JsonPayloadError::Payload(error) => body(error),
        error => Problem::bad_request("invalid-json", error.to_string()),
    }
}

fn form(error: &UrlencodedError) -> Problem {
    match error {
        UrlencodedError::Overflow { limit, .. } => too_large(&format!("send at most {limit} bytes in a form")),
        UrlencodedError::Payload(error) => body(error),
        error => Problem::bad_request("invalid-form", error.to_string()),
    }
}

fn query(error: &QueryPayloadError) -> Problem {
    Problem::bad_request("invalid-query", format!("the query string is not valid: {error}"))
}

fn path(_error: &PathError) -> Problem {
    Problem::not_found("there is nothing at this address; check it for a typing mistake")
}
