//! `/xapi` against the real server, one file per question that a reader of the standard would ask. Expected responses are
//! derived by hand from the standard, never from what the server said.

mod attachments;
mod clients;
mod contracts;
mod credentials;
mod documents;
mod filters;
mod fire;
mod hand_down;
mod limits;
mod model;
mod negotiation;
mod paging;
mod receiving;
mod references;
mod responses;
mod tenants;
mod trust;

use crate::harness::{TestApp, status_and_json};
use enduring::service::people::credentials::{self as service, Scope};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A server with one credential, and the version that requests speak.
pub struct Lrs {
    pub server: TestApp,
    pub key: String,
    pub secret: String,
    pub version: &'static str,
}

impl Lrs {
    /// With a credential that may do everything.
    pub async fn start() -> Self {
        let server = TestApp::start();
        let (key, secret) = credential(&server, &[Scope::All]).await;
        Self { server, key, secret, version: "1.0.3" }
    }

    /// A request with version and credential.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/xapi{path}", self.server.url);
        let request = self.server.client.request(method, url).basic_auth(&self.key, Some(&self.secret));
        request.header("X-Experience-API-Version", self.version)
    }

    /// POST of statements; the status and the body.
    pub async fn post(&self, statements: &Value) -> (u16, Value) {
        self.post_text(statements.to_string()).await
    }

    /// POST of a text as it is.
    pub async fn post_text(&self, text: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.ask(Method::POST, "/statements").header("Content-Type", "application/json").body(text);
        status_and_json(request.send().await.unwrap()).await
    }

    /// POST of statements that must be taken; their ids.
    pub async fn send(&self, statements: &Value) -> Vec<String> {
        let (status, ids) = self.post(statements).await;
        assert_eq!(status, 200, "{ids}");
        ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// GET of `/statements`.
    pub async fn query(&self, parameters: &[(&str, &str)]) -> Response {
        self.ask(Method::GET, "/statements").query(parameters).send().await.unwrap()
    }

    /// The statements of a page that must be returned.
    pub async fn list(&self, parameters: &[(&str, &str)]) -> Vec<Value> {
        let (status, result) = status_and_json(self.query(parameters).await).await;
        assert_eq!(status, 200, "{result}");
        result["statements"].as_array().unwrap().clone()
    }

    /// The ids of such a page.
    pub async fn ids(&self, parameters: &[(&str, &str)]) -> Vec<String> {
        self.list(parameters).await.iter().map(|statement| statement["id"].as_str().unwrap().to_owned()).collect()
    }

    /// One statement by its id.
    pub async fn one(&self, id: &str) -> (u16, Value) {
        status_and_json(self.query(&[("statementId", id)]).await).await
    }
}

/// A new credential of `server`: key and secret.
pub async fn credential(server: &TestApp, scopes: &[Scope]) -> (String, String) {
    let scopes = scopes.iter().copied().collect();
    let (credential, secret) = service::create(&server.app, "a test", scopes).await.unwrap();
    (credential.key, secret)
}

/// The `n`th statement id.
pub fn id(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

/// A statement of three members.
pub fn statement(n: u32) -> Value {
    json!({"id": id(n), "actor": agent("ann"), "verb": {"id": "v:did"}, "object": {"id": "a:1"}})
}

/// An agent with a mailbox.
pub fn agent(name: &str) -> Value {
    json!({"objectType": "Agent", "mbox": format!("mailto:{name}@example.com")})
}

/// `statement` with the value at a JSON pointer set, whose parent must exist.
pub fn with(mut statement: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    statement.pointer_mut(parent).unwrap()[name] = value;
    statement
}

/// A statement whose object refers to the `target`th.
pub fn reference(n: u32, verb: &str, target: u32) -> Value {
    let object = json!({"objectType": "StatementRef", "id": id(target)});
    json!({"id": id(n), "actor": agent("bob"), "verb": {"id": verb}, "object": object})
}

/// The verb that voids.
pub const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";
