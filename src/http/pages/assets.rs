//! The style sheet and modules: compiled in, and known to browsers by their content.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "src/http/assets/"]
struct Assets;

/// The address of an asset. It changes when the content does, so that browsers may keep it forever.
pub fn asset(name: &str) -> String {
    let tag = Assets::get(name).map_or_else(|| "missing".to_owned(), |file| tag(&file));
    format!("/assets/{tag}/{name}")
}

/// `GET /assets/{tag}/{name}`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/assets/{tag}/{name}", web::get().to(serve));
}

async fn serve(path: web::Path<(String, String)>) -> impl Responder {
    let (requested, name) = path.into_inner();
    let Some(file) = Assets::get(&name) else { return HttpResponse::NotFound().finish() };
    // An address from before an update still works, but must not be cached.
    let cache = if requested == tag(&file) { "public, max-age=31536000, immutable" } else { "no-cache" };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type(&name)))
        .insert_header((header::CACHE_CONTROL, cache))
        .body(file.data.into_owned())
}

fn tag(file: &rust_embed::EmbeddedFile) -> String {
    hex::encode(file.metadata.sha256_hash()).chars().take(16).collect()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_known_by_its_content() {
        let address = asset("enduring.css");
        let tag = address.strip_prefix("/assets/").and_then(|rest| rest.strip_suffix("/enduring.css")).unwrap();
        assert!(tag.len() == 16 && tag.bytes().all(|b| b.is_ascii_hexdigit()), "{address}");
        assert_eq!(asset("no-such.css"), "/assets/missing/no-such.css");
    }
}
