//! Private files, and the keys that sign the ledger: where they are kept, wrapped and replaced, by the real program.

mod custody;
mod files;
mod rotation;

use crate::harness::{BinApp, client, status_and_json};
use crate::learner::{Person, replace_sample, sample};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Output;

/// The program with its sample and one credit, the only entry of the ledger.
async fn with_one_credit() -> BinApp {
    let program = BinApp::with(&["--demo"]);
    replace_sample(&program.url).await;
    award(&program, "learner", "ama", "0.75").await;
    program
}

/// Someone of the demonstration earns credit.
async fn award(program: &BinApp, who: &str, offering: &str, amount: &str) {
    let person = Person::demo_at(&program.url, who).await;
    let registration = person.complete(&sample()).await;
    let claimed = person.claim(&registration, offering, amount).await;
    assert_eq!(claimed.status, 303, "{}", claimed.html);
    assert!(!person.get(&registration).await.html.contains("held"), "{registration}");
}

/// The other one who earns some.
async fn award_another(program: &BinApp) {
    award(program, "nurse", "participation", "0.75").await;
}

/// Writes the configuration file that the next start and every command read.
fn configure(program: &BinApp, text: &str) {
    private(&program.directory().join("enduring.toml"), text);
}

/// A file that only its owner may read.
fn private(path: &Path, text: &str) {
    let _replaced = std::fs::remove_file(path).is_ok();
    let mut file = std::fs::File::options().create_new(true).write(true).mode(0o600).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A wrapping key of this byte.
fn wrapping_key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

/// A new Ed25519 key as `openssl genpkey` writes it.
fn new_key_file(path: &Path) {
    let made = std::process::Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output().unwrap();
    assert!(made.status.success());
    private(path, std::str::from_utf8(&made.stdout).unwrap());
}

fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a command that must succeed prints as JSON.
fn json_of(program: &BinApp, arguments: &[&str]) -> Value {
    let output = program.command(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text_of(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a server that must not start says.
fn refused_start(program: &BinApp) -> String {
    let listen = ["--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0", "--url", &program.url];
    let output = program.command(&[&["serve", "--demo"][..], &listen].concat());
    assert!(!output.status.success());
    let text = text_of(&output);
    text.lines().find(|line| line.starts_with("enduring: ")).unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// The JWK Set that anyone can read.
async fn published(program: &BinApp) -> Vec<Value> {
    let (status, set) =
        status_and_json(client().get(format!("{}/.well-known/jwks.json", program.url)).send().await.unwrap()).await;
    assert_eq!(status, 200, "{set}");
    set["keys"].as_array().unwrap().clone()
}

/// The secrets that an export shows as they are: the private key as text and as the 32 bytes in it, and after it the secret of the
/// content origin.
fn stored_secrets(program: &BinApp) -> Vec<Vec<u8>> {
    let name = format!("{}.jsonl", base::ids::random().simple());
    let from = program.directory().join("data");
    let mut export = crate::harness::program(program.directory());
    let output = export.args(["export", "--from", from.to_str().unwrap(), &name]).output().unwrap();
    assert!(output.status.success(), "{}", text_of(&output));
    let lines = std::fs::read_to_string(program.directory().join(&name)).unwrap();
    let (mut secrets, mut others) = (Vec::new(), Vec::new());
    for line in lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let body = line.pointer("/record/body").or_else(|| line.pointer("/body")).and_then(Value::as_str);
        let Some(body) = body.and_then(|body| serde_json::from_str::<Value>(body).ok()) else { continue };
        if let Some(private) = body["private"].as_str() {
            secrets.push(private.as_bytes().to_vec());
            secrets.push(URL_SAFE_NO_PAD.decode(private).unwrap()[16..48].to_vec());
        }
        others.extend(body["secret"].as_str().map(|secret| secret.as_bytes().to_vec()));
    }
    secrets.append(&mut others);
    secrets
}

/// All files under `folder`.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

/// The files of the data directory in which one of `secrets` is.
fn files_with(program: &BinApp, secrets: &[Vec<u8>]) -> Vec<PathBuf> {
    let has = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret))
    };
    files_under(&program.directory().join("data")).into_iter().filter(has).collect()
}
