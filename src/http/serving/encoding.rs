//! Bodies come as they are. actix-web's readers inflate whatever a `Content-Encoding` announces, before any limit sees the
//! result, so a request that has one ends here, on every address, before anything of its body is read.

use crate::http::Problem;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::middleware::Next;

/// Lets requests without an encoding through.
pub(super) async fn refuse<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    if is_plain(req.headers()) {
        return next.call(req).await;
    }
    let detail = "bodies are read as they are; send this one again without Content-Encoding";
    // RFC 9110 §12.5.3: in a response, Accept-Encoding says which encodings a request may have.
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", detail);
    Err(problem.header("accept-encoding", "identity").into())
}

fn is_plain(headers: &HeaderMap) -> bool {
    let is_identity = |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    headers.get_all(CONTENT_ENCODING).all(|value| value.to_str().is_ok_and(|text| text.split(',').all(is_identity)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn only_identity_is_plain() {
        for (lines, plain) in [
            (&[][..], true),
            (&[&b"identity"[..]], true),
            (&[b" Identity , identity"], true),
            (&[b""], true),
            (&[b"gzip"], false),
            (&[b"identity, gzip"], false),
            (&[b"identity", b"deflate"], false),
            (&[b"br"], false),
            (&[b"x-unknown"], false),
            (&[b"\xff"], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CONTENT_ENCODING, HeaderValue::from_bytes(line).unwrap());
            }
            assert_eq!(is_plain(&headers), plain, "{lines:?}");
        }
    }
}
