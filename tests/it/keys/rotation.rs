//! A key is replaced, and what older keys signed still verifies.

use super::{
    award_another, configure, files_with, json_of, new_key_file, published, refused_start, stored_secrets, text_of,
    with_one_credit, wrapping_key,
};
use crate::harness::{BinApp, client, status_and_json, store::on_mongodb};
use crate::learner::Person;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A caller of the API.
struct Caller(String, String);

impl Caller {
    fn of(app: &BinApp) -> Self {
        let made = json_of(app, &["credential", "create", "--name", "audit", "--scope", "all", "--json"]);
        Self(made["key"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    async fn get(&self, app: &BinApp, path: &str) -> Value {
        let request = client().get(format!("{}{path}", app.url)).basic_auth(&self.0, Some(&self.1));
        let (status, body) = status_and_json(request.send().await.unwrap()).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The id of the key that signed an entry.
    async fn signer(&self, app: &BinApp, number: u64) -> String {
        let entry = self.get(app, &format!("/api/v1/ledger/{number}")).await;
        let header = URL_SAFE_NO_PAD.decode(entry["jws"].as_str().unwrap().split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn old_credits_verify_and_new_ones_are_signed_by_the_new_key() {
    let mut app = with_one_credit().await;
    let caller = Caller::of(&app);
    let old = published(&app).await;
    assert_eq!((old.len(), &old[0]["used_until"], &old[0]["last_entry"]), (1, &Value::Null, &Value::Null));
    let listed = json_of(&app, &["key", "list", "--json"]);
    assert_eq!(listed[0]["custody"], json!("store"));
    // Beside the running server, which needs no restart.
    let rotated = json_of(&app, &["key", "rotate", "--json"]);
    assert_eq!(rotated["first_entry"], json!(2));
    award_another(&app).await;
    let keys = published(&app).await;
    assert_eq!(keys.len(), 2);
    assert_eq!((&keys[0]["kid"], &keys[0]["x"], &keys[0]["last_entry"]), (&old[0]["kid"], &old[0]["x"], &json!(1)));
    assert_eq!((&keys[1]["kid"], &keys[1]["first_entry"]), (&rotated["kid"], &json!(2)));
    assert_eq!(keys[0]["used_until"], keys[1]["used_from"]);
    assert_eq!(keys[0]["kid"], json!(caller.signer(&app, 1).await));
    assert_eq!(keys[1]["kid"], json!(caller.signer(&app, 2).await));
    let text = text_of(&app.command(&["key", "list"]));
    assert!(
        text.contains("entries 1 to 1  replaced, private key removed") && text.contains("entries from 2 on"),
        "{text}"
    );

    let report = json_of(&app, &["verify", "--json"]);
    assert_eq!((&report["entries"], &report["credits"], &report["differences"]), (&json!(2), &json!(2), &json!([])));
    let everything = app.command(&["verify", "--everything"]);
    assert!(everything.status.success(), "{}", text_of(&everything));
    // Each credit by what an auditor gets of it, which has the keys that it needs.
    for credit in caller.get(&app, "/api/v1/credits").await["credits"].as_array().unwrap() {
        let path = format!("/api/v1/credits/{}/evidence/statements", credit["id"].as_str().unwrap());
        let packet = caller.get(&app, &path).await;
        let packet: credit::packet::Packet = serde_json::from_value(packet).unwrap();
        assert_eq!(packet.differences(&credit::RuleSets::released()), Vec::<String>::new());
    }
    let trail = Person::demo_at(&app.url, "coordinator").await.get("/desk/audit").await;
    trail.shows("Rotated the signing key").shows(rotated["kid"].as_str().unwrap());
    app.terminate();
    if !on_mongodb() {
        let private = stored_secrets(&app)[..2].to_vec();
        assert_ne!(files_with(&app, &private), Vec::<std::path::PathBuf>::new(), "the new key");
        app.restart();
        configure(&app, &format!("key_wrapping_key = \"{}\"\n", wrapping_key(1)));
        json_of(&app, &["key", "rotate", "--json"]);
        app.terminate();
        assert_eq!(files_with(&app, &private), Vec::<std::path::PathBuf>::new(), "a replaced key is gone");
    }
}

#[actix_web::test]
async fn a_key_moves_into_a_file_and_a_lost_one_is_replaced() {
    let mut app = with_one_credit().await;
    app.terminate();
    let rotate = |app: &BinApp, flags: &[&str]| {
        let output = app.command(&[&["key", "rotate"][..], flags].concat());
        (output.status.success(), text_of(&output))
    };
    let file = app.directory().join("signing.pem");
    new_key_file(&file);
    configure(&app, "signing_key_file = \"signing.pem\"\n");
    let said = refused_start(&app);
    assert!(said.contains("has another key than the one that signs the ledger"), "{said}");
    let (done, said) = rotate(&app, &[]);
    assert!(done && said.contains("signs from entry 2 on"), "{said}");
    let (done, said) = rotate(&app, &[]);
    assert!(!done && said.contains("has a key that signed the ledger before; write another key to it first"), "{said}");
    app.restart();
    award_another(&app).await;
    app.terminate();

    // The file is lost: only who says so replaces a key that cannot be read.
    std::fs::remove_file(&file).unwrap();
    configure(&app, "");
    let (done, said) = rotate(&app, &[]);
    assert!(!done && said.contains("make another signing key by `enduring key rotate --lost`"), "{said}");
    let (done, said) = rotate(&app, &["--lost"]);
    assert!(done && said.contains("signs from entry 3 on"), "{said}");
    app.restart();
    let custody: Vec<Value> = json_of(&app, &["key", "list", "--json"])
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["custody"].clone())
        .collect();
    assert_eq!(custody, ["gone", "gone", "store"]);
    assert_eq!(json_of(&app, &["verify", "--json"])["differences"], json!([]));
}
