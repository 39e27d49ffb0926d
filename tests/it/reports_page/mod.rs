//! The pages at `/reports`, over HTTP as a browser without scripts sees them, and in a browser.

mod browser;
mod filters;
mod hostile;
mod one;
mod paging;
mod validate;

use crate::learner::{PageResponse, Person};
use crate::xapi::{Lrs, agent, id};
use serde_json::{Value, json};

/// The coordinator of the demonstration, beside a record store.
pub struct Desk {
    pub lrs: Lrs,
    pub coordinator: Person,
}

impl Desk {
    pub async fn start() -> Self {
        let lrs = Lrs::start().await;
        let coordinator = Person::demo(&lrs.server, "coordinator").await;
        Self { lrs, coordinator }
    }

    /// A page that must exist.
    pub async fn page(&self, path: &str) -> PageResponse {
        let answer = self.coordinator.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.html);
        answer
    }

    /// The numbers of the statements that a page of the table shows, in its order.
    pub async fn list(&self, query: &str) -> Vec<u32> {
        numbers(&self.page(&format!("/reports/statements{query}")).await.html)
    }
}

/// The numbers of the statements in the rows of a page.
pub fn numbers(html: &str) -> Vec<u32> {
    let start = id(0).trim_end_matches('0').to_owned();
    let rows = html.split("<tr data-seq").skip(1);
    let href = |row: &str| row.split("/reports/statements/").nth(1)?.split('"').next().map(str::to_owned);
    rows.filter_map(href).map(|id| id.trim_start_matches(&start).trim_start_matches('0').parse().unwrap()).collect()
}

/// Six statements that differ in everything that can be filtered by.
pub fn several() -> Value {
    let context = |registration: u32| json!({"registration": id(registration)});
    let object = |name: &str| json!({"id": name, "definition": {"name": {"en": format!("Module {name}")}}});
    let account = json!({"account": {"homePage": "https://lms.example.com", "name": "Ann Lee"}, "name": "Ann Lee, RN"});
    let group = json!({"objectType": "Group", "member": [agent("bob"), agent("eve")]});
    json!([
        {"id": id(1), "actor": agent("ann"), "verb": {"id": "v:did", "display": {"de": "tat", "en": "did"}}, "object": object("a:1"),
            "result": {"success": true, "completion": true, "score": {"scaled": 0.85}, "duration": "PT1H2M3S"}},
        {"id": id(2), "actor": account, "verb": {"id": "v:did"}, "object": object("a:2"), "context": context(900)},
        {"id": id(3), "actor": group, "verb": {"id": "v:saw"}, "object": object("a:1"), "context": context(901)},
        {"id": id(4), "actor": {"openid": "https://ann.example.com/"}, "verb": {"id": "v:saw"}, "object": {"id": "a:3"},
            "context": {"instructor": agent("ann"), "contextActivities": {"parent": [{"id": "a:2"}]}}},
        {"id": id(5), "actor": {"mbox_sha1sum": SHA1}, "verb": {"id": "v:did"}, "object": {"id": "a:3"}},
        {"id": id(6), "actor": agent("eve"), "verb": {"id": "v:met"}, "object": agent("bob")},
    ])
}

pub const SHA1: &str = "ebd31e95054c018b10727ccffd2ef2ec3a016ee9";
