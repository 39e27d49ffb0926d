//! Three processes on a replica set of three; writers, readers and learners who come to all of them over HTTP, one process
//! killed every few seconds, the primary stepped down once: nothing that was acknowledged is lost, doubled or out of order,
//! and every credit is decided once.

mod field;
mod learners;
mod readers;
mod writers;

use super::node::Node;
use super::open;
use crate::harness::ReplicaSet;
use crate::learner::load_sample;
use ::mongodb::Client;
use ::mongodb::bson::doc;
use enduring::service::ledger::credits;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::queues::DECIDE;
use enduring::service::verification;
use enduring::service::{App, RegistrationId};
use field::{Field, PATIENCE};
use readers::Readers;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use store::Scan;
use tokio::task::block_in_place;
use uuid::Uuid;
use writers::{RESUMED, Writers};

const NODES: usize = 3;

/// What the processes have to go through.
struct Ordeal {
    /// Processes that are killed, one after the other; half-way the primary steps down.
    kills: usize,
    /// Between two kills, at least.
    calm: Duration,
    learners: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_keep_every_promise_while_they_and_the_primary_go_away() {
    survive(Ordeal { kills: 4, calm: Duration::from_secs(1), learners: 4 }).await;
}

/// A step of `scripts/test`; by itself `cargo test --test it cluster::chaos -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the same for more than a minute; ask for it by name, with --ignored"]
async fn several_processes_keep_every_promise_for_a_minute() {
    survive(Ordeal { kills: 15, calm: Duration::from_secs(4), learners: 12 }).await;
}

async fn survive(ordeal: Ordeal) {
    let set = block_in_place(|| ReplicaSet::of(3));
    let database = set.new_database();
    let mut nodes: Vec<Node> = block_in_place(|| (0..NODES).map(|_| Node::start(&database)).collect());
    let app = open(&database).await;
    load_sample(&app).await;
    let (credential, secret) = credentials::create(&app, "load", BTreeSet::from([Scope::All])).await.unwrap();
    let (field, began) = (Field::new(&nodes, &credential.key, &secret), Instant::now());
    let (writers, readers) = (Writers::start(&field), Readers::start(&field));
    let learning = learners::learn(&field, ordeal.learners, ordeal.calm / 2);
    let (claimed, ()) = tokio::join!(learning, disturb(&mut nodes, &database, &writers, &ordeal));
    let acknowledged = writers.stop().await;
    let (took, count) = (began.elapsed(), acknowledged.len());
    let seen = readers.finish(acknowledged).await;
    decided(&app, &claimed).await;

    let log = everything(&app).await;
    let once: BTreeSet<Uuid> = log.iter().copied().collect();
    assert_eq!(once.len(), log.len(), "a statement is there twice");
    assert!(count >= RESUMED * ordeal.kills, "there was load: {count}");
    for (how, seen) in &seen {
        let differs = seen.iter().zip(&log).position(|(seen, stored)| seen != stored);
        assert_eq!(differs, None, "who read {how} saw another statement here");
    }
    println!("{} kills in {took:?}: {count} statements acknowledged, {} credits", ordeal.kills, claimed.len());
    drop(nodes);
    app.store.close().await.unwrap();
}

/// Kills one process after the other, each replaced at once, and half-way makes the primary step down.
async fn disturb(nodes: &mut [Node], database: &str, writers: &Writers, ordeal: &Ordeal) {
    for kill in 0..ordeal.kills {
        tokio::time::sleep(ordeal.calm).await;
        if kill == ordeal.kills / 2 {
            step_down(database).await;
        }
        block_in_place(|| nodes[kill % NODES].replace());
        writers.go_on().await;
    }
}

async fn step_down(database: &str) {
    let client = Client::with_uri_str(database).await.unwrap();
    // It responds by closing the connection.
    let _stepped = client.database("admin").run_command(doc! { "replSetStepDown": 20, "force": true }).await;
}

/// The whole log in its order, without a hole.
async fn everything(app: &App) -> Vec<Uuid> {
    let all = app.store.scan(&app.provider, Scan::everything(Vec::new(), usize::MAX)).await.unwrap();
    assert!(all.iter().map(|stored| stored.seq.0).eq(1..=u64::try_from(all.len()).unwrap()), "a hole in the log");
    all.into_iter().map(|stored| stored.id.0).collect()
}

/// Waits until no decision is due; then everyone who claimed has one credit, nobody else has any, and all of it verifies.
async fn decided(app: &App, claimed: &[String]) {
    let began = Instant::now();
    while app.store.due(DECIDE, jiff::Timestamp::MAX).await.unwrap() > 0 {
        assert!(began.elapsed() < PATIENCE, "decisions stay due");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for registration in claimed {
        let credits = credits::of_registration(app, RegistrationId(registration.parse().unwrap())).await.unwrap();
        assert_eq!(credits.len(), 1, "credits of {registration}: {credits:?}");
    }
    let report = verification::verify(app).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.credits, u64::try_from(claimed.len()).unwrap(), "{report:?}");
}
