//! Loading the samples at the start, and writing them out.

use super::sample;
use crate::harness::TestApp;
use enduring::service::catalogue::{activities, packages, samples};
use std::fs;
use std::process::Command;

#[actix_web::test]
async fn loading_twice_publishes_once() {
    let app = TestApp::start();
    assert_eq!(samples::load(&app.app).await.unwrap(), ["af-stroke-prevention"]);
    samples::load(&app.app).await.unwrap();
    let versions = activities::list(&app.app).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].version, versions[0].required_items.as_slice()), (1, ["ITEM-1".to_owned()].as_slice()));
    assert_eq!(packages::list(&app.app, 10).await.unwrap().len(), 1);
    app.stop().await;
}

#[actix_web::test]
async fn a_sample_that_the_provider_published_anew_stays_theirs() {
    let app = TestApp::start();
    samples::load(&app.app).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sample().write(folder.path()).unwrap();
    let document = String::from_utf8(sample().document().unwrap()).unwrap();
    let changed = document.replace("\"fee\": \"none\"", "\"fee\": \"none for members\"");
    activities::publish(&app.app, changed.as_bytes(), Some(folder.path()), "test").await.unwrap();
    samples::load(&app.app).await.unwrap();
    let current = activities::current(&app.app, sample().id).await.unwrap();
    assert_eq!((current.version, current.document.fee.as_str()), (2, "none for members"));
    app.stop().await;
}

#[test]
fn the_program_writes_the_sample_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("mine");
    let program = Command::new(env!("CARGO_BIN_EXE_enduring")).arg("sample").arg("--out").arg(&out).output().unwrap();
    assert!(program.status.success(), "{program:?}");
    assert_eq!(fs::read(out.join("af-stroke-prevention.zip")).unwrap(), sample().zip().unwrap());
    assert_eq!(fs::read(out.join("af-stroke-prevention.json")).unwrap(), sample().document().unwrap());
}
