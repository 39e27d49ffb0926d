//! The learner's steps to credit, over HTTP and in a browser.

mod assessment;
mod browser;
mod certificates;
mod desk;
mod refusals;
mod sign_in;
mod steps;

pub use browser::{Look, signed_in};

use crate::harness::{self, TestApp};
use base::hash::Sha256;
use enduring::service::App;
use enduring::service::catalogue::{activities, samples};
use reqwest::{Client, Response};
use serde_json::{Value, json};

/// The activity of the sample.
pub const ACTIVITY: &str = "af-stroke-prevention";

/// One person's browser, without a screen.
pub struct Person {
    client: Client,
    url: String,
}

/// The response of a page.
#[derive(Debug)]
pub struct PageResponse {
    pub status: u16,
    pub location: String,
    pub html: String,
}

impl PageResponse {
    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        field_in(&self.html, name)
    }

    /// Asserts that the page shows `text`; a sentence of a refusal begins in upper case there.
    pub fn shows(&self, text: &str) -> &Self {
        let mut rest = text.chars();
        let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        let shown = self.html.contains(text) || self.html.contains(&(first + rest.as_str()));
        assert!(shown, "{text:?} is not in the response {}:\n{}", self.status, self.html);
        self
    }

    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let location = response.headers().get("location").map_or("", |at| at.to_str().unwrap()).to_owned();
        Self { status, location, html: response.text().await.unwrap() }
    }
}

impl Person {
    /// Someone who is not signed in.
    pub fn stranger(app: &TestApp) -> Self {
        Self::visitor(&app.url)
    }

    /// Someone who is not signed in, at a server wherever it runs.
    pub fn visitor(url: &str) -> Self {
        Self { client: harness::client(), url: url.to_owned() }
    }

    /// A person of the demonstration.
    pub async fn demo(app: &TestApp, who: &str) -> Self {
        Self::demo_at(&app.url, who).await
    }

    /// The same, at a server wherever it runs.
    pub async fn demo_at(url: &str, who: &str) -> Self {
        let person = Self::visitor(url);
        let answer = person.post(&format!("/demo/{who}"), &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.html);
        person
    }

    /// What they browse with, for requests of another kind.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub async fn get(&self, path: &str) -> PageResponse {
        let asked = self.client.get(format!("{}{path}", self.url)).header("accept", "text/html");
        PageResponse::of(asked.send().await.unwrap()).await
    }

    /// Posts a form from a page of the app.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> PageResponse {
        self.post_from("same-origin", path, fields).await
    }

    /// Posts a form from a page of `site`, as `Sec-Fetch-Site` names it.
    pub async fn post_from(&self, site: &str, path: &str, fields: &[(&str, &str)]) -> PageResponse {
        let asked = self.client.post(format!("{}{path}", self.url)).form(fields);
        let asked = asked.header("accept", "text/html").header("sec-fetch-site", site);
        PageResponse::of(asked.send().await.unwrap()).await
    }

    /// What a script of the page posts.
    pub async fn save(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let asked = self.client.post(format!("{}{path}", self.url)).form(fields);
        let asked = asked.header("accept", "application/json").header("sec-fetch-site", "same-origin");
        harness::status_and_json(asked.send().await.unwrap()).await
    }

    /// Starts the activity, and returns the path of the registration.
    pub async fn begin(&self, activity: &str) -> String {
        let page = self.get(&format!("/activities/{activity}")).await;
        let version = page.field("version");
        let begun =
            self.post(&format!("/activities/{activity}/begin"), &[("version", &version), ("read", "yes")]).await;
        assert_eq!(begun.status, 303, "{}", begun.html);
        begun.location
    }

    /// Plays the only item to its end, as the player reports it.
    pub async fn play(&self, registration: &str) {
        let launched = self.get(&format!("{registration}/play")).await;
        let player = harness::Player::open(&launched.location).await;
        player.see_content().await;
        let cmi = json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"});
        let said = json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": cmi});
        let (status, receipt) = player.post("commit", &said).await;
        assert_eq!((status, &receipt["status"]), (200, &json!("passed")), "{receipt}");
    }

    /// Opens the assessment and submits answers of its own choosing.
    pub async fn answer(&self, registration: &str, answers: &[(String, String)]) -> PageResponse {
        let page = self.get(&format!("{registration}/assessment")).await;
        let (attempt, edition) = (page.field("attempt"), page.field("edition"));
        let mut fields = vec![("attempt", attempt.as_str()), ("edition", edition.as_str())];
        fields.extend(answers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.post(&format!("{registration}/assessment"), &fields).await
    }

    /// Fills in the evaluation and submits it.
    pub async fn evaluate(&self, registration: &str, activity: &Value) -> PageResponse {
        let edition = self.get(&format!("{registration}/evaluation")).await.field("edition");
        let mut fields = vec![("edition".to_owned(), edition)];
        fields.extend(filled_in(activity));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&format!("{registration}/evaluation"), &fields).await
    }

    /// Everything up to the claim.
    pub async fn complete(&self, activity: &Value) -> String {
        let registration = self.begin(activity["id"].as_str().unwrap()).await;
        self.go_through(&registration, activity).await;
        registration
    }

    /// Everything between the beginning and the claim.
    pub async fn go_through(&self, registration: &str, activity: &Value) {
        self.play(registration).await;
        let graded = self.answer(registration, &right(activity)).await;
        assert_eq!(graded.status, 303, "{}", graded.html);
        self.get(&graded.location).await.shows("You passed");
        assert_eq!(self.evaluate(registration, activity).await.status, 303);
    }

    pub async fn claim(&self, registration: &str, offering: &str, amount: &str) -> PageResponse {
        let fields = [("amount", amount), ("attested", "yes")];
        self.post(&format!("{registration}/claim/{offering}"), &fields).await
    }
}

/// The sample's document, for learners who do not sit through it: no seat time is asked for.
pub fn sample() -> Value {
    let mut document: Value = serde_json::from_slice(&samples::ALL[0].document().unwrap()).unwrap();
    document["integrity"]["minimum_seat_fraction"] = json!("0");
    document
}

/// Publishes that document, where [`samples::load`] would publish the original.
pub async fn load_sample(app: &App) {
    let folder = tempfile::tempdir().unwrap();
    samples::ALL[0].write(folder.path()).unwrap();
    let document = serde_json::to_vec(&sample()).unwrap();
    activities::publish(app, &document, Some(folder.path()), "enduring").await.unwrap();
}

/// Publishes that document over the original at a running demonstration, as its coordinator.
pub async fn replace_sample(url: &str) {
    let mut document = sample();
    document["package"] = json!({"sha256": Sha256::of(samples::ALL[0].zip().unwrap())});
    let coordinator = Person::demo_at(url, "coordinator").await;
    let published = coordinator.post("/desk/publish", &[("document", &document.to_string())]).await;
    assert_eq!(published.status, 303, "{}", published.html);
}

/// The sample's document after `change`, published under the id `changed`.
pub async fn publish(app: &TestApp, change: impl FnOnce(&mut Value)) -> Value {
    load_sample(&app.app).await;
    let published = activities::current(&app.app, ACTIVITY).await.unwrap();
    let mut document = sample();
    document["id"] = json!("changed");
    document["package"] = json!({"sha256": published.package_sha256});
    change(&mut document);
    let bytes = serde_json::to_vec(&document).unwrap();
    activities::publish(&app.app, &bytes, None, "test").await.unwrap();
    document
}

/// The fields that answer every item as the key does.
pub fn right(activity: &Value) -> Vec<(String, String)> {
    fields(activity, |item, choice| item["correct"].as_array().unwrap().contains(&choice["id"]))
}

/// The fields that fill in every item of the evaluation.
pub fn filled_in(activity: &Value) -> Vec<(String, String)> {
    let answer = |item: &Value| match item["kind"].as_str().unwrap() {
        "scale" => item["scale"]["to"].to_string(),
        "choice" => item["choices"][0].as_str().unwrap().to_owned(),
        _ => "Clear and useful.".to_owned(),
    };
    let items = activity["evaluation"]["items"].as_array().unwrap();
    items.iter().map(|item| (format!("e.{}", item["id"].as_str().unwrap()), answer(item))).collect()
}

/// The fields that answer every item with one wrong choice.
pub fn wrong(activity: &Value) -> Vec<(String, String)> {
    let mut seen = std::collections::BTreeSet::new();
    fields(activity, |item, choice| {
        !item["correct"].as_array().unwrap().contains(&choice["id"]) && seen.insert(item["id"].to_string())
    })
}

fn fields(activity: &Value, mut take: impl FnMut(&Value, &Value) -> bool) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for item in activity["assessment"]["items"].as_array().unwrap() {
        for choice in item["choices"].as_array().unwrap() {
            if take(item, choice) {
                let (item, choice) = (item["id"].as_str().unwrap(), choice["id"].as_str().unwrap());
                fields.push((format!("q.{item}"), choice.to_owned()));
            }
        }
    }
    fields
}

/// The value of the first hidden field of this name in `html`.
pub fn field_in(html: &str, name: &str) -> String {
    let marker = format!("name=\"{name}\" value=\"");
    let (_, rest) = html.split_once(&marker).unwrap_or_else(|| panic!("no field {name} in\n{html}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The first address in `html` that begins with `start`.
pub fn address_in(html: &str, start: &str) -> String {
    let (_, rest) = html.split_once(&format!("href=\"{start}")).unwrap_or_else(|| panic!("no {start} in\n{html}"));
    start.to_owned() + rest.split('"').next().unwrap()
}
