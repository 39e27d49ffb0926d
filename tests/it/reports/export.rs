//! `GET /api/v1/statements/export.jsonl` and `export.csv`: complete, exact, and never taken for whole when they are not.

use super::ask;
use crate::harness::status_and_json;
use crate::xapi::{Lrs, VOIDED, agent, id, reference, statement, with};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn export(lrs: &Lrs, path: &str) -> Response {
    let answer = ask(lrs, Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

/// The rows of a table, each by the names of its columns.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

#[actix_web::test]
async fn json_lines_are_the_stored_statements_each_on_one_line() {
    let lrs = Lrs::start().await;
    let text = "{\"actor\":{\"mbox\":\"mailto:a@b.c\"},\r\n \"verb\":{\"id\":\"v:1\"},\n\"object\":{\"id\":\"a:1\"},\"result\":{\"response\":\"a\\nb\",\"score\":{\"raw\":1.50}}}";
    let (_, ids) = lrs.post_text(text).await;
    lrs.send(&json!([statement(1), statement(2), reference(3, VOIDED, 1)])).await;
    let answer = export(&lrs, "/export.jsonl").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/jsonl; charset=utf-8");
    assert_eq!(header("content-disposition"), "attachment; filename=\"statements-through-4.jsonl\"");
    assert_eq!(header("enduring-through"), "4");
    assert!(header("x-experience-api-consistent-through").ends_with('Z'));
    let body = answer.text().await.unwrap();
    let lines: Vec<&str> = body.lines().collect();
    let stored = lrs.query(&[("statementId", ids[0].as_str().unwrap())]).await.text().await.unwrap();
    assert!(stored.contains("\"response\":\"a\\nb\"") && stored.contains("1.50"), "{stored}");
    assert_eq!(lines[0], stored.replace(['\r', '\n'], " "), "only line breaks between values are changed");
    let ids: Vec<Value> = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids[1..], [json!(id(2)), json!(id(3))], "oldest first, without what is voided");
    let later = export(&lrs, "/export.jsonl?after=3&verb=v:did").await.text().await.unwrap();
    assert_eq!(later.lines().count(), 1, "the voiding statement, by its target");
}

#[actix_web::test]
async fn an_export_goes_up_to_where_the_log_ended_when_it_began() {
    let lrs = Lrs::start().await;
    let large = |n| with(statement(n), "/result", json!({"response": "x".repeat(100_000)}));
    for n in 0..100 {
        lrs.send(&large(n)).await;
    }
    let mut answer = export(&lrs, "/export.jsonl").await;
    let mut body = answer.chunk().await.unwrap().unwrap().to_vec();
    lrs.send(&statement(1000)).await;
    while let Some(piece) = answer.chunk().await.unwrap() {
        body.extend_from_slice(&piece);
    }
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let ids: Vec<Value> = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, (0..100).map(|n| json!(id(n))).collect::<Vec<_>>());
    let next = export(&lrs, "/export.jsonl?after=100").await.text().await.unwrap();
    assert!(next.contains(&id(1000)) && next.lines().count() == 1);
}

#[actix_web::test]
async fn an_export_that_breaks_off_is_not_taken_for_whole() {
    let lrs = Lrs::start().await;
    // More than a connection buffers.
    let large = |n| with(statement(n), "/result", json!({"response": "x".repeat(1_000_000)}));
    for n in 0..40 {
        lrs.send(&large(n)).await;
    }
    let (mut lines, mut table) = (export(&lrs, "/export.jsonl").await, export(&lrs, "/export.csv").await);
    lrs.server.app.store.close().await.unwrap();
    for answer in [&mut lines, &mut table] {
        let end = loop {
            match answer.chunk().await {
                Ok(Some(_)) => {}
                end => break end,
            }
        };
        assert!(end.is_err(), "the connection was cut off");
    }
}

#[actix_web::test]
async fn a_table_has_a_row_for_each_statement() {
    let lrs = Lrs::start().await;
    let text = r#"[{"id":"00000000-0000-4000-8000-000000000001","timestamp":"2026-03-01T04:30:00Z",
        "actor":{"name":"=HYPERLINK(\"http:\/\/evil\")","account":{"homePage":"https://h.example","name":"-7"}},
        "verb":{"id":"v:did","display":{"de":"tat","en":"did"}},
        "object":{"id":"a:1","definition":{"name":{"de":"Kurs, \"eins\"","en":"Course"}}},
        "context":{"registration":"6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
        "result":{"success":true,"completion":false,"duration":"PT1H","response":"a\nb","score":{"scaled":-0.50,"raw":1.0,"min":-1e1,"max":10}}},
        {"id":"00000000-0000-4000-8000-000000000002","actor":{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]},
        "verb":{"id":"v:met"},"object":{"objectType":"Agent","mbox":"mailto:Bob@EXAMPLE.com"}}]"#;
    assert_eq!(lrs.post_text(text).await.0, 200);
    lrs.send(&with(reference(3, "v:saw", 1), "/actor", agent("ann"))).await;
    let german = ask(&lrs, Method::GET, "/export.csv").header("Accept-Language", "de").send().await.unwrap();
    assert_eq!(german.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(german.headers()["content-disposition"], "attachment; filename=\"statements-through-3.csv\"");
    let body = german.text().await.unwrap();
    assert!(body.starts_with("seq,stored,timestamp,id,actor_type,actor_ifi,actor_id,actor_home_page,actor_name,verb,"));
    assert!(body.contains("\"Kurs, \"\"eins\"\"\"") && body.ends_with("\r\n"), "{body}");
    let table = rows(&body);
    let first = |name: &str| table[0][name].as_str();
    for (name, value) in [
        ("seq", "1"),
        ("timestamp", "2026-03-01T04:30:00Z"),
        ("id", "00000000-0000-4000-8000-000000000001"),
        ("actor_type", "Agent"),
        ("actor_ifi", "account"),
        ("actor_id", "'-7"),
        ("actor_home_page", "https://h.example"),
        ("actor_name", "'=HYPERLINK(\"http://evil\")"),
        ("verb", "v:did"),
        ("verb_display", "tat"),
        ("object_type", "Activity"),
        ("object_id", "a:1"),
        ("object_name", "Kurs, \"eins\""),
        ("registration", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"),
        ("success", "true"),
        ("completion", "false"),
        ("score_scaled", "-0.50"),
        ("score_raw", "1.0"),
        ("score_min", "-1e1"),
        ("score_max", "10"),
        ("duration", "PT1H"),
        ("response", "a\nb"),
        ("version", "1.0.0"),
        ("authority_home_page", lrs.server.url.as_str()),
        ("authority_name", &format!("credential:{}", lrs.key)),
    ] {
        assert_eq!(first(name), value, "{name}");
    }
    let second = |name: &str| table[1][name].as_str();
    assert_eq!((second("actor_type"), second("actor_ifi"), second("actor_id")), ("Group", "", ""));
    assert_eq!((second("object_type"), second("object_id")), ("Agent", "{\"mbox\":\"mailto:Bob@example.com\"}"));
    assert_eq!((second("success"), second("score_scaled")), ("", ""));
    let third = |name: &str| table[2][name].as_str();
    assert_eq!((third("object_type"), third("object_id")), ("StatementRef", id(1).as_str()));
    assert_eq!((third("actor_ifi"), third("actor_id")), ("mbox", "mailto:ann@example.com"));
}

#[actix_web::test]
async fn a_byte_order_mark_for_excel_is_written_on_request() {
    let lrs = Lrs::start().await;
    let plain = export(&lrs, "/export.csv").await.bytes().await.unwrap();
    assert!(plain.starts_with(b"seq,"), "an export of nothing has its head");
    let marked = export(&lrs, "/export.csv?bom=true").await.bytes().await.unwrap();
    assert!(marked.starts_with(b"\xef\xbb\xbfseq,"));
    for query in ["limit=1", "ascending=true", "format=exact", "bom=1"] {
        let answer = ask(&lrs, Method::GET, &format!("/export.csv?{query}")).send().await.unwrap();
        let (status, problem) = status_and_json(answer).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid-parameters")), "{query}");
    }
}

#[test]
fn every_column_is_explained() {
    let page = include_str!("../../../docs/reporting.md");
    for column in enduring::service::reporting::COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "docs/reporting.md does not explain {column}");
    }
}
