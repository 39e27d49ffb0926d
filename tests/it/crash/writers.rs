//! Programs that send statements, a few at a time, as fast as the program acknowledges them.

use super::{Client, chance};
use serde_json::{Value, json};
use uuid::Uuid;

/// What was sent in one request.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) ids: Vec<Uuid>,
    /// Whether the program said that it has it. If not, it may have it or not, but whole.
    pub(super) acknowledged: bool,
}

pub(super) struct Writer(Client);

impl Writer {
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    /// Writes until the program no longer responds.
    pub(super) async fn write(self) -> Vec<Batch> {
        let mut sent = Vec::new();
        loop {
            let ids: Vec<Uuid> = (0..=chance(4)).map(|_| base::ids::random()).collect();
            let body: Vec<Value> = ids.iter().map(statement).collect();
            let posted = self.0.request(reqwest::Method::POST, "/xapi/statements").json(&body).send().await;
            let Ok(answer) = posted else {
                sent.push(Batch { ids, acknowledged: false });
                return sent;
            };
            assert_eq!(answer.status(), 200, "the program refuses a good batch");
            sent.push(Batch { ids, acknowledged: true });
        }
    }
}

fn statement(id: &Uuid) -> Value {
    json!({
        "id": id,
        "actor": {"account": {"homePage": "https://campus.example.org", "name": format!("learner-{}", chance(50))}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": format!("https://campus.example.org/units/{}", chance(10))},
    })
}
