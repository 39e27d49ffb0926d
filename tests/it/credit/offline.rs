//! The evidence of a credit, taken from a running server and checked without it.

use super::office::Office;
use enduring::service::people::credentials::{self, Scope};
use serde_json::Value;
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
    let (status, report) = verify(&text.replace("\"minimum_score\":\"0.75\"", "\"minimum_score\":\"0.25\""));
    assert_eq!(status, Some(1), "{report}");
}

#[actix_web::test]
#[ignore = "writes the evidence that the tests of enduring-verify read"]
async fn write_the_evidence() {
    let office = Office::open().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/decision/evidence.json");
    std::fs::write(file, evidence(&office).await).unwrap();
}
