//! Leafing through the table, back and forth, while statements arrive.

use super::{Desk, numbers};
use crate::learner::PageResponse;
use crate::xapi::{VOIDED, reference, statement, with};
use serde_json::{Value, json};

fn batch(numbers: std::ops::RangeInclusive<u32>) -> Value {
    numbers.map(statement).collect()
}

fn descending(from: u32, to: u32) -> Vec<u32> {
    (to..=from).rev().collect()
}

/// Where the link with this text leads.
fn link(page: &PageResponse, text: &str) -> Option<String> {
    let (before, _) = page.html.split_once(&format!("\">{text}</a>"))?;
    before.rsplit_once("href=\"").map(|(_, href)| href.replace("&#38;", "&"))
}

async fn follow(desk: &Desk, page: &PageResponse, text: &str) -> PageResponse {
    let href = link(page, text).unwrap_or_else(|| panic!("no {text} in {}", page.html));
    desk.page(&href).await
}

#[actix_web::test]
async fn pages_lead_both_ways_and_stand_still_while_statements_arrive() {
    let desk = Desk::start().await;
    desk.lrs.send(&batch(1..=60)).await;
    let first = desk.page("/reports/statements?verb=v:did").await;
    assert_eq!(numbers(&first.html), descending(60, 36));
    assert_eq!([link(&first, "Newest"), link(&first, "Newer")], [None, None]);
    let second = follow(&desk, &first, "Older").await;
    assert_eq!(numbers(&second.html), descending(35, 11));
    desk.lrs.send(&batch(61..=70)).await;
    let third = follow(&desk, &second, "Older").await;
    assert_eq!(numbers(&third.html), descending(10, 1));
    assert_eq!(link(&third, "Older"), None);
    let back = follow(&desk, &third, "Newer").await;
    assert_eq!(numbers(&back.html), descending(35, 11));
    let again = follow(&desk, &back, "Newer").await;
    assert_eq!(numbers(&again.html), descending(60, 36));
    let arrived = follow(&desk, &again, "Newer").await;
    assert_eq!(numbers(&arrived.html), descending(70, 61));
    assert_eq!(link(&arrived, "Newer"), None);
    assert_eq!(numbers(&follow(&desk, &arrived, "Newest").await.html), descending(70, 46));
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn the_oldest_first_is_the_same_the_other_way_round() {
    let desk = Desk::start().await;
    desk.lrs.send(&batch(1..=30)).await;
    let first = desk.page("/reports/statements?ascending=true").await;
    assert_eq!(numbers(&first.html), (1..=25).collect::<Vec<_>>());
    assert_eq!([link(&first, "Oldest"), link(&first, "Older")], [None, None]);
    desk.lrs.send(&batch(31..=32)).await;
    let second = follow(&desk, &first, "Newer").await;
    assert_eq!(numbers(&second.html), (26..=32).collect::<Vec<_>>());
    assert_eq!(numbers(&follow(&desk, &second, "Older").await.html), (1..=25).collect::<Vec<_>>());
    assert_eq!(numbers(&follow(&desk, &second, "Oldest").await.html), (1..=25).collect::<Vec<_>>());
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn a_page_keeps_to_its_filter_and_to_since_and_until() {
    let desk = Desk::start().await;
    let other = |n: u32| with(statement(n), "/verb/id", json!("v:other"));
    let mixed: Value = (1..=80).map(|n| if n % 2 == 0 { other(n) } else { statement(n) }).collect();
    desk.lrs.send(&mixed).await;
    let first = desk.page("/reports/statements?verb=v:other").await;
    assert_eq!(numbers(&first.html), (32..=80).rev().filter(|n| n % 2 == 0).collect::<Vec<_>>());
    let second = follow(&desk, &first, "Older").await;
    assert_eq!(numbers(&second.html), (2..=30).rev().filter(|n| n % 2 == 0).collect::<Vec<_>>());
    // A place in the log beyond what `until` leaves shows nothing, and leads nowhere but to the beginning.
    let nothing = desk.page("/reports/statements?until=2020-01-01T00:00:00Z&after=3").await;
    assert_eq!(numbers(&nothing.html), Vec::<u32>::new());
    assert_eq!([link(&nothing, "Newer"), link(&nothing, "Older")], [None, None]);
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn what_is_voided_meanwhile_leaves_its_page_and_moves_no_other() {
    let desk = Desk::start().await;
    desk.lrs.send(&batch(1..=50)).await;
    let second = follow(&desk, &desk.page("/reports/statements").await, "Older").await;
    desk.lrs.send(&reference(51, VOIDED, 40)).await;
    let first = follow(&desk, &second, "Newer").await;
    assert_eq!(numbers(&first.html), descending(51, 26).into_iter().filter(|n| *n != 40).collect::<Vec<_>>());
    assert_eq!(numbers(&follow(&desk, &first, "Older").await.html), descending(25, 1));
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn places_that_are_not_in_the_log_are_survived() {
    let desk = Desk::start().await;
    desk.lrs.send(&batch(1..=3)).await;
    let most = u64::MAX;
    for (query, expected) in [
        ("?before=0".to_owned(), vec![]),
        ("?before=1".to_owned(), vec![]),
        ("?after=3".to_owned(), vec![]),
        ("?after=0".to_owned(), descending(3, 1)),
        (format!("?before={most}"), descending(3, 1)),
        (format!("?after={most}"), vec![]),
    ] {
        assert_eq!(desk.list(&query).await, expected, "{query}");
    }
    let before = desk.page("/reports/statements?before=1").await;
    assert_eq!(numbers(&follow(&desk, &before, "Newer").await.html), descending(3, 1));
    let after = desk.page(&format!("/reports/statements?after={most}")).await;
    assert_eq!(numbers(&follow(&desk, &after, "Older").await.html), descending(3, 1));
    desk.lrs.server.stop().await;
}

#[actix_web::test]
async fn all_matching_statements_are_counted_on_request() {
    let desk = Desk::start().await;
    desk.lrs.send(&batch(1..=1_000)).await;
    desk.lrs.send(&batch(1_001..=1_234)).await;
    desk.lrs.send(&reference(2_000, VOIDED, 7)).await;
    let page = desk.page("/reports/statements?verb=v:did").await;
    let counted = follow(&desk, &page, "Count all").await;
    // One is voided, and the one that voids it is found in its place, as by any filter (Part 3 §2.1.3).
    counted.shows("1,234 statements in all.");
    // Leafing on counts no more.
    assert!(!link(&counted, "Older").unwrap().contains("count"));
    let one = desk.page(&format!("/reports/statements?verb={VOIDED}&voided=true&count=true")).await;
    one.shows("1 statement in all, without voided ones.");
    desk.lrs.server.stop().await;
}
