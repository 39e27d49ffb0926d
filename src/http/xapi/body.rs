//! The body of a request, read to a limit.

use crate::http::Problem;
use crate::http::serving::readers;
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

/// Its media type in lower case, without parameters; empty if there is none.
pub(in crate::http) fn media_type(req: &HttpRequest) -> String {
    let header = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The media type that came, for an error: as it was written, or that there is none.
pub(super) fn label(headers: &HeaderMap) -> String {
    const MOST: usize = 100;
    let header = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    header.map_or_else(|| "none".to_owned(), |label| format!("`{}`", label.chars().take(MOST).collect::<String>()))
}

/// The body, whatever it is, of at most `most` bytes.
pub(in crate::http) async fn read<P>(mut payload: P, most: usize) -> Result<Bytes, Problem>
where
    P: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let mut body = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|error| readers::body(&error))?;
        if body.len() + piece.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// The error for a body of more than `most` bytes.
pub(super) fn too_large(most: usize) -> Problem {
    let detail = format!("this is larger than the server accepts; send at most {most} bytes at once");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
}
