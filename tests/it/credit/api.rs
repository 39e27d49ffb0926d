//! The API and the commands, as scripts use them.

use super::office::{Office, document, package};
use crate::harness::{BinApp, TestApp, status_and_json};
use crate::learner::Person;
use enduring::service::people::credentials::{self, Scope};
use serde_json::{Value, json};

async fn with_credential(test: &TestApp) -> (String, String) {
    let (credential, secret) = credentials::create(&test.app, "test", [Scope::All].into()).await.unwrap();
    (credential.key, secret)
}

async fn ask(test: &TestApp, key: &(String, String), method: &str, path: &str, body: &Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = test.client.request(method, format!("{}{path}", test.url)).basic_auth(&key.0, Some(&key.1));
    if !body.is_null() {
        request = request.json(body);
    }
    status_and_json(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn a_script_publishes_registers_and_reads_where_a_learner_stands() {
    let test = TestApp::start();
    let key = with_credential(&test).await;
    let upload = test.client.post(format!("{}/api/v1/packages", test.url)).basic_auth(&key.0, Some(&key.1));
    let upload = upload.header("content-type", "application/zip").body(package()).send().await.unwrap();
    let (status, imported) = status_and_json(upload).await;
    assert_eq!(status, 201, "{imported}");
    let mut activity = document();
    let (status, refused) = ask(&test, &key, "POST", "/api/v1/activities", &activity).await;
    assert_eq!((status, refused["errors"][0]["code"].as_str()), (422, Some("package-by-file")), "{refused}");
    activity["package"] = json!({"id": imported["id"]});
    let (status, published) = ask(&test, &key, "POST", "/api/v1/activities", &activity).await;
    assert_eq!((status, &published["version"]), (201, &json!(1)), "{published}");

    let learner = json!({"id": "17", "name": "Ada Example", "profession": "physician"});
    let wanted = json!({"activity": "af-stroke-prevention", "learner": learner});
    let (status, registered) = ask(&test, &key, "POST", "/api/v1/registrations", &wanted).await;
    assert_eq!(status, 201, "{registered}");
    let (_, again) = ask(&test, &key, "POST", "/api/v1/registrations", &wanted).await;
    assert_eq!(again["id"], registered["id"]);
    let path = format!("/api/v1/registrations/{}", registered["id"].as_str().unwrap());
    let (status, standing) = ask(&test, &key, "GET", &path, &Value::Null).await;
    assert_eq!(status, 200, "{standing}");
    assert_eq!(standing["items"], json!([{"id": "ITEM-1", "completed": false, "seat_seconds": 0}]));
    let decision = &standing["offerings"][0]["decision"];
    assert_eq!(decision["findings"].as_array().unwrap().len(), 15);
    assert_eq!(decision["findings"][2]["step"]["kind"], "front-matter");
    test.stop().await;
}

#[actix_web::test]
async fn a_refusal_names_every_gap_with_its_place() {
    let test = TestApp::start();
    let key = with_credential(&test).await;
    let mut broken = document();
    broken["dates"]["certified"] = json!("2026-02-01");
    broken.as_object_mut().unwrap().remove("bibliography");
    let (status, refused) = ask(&test, &key, "POST", "/api/v1/activities", &broken).await;
    assert_eq!((status, refused["code"].as_str()), (422, Some("activity-incomplete")));
    let places: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|gap| gap["pointer"].clone()).collect();
    assert_eq!(places, ["/bibliography", "/dates/certified"]);
    let nowhere = "/api/v1/registrations/00000000-0000-0000-0000-000000000001";
    assert_eq!(ask(&test, &key, "GET", nowhere, &Value::Null).await.0, 404);
    let unknown = json!({"activity": "none", "learner": {"id": "1"}});
    assert_eq!(ask(&test, &key, "POST", "/api/v1/registrations", &unknown).await.0, 404);
    let nobody = ("a".to_owned(), "b".to_owned());
    assert_eq!(ask(&test, &nobody, "GET", "/api/v1/credits", &Value::Null).await.0, 401);
    test.stop().await;
}

#[actix_web::test]
async fn a_credit_its_evidence_and_the_key_can_be_fetched_and_checked_outside() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let test = &office.test;
    let key = with_credential(test).await;
    let path = format!("/api/v1/credits?registration={}", registration.id);
    let (status, list) = ask(test, &key, "GET", &path, &Value::Null).await;
    assert_eq!((status, list["credits"].as_array().unwrap().len()), (200, 1));
    assert_eq!(list["credits"][0]["amount"], "0.75");
    assert_eq!(credit::schema::CREDIT_RECORD.gaps(&list["credits"][0]), []);

    let evidence = format!("{}/api/v1/credits/{}/evidence", test.url, credit.id);
    let evidence = test.client.get(evidence).basic_auth(&key.0, Some(&key.1)).send().await.unwrap();
    let evidence = evidence.bytes().await.unwrap();
    assert_eq!(base::hash::Sha256::of(&evidence), credit.bundle);

    // Each statement, as anyone may read it, has the hash that the bundle names.
    let bundle: Value = serde_json::from_slice(&evidence).unwrap();
    for named in bundle["statements"].as_array().unwrap() {
        let at = format!("{}/xapi/statements?format=exact&statementId={}", test.url, named["id"].as_str().unwrap());
        let asked = test.client.get(at).basic_auth(&key.0, Some(&key.1)).header("x-experience-api-version", "1.0.3");
        let bytes = asked.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(base::hash::Sha256::of(&bytes).to_string(), named["sha256"].as_str().unwrap());
    }

    // An outside tool: the JWS by the published JWK, with a general library.
    let (_, entry) = ask(test, &key, "GET", "/api/v1/ledger/1", &Value::Null).await;
    let (_, keys) = status_and_json(test.get("/.well-known/jwks.json").await).await;
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let public = jsonwebtoken::DecodingKey::from_jwk(&set.keys[0]).unwrap();
    let said = jsonwebtoken::decode::<Value>(entry["jws"].as_str().unwrap(), &public, &validation).unwrap();
    assert_eq!(said.claims["deed"]["credit"]["bundle"], credit.bundle.to_string());
}

#[actix_web::test]
async fn evidence_that_two_people_void_takes_the_credit_back() {
    let office = Office::open().await;
    let (registration, _) = office.credited("Ada").await;
    let key = with_credential(&office.test).await;
    let target = office.standing(&registration).await.evidence.claims[0].id;
    let wanted =
        json!({"registration": registration.id, "act": {"act": "void", "statement": target}, "reason": "Not theirs."});
    let (status, _) = ask(&office.test, &key, "POST", "/api/v1/proposals", &wanted).await;
    assert_eq!(status, 403, "no program proposes, whatever its scope");

    let (one, other) =
        (Person::demo(&office.test, "coordinator").await, Person::demo(&office.test, "second-coordinator").await);
    let post = async |person: &Person, path: &str, body: &Value| {
        let sent = person.client().post(format!("{}{path}", office.test.url)).header("sec-fetch-site", "same-origin");
        status_and_json(sent.json(body).send().await.unwrap()).await
    };
    let (status, proposed) = post(&one, "/api/v1/proposals", &wanted).await;
    assert_eq!((status, &proposed["state"]["is"]), (201, &json!("waiting")), "{proposed}");
    let approve = format!("/api/v1/proposals/{}/approve", proposed["id"].as_str().unwrap());
    let reason = json!({"reason": "The sign-in sheet shows it."});
    let (status, alone) = post(&one, &approve, &reason).await;
    assert_eq!((status, &alone["code"]), (403, &json!("same-person")));
    let (status, approved) = post(&other, &approve, &reason).await;
    assert_eq!((status, &approved["state"]["is"]), (200, &json!("approved")), "{approved}");
    assert!(!office.credits(&registration).await[0].is_active());
    let (_, shown) =
        ask(&office.test, &key, "GET", &format!("/api/v1/registrations/{}", registration.id), &Value::Null).await;
    assert_eq!((&shown["acts"][0]["act"], &shown["acts"][0]["reason"]), (&json!("void"), &json!("Not theirs.")));
    assert_ne!(shown["acts"][0]["by"], shown["acts"][0]["approved_by"]);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn what_a_client_says_is_no_evidence() {
    let office = Office::open().await;
    let registration = office.register("Ada").await;
    let key = with_credential(&office.test).await;
    // Word for word what the server would say of a learner who has done everything.
    let (done, _) = office.credited("Bo").await;
    let log = format!("{}/xapi/statements?registration={}", office.test.url, done.id);
    let log = office.test.client.get(log).basic_auth(&key.0, Some(&key.1)).header("x-experience-api-version", "1.0.3");
    let (_, told) = status_and_json(log.send().await.unwrap()).await;
    let forged: Vec<Value> = told["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| {
            let mut said = said.clone();
            said.as_object_mut().unwrap().remove("id");
            let text = said.to_string();
            let text = text.replace(&done.id.to_string(), &registration.id.to_string());
            serde_json::from_str(&text.replace(&done.learner.to_string(), &registration.learner.to_string())).unwrap()
        })
        .collect();
    assert!(forged.len() > 10);
    let sent = office.test.client.post(format!("{}/xapi/statements", office.test.url));
    let sent = sent.basic_auth(&key.0, Some(&key.1)).header("x-experience-api-version", "1.0.3").json(&forged);
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    office.decide(registration.id).await;
    assert!(office.credits(&registration).await.is_empty());
    assert_eq!(office.standing(&registration).await.evidence.statements.len(), 1, "its registration, and nothing else");
}

#[test]
fn the_commands_publish_and_verify_beside_a_running_server() {
    let program = BinApp::start();
    std::fs::write(program.directory().join("package.zip"), package()).unwrap();
    std::fs::write(program.directory().join("activity.json"), document().to_string()).unwrap();
    let published = program.command(&["activity", "publish", "activity.json", "--json"]);
    assert!(published.status.success(), "{published:?}");
    let said: Value = serde_json::from_slice(&published.stdout).unwrap();
    assert_eq!(said, json!({"id": "af-stroke-prevention", "version": 1}));

    let mut broken = document();
    broken["title"] = json!("");
    std::fs::write(program.directory().join("broken.json"), broken.to_string()).unwrap();
    let refused = program.command(&["activity", "publish", "broken.json", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let gaps: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(gaps["gaps"][0]["pointer"], "/title");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("lacks one thing; nothing was published"));

    let verified = program.command(&["verify", "--json"]);
    assert!(verified.status.success(), "{verified:?}");
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((&report["entries"], &report["differences"]), (&json!(0), &json!([])));
}
