//! Starting: several processes at once on a database that is still unused, on one of a newer format, on one that lacks an
//! index; and what the program says of the URL that it was given.

use super::meeting::{meet, refused};
use super::node::CONTENT_URL;
use super::{Node, open};
use crate::harness::{ReplicaSet, program};
use ::mongodb::bson::{Bson, Document, doc};
use ::mongodb::options::IndexOptions;
use ::mongodb::{Client, Collection, Database, IndexModel};
use base::clock::SystemClock;
use enduring::config::Config;
use enduring::service::App;
use enduring::service::upkeep::{installation, readiness};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::thread;
use tokio::task::block_in_place;

/// How many processes start at once, and on how many databases in turn.
const PROCESSES: usize = 3;
const DATABASES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_on_a_new_database_all_become_ready() {
    for _ in 0..DATABASES {
        let database = ReplicaSet::database();
        let together = Barrier::new(PROCESSES);
        let nodes: Vec<Node> = block_in_place(|| {
            thread::scope(|scope| {
                let start = || {
                    together.wait();
                    Node::start(&database)
                };
                let starting: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(start)).collect();
                starting.into_iter().map(|node| node.join().unwrap()).collect()
            })
        });
        for node in &nodes {
            let answer = reqwest::get(format!("{}/readyz", node.address)).await.unwrap();
            assert_eq!(answer.status(), 200, "{}", node.address);
        }
    }
}

#[tokio::test]
async fn of_two_addresses_that_are_said_at_once_one_is_taken_and_the_other_refused() {
    let database = ReplicaSet::database();
    let at = async |url: &str| {
        let said = [("store", database.clone()), ("url", url.to_owned()), ("content_url", CONTENT_URL.to_owned())];
        let said = [said.to_vec(), vec![("demo", "false".to_owned())]].concat();
        App::open(Config::load(None, [], &said).unwrap(), Arc::new(SystemClock)).await.unwrap()
    };
    let [first, second] = [at("http://one.example").await, at("http://two.example").await];
    let settled = tokio::join!(installation::confirm_address(&first), installation::confirm_address(&second));
    let ((Err(refused), Ok(())) | (Ok(()), Err(refused))) = settled else { panic!("{settled:?}") };
    assert!(refused.to_string().contains("this store was first served under http://"), "{refused}");
    for app in [first, second] {
        app.store.close().await.unwrap();
    }
}

/// The database that `url` names, as an operator's shell meets it.
async fn shell(url: &str) -> Database {
    Client::with_uri_str(url).await.unwrap().default_database().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_format_is_refused_and_left_alone() {
    let url = block_in_place(ReplicaSet::database);
    block_in_place(|| meet(&url)).unwrap();
    let database = shell(&url).await;
    let formats = database.collection::<Document>("format");
    assert_eq!(formats.find_one(doc! {}).await.unwrap(), Some(doc! { "_id": "store", "version": 1 }));

    formats.delete_one(doc! {}).await.unwrap();
    block_in_place(|| meet(&url)).expect("a database from before there was such a document is of the first format");

    for newer in [Bson::Int32(2), Bson::Double(2.0)] {
        formats.update_one(doc! {}, doc! { "$set": { "version": newer } }).await.unwrap();
        database.collection::<Document>("due").drop_indexes().await.unwrap();
        block_in_place(|| {
            refused(&url, &["written by a newer version", "format 2", "start the version that wrote it"]);
        });
        let untouched = database.collection::<Document>("due").list_index_names().await.unwrap();
        assert_eq!(untouched, ["_id_"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_runs_while_the_format_becomes_newer_writes_no_more() {
    let url = block_in_place(ReplicaSet::database);
    let app = open(&url).await;
    readiness::check(&app).await.unwrap();
    let heads = shell(&url).await.collection::<Document>("heads");
    let before = heads.find_one_and_update(doc! {}, doc! { "$set": { "format": 2 } }).await.unwrap().unwrap();
    let refused = readiness::check(&app).await.unwrap_err();
    assert!(refused.to_string().contains("written by a newer version"), "{refused}");
    let after = heads.find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(after.get("turn"), before.get("turn"), "its transaction was not committed");
    app.store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_missing_is_built_and_the_log_says_so() {
    let url = block_in_place(ReplicaSet::database);
    let node = block_in_place(|| Node::start(&url));
    assert!(node.logged("building an index").is_empty(), "there was nothing to wait for");
    let entries = shell(&url).await.collection::<Document>("due");
    entries.insert_one(doc! { "queue": "nobody's", "at": 1, "ready": 1 }).await.unwrap();
    let complete = names(&entries).await;
    entries.drop_index("queue_1_ready_1").await.unwrap();
    drop(node);
    let node = block_in_place(|| Node::start(&url));
    let built = node.logged("building an index");
    assert_eq!(built.len(), 1, "{built:?}");
    assert_eq!((&built[0]["collection"], &built[0]["fields"]), (&json!("due"), &json!("queue, ready")));
    assert_eq!(names(&entries).await, complete);
    drop(node);

    entries.drop_index("queue_1_ready_1").await.unwrap();
    let mut beforehand = IndexModel::builder().keys(doc! { "queue": 1.0, "ready": 1.0 }).build();
    beforehand.options = Some(IndexOptions::builder().name("made_beforehand".to_owned()).build());
    entries.create_index(beforehand).await.unwrap();
    block_in_place(|| meet(&url)).expect("an index that an operator has made, under whatever name, will do");

    entries.drop_index("made_beforehand").await.unwrap();
    let mut other = IndexModel::builder().keys(doc! { "queue": 1, "ready": 1 }).build();
    other.options = Some(IndexOptions::builder().unique(true).build());
    entries.create_index(other).await.unwrap();
    block_in_place(|| {
        refused(&url, &["an index of the collection due conflicts with one", "drop it", "queue_1_ready_1"]);
    });
}

async fn names(of: &Collection<Document>) -> BTreeSet<String> {
    of.list_index_names().await.unwrap().into_iter().collect()
}

#[test]
fn the_log_says_when_nothing_would_follow_an_election() {
    let node = Node::start(&(ReplicaSet::database() + "&directConnection=true"));
    assert_eq!(node.logged("directConnection=true").len(), 1);
    assert!(node.logged("TLS").is_empty(), "nothing leaves this machine");
}

#[test]
fn the_url_can_come_from_a_separate_file() {
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("store");
    let list = |variable: &str, value: &str| {
        let mut command = program(here.path());
        let output = command.args(["credential", "list"]).env("ENDURING_STORE_FILE", &file).env(variable, value);
        let output = output.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = list("ENDURING_DEMO", "false");
    assert_eq!(status, Some(2));
    assert!(said.contains(file.to_str().unwrap()) && said.contains("No such file"), "{said}");

    std::fs::write(&file, ReplicaSet::database() + "\n").unwrap();
    assert_eq!(list("ENDURING_DEMO", "false"), (Some(0), String::new()));
    assert!(!here.path().join("data/enduring.db").exists(), "nothing is kept in files");
    let (status, said) = list("ENDURING_STORE", "mongodb://u:secret@h/db");
    assert_eq!(status, Some(2));
    assert!(said.contains("store is set too") && !said.contains("secret"), "{said}");
}

#[test]
fn whatever_moves_a_store_takes_its_url_from_a_file_too() {
    let here = tempfile::tempdir().unwrap();
    for name in ["full", "empty"] {
        std::fs::write(here.path().join(name), ReplicaSet::database() + "\n").unwrap();
    }
    let run = |command: &str| {
        let output = program(here.path()).args(command.split(' ')).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run("credential create --name kept --scope all --store-file full").0, Some(0));
    for command in
        ["export all.jsonl --from-file full", "import all.jsonl --to-file empty", "copy --from-file empty --to data"]
    {
        let (status, counts, said) = run(command);
        assert_eq!((status, counts.contains("credential 1")), (Some(0), true), "{command}: {counts}{said}");
    }
    assert!(run("credential list").1.contains("kept"), "in ./data");
    for wrong in ["copy --to data", "copy --from data --from-file full --to data", "import all.jsonl --to-file none"] {
        let (status, _, said) = run(wrong);
        assert_eq!(status, Some(2), "{wrong}: {said}");
    }
}
