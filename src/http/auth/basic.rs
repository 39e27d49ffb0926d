//! Basic credentials (RFC 7617), as scripts and other systems send them.

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;

/// What an `Authorization` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// There is none.
    None,
    /// A user name and a password; for us, a credential's key and its secret.
    Basic { key: String, secret: String },
    /// Another scheme, or one that cannot be read.
    Unreadable,
}

/// Reads the `Authorization` header of `req`.
pub fn authorization(req: &HttpRequest) -> Authorization {
    match req.headers().get(header::AUTHORIZATION) {
        None => Authorization::None,
        Some(value) => value.to_str().ok().and_then(parse).unwrap_or(Authorization::Unreadable),
    }
}

/// The scheme's name has no case (§2); the key ends at the first colon.
fn parse(value: &str) -> Option<Authorization> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
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
