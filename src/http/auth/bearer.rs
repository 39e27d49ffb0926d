//! A bearer token (RFC 6750 §2.1) of an issuer that the configuration names.

use super::error::Error;
use crate::service::App;
use crate::service::people::issuers;
use crate::service::records::programs::Program;

/// The program that bears this token. The inner error counts as a failure of the address; the outer one does not.
pub(super) async fn program(app: &App, token: &str) -> Result<Result<Program, Error>, Error> {
    match issuers::authenticate(app, token).await {
        Err(issuers::Error::Unreachable) => Err(issuers::Error::Unreachable.into()),
        judged => Ok(judged.map(Program::Bearer).map_err(Error::Token)),
    }
}
