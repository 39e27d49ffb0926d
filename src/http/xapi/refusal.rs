//! The error responses of the record store: `application/problem+json` with every fault (Part 3 §3.2).

use crate::http::{ErrorDetail, Problem};
use crate::service::records::statements::{BadCursor, Error};
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use xapi::Fault;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Invalid(faults) => Self::bad_request("invalid-statement", sentence).with(places(faults)),
            Error::VoidsOwn(_) => Self::forbidden("voids-evidence", sentence),
            Error::Own(fault) => Self::internal(fault),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<BadCursor> for Problem {
    fn from(error: BadCursor) -> Self {
        Self::bad_request("bad-cursor", error.to_string())
    }
}

/// 400: the parameters of the request have `faults`.
pub(in crate::http) fn bad_parameters(faults: Vec<Fault>) -> Problem {
    let detail = "the parameters of the request cannot be understood; `errors` names each fault";
    Problem::bad_request("invalid-parameters", detail).with(places(faults))
}

/// Writes an error response for a fault of the caller, with the headers that were added to it. A failure of the server
/// stays as it is, for the log.
pub(super) fn written(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    let Some(problem) = problem.filter(|problem| problem.cause().is_none()) else { return response };
    let mut body = problem.json(None);
    for (name, value) in response.headers() {
        if !body.headers().contains_key(name) {
            body.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response.into_response(body)
}

/// 405.
pub(super) async fn method_not_allowed() -> Result<HttpResponse, Problem> {
    let detail = "this resource does not support that method; see the standard for those that it supports";
    Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail))
}

fn places(faults: Vec<Fault>) -> Vec<ErrorDetail> {
    let place = |fault: Fault| ErrorDetail {
        pointer: fault.pointer,
        code: fault.code.as_str().to_owned(),
        message: fault.message,
    };
    faults.into_iter().map(place).collect()
}
