//! A learner with a credit, about whom other systems have sent statements and documents in every way there is.

use crate::credit::office::Office;
use crate::harness::status_and_json;
use crate::xapi::credential;
use base::hash::Sha256;
use enduring::service::erasure::{self, Erasure, ErasureRequest, Receipt};
use enduring::service::ledger::credits::CreditRecord;
use enduring::service::people::credentials::Scope;
use enduring::service::{App, Registration};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

pub(crate) const NAME: &str = "Ada Lovelorn";
pub(crate) const MAIL: &str = "ada@hospital.example";
/// printf mailto:ada@hospital.example | sha1sum
pub(crate) const SUM: &str = "4eacdccd2cd7e862fda336e70018302829682c26";

pub(crate) struct Scene {
    pub(crate) office: Office,
    pub(crate) registration: Registration,
    pub(crate) credit: CreditRecord,
    key: (String, String),
}

impl Scene {
    /// Ada has earned a credit, and so has Bo.
    pub(crate) async fn open() -> Self {
        let office = Office::open().await;
        let (registration, credit) = office.credited(NAME).await;
        office.credited("Bo Bystander").await;
        let key = credential(&office.test, &[Scope::All]).await;
        Self { office, registration, credit, key }
    }

    pub(crate) fn app(&self) -> &App {
        self.office.app()
    }

    /// A request to `/xapi`.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.office.test.client.request(method, format!("{}/xapi{path}", self.office.test.url));
        request.basic_auth(&self.key.0, Some(&self.key.1)).header("X-Experience-API-Version", "2.0.0")
    }

    /// A request to the API.
    pub(crate) fn api(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.office.test.client.request(method, format!("{}/api/v1{path}", self.office.test.url));
        request.basic_auth(&self.key.0, Some(&self.key.1))
    }

    pub(crate) async fn send(&self, statements: &Value) -> Vec<String> {
        let (status, ids) =
            status_and_json(self.ask(Method::POST, "/statements").json(statements).send().await.unwrap()).await;
        assert_eq!(status, 200, "{ids}");
        ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// The ids that a query finds, `related_agents` or not.
    pub(crate) async fn found(&self, agent: &Value, related: bool) -> Vec<String> {
        let parameters = [("agent", agent.to_string()), ("related_agents", related.to_string())];
        let answer = self.ask(Method::GET, "/statements").query(&parameters).send().await.unwrap();
        let (status, page) = status_and_json(answer).await;
        assert_eq!(status, 200, "{page}");
        let statements = page["statements"].as_array().unwrap();
        statements.iter().map(|statement| statement["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn one(&self, id: &str) -> Value {
        let answer = self.ask(Method::GET, "/statements").query(&[("statementId", id)]).send().await.unwrap();
        status_and_json(answer).await.1
    }

    /// Ada's account and mail address.
    pub(crate) fn wanted(&self) -> ErasureRequest {
        ErasureRequest {
            account: Some(self.registration.learner.0),
            agents: vec![json!({"mbox": format!("mailto:{MAIL}")})],
            reason: "The learner asked for it in a letter of 3 March.".to_owned(),
        }
    }

    /// Erases Ada, to the end.
    pub(crate) async fn erase(&self) -> (Erasure, Receipt) {
        let (begun, receipt) = erasure::begin(self.app(), &self.wanted(), "test").await.unwrap();
        (self.finish(&begun).await, receipt)
    }

    /// Works until the erasure is done; the server's own worker may do some of it.
    pub(crate) async fn finish(&self, begun: &Erasure) -> Erasure {
        // Clearing up is tried again a second later where a reader was in the way.
        finish(self.app(), begun, || self.office.after_seconds(1)).await
    }

    /// The log as it is: positions, ids and the hashes of the bytes.
    pub(crate) async fn log(&self) -> Vec<(u64, String, Sha256)> {
        let scan = store::Scan::everything(Vec::new(), usize::from(u16::MAX));
        let log = self.app().store.scan(&self.app().provider, scan).await.unwrap();
        log.iter().map(|stored| (stored.seq.0, stored.id.to_string(), Sha256::of(&stored.bytes))).collect()
    }

    /// How many files of the data directory have `words`, in any case; `None` where the data are elsewhere.
    pub(crate) fn files_with(&self, words: &str) -> Option<Vec<String>> {
        if crate::harness::store::on_mongodb() {
            return None;
        }
        let mut found = Vec::new();
        let mut open = vec![self.app().config.data.clone()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            let words = words.to_ascii_lowercase().into_bytes();
            if bytes.windows(words.len()).any(|window| window == words) {
                found.push(path.display().to_string());
            }
        }
        Some(found)
    }
}

/// What others have sent about Ada: one statement for each place of an Actor, and one that only mentions her.
pub(crate) fn sent(registration: &Registration) -> Value {
    let ada = json!({"objectType": "Agent", "mbox": format!("mailto:{MAIL}"), "name": NAME});
    let other = json!({"mbox": "mailto:bo@hospital.example", "name": "Bo"});
    let activity = json!({"id": "https://elsewhere.example/course"});
    let statement = |actor: &Value, object: &Value, context: Value| json!({"actor": actor, "verb": {"id": "https://elsewhere.example/did"}, "object": object, "context": context});
    let sub = json!({"objectType": "SubStatement", "actor": ada, "verb": {"id": "v:1"}, "object": activity});
    let mut response = statement(&ada, &activity, json!({"registration": registration.id}));
    response["result"] =
        json!({"response": MAIL, "extensions": {"https://elsewhere.example/note": format!("{NAME} was here")}});
    json!([
        statement(&ada, &activity, json!({})),
        statement(&json!({"mbox_sha1sum": SUM}), &activity, json!({})),
        statement(&json!({"account": {"homePage": "https://portal.example.org", "name": NAME}}), &activity, json!({})),
        statement(&json!({"objectType": "Group", "member": [other, ada]}), &activity, json!({})),
        statement(&other, &ada, json!({})),
        statement(&other, &sub, json!({})),
        statement(&other, &activity, json!({"instructor": ada})),
        statement(&other, &activity, json!({"team": {"objectType": "Group", "member": [ada]}})),
        statement(&other, &activity, json!({"contextAgents": [{"objectType": "contextAgent", "agent": ada}]})),
        statement(
            &other,
            &activity,
            json!({"contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "member": [ada]}}]})
        ),
        response,
        statement(&other, &json!({"id": format!("https://elsewhere.example/mail?to={MAIL}")}), json!({})),
    ])
}

/// Works until the erasure is done, and lets time go by where nothing is due.
pub(crate) async fn finish(app: &App, begun: &Erasure, wait: impl Fn()) -> Erasure {
    for _ in 0..1000 {
        let now = erasure::get(app, begun.id).await.unwrap().unwrap();
        if now.is_done() {
            return now;
        }
        if !erasure::work(app).await.unwrap() {
            wait();
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    panic!("the erasure does not end");
}
