//! What the examination says about the credit that a package will lead to.

use super::zips::{MANIFEST, archive, file};
use super::{ABOUT_CREDIT, examined};
use crate::harness::shared_packages;
use enduring::service::catalogue::packages::check;
use std::collections::BTreeMap;

const SCORED: &str = "<title>Page</title><adlcp:masteryscore>80</adlcp:masteryscore>";
const REPORTS: &str = r#"<script>LMSSetValue("cmi.core.lesson_status", "passed")</script>"#;

/// The findings about credit of a package with this page and this title of its item, as `code place`.
fn found(title: &str, page: &str, more: &[(&str, &str)]) -> Vec<String> {
    let manifest = MANIFEST.replace("<title>Page</title>", title);
    let mut files = vec![file("imsmanifest.xml", manifest), file("index.html", page)];
    files.extend(more.iter().map(|(name, text)| file(name, text)));
    let report = examined(&archive(&files)).report;
    assert!(report.accepted, "{:#?}", report.findings);
    let about_credit = report.findings.iter().filter(|finding| ABOUT_CREDIT.contains(&finding.code.as_str()));
    about_credit.map(|finding| format!("{} {}", finding.code, finding.place).trim().to_owned()).collect()
}

#[test]
fn a_package_that_can_report_and_is_judged_by_its_score_is_fine() {
    assert_eq!(found(SCORED, REPORTS, &[]), Vec::<String>::new());
    assert_eq!(
        found(SCORED, "<p>", &[("lib/api.js", "s('cmi.core.lesson_status','completed')")]),
        Vec::<String>::new()
    );
}

#[test]
fn what_never_reports_is_named_unless_something_could_not_be_read() {
    assert_eq!(found(SCORED, "<p>Hello", &[]), ["completion-never-reported"]);
    assert_eq!(found(SCORED, "<p>Hello", &[("a.js", "let done = 'completed'")]), ["completion-never-reported"]);
    assert_eq!(found(SCORED, "<p>Hello", &[("movie.swf", "CWS")]), Vec::<String>::new());
    let elsewhere = r#"<script src="https://cdn.example/scorm.js"></script>"#;
    assert_eq!(found(SCORED, elsewhere, &[]), ["external-script index.html"]);
}

#[test]
fn a_missing_mastery_score_and_another_scale_are_named() {
    let ten = r#"<script>LMSSetValue("cmi.core.lesson_status", s); LMSSetValue("cmi.core.score.max", "10")</script>"#;
    assert_eq!(found("<title>Page</title>", ten, &[]), ["mastery-score-missing"]);
    assert_eq!(found(SCORED, ten, &[]), ["score-scale-differs index.html"]);
}

#[test]
fn what_browsers_or_networks_block_is_named() {
    let page = format!(
        r#"{REPORTS}<link rel=stylesheet href="https://fonts.example/c.css"><iframe src="https://video.example/"></iframe>
           <body onload="window.open('course.html')"><audio src="a.mp3" autoplay></audio>"#
    );
    let mut codes = found(SCORED, &page, &[]);
    codes.sort_unstable();
    let expected = ["external-frame", "external-style", "opens-window-on-load", "plays-sound-on-load"];
    assert_eq!(codes, expected.map(|code| format!("{code} index.html")));
    let state = format!(r#"{REPORTS}<script>LMSSetValue("cmi.suspend_data", JSON.stringify(state))</script>"#);
    assert_eq!(found(SCORED, &state, &[]), ["suspend-data-grows index.html"]);
}

#[test]
fn what_content_calls_shows_and_links_to_is_named_by_its_server() {
    let page = format!(
        r#"{REPORTS}<img src="http://img.example/a.png"><a href="https://lms.example/a">A</a><a href="https://lms.example/b">B</a>
        <script>fetch("https://api.example/x")</script>"#
    );
    let mut codes = found(SCORED, &page, &[("lib/t.js", r#"r.open("GET", "https://api.example/y")"#)]);
    codes.sort_unstable();
    let expected = ["external-call", "external-link", "external-media", "mixed-content"];
    assert_eq!(codes, expected.map(|code| format!("{code} index.html")), "each server once");
}

#[test]
fn a_dispatch_is_named_with_the_server_that_has_the_course() {
    let page =
        r#"<html xmlns="http://www.w3.org/1999/xhtml"><script>open("https://lms.vendor.example/launch?id=1")</script>"#;
    let with = |files: usize| {
        let mut all = vec![file("imsmanifest.xml", MANIFEST), file("index.html", ""), file("dispatch.html", page)];
        all.extend((0..files).map(|n| file(format!("lesson{n}.js"), "")));
        let findings = examined(&archive(&all)).report.findings;
        findings.into_iter().find(|finding| finding.code == "dispatch-package")
    };
    assert!(with(0).unwrap().message.contains("at lms.vendor.example, where"));
    assert_eq!(with(100), None, "a course that has a file of that name");
}

#[test]
fn many_missing_files_are_one_finding_and_most_of_them_refuse_the_package() {
    let listed = (0..300).map(|n| format!(r#"<file href="m{n}.js"/>"#)).collect::<Vec<_>>().concat();
    let manifest = MANIFEST.replace(r#"href="index.html"/>"#, &format!(r#"href="index.html">{listed}</resource>"#));
    let with = |there: std::ops::Range<usize>| {
        let mut files = vec![file("imsmanifest.xml", &manifest), file("index.html", "")];
        files.extend(there.map(|n| file(format!("m{n}.js"), "")));
        examined(&archive(&files)).report
    };
    let some = with(0..160);
    assert!(some.accepted);
    let missing: Vec<_> = some.findings.iter().filter(|finding| finding.code == "file-missing").collect();
    assert_eq!(missing.iter().map(|finding| (finding.count, finding.others.len())).collect::<Vec<_>>(), [(140, 4)]);
    assert!(missing[0].message.contains("m160.js") && missing[0].others[3].message.contains("m164.js"), "{missing:?}");

    let most = with(0..100);
    assert!(!most.accepted);
    assert_eq!(most.findings[0].code, "files-mostly-missing");
    assert_eq!(most.findings[0].message, "200 of the 300 files that the manifest lists are not in the package.");
}

/// The sample courses of the folder: six make no call that reports completion, and six state no mastery score.
#[test]
fn real_packages_get_only_what_is_true_of_them() {
    let Some(folder) = shared_packages() else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("scorm12")).unwrap() {
        for finding in check(&entry.unwrap().path()).unwrap().findings {
            if ABOUT_CREDIT.contains(&finding.code.as_str()) {
                *counts.entry(finding.code).or_default() += 1;
            }
        }
    }
    let expected = [("completion-never-reported".to_owned(), 6), ("mastery-score-missing".to_owned(), 6)];
    assert_eq!(counts, BTreeMap::from(expected));
}
