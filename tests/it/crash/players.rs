//! Browsers that play the sample: a launch, then commits by sequence, each repeated until it is acknowledged.

use super::Client;
use crate::harness::player::{launch_in, ticket_in};
use enduring::service::RegistrationId;
use serde_json::{Value, json};

/// How many commits it takes to complete the item.
const LENGTH: u64 = 15;

/// One learner's browser.
pub(super) struct Player {
    pub(super) registration: RegistrationId,
    /// Where it sends commits, once its page is open.
    session: Option<OpenPage>,
    /// The commit to send next, or the last one, if it was not acknowledged.
    sequence: u64,
    /// The last that was acknowledged; 0 when none was.
    acknowledged: u64,
}

/// A page of the player.
#[derive(Clone)]
struct OpenPage {
    origin: String,
    key: String,
}

/// The outcome of a message.
enum Delivery {
    Acknowledged(Value),
    /// The program is gone.
    NoServer,
}

impl Player {
    pub(super) fn new(registration: RegistrationId) -> Self {
        Self { registration, session: None, sequence: 1, acknowledged: 0 }
    }

    /// Whether the item is completed, as far as the browser knows.
    pub(super) fn is_done(&self) -> bool {
        self.acknowledged == LENGTH
    }

    /// Plays to the end, or until the program no longer responds.
    pub(super) async fn play(mut self, client: Client) -> Self {
        while !self.is_done() {
            let gone = match self.session.clone() {
                None => self.launch(&client).await,
                Some(session) => self.commit(&client, &session).await,
            };
            if let Delivery::NoServer = gone {
                break;
            }
        }
        self
    }

    /// Repeats the last acknowledged commit, which the program must still know.
    pub(super) async fn say_again(&mut self, client: &Client) {
        if let Some(session) = self.session.clone().filter(|_| self.acknowledged > 0) {
            let said = send(client, &session, &commit(self.acknowledged)).await;
            let Delivery::Acknowledged(receipt) = said else {
                panic!("the program was started again and does not respond")
            };
            assert_eq!(receipt["sequence"], self.acknowledged, "{receipt}");
        }
    }

    async fn launch(&mut self, client: &Client) -> Delivery {
        let body = json!({"registration": self.registration});
        let posted = client.request(reqwest::Method::POST, "/api/v1/launches").json(&body).send().await;
        let said = taken(posted).await;
        if let Delivery::Acknowledged(launched) = &said {
            let url = launched["url"].as_str().unwrap();
            self.session = open(client, url).await;
            if self.session.is_none() {
                return Delivery::NoServer;
            }
        }
        said
    }

    async fn commit(&mut self, client: &Client, session: &OpenPage) -> Delivery {
        let said = send(client, session, &commit(self.sequence)).await;
        if let Delivery::Acknowledged(receipt) = &said {
            assert_eq!((&receipt["sequence"], &receipt["applied"]), (&json!(self.sequence), &json!(true)));
            self.acknowledged = self.sequence;
            self.sequence += 1;
        }
        said
    }
}

fn commit(sequence: u64) -> Value {
    let status = if sequence == LENGTH { "completed" } else { "incomplete" };
    json!({
        "sequence": sequence,
        "initialized": true,
        "terminated": sequence == LENGTH,
        "attended": 1,
        "cmi": {
            "cmi.core.lesson_location": sequence.to_string(),
            "cmi.core.lesson_status": status,
            "cmi.suspend_data": "page".repeat(usize::try_from(sequence).unwrap()),
        },
    })
}

async fn send(client: &Client, page: &OpenPage, body: &Value) -> Delivery {
    let posted = client.http.post(format!("{}/player/commit", page.origin)).header("x-player-key", &page.key);
    taken(posted.json(body).send().await).await
}

/// Opens the page of a launch; none when the program is gone.
async fn open(client: &Client, url: &str) -> Option<OpenPage> {
    let (origin, _) = url.split_once("/player/").unwrap();
    let enter = format!("{origin}/player/enter?ticket={}", ticket_in(url));
    // Follows no redirect, since it keeps no cookie.
    let entered = crate::harness::client().get(enter).send().await.ok()?;
    let set = entered.headers()["set-cookie"].to_str().unwrap();
    let cookie = set.split(';').next().unwrap().to_owned();
    let html =
        client.http.get(format!("{origin}/player")).header("cookie", cookie).send().await.ok()?.text().await.ok()?;
    let launch = launch_in(&html);
    let key = launch["key"].as_str().unwrap().to_owned();
    // The page that the player shows, as a browser fetches it.
    let content = format!("{origin}{}", launch["href"].as_str().unwrap());
    client.http.get(content).send().await.ok()?.bytes().await.ok()?;
    Some(OpenPage { origin: origin.to_owned(), key })
}

async fn taken(sent: reqwest::Result<reqwest::Response>) -> Delivery {
    let Ok(answer) = sent else { return Delivery::NoServer };
    let status = answer.status();
    // The head of a response may arrive without its body.
    let Ok(body) = answer.json::<Value>().await else { return Delivery::NoServer };
    assert!(status.is_success(), "{status}: {body}");
    Delivery::Acknowledged(body)
}
