//! The bytes of a statement's attachments, as downloads.
//!
//! Others sent them, so no browser may show them as a page of ours: they are served under a neutral name, as
//! bytes of no known type, to be saved and not opened, and in a sandbox in case a browser opens them anyway. Only what a
//! statement lists by its hash has an address here.

use super::words::{ForeignText, shortened};
use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::bytes;
use crate::http::serving::blobs;
use crate::service::App;
use crate::service::records::statements::{self, StoredAttachment};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, HttpResponseBuilder};
use base::hash::Sha256;
use base::log::StoredStatement;
use uuid::Uuid;
use xapi::StatementId;
use xapi::json::Value;
use xapi::language::Preferences;
use xapi::signature;

/// An attachment, as the page of its statement lists it.
pub(super) struct AttachmentRow {
    pub name: ForeignText,
    pub usage: String,
    pub content_type: String,
    pub sha2: String,
    /// As its statement says; the bytes may be stored elsewhere.
    pub size: String,
    /// Where else it is available, shown as text and not as a link.
    pub elsewhere: Option<String>,
    /// The address of its bytes here.
    pub href: Option<String>,
    pub is_signature: bool,
}

/// The attachments of a stored statement.
pub(super) async fn listed(
    app: &App,
    stored: &StoredStatement,
    root: Value<'_>,
    languages: &Preferences,
) -> Result<Vec<AttachmentRow>, Problem> {
    let held = statements::stored_attachments(app, std::slice::from_ref(stored)).await.map_err(Problem::internal)?;
    let inner = root.get("object").and_then(|object| object.get("attachments"));
    let lists = [root.get("attachments"), inner].into_iter().flatten();
    Ok(lists.flat_map(Value::items).map(|item| read(stored.id, item, &held, languages)).collect())
}

fn read(id: StatementId, item: Value<'_>, held: &[StoredAttachment], languages: &Preferences) -> AttachmentRow {
    let text = |name: &str| item.get(name).and_then(Value::string).map(|text| shortened(&text));
    let sha2 = text("sha2").unwrap_or_default();
    let here = sha2.parse::<Sha256>().ok().filter(|sha256| held.iter().any(|held| held.name == *sha256));
    let length = item.get("length").and_then(|length| length.raw().parse().ok());
    let usage = text("usageType").unwrap_or_default();
    let name = item.get("display").and_then(|display| ForeignText::of(display, languages));
    AttachmentRow {
        name: name.map_or_else(|| ForeignText::plain("Attachment"), |name| name.short()),
        is_signature: usage == signature::USAGE,
        usage,
        content_type: text("contentType").unwrap_or_default(),
        size: length.map(bytes).unwrap_or_default(),
        elsewhere: text("fileUrl"),
        href: here.map(|sha256| format!("/reports/statements/{id}/attachments/{sha256}")),
        sha2,
    }
}

/// `GET /reports/statements/{id}/attachments/{sha256}`.
pub(super) async fn download(
    app: Data<App>,
    _coordinator: Coordinator,
    path: Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, sha256) = path.into_inner();
    let stored = super::statement::find(&app, id).await?;
    let held = statements::stored_attachments(&app, std::slice::from_ref(&stored)).await.map_err(Problem::internal)?;
    let wanted = held.into_iter().find(|held| held.name.to_string() == sha256);
    let Some(StoredAttachment { name, length, .. }) = wanted else {
        let detail =
            "the statement has no attachment with this hash whose bytes are stored here; choose one on its page";
        return Err(Problem::not_found(detail));
    };
    let mut response = saved("application/octet-stream", &format!("attachment-{name}.bin"));
    Ok(response.body(blobs::body(App::clone(&app), name, 0..length)))
}

/// `GET /reports/statements/{id}/exact.json`: the bytes of the statement, to compare them with a hash.
pub(super) async fn exact(app: Data<App>, _coordinator: Coordinator, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let stored = super::statement::find(&app, *id).await?;
    Ok(saved("application/json", &format!("statement-{}.json", stored.id)).body(Bytes::clone(&stored.bytes)))
}

/// A response that a browser saves and never shows.
fn saved(content_type: &str, name: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(content_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((CACHE_CONTROL, "no-store"));
    response
}
