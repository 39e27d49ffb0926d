//! Who may call what: each address of the API, by each kind of caller.

use super::Pair;
use crate::harness::TestApp;
use crate::learner::{Person, load_sample};
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};

/// Who may call an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Anyone,
    /// What the studio's pages let designers do.
    Staff,
    /// Designers may have statements checked, as on their page; so may a program that writes some.
    Checkers,
    Coordinators,
    Readers,
    /// People only.
    CoordinatorsInPerson,
}

use Policy::{Anyone, Checkers, Coordinators, CoordinatorsInPerson, Readers, Staff};

/// Every operation of the API; one that is missing here fails the test.
const POLICY: &[(&str, &str, Policy)] = &[
    ("GET", "/api/v1/openapi.json", Anyone),
    // What an auditor checks entries with.
    ("GET", "/api/v1/keys", Anyone),
    ("POST", "/api/v1/packages", Staff),
    ("GET", "/api/v1/packages", Staff),
    ("GET", "/api/v1/packages/{id}", Staff),
    ("POST", "/api/v1/packages/{id}/preview", Staff),
    ("POST", "/api/v1/statements/validate", Checkers),
    ("GET", "/api/v1/statements/stream", Readers),
    ("GET", "/api/v1/statements/aggregate", Readers),
    ("GET", "/api/v1/statements/export.csv", Readers),
    ("GET", "/api/v1/statements/export.jsonl", Readers),
];

/// What a coordinator does in person: the end of its address.
const BY_PEOPLE: [&str; 3] = ["/settle", "/attempts", "/restart"];

/// The policy of an operation that [`POLICY`] does not name: everything else is the coordinators'.
fn policy(method: &str, path: &str) -> Policy {
    let named = POLICY.iter().find(|(of, at, _)| *of == method && *at == path);
    named.map_or(Coordinators, |(.., policy)| *policy)
}

#[actix_web::test]
async fn each_address_admits_those_whom_the_policy_names_and_nobody_else() {
    let app = TestApp::start();
    let document: Value = app.get("/api/v1/openapi.json").await.json().await.unwrap();
    let (everything, writes, reads) = (
        Pair::new(&app, &[Scope::All]).await,
        Pair::new(&app, &[Scope::StatementsWrite]).await,
        Pair::new(&app, &[Scope::StatementsRead]).await,
    );
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    let mut people = Vec::new();
    for who in ["learner", "designer", "coordinator"] {
        people.push((who, Person::demo(&app, who).await));
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        let address = path.replace("{id}", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee").replace("{version}", "1");
        let address = address.replace("{number}", "1").replace(['{', '}'], "");
        let address = if address == "/api/v1/sessions" {
            format!("{address}?registration=6690e6c9-3ef0-4ed3-8b37-7f3964730bee")
        } else {
            address
        };
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let policy = match (method.as_str(), path.as_str()) {
                ("POST", path) if BY_PEOPLE.iter().any(|act| path.ends_with(act)) => CoordinatorsInPerson,
                (_, path) if path.starts_with("/api/v1/proposals") => CoordinatorsInPerson,
                (method, path) => self::policy(method, path),
            };
            seen.push((method.clone(), path.clone()));
            let verb = Method::from_bytes(method.as_bytes()).unwrap();
            let body = || body_for(path).to_string();
            let mut answers = Vec::new();
            let anyone = app.client.request(verb.clone(), format!("{}{address}", app.url));
            answers.push((
                "nobody",
                anyone
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", "application/json")
                    .body(body())
                    .send()
                    .await
                    .unwrap(),
            ));
            for (who, person) in &people {
                let request = person.client().request(verb.clone(), format!("{}{address}", app.url));
                let request =
                    request.header("sec-fetch-site", "same-origin").header("content-type", "application/json");
                answers.push((*who, request.body(body()).send().await.unwrap()));
            }
            for (who, pair) in [("all", &everything), ("writes", &writes), ("reads", &reads)] {
                let request = pair.ask(&app, verb.clone(), &address).header("content-type", "application/json");
                answers.push((who, request.body(body()).send().await.unwrap()));
            }
            for (who, answer) in answers {
                let status = answer.status().as_u16();
                let expected = match policy {
                    Anyone => true,
                    Staff => ["designer", "coordinator", "all"].contains(&who),
                    Checkers => ["designer", "coordinator", "all", "writes"].contains(&who),
                    Readers => ["coordinator", "all", "reads"].contains(&who),
                    Coordinators => ["coordinator", "all"].contains(&who),
                    CoordinatorsInPerson => who == "coordinator",
                };
                if [401, 403].contains(&status) == expected {
                    wrong.push(format!("{method} {path} by {who}: {status}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (method, path, _) in POLICY {
        assert!(seen.iter().any(|(of, at)| of == method && at == path), "{method} {path} is not an address of the API");
    }
    app.stop().await;
}

/// A body that can be read, so that what a request is refused for is who sent it.
fn body_for(path: &str) -> Value {
    let nobody = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";
    match path {
        "/api/v1/credentials" => json!({"name": "n", "scopes": ["statements/write"]}),
        "/api/v1/launches" => json!({"registration": nobody}),
        "/api/v1/registrations" => json!({"activity": "none", "learner": {"id": "l"}}),
        "/api/v1/registrations/{id}/settle" => json!({"signals": [], "verdict": "accepted", "reason": "because"}),
        "/api/v1/proposals" => {
            json!({"registration": nobody, "act": {"act": "void", "statement": nobody}, "reason": "because"})
        }
        path if path.starts_with("/api/v1/proposals") || BY_PEOPLE.iter().any(|act| path.ends_with(act)) => {
            json!({"reason": "because"})
        }
        _ => json!({}),
    }
}

#[actix_web::test]
async fn a_designer_does_by_the_api_what_the_studio_offers() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let designer = Person::demo(&app, "designer").await;
    let list: Value =
        designer.client().get(format!("{}/api/v1/packages", app.url)).send().await.unwrap().json().await.unwrap();
    let id = list["packages"][0]["id"].as_str().unwrap().to_owned();
    let preview = designer.client().post(format!("{}/api/v1/packages/{id}/preview", app.url));
    let answer = preview.header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let launched: Value = answer.json().await.unwrap();
    assert!(launched["url"].as_str().unwrap().starts_with(&app.content_url), "{launched}");
    app.stop().await;
}
