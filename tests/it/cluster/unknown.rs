//! It is unknown whether a commit has happened: its sender is asked to retry, and finds it done once.

use super::client::{Client, come_back_later};
use super::node::Node;
use crate::harness::{ReplicaSet, status_and_json};
use ::mongodb::bson::{Bson, Document, doc};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_whose_commit_is_unknown_retries_and_finds_it_once() {
    let set = block_in_place(|| ReplicaSet::with(&["--faults"]));
    let database = set.new_database();
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    let ids: Vec<String> = (0..8).map(|_| base::ids::random().to_string()).collect();

    // The server commits, and cannot say that a majority has it.
    unconfirmed(&set, Bson::String("alwaysOn".to_owned())).await;
    for answer in join_all(ids.iter().map(|id| client.send(id))).await {
        come_back_later(answer).await;
    }
    unconfirmed(&set, Bson::String("off".to_owned())).await;

    for id in &ids {
        client.until_taken(id).await;
    }
    let (_, found) = status_and_json(client.get("/xapi/statements").await).await;
    let mut stored = BTreeMap::<&str, usize>::new();
    for statement in found["statements"].as_array().unwrap() {
        *stored.entry(statement["id"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(stored, ids.iter().map(|id| (id.as_str(), 1)).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_confirmed_late_is_acknowledged_as_any_other() {
    let set = block_in_place(|| ReplicaSet::with(&["--faults"]));
    let database = set.new_database();
    let node = block_in_place(|| Node::start(&database));
    let client = Client::of(&node, &database).await;
    unconfirmed(&set, Bson::Document(doc! { "times": 3 })).await;
    assert_eq!(client.send(&base::ids::random().to_string()).await.status(), 200);
}

/// As `mode` says, the server reports about a commit that the majority did not confirm it in time.
async fn unconfirmed(set: &ReplicaSet, mode: Bson) {
    const NOT_IN_TIME: i32 = 64;
    let data: Document = doc! {
        "failCommands": ["commitTransaction"], "appName": "enduring",
        "writeConcernError": { "code": NOT_IN_TIME, "errmsg": "waiting for replication timed out" },
    };
    let server = ::mongodb::Client::with_uri_str(&set.url).await.unwrap();
    let fault = doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data };
    server.database("admin").run_command(fault).await.unwrap();
}
