//! The product on a MongoDB replica set: how the database server executes its queries, and several processes at once.

mod chaos;
mod client;
mod docs;
mod hang;
mod meeting;
mod node;
mod outage;
mod plans;
mod portal;
mod start;
mod unknown;

use base::clock::SystemClock;
use enduring::config::Config;
use enduring::service::App;
pub use node::Node;
use node::{CONTENT_URL, URL};
use std::sync::Arc;

/// What the processes of [`node`] serve, in this process.
pub async fn open(database: &str) -> App {
    let said = [("store", database), ("url", URL), ("content_url", CONTENT_URL), ("demo", "true")];
    let said: Vec<_> = said.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    App::open(Config::load(None, [], &said).unwrap(), Arc::new(SystemClock)).await.unwrap()
}
