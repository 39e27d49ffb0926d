//! A program with a credential: what others have sent, and every combination of filters.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// What others have sent, many times what any question here is about.
const NOISE: usize = 800;
const BATCH: usize = 100;

/// What all of that is about.
const COMMON: &str = "https://elsewhere.example/categories/all";

pub(super) struct Asker {
    http: Client,
    url: String,
    key: String,
    secret: String,
}

/// What the filters are about: a learner who has done something, and what.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) actor: Value,
    pub(super) activity: String,
    pub(super) registration: String,
}

impl Asker {
    pub(super) fn new(url: &str, key: &str, secret: &str) -> Self {
        let http = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { http, url: url.to_owned(), key: key.to_owned(), secret: secret.to_owned() }
    }

    pub(super) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.url)).basic_auth(&self.key, Some(&self.secret));
        asked.header("X-Experience-API-Version", "2.0.0")
    }

    /// A response without an error, as JSON if it is JSON.
    pub(super) async fn get(&self, path: &str) -> Value {
        taken(self.ask(Method::GET, path)).await.json().await.unwrap_or_default()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        taken(self.ask(Method::POST, path).json(body)).await.json().await.unwrap_or_default()
    }

    pub(super) async fn figures(&self) -> String {
        taken(self.ask(Method::GET, "/metrics")).await.text().await.unwrap()
    }

    /// Statements of others, who have nothing in common with anybody here.
    pub(super) async fn send_noise(&self) {
        for first in (0..NOISE).step_by(BATCH) {
            let batch: Vec<Value> = (first..first + BATCH).map(noise).collect();
            self.post("/xapi/statements", &batch.into()).await;
        }
    }

    /// Sends a statement and queries it in each way for which there is an index.
    pub(super) async fn ask_a_few(&self) {
        let id = base::ids::random().to_string();
        let mut statement = noise(NOISE);
        statement["id"] = json!(id);
        statement["verb"] = json!({"id": "https://verbs.example/seldom"});
        self.post("/xapi/statements", &statement).await;
        for query in [
            "limit=3",
            "limit=3&ascending=true",
            "limit=3&verb=https%3A%2F%2Fverbs.example%2Fseldom",
            "limit=3&since=2100-01-01T00:00:00Z",
            "limit=3&until=2000-01-01T00:00:00Z",
            &format!("statementId={id}"),
        ] {
            self.get(&format!("/xapi/statements?{query}")).await;
        }
    }

    /// Queries often for what is common, so that the server caches its plan, and then for what is rare.
    pub(super) async fn ask_for_the_rare_after_the_common(&self) {
        for ascending in ["false", "true"] {
            let ask = async |activity: &str| {
                let query =
                    [("activity", activity), ("related_activities", "true"), ("ascending", ascending), ("limit", "3")];
                taken(self.ask(Method::GET, "/xapi/statements").query(&query)).await;
            };
            for _ in 0..10 {
                ask(COMMON).await;
            }
            ask("https://elsewhere.example/activities/nobodys").await;
        }
    }

    /// Asks for every combination of filters, and follows each to a further page.
    pub(super) async fn ask_every_filter(&self, subject: &Subject) {
        let actor = subject.actor.to_string();
        let filters = [
            ("agent", actor.as_str()),
            ("verb", "http://adlnet.gov/expapi/verbs/passed"),
            ("activity", &subject.activity),
            ("registration", &subject.registration),
            ("since", "2026-01-01T00:00:00Z"),
            ("until", "2100-01-01T00:00:00Z"),
            ("ascending", "true"),
            ("related_agents", "true"),
            ("related_activities", "true"),
        ];
        let mut found = 0;
        for combination in 0..1_u32 << filters.len() {
            let chosen = (0..).zip(filters).filter(|(n, _)| combination & (1 << n) != 0).map(|(_, filter)| filter);
            let chosen: Vec<(&str, &str)> = chosen.chain([("limit", "3")]).collect();
            let page: Value =
                taken(self.ask(Method::GET, "/xapi/statements").query(&chosen)).await.json().await.unwrap();
            found += page["statements"].as_array().unwrap().len();
            if let Some(more) = page["more"].as_str().filter(|more| !more.is_empty()) {
                self.get(more).await;
            }
        }
        assert!(found > 1 << filters.len(), "the questions have answers: {found}");
    }
}

/// The response to a request that must not be refused.
pub(super) async fn taken(request: RequestBuilder) -> Response {
    let answer = request.send().await.unwrap();
    if answer.status().as_u16() < 400 {
        return answer;
    }
    let (status, place) = (answer.status(), answer.url().path().to_owned());
    panic!("{status} at {place}: {}", answer.text().await.unwrap());
}

/// The `n`th statement of others.
fn noise(n: usize) -> Value {
    json!({
        "actor": {"mbox": format!("mailto:other-{}@example.org", n % 40)},
        "verb": {"id": format!("https://elsewhere.example/verbs/{}", n % 7)},
        "object": {"id": format!("https://elsewhere.example/activities/{}", n % 50)},
        "context": {
            "registration": base::ids::random(),
            "contextActivities": {
                "grouping": [{"id": format!("https://elsewhere.example/groups/{}", n % 5)}],
                "category": [{"id": COMMON}],
            },
            "instructor": {"mbox": format!("mailto:instructor-{}@example.org", n % 3)},
        },
    })
}
