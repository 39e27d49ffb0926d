//! How the server answers what the product asks of it: by an index, in the index's order, always.
//!
//! MongoDB's own profiler watches the database while every page is opened and every combination of filters is asked; a
//! collection scan or a sort in memory fails the test.

use crate::harness::{ReplicaSet, TestApp};
use crate::learner::{ACTIVITY, Person, sample};
use enduring::clock::SystemClock;
use enduring::service::credentials::{self, Scope};
use enduring::service::{samples, verify};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::{Client, Database};
use percent_encoding::NON_ALPHANUMERIC;
use serde_json::json;
use std::collections::BTreeSet;

#[actix_web::test]
async fn no_page_and_no_filter_scans_a_collection_or_sorts_in_memory() {
    let url = ReplicaSet::database();
    let app = TestApp::with(SystemClock, |config| config.store.clone_from(&url));
    let database = Client::with_uri_str(&url).await.unwrap().default_database().unwrap();
    // Large enough that nothing is pushed out again before it is read.
    let profile = doc! { "create": "system.profile", "capped": true, "size": 64 << 20 };
    database.run_command(profile).await.unwrap();
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    samples::load(&app.app).await.unwrap();
    let registration = open_every_page(&app).await;
    ask_every_filter(&app, registration.rsplit('/').next().unwrap()).await;
    assert!(verify::verify(&app.app).await.unwrap().is_clean());
    database.run_command(doc! { "profile": 0 }).await.unwrap();
    let slow = answered_badly(&database).await;
    assert!(slow.is_empty(), "not answered by an index:\n{}", slow.join("\n"));
    assert!(answered(&database).await > 2000, "the profiler watched");
    app.stop().await;
}

/// Goes the whole way as a learner, then looks at every page of every role. Answers the registration's address.
async fn open_every_page(app: &TestApp) -> String {
    let learner = Person::demo(app, "learner").await;
    let registration = learner.complete(&sample()).await;
    learner.claim(&registration, "ama", "0.75").await;
    let pages = ["/", "/transcript", "/transcript.csv", &format!("/activities/{ACTIVITY}"), &registration];
    let designer = Person::demo(app, "designer").await;
    let coordinator = Person::demo(app, "coordinator").await;
    for (person, pages) in [
        (&learner, &pages[..]),
        (&designer, &["/studio"][..]),
        (&coordinator, &["/desk", "/desk/publish", &format!("/desk/activities/{ACTIVITY}")][..]),
    ] {
        for page in pages {
            assert_eq!(person.get(page).await.status, 200, "{page}");
        }
    }
    for answer in ["/api/v1/credits", "/api/v1/activities", "/api/v1/packages", "/api/v1/ledger/1"] {
        assert_eq!(coordinator.get(answer).await.status, 200, "{answer}");
    }
    registration
}

/// Asks `/xapi/statements` for every combination of filters.
async fn ask_every_filter(app: &TestApp, registration: &str) {
    let (credential, secret) = credentials::create(&app.app, "plans", BTreeSet::from([Scope::All])).await.unwrap();
    let actor = json!({"account": {"homePage": app.url, "name": "nobody"}}).to_string();
    let activity = format!("{}/activities/{ACTIVITY}", app.url);
    let filters = [
        ("agent", actor.as_str()),
        ("verb", "http://adlnet.gov/expapi/verbs/passed"),
        ("activity", &activity),
        ("registration", registration),
        ("since", "2026-01-01T00:00:00Z"),
        ("until", "2100-01-01T00:00:00Z"),
        ("ascending", "true"),
        ("related_agents", "true"),
        ("related_activities", "true"),
    ];
    for combination in 0..1_u32 << filters.len() {
        let chosen: Vec<(&str, &str)> =
            (0..).zip(filters).filter(|(n, _)| combination & (1 << n) != 0).map(|(_, f)| f).collect();
        let escaped =
            |(name, value)| format!("{name}={}", percent_encoding::utf8_percent_encode(value, NON_ALPHANUMERIC));
        let query = chosen.into_iter().map(escaped).collect::<Vec<_>>().join("&");
        let asked = app.client.get(format!("{}/xapi/statements?{query}", app.url));
        let asked = asked.basic_auth(&credential.key, Some(&secret)).header("X-Experience-API-Version", "2.0.0");
        assert_eq!(asked.send().await.unwrap().status(), 200, "{query}");
    }
}

/// What the server answered by a collection scan or a sort in memory, but for the few things that are one document or two.
async fn answered_badly(database: &Database) -> Vec<String> {
    let bad = doc! { "$or": [{ "planSummary": { "$regex": "COLLSCAN" } }, { "hasSortStage": true }] };
    let profile = database.collection::<Document>("system.profile");
    let rows: Vec<Document> = profile.find(bad).await.unwrap().try_collect().await.unwrap();
    let own = |row: &&Document| !row.get_str("ns").unwrap_or_default().ends_with("system.profile");
    rows.iter()
        .filter(own)
        .map(|row| format!("{} {}", row.get_str("ns").unwrap(), row.get("command").unwrap()))
        .collect()
}

async fn answered(database: &Database) -> u64 {
    database.collection::<Document>("system.profile").count_documents(doc! {}).await.unwrap()
}
