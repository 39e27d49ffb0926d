//! Zips made byte by byte, so that they can lie.

/// A manifest of SCORM 1.2 with one SCO, `index.html`.
pub(super) const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="o"><organization identifier="o"><title>Course</title>
    <item identifier="i" identifierref="r"><title>Page</title></item>
  </organization></organizations>
  <resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"/></resources>
</manifest>
"#;

/// One entry. What the headers say is derived from `data`, unless a test changes it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// In the central directory.
    pub(super) name: Vec<u8>,
    /// In the local header.
    pub(super) local_name: Vec<u8>,
    /// As it is in the archive.
    pub(super) data: Vec<u8>,
    pub(super) crc: u32,
    /// The size, inflated, that both headers declare.
    pub(super) size: u32,
    pub(super) method: u16,
    pub(super) flags: u16,
    /// Unix mode, in the upper half of the external attributes.
    pub(super) mode: u32,
    /// Where the central directory says that the local header is; `None` for the truth.
    pub(super) offset: Option<u32>,
}

/// A stored file.
pub(super) fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Entry {
    let (name, data) = (name.as_ref().to_vec(), data.as_ref().to_vec());
    let size = u32::try_from(data.len()).unwrap();
    Entry {
        local_name: name.clone(),
        name,
        crc: crc32(&data),
        data,
        size,
        method: 0,
        flags: 0,
        mode: 0o100_644,
        offset: None,
    }
}

/// A deflated file.
pub(super) fn deflated(name: &str, data: &[u8]) -> Entry {
    use std::io::{Cursor, Write as _};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("x", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(data).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let raw = archive.by_index_raw(0).unwrap();
    let (start, length) = (raw.data_start().unwrap(), raw.compressed_size());
    let range = usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap();
    let size = u32::try_from(data.len()).unwrap();
    Entry { data: bytes[range].to_vec(), crc: crc32(data), size, method: 8, ..file(name, "") }
}

/// An archive of these entries.
pub(super) fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = u32::try_from(bytes.len()).unwrap();
        bytes.extend(b"PK\x03\x04\x14\0");
        bytes.extend(common(entry, &entry.local_name));
        bytes.extend(&entry.local_name);
        bytes.extend(&entry.data);
        directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        directory.extend(common(entry, &entry.name));
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(entry.offset.unwrap_or(offset).to_le_bytes());
        directory.extend(&entry.name);
    }
    let count = u16::try_from(entries.len()).unwrap();
    let (start, length) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// An archive with a sound manifest and page, and these entries beside them.
pub(super) fn course_with(entries: &[Entry]) -> Vec<u8> {
    let sound = [file("imsmanifest.xml", MANIFEST), file("index.html", "<!doctype html>")];
    archive(&[&sound, entries].concat())
}

/// An archive of which the check finds nothing to say, and these entries: its page reports a status, and its score is judged.
pub(super) fn course_without_findings(entries: &[Entry]) -> Vec<u8> {
    let manifest =
        MANIFEST.replace("<title>Page</title>", "<title>Page</title><adlcp:masteryscore>80</adlcp:masteryscore>");
    let page = r#"<!doctype html><script>parent.API.LMSSetValue("cmi.core.lesson_status", "passed")</script>"#;
    let sound = [file("imsmanifest.xml", manifest), file("index.html", page)];
    archive(&[&sound, entries].concat())
}

/// An archive with this manifest and the page that [`MANIFEST`] names.
pub(super) fn course_of(manifest: impl AsRef<[u8]>) -> Vec<u8> {
    archive(&[file("imsmanifest.xml", manifest), file("index.html", "<!doctype html>")])
}

/// The part of a header that both kinds share: flags to the length of the extra field.
fn common(entry: &Entry, name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(entry.flags.to_le_bytes());
    bytes.extend(entry.method.to_le_bytes());
    bytes.extend([0, 0, 0x21, 0]);
    bytes.extend(entry.crc.to_le_bytes());
    bytes.extend(u32::try_from(entry.data.len()).unwrap().to_le_bytes());
    bytes.extend(entry.size.to_le_bytes());
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// CRC-32 as zip uses it, bit by bit.
fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
