//! Where the private key is: in the store as it is, wrapped, or in a file.

use super::{
    award_another, chmod, configure, files_with, json_of, new_key_file, private, published, refused_start,
    stored_secrets, text_of, with_one_credit, wrapping_key,
};
use crate::harness::{BinApp, ReplicaSet, program, skipped, store::on_mongodb};
use crate::learner::{Person, replace_sample};
use serde_json::json;

fn verifies(app: &BinApp, entries: u64) {
    let report = json_of(app, &["verify", "--json"]);
    assert_eq!((&report["entries"], &report["differences"]), (&json!(entries), &json!([])));
}

#[actix_web::test]
async fn a_stored_key_is_wrapped_at_the_next_start_and_opens_by_no_other_key() {
    let mut app = with_one_credit().await;
    let before = published(&app).await;
    app.terminate();
    let secrets = if on_mongodb() { Vec::new() } else { stored_secrets(&app) };
    if !on_mongodb() {
        assert_eq!(secrets.len(), 3, "two keys are stored as they are");
        assert_ne!(files_with(&app, &secrets), Vec::<std::path::PathBuf>::new(), "the search finds what is there");
    }
    configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(1)));
    app.restart();
    if !on_mongodb() {
        assert_eq!(files_with(&app, &secrets), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(json_of(&app, &["key", "list", "--json"])[0]["custody"], json!("wrapped"));
    assert_eq!(published(&app).await, before, "it is the same key");
    award_another(&app).await;
    verifies(&app, 2);
    app.terminate();
    if !on_mongodb() {
        assert_eq!(stored_secrets(&app), Vec::<Vec<u8>>::new());
    }

    configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(2)));
    let said = refused_start(&app);
    assert!(said.contains("does not open the ledger's signing key; configure the one that wraps it"), "{said}");
    configure(&app, "");
    let said = refused_start(&app);
    assert!(said.contains("the ledger's signing key is wrapped; set key_wrapping_key_file"), "{said}");
    // What is public needs no private key.
    verifies(&app, 2);
    let file = app.directory().join("wrapping.key");
    private(&file, &format!("{}\n", wrapping_key(1)));
    configure(&app, "key_wrapping_key_file = \"wrapping.key\"\n");
    app.restart();
    assert_eq!(published(&app).await, before);
    app.terminate();

    // The wrapping key is lost, and another takes its place.
    configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(4)));
    let rotated = app.command(&["key", "rotate"]);
    assert!(!rotated.status.success() && text_of(&rotated).contains("`enduring key rotate --lost`"));
    assert_eq!(json_of(&app, &["key", "rotate", "--lost", "--json"])["custody"], json!("wrapped"));
    app.restart();
    let launched = Person::demo_at(&app.url, "designer").await.get("/studio").await;
    assert_eq!(launched.status, 200);
    verifies(&app, 2);
    let everything = app.command(&["verify", "--everything"]);
    assert!(everything.status.success(), "{}", text_of(&everything));
}

#[actix_web::test]
async fn a_key_can_be_in_a_file_from_the_beginning_and_the_store_has_none() {
    let mut app = BinApp::with(&["--demo"]);
    app.terminate();
    let file = app.directory().join("signing.pem");
    new_key_file(&file);
    configure(&app, "signing_key_file = \"signing.pem\"\n");
    chmod(&file, 0o644);
    let said = refused_start(&app);
    assert!(
        said.contains("signing_key_file signing.pem cannot be used") && said.contains("chmod 600 signing.pem"),
        "{said}"
    );
    private(&file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let said = refused_start(&app);
    assert!(said.contains("it has no Ed25519 key as PKCS #8 in PEM"), "{said}");
    new_key_file(&file);
    app.restart();
    replace_sample(&app.url).await;
    super::award(&app, "learner", "ama", "0.75").await;
    verifies(&app, 1);
    let listed = json_of(&app, &["key", "list", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["custody"]), (1, &json!("file")));
    app.terminate();
    if !on_mongodb() {
        assert_eq!(stored_secrets(&app).len(), 1, "the secret of the content origin alone");
    }
    configure(&app, "");
    let said = refused_start(&app);
    assert!(said.contains("is in a file outside the store; set signing_key_file"), "{said}");
    new_key_file(&file);
    configure(&app, "signing_key_file = \"signing.pem\"\n");
    let said = refused_start(&app);
    assert!(
        said.contains("has another key than the one that signs the ledger") && said.contains("enduring key rotate"),
        "{said}"
    );
}

/// The same on the other engine, which gets everything by a copy.
#[actix_web::test]
async fn a_wrapped_key_is_used_and_replaced_on_mongodb_as_in_a_directory() {
    if on_mongodb() {
        return skipped("the other tests of this folder run on MongoDB");
    }
    let mut app = with_one_credit().await;
    app.terminate();
    let mongodb = ReplicaSet::database();
    let run = |arguments: &[&str]| {
        let output = program(app.directory()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", text_of(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["copy", "--from", "data", "--to", &mongodb]);
    configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(3)));
    let exported = |name: &str| {
        run(&["export", "--from", &mongodb, name]);
        std::fs::read_to_string(app.directory().join(name)).unwrap()
    };
    assert!(exported("before.jsonl").contains("\\\"private\\\""));
    let rotated: serde_json::Value =
        serde_json::from_str(&run(&["key", "rotate", "--store", &mongodb, "--json"])).unwrap();
    assert_eq!((&rotated["custody"], &rotated["first_entry"]), (&json!("wrapped"), &json!(2)));
    let after = exported("after.jsonl");
    assert!(!after.contains("\\\"private\\\"") && after.contains("\\\"wrapped\\\""));
    run(&["verify", "--store", &mongodb]);
}
