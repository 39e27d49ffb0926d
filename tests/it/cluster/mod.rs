//! The product on a MongoDB replica set: how the server answers its questions, and several processes at once.

mod chaos;
mod client;
mod docs;
mod meeting;
mod node;
mod outage;
mod plans;
mod start;

use crate::crash::claims::again;
use enduring::clock::SystemClock;
use enduring::config::Config;
use enduring::runtime::Mode;
use enduring::service::{App, RegistrationId, commits, launches};
pub use node::Node;
use node::{CONTENT_URL, URL};
use serde_json::json;
use std::sync::Arc;

/// What the processes of [`node`] serve, in this process.
pub async fn open(database: &str) -> App {
    let said = [("store", database), ("url", URL), ("content_url", CONTENT_URL), ("demo", "true")];
    let said: Vec<_> = said.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    App::open(Config::load(None, [], &said).unwrap(), Arc::new(SystemClock)).await.unwrap()
}

/// Plays the only item of the sample to its end, as the player reports it.
async fn play(app: &App, registration: RegistrationId) {
    let launched = again(async || launches::launch(app, registration, None, Mode::Normal, None).await).await;
    let token = launched.url.split("/l/").nth(1).unwrap().split('/').next().unwrap();
    let cmi = json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"});
    let said = json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": cmi});
    again(async || commits::commit(app, token, said.to_string().as_bytes()).await).await;
}
