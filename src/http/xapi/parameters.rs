//! The parameters of a request, as they were sent.

use crate::http::Problem;
use actix_web::HttpRequest;
use actix_web::web::Query;

/// Names and values of a query string, decoded, in their order.
pub(in crate::http) fn decode(query: &str) -> Result<Vec<(String, String)>, Problem> {
    Query::<Vec<(String, String)>>::from_query(query).map(Query::into_inner).map_err(|_| {
        Problem::bad_request("invalid-parameters", "the query string is not URL-encoded UTF-8; encode each value")
    })
}

/// The one parameter that the request must have, and no other.
pub(super) fn only(req: &HttpRequest, name: &str) -> Result<String, Problem> {
    match decode(req.query_string())?.as_slice() {
        [(given, value)] if given == name => Ok(value.clone()),
        _ => Err(Problem::bad_request("invalid-parameters", format!("give the parameter `{name}`, and no other"))),
    }
}
