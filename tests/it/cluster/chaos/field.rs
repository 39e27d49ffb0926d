//! The processes, as a program or a browser that goes from one to the other finds them.

use crate::cluster::Node;
use crate::learner::field_in;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long whatever must come may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(3);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Where one process listens.
#[derive(Debug)]
pub(super) struct Origins {
    pub(super) app: String,
    pub(super) content: String,
}

/// All of them, and a credential.
#[derive(Clone)]
pub(super) struct Field {
    http: reqwest::Client,
    processes: Arc<Vec<Origins>>,
    key: String,
    secret: String,
    turn: Arc<AtomicUsize>,
}

/// A response that arrived completely.
#[derive(Debug)]
pub(super) struct FullResponse {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// Whether it was requested more than once, so that an earlier try may have succeeded.
    pub(super) repeated: bool,
}

impl FullResponse {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in\n{}", self.body))
    }

    pub(super) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |at| at.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(super) fn field(&self, name: &str) -> String {
        field_in(&self.body, name)
    }

    /// The cookie that it sets.
    pub(super) fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

impl Field {
    pub(super) fn new(nodes: &[Node], key: &str, secret: &str) -> Self {
        let origins = |node: &Node| Origins { app: node.address.clone(), content: node.content.clone() };
        Self {
            http: reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap(),
            processes: Arc::new(nodes.iter().map(origins).collect()),
            key: key.to_owned(),
            secret: secret.to_owned(),
            turn: Arc::default(),
        }
    }

    /// One process after the other.
    pub(super) fn next(&self) -> &Origins {
        &self.processes[self.turn.fetch_add(1, Ordering::Relaxed) % self.processes.len()]
    }

    /// A request with the credential, to the next process.
    pub(super) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.next().app));
        asked.basic_auth(&self.key, Some(&self.secret)).header("x-experience-api-version", "2.0.0")
    }

    /// The response to a request that may be repeated.
    pub(super) async fn get(&self, path: &str) -> FullResponse {
        insist(|| self.ask(Method::GET, path)).await
    }
}

/// Retries while there is no server, while responses end in the middle, and while the server says to come back.
pub(super) async fn insist(ask: impl Fn() -> RequestBuilder) -> FullResponse {
    let (began, mut repeated) = (Instant::now(), false);
    loop {
        if let Some(told) = once(ask(), repeated).await {
            return told;
        }
        assert!(began.elapsed() < PATIENCE, "nobody answers");
        repeated = true;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn once(ask: RequestBuilder, repeated: bool) -> Option<FullResponse> {
    let answer = ask.send().await.ok()?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    if is_to_come_back(&answer) {
        return None;
    }
    let (place, body) = (answer.url().path().to_owned(), answer.text().await.ok()?);
    assert!(status < 500, "{status} at {place}: {body}");
    Some(FullResponse { status, headers, body, repeated })
}

/// Whether the response is a temporary refusal, which says so.
pub(super) fn is_to_come_back(answer: &Response) -> bool {
    let is_refused = answer.status() == 503;
    assert!(!is_refused || answer.headers().contains_key("retry-after"), "come back when?");
    is_refused
}
