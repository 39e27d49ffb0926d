//! The program that a request's `Authorization` header names. Nothing else reads that header.

use super::extract::app;
use super::refused::Refused;
use crate::service::credentials;
use crate::service::programs::Program;
use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
enum Authorization {
    /// A user name and a password (RFC 7617); for us, a credential's key and its secret.
    Basic { key: String, secret: String },
}

/// The program that calls, its right to do so checked; none where the request has no `Authorization` header.
pub(in crate::http) async fn program(req: &HttpRequest) -> Result<Option<Program>, Refused> {
    let Some(header) = req.headers().get(AUTHORIZATION) else { return Ok(None) };
    let said = header.to_str().ok().and_then(parse).ok_or(Refused::Unauthorized)?;
    let Authorization::Basic { key, secret } = said;
    let credential = credentials::authenticate(app(req)?, &key, &secret).await?.ok_or(Refused::Credential)?;
    Ok(Some(Program::Credential(credential)))
}

/// The scheme's name has no case (RFC 7617 §2); the key ends at the first colon.
fn parse(value: &str) -> Option<Authorization> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (key, secret) = text.split_once(':')?;
    Some(Authorization::Basic { key: key.to_owned(), secret: secret.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_ends_at_the_first_colon() {
        let basic = |key: &str, secret: &str| Authorization::Basic { key: key.into(), secret: secret.into() };
        for (value, read) in [
            ("Basic YTpi", Some(basic("a", "b"))),
            ("basic  YTpiOmM=", Some(basic("a", "b:c"))),
            ("Bearer YTpi", None),
            ("Basic YWI=", None),
            ("Basic !", None),
            ("Basic", None),
        ] {
            assert_eq!(parse(value), read, "{value}");
        }
    }
}
