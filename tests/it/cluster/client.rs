//! A program that sends and reads statements, and retries later when it is asked to.

use super::node::Node;
use super::open;
use crate::harness::status_and_json;
use enduring::service::people::credentials::{self, Scope};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The most requests until a required response arrives. Each takes seconds while there is no primary.
const PATIENCE: usize = 60;
/// A response that takes longer than this never comes.
const NEVER: Duration = Duration::from_mins(2);

#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    address: String,
    key: String,
    secret: String,
}

impl Client {
    /// With a credential for everything, on this node.
    pub(super) async fn of(node: &Node, database: &str) -> Self {
        let app = open(database).await;
        let (credential, secret) = credentials::create(&app, "outage", BTreeSet::from([Scope::All])).await.unwrap();
        app.store.close().await.unwrap();
        let http = reqwest::Client::builder().timeout(NEVER).build().unwrap();
        Self { http, address: node.address.clone(), key: credential.key, secret }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.address));
        asked.basic_auth(&self.key, Some(&self.secret)).header("x-experience-api-version", "2.0.0")
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Sends the statement with this id.
    pub(super) async fn send(&self, id: &str) -> Response {
        self.request(Method::POST, "/xapi/statements").json(&statement(id)).send().await.unwrap()
    }

    /// Sends a statement again until it is taken, as its refusals say to do.
    pub(super) async fn until_taken(&self, id: &str) {
        for _ in 0..PATIENCE {
            let answer = self.send(id).await;
            if answer.status() == 200 {
                return;
            }
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
        }
        panic!("service was not resumed");
    }
}

/// A statement about a nurse.
pub(super) fn statement(id: &str) -> Value {
    json!({
        "id": id,
        "actor": {"mbox": "mailto:nurse@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://campus.example.org/units/1"},
    })
}

/// The refusal asks its receiver to retry, and names no host.
pub(super) async fn come_back_later(answer: Response) {
    assert!(answer.headers().contains_key("retry-after"));
    let (status, said) = status_and_json(answer).await;
    assert_eq!((status, &said["code"]), (503, &json!("store-unavailable")), "{said}");
    let detail = said["detail"].as_str().unwrap();
    assert!(detail.contains("cannot reach its store") && !detail.contains("127.0.0.1"), "{said}");
}
