//! Paging under load: the real program, writers at full speed, and readers who must see every acknowledged statement once and
//! in order, whichever way they read.
//!
//! One process on the store that the run is for, and two on MongoDB, where everyone goes from one to the other. Short by
//! default; for 30 seconds each by `cargo test --test it xapi::fire -- --ignored`.

mod readers;
mod stream;
mod writers;

use crate::cluster::{self, Node};
use crate::harness::{BinApp, ReplicaSet};
use enduring::service::people::credentials::{self, Scope};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const WRITERS: usize = 4;

/// When the writers stop.
#[derive(Clone, Copy)]
enum StopCondition {
    Statements(usize),
    Time(Duration),
}

const SHORT: StopCondition = StopCondition::Statements(2000);
const LONG: StopCondition = StopCondition::Time(Duration::from_secs(30));

/// What all writers and readers share.
#[derive(Clone)]
struct Field {
    http: reqwest::Client,
    /// The processes.
    urls: Vec<String>,
    key: String,
    secret: String,
    turn: Arc<AtomicUsize>,
    /// Every statement that was acknowledged, by number, and so in the order of each writer.
    acknowledged: Arc<Mutex<Vec<Number>>>,
    /// Writers are to stop,
    over: Arc<AtomicBool>,
    /// and have stopped.
    ended: Arc<AtomicBool>,
}

/// The `1`st statement of the `0`th writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Number(usize, usize);

impl Field {
    fn of(urls: Vec<String>, key: String, secret: String) -> Self {
        Self {
            http: reqwest::Client::builder().timeout(Duration::from_mins(1)).build().unwrap(),
            urls,
            key,
            secret,
            turn: Arc::default(),
            acknowledged: Arc::default(),
            over: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// A request to one process after the other.
    fn ask(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = &self.urls[self.turn.fetch_add(1, Ordering::Relaxed) % self.urls.len()];
        let asked = self.http.request(method, format!("{url}{path}")).basic_auth(&self.key, Some(&self.secret));
        asked.header("X-Experience-API-Version", "2.0.0")
    }

    fn so_far(&self) -> Vec<Number> {
        self.acknowledged.lock().unwrap().clone()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Whether a reader who has seen this many has seen all that there will be.
    fn is_all(&self, seen: usize) -> bool {
        self.ended.load(Ordering::SeqCst) && seen >= self.acknowledged.lock().unwrap().len()
    }

    /// Runs writers and readers, and compares what was read with what was acknowledged.
    async fn burn(&self, until: StopCondition) {
        let writers = (0..WRITERS).map(|writer| tokio::spawn(writers::write(self.clone(), writer)));
        let writers: Vec<_> = writers.collect();
        let mut followers: Vec<_> =
            (0..2).map(|_| tokio::spawn(readers::follow_what_is_consistent(self.clone()))).collect();
        followers.extend((0..2).map(|_| tokio::spawn(stream::follow(self.clone()))));
        let turners: Vec<_> = readers::QUESTIONS
            .into_iter()
            .map(|question| tokio::spawn(readers::turn_pages(self.clone(), question)))
            .collect();
        let began = Instant::now();
        while match until {
            StopCondition::Statements(count) => self.so_far().len() < count,
            StopCondition::Time(time) => began.elapsed() < time,
        } {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.over.store(true, Ordering::SeqCst);
        join_all(writers).await.into_iter().for_each(|ended| ended.unwrap());
        self.ended.store(true, Ordering::SeqCst);
        let log = readers::everything(self).await;
        is_whole(&log, self.so_far());
        for seen in join_all(followers).await {
            assert!(seen.unwrap() == log, "a reader saw other statements, or another order");
        }
        let times: usize = join_all(turners).await.into_iter().map(|turned| turned.unwrap()).sum();
        println!("{} statements, read {times} times while they were written", log.len());
    }
}

/// Everything that was acknowledged is in the log once, and what one writer sent is in the order in which it was sent.
fn is_whole(log: &[Number], mut acknowledged: Vec<Number>) {
    let mut sorted = log.to_vec();
    sorted.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(sorted.len(), acknowledged.len(), "statements in the log, and acknowledged ones");
    assert!(sorted == acknowledged, "every one once");
    for writer in 0..WRITERS {
        assert!(log.iter().filter(|number| number.0 == writer).is_sorted(), "the order of writer {writer}");
    }
}

async fn one_process(until: StopCondition) {
    let program = BinApp::start();
    let created = program.command(&["credential", "create", "--name", "fire", "--scope", "all", "--json"]);
    let created: Value = serde_json::from_slice(&created.stdout).unwrap();
    let text = |member: &str| created[member].as_str().unwrap().to_owned();
    Field::of(vec![program.url.clone()], text("key"), text("secret")).burn(until).await;
}

async fn two_processes(until: StopCondition) {
    let database = tokio::task::block_in_place(ReplicaSet::database);
    let nodes = tokio::task::block_in_place(|| [Node::start(&database), Node::start(&database)]);
    let app = cluster::open(&database).await;
    let (credential, secret) = credentials::create(&app, "fire", [Scope::All].into()).await.unwrap();
    let urls = nodes.iter().map(|node| node.address.clone()).collect();
    Field::of(urls, credential.key, secret).burn(until).await;
    app.store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_miss_nothing_while_others_write() {
    one_process(SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_two_processes_miss_nothing_while_others_write() {
    two_processes(SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "keeps every core busy for half a minute; ask for it by name, with --ignored"]
async fn readers_miss_nothing_while_others_write_for_30_seconds() {
    one_process(LONG).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "keeps every core busy for half a minute; ask for it by name, with --ignored"]
async fn readers_of_two_processes_miss_nothing_while_others_write_for_30_seconds() {
    two_processes(LONG).await;
}
