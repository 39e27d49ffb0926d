//! Noise: no bytes make the examination panic, or use more memory than it may.

use super::examined;
use super::zips::{MANIFEST, course_of, course_with, deflated};
use content::xml;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_get_a_report(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let examined = examined(&bytes);
        prop_assert!(!examined.report.accepted && !examined.report.findings.is_empty());
    }

    #[test]
    fn arbitrary_bytes_that_begin_like_a_zip_get_a_report(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let examined = examined(&[b"PK\x03\x04", bytes.as_slice()].concat());
        prop_assert!(!examined.report.accepted);
    }

    /// A course with a few bytes changed is refused, or is still a course with all its files whole.
    #[test]
    fn damaged_packages_get_a_report(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = course_with(&[deflated("a.js", &b"let x = 1;".repeat(200))]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let examined = examined(&bytes);
        prop_assert_eq!(examined.report.accepted, examined.package.is_some());
        prop_assert!(examined.report.findings.len() <= 202);
    }

    #[test]
    fn damaged_manifests_get_a_report(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[<>&;\"'/=a-z \u{0}é]{0,6}"), 1..6),
    ) {
        let mut manifest = MANIFEST.to_owned();
        for (at, text) in changes {
            let at = at.index(manifest.len() + 1);
            if manifest.is_char_boundary(at) {
                manifest.insert_str(at, &text);
            }
        }
        let examined = examined(&course_of(&manifest));
        prop_assert_eq!(examined.report.accepted, examined.package.is_some());
    }

    #[test]
    fn arbitrary_text_is_xml_or_an_error_with_its_place(text in "\\PC{0,300}") {
        if let Err(error) = xml::read(text.as_bytes()) {
            let place = error.place();
            prop_assert!(place.line >= 1 && place.column >= 1);
        }
    }
}
