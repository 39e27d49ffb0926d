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
use enduring::service::{App, RegistrationId, credits, verify};
use enduring::store::{Scan, Seq, Store, mongodb};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use uuid::Uuid;

const NODES: usize = 3;
const WRITERS: usize = 6;
const READERS: usize = 3;
/// Statements that must be acknowledged after each disturbance before the next: service has resumed.
const RESUMED: usize = 60;
/// How long whatever must come may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

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

/// `cargo test --test it cluster::chaos -- --ignored`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the same for more than a minute; ask for it by name, with --ignored"]
async fn several_processes_keep_every_promise_for_a_minute() {
    survive(Ordeal { kills: 15, calm: Duration::from_secs(4), learners: 12 }).await;
}

async fn survive(ordeal: Ordeal) {
    let set = tokio::task::block_in_place(|| ReplicaSet::of(3));
    let database = set.new_database();
    let mut nodes: Vec<Node> = tokio::task::block_in_place(|| (0..NODES).map(|_| Node::start(&database)).collect());
    let app = open(&database).await;
    let (writers, readers) = (Writers::start(&app, &nodes).await, Readers::start(&database));
    let (claimed, ()) = tokio::join!(learn(&app, &ordeal), disturb(&mut nodes, &database, &writers, &ordeal));
    let acknowledged = writers.stop().await;
    let seen = readers.stop().await;

    let log = everything(&app).await;
    assert!(log.iter().map(|(seq, _)| seq.0).eq(1..=u64::try_from(log.len()).unwrap()), "a hole in the log");
    let ids: BTreeSet<Uuid> = log.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids.len(), log.len(), "a statement is there twice");
    assert!(acknowledged.len() >= RESUMED * ordeal.kills, "there was load: {}", acknowledged.len());
    for seen in seen {
        assert!(seen.iter().zip(&log).all(|(seen, stored)| seen == stored), "a reader saw another order");
        let seen: BTreeSet<Uuid> = seen.into_iter().map(|(_, id)| id).collect();
        let missing = acknowledged.difference(&seen).count();
        assert_eq!(missing, 0, "of {} acknowledged statements a reader did not see", acknowledged.len());
    }
    decided(&app, &claimed).await;
    drop(nodes);
    app.store.close().await.unwrap();
}

/// All writers, until they are told to stop.
struct Writers {
    tasks: Vec<JoinHandle<Vec<Uuid>>>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
}

impl Writers {
    async fn start(app: &App, nodes: &[Node]) -> Self {
        let (credential, secret) = credentials::create(app, "load", BTreeSet::from([Scope::All])).await.unwrap();
        let (stop, acknowledged): (Arc<AtomicBool>, Arc<AtomicUsize>) = Default::default();
        let writer = |turn| Writer {
            http: reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap(),
            addresses: nodes.iter().map(|node| node.address.clone()).collect(),
            key: credential.key.clone(),
            secret: secret.clone(),
            turn,
        };
        let start = |turn| tokio::spawn(writer(turn).write(Arc::clone(&stop), Arc::clone(&acknowledged)));
        Self { tasks: (0..WRITERS).map(start).collect(), stop, acknowledged }
    }

    /// Waits until service has resumed, as far as writers can tell.
    async fn go_on(&self) {
        let (began, before) = (Instant::now(), self.acknowledged.load(Ordering::SeqCst));
        while self.acknowledged.load(Ordering::SeqCst) < before + RESUMED {
            assert!(began.elapsed() < PATIENCE, "service was not resumed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything that was acknowledged.
    async fn stop(self) -> BTreeSet<Uuid> {
        self.stop.store(true, Ordering::SeqCst);
        let mut acknowledged = BTreeSet::new();
        for writer in self.tasks {
            acknowledged.extend(writer.await.unwrap());
        }
        acknowledged
    }
}

/// All readers, until they are told to stop when they have read everything.
struct Readers {
    tasks: Vec<JoinHandle<Vec<(Seq, Uuid)>>>,
    stop: Arc<AtomicBool>,
}

impl Readers {
    fn start(database: &str) -> Self {
        let stop: Arc<AtomicBool> = Arc::default();
        let start = |_| tokio::spawn(follow(database.to_owned(), Arc::clone(&stop)));
        Self { tasks: (0..READERS).map(start).collect(), stop }
    }

    /// What each has seen, in its order.
    async fn stop(self) -> Vec<Vec<(Seq, Uuid)>> {
        self.stop.store(true, Ordering::SeqCst);
        let mut seen = Vec::new();
        for reader in self.tasks {
            seen.push(reader.await.unwrap());
        }
        seen
    }
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
    async fn write(mut self, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> Vec<Uuid> {
        let mut acknowledged = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            let ids: Vec<Uuid> = (0..3).map(|_| enduring::ids::random()).collect();
            let batch: Vec<Value> = ids.iter().map(statement).collect();
            while !self.send(&batch).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            count.fetch_add(ids.len(), Ordering::SeqCst);
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
async fn learn(app: &App, ordeal: &Ordeal) -> Vec<RegistrationId> {
    let mut claimed = Vec::new();
    for number in 0..ordeal.learners {
        let id = begin(app, number).await;
        super::play(app, id).await;
        claim(app, id).await;
        claimed.push(id);
        tokio::time::sleep(ordeal.calm / 2).await;
    }
    claimed
}

/// Kills one process after the other, each replaced at once, and half-way makes the primary step down.
async fn disturb(nodes: &mut [Node], database: &str, writers: &Writers, ordeal: &Ordeal) {
    for kill in 0..ordeal.kills {
        tokio::time::sleep(ordeal.calm).await;
        if kill == ordeal.kills / 2 {
            step_down(database).await;
        }
        tokio::task::block_in_place(|| nodes[kill % NODES].replace());
        writers.go_on().await;
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

/// Waits until no decision is due; then everyone who claimed has one credit, nobody else has any, and all of it verifies.
async fn decided(app: &App, claimed: &[RegistrationId]) {
    let began = Instant::now();
    while app.store.due(DECIDE, jiff::Timestamp::MAX).await.unwrap() > 0 {
        assert!(began.elapsed() < PATIENCE, "decisions stay due");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for registration in claimed {
        let credits = credits::of_registration(app, *registration).await.unwrap();
        assert_eq!(credits.len(), 1, "credits of {registration}: {credits:?}");
    }
    let report = verify::verify(app).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.credits, u64::try_from(claimed.len()).unwrap(), "{report:?}");
}
