//! The size of a store per statement, and what it examines for queries for several tokens:
//! `cargo bench --bench scale -- STATEMENTS PLACE`, where PLACE is an empty directory or the URL of an empty MongoDB database.
//!
//! Fills the store with STATEMENTS statements of about 1.4 kB, shaped as those of a hospital's systems (10,000 learners, 200
//! activities, 8 verbs) and taken in as the server takes them. Every fourth is by one simulator, which never `passed` but in
//! the first ten: so that there are two common tokens that rarely occur together. `docs/scaling.md` has the figures.
#![expect(clippy::print_stdout, reason = "this program is a table on the screen")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has nothing better to do than say so")]

mod shared;

use base::clock::SystemClock;
use futures_util::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use shared::{size, spread};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::mongodb::MongoDbStore;
use store::{Commit, Order, Provider, Scan, Store, StoreLocation, VoidedStatements, embedded};
use tokio::task::JoinSet;
use uuid::Uuid;
use xapi::intake::Authority;
use xapi::{Intake, Token, Version, token};

const HOME: &str = "https://campus.med.example.org";
const VERBS: [&str; 8] =
    ["experienced", "answered", "completed", "attempted", "interacted", "failed", "scored", "passed"];
const BATCH: u64 = 50;
const WRITERS: u64 = 8;
/// The one that sends every fourth statement.
const SIMULATOR: u64 = 10_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let statements: u64 = arguments.next().map_or(200_000, |count| count.parse().unwrap());
    let place = arguments
        .next()
        .map_or_else(|| StoreLocation::Directory("scale-data".into()), |place| StoreLocation::named(&place).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match place {
            StoreLocation::Directory(directory) => {
                let store = Arc::new(embedded::open(&directory, Arc::new(SystemClock)).unwrap());
                fill(&store, statements).await;
                ask(&*store, statements, None).await;
                store.close().await.unwrap();
                println!("{} bytes of files a statement", size(&directory) / statements);
            }
            StoreLocation::MongoDb(url) => {
                let store = Arc::new(store::mongodb::connect(&url, Arc::new(SystemClock)).await.unwrap());
                fill(&store, statements).await;
                ask(&*store, statements, Some(store.database())).await;
                weigh(&store, statements).await;
                store.close().await.unwrap();
            }
        }
    });
}

/// Stores what is missing of `statements`.
async fn fill<S: Store>(store: &Arc<S>, statements: u64) {
    let stored = store.head(&provider()).await.unwrap().seq.0;
    let (begun, next) = (Instant::now(), Arc::new(AtomicU64::new(stored)));
    let writers: JoinSet<()> = (0..WRITERS)
        .map(|_| {
            let (store, next) = (Arc::clone(store), Arc::clone(&next));
            async move {
                loop {
                    let first = next.fetch_add(BATCH, Ordering::Relaxed);
                    if first >= statements {
                        return;
                    }
                    store.commit(&provider(), batch(first)).await.unwrap();
                }
            }
        })
        .collect();
    writers.join_all().await;
    let rate = u128::from(statements - stored) * 1000 / begun.elapsed().as_millis().max(1);
    println!("{} statements stored, {BATCH} a commit, {WRITERS} callers: {rate} a second", statements - stored);
}

fn batch(first: u64) -> Commit {
    let body: Vec<String> = (first..first + BATCH).map(statement).collect();
    let authority = Authority::account(HOME, "load");
    let intake =
        Intake { version: Version::V2, authority: &authority, most: 1000, new_id: &|| unreachable!("all have ids") };
    let taken = intake.statements(format!("[{}]", body.join(",")).as_bytes()).unwrap();
    Commit { statements: taken.statements, ..Commit::default() }
}

struct Facts {
    learner: u64,
    activity: u64,
    verb: &'static str,
}

impl Facts {
    fn of(n: u64) -> Self {
        let bits = spread(n);
        let learner = if n.is_multiple_of(4) { SIMULATOR } else { bits % 10_000 };
        let verbs = if learner == SIMULATOR && n > 40 { 7 } else { 8 };
        let verb = VERBS.get(usize::try_from((bits >> 20) % verbs).unwrap()).unwrap();
        Self { learner, activity: (bits >> 32) % 200, verb }
    }
}

fn statement(n: u64) -> String {
    let Facts { learner, activity, verb } = Facts::of(n);
    let (bits, id) = (spread(spread(n)), Uuid::from_u64_pair(spread(n ^ 0xa1), spread(n ^ 0xb2)));
    let id = uuid::Builder::from_bytes(id.into_bytes()).with_version(uuid::Version::Random).into_uuid();
    let registration = uuid::Builder::from_u128(u128::from(spread(learner)) << 64 | u128::from(activity % 20))
        .with_version(uuid::Version::Random)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid();
    let id = uuid::Builder::from_bytes(id.into_bytes()).with_variant(uuid::Variant::RFC4122).into_uuid();
    let (course, raw, session) = (activity % 20, bits % 101, spread(bits));
    serde_json::json!({
        "id": id,
        "timestamp": format!("2026-{:02}-{:02}T{:02}:{:02}:07.{:03}Z", n % 12 + 1, n % 28 + 1, n % 24, n % 60, bits % 1000),
        "actor": {"objectType": "Agent", "name": format!("Learner {learner:06}"),
                  "account": {"homePage": HOME, "name": account(learner)}},
        "verb": {"id": verb_iri(verb), "display": {"en": verb}},
        "object": {"objectType": "Activity", "id": activity_iri(activity), "definition": {
            "type": "http://adlnet.gov/expapi/activities/simulation",
            "name": {"en": format!("Virtual patient {activity:03}")},
            "description": {"en": "History, examination, differential diagnosis and management of one patient"},
            "extensions": {format!("{HOME}/xapi/ext/objective"): format!("VIII.2-{:02}", activity % 30)}}},
        "result": {"score": {"raw": raw, "min": 0, "max": 100}, "success": raw > 60, "completion": true,
                   "duration": format!("PT{}M{}S", bits % 55 + 1, bits % 60)},
        "context": {"registration": registration, "platform": "Campus LMS 4.5", "language": "en",
            "contextActivities": {
                "parent": [{"objectType": "Activity", "id": format!("{HOME}/xapi/courses/{course:02}")}],
                "grouping": [{"objectType": "Activity", "id": format!("{HOME}/xapi/programmes/year-{}", learner % 6)},
                             {"objectType": "Activity", "id": format!("{HOME}/xapi/terms/2026-summer")}]},
            "extensions": {format!("{HOME}/xapi/ext/session"): format!("{session:016x}"),
                           format!("{HOME}/xapi/ext/attempt"): bits % 5, format!("{HOME}/xapi/ext/device"): "tablet"}},
    })
    .to_string()
}

fn account(learner: u64) -> String {
    format!("md-{learner:06}")
}

fn verb_iri(verb: &str) -> String {
    format!("http://adlnet.gov/expapi/verbs/{verb}")
}

fn activity_iri(activity: u64) -> String {
    format!("{HOME}/xapi/activities/unit-{activity:03}")
}

fn agent(learner: u64) -> Token {
    let authority = Authority::account(HOME, &account(learner));
    token::agent(authority.ifi())
}

fn verb(name: &str) -> Token {
    token::verb(&verb_iri(name))
}

/// Queries the newest 50, as a page of the API does, and prints the time; on MongoDB also what the server examined.
async fn ask<S: Store>(store: &S, statements: u64, database: Option<&Database>) {
    println!(
        "| newest 50 by | found | median | longest | keys looked at, at most | statements looked at, at most |\n|---|---|---|---|---|---|"
    );
    let some =
        |n: u64| (0..20).map(move |turn| Facts::of(spread(turn ^ n) % statements)).filter(|f| f.learner != SIMULATOR);
    let ordinary = |n| some(n).map(|facts| vec![agent(facts.learner), verb(facts.verb)]).collect::<Vec<_>>();
    let rare: Vec<_> =
        some(3).map(|facts| vec![agent(facts.learner), token::activity(&activity_iri(facts.activity))]).collect();
    let common = vec![vec![agent(SIMULATOR), verb("answered")]; 20];
    let hardly = vec![vec![agent(SIMULATOR), verb("passed")]; 20];
    let turned = vec![vec![verb("passed"), agent(SIMULATOR)]; 20];
    let mixed = ordinary(5).into_iter().chain(common.clone()).chain(ordinary(6)).collect();
    for (what, queries) in [
        ("a learner and a verb", ordinary(1)),
        ("a learner and an activity", rare),
        ("the simulator and a verb that it uses", common),
        ("a learner and a verb, after those", ordinary(4)),
        ("both kinds mixed", mixed),
        ("the simulator and a verb that it hardly uses", hardly),
        ("the same, the verb first", turned),
        ("a learner and a verb, after those", ordinary(7)),
    ] {
        let (mut took, mut found) = (Vec::new(), 0);
        watch(database, true).await;
        for tokens in queries {
            let scan =
                Scan { order: Order::Newest, voided: VoidedStatements::Excluded, ..Scan::everything(tokens, 50) };
            let begun = Instant::now();
            found = found.max(store.scan(&provider(), scan).await.unwrap().len());
            took.push(begun.elapsed());
        }
        let looked = watch(database, false).await;
        took.sort_unstable();
        let (median, longest) = (took.get(took.len() / 2).unwrap(), took.last().unwrap_or(&Duration::ZERO));
        println!("| {what} | {found} | {median:.2?} | {longest:.2?} | {looked} |");
    }
}

/// Turns MongoDB's profiler on, or off; then returns the most that one query has examined: keys and documents.
async fn watch(database: Option<&Database>, on: bool) -> String {
    let Some(database) = database else { return "- | -".to_owned() };
    database.run_command(doc! { "profile": if on { 2 } else { 0 } }).await.unwrap();
    let profile = database.collection::<Document>("system.profile");
    if on {
        return String::new();
    }
    let filter = doc! { "op": "query", "ns": { "$regex": "statements$" } };
    let rows: Vec<Document> = profile.find(filter).await.unwrap().try_collect().await.unwrap();
    let most = |field: &str| rows.iter().filter_map(|row| row.get_i32(field).ok()).max().unwrap_or_default();
    let answer = format!("{} | {}", most("keysExamined"), most("docsExamined"));
    profile.drop().await.unwrap();
    answer
}

/// Prints the size of each collection and index per statement.
async fn weigh(store: &MongoDbStore, statements: u64) {
    println!("| | documents | bytes a document | stored, a statement | indexes, a statement |\n|---|---|---|---|---|");
    for name in ["statements", "heads", "records", "entries", "due", "blobs", "pieces"] {
        let collection = store.database().collection::<Document>(name);
        let stats = collection.aggregate([doc! { "$collStats": { "storageStats": {} } }]);
        let read_concern = mongodb::options::ReadConcern::local();
        let mut stats: Vec<Document> = stats.read_concern(read_concern).await.unwrap().try_collect().await.unwrap();
        let stats = stats.remove(0);
        let stats = stats.get_document("storageStats").unwrap();
        let number = |field: &str| u64::try_from(whole(stats, field)).unwrap();
        let (count, each) = (number("count"), number("size") / number("count").max(1));
        let (stored, indexes) = (number("storageSize") / statements, number("totalIndexSize") / statements);
        println!("| `{name}` | {count} | {each} | {stored} | {indexes} |");
        for (index, _) in stats.get_document("indexSizes").unwrap() {
            let size = whole(stats.get_document("indexSizes").unwrap(), index);
            println!("| &nbsp; {index} | | | | {} |", u64::try_from(size).unwrap() / statements);
        }
    }
}

fn whole(document: &Document, field: &str) -> i64 {
    document.get_i64(field).unwrap_or_else(|_| document.get_i32(field).unwrap_or_default().into())
}

fn provider() -> Provider {
    Provider::new("main")
}
