//! Learners who go the whole way and claim, in browsers that a balancer sends to another process with every click.

use super::field::{Field, FullResponse, insist};
use crate::cluster::node::{CONTENT_URL, URL};
use crate::cluster::portal;
use crate::harness;
use crate::harness::player::{launch_in, ticket_in};
use crate::learner::{ACTIVITY, filled_in, right, sample};
use base::clock::{Clock as _, SystemClock};
use reqwest::Client;
use serde_json::json;
use std::time::Duration;

/// This many learners, one after the other; returns their registrations.
pub(super) async fn learn(field: &Field, learners: u32, calm: Duration) -> Vec<String> {
    let mut claimed = Vec::new();
    for number in 0..learners {
        claimed.push(Learner::arrive(field, number).await.earn().await);
        tokio::time::sleep(calm).await;
    }
    claimed
}

struct Learner<'a> {
    field: &'a Field,
    /// Keeps the cookie.
    browser: Client,
}

impl<'a> Learner<'a> {
    /// Comes from the portal, with a new token each time that there is no response, since a token works once.
    async fn arrive(field: &'a Field, number: u32) -> Self {
        let learner = Self { field, browser: harness::client() };
        let token = || portal::token(&portal::known(), &format!("Physician {number}"), URL, SystemClock.now());
        let arrived = insist(|| {
            let post = learner.browser.post(format!("{}/launch", field.next().app));
            post.header("sec-fetch-site", "cross-site").form(&[("token", token())])
        });
        assert_eq!(arrived.await.status, 303);
        learner
    }

    async fn earn(&self) -> String {
        let registration = self.begin().await;
        self.play(&registration).await;
        self.pass(&registration).await;
        self.evaluate(&registration).await;
        let claim = [("amount".to_owned(), "0.75".to_owned()), ("attested".to_owned(), "yes".to_owned())];
        self.submit(&format!("{registration}/claim/ama"), &claim).await;
        registration.rsplit('/').next().unwrap().to_owned()
    }

    async fn begin(&self) -> String {
        let place = format!("/activities/{ACTIVITY}");
        let version = self.get(&place).await.field("version");
        let fields = [("version".to_owned(), version), ("read".to_owned(), "yes".to_owned())];
        let begun = self.post(&format!("{place}/begin"), &fields).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        begun.location().to_owned()
    }

    /// Plays the only item to its end, as the player reports it.
    async fn play(&self, registration: &str) {
        let launched = self.get(&format!("{registration}/play")).await;
        let cmi = json!({"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90"});
        let said = json!({"sequence": 1, "initialized": true, "terminated": true, "cmi": cmi});
        let host = CONTENT_URL.trim_start_matches("http://");
        let ticket = ticket_in(launched.location());
        let entered = insist(|| {
            let enter = format!("{}/player/enter?ticket={ticket}", self.field.next().content);
            self.browser.get(enter).header("host", host)
        })
        .await;
        let cookie = entered.cookie();
        let page = insist(|| {
            let player = format!("{}/player", self.field.next().content);
            self.browser.get(player).header("host", host).header("cookie", &cookie)
        })
        .await;
        let launch = launch_in(&page.body);
        let key = launch["key"].as_str().unwrap().to_owned();
        // The page that the player shows, as a browser fetches it.
        let content = launch["href"].as_str().unwrap();
        let shown = insist(|| {
            let file = format!("{}{content}", self.field.next().content);
            self.browser.get(file).header("host", host)
        })
        .await;
        assert_eq!(shown.status, 200);
        let receipt = insist(|| {
            let commit = format!("{}/player/commit", self.field.next().content);
            self.browser.post(commit).header("host", host).header("x-player-key", &key).json(&said)
        })
        .await;
        assert_eq!((receipt.status, &receipt.json()["status"]), (200, &json!("passed")), "{}", receipt.body);
    }

    async fn pass(&self, registration: &str) {
        let place = format!("{registration}/assessment");
        let form = self.get(&place).await;
        let (attempt, edition) = (form.field("attempt"), form.field("edition"));
        let feedback = format!("{place}/{attempt}");
        let mut fields = vec![("attempt".to_owned(), attempt), ("edition".to_owned(), edition)];
        fields.extend(right(&sample()));
        self.submit(&place, &fields).await;
        let feedback = self.get(&feedback).await;
        assert!(feedback.status == 200 && feedback.body.contains("You passed"), "{feedback:?}");
    }

    async fn evaluate(&self, registration: &str) {
        let place = format!("{registration}/evaluation");
        let mut fields = vec![("edition".to_owned(), self.get(&place).await.field("edition"))];
        fields.extend(filled_in(&sample()));
        self.submit(&place, &fields).await;
    }

    async fn get(&self, path: &str) -> FullResponse {
        insist(|| self.browser.get(format!("{}{path}", self.field.next().app)).header("accept", "text/html")).await
    }

    async fn post(&self, path: &str, fields: &[(String, String)]) -> FullResponse {
        insist(|| {
            let post = self.browser.post(format!("{}{path}", self.field.next().app)).form(fields);
            post.header("accept", "text/html").header("sec-fetch-site", "same-origin")
        })
        .await
    }

    /// Sends a form that is accepted once. If it had to be sent again, the response may say that it was accepted.
    async fn submit(&self, path: &str, fields: &[(String, String)]) {
        let told = self.post(path, fields).await;
        let taken_before = told.repeated && (400..500).contains(&told.status);
        assert!(told.status == 303 || taken_before, "{} at {path}: {}", told.status, told.body);
    }
}
