//! `GET /api/v1/statements/stream`: what a follower sees, where it begins, and how it ends.

use super::events::{Block, End, Events};
use super::{ask, ask_as};
use crate::harness::{TestApp, skipped, status_and_json, store};
use crate::xapi::{Lrs, VOIDED, agent, credential, id, reference, statement, with};
use base::clock::{FixedClock, SystemClock};
use enduring::service::people::credentials::{self, Scope};
use reqwest::Method;
use serde_json::json;

async fn follow(lrs: &Lrs, query: &str) -> Events {
    Events::open(ask(lrs, Method::GET, &format!("/stream{query}")), None).await
}

/// A server whose streams say every second that they are alive.
async fn lively() -> Lrs {
    let server = TestApp::with(SystemClock, |config| config.reports.heartbeat_seconds = 1);
    let (key, secret) = credential(&server, &[Scope::All]).await;
    Lrs { server, key, secret, version: "1.0.3" }
}

#[actix_web::test]
async fn a_statement_arrives_as_it_was_stored_also_when_its_text_has_several_lines() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let mut events = follow(&lrs, "").await;
    let text = "{\"actor\": {\"mbox\":\"mailto:a@b.c\"},\n\n  \"verb\": {\"id\":\"v:1\"},\n\"object\":{\"id\":\"a:1\"}, \"result\":{\"score\":{\"scaled\":0.950}}}";
    let (status, ids) = lrs.post_text(text).await;
    assert_eq!(status, 200);
    let stored = lrs.query(&[("statementId", ids[0].as_str().unwrap())]).await.text().await.unwrap();
    assert!(stored.contains("}},\n\n  \"verb\"") || stored.contains("},\n\n  \"verb\""), "{stored}");
    assert_eq!(events.event().await, (2, stored));
}

#[actix_web::test]
async fn it_begins_now_or_after_a_position_or_an_instant() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let first = lrs.one(&id(1)).await.1["stored"].as_str().unwrap().to_owned();
    // The second must be stored at a later millisecond than the first.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    lrs.send(&statement(2)).await;
    let mut now = follow(&lrs, "").await;
    let mut behind = follow(&lrs, "?after=1").await;
    let mut since = follow(&lrs, &format!("?since={first}")).await;
    let mut all = follow(&lrs, "?after=0").await;
    lrs.send(&statement(3)).await;
    assert_eq!(now.statement().await, id(3));
    assert_eq!([behind.statement().await, behind.statement().await], [2, 3].map(id));
    assert_eq!([since.statement().await, since.statement().await], [2, 3].map(id));
    assert_eq!([all.statement().await, all.statement().await, all.statement().await], [1, 2, 3].map(id));
}

#[actix_web::test]
async fn a_reconnecting_client_continues_after_the_last_event_whatever_the_address_says() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2), statement(3)])).await;
    let request = || ask(&lrs, Method::GET, "/stream?after=0");
    let mut events = Events::open(request(), None).await;
    assert_eq!((events.event().await.0, events.event().await.0), (1, 2));
    drop(events);
    lrs.send(&statement(4)).await;
    let mut again = Events::open(request(), Some(2)).await;
    assert_eq!((again.event().await.0, again.event().await.0), (3, 4));
}

#[actix_web::test]
async fn who_saw_no_event_yet_knows_where_to_come_back_too() {
    let lrs = lively().await;
    lrs.send(&json!([statement(1), statement(2)])).await;
    let mut now = follow(&lrs, "?verb=v:none").await;
    assert_eq!(now.block().await, Ok(Block::Sign { id: 2, comment: String::new() }));
    lrs.send(&statement(3)).await;
    // What was skipped without an event is before the position of a later heartbeat.
    while now.block().await != Ok(Block::Sign { id: 3, comment: "still here".to_owned() }) {}
    let mut all = follow(&lrs, "?after=1").await;
    assert_eq!(all.block().await, Ok(Block::Sign { id: 1, comment: String::new() }));
}

#[actix_web::test]
async fn only_what_the_filter_finds_arrives_and_only_what_the_reader_may_see() {
    let mut lrs = Lrs::start().await;
    let all = (lrs.key.clone(), lrs.secret.clone());
    let mine = credential(&lrs.server, &[Scope::StatementsWrite, Scope::StatementsReadMine]).await;
    let read = with(statement(3), "/verb", json!({"id": "v:read", "display": {"en": "read"}}));
    let mut verb = follow(&lrs, "?verb=v:read&after=0&format=ids").await;
    (lrs.key, lrs.secret) = mine.clone();
    let mut own = follow(&lrs, "").await;
    lrs.send(&statement(1)).await;
    (lrs.key, lrs.secret) = all;
    lrs.send(&json!([statement(2), read])).await;
    (lrs.key, lrs.secret) = mine;
    lrs.send(&statement(4)).await;
    assert_eq!([own.statement().await, own.statement().await], [1, 4].map(id));
    let (seq, data) = verb.event().await;
    assert_eq!(seq, 3);
    let shown: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(shown["verb"], json!({"id": "v:read"}), "as `ids` shows it");
}

#[actix_web::test]
async fn what_is_voided_is_followed_by_what_voids_it_or_is_not_seen_at_all() {
    let lrs = Lrs::start().await;
    let eve = |n| with(statement(n), "/actor", agent("eve"));
    let mut early = follow(&lrs, "?agent=%7B%22mbox%22%3A%22mailto%3Aeve%40example.com%22%7D").await;
    lrs.send(&eve(1)).await;
    assert_eq!(early.statement().await, id(1));
    lrs.send(&reference(2, VOIDED, 1)).await;
    assert_eq!(early.statement().await, id(2), "bob voids what eve did, so a follower of eve hears of it");
    lrs.send(&json!([reference(3, VOIDED, 4), eve(4), eve(5)])).await;
    assert_eq!([early.statement().await, early.statement().await], [3, 5].map(id));
    let mut late = follow(&lrs, "?after=0").await;
    assert_eq!([late.statement().await, late.statement().await, late.statement().await], [2, 3, 5].map(id));
}

#[actix_web::test]
async fn a_stream_says_that_it_is_alive_until_its_credential_is_revoked() {
    let lrs = lively().await;
    let (key, secret) = credential(&lrs.server, &[Scope::StatementsRead]).await;
    let request = ask_as(&lrs, (&key, &secret), Method::GET, "/stream");
    let mut events = Events::open(request, None).await;
    let sign = |comment: &str| Ok(Block::Sign { id: 0, comment: comment.to_owned() });
    assert_eq!([events.block().await, events.block().await], [sign(""), sign("still here")]);
    credentials::revoke(&lrs.server.app, &key).await.unwrap();
    assert_eq!(events.end().await, End::Cleanly);
    let again = ask_as(&lrs, (&key, &secret), Method::GET, "/stream").send().await.unwrap();
    assert_eq!(again.status(), 401);
}

#[actix_web::test]
async fn a_stream_is_one_request_however_long_it_lasts() {
    let clock = FixedClock::at("2026-11-22T12:00:00Z".parse().unwrap());
    let server = TestApp::with(clock, |config| {
        config.reports.heartbeat_seconds = 1;
        (config.limits.requests_per_second, config.limits.burst) = (1, 30);
    });
    let (key, secret) = credential(&server, &[Scope::All]).await;
    let lrs = Lrs { server, key, secret, version: "1.0.3" };
    let mut events = follow(&lrs, "").await;
    // All calls that may come at once, while no time passes: one more would be refused.
    while ask(&lrs, Method::GET, "/aggregate").send().await.unwrap().status() != 429 {}
    let sign = |comment: &str| Ok(Block::Sign { id: 0, comment: comment.to_owned() });
    assert_eq!(events.block().await, sign(""));
    for _ in 0..5 {
        assert_eq!(events.block().await, sign("still here"), "it asks again who reads, and that is no call");
    }
    assert_eq!(ask(&lrs, Method::GET, "/aggregate").send().await.unwrap().status(), 429);
}

#[actix_web::test]
async fn a_busy_stream_ends_too_when_its_credential_is_revoked() {
    let lrs = lively().await;
    let (key, secret) = credential(&lrs.server, &[Scope::StatementsRead]).await;
    let request = ask_as(&lrs, (&key, &secret), Method::GET, "/stream?after=0");
    let mut events = Events::open(request, None).await;
    credentials::revoke(&lrs.server.app, &key).await.unwrap();
    let mut n = 0;
    // More than arrives in the second after which the stream looks again, on any machine.
    let write = async {
        loop {
            n += 1;
            lrs.send(&statement(n)).await;
        }
    };
    tokio::select! {
        end = events.end() => assert_eq!(end, End::Cleanly),
        () = write => unreachable!("it writes for ever"),
    }
}

#[actix_web::test]
async fn a_server_that_stops_ends_its_streams_cleanly() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let mut idle = follow(&lrs, "").await;
    let mut read = follow(&lrs, "?after=0").await;
    assert_eq!(read.statement().await, id(1));
    let (stopped, idle, read) = tokio::join!(lrs.server.stop(), idle.end(), read.end());
    assert_eq!((idle, read), (End::Cleanly, End::Cleanly));
    drop(stopped);
}

#[actix_web::test]
async fn nothing_holds_events_back() {
    let lrs = Lrs::start().await;
    let request = ask(&lrs, Method::GET, "/stream").header("Accept-Encoding", "gzip");
    let answer = request.try_clone().unwrap().send().await.unwrap();
    assert_eq!(
        (&answer.headers()["content-encoding"], &answer.headers()["cache-control"]),
        (&"identity".parse().unwrap(), &"no-store".parse().unwrap())
    );
    let mut events = Events::open(request, None).await;
    lrs.send(&statement(1)).await;
    assert_eq!(events.statement().await, id(1));
}

#[actix_web::test]
async fn what_makes_no_sense_for_a_stream_is_refused_in_words() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    for query in
        ["until=2026-01-01T00:00:00Z", "limit=1", "ascending=true", "format=canonical", "after=-1", "after=x", "verb=x"]
    {
        let (status, problem) =
            status_and_json(ask(&lrs, Method::GET, &format!("/stream?{query}")).send().await.unwrap()).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid-parameters")), "{query}");
    }
    let come_back = async |id: &str| {
        let answer = ask(&lrs, Method::GET, "/stream").header("Last-Event-ID", id).send().await.unwrap();
        let (status, problem) = status_and_json(answer).await;
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(come_back("one").await, (400, "invalid-event-id".to_owned()));
    assert_eq!(come_back("2").await, (409, "beyond-the-log".to_owned()));
    let (key, secret) = credential(&lrs.server, &[Scope::StatementsWrite]).await;
    let writer = ask_as(&lrs, (&key, &secret), Method::GET, "/stream").send().await.unwrap();
    assert_eq!(writer.status(), 403);
}

#[actix_web::test]
async fn what_another_process_stores_arrives_too() {
    if !store::on_mongodb() {
        skipped("only MongoDB has several processes that append; set ENDURING_TEST_STORE=mongodb");
        return;
    }
    let lrs = Lrs::start().await;
    let same = lrs.server.app.config.store.clone();
    let server = TestApp::with(SystemClock, |config| config.store = same);
    let other = Lrs { server, key: lrs.key.clone(), secret: lrs.secret.clone(), version: "1.0.3" };
    let mut events = follow(&lrs, "").await;
    for n in 1..4 {
        other.send(&statement(n)).await;
        assert_eq!(events.statement().await, id(n));
    }
}
