//! `limit` and `more`: complete, each statement once, whatever is written meanwhile.

use super::{Lrs, agent, id, statement, with};
use crate::harness::status_and_json;
use reqwest::Method;
use serde_json::{Value, json};

/// All statements from the first page to the last.
async fn follow(lrs: &Lrs, first: &str, mut between: impl AsyncFnMut()) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, first.to_owned());
    loop {
        let (status, page) = status_and_json(lrs.ask(Method::GET, &next).send().await.unwrap()).await;
        assert_eq!(status, 200, "{page}");
        ids.extend(page["statements"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["more"].as_str().unwrap() {
            "" => return (ids, pages),
            more => next = more.strip_prefix("/xapi").unwrap().to_owned(),
        }
        between().await;
    }
}

fn batch(range: std::ops::Range<u32>) -> Value {
    json!(range.map(statement).collect::<Vec<_>>())
}

#[actix_web::test]
async fn more_leads_through_all_statements_while_others_are_written() {
    let lrs = Lrs::start().await;
    lrs.send(&batch(0..25)).await;
    let mut next = 100;
    let mut write = async || {
        lrs.send(&batch(next..next + 3)).await;
        next += 3;
    };
    let newest: Vec<_> = (0..25).rev().map(id).collect();
    assert_eq!(follow(&lrs, "/statements?limit=4", &mut write).await, (newest, 7));
    let (oldest, _) = follow(&lrs, "/statements?limit=10&ascending=true", &mut write).await;
    assert_eq!(oldest[..25], (0..25).map(id).collect::<Vec<_>>());
    assert_eq!(oldest.len(), 43, "those that were there when the first page was asked for, and no later ones");
}

#[actix_web::test]
async fn more_keeps_filter_format_and_order() {
    let lrs = Lrs::start().await;
    let mut eve: Vec<_> = (0..5).map(|n| with(statement(n), "/actor", agent("eve"))).collect();
    eve.extend((10..15).map(statement));
    lrs.send(&json!(eve)).await;
    let query =
        format!("/statements?limit=2&format=ids&agent={}", "%7B%22mbox%22%3A%22mailto%3Aeve%40example.com%22%7D");
    let (ids, pages) = follow(&lrs, &query, async || {}).await;
    assert_eq!((ids, pages), ((0..5).rev().map(id).collect(), 3));
}

#[actix_web::test]
async fn limit_0_and_silence_mean_as_many_as_the_server_gives() {
    let lrs = Lrs::start().await;
    lrs.send(&batch(0..505)).await;
    for limit in [&[][..], &[("limit", "0")], &[("limit", "1000000")]] {
        assert_eq!(lrs.ids(limit).await.len(), 500, "{limit:?}");
    }
    let (all, pages) = follow(&lrs, "/statements?limit=0", async || {}).await;
    assert_eq!((all.len(), pages), (505, 2));
}

#[actix_web::test]
async fn a_last_page_that_is_just_full_has_no_more() {
    let lrs = Lrs::start().await;
    lrs.send(&batch(0..4)).await;
    assert_eq!(follow(&lrs, "/statements?limit=2", async || {}).await.1, 2);
    assert_eq!(follow(&lrs, "/statements?limit=4", async || {}).await.1, 1);
    assert_eq!(follow(&lrs, "/statements?verb=v:none", async || {}).await, (Vec::new(), 1));
}

#[actix_web::test]
async fn a_forged_cursor_is_refused_in_words() {
    let lrs = Lrs::start().await;
    for more in ["x", "", "MS4yLng", "%ff"] {
        let answer = lrs.ask(Method::GET, &format!("/statements?more={more}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{more}");
    }
    assert_eq!(lrs.query(&[("more", "MC45OS4"), ("limit", "1")]).await.status(), 400);
}

/// Ralph and others add the parameters of their first request to the address of the next page.
#[actix_web::test]
async fn parameters_beside_more_may_repeat_what_it_says_and_nothing_else() {
    let lrs = Lrs::start().await;
    lrs.send(&batch(0..6)).await;
    let (_, page) = status_and_json(lrs.query(&[("limit", "2"), ("verb", "v:did"), ("ascending", "true")]).await).await;
    let more = page["more"].as_str().unwrap().strip_prefix("/xapi").unwrap().to_owned();
    for beside in ["", "&limit=2", "&limit=2&verb=v%3Adid&ascending=true", "&ascending=True", "&related_agents=false"] {
        let (status, page) =
            status_and_json(lrs.ask(Method::GET, &format!("{more}{beside}")).send().await.unwrap()).await;
        assert_eq!(status, 200, "{beside}: {page}");
        assert_eq!(page["statements"][0]["id"], id(2), "{beside}");
    }
    for beside in
        ["&limit=3", "&verb=v%3Aother", "&ascending=false", "&since=2026-01-01T00:00:00Z", "&nonsense=1", "&limit=x"]
    {
        let (status, problem) =
            status_and_json(lrs.ask(Method::GET, &format!("{more}{beside}")).send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (400, &json!("invalid-parameters")), "{beside}");
    }
    let twice = format!("{more}&{}", more.split_once('?').unwrap().1);
    assert_eq!(lrs.ask(Method::GET, &twice).send().await.unwrap().status(), 400);
}
