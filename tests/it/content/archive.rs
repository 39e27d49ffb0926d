//! Archives that lie, climb, swell or hide: each refusal, and what is tolerated.

use super::zips::{Entry, MANIFEST, archive, course_with, deflated, file};
use super::{accepts, codes, examined, refuses, report};
use content::{Limits, examine};
use std::io::Cursor;

#[test]
fn a_sound_course_is_accepted_and_its_files_are_counted() {
    let examined = accepts(&course_with(&[deflated("a/b.js", &b"let x;".repeat(100))]), &[]);
    let package = examined.package.unwrap();
    assert_eq!(package.title, "Course");
    let files: Vec<_> = package.files.iter().map(|(path, file)| (path.as_str(), file.size)).collect();
    assert_eq!(
        files,
        [("a/b.js", 600), ("imsmanifest.xml", u64::try_from(MANIFEST.len()).unwrap()), ("index.html", 15)]
    );
    assert_eq!(package.files["index.html"].sha256, base::hash::Sha256::of("<!doctype html>"));
}

#[test]
fn what_is_not_a_zip_is_named_for_what_it_is() {
    refuses(b"", "not-a-zip", "");
    refuses(b"Hello, I am a text.", "not-a-zip", "");
    refuses(b"%PDF-1.7", "single-document", "");
    refuses(b"Rar!\x1a\x07", "other-archive", "");
    refuses(b"\0\0\0\x18ftypmp42", "single-media", "");
    refuses(b"<!DOCTYPE html><title>A page</title>", "web-export", "");
    let behind = [b"#!/bin/sh\n".to_vec(), course_with(&[])].concat();
    refuses(&behind, "not-a-zip", "");
}

#[test]
fn an_archive_cut_short_or_empty_or_without_a_manifest_is_refused() {
    let whole = course_with(&[file("movie.mp4", vec![7; 4096])]);
    refuses(&whole[..whole.len() / 2], "zip-truncated", "");
    refuses(&archive(&[]), "zip-empty", "");
    refuses(&archive(&[file("data.json", "")]), "manifest-missing", "");
    let two = [file("a/imsmanifest.xml", MANIFEST), file("b/imsmanifest.xml", MANIFEST)];
    refuses(&archive(&two), "manifest-ambiguous", "a/imsmanifest.xml");
}

#[test]
fn an_archive_of_something_else_is_named_for_what_it_is() {
    for (files, code, place) in [
        (&["index.html", "story_content/user.js"][..], "web-export", "index.html"),
        (&["a/b/deep.html", "a/index.htm"], "web-export", "a/index.htm"),
        (&["course.crs", "course.au", "course.des", "course.cst", "index.html"], "aicc-package", "course.crs"),
        (&["h5p.json", "content/content.json"], "h5p-file", "h5p.json"),
        (&["moodle_backup.xml", "course/course.xml"], "course-backup", "moodle_backup.xml"),
        (&["[Content_Types].xml", "ppt/presentation.xml"], "single-document", "[Content_Types].xml"),
        (&["META-INF/container.xml", "a.xhtml"], "single-document", "META-INF/container.xml"),
        (&["lecture.MP4", "notes/two.webm"], "single-media", "lecture.MP4"),
        (&["handout.pdf"], "single-document", "handout.pdf"),
    ] {
        let entries: Vec<_> = files.iter().map(|name| file(name, "x")).collect();
        refuses(&archive(&entries), code, place);
    }
    let storyline = report(&archive(&[file("story.html", ""), file("story_content/user.js", "")]));
    assert!(storyline.findings[0].message.contains("of Articulate Storyline"), "{:?}", storyline.findings);
}

#[test]
fn of_several_manifests_the_one_that_can_be_played_is_chosen_and_named() {
    let two = |pages: &[&str]| {
        let mut files = vec![file("a/imsmanifest.xml", MANIFEST), file("b/imsmanifest.xml", MANIFEST)];
        files.extend(pages.iter().map(|page| file(page, "")));
        archive(&files)
    };
    let examined = accepts(&two(&["b/index.html"]), &["info:manifest-chosen", "info:manifest-nested"]);
    assert_eq!(examined.root, "b/");
    refuses(&two(&["a/index.html", "b/index.html"]), "manifest-ambiguous", "a/imsmanifest.xml");
    let beside = course_with(&[file("tincan.xml", "<tincan/>")]);
    let found = accepts(&beside, &["info:manifest-chosen"]).report.findings;
    assert!(found.iter().any(|finding| finding.message.contains("tincan.xml too")), "{found:?}");
}

#[test]
fn an_archive_of_packages_is_named_as_such() {
    let inner = archive(&[file("imsmanifest.xml", MANIFEST), file("index.html", "")]);
    let two = [file("a.zip", &inner), deflated("b/C.ZIP", &inner), file("notes.zip", archive(&[file("x", "")]))];
    refuses(&archive(&two), "zip-of-packages", "");
    assert!(report(&archive(&two)).findings[0].message.contains("2 packages"));
    refuses(&archive(&two[2..]), "manifest-missing", "");
}

#[test]
fn a_course_below_a_foreign_manifest_is_played() {
    let cartridge = r#"<manifest identifier="c" xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1">
        <metadata><schema>IMS Common Cartridge</schema><schemaversion>1.3.0</schemaversion></metadata></manifest>"#;
    let both = [
        file("imsmanifest.xml", cartridge),
        file("scorm/imsmanifest.xml", MANIFEST),
        file("scorm/index.html", ""),
        file("other/notes.html", ""),
    ];
    let examined = accepts(&archive(&both), &["info:manifest-foreign", "info:manifest-nested"]);
    assert_eq!(examined.root, "scorm/");
    // Without a course below, the cartridge is refused for what it is.
    assert_eq!(codes(&report(&archive(&both[..1]))), ["error:common-cartridge"]);
}

#[test]
fn a_course_in_a_folder_is_found_and_its_paths_are_of_that_folder() {
    let inside = [file("x/y/imsmanifest.xml", MANIFEST), file("x/y/index.html", ""), file("readme.txt", "")];
    let examined = accepts(&archive(&inside), &["info:manifest-nested"]);
    assert_eq!(examined.root, "x/y/");
    let paths: Vec<_> = examined.package.unwrap().files.into_keys().collect();
    assert_eq!(paths, ["imsmanifest.xml", "index.html"]);
}

#[test]
fn a_package_inside_a_package_is_a_download() {
    let inner = file("downloads/more/imsmanifest.xml", "not even XML");
    accepts(&course_with(&[inner]), &[]);
}

#[test]
fn names_that_leave_the_package_are_refused() {
    for name in ["../evil", "a/../../evil", "..\\evil", "/etc/passwd", "\\evil", "C:\\evil", "c:/evil"] {
        refuses(&course_with(&[file(name, "x")]), "path-escapes", name);
    }
    refuses(&course_with(&[file("a\0b", "x")]), "path-unreadable", "a\u{fffd}b");
    let long = "d/".repeat(300) + "x";
    assert_eq!(codes(&report(&course_with(&[file(long, "x")]))), ["error:path-too-long"]);
}

#[test]
fn entries_that_are_not_plain_readable_files_are_refused() {
    let entry = file("odd", "..");
    refuses(&course_with(&[Entry { mode: 0o120_777, ..entry.clone() }]), "zip-symlink", "odd");
    refuses(&course_with(&[Entry { mode: 0o020_644, ..entry.clone() }]), "zip-not-a-file", "odd");
    refuses(&course_with(&[Entry { flags: 1, ..entry.clone() }]), "zip-encrypted", "odd");
    for method in [9, 12, 14, 93] {
        refuses(&course_with(&[Entry { method, ..entry.clone() }]), "zip-method", "odd");
    }
}

#[test]
fn names_that_collide_are_refused() {
    refuses(&course_with(&[file("x", ""), file("x", "")]), "zip-name-twice", "");
    refuses(&course_with(&[file("Index.html", "")]), "zip-name-twice", "Index.html");
    refuses(&course_with(&[file("x", ""), file("x/y", "")]), "zip-name-conflict", "x");
    refuses(&course_with(&[file("X/y", ""), file("x", "")]), "zip-name-conflict", "x");
    refuses(&course_with(&[file("e\u{301}", ""), file("é", "")]), "zip-name-twice", "é");
}

#[test]
fn headers_that_disagree_are_refused() {
    let entry = file("shown.html", "x");
    refuses(&course_with(&[Entry { local_name: b"other.html".to_vec(), ..entry }]), "zip-headers-differ", "");
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let shared = Entry { offset: Some(0), ..file("imsmanifest.xm2", MANIFEST) };
    refuses(&course_with(&[shared]), "zip-overlap", "");
}

#[test]
fn bytes_are_counted_while_inflating_and_not_believed_from_headers() {
    let liar = Entry { size: 10, ..deflated("liar.bin", &vec![b'x'; 500_000]) };
    refuses(&course_with(&[liar]), "zip-size-differs", "liar.bin");
    let liar = Entry { size: 600_000, ..deflated("liar.bin", &vec![b'x'; 500_000]) };
    refuses(&course_with(&[liar]), "zip-size-differs", "liar.bin");
    let damaged = Entry { crc: 1, ..file("movie.mp4", "x") };
    refuses(&course_with(&[damaged]), "zip-damaged", "movie.mp4");
}

#[test]
fn what_swells_too_far_is_refused_by_its_headers_and_by_its_bytes() {
    let zeros = vec![0; 8 << 20];
    refuses(&course_with(&[deflated("bomb.bin", &zeros)]), "zip-ratio", "bomb.bin");
    let small = Limits { ratio_from: 64 << 10, ..Limits::DEFAULT };
    let hidden = Entry { size: 1000, ..deflated("bomb.bin", &zeros) };
    let examined = examine(Cursor::new(course_with(&[hidden])), &small).unwrap();
    assert_eq!(codes(&examined.report), ["error:zip-size-differs"]);
}

#[test]
fn what_is_too_much_is_refused() {
    let small =
        |limits: Limits, entries: &[Entry]| codes(&examine(Cursor::new(course_with(entries)), &limits).unwrap().report);
    let of = Limits::DEFAULT;
    let entry = file("x.bin", vec![1; 5000]);
    assert_eq!(small(Limits { upload: 100, ..of }, &[]), ["error:zip-too-large"]);
    assert_eq!(small(Limits { file: 4000, ..of }, std::slice::from_ref(&entry)), ["error:zip-too-large"]);
    assert_eq!(small(Limits { total: 5100, ..of }, std::slice::from_ref(&entry)), ["error:zip-too-large"]);
    assert_eq!(small(Limits { entries: 2, ..of }, std::slice::from_ref(&entry)), ["error:zip-too-many-entries"]);
    assert_eq!(small(Limits { directory: 100, ..of }, std::slice::from_ref(&entry)), ["error:zip-damaged"]);
    assert_eq!(small(Limits { manifest: 100, ..of }, &[]), ["error:manifest-too-large"]);
}

#[test]
fn leftovers_are_dropped_and_old_names_are_read() {
    let junk = [file("__MACOSX/._index.html", "x"), file(".DS_Store", "x"), file("a/Thumbs.db", "x")];
    let package = accepts(&course_with(&junk), &["info:file-dropped"]).package.unwrap();
    assert_eq!(package.files.len(), 2);

    let names = |name: &[u8], expected: &[&str]| {
        let package = accepts(&course_with(&[file(name, "x")]), expected).package.unwrap();
        package.files.into_keys().next_back().unwrap()
    };
    assert_eq!(names(b"\x82t\x82.html", &["warning:name-encoding-guessed"]), "été.html");
    assert_eq!(names("été.html".as_bytes(), &[]), "été.html");
    assert_eq!(names(b"\x93\xfa\x96\x7b.html", &["warning:name-encoding-guessed"]), "日本.html");
    // Where the manifest names it, there is nothing to guess.
    let named = MANIFEST.replace("href=\"index.html\"", "href=\"лекция.html\"");
    let cp866 = file(b"\xab\xa5\xaa\xe6\xa8\xef.html", "");
    let package = accepts(&archive(&[file("imsmanifest.xml", named), cp866]), &["info:name-encoding-found"]).package;
    assert!(package.unwrap().files.contains_key("лекция.html"));
    assert_eq!(names(b"z\\x.html", &[]), "z/x.html");
    assert_eq!(names(b"nul.html", &["warning:name-not-portable"]), "nul.html");
    assert_eq!(names(b"x.php", &["warning:server-script"]), "x.php");
}

#[test]
fn folders_need_no_entry_and_may_have_one() {
    let folder = |name: &str| Entry { mode: 0o040_755, ..file(name, "") };
    let examined = examined(&course_with(&[folder("./"), folder("a/"), file("a/b", "")]));
    assert!(examined.report.accepted, "{:?}", examined.report.findings);
    assert!(!examined.package.unwrap().files.contains_key("a"));
    refuses(&course_with(&[folder("../")]), "path-escapes", "../");
}
