//! `/xapi/about`: the versions of this record store (Part 3 §2.8). Anyone may read it, in any version.

use actix_web::HttpResponse;
use xapi::Version;

/// `GET` and `HEAD`.
pub(super) async fn get() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"version": Version::ALL.map(Version::as_str)}))
}
