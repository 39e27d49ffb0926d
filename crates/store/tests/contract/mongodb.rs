//! The contract on the MongoDB store, against a real replica set, and promises that only it makes.

use super::cases::{self, Engine};
use super::model::*;
use ::mongodb::Client;
use ::mongodb::bson::{Document, doc};
use base::clock::{Clock, SystemClock};
use std::sync::Arc;
use std::time::Duration;
use store::{ClaimRequest, Commit, Order, Scan, Seq, Store, StoreError, mongodb};
use test_support::ReplicaSet;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

struct Mongo(String);

impl Engine for Mongo {
    fn fresh() -> Self {
        Self(block_in_place(ReplicaSet::database))
    }

    fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        block_in_place(|| Handle::current().block_on(mongodb::connect(&self.0, clock))).map(Arc::new).unwrap()
    }
}

cases::cases!(Mongo);

async fn connect(url: &str) -> mongodb::MongoDbStore {
    mongodb::connect(url, Arc::new(SystemClock)).await.unwrap()
}

/// The error sentence of a refused connection.
async fn refusal(url: &str) -> String {
    match mongodb::connect(url, Arc::new(SystemClock)).await {
        Err(StoreError::Failed(sentence)) => sentence,
        Err(other) => panic!("another refusal: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_with_conflicting_batches_one_wins_whole() {
    let url = block_in_place(ReplicaSet::database);
    let (one, other) = (connect(&url).await, connect(&url).await);
    for round in 0..20 {
        let batch = |content: &str| {
            log((0..5).map(|n| statement(&format!("{round}-{n}"), &[content])).map(|mut statement| {
                statement.digest = base::hash::Sha256::of(content);
                statement
            }))
        };
        let provider = provider();
        let (first, second) = tokio::join!(one.commit(&provider, batch("a")), other.commit(&provider, batch("b")));
        let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
        assert_eq!(won.unwrap().statements.len(), 5);
        assert!(matches!(lost, Err(StoreError::Differs(_))), "{lost:?}");
    }
    assert_eq!(one.scan(&provider(), by(&[])).await.unwrap().len(), 100);
    for content in ["a", "b"] {
        assert_eq!(other.scan(&provider(), by(&[content])).await.unwrap().len() % 5, 0, "a batch is whole or absent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_write_together_share_one_line_without_holes() {
    const EACH: usize = 60;
    let url = block_in_place(ReplicaSet::database);
    let mut writers = Vec::new();
    for process in 0..3 {
        let store = connect(&url).await;
        writers.push(tokio::spawn(async move {
            let mut last = 0;
            for n in 0..EACH {
                let commit = log([statement(&format!("{process}-{n}"), &["x"])]);
                let seq = store.commit(&provider(), commit).await.unwrap().statements[0].seq.0;
                assert!(seq > last, "a process sees its own commits in order");
                last = seq;
            }
        }));
    }
    let reader = connect(&url).await;
    let mut seen = 0;
    while seen < 3 * EACH {
        let all = reader.scan(&provider(), by(&[])).await.unwrap();
        assert!(all.iter().map(|stored| stored.seq.0).eq(1..=u64::try_from(all.len()).unwrap()), "a hole");
        assert!(all.is_sorted_by_key(|stored| stored.stored));
        assert!(all.len() >= seen, "what was seen stays");
        seen = all.len();
        assert!(seen > 0 || !writers.iter().all(tokio::task::JoinHandle::is_finished));
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

/// The server uses the first token of the filter, so the cost of a slow query depends on the shortest list.
#[tokio::test(flavor = "multi_thread")]
async fn the_rarest_token_is_told_first_where_a_scan_begins() {
    let store = connect(&block_in_place(ReplicaSet::database)).await;
    // Common in the second half and absent from the first; in every fourth throughout; and a few.
    let facts = |n: usize| [(n >= 1000, "late"), (n.is_multiple_of(4), "fourth"), (n.is_multiple_of(100), "few")];
    for first in (0..2000).step_by(500) {
        let statements = (first..first + 500).map(|n| {
            let facts: Vec<&str> = facts(n).into_iter().filter(|(has, _)| *has).map(|(_, fact)| fact).collect();
            statement(&n.to_string(), &facts)
        });
        store.commit(&provider(), log(statements)).await.unwrap();
    }
    let newest = Scan { order: Order::Newest, limit: 9, ..by(&["late", "fourth", "few"]) };
    let oldest = Scan { order: Order::Oldest, ..newest.clone() };
    let order = async |scan: &Scan| store.rarest_first(&provider(), scan).await.unwrap();
    assert_eq!(order(&newest).await, ["few", "fourth", "late"].map(token));
    assert_eq!(order(&oldest).await, ["few", "late", "fourth"].map(token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_a_killed_process_left_open_holds_nobody_up() {
    end_what_was_left_open(&(block_in_place(ReplicaSet::database) + "&appName=enduring")).await;
}

/// A user who may only read and write may end the transactions that processes of the same user have left open.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_only_read_and_write_ends_what_was_left_open() {
    let set = block_in_place(|| ReplicaSet::with(&["--users"]));
    let url = set.url.replace("mongodb://", "mongodb://enduring:right@").replace("/?", "/enduring?");
    end_what_was_left_open(&(url + "&authSource=admin&appName=enduring")).await;
}

/// A process that was killed cannot abort its transaction, and the server itself ends it only after a minute.
async fn end_what_was_left_open(url: &str) {
    let store = connect(url).await;
    let work = || due("k", start());
    store.commit(&provider(), Commit { due: work().due, ..log([statement("a", &["x"])]) }).await.unwrap();
    let gone = Client::with_uri_str(url).await.unwrap();
    let database = gone.default_database().unwrap();
    let mut session = gone.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    for (collection, field) in [("heads", "turn"), ("due", "claims")] {
        let all = database.collection::<Document>(collection);
        all.update_many(doc! {}, doc! { "$inc": { field: 1 } }).session(&mut session).await.unwrap();
    }

    assert_eq!(store.head(&provider()).await.unwrap().seq, Seq(1), "a reader does not wait for it");
    store.commit(&provider(), log([statement("b", &["x"])])).await.unwrap();
    let lease = jiff::SignedDuration::from_mins(1);
    assert_eq!(store.claim(ClaimRequest::new("decide", start(), lease, 1)).await.unwrap().len(), 1);
    assert!(session.commit_transaction().await.is_err(), "had it lived, it would begin again");
}

/// On a slow network, a transaction is idle for seconds in total, but only for a moment at a time.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_goes_on_slowly_is_left_alone() {
    const PAUSES: u32 = 70;
    let url = block_in_place(ReplicaSet::database) + "&appName=enduring";
    let store = Arc::new(connect(&url).await);
    store.commit(&provider(), log([statement("a", &["x"])])).await.unwrap();
    let slow = Client::with_uri_str(&url).await.unwrap();
    let heads = slow.default_database().unwrap().collection::<Document>("heads");
    let mut session = slow.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    heads.update_many(doc! {}, doc! { "$inc": { "turn": 1 } }).session(&mut session).await.unwrap();

    let waiting = Arc::clone(&store);
    let waiting = tokio::spawn(async move { waiting.commit(&provider(), log([statement("b", &["x"])])).await });
    for _ in 0..PAUSES {
        tokio::time::sleep(Duration::from_millis(50)).await;
        heads.find_one(doc! {}).session(&mut session).await.unwrap();
    }
    assert!(!waiting.is_finished(), "it waits for its turn");
    session.commit_transaction().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().statements[0].seq, Seq(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_at_the_start_is_a_plain_sentence() {
    let nobody = refusal("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200").await;
    assert!(nobody.contains("no primary of the MongoDB replica set can be reached"), "{nobody}");
    let unreadable = refusal("mongodb://").await;
    assert!(unreadable.contains("the store's URL cannot be read"), "{unreadable}");
    let url = block_in_place(ReplicaSet::database);
    let stranger = refusal(&url.replace("mongodb://", "mongodb://nobody:secret@")).await;
    assert!(stranger.contains("refused the user name or password"), "{stranger}");
    assert!(!stranger.contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_cannot_keep_is_refused_alone() {
    let store = connect(&block_in_place(ReplicaSet::database)).await;
    let provider = provider();
    // A statement that refers to another has all tokens of the other, which makes it larger than it was when it arrived.
    let facts: Vec<String> = (0..60_000).map(|n| format!("fact {n}")).collect();
    let target = statement("target", &facts.iter().map(String::as_str).collect::<Vec<_>>());
    store.commit(&provider, log([target])).await.unwrap();
    let mut large = referring("large", &["a"], "target");
    large.bytes.pieces[0].extend(vec![b' '; 14 << 20]);
    let others = (0..20).map(|n| store.commit(&provider, log([statement(&format!("{n}"), &["a"])])));
    let (refused, others) = tokio::join!(store.commit(&provider, log([large])), futures_util::future::join_all(others));
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    assert_eq!(store.scan(&provider, by(&["a"])).await.unwrap().len(), 20);
}
