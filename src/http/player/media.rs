//! What a file of a package is served as: a fixed table by the end of its name, never a guess from its bytes.

/// The media type for this path. What is not in the table is bytes to download; what a server would run is text to read.
///
/// No charset is named: old packages state theirs inside the file, and a header would overrule it.
pub(super) fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let found = TYPES.iter().find(|(extensions, _)| extensions.contains(&extension.as_str()));
    found.map_or("application/octet-stream", |(_, media)| media)
}

/// The ends of names of files that are text, and so are sent compressed.
const TEXT: &str =
    "html|htm|xhtml|xht|js|mjs|cjs|css|json|map|webmanifest|gltf|xml|xsd|xsl|dtd|txt|log|md|csv|vtt|srt|svg";

/// The addresses of files that are text.
pub(super) fn text_pattern() -> String {
    format!("/{{files}}/p/{{path:(?i:.*\\.(?:{TEXT}))}}")
}

const TYPES: [(&[&str], &str); 56] = [
    (&["html", "htm"], "text/html"),
    (&["xhtml", "xht"], "application/xhtml+xml"),
    (&["js", "mjs", "cjs"], "text/javascript"),
    (&["css"], "text/css"),
    (&["json", "map"], "application/json"),
    (&["webmanifest"], "application/manifest+json"),
    (&["gltf"], "model/gltf+json"),
    (&["glb"], "model/gltf-binary"),
    (&["apng"], "image/apng"),
    (&["doc", "dot"], "application/msword"),
    (&["xls"], "application/vnd.ms-excel"),
    (&["ppt", "pps"], "application/vnd.ms-powerpoint"),
    (&["rtf"], "application/rtf"),
    (&["epub"], "application/epub+zip"),
    (&["xml", "xsd", "xsl", "dtd"], "text/xml"),
    (&["txt", "log", "md"], "text/plain"),
    (&["csv"], "text/csv"),
    (&["vtt"], "text/vtt"),
    (&["srt"], "text/plain"),
    (&["svg"], "image/svg+xml"),
    (&["png"], "image/png"),
    (&["jpg", "jpeg", "jpe"], "image/jpeg"),
    (&["gif"], "image/gif"),
    (&["webp"], "image/webp"),
    (&["avif"], "image/avif"),
    (&["bmp"], "image/bmp"),
    (&["ico", "cur"], "image/x-icon"),
    (&["tif", "tiff"], "image/tiff"),
    (&["mp4", "m4v"], "video/mp4"),
    (&["webm"], "video/webm"),
    (&["ogv"], "video/ogg"),
    (&["mov"], "video/quicktime"),
    (&["flv"], "video/x-flv"),
    (&["ts"], "video/mp2t"),
    (&["mpg", "mpeg"], "video/mpeg"),
    (&["m3u8"], "application/vnd.apple.mpegurl"),
    (&["mpd"], "application/dash+xml"),
    (&["mp3"], "audio/mpeg"),
    (&["m4a", "aac"], "audio/mp4"),
    (&["ogg", "oga", "opus"], "audio/ogg"),
    (&["wav"], "audio/wav"),
    (&["flac"], "audio/flac"),
    (&["woff"], "font/woff"),
    (&["woff2"], "font/woff2"),
    (&["ttf"], "font/ttf"),
    (&["otf"], "font/otf"),
    (&["eot"], "application/vnd.ms-fontobject"),
    (&["wasm"], "application/wasm"),
    (&["swf"], "application/x-shockwave-flash"),
    (&["pdf"], "application/pdf"),
    (&["docx"], "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (&["xlsx"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (&["pptx"], "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (&["zip"], "application/zip"),
    // Data, not an encoding of something else: tools ship their slides so.
    (&["gz"], "application/gzip"),
    (&["php", "phtml", "asp", "aspx", "jsp", "jspx", "shtml", "cgi", "pl", "py", "rb", "sh"], "text/plain"),
];

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn the_end_of_the_name_decides_and_nothing_is_run_or_guessed() {
        for (path, media) in [
            ("shared/launchpage.html", "text/html"),
            ("INDEX.HTM", "text/html"),
            ("a.b/c.JS", "text/javascript"),
            ("mobile/slides/1.js.gz", "application/gzip"),
            ("model.glb", "model/gltf-binary"),
            ("model.gltf", "model/gltf+json"),
            ("app.webmanifest", "application/manifest+json"),
            ("moving.apng", "image/apng"),
            ("handout.doc", "application/msword"),
            ("shell.php", "text/plain"),
            ("page.html.php", "text/plain"),
            ("clip.mp4", "video/mp4"),
            ("no-extension", "application/octet-stream"),
            ("folder.html/file", "application/octet-stream"),
            ("odd.name-of.my.own", "application/octet-stream"),
            (".htaccess", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(media_type(path), media, "{path}");
        }
    }
}
