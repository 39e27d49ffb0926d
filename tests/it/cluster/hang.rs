//! The primary hangs, as one does whose machine has lost its power or whose network drops packets: nothing is refused and
//! nothing responds. Requests in the meantime wait no longer than was promised.

use super::client::{Client, statement};
use super::node::Node;
use super::open;
use crate::harness::ReplicaSet;
use ::mongodb::bson::doc;
use reqwest::{Method, RequestBuilder};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::Scan;
use tokio::task::{JoinHandle, block_in_place};

/// Three times what a call to the store takes at most: an export makes two, and the machine has other things to do too.
const PROMISED: Duration = Duration::from_secs(30);
/// How long whatever must come may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// With which the driver notices nothing for as long as a test takes, so that what is left is the store's own clock.
const NOTICING_NOTHING: &str = "&heartbeatFrequencyMS=300000&connectTimeoutMS=300000";

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_hangs_is_replaced_and_everything_responds_in_time() {
    hang_and_go_on("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_responds_in_time_though_the_driver_does_not_notice_that_the_primary_hangs() {
    hang_and_go_on(NOTICING_NOTHING).await;
}

/// The primary hangs until everything is served without it, and then resumes; `options` are the driver's.
async fn hang_and_go_on(options: &str) {
    let mut trial = Trial::begin(options).await;
    let primary = trial.primary().await;
    trial.pause(&[primary]);
    trial.served_again().await;
    trial.resume(&[primary]);
    trial.served_again().await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_no_primary_can_be_chosen_everything_is_refused_in_time() {
    let mut trial = Trial::begin("").await;
    let primary = trial.primary().await;
    let other = *trial.set.members.iter().find(|member| **member != primary).unwrap();
    trial.pause(&[primary, other]);
    trial.refused().await;
    trial.resume(&[primary, other]);
    trial.served_again().await;
    trial.end().await;
}

/// The requests that are repeated without end while servers hang and resume.
const PROBES: [Probe; 9] = [
    Probe::Path("/xapi/statements?limit=5"),
    Probe::Path("/xapi/statements?verb=http://adlnet.gov/expapi/verbs/experienced&limit=5"),
    Probe::Path("/xapi/statements?since=2020-01-01T00:00:00Z&ascending=true&limit=5"),
    Probe::Path("/xapi/activities/profile?activityId=https://campus.example.org/units/1"),
    Probe::Path("/api/v1/statements/export.csv"),
    Probe::Path("/"),
    Probe::Path("/readyz"),
    Probe::Statement,
    Probe::State,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Probe {
    /// A new statement is sent.
    Statement,
    /// A new document is put, which is bytes and a record.
    State,
    Path(&'static str),
}

impl Probe {
    fn by(self, client: &Client, id: &str) -> RequestBuilder {
        match self {
            Self::Statement => client.request(Method::POST, "/xapi/statements").json(&statement(id)),
            Self::State => {
                let about = [
                    ("activityId", "https://campus.example.org/units/1"),
                    ("agent", r#"{"mbox":"mailto:nurse@example.org"}"#),
                    ("stateId", id),
                ];
                client.request(Method::PUT, "/xapi/activities/state").query(&about).body(id.to_owned())
            }
            Self::Path(path) => client.request(Method::GET, path),
        }
    }
}

/// What counts of a response.
#[derive(Debug, Clone)]
struct ProbeResult {
    probe: Probe,
    id: String,
    at: Instant,
    took: Duration,
    status: u16,
    comes_back: bool,
}

/// Servers, one process on them, and all requests to it.
struct Trial {
    set: ReplicaSet,
    database: String,
    node: Node,
    answers: Arc<Mutex<Vec<ProbeResult>>>,
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
    /// When a server was last made to hang or to resume.
    disturbed: Instant,
}

impl Trial {
    async fn begin(options: &str) -> Self {
        let set = block_in_place(|| ReplicaSet::of(3));
        let database = set.new_database();
        let node = block_in_place(|| Node::start(&(database.clone() + options)));
        let client = Client::of(&node, &database).await;
        let (answers, stop): (Arc<Mutex<Vec<ProbeResult>>>, Arc<AtomicBool>) = Default::default();
        let ask = |probe| tokio::spawn(go_on_asking(probe, client.clone(), Arc::clone(&answers), Arc::clone(&stop)));
        let tasks = PROBES.into_iter().map(ask).collect();
        let trial = Self { set, database, node, answers, stop, tasks, disturbed: Instant::now() };
        trial.served_again().await;
        trial
    }

    /// The port of the member that is the primary.
    async fn primary(&self) -> u16 {
        let client = ::mongodb::Client::with_uri_str(&self.database).await.unwrap();
        let hello = client.database("admin").run_command(doc! { "hello": 1 }).await.unwrap();
        hello.get_str("primary").unwrap().rsplit(':').next().unwrap().parse().unwrap()
    }

    fn pause(&mut self, members: &[u16]) {
        block_in_place(|| members.iter().for_each(|member| self.set.pause(*member)));
        self.disturbed = Instant::now();
    }

    fn resume(&mut self, members: &[u16]) {
        block_in_place(|| members.iter().for_each(|member| self.set.resume(*member)));
        self.disturbed = Instant::now();
    }

    /// Waits until every kind of request since the last disturbance has been served.
    async fn served_again(&self) {
        self.until("served", |answer| matches!(answer.status, 200 | 204)).await;
    }

    /// Waits until every kind of request since the last disturbance has been refused.
    async fn refused(&self) {
        self.until("refused", |answer| answer.status == 503).await;
    }

    async fn until(&self, what: &str, holds: impl Fn(&ProbeResult) -> bool) {
        let began = Instant::now();
        loop {
            let since = self.answers.lock().unwrap().clone();
            let since: Vec<&ProbeResult> = since.iter().filter(|answer| answer.at > self.disturbed).collect();
            let missing = |probe: &Probe| !since.iter().any(|answer| answer.probe == *probe && holds(answer));
            let missing: Vec<Probe> = PROBES.into_iter().filter(missing).collect();
            if missing.is_empty() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "not {what}: {missing:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every response came in time and was a success or a refusal, and what was acknowledged exists once.
    async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        let answers = self.answers.lock().unwrap().clone();
        let late: Vec<_> = answers.iter().filter(|answer| answer.took > PROMISED).collect();
        assert!(late.is_empty(), "{late:?}");
        let other = |answer: &&ProbeResult| !matches!(answer.status, 200 | 204 | 503);
        let other: Vec<_> = answers.iter().filter(other).collect();
        assert!(other.is_empty(), "{other:?}, {:?}", self.node.log_lines("ERROR").first());
        let for_good: Vec<_> = answers.iter().filter(|answer| answer.status == 503 && !answer.comes_back).collect();
        assert!(for_good.is_empty(), "{for_good:?}");

        let app = open(&self.database).await;
        let mut stored: BTreeMap<String, usize> = BTreeMap::new();
        for statement in app.store.scan(&app.provider, Scan::everything(Vec::new(), usize::MAX)).await.unwrap() {
            *stored.entry(statement.id.0.to_string()).or_default() += 1;
        }
        app.store.close().await.unwrap();
        assert!(stored.values().all(|times| *times == 1));
        let acknowledged = answers.iter().filter(|answer| answer.probe == Probe::Statement && answer.status == 200);
        let lost: Vec<_> = acknowledged.filter(|answer| !stored.contains_key(&answer.id)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}

async fn go_on_asking(probe: Probe, client: Client, answers: Arc<Mutex<Vec<ProbeResult>>>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let (id, at) = (base::ids::random().to_string(), Instant::now());
        let answer = probe.by(&client, &id).send().await.unwrap();
        let (status, comes_back) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
        // The response to an export begins before it is read; the rest of it comes or is aborted.
        let _read = answer.bytes().await.is_ok();
        let took = at.elapsed();
        answers.lock().unwrap().push(ProbeResult { probe, id, at, took, status, comes_back });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
