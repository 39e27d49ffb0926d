//! Programs that read while others write.

use super::writers::{KINDS, number};
use super::{Field, Number};
use crate::harness::status_and_json;
use reqwest::{Method, Response};
use serde_json::Value;
use std::collections::HashSet;

/// A filter, and which statements it is about.
#[derive(Clone, Copy)]
pub(super) struct Question {
    query: &'static str,
    matches: fn(Number) -> bool,
}

/// Queries that are repeated from the newest statement on, and the last one from the oldest on.
pub(super) const QUESTIONS: [Question; 5] = [
    Question { query: "limit=100", matches: |_| true },
    Question {
        query: "limit=40&agent=%7B%22mbox%22%3A%22mailto%3Alearner-1%40example.com%22%7D",
        matches: |Number(_, n)| n % KINDS == 1,
    },
    Question { query: "limit=40&verb=v:2&activity=a:1&format=ids", matches: |Number(_, n)| n / KINDS % KINDS == 2 },
    Question {
        query: "limit=40&activity=a:0&related_activities=true&verb=v:0",
        matches: |Number(_, n)| n.is_multiple_of(2) && (n / KINDS).is_multiple_of(KINDS),
    },
    Question { query: "limit=60&ascending=true&activity=a:1", matches: |_| true },
];

/// The statements of a page, and the address of the next.
async fn page(field: &Field, path: &str) -> (Vec<Value>, String) {
    let (status, mut page) = status_and_json(field.ask(Method::GET, path).send().await.unwrap()).await;
    assert_eq!(status, 200, "{path}: {page}");
    let Value::Array(statements) = page["statements"].take() else { panic!("{path}: no statements") };
    (statements, page["more"].as_str().unwrap().to_owned())
}

/// Follows `more` to the end.
async fn pages(field: &Field, first: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), first.to_owned());
    while !next.is_empty() {
        let (statements, more) = page(field, &next).await;
        all.extend(statements);
        next = more;
    }
    all
}

/// The whole log, oldest first.
pub(super) async fn everything(field: &Field) -> Vec<Number> {
    pages(field, "/xapi/statements?ascending=true").await.iter().map(number).collect()
}

/// Repeats one query until the end: each time the pages together have every statement that was acknowledged before the
/// first was requested, each once, in the order of storing. Returns how often.
pub(super) async fn turn_pages(field: Field, question: Question) -> usize {
    let mut times = 0;
    while !field.is_over() {
        let before: Vec<_> = field.so_far().into_iter().filter(|number| (question.matches)(*number)).collect();
        let mut found = pages(&field, &format!("/xapi/statements?{}", question.query)).await;
        if question.query.contains("ascending") {
            found.reverse();
        }
        let stored: Vec<_> = found.iter().map(|statement| statement["stored"].as_str().unwrap()).collect();
        assert!(stored.is_sorted_by(|newer, older| newer >= older), "{}: another order", question.query);
        let numbers: Vec<_> = found.iter().map(number).collect();
        let once: HashSet<_> = numbers.iter().copied().collect();
        assert_eq!(once.len(), numbers.len(), "{}: a statement twice", question.query);
        assert!(once.iter().all(|number| (question.matches)(*number)), "{}: no match", question.query);
        let missing: Vec<_> = before.iter().filter(|number| !once.contains(number)).take(5).collect();
        assert!(missing.is_empty(), "{}: {missing:?} are missing", question.query);
        times += 1;
    }
    times
}

/// Reads on and on, each time what was stored after the last time up to where the server promises that nothing will
/// be added, and then the same again, until there is no more.
pub(super) async fn follow_what_is_consistent(field: Field) -> Vec<Number> {
    let (mut seen, mut since) = (Vec::new(), "2000-01-01T00:00:00.000Z".to_owned());
    loop {
        let until = consistent_through(&field).await;
        let part = format!("/xapi/statements?ascending=true&limit=50&since={since}&until={until}");
        let once: Vec<_> = pages(&field, &part).await.iter().map(number).collect();
        let again: Vec<_> = pages(&field, &part).await.iter().map(number).collect();
        assert!(once == again, "something came before {until} although that was promised to be whole");
        seen.extend(once);
        since = until;
        if field.is_all(seen.len()) {
            return seen;
        }
    }
}

async fn consistent_through(field: &Field) -> String {
    let answer: Response = field.ask(Method::HEAD, "/xapi/statements?limit=1").send().await.unwrap();
    answer.headers()["x-experience-api-consistent-through"].to_str().unwrap().to_owned()
}
