//! The names that the manifests of an archive give its files, read before the archive's own names are decoded: they say
//! in which code page those are written.

use super::code_page::telling_parts;
use crate::Limits;
use crate::href::percent_decoded;
use crate::xml;
use std::collections::BTreeSet;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// Manifests have names in ASCII, which every code page reads alike.
const MANIFESTS: [&str; 3] = ["imsmanifest.xml", "cmi5.xml", "tincan.xml"];
/// An archive with more manifests is no package; the first ones say enough.
const MOST: usize = 8;

/// The [`telling_parts`] of the paths that the manifests name.
pub(super) fn of<R: Read + Seek>(zip: &mut ZipArchive<R>, limits: &Limits) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for index in manifests(zip) {
        let mut bytes = Vec::new();
        let Ok(mut file) = zip.by_index(index) else { continue };
        // A manifest that cannot be read is reported when it is examined.
        if file.by_ref().take(limits.manifest).read_to_end(&mut bytes).is_err() {
            continue;
        }
        let Ok(document) = xml::read(&bytes) else { continue };
        for node in document.root.walk() {
            let attributes = ["href", "base"].into_iter().filter_map(|name| node.attribute(name));
            let texts = ["url", "launch"].contains(&node.name.as_str()).then_some(node.text.as_str());
            for reference in attributes.chain(texts) {
                let path = reference.trim().split(['?', '#']).next().unwrap_or_default();
                named.extend(telling_parts(path));
                named.extend(telling_parts(&percent_decoded(path)));
            }
        }
    }
    named
}

fn manifests<R: Read + Seek>(zip: &ZipArchive<R>) -> Vec<usize> {
    let is_manifest = |name: &str| {
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
        MANIFESTS.iter().any(|manifest| file.eq_ignore_ascii_case(manifest))
    };
    let metadata = zip.metadata();
    let named = (0..metadata.len()).filter(|index| {
        metadata.entry(*index).is_ok_and(|entry| is_manifest(&String::from_utf8_lossy(entry.name_raw())))
    });
    named.take(MOST).collect()
}
