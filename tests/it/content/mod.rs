//! Packages: what is accepted, what is refused, and what is said about it.
//!
//! `archive` and `manifest` make their own uploads, `shared` reads packages by others if they exist, `garbage`
//! sends noise; `credit` reads scripts; `records` reads what earlier releases stored; `command` is the command line, `api` and
//! `studio` are HTTP and its pages.

mod api;
mod archive;
mod command;
mod credit;
mod docs;
mod garbage;
mod manifest;
mod records;
mod shared;
mod studio;
mod zips;

use content::{Examination, ImportReport, Limits, Severity, examine};
use std::io::Cursor;

/// The examination of `bytes` under the server's own limits.
fn examined(bytes: &[u8]) -> Examination {
    examine(Cursor::new(bytes), &Limits::DEFAULT).unwrap()
}

/// The report about `bytes`.
fn report(bytes: &[u8]) -> ImportReport {
    examined(bytes).report
}

/// What is said about the credit that a package will lead to. Most packages of these tests have an empty page, of which
/// it says a lot; `credit` tests it.
const ABOUT_CREDIT: [&str; 13] = [
    "completion-never-reported",
    "mastery-score-missing",
    "score-scale-differs",
    "external-script",
    "external-frame",
    "external-style",
    "suspend-data-grows",
    "opens-window-on-load",
    "plays-sound-on-load",
    "external-media",
    "external-call",
    "external-link",
    "mixed-content",
];

/// The codes of a report, as `error:xml-dtd`, in its order and each once, but for those about credit.
fn codes(report: &ImportReport) -> Vec<String> {
    let severity = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let others = report.findings.iter().filter(|finding| !ABOUT_CREDIT.contains(&finding.code.as_str()));
    let mut codes: Vec<_> = others.map(|f| format!("{}:{}", severity(f.severity), f.code)).collect();
    codes.dedup();
    codes
}

/// Asserts that `bytes` are refused for this reason alone, said of this place.
#[track_caller]
fn refuses(bytes: &[u8], code: &str, place: &str) {
    let report = report(bytes);
    assert!(!report.accepted, "accepted");
    let errors: Vec<_> = report.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let found: Vec<_> = errors.iter().map(|finding| (finding.code.as_str(), finding.place.as_str())).collect();
    assert_eq!(found, [(code, place)], "{errors:#?}");
    assert!(errors[0].message.ends_with(['.', '!']) && !errors[0].remedy.is_empty(), "{:?}", errors[0]);
}

/// Asserts that `bytes` are accepted, with these findings.
#[track_caller]
fn accepts(bytes: &[u8], expected: &[&str]) -> Examination {
    let examined = examined(bytes);
    assert!(examined.report.accepted, "{:#?}", examined.report.findings);
    assert_eq!(codes(&examined.report), expected, "{:#?}", examined.report.findings);
    examined
}
