//! Starting: several processes at once on a database that nobody has used yet.

use super::Node;
use super::node::CONTENT_URL;
use crate::harness::ReplicaSet;
use enduring::clock::SystemClock;
use enduring::config::Config;
use enduring::service::{App, installation};
use std::sync::{Arc, Barrier};
use std::thread;

/// How many processes start at once, and on how many databases in turn.
const PROCESSES: usize = 3;
const DATABASES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_on_a_new_database_all_become_ready() {
    for _ in 0..DATABASES {
        let database = ReplicaSet::database();
        let together = Barrier::new(PROCESSES);
        let nodes: Vec<Node> = tokio::task::block_in_place(|| {
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
    let settled = tokio::join!(installation::settle(&first), installation::settle(&second));
    let ((Err(refused), Ok(())) | (Ok(()), Err(refused))) = settled else { panic!("{settled:?}") };
    assert!(refused.to_string().contains("these data were made under http://"), "{refused}");
    for app in [first, second] {
        app.store.close().await.unwrap();
    }
}
