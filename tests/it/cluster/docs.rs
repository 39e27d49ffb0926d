//! `docs/mongodb.md` is correct: its examples run, and the tables name what exists.

use crate::harness::{ReplicaSet, TestApp};
use crate::learner::{Person, load_sample, sample};
use ::mongodb::Client;
use ::mongodb::bson::{Document, doc};
use base::clock::SystemClock;
use futures_util::TryStreamExt as _;
use store::mongodb::INDEXES;

const DOCS: &str = include_str!("../../../docs/mongodb.md");

#[actix_web::test]
async fn the_documented_examples_run_and_the_documented_fields_are_there() {
    let url = ReplicaSet::database();
    let app = TestApp::with(SystemClock, |config| config.store.clone_from(&url));
    load_sample(&app.app).await;
    Person::demo(&app, "learner").await.complete(&sample()).await;
    let database = Client::with_uri_str(&url).await.unwrap().default_database().unwrap();
    let statements = database.collection::<Document>("statements");
    let examples: Vec<&str> = DOCS.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let pipeline: Vec<Document> = serde_json::from_str(example).unwrap();
        let answer: Vec<Document> = statements.aggregate(pipeline).await.unwrap().try_collect().await.unwrap();
        assert!(!answer.is_empty(), "nothing answers\n{example}");
    }
    let passed = doc! { "verb": "http://adlnet.gov/expapi/verbs/passed", "result.scaled": 1.0 };
    let passed = statements.find_one(passed).await.unwrap().unwrap();
    for field in passed.keys().filter(|field| *field != "_id") {
        assert!(DOCS.contains(&format!("`{field}`")), "docs/mongodb.md does not explain {field}");
    }
    for name in database.list_collection_names().await.unwrap() {
        assert!(DOCS.contains(&format!("| `{name}` |")), "docs/mongodb.md does not list the collection {name}");
    }
    app.stop().await;
}

#[test]
fn every_index_is_documented() {
    for index in INDEXES {
        let keys: Vec<&str> = index.keys.iter().map(|(key, _)| *key).collect();
        assert!(DOCS.contains(&format!("`{}`", keys.join(", "))), "{keys:?}");
        let keys: Vec<String> = index.keys.iter().map(|(key, order)| format!("{key}: {order}")).collect();
        let unique = if index.unique { ", {unique: true}" } else { "" };
        let command = format!("\ndb.{}.createIndex({{{}}}{unique})\n", index.collection, keys.join(", "));
        assert!(DOCS.contains(&command), "{command}");
    }
    assert_eq!(DOCS.matches(".createIndex(").count(), INDEXES.len());
}
