//! JSON with an entity tag (Part 3 §3.1).

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, ETAG};
use xapi::precondition::Tag;

/// 200, sent as it is: its tag is that of the text without any encoding.
pub(super) fn json(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((ETAG, Tag::of(text.as_bytes()).to_string()))
        .body(text)
}
