//! Who may call, and how much: credentials, tokens, other origins, limits.

mod audit;
mod cors;
mod credentials;
mod issuer;
mod issuers;
mod limits;
mod page;
mod policy;
mod rotation;
mod silence;
mod tokens;

use crate::harness::{TestApp, status_and_json};
use enduring::service::people::credentials::{self as service, Scope};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// Key and secret of a credential.
#[derive(Debug, Clone)]
pub struct Pair {
    pub key: String,
    pub secret: String,
}

impl Pair {
    /// A new credential of `app`.
    pub async fn new(app: &TestApp, scopes: &[Scope]) -> Self {
        let (credential, secret) = service::create(&app.app, "a test", scopes.iter().copied().collect()).await.unwrap();
        Self { key: credential.key, secret }
    }

    /// As a response of the API gives it.
    fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self { key: text("key"), secret: text("secret") }
    }

    /// A request with it.
    pub fn ask(&self, app: &TestApp, method: Method, path: &str) -> RequestBuilder {
        let request = app.client.request(method, format!("{}{path}", app.url));
        request.basic_auth(&self.key, Some(&self.secret)).header("X-Experience-API-Version", "2.0.0")
    }

    /// The status and the JSON of a request without a body.
    pub async fn call(&self, app: &TestApp, method: Method, path: &str) -> (u16, Value) {
        status_and_json(self.ask(app, method, path).send().await.unwrap()).await
    }

    /// The same with a JSON body.
    async fn send(&self, app: &TestApp, method: Method, path: &str, body: &Value) -> (u16, Value) {
        status_and_json(self.ask(app, method, path).json(body).send().await.unwrap()).await
    }

    /// The status of the record store's response to it.
    pub async fn knock(&self, app: &TestApp) -> u16 {
        self.call(app, Method::GET, "/xapi/statements?limit=1").await.0
    }
}
