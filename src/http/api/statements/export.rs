//! `GET /api/v1/statements/export.jsonl` and `export.csv`: all statements that match a filter, in one response of any length.
//!
//! The response is sent while the statements are read. If the store fails meanwhile, the connection is aborted instead of
//! closed normally, so that no reader takes a part for the whole.

use super::parameters;
use crate::http::Problem;
use crate::http::auth::Reader;
use crate::http::xapi::statements::CONSISTENT_THROUGH;
use crate::service::App;
use crate::service::reporting::{self, COLUMNS, Export, ExportError};
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_DISPOSITION, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base::log::{Seq, StoredStatement};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use xapi::instant;
use xapi::language::Preferences;

/// The position in the log after which a later export continues.
const THROUGH: HeaderName = HeaderName::from_static("enduring-through");

/// About this many bytes are collected before they are sent.
const PIECE: usize = 64 << 10;

/// `export.jsonl`: one statement on each line, as it was stored.
pub(super) async fn lines(app: Data<App>, reader: Reader, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, after) = parameters::read(&req, &["since", "until", "after"], parameters::after)?;
    let export = reporting::export(&app, &reader.access, &filter, after.unwrap_or_default()).await?;
    Ok(response(&app, export, ExportFormat::Lines, Bytes::new()))
}

/// `export.csv`: one statement in each row (RFC 4180), below the names of the columns.
pub(super) async fn table(app: Data<App>, reader: Reader, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let names = ["since", "until", "after", "bom"];
    let (filter, (after, bom)) = parameters::read(&req, &names, |given| (parameters::after(given), given.flag("bom")))?;
    let export = reporting::export(&app, &reader.access, &filter, after.unwrap_or_default()).await?;
    let languages = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut head = if bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    write_row(&mut head, COLUMNS)?;
    Ok(response(&app, export, ExportFormat::Table(Preferences::parse(languages)), head.into()))
}

/// How a statement is written.
enum ExportFormat {
    Lines,
    Table(Preferences),
}

impl ExportFormat {
    fn media_type(&self) -> &'static str {
        match self {
            Self::Lines => "application/jsonl; charset=utf-8",
            Self::Table(_) => "text/csv; charset=utf-8; header=present",
        }
    }

    fn extension(&self) -> &'static str {
        match self {
            Self::Lines => "jsonl",
            Self::Table(_) => "csv",
        }
    }

    fn write(&self, stored: &StoredStatement, out: &mut Vec<u8>) -> Result<(), Problem> {
        match self {
            Self::Lines => {
                // JSON allows a line break between two values only, where a space means the same.
                out.extend(stored.bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
                out.push(b'\n');
                Ok(())
            }
            Self::Table(languages) => write_row(out, reporting::row(stored, languages)?),
        }
    }
}

fn write_row<T: AsRef<[u8]>>(out: &mut Vec<u8>, row: impl IntoIterator<Item = T>) -> Result<(), Problem> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let written = writer.write_record(row).and_then(|()| Ok(writer.flush()?));
    written.map_err(|error| Problem::internal(format!("a row cannot be written: {error}")))
}

fn response(app: &Data<App>, export: Export, format: ExportFormat, head: Bytes) -> HttpResponse {
    let Seq(through) = export.through;
    let name = format!("attachment; filename=\"statements-through-{through}.{}\"", format.extension());
    HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CONSISTENT_THROUGH, instant(export.consistent_through)))
        .insert_header((THROUGH, through))
        .streaming(body(app.clone(), export, format, head))
}

/// `head`, and then the statements.
fn body(
    app: Data<App>,
    export: Export,
    format: ExportFormat,
    head: Bytes,
) -> impl Stream<Item = Result<Bytes, Problem>> {
    let rest = stream::unfold(Some((app, export, format)), |state| async move {
        let (app, mut export, format) = state?;
        match piece(&app, &mut export, &format).await {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => Some((Ok(piece), Some((app, export, format)))),
            Err(error) => {
                tracing::error!(error = error.reason(), "an export was aborted");
                Some((Err(error), None))
            }
        }
    });
    stream::StreamExt::chain(stream::iter((!head.is_empty()).then_some(Ok(head))), rest)
}

/// The next statements; empty once there are none.
async fn piece(app: &App, export: &mut Export, format: &ExportFormat) -> Result<Bytes, Problem> {
    let mut out = Vec::with_capacity(PIECE + PIECE / 4);
    while out.len() < PIECE
        && let Some(stored) = export.next(app).await?
    {
        format.write(&stored, &mut out)?;
    }
    Ok(out.into())
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Position(error) => error.into(),
            ExportError::Store(error) => error.into(),
        }
    }
}
