//! The primary goes away while the program serves, and comes back; or its user loses a right.

use super::client::{Client, come_back_later};
use super::node::Node;
use crate::harness::{ReplicaSet, status_and_json};
use ::mongodb::bson::doc;
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::timeout;

/// What the log says when there is no longer a primary, and when there is one again.
const GONE: &str = "no primary of the MongoDB replica set can be reached";
const AGAIN: &str = "a primary of the MongoDB replica set is available again";

/// Far more than the second that figures wait for the store, and less than anyone who collects them waits.
const COLLECTED: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn without_a_primary_the_server_says_so_and_goes_on_by_itself_when_there_is_one() {
    let mut set = block_in_place(|| ReplicaSet::of(3));
    let database = set.new_database() + "&serverSelectionTimeoutMS=1000";
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    let [before, meanwhile, after] = [(); 3].map(|()| base::ids::random().to_string());
    assert_eq!(client.send(&before).await.status(), 200);
    assert_eq!(client.get("/readyz").await.status(), 200);

    let stopped: Vec<u16> = set.members.iter().copied().take(2).collect();
    block_in_place(|| stopped.iter().for_each(|member| set.stop(*member)));
    let (status, said) = status_and_json(client.get("/readyz").await).await;
    assert_eq!((status, &said["code"]), (503, &json!("not-ready")), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("does not accept writes"), "{said}");
    come_back_later(client.send(&meanwhile).await).await;
    come_back_later(client.get("/xapi/statements").await).await;
    assert_eq!(client.get("/healthz").await.status(), 200, "the process itself is well");

    block_in_place(|| stopped.iter().for_each(|member| set.start(*member)));
    client.until_taken(&after).await;
    assert_eq!(client.get("/readyz").await.status(), 200);
    client.until_taken(&meanwhile).await;
    for id in [&before, &meanwhile, &after] {
        let (status, found) = status_and_json(client.get("/xapi/statements").await).await;
        assert_eq!(status, 200, "{found}");
        let found = found["statements"].as_array().unwrap().iter().filter(|statement| &statement["id"] == id).count();
        assert_eq!(found, 1, "of {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_missing_primary_once_and_figures_go_on_without_it() {
    let mut set = block_in_place(|| ReplicaSet::of(1));
    let member = set.members[0];
    let database = set.new_database() + "&serverSelectionTimeoutMS=1000";
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    let [before, after] = [(); 2].map(|()| base::ids::random().to_string());
    assert_eq!(client.send(&before).await.status(), 200);
    let figures = client.figures().await;
    for figure in ["enduring_store_answers 1", "enduring_store_statements_total 1", "enduring_store_commits_waiting 0"]
    {
        assert!(figures.contains(figure), "{figure} is missing: {figures}");
    }
    assert!(
        figures.contains("enduring_store_commits_total ") && figures.contains("enduring_due_waiting{"),
        "{figures}"
    );
    assert_eq!((node.log_lines(GONE), node.log_lines(AGAIN)), (vec![], vec![]));

    block_in_place(|| set.stop(member));
    come_back_later(client.get("/xapi/statements").await).await;
    come_back_later(client.send(&after).await).await;
    let figures = client.figures().await;
    assert!(figures.contains("enduring_store_answers 0"), "{figures}");
    assert!(figures.contains("enduring_store_statements_total 1"), "{figures}");
    assert!(!figures.contains("enduring_due_waiting"), "what is not known is left out: {figures}");
    assert!(!figures.contains("enduring_store_tries_repeated_total 0"), "it was tried again: {figures}");

    block_in_place(|| set.start(member));
    client.until_taken(&after).await;
    assert!(client.figures().await.contains("enduring_store_answers 1"));
    let (again, gone) = (node.wait_for_log_line(AGAIN).await, node.log_lines(GONE));
    assert_eq!((gone.len(), again.len()), (1, 1), "{gone:?} {again:?}");
    assert!(gone[0].contains(&format!("127.0.0.1:{member}: ")), "{gone:?}");
    assert_eq!(node.log_lines(&format!("127.0.0.1:{member}")), gone, "nothing else repeats it");
}

impl Client {
    async fn figures(&self) -> String {
        let figures = timeout(COLLECTED, self.get("/metrics")).await.expect("figures take too long");
        assert_eq!(figures.status(), 200);
        figures.text().await.unwrap()
    }
}

/// A server that refuses a command quotes it, with everything that is in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_quotes_when_it_refuses_a_user_stays_out_of_the_log_and_the_response() {
    let set = block_in_place(|| ReplicaSet::with(&["--users"]));
    let store = |user: &str| set.url.replace("mongodb://", &format!("mongodb://{user}:right@")) + "&authSource=admin";
    let database = store("enduring").replace("/?", "/enduring?");
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    let [before, after] = [(); 2].map(|()| base::ids::random().to_string());
    assert_eq!(client.send(&before).await.status(), 200);

    let root = ::mongodb::Client::with_uri_str(store("root")).await.unwrap();
    let bare = doc! { "updateUser": "enduring", "roles": [] };
    root.database("admin").run_command(bare).await.unwrap();
    let wanted = json!({"activity": "sample", "learner": {"id": "nurse-4711"}});
    let asked = client.request(Method::POST, "/api/v1/registrations").json(&wanted).send().await.unwrap();
    refused_plainly(&node, asked).await;
    refused_plainly(&node, client.send(&after).await).await;
    assert!(node.log_lines("nurse").is_empty(), "{:?}", node.log_lines("nurse"));
}

/// The response has only the id of the request, and the log says what the operator is to do.
async fn refused_plainly(node: &Node, answer: Response) {
    let (status, said) = status_and_json(answer).await;
    assert_eq!((status, &said["code"]), (500, &json!("internal")), "{said}");
    assert!(!said.to_string().contains("nurse") && !said.to_string().contains("readWrite"), "{said}");
    let cause = "MongoDB refused this user (not authorized on enduring); give it the readWrite role on the database";
    let told = node.wait_for_log_line(said["request"].as_str().unwrap()).await;
    assert!(told[0].contains(cause), "{told:?}");
}
