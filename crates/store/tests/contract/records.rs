//! Records: versions, unique keys and ranges.

use super::cases::{Bench, Engine};
use super::model::*;
use store::{Draft, Order, Provider, Span, Store, StoreError, Write};

async fn insert(store: &dyn Store, books: impl IntoIterator<Item = Draft>) {
    store.commit(&provider(), writes(books.into_iter().map(Write::Insert))).await.unwrap();
}

async fn keys(store: &dyn Store, span: Span) -> Vec<String> {
    let found = store.range(&provider(), &BOOK, span).await.unwrap();
    found.into_iter().map(|(_, record)| record.key).collect()
}

pub(crate) async fn a_record_is_inserted_replaced_and_deleted_by_version(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let attempt = async |write: Write| store.commit(&provider(), writes([write])).await;
    insert(store, [book("k", "s", None)]).await;
    assert!(matches!(attempt(Write::Insert(book("k", "t", None))).await, Err(StoreError::Stale { kind: "book", .. })));
    let record = store.record(&provider(), &BOOK, "k").await.unwrap().unwrap();
    assert_eq!((record.key.as_str(), record.version, record.body.as_slice()), ("k", 1, &b"k"[..]));

    let moved = Draft { body: b"new".to_vec(), ..book("k", "t", None) };
    attempt(Write::Replace { version: 1, draft: moved.clone() }).await.unwrap();
    assert!(matches!(attempt(Write::Replace { version: 1, draft: moved }).await, Err(StoreError::Stale { .. })));
    let record = store.record(&provider(), &BOOK, "k").await.unwrap().unwrap();
    assert_eq!((record.version, record.body.as_slice()), (2, &b"new"[..]));
    assert_eq!(keys(store, Span::of("shelf", "s", 9)).await, [""; 0]);
    assert_eq!(keys(store, Span::of("shelf", "t", 9)).await, ["k"]);

    let delete = |version| Write::Delete { kind: &BOOK, key: "k".to_owned(), version };
    assert!(matches!(attempt(delete(1)).await, Err(StoreError::Stale { .. })));
    attempt(delete(2)).await.unwrap();
    assert!(matches!(attempt(delete(2)).await, Err(StoreError::Stale { .. })));
    assert_eq!(store.record(&provider(), &BOOK, "k").await.unwrap(), None);
    assert_eq!(keys(store, Span::of("shelf", "t", 9)).await, [""; 0]);
}

pub(crate) async fn a_unique_key_belongs_to_one_record(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    insert(store, [book("a", "s", Some("1")), book("b", "s", Some("2")), book("c", "s", None), book("d", "s", None)])
        .await;
    let taken = |result| matches!(result, Err(StoreError::Taken { kind: "book", index: "isbn" }));
    assert!(taken(store.commit(&provider(), writes([Write::Insert(book("e", "s", Some("1")))])).await));
    let grab = Write::Replace { version: 1, draft: book("b", "s", Some("1")) };
    assert!(taken(store.commit(&provider(), writes([grab])).await));
    let same = Write::Replace { version: 1, draft: book("a", "t", Some("1")) };
    store.commit(&provider(), writes([same])).await.unwrap();
    let elsewhere = Provider::new("lakeside");
    store.commit(&elsewhere, writes([Write::Insert(book("a", "s", Some("1")))])).await.unwrap();
    assert_eq!(store.record(&elsewhere, &BOOK, "b").await.unwrap(), None);
}

pub(crate) async fn a_unique_key_is_free_again_within_the_same_commit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    insert(store, [book("a", "s", Some("1"))]).await;
    let give_up = Write::Replace { version: 1, draft: book("a", "s", None) };
    store.commit(&provider(), writes([give_up, Write::Insert(book("b", "s", Some("1")))])).await.unwrap();
    let delete = Write::Delete { kind: &BOOK, key: "b".to_owned(), version: 1 };
    store.commit(&provider(), writes([delete, Write::Insert(book("c", "s", Some("1")))])).await.unwrap();
    assert_eq!(keys(store, Span::of("isbn", "1", 9)).await, ["c"]);
}

pub(crate) async fn a_range_goes_on_where_it_stopped(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let shelves = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "2"), ("e", "3"), ("f", "4")];
    insert(store, shelves.map(|(key, shelf)| book(key, shelf, None))).await;
    for (order, expected) in [(Order::Oldest, ["a", "b", "c", "d", "e"]), (Order::Newest, ["e", "d", "c", "b", "a"])] {
        let mut span = Span { limit: 2, order, keys: "1".to_owned().."4".to_owned(), ..Span::of("shelf", "", 0) };
        let mut seen = Vec::new();
        loop {
            let page = store.range(&provider(), &BOOK, span.clone()).await.unwrap();
            let Some((index_key, record)) = page.last() else { break };
            span.after = Some((index_key.clone(), record.key.clone()));
            seen.extend(page.into_iter().map(|(_, record)| record.key));
        }
        assert_eq!(seen, expected);
    }
}

pub(crate) async fn a_span_begins_with_its_prefix(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let shelves = ["x", "x\u{1f}1", "x\u{1f}\u{10fffe}", "x0", "w", "y"];
    insert(store, shelves.map(|shelf| book(shelf, shelf, None))).await;
    assert_eq!(keys(store, Span::beginning("shelf", "x\u{1f}", 9)).await, ["x\u{1f}1", "x\u{1f}\u{10fffe}"]);
    assert_eq!(keys(store, Span::of("shelf", "x", 9)).await, ["x"]);
    assert_eq!(keys(store, Span::beginning("shelf", "", 9)).await.len(), shelves.len());
    assert!(store.range(&provider(), &BOOK, Span::of("colour", "x", 9)).await.is_err(), "an index must be declared");
}

pub(crate) async fn a_refused_write_undoes_its_whole_commit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    insert(store, [book("there", "s", None)]).await;
    let mut commit = log([statement("a", &["x"])]);
    commit.writes = vec![Write::Insert(book("new", "s", Some("1"))), Write::Insert(book("there", "s", None))];
    commit.due = due("d", start()).due;
    assert!(store.commit(&provider(), commit).await.is_err());
    assert_eq!(scan(store, by(&["x"])).await, [""; 0]);
    assert_eq!(keys(store, Span::of("shelf", "s", 9)).await, ["there"]);
    assert_eq!(keys(store, Span::of("isbn", "1", 9)).await, [""; 0]);
    assert_eq!(store.due("decide", start()).await.unwrap(), 0);
}

pub(crate) async fn what_is_too_large_is_refused_alone_and_what_is_large_is_kept(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let of = |name: &str, size: usize| Draft { body: vec![b'1'; size], ..book(name, "s", None) };
    let mut huge = statement("huge", &["a"]);
    huge.bytes.pieces[0].extend(vec![b' '; 15 << 20]);
    let (provider, fine) = (provider(), log([statement("fine", &["a"])]));
    let (first, second, third, fourth) = tokio::join!(
        store.commit(&provider, log([huge])),
        store.commit(&provider, writes([Write::Insert(of("huge", 15 << 20))])),
        store.commit(&provider, writes([Write::Insert(of("large", 14 << 20))])),
        store.commit(&provider, fine),
    );
    assert_eq!(first.unwrap_err(), StoreError::TooLarge { kind: "statement", key: id("huge").to_string() });
    assert_eq!(second.unwrap_err(), StoreError::TooLarge { kind: "book", key: "huge".to_owned() });
    third.unwrap();
    fourth.unwrap();
    assert_eq!(keys(store, Span::of("shelf", "s", 9)).await, ["large"]);
}
