//! What others send to do harm is shown as the text that it is.

use super::Desk;
use crate::harness::Browser;
use crate::xapi::{id, statement, with};
use serde_json::{Value, json};

const SCRIPT: &str = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
/// Turns the direction of writing round, and says so in no visible character.
const OVERRIDE: &str = "\u{202e}gnp.exe";

/// Statements that carry it wherever a page shows what others wrote.
fn hostile() -> Value {
    let long = format!("https://example.com/{}", "x".repeat(30_000));
    let arabic = "الوقاية من السكتة الدماغية";
    let named =
        |n: u32, name: &str| with(with(statement(n), "/actor/name", json!(name)), "/verb/display", json!({"en": name}));
    let object = json!({"id": "a:1", "definition": {"name": {"ar": arabic, "en": SCRIPT}, "description": {"en": SCRIPT}, "type": "t:\u{202e}x"}});
    let account = json!({"account": {"homePage": "https://lms.example.com", "name": "\"><script>1</script>"}});
    let result = json!({"response": SCRIPT, "duration": format!("PT{}S", "9".repeat(3_000)), "score": {"raw": 1e300},
        "extensions": {"https://example.com/x": SCRIPT}});
    json!([
        with(with(named(1, SCRIPT), "/object", object), "/result", result),
        named(2, OVERRIDE),
        with(named(3, &"Name ".repeat(20_000)), "/object", json!({"id": long})),
        with(statement(4), "/actor", account),
        with(named(5, arabic), "/verb/id", json!("javascript:alert(1)")),
    ])
}

#[actix_web::test]
async fn hostile_text_is_text_in_the_table_and_on_its_own_page() {
    let desk = Desk::start().await;
    desk.lrs.send(&hostile()).await;
    let mut pages = vec![desk.page("/reports/statements").await];
    for n in 1..=5 {
        pages.push(desk.page(&format!("/reports/statements/{}", id(n))).await);
    }
    for page in &pages {
        assert!(!page.html.contains("<script>document") && !page.html.contains("<img"), "{}", page.html);
        assert!(!page.html.contains("<script>1"), "{}", page.html);
        assert!(!page.html.contains("href=\"javascript:"), "{}", page.html);
        assert!(is_isolated(&page.html), "a change of direction reaches beyond its own text: {}", page.html);
    }
    assert!(pages[0].html.len() < 60_000, "the table is {} bytes long", pages[0].html.len());
    pages[0].shows("&lt;script&gt;document.title=").shows("Name Name");
    // The filter of a name in the table is its own, whatever is in it.
    let filter = "?agent=https%3A%2F%2Flms.example.com%20%22%3E%3Cscript%3E1%3C%2Fscript%3E";
    pages[0].shows(filter);
    assert_eq!(desk.list(filter).await, [4]);
    desk.lrs.server.stop().await;
}

/// Whether each change of direction is within an element that isolates it.
fn is_isolated(html: &str) -> bool {
    let mut elements = html.split("<bdi");
    let outside = elements.next().into_iter().chain(elements.filter_map(|rest| Some(rest.split_once("</bdi>")?.1)));
    outside.into_iter().all(|text| !text.contains('\u{202e}'))
}

#[actix_web::test]
async fn nothing_of_it_runs_in_a_browser() {
    let desk = Desk::start().await;
    desk.lrs.send(&hostile()).await;
    let browser: Browser = crate::learner::signed_in(&desk.lrs.server, "coordinator").await;
    for path in ["", &*format!("/{}", id(1)), &*format!("/{}", id(3)), &*format!("/{}", id(5))] {
        browser.goto(&format!("{}/reports/statements{path}", desk.lrs.server.url)).await;
        browser.see(if path.is_empty() { "#rows" } else { ".json" }).await;
        let title = browser.run("return document.title").await;
        assert!(title.as_str().is_some_and(|title| title.starts_with("Statement")), "{title}");
        assert_eq!(browser.run("return document.querySelectorAll('main script, main img').length").await, 0);
        browser.picture(&format!("reports-hostile{}", path.replace('/', "-"))).await;
    }
    browser.close().await;
    desk.lrs.server.stop().await;
}
