//! The primary goes away while the program serves, and comes back.

use super::node::Node;
use super::open;
use crate::harness::{ReplicaSet, status_and_json};
use enduring::service::credentials::{self, Scope};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::task::block_in_place;

/// Requests until an answer that must come has come. Each takes seconds while there is no primary.
const PATIENCE: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_primary_the_server_says_so_and_goes_on_by_itself_when_there_is_one() {
    let mut set = block_in_place(|| ReplicaSet::of(3));
    let database = set.new_database() + "&serverSelectionTimeoutMS=1000";
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    let [before, meanwhile, after] = [(); 3].map(|()| enduring::ids::random().to_string());
    assert_eq!(client.send(&before).await.status(), 200);
    assert_eq!(client.get("/readyz").send().await.unwrap().status(), 200);

    let stopped: Vec<u16> = set.members.iter().copied().take(2).collect();
    block_in_place(|| stopped.iter().for_each(|member| set.stop(*member)));
    let (status, said) = status_and_json(client.get("/readyz").send().await.unwrap()).await;
    assert_eq!((status, &said["code"]), (503, &json!("not-ready")), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("takes no write"), "{said}");
    come_back_later(client.send(&meanwhile).await).await;
    come_back_later(client.get("/xapi/statements").send().await.unwrap()).await;
    assert_eq!(client.get("/healthz").send().await.unwrap().status(), 200, "the process itself is well");

    block_in_place(|| stopped.iter().for_each(|member| set.start(*member)));
    client.until_taken(&after).await;
    assert_eq!(client.get("/readyz").send().await.unwrap().status(), 200);
    client.until_taken(&meanwhile).await;
    for id in [&before, &meanwhile, &after] {
        let (status, found) = status_and_json(client.get("/xapi/statements").send().await.unwrap()).await;
        assert_eq!(status, 200, "{found}");
        let found = found["statements"].as_array().unwrap().iter().filter(|statement| &statement["id"] == id).count();
        assert_eq!(found, 1, "of {id}");
    }
}

/// The refusal is one that tells its receiver to come back.
async fn come_back_later(answer: Response) {
    assert!(answer.headers().contains_key("retry-after"));
    let (status, said) = status_and_json(answer).await;
    assert_eq!((status, &said["code"]), (503, &json!("busy")), "{said}");
}

struct Client {
    http: reqwest::Client,
    address: String,
    key: String,
    secret: String,
}

impl Client {
    async fn of(node: &Node, database: &str) -> Self {
        let app = open(database).await;
        let (credential, secret) = credentials::create(&app, "outage", BTreeSet::from([Scope::All])).await.unwrap();
        app.store.close().await.unwrap();
        Self { http: reqwest::Client::new(), address: node.address.clone(), key: credential.key, secret }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.address));
        asked.basic_auth(&self.key, Some(&self.secret)).header("x-experience-api-version", "2.0.0")
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Sends the statement with this id.
    async fn send(&self, id: &str) -> Response {
        let statement = json!({
            "id": id,
            "actor": {"mbox": "mailto:nurse@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
            "object": {"id": "https://campus.example.org/units/1"},
        });
        self.request(Method::POST, "/xapi/statements").json(&statement).send().await.unwrap()
    }

    /// Sends a statement again until it is taken, as its refusals say to do.
    async fn until_taken(&self, id: &str) {
        for _ in 0..PATIENCE {
            let answer = self.send(id).await;
            if answer.status() == 200 {
                return;
            }
            come_back_later(answer).await;
        }
        panic!("service was not resumed");
    }
}
