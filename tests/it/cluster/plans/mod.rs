//! How the server executes the product's queries: by an index, in the index's order, and examining hardly more than it
//! returns.
//!
//! MongoDB's own profiler watches the database, which is full of what others sent, while every route of the program is
//! visited and every combination of filters is queried ([`tour`]). [`judge`] reports what was executed badly, and
//! [`routes`] of what was not visited. That the judge would complain is shown with every index missing in turn.

mod judge;
mod questions;
mod routes;
mod tour;

use super::portal;
use crate::harness::{BinApp, ReplicaSet};
use ::mongodb::IndexModel;
use ::mongodb::bson::{Bson, Document};
use ::mongodb::options::IndexOptions;
use base::clock::{Clock as _, FixedClock, SystemClock};
use enduring::service::App;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::verification;
use jiff::SignedDuration;
use judge::Watch;
use questions::Asker;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::mongodb::INDEXES;
use store::{ClaimRequest, Store as _, mongodb};
use tokio::task::block_in_place;
use tour::Tour;

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_any_route_examines_much_more_than_it_returns() {
    let database = block_in_place(ReplicaSet::database);
    let watch = Watch::of(&database).await;
    let portal = portal::known();
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("enduring.toml");
    portal::configure(&configuration, &portal);
    let configuration = configuration.to_str().unwrap();
    let program = block_in_place(|| BinApp::with(&["--demo", "--store", &database, "--config", configuration]));
    let mut config = program.config();
    config.store.clone_from(&database);
    let app = App::open(config, Arc::new(SystemClock)).await.unwrap();
    let (credential, secret) = credentials::create(&app, "plans", BTreeSet::from([Scope::All])).await.unwrap();
    let asker = Asker::new(&program.url, &credential.key, &secret);
    asker.send_noise().await;
    watch.add_noise().await;

    watch.begin().await;
    let tour = Tour { program: &program, asker: &asker, app: &app, portal: &portal };
    let subject = tour.visit_everything().await;
    asker.ask_every_filter(&subject).await;
    asker.ask_for_the_rare_after_the_common().await;
    assert!(verification::verify(&app).await.unwrap().is_clean());
    app.store.sweep().await.unwrap();
    watch.end().await;

    let complaints = watch.complaints().await;
    assert!(complaints.is_empty(), "not answered by an index:\n{}", complaints.join("\n"));
    assert!(watch.answered().await > 2000, "the profiler watched");
    let visited = routes::visited(&asker.figures().await);
    let missed: Vec<_> = routes::known().into_iter().filter(|route| !route.is_among(&visited)).collect();
    assert!(missed.is_empty(), "add visits to {missed:?}");
    app.store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_index_is_complained_of_whichever_it_is() {
    let database = block_in_place(ReplicaSet::database);
    let program = block_in_place(|| BinApp::with(&["--no-demo", "--store", &database]));
    let store = mongodb::connect(&database, Arc::new(SystemClock)).await.unwrap();
    let yesterday = FixedClock::at(SystemClock.now() - SignedDuration::from_hours(30));
    let uploading = mongodb::connect(&database, Arc::new(yesterday.clone())).await.unwrap();
    let made = block_in_place(|| {
        program.command(&["credential", "create", "--name", "a", "--scope", "all", "--json", "--store", &database])
    });
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let asker = Asker::new(&program.url, made["key"].as_str().unwrap(), made["secret"].as_str().unwrap());
    asker.send_noise().await;
    let watch = Watch::of(&database).await;
    watch.add_noise().await;
    for (n, index) in (0_u8..).zip(INDEXES) {
        let collection = watch.database().collection::<Document>(index.collection);
        let keys: Document = index.keys.iter().map(|(name, order)| ((*name).to_owned(), Bson::from(*order))).collect();
        let name = index.keys.iter().map(|(name, order)| format!("{name}_{order}")).collect::<Vec<_>>().join("_");
        collection.drop_index(&name).await.unwrap();
        watch.begin().await;
        asker.ask_a_few().await;
        // A sweep looks at each upload once, so a later one is used each time.
        yesterday.set(yesterday.now() + SignedDuration::from_mins(1));
        uploading.keep(vec![n; 9].into()).await.unwrap();
        store.sweep().await.unwrap();
        store.due("decide", SystemClock.now()).await.unwrap();
        store.claim(ClaimRequest::new("decide", SystemClock.now(), SignedDuration::from_mins(1), 1)).await.unwrap();
        watch.end().await;
        let complaints = watch.complaints().await;
        let its = format!(".{}", index.collection);
        assert!(complaints.iter().any(|complaint| complaint.contains(&its)), "without {keys}: {complaints:?}");
        let options = IndexOptions::builder().unique(index.unique).build();
        collection.create_index(IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
        watch.forget().await;
    }
    watch.begin().await;
    asker.ask_a_few().await;
    watch.end().await;
    assert_eq!(watch.complaints().await, [""; 0], "with every index");
    store.close().await.unwrap();
}
