//! Nobody but the user who runs the program can read what it writes.

use super::{chmod, configure, files_under, private, text_of, wrapping_key};
use crate::harness::store::on_mongodb;
use crate::harness::{BinApp, program, skipped};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything under `folder`, with its permissions, that others have any part in.
fn open_under(folder: &Path) -> Vec<(String, u32)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = entries.flat_map(|path| {
        let below = if path.is_dir() { open_under(&path) } else { Vec::new() };
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        let here = (mode(&path) != wanted).then(|| (path.display().to_string(), mode(&path)));
        below.into_iter().chain(here)
    });
    nested.collect()
}

/// The warnings about permissions in the log so far.
fn warnings(app: &BinApp) -> Vec<String> {
    let lines = app.log().into_iter().map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
    let warned = lines.filter(|line| line["level"] == "WARN").map(|line| line["message"].as_str().unwrap().to_owned());
    warned.filter(|message| message.contains("chmod")).collect()
}

#[actix_web::test]
async fn whatever_the_program_creates_is_its_users_alone_and_a_fresh_start_warns_of_nothing() {
    if on_mongodb() {
        return skipped("on MongoDB, nothing is in the data directory");
    }
    let mut app = BinApp::with(&["--demo"]);
    let data = app.directory().join("data");
    assert_eq!(mode(&data), 0o700);
    let files = files_under(&data);
    assert!(files.iter().any(|file| file.ends_with("enduring.db")), "{files:?}");
    assert!(files.iter().any(|file| file.to_str().unwrap().contains("blobs/")), "{files:?}");
    assert_eq!(open_under(&data), []);
    assert_eq!(warnings(&app), Vec::<String>::new());
    app.terminate();
    assert_eq!(open_under(&data), []);
    let here = app.directory();
    for command in [&["export", "--from", "data", "all.jsonl"][..], &["copy", "--from", "data", "--to", "copy"]] {
        let done = program(here).args(command).output().unwrap();
        assert!(done.status.success(), "{}", text_of(&done));
    }
    let done = program(here).args(["sample", "--out", "samples"]).output().unwrap();
    assert!(done.status.success(), "{}", text_of(&done));
    assert_eq!(
        (mode(&here.join("all.jsonl")), mode(&here.join("copy")), mode(&here.join("samples"))),
        (0o600, 0o700, 0o700)
    );
    assert_eq!([open_under(&here.join("copy")), open_under(&here.join("samples"))].concat(), []);
}

#[actix_web::test]
async fn what_is_open_to_others_is_named_with_the_command_that_closes_it() {
    if on_mongodb() {
        return skipped("on MongoDB, nothing is in the data directory");
    }
    let mut app = BinApp::start();
    let data = app.directory().join("data");
    let restart = |app: &mut BinApp| {
        let before = warnings(app).len();
        app.terminate();
        app.restart();
        warnings(app).split_off(before)
    };
    chmod(&data, 0o755);
    let said = restart(&mut app);
    let expected = "other users of this machine can open the data directory, which has personal data (mode 0755); \
                    run: chmod -R go= data";
    assert_eq!(said, [expected]);
    let closed = std::process::Command::new("chmod").args(["-R", "go=", "data"]).current_dir(app.directory()).status();
    assert!(closed.unwrap().success());
    assert_eq!(restart(&mut app), Vec::<String>::new());
    chmod(&data.join("enduring.db"), 0o644);
    let said = restart(&mut app);
    assert!(said.len() == 1 && said[0].contains("the database") && said[0].contains("chmod -R go= data"), "{said:?}");
    chmod(&data.join("enduring.db"), 0o600);
    // A configuration file matters only if it has a secret.
    let file = app.directory().join("enduring.toml");
    configure(&app, "workers = 1\n");
    chmod(&file, 0o644);
    assert_eq!(restart(&mut app), Vec::<String>::new());
    configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(1)));
    assert_eq!(restart(&mut app), Vec::<String>::new());
    chmod(&file, 0o644);
    let said = restart(&mut app);
    assert!(said.len() == 1 && said[0].contains("enduring.toml") && said[0].contains("chmod 600 "), "{said:?}");
    assert!(!said[0].contains(&wrapping_key(1)));
}

#[actix_web::test]
async fn a_key_in_a_file_that_others_can_open_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wrapping.key");
    let start = || {
        let mut command = program(dir.path());
        let listen = ["--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0", "--no-demo"];
        let output = command.env("ENDURING_KEY_WRAPPING_KEY_FILE", &file).arg("serve").args(listen).output().unwrap();
        (output.status.code(), text_of(&output))
    };
    private(&file, &wrapping_key(1));
    chmod(&file, 0o644);
    let (status, said) = start();
    assert_eq!(status, Some(2));
    assert!(said.contains("key_wrapping_key_file cannot be used") && said.contains("chmod 600 "), "{said}");
    for (text, expected) in [("", "is empty"), ("c2hvcnQ=", "write 32 bytes in base64")] {
        private(&file, text);
        let (status, said) = start();
        assert!(status == Some(2) && said.contains(expected), "{said}");
    }
}
