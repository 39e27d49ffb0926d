//! Blobs as the body of a response, or as a part of one: read while they are sent, never held whole.

use crate::service::records::blobs;
use crate::service::{App, StoreError};
use actix_web::body::SizedStream;
use base::hash::Sha256;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use std::ops::Range;

/// How much is read from the store at once, in bytes.
const PIECE: u64 = 1 << 20;

/// The bytes of a blob within `range`, as the whole body of a response.
pub(in crate::http) fn body(
    app: App,
    name: Sha256,
    range: Range<u64>,
) -> SizedStream<BoxStream<'static, Result<Bytes, StoreError>>> {
    SizedStream::new(range.end.saturating_sub(range.start), stream(app, name, range).boxed())
}

/// The bytes of a blob within `range`, piece by piece. A blob that cannot be read to its end ends the stream with an error, so
/// that the connection is aborted and nobody takes a part for the whole.
pub(in crate::http) fn stream(
    app: App,
    name: Sha256,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    stream::try_unfold(range, move |range| {
        let app = app.clone();
        async move {
            if range.is_empty() {
                return Ok(None);
            }
            let end = range.end.min(range.start.saturating_add(PIECE));
            let bytes = blobs::read(&app, name, range.start..end).await?;
            Ok(Some((bytes, end..range.end)))
        }
    })
}
