//! The program that a request's `Authorization` header names. Nothing else reads that header.

use super::audience::app;
use super::error::{AcceptedSchemes, Error};
use super::{basic, bearer};
use crate::http::serving::address;
use crate::http::serving::audit;
use crate::service::people::issuers;
use crate::service::records::programs::Program;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
enum Authorization<'a> {
    Basic(basic::Credential),
    Bearer(&'a str),
}

impl<'a> Authorization<'a> {
    /// The scheme's name has no case (RFC 9110 §11.1).
    fn read(value: &'a str) -> Option<Self> {
        let (scheme, rest) = value.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Bearer(rest.trim()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        basic::Credential::decode(rest.trim()).map(Self::Basic)
    }
}

/// Marks a request as counted. A long response authorizes its reader again, and that must not count as another request.
struct CountedMark;

/// The program that calls, its right to do so checked; `None` if the request has no `Authorization` header.
pub(in crate::http) async fn program(req: &HttpRequest) -> Result<Option<Program>, Error> {
    let Some(header) = req.headers().get(AUTHORIZATION) else { return Ok(None) };
    let (app, limits) = (app(req)?, &app(req)?.memory.limits);
    let shown = header.to_str().ok().and_then(Authorization::read);
    let shown = shown.filter(|shown| matches!(shown, Authorization::Basic(_)) || issuers::are_named(app));
    let Some(shown) = shown else { return Err(missing(req)?) };
    let address = address::of(req, &app.config.limits);
    let known = match shown {
        Authorization::Basic(credential) => basic::program(app, &credential, &address).await?,
        Authorization::Bearer(token) => bearer::program(app, token).await?,
    };
    match known {
        Ok(program) => {
            let by = program.by();
            if req.extensions_mut().insert(CountedMark).is_none() {
                limits.call(&by, app.clock.now())?;
            }
            audit::acts(req, by);
            Ok(Some(program))
        }
        Err(error) => {
            limits.fail(&address, app.clock.now())?;
            Err(error)
        }
    }
}

/// The error for a program that shows no credential of a scheme that is accepted here.
pub(in crate::http) fn missing(req: &HttpRequest) -> Result<Error, Error> {
    let tokens = issuers::are_named(app(req)?);
    Ok(Error::Unauthorized(if tokens { AcceptedSchemes::CredentialsAndTokens } else { AcceptedSchemes::Credentials }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_has_no_case_and_the_key_ends_at_the_first_colon() {
        let basic = |key: &str, secret: &str| {
            Authorization::Basic(basic::Credential { key: key.to_owned(), secret: secret.to_owned() })
        };
        for (value, read) in [
            ("Basic YTpi", Some(basic("a", "b"))),
            ("basic  YTpiOmM=", Some(basic("a", "b:c"))),
            ("bearer  a.b.c", Some(Authorization::Bearer("a.b.c"))),
            ("Digest YTpi", None),
            ("Basic YWI=", None),
            ("Basic !", None),
            ("Basic", None),
        ] {
            assert_eq!(Authorization::read(value), read, "{value}");
        }
    }
}
