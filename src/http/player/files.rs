//! The files of packages. A request's path is a key of the package's table of files and nothing else: no name ever reaches
//! the file system.

use super::range::{RequestedRange, requested_range};
use super::{media, require_host};
use crate::http::Problem;
use crate::http::serving::blobs;
use crate::service::App;
use crate::service::playing::sessions::Session;
use crate::service::playing::{deliveries, sessions};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use content::{File, Package};
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;

/// Browsers keep a file and ask each time whether they may still use it: a launch ends.
const CACHE: &str = "private, no-cache";

/// `GET` and `HEAD /{files}/p/{path}`.
pub(super) async fn serve(
    app: Data<App>,
    req: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let session = sessions::by_files(&app, &path.0).await?;
    require_host(&req, &sessions::origin(&app, &session).await?)?;
    let package = sessions::package(&app, &session).await?;
    let (name, file) = find(&package.package, &requested_path(&req)?).ok_or_else(not_in_package)?;
    deliveries::note(&app, &session, &package, name).await?;
    let etag = format!("\"{}\"", file.sha256);
    let header = |name: header::HeaderName| req.headers().get(name).and_then(|value| value.to_str().ok());
    if header(header::IF_NONE_MATCH).is_some_and(|known| known.contains(&etag) || known.trim() == "*") {
        let mut response = HttpResponse::NotModified();
        return Ok(response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, CACHE)).finish());
    }
    // A range of a file that has changed meanwhile would mix two versions (RFC 9110 §13.1.5).
    let range = header(header::RANGE).filter(|_| header(header::IF_RANGE).is_none_or(|known| known == etag));
    let (status, bytes) = match requested_range(range, file.size) {
        RequestedRange::Whole => (StatusCode::OK, 0..file.size),
        RequestedRange::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        RequestedRange::Beyond => return Ok(beyond(file)),
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, media::media_type(name)))
        .insert_header((header::ETAG, etag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, CACHE))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy(&session)))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin-allow-popups"))
        .insert_header(("Permissions-Policy", "unload=(self)"))
        // Embedded players of other sites need to know who embeds them; they learn the origin, never the token in the path.
        .insert_header((header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = bytes.end.saturating_sub(1);
        response.insert_header((header::CONTENT_RANGE, format!("bytes {}-{last}/{}", bytes.start, file.size)));
        // The bytes of a range are those of the file as it is.
        response.insert_header((header::CONTENT_ENCODING, "identity"));
    }
    Ok(response.body(blobs::body(App::clone(&app), file.sha256, bytes)))
}

/// The path after `/p/`, decoded once.
fn requested_path(req: &HttpRequest) -> Result<String, Problem> {
    let raw = req.uri().path().splitn(4, '/').nth(3).unwrap_or_default();
    percent_decode_str(raw).decode_utf8().map(|path| path.nfc().collect()).map_err(|_| not_in_package())
}

/// The file of exactly this name; or, since packages are made where case does not matter, of this name in another case.
fn find<'a>(package: &'a Package, name: &str) -> Option<(&'a str, &'a File)> {
    let exact = package.files.get_key_value(name);
    let found = exact.or_else(|| {
        let lower = name.to_lowercase();
        package.files.iter().find(|(known, _)| known.to_lowercase() == lower)
    });
    found.map(|(name, file)| (name.as_str(), file))
}

fn not_in_package() -> Problem {
    Problem::not_found(
        "the package has no such file; its import report lists the files that the manifest names but the package lacks",
    )
}

fn beyond(file: &File) -> HttpResponse {
    HttpResponse::RangeNotSatisfiable()
        .insert_header((header::CONTENT_RANGE, format!("bytes */{}", file.size)))
        .finish()
}

/// Who may frame a file: its own origin, and the site whose page frames the player. Nothing else is restricted: a package is
/// on its own origin, and a viewer of PDF breaks under most policies.
fn policy(session: &Session) -> String {
    match &session.frame_ancestor {
        Some(site) => format!("frame-ancestors 'self' {site}"),
        None => "frame-ancestors 'self'".to_owned(),
    }
}
