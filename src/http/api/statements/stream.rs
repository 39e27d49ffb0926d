//! `GET /api/v1/statements/stream`: statements as they are stored, as server-sent events (HTML Living Standard §9.2).
//!
//! The id of an event is the position of its statement in the log. A browser's `EventSource`, or any other client, sends
//! the last one back as `Last-Event-ID`, and continues after it. A client whose connection breaks before the first event, or
//! long after the last one, has an id too: the greeting and each heartbeat carry one, without an event.

use super::parameters;
use crate::http::Problem;
use crate::http::auth::Reader;
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::reporting::{FollowError, Follower, Start, follow};
use crate::service::upkeep::limits::StreamPlace;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderName};
use actix_web::web::Data;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use base::log::{Seq, StoredStatement};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use xapi::format::{self, Format};
use xapi::parameters::Parameters;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks a reverse proxy not to buffer events.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How long a client waits before it comes back, in milliseconds.
const RETRY: u64 = 2000;
/// How many times in a row it may be unknown whether the reader may still read before the stream ends.
const MOST_UNKNOWN: u32 = 3;
const NO_LONGER: Bytes = Bytes::from_static(b": this reader may no longer read; authenticate again\n\n");

/// Streams the statements that match the filter.
pub(super) async fn get(app: Data<App>, reader: Reader, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, (said, form)) =
        parameters::read(&req, &["since", "after", "format"], |given| (parameters::after(given), form(given)))?;
    let start = match (last_event_id(&req)?, said, filter.since) {
        (Some(after), ..) | (None, Some(after), _) => Start::After(after),
        (None, None, Some(since)) => Start::Since(since),
        (None, None, None) => Start::Now,
    };
    let limits = &app.memory.limits;
    let place = limits.stream(&reader.by).ok_or_else(|| {
        let detail = format!("this caller has {} streams open; close one, then open another", limits.most_streams());
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", detail).header("retry-after", "60")
    })?;
    let follower = follow(&app, &reader.access, &filter, start).await?;
    let heartbeat = Duration::from_secs(app.config.reports.heartbeat_seconds);
    let live = LiveStream {
        follower,
        form,
        req,
        access: reader.access,
        heartbeat,
        look: Instant::now() + heartbeat,
        unknown: 0,
        _place: place,
    };
    let response = HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((BUFFERING, "no"))
        // Compression would hold events back until it has enough of them.
        .insert_header((CONTENT_ENCODING, "identity"))
        .streaming(events(live));
    Ok(response)
}

/// `canonical` is not offered: its text changes whenever a definition changes, so a log cannot be followed in it.
fn form(given: &mut Parameters<'_>) -> Format {
    let forms = |text: &str| match text {
        "exact" => Some(Format::Exact),
        "ids" => Some(Format::Ids),
        _ => None,
    };
    given.parse("format", "`exact` or `ids`", forms).unwrap_or_default()
}

/// The last event that a reconnecting client saw.
fn last_event_id(req: &HttpRequest) -> Result<Option<Seq>, Problem> {
    let Some(value) = req.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    let seq = value.to_str().ok().and_then(|text| text.parse().ok()).map(Seq);
    seq.map(Some).ok_or_else(|| {
        let detail = "Last-Event-ID must be the id of an event of this stream, which is a number";
        Problem::bad_request("invalid-event-id", detail)
    })
}

/// An open stream.
struct LiveStream {
    follower: Follower,
    form: Format,
    req: HttpRequest,
    access: Access,
    heartbeat: Duration,
    /// When to check again whether the reader may still read.
    look: Instant,
    /// How many times in a row that was unknown.
    unknown: u32,
    /// Taken until the stream ends.
    _place: StreamPlace,
}

fn events(live: LiveStream) -> impl Stream<Item = Result<Bytes, Problem>> {
    let greeting = format!("retry: {RETRY}\nid: {}\n\n", live.follower.position().0);
    let rest = stream::unfold(Some(live), |live| async move {
        let mut live = live?;
        match live.next().await {
            Ok(StreamItem::Event(event)) => Some((Ok(event), Some(live))),
            Ok(StreamItem::Last(word)) => Some((Ok(word), None)),
            Ok(StreamItem::End) => None,
            Err(error) => {
                tracing::error!(error = error.reason(), "a stream was aborted");
                Some((Err(error), None))
            }
        }
    });
    stream::StreamExt::chain(stream::iter([Ok(greeting.into())]), rest)
}

enum StreamItem {
    Event(Bytes),
    /// The last thing to send.
    Last(Bytes),
    End,
}

impl LiveStream {
    async fn next(&mut self) -> Result<StreamItem, Problem> {
        if Instant::now() >= self.look {
            return Ok(self.look().await);
        }
        match timeout_at(self.look, self.follower.next()).await {
            Ok(found) => found?.map_or(Ok(StreamItem::End), |stored| event(&stored, self.form).map(StreamItem::Event)),
            Err(_) => Ok(self.look().await),
        }
    }

    /// Checks whether the reader may still read: its credential may have been revoked, or given other scopes. A reader is
    /// not disconnected because the store was busy, or others at its address failed too often, unless that continues.
    async fn look(&mut self) -> StreamItem {
        self.look = Instant::now() + self.heartbeat;
        let may = match Reader::extract(&self.req).await {
            Ok(reader) => {
                self.unknown = 0;
                reader.access == self.access
            }
            Err(refused) => {
                self.unknown += 1;
                self.unknown <= MOST_UNKNOWN && is_for_now(refused.as_response_error().status_code())
            }
        };
        if !may {
            return StreamItem::Last(NO_LONGER);
        }
        StreamItem::Event(format!(": still here\nid: {}\n\n", self.follower.position().0).into())
    }
}

/// Whether a refusal is temporary and says nothing about what the reader may do.
fn is_for_now(refusal: StatusCode) -> bool {
    refusal == StatusCode::TOO_MANY_REQUESTS || refusal.is_server_error()
}

/// One event. A line break within JSON is white space, so each line becomes a separate `data` line.
fn event(stored: &StoredStatement, form: Format) -> Result<Bytes, Problem> {
    let unreadable = || Problem::internal(format!("the statement at {} is not JSON", stored.seq.0));
    let text = std::str::from_utf8(&stored.bytes).map_err(|_| unreadable())?;
    let shown = match form {
        Format::Ids => format::ids(text).map_err(|_| unreadable())?.into(),
        Format::Exact | Format::Canonical => std::borrow::Cow::Borrowed(text),
    };
    let mut event = format!("id: {}\n", stored.seq.0);
    event.reserve(shown.len() + 16);
    for line in shown.split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    Ok(event.into())
}

impl From<FollowError> for Problem {
    fn from(error: FollowError) -> Self {
        let sentence = error.to_string();
        match error {
            FollowError::Full => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", sentence).header("retry-after", "60")
            }
            FollowError::Position(error) => error.into(),
            FollowError::Store(error) => error.into(),
        }
    }
}
