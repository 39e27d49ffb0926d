//! Which standard a package follows, and where its manifest is.

use super::findings::{Code, Findings, cut};
use super::standards::Standard;
use super::xml::{Document, Node};

/// The file names of manifests, in the order in which they count when a folder has several.
const MANIFESTS: [&str; 3] = ["imsmanifest.xml", "cmi5.xml", "tincan.xml"];

/// The manifests among `paths`, the shallowest first, since a course may carry whole packages as downloads; in one folder
/// in the order of [`MANIFESTS`].
pub(super) fn manifests<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let rank = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        MANIFESTS.iter().position(|manifest| name.eq_ignore_ascii_case(manifest))
    };
    let mut found: Vec<_> = paths.filter_map(|path| Some((depth(path), rank(path)?, path))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, _, path)| path).collect()
}

/// The manifest among `candidates` (see [`manifests`]) that makes the package. Where several folders at one depth have one,
/// it is the only one of which `can_start` is true; in one folder it is the first.
pub(super) fn manifest<'a>(
    candidates: &[&'a str],
    mut can_start: impl FnMut(&str) -> bool,
    findings: &mut Findings,
) -> Option<&'a str> {
    const MOST_TRIED: usize = 20;
    let first = *candidates.first()?;
    let mut rivals: Vec<&'a str> = Vec::new();
    for path in candidates.iter().filter(|path| depth(path) == depth(first)) {
        if rivals.iter().all(|rival| folder(rival) != folder(path)) {
            rivals.push(path);
        }
    }
    let path = match rivals.as_slice() {
        [_, second, ..] => {
            let starting: Vec<&'a str> =
                rivals.iter().take(MOST_TRIED).copied().filter(|path| can_start(path)).collect();
            let [only] = starting[..] else {
                let message = format!("The archive has two courses: one here, and one at {}.", cut(second));
                findings.add(Code::ManifestAmbiguous, first, message);
                return None;
            };
            let message =
                format!("The archive has {} manifests; this is the only one whose pages are there.", rivals.len());
            findings.add(Code::ManifestChosen, only, message);
            only
        }
        _ => first,
    };
    let beside = candidates.iter().find(|other| **other != path && folder(other) == folder(path));
    if let Some(beside) = beside {
        findings.add(Code::ManifestChosen, path, format!("The package has {} too, which is not read.", cut(beside)));
    }
    if depth(path) > 0 {
        let message = "The manifest is in a folder of the archive instead of at its top.";
        findings.add(Code::ManifestNested, path, message);
    }
    Some(path)
}

/// The folder of a file, without its final `/`; empty at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// The standard that a manifest follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recognition {
    pub(super) standard: Standard,
    /// As a person would say it: `1.2`, `3rd Edition`, `Quartz`.
    pub(super) edition: Option<String>,
}

/// Which standard `document` follows, and in which edition.
pub(super) fn standard(document: &Document, file: &str, findings: &mut Findings) -> Option<Recognition> {
    let root = &document.root;
    match root.name.as_str() {
        "manifest" => content_package(document, file, findings),
        "courseStructure" => Some(Recognition { standard: Standard::Cmi5, edition: None }),
        "tincan" => Some(Recognition { standard: Standard::TinCan, edition: None }),
        other => {
            let message = format!("The file's root element is <{}>, which no supported standard uses.", cut(other));
            findings.add(Code::ManifestUnknown, file, message);
            None
        }
    }
}

/// What a manifest that cannot be read as XML seems to be, by the names in it: so that the report can say at least that.
pub(super) fn by_words(file: &str, bytes: &[u8]) -> Option<Recognition> {
    let text = String::from_utf8_lossy(bytes);
    let recognized =
        |standard, edition: Option<&str>| Some(Recognition { standard, edition: edition.map(str::to_owned) });
    if file.eq_ignore_ascii_case("cmi5.xml") || text.contains("<courseStructure") {
        recognized(Standard::Cmi5, None)
    } else if file.eq_ignore_ascii_case("tincan.xml") || text.contains("<tincan") {
        recognized(Standard::TinCan, None)
    } else if text.contains("adlcp_v1p3") || text.contains("imsss") {
        recognized(Standard::Scorm2004, None)
    } else if text.contains("adlcp_rootv1p2") || text.contains("imscp_rootv1p1p2") {
        recognized(Standard::Scorm12, Some("1.2"))
    } else {
        None
    }
}

/// Distinguishes SCORM 1.2 from the editions of SCORM 2004: by `schemaversion`, or else by the namespaces declared.
fn content_package(document: &Document, file: &str, findings: &mut Findings) -> Option<Recognition> {
    let stated = document.root.child("metadata").and_then(|metadata| metadata.child("schemaversion"));
    let stated = stated.and_then(Node::words);
    if let Some(recognized) = stated.as_deref().and_then(by_schema_version) {
        return Some(recognized);
    }
    let Some(guess) = by_namespaces(document) else {
        let declares = |part: &str| document.namespaces.iter().any(|namespace| namespace.contains(part));
        for (part, what) in [("imscc", "of an IMS Common Cartridge"), ("imsqti", "of questions in IMS QTI")] {
            if declares(part) {
                findings.add(Code::CommonCartridge, file, format!("The manifest is {what}, not of SCORM."));
                return None;
            }
        }
        let message = "The manifest is an IMS content package, but nothing in it says that it is SCORM.";
        findings.add(Code::ManifestUnknown, file, message);
        return None;
    };
    let described = match (guess.standard, guess.edition.as_deref()) {
        (Standard::Scorm2004, Some(edition)) => format!("SCORM 2004 {edition}"),
        _ => "SCORM 1.2".to_owned(),
    };
    match stated {
        None => {
            let message =
                format!("The manifest does not state its version; by its namespaces it is read as {described}.");
            findings.add(Code::SchemaVersionMissing, file, message);
        }
        Some(stated) => {
            let message =
                format!("The version \"{}\" is not one of SCORM's; the package is read as {described}.", cut(&stated));
            findings.add(Code::SchemaVersionUnknown, file, message);
        }
    }
    Some(guess)
}

/// The vocabulary of `schemaversion`: SCORM 1.2 CAM §2.3, SCORM 2004 CAM §3.4.
fn by_schema_version(stated: &str) -> Option<Recognition> {
    let stated = stated.to_ascii_lowercase();
    let scorm2004 = |edition: &str| Recognition { standard: Standard::Scorm2004, edition: Some(edition.to_owned()) };
    if stated.contains("2004") || stated == "cam 1.3" {
        let edition = ["2nd", "3rd", "4th"].into_iter().find(|edition| stated.contains(edition));
        return Some(scorm2004(&format!("{} Edition", edition.unwrap_or("2nd"))));
    }
    let scorm12 = matches!(stated.trim_start_matches("adl scorm").trim_start_matches("scorm").trim(), "1.2" | "1.1");
    scorm12.then(|| Recognition { standard: Standard::Scorm12, edition: Some("1.2".to_owned()) })
}

/// The namespaces that each standard declares. Without a stated version, SCORM 2004 is at most its 2nd edition:
/// later ones require it.
fn by_namespaces(document: &Document) -> Option<Recognition> {
    let declares = |part: &str| document.namespaces.iter().any(|namespace| namespace.contains(part));
    if declares("adlcp_v1p3") || declares("adlseq_v1p3") || declares("adlnav_v1p3") || declares("imsss") {
        return Some(Recognition { standard: Standard::Scorm2004, edition: Some("2nd Edition".to_owned()) });
    }
    let speaks = document.root.walk().any(|node| node.attribute("scormtype").is_some());
    let scorm12 = declares("adlcp_rootv1p2") || declares("imscp_rootv1p1p2") || speaks;
    scorm12.then(|| Recognition { standard: Standard::Scorm12, edition: Some("1.2".to_owned()) })
}
