//! How fast the embedded store is by itself, without HTTP or JSON: `cargo bench --bench store -- [STATEMENTS] [DIR]`.
//!
//! Fills an empty store with STATEMENTS (200,000 if not given) of about 1.4 kB and twelve tokens each, shaped as those of
//! a hospital: 10,000 learners, 200 activities, 8 verbs. Then measures commits of one statement by many callers, and
//! reads. Every commit is synced. Figures and the machine are in BENCHMARKS.md.
#![expect(clippy::print_stdout, reason = "this program is a table on the screen")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has nothing better to do than say so")]

mod shared;

use base::clock::SystemClock;
use base::hash::Sha256;
use shared::{size, spread};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Commit, Order, Provider, Scan, Store, VoidedStatements, embedded};
use tokio::task::JoinSet;
use uuid::Uuid;
use xapi::{NewStatement, StatementId, StatementTemplate, Token};

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let statements = arguments.next().map_or(200_000, |count| count.parse().unwrap());
    let directory = arguments.next().map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure(directory.path(), statements));
}

async fn measure(directory: &Path, statements: u64) {
    let store: Arc<dyn Store> = Arc::new(embedded::open(directory, Arc::new(SystemClock)).unwrap());
    let next = Arc::new(AtomicU64::new(0));
    println!("| what | callers | per second | p50 | p99 | longest |\n|---|---|---|---|---|---|");
    run("statements, 50 a commit", 8, statements / 50, 50, |_| append(&store, &next, 50)).await;
    println!("| on disk while open | | {} MiB | | | |", size(directory) >> 20);
    run("statements, 1 a commit", 1, 2_000, 1, |_| append(&store, &next, 1)).await;
    run("statements, 1 a commit", 32, 40_000, 1, |_| append(&store, &next, 1)).await;
    run("statements, 1 a commit", 128, 40_000, 1, |_| append(&store, &next, 1)).await;
    read(&store, next.load(Ordering::Relaxed)).await;
    read_beside_writers(&store, &next).await;
    store.close().await.unwrap();
    println!("| on disk, closed | | {} MiB | | | |", size(directory) >> 20);
}

/// The tokens to query, made from a stored statement.
type Ask = fn(&Facts) -> Vec<Token>;

async fn read(store: &Arc<dyn Store>, stored: u64) {
    let scans: [(&str, Ask); 6] = [
        ("scan agent and verb, 50", |facts| vec![facts.agent(), facts.verb()]),
        ("scan agent and activity, 50", |facts| vec![facts.agent(), facts.activity()]),
        ("scan registration, 50", |facts| vec![facts.registration()]),
        ("scan verb, 50", |facts| vec![facts.verb()]),
        ("scan verb and term (both common), 50", |facts| vec![facts.verb(), token("term", 0)]),
        ("scan everything, 50", |_| Vec::new()),
    ];
    for (what, tokens) in scans {
        run(what, 16, 20_000, 1, |n| scan(store, tokens(&Facts::of(spread(n) % stored)))).await;
    }
    run("statement by id", 16, 40_000, 1, |n| get(store, spread(n) % stored)).await;
    run("head", 16, 40_000, 1, |_| head(store)).await;
}

async fn read_beside_writers(store: &Arc<dyn Store>, next: &Arc<AtomicU64>) {
    let (stored, stop) = (next.load(Ordering::Relaxed), Arc::new(AtomicBool::new(false)));
    let writers: JoinSet<()> = (0..32).map(|_| write_until(store.clone(), next.clone(), stop.clone())).collect();
    run("scan agent and verb, 50, while 32 write", 16, 20_000, 1, |n| {
        let facts = Facts::of(spread(n) % stored);
        scan(store, vec![facts.agent(), facts.verb()])
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
}

async fn write_until(store: Arc<dyn Store>, next: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        append(&store, &next, 1).await;
    }
}

/// Calls `work` with 0, 1, 2 … `calls` times, `callers` at once, and prints how long it took.
async fn run<W, F>(what: &str, callers: u64, calls: u64, units: u64, work: W)
where
    W: Fn(u64) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let (begun, mut took, mut running) = (Instant::now(), Vec::new(), JoinSet::new());
    for call in 0..calls {
        if call >= callers {
            took.push(running.join_next().await.unwrap().unwrap());
        }
        running.spawn(timed(work(call)));
    }
    took.extend(running.join_all().await);
    let rate = u128::from(calls * units) * 1000 / begun.elapsed().as_millis().max(1);
    took.sort_unstable();
    let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len() - 1)).copied().unwrap_or_default();
    println!("| {what} | {callers} | {rate} | {:.2?} | {:.2?} | {:.2?} |", at(50), at(99), at(100));
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let begun = Instant::now();
    work.await;
    begun.elapsed()
}

fn append(store: &Arc<dyn Store>, next: &AtomicU64, count: u64) -> impl Future<Output = ()> + Send + use<> {
    let (store, first) = (store.clone(), next.fetch_add(count, Ordering::Relaxed));
    async move {
        let statements = (first..first + count).map(statement).collect();
        store.commit(&provider(), Commit { statements, ..Commit::default() }).await.unwrap();
    }
}

fn scan(store: &Arc<dyn Store>, tokens: Vec<Token>) -> impl Future<Output = ()> + Send + use<> {
    let scan = Scan { order: Order::Newest, voided: VoidedStatements::Excluded, ..Scan::everything(tokens, 50) };
    let store = store.clone();
    async move {
        assert!(!store.scan(&provider(), scan).await.unwrap().is_empty(), "it asks for what is there");
    }
}

fn get(store: &Arc<dyn Store>, n: u64) -> impl Future<Output = ()> + Send + use<> {
    let store = store.clone();
    async move {
        assert!(store.statement(&provider(), id(n)).await.unwrap().is_some(), "it asks for what is there");
    }
}

fn head(store: &Arc<dyn Store>) -> impl Future<Output = ()> + Send + use<> {
    let store = store.clone();
    async move {
        store.head(&provider()).await.unwrap();
    }
}

/// What statement `n` is about.
struct Facts {
    learner: u64,
    activity: u64,
    verb: u64,
}

impl Facts {
    fn of(n: u64) -> Self {
        let a = spread(n);
        Self { learner: a % 10_000, activity: (a >> 32) % 200, verb: spread(a) % 8 }
    }

    fn agent(&self) -> Token {
        token("agent", self.learner)
    }

    fn verb(&self) -> Token {
        token("verb", self.verb)
    }

    fn activity(&self) -> Token {
        token("activity", self.activity)
    }

    fn registration(&self) -> Token {
        token("registration", self.learner * 20 + self.activity % 20)
    }
}

fn statement(n: u64) -> NewStatement {
    let facts = Facts::of(n);
    let mut tokens = vec![
        facts.agent(),
        facts.verb(),
        facts.activity(),
        facts.registration(),
        token("related-agent", facts.learner),
        token("related-activity", facts.activity),
        token("verb-and-activity", facts.verb * 200 + facts.activity),
        token("course", facts.activity % 20),
        token("year", facts.learner % 6),
        token("term", 0),
        token("authority", 0),
        token("related-authority", 0),
    ];
    tokens.sort_unstable();
    let text =
        (0..21).map(|block| format!("{:016x}{n:016x}{block:032x}", spread(n ^ block))).collect::<Vec<_>>().concat();
    NewStatement {
        id: id(n),
        bytes: StatementTemplate {
            pieces: vec![format!(r#"{{"text":"{text}","stored":"#).into_bytes(), b"}".to_vec()],
        },
        digest: Sha256::of(n.to_be_bytes()),
        tokens,
        refers_to: None,
        voiding: false,
        voidable_by: None,
        registration: None,
        defined: Vec::new(),
    }
}

fn provider() -> Provider {
    Provider::new("mercy")
}

fn id(n: u64) -> StatementId {
    StatementId(Uuid::from_u64_pair(spread(n), n))
}

fn token(role: &str, n: u64) -> Token {
    let Sha256(digest) = Sha256::of(format!("{role} {n}"));
    Token(digest.first_chunk().copied().unwrap_or_default())
}
