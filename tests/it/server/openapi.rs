//! The description of the API matches its routes, and its responses match the description.

use crate::harness::{TestApp, status_and_json};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `GET /api/v1/…` for every route that the sources register.
fn routes() -> BTreeSet<String> {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let text = [sources(&http.join("api")), sources(&http.join("operations/openapi.rs"))].join("\n");
    let registrations = text.split(".route(\"").skip(1).filter(|rest| rest.starts_with("/api/v1/"));
    registrations.map(operation).collect()
}

/// The text of a file, or of every file in a folder and those within.
fn sources(path: &Path) -> String {
    if path.is_file() {
        return fs::read_to_string(path).unwrap();
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| sources(&entry.unwrap().path()));
    entries.collect::<Vec<_>>().join("\n")
}

/// `/api/v1/keys", web::get().to(keys))` is `GET /api/v1/keys`.
fn operation(rest: &str) -> String {
    let (path, handler) = rest.split_once('"').unwrap();
    let method = handler.trim_start_matches([',', ' ', '\n']).trim_start_matches("web::").split('(').next().unwrap();
    format!("{} {path}", method.to_uppercase())
}

/// The same of the description.
fn described(document: &Value) -> BTreeSet<String> {
    let operations = |(path, methods): (&String, &Value)| {
        let methods: Vec<_> = methods.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    document["paths"].as_object().unwrap().iter().flat_map(operations).collect()
}

/// Every `$ref` in the document.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[actix_web::test]
async fn every_route_is_described_and_nothing_else() {
    let app = TestApp::start();
    let (status, document) = status_and_json(app.get("/api/v1/openapi.json").await).await;
    assert_eq!((status, document["openapi"].as_str()), (200, Some("3.1.0")));
    assert_eq!(described(&document), routes());
    for reference in references(&document) {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} points nowhere");
    }
    app.stop().await;
}

#[actix_web::test]
async fn what_needs_a_caller_says_so() {
    let app = TestApp::start();
    let (_, document) = status_and_json(app.get("/api/v1/openapi.json").await).await;
    for operation in described(&document) {
        let (method, path) = operation.split_once(' ').unwrap();
        let open = document["paths"][path][method.to_lowercase()]["security"] == serde_json::json!([]);
        let address = format!("{}{}", app.url, path.replace("{id}", &uuid::Uuid::nil().to_string()));
        let address = address.replace("{version}", "1").replace("{number}", "1");
        let asked = app.client.request(method.parse().unwrap(), address).header("content-type", "application/json");
        let status = asked.body("{}").send().await.unwrap().status().as_u16();
        let expected: &[u16] = if open { &[200] } else { &[401, 403] };
        assert!(expected.contains(&status), "{operation} answers {status}");
    }
    app.stop().await;
}
