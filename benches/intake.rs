//! How fast statements are read, checked and prepared for the store, without HTTP or disk: `cargo bench --bench intake`.
//!
//! Each cell reads or shows one body repeatedly for about a second on one thread. Compare within one run.
#![expect(clippy::print_stdout, reason = "this program is a table on the screen")]
#![expect(clippy::expect_used, reason = "a benchmark that fails has nothing better to do than say so")]

use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};
use uuid::Uuid;
use xapi::format::{self, Definitions};
use xapi::language::Preferences;
use xapi::{Authority, Intake, Version};

const AT_LEAST: Duration = Duration::from_secs(1);

fn main() {
    let simple = json!({
        "actor": {"mbox": "mailto:ann@example.com"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://example.com/activities/1"},
    });
    let rows = [
        ("small", simple.to_string(), 1),
        ("medium", medium(0).to_string(), 1),
        ("large: a group of 1000", large(&simple).to_string(), 1),
        ("large: 1 MB of extensions", extended(&simple).to_string(), 1),
        ("batch of 1000 medium", Value::from((0..1000).map(medium).collect::<Vec<_>>()).to_string(), 1000),
    ];
    println!("| what | bytes | read as JSON only | taken in | | shown as `ids` | shown as `canonical` |");
    println!("|---|---|---|---|---|---|---|");
    for (what, body, statements) in &rows {
        let read = times(|| drop(black_box(serde_json::from_str::<Value>(body))));
        let taken = times(|| take(body));
        let one = if *statements == 1 { body.as_str() } else { "{}" };
        let ids = times(|| drop(black_box(format::ids(one))));
        let languages = Preferences::parse("en");
        let canonical = times(|| drop(black_box(format::canonical(one, &languages, &Definitions::new()))));
        let [read, bytes] = [read, taken].map(|times| megabytes(times, body));
        let shown = |times| if *statements == 1 { megabytes(times, body) } else { String::new() };
        println!(
            "| {what} | {} | {read} | {bytes} | {} statements/s | {} | {} |",
            body.len(),
            taken * statements,
            shown(ids),
            shown(canonical)
        );
    }
}

fn take(body: &str) {
    let authority = Authority::account("https://lrs.example", "bench");
    let intake = Intake { version: Version::V2, authority: &authority, most: 1000, new_id: &|| Uuid::nil() };
    black_box(intake.statements(body.as_bytes())).expect("the statements are valid");
}

/// The rate per second.
fn times(work: impl Fn()) -> u64 {
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < AT_LEAST {
        work();
        count += 1;
    }
    let milliseconds = u64::try_from(began.elapsed().as_millis()).expect("it is about a second");
    count * 1000 / milliseconds
}

fn megabytes(times: u64, body: &str) -> String {
    let bytes = times * u64::try_from(body.len()).expect("a body has fewer bytes");
    format!("{}.{} MB/s", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// About 1.4 kB, as a hospital's systems send them.
fn medium(n: u32) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{n:012}"),
        "actor": {"objectType": "Agent", "name": "Ann Example", "account": {"homePage": "https://hospital.example", "name": format!("learner-{n}")}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered", "de-DE": "beantwortete"}},
        "object": {"objectType": "Activity", "id": "https://hospital.example/activities/stroke/items/7", "definition": {
            "name": {"en-US": "Item 7"}, "description": {"en-US": "Which of these is a contraindication?"},
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction", "interactionType": "choice",
            "correctResponsesPattern": ["b"],
            "choices": [{"id": "a", "description": {"en-US": "Age above 80"}}, {"id": "b", "description": {"en-US": "Active bleeding"}}],
        }},
        "result": {"score": {"scaled": 0.95, "raw": 9.5, "min": 0, "max": 10}, "success": true, "response": "b", "duration": "PT1M30.25S"},
        "context": {
            "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
            "contextActivities": {
                "parent": [{"id": "https://hospital.example/activities/stroke"}],
                "grouping": [{"id": "https://hospital.example/programs/neurology"}, {"id": "https://hospital.example/years/2026"}],
            },
            "platform": "Hospital", "language": "en-US",
            "extensions": {"https://hospital.example/ward": "12b", "https://hospital.example/session": 4711},
        },
        "timestamp": "2026-01-15T09:30:00.123Z",
    })
}

fn large(simple: &Value) -> Value {
    let member = |n: u32| json!({"mbox": format!("mailto:learner-{n}@hospital.example"), "name": "A Learner"});
    let mut statement = simple.clone();
    put(&mut statement, "actor", json!({"objectType": "Group", "member": (0..1000).map(member).collect::<Vec<_>>()}));
    statement
}

fn extended(simple: &Value) -> Value {
    let points: Vec<Value> = (0..20_000).map(|n| json!({"x": n, "y": f64::from(n) / 7.0, "t": "2026-01-15"})).collect();
    let mut statement = simple.clone();
    put(&mut statement, "result", json!({"extensions": {"https://hospital.example/track": points}}));
    statement
}

fn put(statement: &mut Value, name: &str, value: Value) {
    statement.as_object_mut().expect("a statement is an object").insert(name.to_owned(), value);
}
