//! The program as a process: its start, its end, its log, its exit statuses.

use crate::harness::{BinApp, program};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[actix_web::test]
async fn sigterm_ends_it_cleanly_and_it_starts_again_on_the_same_data() {
    let mut program = BinApp::start();
    assert!(program.banner.contains(&program.url), "{}", program.banner);
    assert_eq!(reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status(), 200);
    assert_eq!(program.terminate().code(), Some(0));
    program.restart();
    assert_eq!(reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status(), 200);
}

#[actix_web::test]
async fn the_log_distinguishes_requests_and_says_nothing_about_people() {
    let mut program = BinApp::start();
    reqwest::get(format!("{}/healthz?agent=someone@example.org", program.url)).await.unwrap();
    reqwest::get(format!("{}/people/someone@example.org", program.url)).await.unwrap();
    program.terminate();
    let log = program.log().join("\n");
    assert!(log.contains(r#""route":"/healthz""#) && log.contains(r#""route":"none""#), "{log}");
    assert!(!log.contains("someone"), "{log}");
}

#[test]
fn wrong_usage_ends_with_2_and_a_refusal_with_1() {
    let program = BinApp::start();
    let no_place = "a store is a directory, or a URL that begins with mongodb://";
    let cases: [(&[&str], i32, &str); 8] = [
        (&["no-such-command"], 2, "no-such-command"),
        (&["serve", "--listen", "nowhere"], 2, "--listen cannot be used"),
        (&["serve", "--url", "https://cme.example.org"], 2, "--no-demo"),
        (&["serve", "--listen", &program.url.replace("http://localhost", "127.0.0.1")], 1, "cannot listen at"),
        (&["credential", "list", "--url", "http://localhost:1"], 1, "this store was first served under"),
        (&["serve", "--store", "mongo://u:secret@h/db"], 2, no_place),
        (&["verify", "--store", "MongoDB://u:secret@h/db"], 2, no_place),
        (&["credential", "list"], 0, ""),
    ];
    for (arguments, status, said) in cases {
        let output = program.command(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said) && !stderr.contains("secret"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn sigterm_ends_a_start_that_waits_for_its_store() {
    let here = tempfile::tempdir().unwrap();
    // Nobody listens at port 1, and the program would wait a minute for somebody.
    let nobody = "mongodb://127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=60000";
    let free = ["--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0"];
    let mut command = program(here.path());
    let mut child = command.arg("serve").args(free).args(["--store", nobody]).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut log = log.skip_while(|line| !line.contains("opening the store"));
    assert!(log.next().is_some());
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(log.any(|line| line.contains("stop requested before the store was open")));
}

#[test]
fn a_slip_in_the_url_of_a_store_makes_no_directory_of_that_name() {
    let here = tempfile::tempdir().unwrap();
    for arguments in [["import", "any-file", "--to"], ["export", "any-other-file", "--from"]] {
        std::fs::write(here.path().join("any-file"), "").unwrap();
        let output = program(here.path()).args(arguments).arg("mongo://u:secret@h/db").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("a store is a directory, or a URL") && !stderr.contains("secret"), "{stderr}");
    }
    assert!(!here.path().join("mongo:").exists());
}
