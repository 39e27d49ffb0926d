//! No log contains credentials or tokens, however much is logged.

use super::issuer::{Issuer, Signer};
use crate::harness::BinApp;
use base::clock::{Clock as _, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enduring::service::people::credentials::Scope;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn neither_secrets_nor_tokens_nor_subjects_nor_addresses_are_logged() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("enduring.toml");
    let named = issuer.named(&[Scope::All]);
    let text = format!(
        "[log]\nlevel = \"trace\"\nformat = \"json\"\n[limits]\naddress_header = \"X-Forwarded-For\"\n\
         [[issuers]]\nissuer = \"{}\"\naudience = \"{}\"\nscopes = [\"all\"]\n",
        named.issuer, named.audience
    );
    std::fs::write(&file, text).unwrap();
    let program = BinApp::with(&["--no-demo", "--config", file.to_str().unwrap()]);
    let made = program.command(&["credential", "create", "--name", "a tool", "--scope", "all", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let (name, secret) = (made["key"].as_str().unwrap(), made["secret"].as_str().unwrap());

    let mut claims = issuer.claims("all");
    claims["exp"] = json!(SystemClock.now().as_second() + 300);
    claims["sub"] = json!("subject-of-the-token");
    let good = key.sign(&claims);
    claims["aud"] = json!("https://elsewhere.example");
    let bad = key.sign(&claims);
    let client = crate::harness::client();
    let get = || {
        let request = client.get(format!("{}/xapi/statements", program.url));
        request.header("X-Experience-API-Version", "2.0.0").header("X-Forwarded-For", "198.51.100.77")
    };
    let mut answers = Vec::new();
    for request in [
        get().bearer_auth(&good),
        get().bearer_auth(&bad),
        get().basic_auth(name, Some(secret)),
        get().basic_auth(name, Some("a-wrong-secret")),
    ] {
        answers.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answers, [200, 401, 200, 401]);

    let rotate = client.post(format!("{}/api/v1/credentials/{name}/rotate", program.url));
    let rotated = rotate.basic_auth(name, Some(secret)).send().await.unwrap().json::<Value>().await.unwrap();
    let log = log_up_to(&program, "/api/v1/credentials/{key}/rotate").await;
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let basic = |secret: &str| STANDARD.encode(format!("{name}:{secret}"));
    let shown = [
        secret.to_owned(),
        basic(secret),
        "a-wrong-secret".to_owned(),
        basic("a-wrong-secret"),
        rotated["secret"].as_str().unwrap().to_owned(),
        signature(&good),
        signature(&bad),
        "subject-of-the-token".to_owned(),
        "198.51.100.77".to_owned(),
        name.to_owned(),
    ];
    for said in shown {
        assert!(!log.contains(&said), "{said} is in the log:\n{log}");
    }
    issuer.stop().await;
}

/// The log, once a line of it contains `last`: lines arrive in order, a little after what they report.
async fn log_up_to(program: &BinApp, last: &str) -> String {
    let log = async {
        while !program.log().iter().any(|line| line.contains(last)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        program.log().join("\n")
    };
    tokio::time::timeout(Duration::from_mins(1), log).await.expect("the log tells of what was asked")
}
