//! The player's own modules and styles, compiled in. All share one tag, so that modules import each other by name.

use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpResponse, Responder};
use base::hash::Sha256;
use std::sync::LazyLock;

const STYLE: &str = "text/css; charset=utf-8";
const MODULE: &str = "text/javascript; charset=utf-8";

/// Name, media type, content.
const FILES: [(&str, &str, &str); 13] = [
    ("mark.svg", "image/svg+xml", include_str!("../assets/mark.svg")),
    ("enduring.css", STYLE, include_str!("../assets/enduring.css")),
    ("player.css", STYLE, include_str!("../../../web/player.css")),
    ("player.js", MODULE, include_str!("../../../web/player.js")),
    ("transport.js", MODULE, include_str!("../../../web/transport.js")),
    ("attention.js", MODULE, include_str!("../../../web/attention.js")),
    ("open.js", MODULE, include_str!("../../../web/open.js")),
    ("clock.js", MODULE, include_str!("../../../web/clock.js")),
    ("api.js", MODULE, include_str!("../../../web/api.js")),
    ("model.js", MODULE, include_str!("../../../web/model.js")),
    ("pending.js", MODULE, include_str!("../../../web/pending.js")),
    // The table that the server checks with.
    ("table.js", MODULE, concat!("export default ", include_str!("../../../schemas/cmi-scorm12.json"))),
    ("scorm12.js", MODULE, include_str!(concat!(env!("OUT_DIR"), "/scorm12.js"))),
];

static TAG: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::hasher();
    for (name, _, content) in FILES {
        hasher.update(name.as_bytes());
        hasher.update(content.as_bytes());
    }
    hasher.finish().to_string().chars().take(16).collect()
});

/// The address of one of the player's files. It changes when any of them does, so that browsers may keep them forever.
pub fn asset(name: &str) -> String {
    format!("/player/{}/{name}", *TAG)
}

/// `GET /player/{tag}/{name}`.
pub(super) async fn serve(path: Path<(String, String)>) -> impl Responder {
    let (requested, name) = path.into_inner();
    let Some((_, media, content)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return HttpResponse::NotFound().finish();
    };
    // An address from before an update still works, but must not be cached.
    let cache = if requested == *TAG { "public, max-age=31536000, immutable" } else { "no-cache" };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, *media))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .body(*content)
}
