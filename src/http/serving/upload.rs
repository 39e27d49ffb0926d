//! Receiving a package: streamed to a file in the data directory, under a cap, from any client.
//!
//! A client may send the file as the body itself, with whatever Content-Type it has, or as the one file of a form
//! (`multipart/form-data`). Silence and dripping are ended by `deadline`, which watches every body.

use super::{bodies, readers};
use crate::http::Problem;
use crate::service::App;
use crate::service::records::spool::SpoolFile;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use actix_web::web::Payload;
use bytes::Bytes;
use content::Limits;
use futures_util::StreamExt as _;
use std::io;
use std::path::Path;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// The longest file name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// An upload in a separate file, which is deleted with this value.
#[derive(Debug)]
pub(in crate::http) struct Upload {
    file: SpoolFile,
    /// The file's name as the client knows it.
    pub(in crate::http) name: Option<String>,
}

impl Upload {
    /// Where its bytes are.
    pub(in crate::http) fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Receives the one file of a request.
///
/// # Errors
/// A sentence when the request holds no file, several, or more than [`Limits::upload`] bytes.
pub(in crate::http) async fn receive(app: &App, req: &HttpRequest, body: Payload) -> Result<Upload, Problem> {
    bodies::streams(req);
    let limit = Limits::DEFAULT.upload;
    // A form adds a little to its file; the file itself is counted as it comes.
    if header(req, &CONTENT_LENGTH).parse::<u64>().is_ok_and(|length| length > limit.saturating_add(64 << 10)) {
        return Err(too_large(limit));
    }
    let mut spool = Spool::new(&app.config.data, limit).await?;
    let name = if header(req, &CONTENT_TYPE).to_ascii_lowercase().starts_with("multipart/form-data") {
        spool.take_form(Multipart::new(req.headers(), body)).await?
    } else {
        spool.take_body(body).await?;
        None
    };
    spool.file.flush().await.map_err(|error| unwritable(&error))?;
    let Spool { mut upload, .. } = spool;
    upload.name = name;
    Ok(upload)
}

fn header<'r>(req: &'r HttpRequest, name: &HeaderName) -> &'r str {
    req.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// An upload as it arrives.
struct Spool {
    upload: Upload,
    file: File,
    left: u64,
    limit: u64,
}

impl Spool {
    async fn new(data: &Path, limit: u64) -> Result<Self, Problem> {
        let (spooled, file) = SpoolFile::begin(data).await.map_err(|error| unwritable(&error))?;
        Ok(Self { upload: Upload { file: spooled, name: None }, file, left: limit, limit })
    }

    async fn write(&mut self, bytes: &Bytes) -> Result<(), Problem> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or_else(|| too_large(self.limit))?;
        self.file.write_all(bytes).await.map_err(|error| unwritable(&error))
    }

    async fn take_body(&mut self, mut body: Payload) -> Result<(), Problem> {
        while let Some(bytes) = body.next().await {
            self.write(&bytes.map_err(|error| readers::body(&error))?).await?;
        }
        Ok(())
    }

    /// Reads the one file of a form, and returns its name. Other fields are skipped.
    async fn take_form(&mut self, mut form: Multipart) -> Result<Option<String>, Problem> {
        let mut taken: Option<String> = None;
        while let Some(field) = form.next().await {
            let mut field = field.map_err(|error| form_problem(&error))?;
            let file_name = field.content_disposition().and_then(|disposition| disposition.get_filename());
            let Some(name) = file_name.map(last_part) else {
                drain(&mut field).await?;
                continue;
            };
            if name.is_empty() {
                let detail = "no file was chosen; choose the .zip file of the package, then send the form";
                return Err(Problem::bad_request("no-file", detail));
            }
            if taken.is_some() {
                let detail = "the form has several files; send one package at a time";
                return Err(Problem::bad_request("several-files", detail));
            }
            while let Some(bytes) = field.next().await {
                self.write(&bytes.map_err(|error| form_problem(&error))?).await?;
            }
            taken = Some(name);
        }
        let detail = "the form has no file; put the package into a file field";
        taken.map(Some).ok_or_else(|| Problem::bad_request("no-file", detail))
    }
}

/// Skips a field that is not a file; such fields are small.
async fn drain(field: &mut Field) -> Result<(), Problem> {
    const LONGEST_FIELD: usize = 64 << 10;
    match field.bytes(LONGEST_FIELD).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(form_problem(&error)),
        Err(_) => {
            let detail = "a field of the form is too long; send the package as a file, with a file name";
            Err(Problem::bad_request("field-too-long", detail))
        }
    }
}

/// The file name without the folders that some browsers send along.
fn last_part(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("the package is larger than {limit} bytes; make its media smaller and export it again");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "package-too-large", detail)
}

fn form_problem(error: &MultipartError) -> Problem {
    match error {
        MultipartError::Payload(PayloadError::Incomplete(_)) | MultipartError::Incomplete => {
            Problem::bad_request("body-unreadable", "the form ended early; send it again")
        }
        MultipartError::Payload(error) => readers::body(error),
        error => Problem::bad_request("invalid-form", format!("the form cannot be read: {error}")),
    }
}

/// The error if an upload could not be written to the spool folder.
pub(in crate::http) fn unwritable(error: &io::Error) -> Problem {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        let detail =
            "the server has no disk space for what was sent; ask its operator to free some, then send it again";
        return Problem::new(StatusCode::INSUFFICIENT_STORAGE, "no-room", detail);
    }
    Problem::internal(format!("an upload could not be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_its_last_part() {
        assert_eq!(last_part("C:\\fakepath\\golf.zip"), "golf.zip");
        assert_eq!(last_part("../../golf\n.zip"), "golf.zip");
        assert_eq!(last_part(&"x".repeat(500)).len(), LONGEST_NAME);
        assert_eq!(last_part(""), "");
    }
}
