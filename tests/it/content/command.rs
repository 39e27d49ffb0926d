//! `enduring package check` and `import`, as scripts use them.

use super::zips::{course_with, file};
use crate::harness::{BinApp, peak_of, shared_packages};
use enduring::service::records::spool;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs `enduring package check` on `file`, in a directory without anything.
fn check(file: &Path) -> Output {
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_enduring"));
    let output = command.current_dir(nowhere.path()).args(["package", "check", "--json"]).arg(file).output().unwrap();
    assert_eq!(std::fs::read_dir(nowhere.path()).unwrap().count(), 0, "check stores nothing");
    output
}

/// The JSON on the standard output.
fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn check_prints_the_report_and_exits_by_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let (sound, evil) = (folder.path().join("sound.zip"), folder.path().join("evil.zip"));
    std::fs::write(&sound, course_with(&[])).unwrap();
    std::fs::write(&evil, course_with(&[file("../x", "x")])).unwrap();

    let accepted = check(&sound);
    assert_eq!((accepted.status.code(), accepted.stderr.as_slice()), (Some(0), b"".as_slice()));
    let report = json(&accepted);
    let members: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["accepted", "edition", "findings", "items", "kind", "title", "tool"]);
    assert_eq!(
        (&report["accepted"], &report["kind"], &report["edition"]),
        (&true.into(), &"scorm12".into(), &"1.2".into())
    );

    let refused = check(&evil);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(json(&refused)["findings"][0]["code"], "path-escapes");
    let sentence = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.starts_with("enduring: the package was refused: "), "{sentence}");

    let missing = check(Path::new("no-such.zip"));
    assert_eq!((missing.status.code(), missing.stdout.as_slice()), (Some(1), b"".as_slice()));
}

#[test]
fn import_works_beside_a_running_server_and_only_once() {
    let server = BinApp::start();
    let path = server.directory().join("course.zip");
    std::fs::write(&path, course_with(&[file("movie.mp4", vec![7; 3 << 20])])).unwrap();
    let import = || server.command(&["package", "import", "--json", path.to_str().unwrap()]);
    let (first, second) = (import(), import());
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let first = json(&first);
    assert_eq!((&first["kind"], &first["title"], &first["files"]), (&"scorm12".into(), &"Course".into(), &3.into()));
    assert_eq!(json(&second)["id"], first["id"]);

    std::fs::write(&path, "not a zip").unwrap();
    let refused = import();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(json(&refused)["report"]["findings"][0]["code"], "not-a-zip");
}

#[test]
fn what_a_killed_upload_left_is_gone_after_the_next_start() {
    let mut server = BinApp::start();
    server.kill();
    let data = server.directory().join("data");
    std::fs::create_dir_all(spool::folder(&data)).unwrap();
    let left = spool::fresh(&data);
    std::fs::write(&left, "half a package").unwrap();
    server.restart();
    assert!(!left.exists());
}

/// The promise for packages by others: a result in under 2 s and 200 MiB each, by the whole program. Even a build
/// without optimization takes a tenth of that, so it can be asserted.
#[test]
fn each_package_is_checked_in_bounded_time_and_memory() {
    let Some(folder) = shared_packages() else { return };
    for part in ["scorm12", "odd", "manifest-only", "hostile"] {
        for path in std::fs::read_dir(folder.join(part)).unwrap().map(|entry| entry.unwrap().path()) {
            let Cost { took, peak_kib } = cost_of_check(&path);
            println!("{} {took:?} {peak_kib} KiB", path.display());
            assert!(peak_kib < 200 << 10, "{}: {peak_kib} KiB", path.display());
            assert!(took < Duration::from_secs(2), "{}: {took:?}", path.display());
        }
    }
}

struct Cost {
    took: Duration,
    /// The largest resident set that the kernel counted, as last seen before the end.
    peak_kib: u64,
}

fn cost_of_check(file: &Path) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enduring"));
    let command = command.args(["package", "check"]).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut peak_kib = 0;
    while child.try_wait().unwrap().is_none() {
        peak_kib = peak_of(child.id()).unwrap_or(0).max(peak_kib);
    }
    Cost { took: began.elapsed(), peak_kib }
}
