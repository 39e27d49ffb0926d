//! The program that a request's `Authorization` header names. Nothing else reads that header.

use super::address;
use super::extract::app;
use super::refused::{Accepted, Refused};
use crate::service::people::{credentials, issuers};
use crate::service::records::programs::Program;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
enum Authorization<'a> {
    /// A user name and a password (RFC 7617); for us, a credential's key and its secret.
    Basic { key: String, secret: String },
    /// A token (RFC 6750 §2.1).
    Bearer(&'a str),
}

/// A request that was counted. One that is answered for long asks again who it is of, and that is no other request.
struct Counted;

/// The program that calls, its right to do so checked; none where the request has no `Authorization` header.
pub(in crate::http) async fn program(req: &HttpRequest) -> Result<Option<Program>, Refused> {
    let Some(header) = req.headers().get(AUTHORIZATION) else { return Ok(None) };
    let (app, limits) = (app(req)?, &app(req)?.memory.limits);
    let shown = header.to_str().ok().and_then(parse);
    let shown = shown.filter(|shown| matches!(shown, Authorization::Basic { .. }) || issuers::are_named(app));
    let Some(shown) = shown else { return Err(missing(req)?) };
    let address = address::of(req, &app.config.limits);
    let known = match shown {
        Authorization::Basic { key, secret } => {
            limits.look(&address, &key, app.clock.now())?;
            let credential = credentials::authenticate(app, &key, &secret).await?;
            credential.inspect(|_| limits.let_in(&address, &key)).map(Program::Credential).ok_or(Refused::Credential)
        }
        Authorization::Bearer(token) => match issuers::authenticate(app, token).await {
            Err(issuers::Refused::Unreachable) => return Err(issuers::Refused::Unreachable.into()),
            judged => judged.map(Program::Bearer).map_err(Refused::Token),
        },
    };
    match known {
        Ok(program) => {
            if req.extensions_mut().insert(Counted).is_none() {
                limits.call(&program.by(), app.clock.now())?;
            }
            Ok(Some(program))
        }
        Err(refused) => {
            limits.fail(&address, app.clock.now())?;
            Err(refused)
        }
    }
}

/// What to answer to a program that shows nothing that is understood here.
pub(in crate::http) fn missing(req: &HttpRequest) -> Result<Refused, Refused> {
    let tokens = issuers::are_named(app(req)?);
    Ok(Refused::Unauthorized(if tokens { Accepted::CredentialsAndTokens } else { Accepted::Credentials }))
}

/// The scheme's name has no case (RFC 9110 §11.1); the key ends at the first colon (RFC 7617 §2).
fn parse(value: &str) -> Option<Authorization<'_>> {
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Authorization::Bearer(rest.trim()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (key, secret) = text.split_once(':')?;
    Some(Authorization::Basic { key: key.to_owned(), secret: secret.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_has_no_case_and_the_key_ends_at_the_first_colon() {
        let basic = |key: &str, secret: &str| Authorization::Basic { key: key.into(), secret: secret.into() };
        for (value, read) in [
            ("Basic YTpi", Some(basic("a", "b"))),
            ("basic  YTpiOmM=", Some(basic("a", "b:c"))),
            ("bearer  a.b.c", Some(Authorization::Bearer("a.b.c"))),
            ("Digest YTpi", None),
            ("Basic YWI=", None),
            ("Basic !", None),
            ("Basic", None),
        ] {
            assert_eq!(parse(value), read, "{value}");
        }
    }
}
