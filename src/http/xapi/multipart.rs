//! Statements together with their attachments, as `multipart/mixed`, both ways (Part 3 §1.5.2). The bytes of attachments
//! are streamed, and never held in memory as a whole.

use super::body::{label, too_large};
use crate::http::Problem;
use crate::http::serving::{blobs, bodies, readers, upload};
use crate::service::App;
use crate::service::StoreError;
use crate::service::records::statements::{
    AttachmentError, ReceivedAttachments, Sender, StatementBatch, StoredAttachment, Target, read,
};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use actix_web::web::Payload;
use base::hash::Sha256;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::join;
use futures_util::stream::{self, Stream};
use tokio::io::{AsyncWriteExt as _, duplex};

const HASH: HeaderName = HeaderName::from_static("x-experience-api-hash");
const TRANSFER_ENCODING: HeaderName = HeaderName::from_static("content-transfer-encoding");

/// How much of an attachment is on its way at once, in bytes.
const WINDOW: usize = 64 << 10;

/// Reads statements from the first part, and stores the attachments that follow.
pub(super) async fn receive(
    app: &App,
    sender: Sender<'_>,
    target: Target,
    req: &HttpRequest,
    payload: Payload,
) -> Result<(StatementBatch, ReceivedAttachments), Problem> {
    let mut parts = Multipart::new(req.headers(), payload);
    let mut first =
        next(&mut parts).await?.ok_or_else(|| bad("the request has no part; the first one holds the statements"))?;
    let kind = first.content_type().map(|kind| kind.essence_str().to_owned()).unwrap_or_default();
    if kind != "application/json" {
        return Err(bad(&format!(
            "the first part must hold the statements, with Content-Type: application/json; it has {}",
            label(first.headers())
        )));
    }
    let taken = read(app, sender, target, &statements(&mut first, app.config.limits.body_bytes).await?)?;
    drop(first);
    bodies::streams(req);
    let mut arrived = ReceivedAttachments::default();
    let mut left = taken.enclosed.len();
    while let Some(part) = next(&mut parts).await? {
        left = left.checked_sub(1).ok_or_else(|| bad("there are more parts than attachments; send each once"))?;
        take(app, &taken, &mut arrived, part).await?;
    }
    Ok((taken, arrived))
}

/// The bytes of the first part, at most `most`; no more of a longer one is read.
async fn statements(part: &mut Field, most: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|error| unreadable(&error))?;
        if body.len() + piece.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

async fn next(parts: &mut Multipart) -> Result<Option<Field>, Problem> {
    parts.next().await.transpose().map_err(|error| unreadable(&error))
}

async fn take(
    app: &App,
    taken: &StatementBatch,
    arrived: &mut ReceivedAttachments,
    mut part: Field,
) -> Result<(), Problem> {
    let header = |name: &HeaderName| part.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let hash = header(&HASH).ok_or_else(|| bad("each part after the first needs the header X-Experience-API-Hash"))?;
    if !header(&TRANSFER_ENCODING).is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("binary")) {
        return Err(bad("each part after the first needs the header Content-Transfer-Encoding: binary"));
    }
    // The part belongs to this thread and its reader may not: a pipe joins them.
    let (mut reader, mut writer) = duplex(WINDOW);
    let copy = async move {
        while let Some(bytes) = part.next().await {
            // The reader ends early only if it has refused the part, which its own result reports.
            if writer.write_all(&bytes?).await.is_err() {
                break;
            }
        }
        Ok::<_, MultipartError>(())
    };
    let take = async {
        let arrived = arrived.take(app, taken, &hash, &mut reader).await;
        drop(reader);
        arrived
    };
    let (copied, arrived) = join(copy, take).await;
    copied.map_err(|error| unreadable(&error))?;
    Ok(arrived?)
}

fn unreadable(error: &MultipartError) -> Problem {
    match error {
        MultipartError::Payload(error) => readers::body(error),
        error => bad(&format!("the body is not multipart/mixed as announced: {error}")),
    }
}

/// The error for a body of parts that is announced as something else.
pub(super) fn mislabeled(req: &HttpRequest) -> Problem {
    bad(&format!(
        "the body has parts, but the request has Content-Type {}; send multipart/mixed; boundary=… with the body's boundary",
        label(req.headers())
    ))
}

fn bad(detail: &str) -> Problem {
    Problem::bad_request("invalid-multipart", detail)
}

impl From<AttachmentError> for Problem {
    fn from(error: AttachmentError) -> Self {
        let sentence = error.to_string();
        match error {
            AttachmentError::NotAHash | AttachmentError::Unreferenced(_) | AttachmentError::Differs { .. } => {
                bad(&sentence)
            }
            AttachmentError::Io(error) => upload::unwritable(&error),
        }
    }
}

/// The body that holds `json` and then each attachment.
pub(super) fn body(
    app: App,
    boundary: &str,
    json: Bytes,
    held: &[StoredAttachment],
) -> impl Stream<Item = Result<Bytes, StoreError>> + use<> {
    let mut pieces = Vec::new();
    pieces.push(Piece::Bytes(format!("--{boundary}\r\nContent-Type: application/json\r\n\r\n").into()));
    pieces.push(Piece::Bytes(in_one_line(json)));
    for StoredAttachment { name, length, content_type } in held {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {name}\r\n\r\n"
        );
        pieces.push(Piece::Bytes(head.into()));
        pieces.push(Piece::Blob(*name, *length));
    }
    pieces.push(Piece::Bytes(format!("\r\n--{boundary}--\r\n").into()));
    stream::iter(pieces).flat_map(move |piece| match piece {
        Piece::Bytes(bytes) => stream::iter([Ok(bytes)]).left_stream(),
        Piece::Blob(name, length) => blobs::stream(app.clone(), name, 0..length).boxed().right_stream(),
    })
}

/// JSON without line breaks, all of which are between its values: some clients (@xapi/xapi) take the part's first line for the
/// whole of it.
fn in_one_line(json: Bytes) -> Bytes {
    let breaks = |byte: &u8| matches!(byte, b'\r' | b'\n');
    if !json.iter().any(breaks) {
        return json;
    }
    json.iter().map(|byte| if breaks(byte) { b' ' } else { *byte }).collect::<Vec<_>>().into()
}

enum Piece {
    Bytes(Bytes),
    /// All of a blob, which has this many bytes.
    Blob(Sha256, u64),
}
