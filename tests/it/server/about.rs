//! `/about` tells the truth about what is shipped.

use crate::harness::{Browser, TestApp};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Crates that are linked into the program, by cargo's own word.
fn crates() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--target", "x86_64-unknown-linux-gnu"])
        .args(["--format", "{p}\t{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.filter(|line| !line.starts_with("enduring ")).map(entry).collect()
}

/// `name v1.2.3 (proc-macro)\tMIT/Apache-2.0` becomes `name\t1.2.3\tMIT OR Apache-2.0`.
fn entry(line: &str) -> String {
    let (package, licence) = line.split_once('\t').unwrap();
    let mut words = package.split(' ');
    let (name, version) = (words.next().unwrap(), words.next().unwrap().trim_start_matches('v'));
    assert!(!licence.is_empty(), "{name} names no licence");
    format!("{name}\t{version}\t{}", licence.replace('/', " OR ").replace("  ", " "))
}

/// npm packages that the player is made of.
fn modules() -> BTreeSet<String> {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("web/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let packages = lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty());
    let line = |(path, package): (&String, &Value)| {
        let name = path.rsplit_once("node_modules/").unwrap().1;
        format!("{name}\t{}\t{}", package["version"].as_str().unwrap(), package["license"].as_str().unwrap())
    };
    packages.map(line).collect()
}

#[test]
fn the_list_of_licences_is_what_is_shipped() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/licences.tsv");
    let shipped: BTreeSet<_> = crates().into_iter().chain(modules()).collect();
    let shipped = shipped.into_iter().map(|line| line + "\n").collect::<String>();
    if std::env::var_os("UPDATE_LICENCES").is_some() {
        fs::write(&file, &shipped).unwrap();
    }
    let listed = fs::read_to_string(&file).unwrap_or_default();
    assert!(listed == shipped, "src/licences.tsv is out of date; run: UPDATE_LICENCES=1 cargo test --test it licences");
}

#[actix_web::test]
async fn about_shows_version_and_licences() {
    let app = TestApp::start();
    let browser = Browser::start().await;
    browser.goto(&format!("{}/about", app.url)).await;
    browser.read("About this server").await;
    let text = browser.text().await;
    assert!(text.contains(env!("CARGO_PKG_VERSION")) && text.contains("scorm-again") && text.contains("actix-web"));
    browser.picture("about").await;
    browser.close().await;
    app.stop().await;
}
