//! What an upload that is no package is, so that the report can say what to export instead.

use super::archive::Archive;
use super::findings::{Code, Findings};
use super::tool;
use std::io::{Read, Seek};

/// What the first bytes of an upload that is no zip say about it: what it is, in words.
pub(super) fn by_first_bytes(head: &[u8]) -> (Code, &'static str) {
    let is_at = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    let starts = |magic: &[u8]| is_at(0, magic);
    if head.is_empty() {
        (Code::NotAZip, "The upload is empty.")
    } else if starts(b"Rar!") {
        (Code::OtherArchive, "The upload is a RAR archive, not a .zip file.")
    } else if starts(b"7z\xbc\xaf") {
        (Code::OtherArchive, "The upload is a 7z archive, not a .zip file.")
    } else if starts(b"\x1f\x8b") {
        (Code::OtherArchive, "The upload is a gzip archive, such as .tar.gz, not a .zip file.")
    } else if is_at(257, b"ustar") {
        (Code::OtherArchive, "The upload is a tar archive, not a .zip file.")
    } else if starts(b"%PDF") {
        (Code::SingleDocument, "The upload is a PDF document, not a package.")
    } else if starts(b"\xd0\xcf\x11\xe0") {
        (Code::SingleDocument, "The upload is a document of Microsoft Office, not a package.")
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") {
        (Code::SingleDocument, "The upload is a picture, not a package.")
    } else if is_at(4, b"ftyp") || starts(b"\x1a\x45\xdf\xa3") || (starts(b"RIFF") && is_at(8, b"AVI ")) {
        (Code::SingleMedia, "The upload is a video, not a package.")
    } else if starts(b"ID3") || starts(b"OggS") || (starts(b"RIFF") && is_at(8, b"WAVE")) {
        (Code::SingleMedia, "The upload is a sound recording, not a package.")
    } else {
        (Code::NotAZip, "The upload is not a .zip file.")
    }
}

/// Whether text that begins with `<` is a web page.
pub(super) fn is_web_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    text.starts_with("<!doctype html") || text.starts_with("<html")
}

/// Reports what an archive without a manifest is. `all` are its files.
pub(super) fn report<R: Read + Seek>(archive: &mut Archive<R>, all: &[String], findings: &mut Findings) {
    let (code, place, message) = archive_of_something(all).unwrap_or_else(|| archive_of_files(archive, all));
    findings.add(code, place, message);
}

/// The name of a file, and the ending of that, in lower case.
fn name_and_ending(path: &str) -> (String, String) {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_owned()).unwrap_or_default();
    (name, ending)
}

/// A format that is a zip with certain files in it.
fn archive_of_something(all: &[String]) -> Option<(Code, String, String)> {
    let has = |path: &str| all.iter().any(|file| file.eq_ignore_ascii_case(path));
    let ends = |wanted: &str| all.iter().find(|file| name_and_ending(file).1 == wanted);
    let found = |code, place: &str, message: &str| Some((code, place.to_owned(), message.to_owned()));
    if let (Some(course), Some(_)) = (ends("crs"), ends("au")) {
        let message = "The archive is an AICC package: it has a .crs file and an .au file, and no SCORM manifest.";
        return found(Code::AiccPackage, course, message);
    }
    if has("h5p.json") {
        return found(
            Code::H5pFile,
            "h5p.json",
            "The upload is an H5P file, which holds content and no way to report it.",
        );
    }
    if has("moodle_backup.xml") {
        let message = "The upload is a backup of a Moodle course, not a package.";
        return found(Code::CourseBackup, "moodle_backup.xml", message);
    }
    if has("[Content_Types].xml") {
        let message = "The upload is a document of Microsoft Office, not a package.";
        return found(Code::SingleDocument, "[Content_Types].xml", message);
    }
    if has("META-INF/container.xml") {
        return found(Code::SingleDocument, "META-INF/container.xml", "The upload is an e-book (EPUB), not a package.");
    }
    None
}

/// An archive of ordinary files: packages, videos, documents, or a course that was exported for the web.
fn archive_of_files<R: Read + Seek>(archive: &mut Archive<R>, all: &[String]) -> (Code, String, String) {
    const MEDIA: [&str; 9] = ["mp4", "m4v", "mov", "webm", "avi", "mkv", "mp3", "m4a", "wav"];
    const DOCUMENTS: [&str; 9] = ["pdf", "ppt", "pptx", "doc", "docx", "xls", "xlsx", "odp", "odt"];
    let is_zip = |path: &&String| name_and_ending(path).1 == "zip";
    let packages = all.iter().filter(is_zip).filter(|path| names_a_manifest(archive, path)).count();
    if packages > 0 {
        let held = if packages == 1 { "1 package".to_owned() } else { format!("{packages} packages") };
        let message = format!("The archive is not a package itself: it holds {held}, each in a .zip file.");
        return (Code::ZipOfPackages, String::new(), message);
    }
    let only = |endings: &[&str]| all.iter().all(|path| endings.contains(&name_and_ending(path).1.as_str()));
    let first = all.first().cloned().unwrap_or_default();
    if only(&MEDIA) {
        return (Code::SingleMedia, first, "The archive holds nothing but video or sound.".to_owned());
    }
    if only(&DOCUMENTS) {
        return (Code::SingleDocument, first, "The archive holds nothing but documents.".to_owned());
    }
    let page = all.iter().filter(|path| matches!(name_and_ending(path).1.as_str(), "html" | "htm"));
    if let Some(page) = page.min_by_key(|path| (path.matches('/').count(), path.len())) {
        let paths: Vec<&str> = all.iter().map(String::as_str).collect();
        let made = tool::detect(&paths, "").map(|tool| format!(" of {tool}")).unwrap_or_default();
        let message = format!(
            "The archive is a web export{made}: it has pages and no imsmanifest.xml (SCORM), cmi5.xml (cmi5) or tincan.xml \
             (Tin Can), so it cannot report anything."
        );
        return (Code::WebExport, page.clone(), message);
    }
    let message = "The archive has no imsmanifest.xml (SCORM), cmi5.xml (cmi5) or tincan.xml (Tin Can).";
    (Code::ManifestMissing, String::new(), message.to_owned())
}

/// Whether the bytes of the file at `path` contain the name of a manifest, as a zip with one does. A file that cannot be
/// read has none.
fn names_a_manifest<R: Read + Seek>(archive: &mut Archive<R>, path: &str) -> bool {
    const NAMES: [&[u8]; 3] = [b"imsmanifest.xml", b"cmi5.xml", b"tincan.xml"];
    const LONGEST: usize = 15;
    let Ok(mut stream) = archive.inflate(path) else { return false };
    let mut window: Vec<u8> = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return false };
        window.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if NAMES.iter().any(|name| window.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name))) {
            return true;
        }
        // A name may be divided between two reads.
        window.drain(..window.len().saturating_sub(LONGEST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar");
        let heads: [(&[u8], Code, &str); 12] = [
            (b"", Code::NotAZip, "empty"),
            (b"Rar!\x1a\x07", Code::OtherArchive, "RAR"),
            (b"\x1f\x8b\x08", Code::OtherArchive, "gzip"),
            (&tar, Code::OtherArchive, "tar"),
            (b"%PDF-1.7", Code::SingleDocument, "PDF"),
            (b"\xd0\xcf\x11\xe0", Code::SingleDocument, "Office"),
            (b"\x89PNG\r\n", Code::SingleDocument, "picture"),
            (b"\0\0\0\x20ftypisom", Code::SingleMedia, "video"),
            (b"\x1a\x45\xdf\xa3", Code::SingleMedia, "video"),
            (b"RIFF\0\0\0\0WAVE", Code::SingleMedia, "sound"),
            (b"ID3\x03", Code::SingleMedia, "sound"),
            (b"plain text", Code::NotAZip, "not a .zip"),
        ];
        for (head, code, word) in heads {
            let (found, message) = by_first_bytes(head);
            assert_eq!(found, code, "{message}");
            assert!(message.contains(word), "{message}");
        }
        assert!(
            is_web_page(b"\xef\xbb\xbf <!DOCTYPE html><title>x")
                && is_web_page(b"<html>")
                && !is_web_page(b"<tincan/>")
        );
    }
}
