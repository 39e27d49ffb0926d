//! Followers under load: writers at full speed, and streams that are repeatedly disconnected.

use super::ask;
use super::events::Events;
use crate::xapi::{Lrs, agent};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

const WRITERS: usize = 4;
const BATCHES: usize = 25;
const IN_BATCH: usize = 8;
const ALL: usize = WRITERS * BATCHES * IN_BATCH;

/// Writes batches one after the other; returns the ids that were acknowledged.
async fn write(lrs: &Lrs) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..BATCHES {
        let one = json!({"actor": agent("ann"), "verb": {"id": "v:did"}, "object": {"id": "a:1"}});
        ids.extend(lrs.send(&json!(vec![one; IN_BATCH])).await);
    }
    ids
}

/// Follows until all have arrived, reconnecting after every `patience` events; returns positions and ids in order.
async fn follow(lrs: &Lrs, query: &str, patience: usize) -> Vec<(u64, String)> {
    let mut seen: Vec<(u64, String)> = Vec::new();
    while seen.len() < ALL {
        let last = seen.last().map(|(seq, _)| *seq);
        let mut events = Events::open(ask(lrs, Method::GET, query), last).await;
        for _ in 0..patience.min(ALL - seen.len()) {
            let (seq, data) = events.event().await;
            let statement: serde_json::Value = serde_json::from_str(&data).unwrap();
            seen.push((seq, statement["id"].as_str().unwrap().to_owned()));
        }
    }
    seen
}

#[actix_web::test]
async fn every_acknowledged_statement_is_seen_once_and_in_order_however_often_a_stream_breaks() {
    let lrs = Lrs::start().await;
    let queries = ["/stream?after=0", "/stream?after=0&verb=v:did&activity=a:1", "/stream?after=0&format=ids"];
    let writers = join_all((0..WRITERS).map(|_| write(&lrs)));
    let followers = join_all(queries.iter().zip([7, 31, 1000]).map(|(query, patience)| follow(&lrs, query, patience)));
    let (written, seen) = tokio::join!(writers, followers);
    let written: BTreeSet<String> = written.into_iter().flatten().collect();
    assert_eq!(written.len(), ALL);
    for seen in seen {
        let positions: Vec<u64> = seen.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(positions, (1..).take(ALL).collect::<Vec<u64>>(), "no gap, nothing twice, in order");
        assert_eq!(seen.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>(), written);
    }
}
