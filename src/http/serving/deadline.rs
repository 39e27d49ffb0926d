//! Bodies must keep coming. actix-web times the head of a request, but would wait forever for a body that stalls.

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use std::io;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// The longest wait for the next piece of a body.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);
/// After this time the average rate counts.
const GRACE: Duration = Duration::from_secs(20);
/// Bytes per second that a body must bring on average once the grace is over.
const SLOWEST: u64 = 1024;

/// Puts a watch on the request's body.
pub(super) async fn watch<B: MessageBody>(mut req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let headers = req.headers();
    if headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING) {
        let body = req.take_payload();
        // Readers such as the one of forms poll again after the end.
        req.set_payload(Payload::Stream { payload: watched(body, LONGEST_SILENCE, GRACE).fuse().boxed_local() });
    }
    next.call(req).await
}

/// `body`, ended by an error once it is silent or slow for too long.
fn watched<S>(body: S, silence: Duration, grace: Duration) -> impl Stream<Item = Result<Bytes, PayloadError>>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let began = Instant::now();
    stream::unfold(Some((body, 0_u64)), move |state| async move {
        let (mut body, before) = state?;
        let piece = match timeout(silence, body.next()).await {
            Ok(piece) => piece?,
            Err(_) => return Some((Err(too_slow()), None)),
        };
        let total = before.saturating_add(piece.as_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(0)));
        let owed = began.elapsed().saturating_sub(grace).as_secs().saturating_mul(SLOWEST);
        if total < owed {
            return Some((Err(too_slow()), None));
        }
        Some((piece, Some((body, total))))
    })
}

fn too_slow() -> PayloadError {
    PayloadError::Io(io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly; send it again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt as _;

    type Piece = Result<Bytes, PayloadError>;
    const ONE: Piece = Ok(Bytes::from_static(b"one"));
    const TWO: Piece = Ok(Bytes::from_static(b"two"));
    const X: Piece = Ok(Bytes::from_static(b"x"));

    #[tokio::test]
    async fn a_body_that_comes_is_passed_on() {
        let body = stream::iter([ONE, TWO]);
        let got: Vec<Bytes> = watched(body, LONGEST_SILENCE, GRACE).try_collect().await.unwrap();
        assert_eq!(got.concat(), b"onetwo");
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_ended() {
        let body = stream::iter([ONE]).chain(stream::pending());
        let got: Vec<_> = watched(body.boxed_local(), Duration::from_millis(20), GRACE).collect().await;
        assert!(matches!(&got[..], [Ok(_), Err(PayloadError::Io(error))] if error.kind() == io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn a_body_that_drips_is_ended_once_the_grace_is_over() {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Some((X, ()))
        });
        let got: Vec<_> = watched(drip.boxed_local(), LONGEST_SILENCE, Duration::ZERO).collect().await;
        assert!(got.len() < 8 && got.last().is_some_and(Result::is_err));
    }
}
