//! Three processes on a replica set of three, writers and readers on all of them, one process killed every few seconds, the
//! primary stepped down once: nothing that was acknowledged is lost, doubled or out of order, and every credit is decided once.

use super::node::Node;
use super::open;
use crate::crash::claims::{begin, claim};
use crate::harness::ReplicaSet;
use ::mongodb::Client;
use ::mongodb::bson::doc;
use enduring::clock::SystemClock;
use enduring::service::credentials::{self, Scope};
use enduring::service::registrations::DECIDE;
use enduring::service::{App, RegistrationId, verify};
use enduring::store::{Scan, Seq, Store, mongodb};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const WRITERS: usize = 6;
const READERS: usize = 3;
const LEARNERS: u32 = 12;
/// How long it goes on.
const DURATION: Duration = Duration::from_mins(1);
/// Between two kills.
const KILL_EVERY: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs for minutes on three servers and three processes; ask for it by name, with --ignored"]
async fn several_processes_keep_every_promise_while_they_and_the_primary_go_away() {
    let set = tokio::task::block_in_place(|| ReplicaSet::of(3));
    let database = set.new_database() + "&serverSelectionTimeoutMS=20000";
    let mut nodes: Vec<Node> = tokio::task::block_in_place(|| (0..3).map(|_| Node::start(&database)).collect());
    let app = open(&database).await;
    let (credential, secret) = credentials::create(&app, "load", BTreeSet::from([Scope::All])).await.unwrap();
    let addresses: Vec<String> = nodes.iter().map(|node| node.address.clone()).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let writer = Writer {
                http: reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap(),
                addresses: addresses.clone(),
                key: credential.key.clone(),
                secret: secret.clone(),
                turn: number,
            };
            tokio::spawn(writer.write(Arc::clone(&stop)))
        })
        .collect();
    let readers: Vec<_> = (0..READERS).map(|_| tokio::spawn(follow(database.clone(), Arc::clone(&stop)))).collect();
    let (claimed, ()) = tokio::join!(learn(&app), disturb(&mut nodes, &database));
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    let log = everything(&app).await;
    assert!(log.iter().map(|(seq, _)| seq.0).eq(1..=u64::try_from(log.len()).unwrap()), "a hole in the log");
    let ids: BTreeSet<Uuid> = log.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids.len(), log.len(), "a statement is there twice");
    let missing = acknowledged.iter().filter(|id| !ids.contains(id)).count();
    assert_eq!(missing, 0, "of {} acknowledged statements", acknowledged.len());
    assert!(acknowledged.len() > 500, "there was load: {}", acknowledged.len());
    for reader in readers {
        let seen = reader.await.unwrap();
        assert!(seen.iter().zip(&log).all(|(seen, (seq, id))| seen == &(*seq, *id)), "a reader saw another order");
        assert!(seen.len() + 5 >= acknowledged.len(), "a reader saw {} of {}", seen.len(), log.len());
    }
    decided(&app, &claimed).await;
    let report = verify::verify(&app).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    drop(nodes);
    app.store.close().await.unwrap();
}

/// Sends batches to one process after the other, each again until some process has said that it has it.
struct Writer {
    http: reqwest::Client,
    addresses: Vec<String>,
    key: String,
    secret: String,
    turn: usize,
}

impl Writer {
    async fn write(mut self, stop: Arc<AtomicBool>) -> Vec<Uuid> {
        let mut acknowledged = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            let ids: Vec<Uuid> = (0..3).map(|_| enduring::ids::random()).collect();
            let batch: Vec<Value> = ids.iter().map(statement).collect();
            while !self.send(&batch).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            acknowledged.extend(ids);
        }
        acknowledged
    }

    async fn send(&mut self, batch: &[Value]) -> bool {
        self.turn += 1;
        let address = &self.addresses[self.turn % self.addresses.len()];
        let asked = self.http.post(format!("{address}/xapi/statements")).basic_auth(&self.key, Some(&self.secret));
        let Ok(answer) = asked.header("x-experience-api-version", "2.0.0").json(batch).send().await else {
            return false;
        };
        match answer.status().as_u16() {
            200 => true,
            503 => {
                assert!(answer.headers().contains_key("retry-after"));
                false
            }
            other => panic!("{other}: {}", answer.text().await.unwrap_or_default()),
        }
    }
}

fn statement(id: &Uuid) -> Value {
    json!({
        "id": id,
        "actor": {"account": {"homePage": "https://campus.example.org", "name": id.to_string()}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://campus.example.org/units/1"},
    })
}

/// Follows the log as a process of its own would, and never sees a number before all below it.
async fn follow(database: String, stop: Arc<AtomicBool>) -> Vec<(Seq, Uuid)> {
    let store = mongodb::connect(&database, Arc::new(SystemClock)).await.unwrap();
    let provider = enduring::store::Provider::new("main");
    let mut seen: Vec<(Seq, Uuid)> = Vec::new();
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        let after = seen.last().map_or(Seq(0), |(seq, _)| *seq);
        let scan = Scan { after, ..Scan::everything(Vec::new(), 500) };
        let Ok(page) = store.scan(&provider, scan).await else {
            // No primary for the moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        for stored in &page {
            let next = seen.last().map_or(1, |(seq, _)| seq.0 + 1);
            assert_eq!(stored.seq.0, next, "a number appeared before the one below it");
            seen.push((stored.seq, stored.id.0));
        }
        if stopped && page.is_empty() {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Learners who go the whole way and claim, one after the other.
async fn learn(app: &App) -> Vec<RegistrationId> {
    let mut claimed = Vec::new();
    for number in 0..LEARNERS {
        let id = begin(app, number).await;
        super::play(app, id).await;
        claim(app, id).await;
        claimed.push(id);
        tokio::time::sleep(DURATION / (LEARNERS * 2)).await;
    }
    claimed
}

/// Kills one process after the other, each replaced at once, and half-way makes the primary step down.
async fn disturb(nodes: &mut [Node], database: &str) {
    let began = Instant::now();
    for kill in 0.. {
        tokio::time::sleep(KILL_EVERY).await;
        if began.elapsed() >= DURATION {
            return;
        }
        let node = &mut nodes[kill % 3];
        tokio::task::block_in_place(|| node.replace());
        if kill == 6 {
            step_down(database).await;
        }
    }
}

async fn step_down(database: &str) {
    let client = Client::with_uri_str(database).await.unwrap();
    // It answers by closing the connection.
    let _stepped = client.database("admin").run_command(doc! { "replSetStepDown": 20, "force": true }).await;
}

async fn everything(app: &App) -> Vec<(Seq, Uuid)> {
    let all = app.store.scan(&app.provider, Scan::everything(Vec::new(), usize::MAX)).await.unwrap();
    all.into_iter().map(|stored| (stored.seq, stored.id.0)).collect()
}

/// Waits until no decision is due; then everyone who claimed has one credit, and the ledger holds no more.
async fn decided(app: &App, claimed: &[RegistrationId]) {
    let began = Instant::now();
    while app.store.due(DECIDE, jiff::Timestamp::MAX).await.unwrap() > 0 {
        assert!(began.elapsed() < Duration::from_mins(2), "decisions stay due");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let report = verify::verify(app).await.unwrap();
    assert_eq!(report.credits, u64::try_from(claimed.len()).unwrap(), "{report:?}");
}
