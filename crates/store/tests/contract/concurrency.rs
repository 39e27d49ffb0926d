//! Concurrency: what readers see while others write, and which writer wins.

use super::cases::{Bench, Engine};
use super::model::*;
use base::clock::SystemClock;
use base::hash::Sha256;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Head, Order, Scan, Seq, Span, Store, StoreError, Write};

const WRITERS: usize = 8;
const COMMITS: usize = 40;

async fn write_many(store: Arc<dyn Store>, writer: usize) -> usize {
    let mut written = 0;
    for commit in 0..COMMITS {
        let size = 1 + (writer + commit) % 3;
        let statements = (0..size).map(|n| statement(&format!("{writer}-{commit}-{n}"), &["x"]));
        store.commit(&provider(), log(statements)).await.unwrap();
        written += size;
    }
    written
}

/// Follows the log by one token from its beginning, and reads it as a whole, until the writers have stopped.
async fn watch(store: Arc<dyn Store>, stop: Arc<AtomicBool>) -> (Vec<Seq>, Vec<Head>) {
    let (mut followed, mut heads) = (Vec::new(), Vec::new());
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        let head = store.head(&provider()).await.unwrap();
        let all = store.scan(&provider(), Scan { upto: head.seq, ..by(&[]) }).await.unwrap();
        assert!(all.iter().map(|stored| stored.seq.0).eq(1..=head.seq.0), "a hole below {head:?}");
        assert!(all.is_sorted_by_key(|stored| stored.stored));
        heads.push(head);
        let after = followed.last().copied().unwrap_or_default();
        let more = store.scan(&provider(), Scan { after, limit: 50, ..by(&["x"]) }).await.unwrap();
        followed.extend(more.iter().map(|stored| stored.seq));
        if stopped && more.is_empty() {
            return (followed, heads);
        }
    }
}

pub(crate) async fn readers_never_see_a_hole_while_others_write<E: Engine>(mut bench: Bench<E>) {
    bench.store.close().await.unwrap();
    bench.store = bench.engine.open(Arc::new(SystemClock));
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3).map(|_| tokio::spawn(watch(bench.store.clone(), stop.clone()))).collect();
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(write_many(bench.store.clone(), writer))).collect();
    let mut written = 0;
    for writer in writers {
        written += writer.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    let all = bench.store.scan(&provider(), by(&[])).await.unwrap();
    for reader in readers {
        let (followed, heads) = reader.await.unwrap();
        assert!(followed.iter().map(|seq| seq.0).eq(1..=u64::try_from(written).unwrap()));
        for Head { seq, consistent_through } in heads {
            let later = all.iter().find(|stored| stored.seq > seq && stored.stored <= consistent_through);
            assert_eq!(later, None, "{consistent_through} was said to be complete at {seq:?}");
        }
    }
}

pub(crate) async fn one_refusal_among_many_fails_alone(bench: Bench<impl Engine>) {
    bench.store.commit(&provider(), log([statement("taken", &[])])).await.unwrap();
    let send = |n: usize| {
        let mut statements = vec![statement(&n.to_string(), &["x"])];
        if n.is_multiple_of(5) {
            statements.push(base::log::NewStatement { digest: Sha256::of("other"), ..statement("taken", &[]) });
        }
        let store = bench.store.clone();
        tokio::spawn(async move { (n, store.commit(&provider(), log(statements)).await) })
    };
    let mut accepted = Vec::new();
    for sent in (0..100).map(send).collect::<Vec<_>>() {
        let (n, outcome) = sent.await.unwrap();
        match outcome {
            Ok(done) => accepted.push((done.statements[0].seq, n.to_string())),
            Err(error) => assert!(n % 5 == 0 && matches!(error, StoreError::Differs(_)), "{n}: {error}"),
        }
    }
    accepted.sort();
    assert!(accepted.iter().map(|(seq, _)| seq.0).eq(2..=81), "eighty in a row");
    let expected: Vec<String> = accepted.into_iter().map(|(_, name)| name).collect();
    assert_eq!(scan(&*bench.store, by(&["x"])).await, expected);
}

pub(crate) async fn of_many_who_replace_one_record_one_wins_each_round(bench: Bench<impl Engine>) {
    bench.store.commit(&provider(), writes([Write::Insert(book("k", "s", None))])).await.unwrap();
    for version in 1..=10 {
        let replace = |n: usize| {
            let store = bench.store.clone();
            let draft = book("k", &n.to_string(), None);
            tokio::spawn(async move { store.commit(&provider(), writes([Write::Replace { version, draft }])).await })
        };
        let mut won = 0;
        for attempt in (0..8).map(replace).collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Stale { .. }), "{error}"),
            }
        }
        assert_eq!(won, 1);
    }
}

/// Books that never move, and between them some that are moved back and forth or removed.
const STAYING: usize = 60;
const PAGE: usize = 10;
const LISTINGS: usize = 150;

fn shelf(n: usize) -> String {
    format!("{n:03}")
}

/// Moves every third book by half a page, one after the other, and removes it in between, until it is stopped.
async fn shift(store: Arc<dyn Store>, stop: Arc<AtomicBool>) {
    for round in 0.. {
        for n in (0..STAYING).step_by(3) {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let (key, behind) = (format!("moved-{n}"), shelf((n + PAGE / 2 * (round % 2)) % STAYING));
            let there = store.record(&provider(), &BOOK, &key).await.unwrap();
            let draft = book(&key, &behind, None);
            let write = match there {
                None => Write::Insert(draft),
                Some(there) if round % 3 == 2 => Write::Delete { kind: &BOOK, key, version: there.version },
                Some(there) => Write::Replace { version: there.version, draft },
            };
            store.commit(&provider(), writes([write])).await.unwrap();
        }
    }
}

/// The keys of all books, page by page: each page begins after the last book of the previous one, until a page is short.
async fn listing(store: &dyn Store, order: Order) -> Vec<String> {
    let mut span = Span { order, ..Span::beginning("shelf", "", PAGE) };
    let mut keys = Vec::new();
    loop {
        let page = store.range(&provider(), &BOOK, span.clone()).await.unwrap();
        let whole = page.len() == PAGE;
        span.after = page.last().map(|(shelf, record)| (shelf.clone(), record.key.clone()));
        keys.extend(page.into_iter().map(|(_, record)| record.key));
        if !whole {
            return keys;
        }
    }
}

pub(crate) async fn what_stays_is_in_every_listing_while_others_move_come_and_go(bench: Bench<impl Engine>) {
    let staying: Vec<String> = (0..STAYING).map(|n| format!("staying-{}", shelf(n))).collect();
    let books = staying.iter().enumerate().map(|(n, key)| Write::Insert(book(key, &shelf(n), None)));
    bench.store.commit(&provider(), writes(books)).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let shifting = tokio::spawn(shift(bench.store.clone(), stop.clone()));
    for turn in 0..LISTINGS {
        let order = if turn % 2 == 0 { Order::Oldest } else { Order::Newest };
        let mut listed = listing(&*bench.store, order).await;
        listed.retain(|key| key.starts_with("staying"));
        if order == Order::Newest {
            listed.reverse();
        }
        assert_eq!(listed, staying, "{order:?}, listing {turn}");
    }
    stop.store(true, Ordering::SeqCst);
    shifting.await.unwrap();
}
