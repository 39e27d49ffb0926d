//! The product on a MongoDB replica set: how the server answers its questions, and several processes at once.

mod chaos;
mod docs;
mod node;
mod plans;

use enduring::runtime::Mode;
use enduring::service::{App, RegistrationId, commits, launches};
use serde_json::json;

/// Plays the only item of the sample to its end, as the player reports it.
async fn play(app: &App, registration: RegistrationId) {
    let launched = launches::launch(app, registration, None, Mode::Normal, None).await.unwrap();
    let token = launched.url.split("/l/").nth(1).unwrap().split('/').next().unwrap();
    let cmi = json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"});
    let said = json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": cmi});
    commits::commit(app, token, said.to_string().as_bytes()).await.unwrap();
}
