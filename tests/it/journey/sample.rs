//! The sample activity, from the demonstration link to the certificate, and what rests on it.

use super::walk::Walk;
use base::hash::Sha256;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

#[actix_web::test]
async fn a_physician_goes_from_sign_in_to_certificate() {
    let walk = Walk::begin("physician").await;
    walk.sign_in("learner").await;
    walk.take_up().await;
    assert!(walk.rules().await.as_object().unwrap().values().any(|state| state == "unmet"));
    walk.play().await;
    walk.picture("overview").await;

    walk.go_on().await;
    walk.picture("assessment").await;
    walk.take_assessment(6).await;
    walk.browser.read("Not passed yet").await;
    walk.browser.press("Back to your overview").await;
    walk.go_on().await;
    walk.take_assessment(0).await;
    walk.browser.read("You passed").await;
    walk.picture("feedback").await;
    walk.browser.press("Back to your overview").await;

    walk.go_on().await;
    walk.evaluate().await;
    walk.browser.read("Steps to earn credit").await;
    walk.go_on().await;
    walk.picture("claim").await;
    walk.claim("0.75").await;
    walk.browser.read("Anyone can check this at").await;
    walk.picture("certificate").await;
    let code = walk.browser.see(".proof strong.number").await.text().await.unwrap();

    walk.browser.goto(&format!("{}/verify/{code}", walk.program.url)).await;
    walk.browser.read("It is not evidence of any credit.").await;
    walk.browser.goto(&format!("{}/transcript", walk.program.url)).await;
    walk.browser.read("0.75").await;
    the_records_hold(&walk, &code).await;
    walk.end().await;
}

/// The credit record, its evidence and the log say the same: to the API, to anyone who reads the statements back, and to
/// `enduring verify`.
async fn the_records_hold(walk: &Walk, code: &str) {
    let made = walk.program.command(&["credential", "create", "--name", "way", "--scope", "all", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let ask = async |path: &str| -> Vec<u8> {
        let request = reqwest::Client::new().get(format!("{}{path}", walk.program.url));
        let request = request.basic_auth(made["key"].as_str().unwrap(), made["secret"].as_str());
        let answer = request.header("x-experience-api-version", "1.0.3").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.unwrap().to_vec()
    };
    let credits: Value = serde_json::from_slice(&ask("/api/v1/credits").await).unwrap();
    let [credit] = credits["credits"].as_array().unwrap().as_slice() else { panic!("one credit: {credits}") };
    assert_eq!(credit["code"].as_str().unwrap(), code.replace([' ', '-'], ""));
    assert_eq!((&credit["amount"], &credit["tier"]), (&json!("0.75"), &json!("T2")));

    let evidence = ask(&format!("/api/v1/credits/{}/evidence", credit["id"].as_str().unwrap())).await;
    let evidence: Value = serde_json::from_slice(&evidence).unwrap();
    let statements = evidence["statements"].as_array().unwrap();
    assert!(statements.len() > 10, "{evidence:#}");
    for statement in statements {
        let bytes = ask(&format!("/xapi/statements?statementId={}", statement["id"].as_str().unwrap())).await;
        assert_eq!(Sha256::of(bytes).to_string(), statement["sha256"].as_str().unwrap(), "{statement}");
    }
    let registration = credit["registration"].as_str().unwrap();
    let read = read_back(&walk.program.url, &made, registration).await;
    for statement in statements {
        assert!(read.contains(statement["id"].as_str().unwrap()), "an outside client does not find {statement}");
    }
    let verified = walk.program.command(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// The ids of a registration's statements, as the npm package `@xapi/xapi` reads them.
async fn read_back(url: &str, credential: &Value, registration: &str) -> BTreeSet<String> {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/xapi/clients");
    let mut node = std::process::Command::new("node");
    node.current_dir(clients).args(["read-back.mjs", &format!("{url}/xapi/")]);
    node.args(["key", "secret"].map(|part| credential[part].as_str().unwrap())).arg(registration);
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[actix_web::test]
async fn what_a_learner_has_done_survives_a_kill_of_the_server() {
    let mut walk = Walk::begin("interrupted").await;
    walk.sign_in("learner").await;
    walk.take_up().await;
    walk.play().await;
    let before = walk.rules().await;
    walk.program.kill();
    walk.program.restart();
    walk.browser.client.refresh().await.unwrap();
    walk.browser.read("Steps to earn credit").await;
    assert_eq!(walk.rules().await, before);
    walk.go_on().await;
    walk.take_assessment(0).await;
    walk.browser.read("You passed").await;
    walk.end().await;
}

#[actix_web::test]
async fn a_nurse_receives_a_record_of_participation_and_no_credit() {
    let walk = Walk::begin("nurse").await;
    walk.sign_in("nurse").await;
    walk.take_up().await;
    walk.play().await;
    walk.go_on().await;
    walk.take_assessment(0).await;
    walk.browser.read("You passed").await;
    walk.browser.press("Back to your overview").await;
    walk.go_on().await;
    walk.evaluate().await;
    walk.browser.read("Steps to earn credit").await;
    walk.go_on().await;
    walk.browser.click("input[name=attested]").await;
    walk.browser.press("Confirm").await;
    walk.browser.press("Open the certificate").await;
    walk.browser.read("Anyone can check this at").await;
    assert!(walk.browser.see(".certificate .kind").await.text().await.unwrap().contains("articipation"));
    walk.end().await;
}
