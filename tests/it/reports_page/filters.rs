//! The form: each filter, together, and what it cannot read.

use super::{Desk, SHA1, numbers, several};
use crate::learner::Person;
use crate::xapi::{VOIDED, id, reference, statement, with};
use base::clock::FixedClock;
use serde_json::json;

#[actix_web::test]
async fn only_coordinators_are_let_in() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let one = format!("/reports/statements/{}", id(1));
    for path in ["/reports/statements", &one, &format!("{one}/exact.json")] {
        for who in ["learner", "nurse", "designer"] {
            let refused = Person::demo(&desk.lrs.server, who).await.get(path).await;
            assert_eq!(refused.status, 403, "{who} at {path}");
            assert!(!refused.html.contains("Module"), "{who} at {path}");
        }
        let stranger = Person::stranger(&desk.lrs.server).get(path).await;
        assert!(stranger.location.starts_with("/sign-in"), "{path}: {}", stranger.status);
        assert_eq!(desk.coordinator.get(path).await.status, 200, "{path}");
    }
    let key = desk.lrs.server.client.get(format!("{}{one}", desk.lrs.server.url));
    let key = key.basic_auth(&desk.lrs.key, Some(&desk.lrs.secret)).send().await.unwrap();
    assert_eq!(key.status(), 401);
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn each_filter_finds_what_the_standard_says() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let cases: [(&str, &[u32]); 20] = [
        ("", &[6, 5, 4, 3, 2, 1]),
        ("?ascending=true", &[1, 2, 3, 4, 5, 6]),
        // As actor, as member of a group, as object; the instructor of the fourth only with related agents.
        ("?agent=ann@example.com", &[1]),
        ("?agent=mailto:bob@example.com", &[6, 3]),
        ("?agent=ann@example.com&related_agents=true", &[4, 1]),
        ("?agent=https://lms.example.com%20Ann%20Lee", &[2]),
        ("?agent=https://ann.example.com/", &[4]),
        (&format!("?agent={SHA1}"), &[5]),
        ("?agent=%7B%22mbox%22:%22mailto:eve@example.com%22%7D", &[6, 3]),
        ("?verb=v:did", &[5, 2, 1]),
        ("?activity=a:1", &[3, 1]),
        ("?activity=a:2", &[2]),
        ("?activity=a:2&related_activities=true", &[4, 2]),
        ("?verb=v:did&activity=a:1", &[1]),
        (&format!("?registration={}", id(900)), &[2]),
        (&format!("?registration={}&verb=v:saw", id(900)), &[]),
        ("?agent=ann@example.com&activity=a:1&verb=v:did", &[1]),
        ("?since=2020-01-01T00:00", &[6, 5, 4, 3, 2, 1]),
        ("?until=2020-01-01T00:00", &[]),
        ("?since=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00%2B01:00&verb=v:met", &[6]),
    ];
    for (query, expected) in cases {
        assert_eq!(desk.list(query).await, expected, "{query}");
    }
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn times_are_those_of_the_provider() {
    let clock = FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap());
    let server = crate::harness::TestApp::with(clock.clone(), |config| {
        config.provider.time_zone = "America/New_York".to_owned();
    });
    let (key, secret) = crate::xapi::credential(&server, &[enduring::service::people::credentials::Scope::All]).await;
    let lrs = crate::xapi::Lrs { server, key, secret, version: "2.0.0" };
    lrs.send(&statement(1)).await;
    clock.set("2026-03-01T13:00:00Z".parse().unwrap());
    lrs.send(&with(statement(2), "/timestamp", json!("2026-03-01T08:30:00Z"))).await;
    let coordinator = Person::demo(&lrs.server, "coordinator").await;
    let desk = Desk { lrs, coordinator };
    // Noon and one o'clock UTC are 07:00 and 08:00 in that zone. `since` excludes its instant, `until` includes it.
    for (query, expected) in [
        ("?since=2026-03-01T07:00", &[2][..]),
        ("?since=2026-03-01T06:59:59", &[2, 1]),
        ("?until=2026-03-01T07:59:59", &[1]),
        ("?until=2026-03-01T08:00", &[2, 1]),
        ("?since=2026-03-01T12:00:00Z", &[2]),
    ] {
        assert_eq!(desk.list(query).await, expected, "{query}");
    }
    let page = desk.page("/reports/statements?since=2026-03-01T06:59:59").await;
    page.shows("Mar 1, 2026, 8:00:00 AM EST").shows("datetime=\"2026-03-01T13:00:00.000Z\"").shows("America/New_York");
    page.shows("happened Mar 1, 2026, 3:30:00 AM EST");
    page.shows("since=2026-03-01T11%3A59%3A59Z");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn what_cannot_be_read_stands_beside_its_field_and_nothing_typed_is_lost() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let query = "?agent=ann%20%3Cb%3E&verb=did&activity=a%20b&registration=7&since=yesterday&until=2026-01-01T00:00&voided=true";
    let refused = desk.coordinator.get(&format!("/reports/statements{query}")).await;
    assert_eq!(refused.status, 422);
    for (name, value, sentence) in [
        ("agent", "ann &#60;b&#62;", "Write a mail address, the home page and name of an account"),
        ("verb", "did", "A verb is known by its IRI"),
        ("activity", "a b", "An activity is known by its IRI"),
        ("registration", "7", "A registration is known by its UUID"),
        ("since", "yesterday", "Write date and time, such as 2026-01-15T09:30."),
    ] {
        refused.shows(&format!("id=\"{name}-fault\">{sentence}"));
        refused.shows(&format!("name=\"{name}\" value=\"{value}\""));
        refused.shows(&format!("aria-describedby=\"{name}-hint {name}-fault\" aria-invalid=\"true\""));
    }
    refused.shows("value=\"2026-01-01T00:00:00\"").shows("name=\"voided\" value=\"true\" checked");
    refused.shows("<details open><summary>More filters");
    assert_eq!(numbers(&refused.html), Vec::<u32>::new());
    for (query, sentence) in [
        ("?person=ann", "There is no filter called `person`; it was ignored."),
        ("?verb=v:did&verb=v:saw", "The address has `verb` twice; one is ignored."),
        ("?ascending=perhaps", "`ascending` must be `true` or `false`."),
        ("?before=-1", "This address does not name a page; start with the first one."),
        ("?statementId=seven", "A statement is known by its UUID"),
    ] {
        let refused = desk.coordinator.get(&format!("/reports/statements{}", query.replace('`', "&#96;"))).await;
        assert_eq!(refused.status, 422, "{query}");
        refused.shows(sentence);
    }
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn the_address_says_all_and_no_more() {
    let desk = Desk::start().await;
    let sent = "?agent=&verb=v%3Adid&activity=&registration=&since=&until=&related_agents=true";
    let clean = desk.coordinator.get(&format!("/reports/statements{sent}")).await;
    assert_eq!((clean.status, &*clean.location), (303, "/reports/statements?verb=v%3Adid&related_agents=true"));
    // A query of the standard at /xapi works here too.
    desk.lrs.send(&several()).await;
    let one = desk.coordinator.get(&format!("/reports/statements?statementId={}", id(3))).await;
    assert_eq!((one.status, one.location), (303, format!("/reports/statements/{}", id(3))));
    let page = desk.page("/reports/statements?agent=https://lms.example.com%20Ann%20Lee&verb=v:did").await;
    let query = "agent=%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Flms.example.com%22%2C%22name%22%3A%22Ann%20Lee%22%7D%7D&verb=v%3Adid";
    page.shows("Understood as the account Ann Lee at https://lms.example.com.");
    page.shows(&format!("/xapi/statements?{}", query.replace('&', "&#38;")));
    let found = desk.lrs.ask(reqwest::Method::GET, &format!("/statements?{query}")).send().await.unwrap();
    let (_, result) = crate::harness::status_and_json(found).await;
    assert_eq!(result["statements"].as_array().unwrap().len(), 1);
    assert_eq!(desk.list(&format!("?{query}")).await, [2]);
    // A name in a row narrows the filter further.
    page.shows("?agent=https%3A%2F%2Flms.example.com%20Ann%20Lee&#38;verb=v%3Adid&#38;activity=a%3A2");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn what_the_api_makes_of_the_query_is_linked_and_is_of_the_same_statements() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let filter = "?verb=v:did&since=2020-01-01T00:00:00Z&ascending=true";
    let page = desk.page(&format!("/reports/statements{filter}")).await;
    let links: Vec<_> = page.html.split("href=\"/api/v1/statements/").skip(1).collect();
    let links: Vec<_> = links.iter().map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&")).collect();
    let query = "verb=v%3Adid&since=2020-01-01T00%3A00%3A00Z";
    assert_eq!(
        links,
        [
            format!("export.csv?{query}&bom=true"),
            format!("export.jsonl?{query}"),
            format!("aggregate?{query}&group_by=verb"),
            format!("aggregate?{query}&group_by=day&measure=actors"),
        ]
    );
    let mut answers = Vec::new();
    for link in &links {
        let answer = desk.coordinator.client().get(format!("{}/api/v1/statements/{link}", desk.lrs.server.url));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{link}");
        answers.push(answer.text().await.unwrap());
    }
    assert_eq!(answers[0].lines().count(), 1 + 3, "{}", answers[0]);
    assert_eq!(answers[1].lines().count(), 3, "{}", answers[1]);
    for aggregate in &answers[2..] {
        let counted: serde_json::Value = serde_json::from_str(aggregate).unwrap();
        assert_eq!(counted["total"]["count"], 3, "{aggregate}");
    }
    page.shows("/api/v1/statements/stream?verb=v%3Adid\"");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn voided_statements_are_left_out_or_marked() {
    let desk = Desk::start().await;
    desk.lrs.send(&json!([statement(1), statement(2)])).await;
    desk.lrs.send(&reference(3, VOIDED, 1)).await;
    assert_eq!(desk.list("").await, [3, 2]);
    let page = desk.page("/reports/statements?voided=true").await;
    assert_eq!(numbers(&page.html), [3, 2, 1]);
    assert_eq!(page.html.matches("<span class=\"badge bad\">Voided</span>").count(), 1);
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn names_are_shown_in_the_language_of_the_reader() {
    let desk = Desk::start().await;
    desk.lrs.send(&several()).await;
    let url = format!("{}/reports/statements?verb=v:did&activity=a:1", desk.lrs.server.url);
    for (languages, name) in [("de", "<bdi lang=\"de\">tat</bdi>"), ("en-GB,de;q=0.5", "<bdi lang=\"en\">did</bdi>")] {
        let asked = desk.coordinator.client().get(&url).header("accept-language", languages);
        let html = asked.send().await.unwrap().text().await.unwrap();
        assert!(html.contains(name), "{languages}: {html}");
    }
    // A name that another statement brought serves where a statement has none; the end of the id where none did.
    desk.lrs.send(&with(statement(7), "/object", json!({"id": "a:2"}))).await;
    desk.page("/reports/statements").await.shows("<bdi lang=\"en\">Module a:2</bdi>").shows("<bdi>3</bdi>");
    let row = desk.page("/reports/statements?verb=v:did&activity=a:1").await;
    row.shows("Success").shows("Completed").shows("85%").shows("1 h 2 min 3 s");
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn nothing_found_says_where_else_to_look() {
    let desk = Desk::start().await;
    desk.page("/reports/statements").await.shows("No statement has been stored yet.");
    desk.lrs.send(&several()).await;
    let page = desk.page("/reports/statements?agent=nobody@example.com").await;
    page.shows("No statement matches this filter.").shows("agent=nobody%40example.com&#38;related_agents=true");
    desk.lrs.server.stop().await;
}
