//! The evidence of a credit, taken from a running server and checked without it.

use super::office::Office;
use enduring::service::people::credentials::{self, Scope};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `enduring-verify`, which Cargo puts beside `enduring`; built when only this test is.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_enduring")).with_file_name("enduring-verify");
    if !program.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "enduring-verify"]).status();
        assert!(built.unwrap().success());
    }
    program
}

/// What the server returns about the credit of a learner who did everything that is required.
async fn evidence(office: &Office) -> String {
    let (_, credit) = office.credited("Ada Example").await;
    let (credential, secret) = credentials::create(office.app(), "auditor", [Scope::All].into()).await.unwrap();
    let url = format!("{}/api/v1/credits/{}/evidence/statements", office.test.url, credit.id);
    let asked = office.test.client.get(url).basic_auth(&credential.key, Some(&secret)).send().await.unwrap();
    assert_eq!(asked.status(), 200);
    asked.text().await.unwrap()
}

#[actix_web::test]
async fn the_evidence_of_a_credit_is_verified_by_another_program() {
    let office = Office::open().await;
    let text = evidence(&office).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.json");
    let verify = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let done = Command::new(program()).arg(&file).arg("--json").output().unwrap();
        (done.status.code(), serde_json::from_slice::<Value>(&done.stdout).unwrap())
    };
    let (status, report) = verify(&text);
    assert_eq!((status, &report["verified"]), (Some(0), &Value::Bool(true)), "{report}");
    let holder = &report["holder"];
    assert_eq!((&holder["name"], &holder["profession"]), (&json!("Ada Example"), &json!("physician")), "{report}");
    let (status, report) = verify(&text.replace("\"minimum_score\":\"0.75\"", "\"minimum_score\":\"0.25\""));
    assert_eq!(status, Some(1), "{report}");
}

#[actix_web::test]
async fn another_name_profession_or_code_than_the_ledger_signed_is_refused() {
    let office = Office::open().await;
    let whole: Value = serde_json::from_str(&evidence(&office).await).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.json");
    let verify = |document: &Value| {
        std::fs::write(&file, document.to_string()).unwrap();
        let done = Command::new(program()).arg(&file).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let (status, said) = verify(&whole);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("Ada Example, physician"), "{said}");
    let others = [
        ("name", json!("Eve Example")),
        ("profession", json!("nurse")),
        ("code", json!("00000000000000000000")),
        ("salt", json!("00".repeat(32))),
    ];
    for (member, value) in others {
        let mut changed = whole.clone();
        assert_ne!(changed["holder"][member], value);
        changed["holder"][member] = value;
        let (status, said) = verify(&changed);
        assert_eq!(status, Some(1), "{member}: {said}");
        assert_eq!(said.trim_end(), "The name, profession and code are not those that the ledger signed.", "{member}");
    }
    // As after an erasure: the rest is verified, and says that the name is not.
    let mut nameless = whole.clone();
    nameless.as_object_mut().unwrap().remove("holder");
    let (status, said) = verify(&nameless);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("says nothing about the learner's name"), "{said}");
}

#[actix_web::test]
#[ignore = "writes the evidence that the tests of enduring-verify read"]
async fn write_the_evidence() {
    let office = Office::open().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/decision/evidence.json");
    std::fs::write(file, evidence(&office).await).unwrap();
}
