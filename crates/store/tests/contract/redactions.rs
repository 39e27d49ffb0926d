//! Redactions: the only change of a stored statement.

use super::cases::{Bench, Engine};
use super::model::*;
use base::hash::Sha256;
use bytes::Bytes;
use futures_util::future::join_all;
use store::{Commit, LONGEST_CHAIN, Order, Redaction, Scan, Store, StoreError, VoidedStatements, Write};

/// A replacement for the statement `name` as it is now, found by `facts`.
async fn redaction(store: &dyn Store, name: &str, facts: &[&str]) -> Redaction {
    let stored = store.statement(&provider(), id(name)).await.unwrap().unwrap();
    let bytes = String::from_utf8(stored.bytes.to_vec()).unwrap().replace("1.0e1", "0");
    Redaction {
        id: id(name),
        expected: Sha256::of(&stored.bytes),
        digest: Sha256::of(&bytes),
        bytes: Bytes::from(bytes),
        tokens: statement(name, facts).tokens,
    }
}

fn redacting(redactions: impl IntoIterator<Item = Redaction>) -> Commit {
    Commit { redactions: redactions.into_iter().collect(), ..Commit::default() }
}

pub(crate) async fn a_redaction_changes_words_and_keys_and_nothing_else(mut bench: Bench<impl Engine>) {
    let sent = [statement("a", &["x"]), statement("b", &["ann", "x"]), voiding("v", "b"), statement("c", &["ann"])];
    bench.store.commit(&provider(), log(sent)).await.unwrap();
    let before = bench.store.statement(&provider(), id("b")).await.unwrap().unwrap();
    let head = bench.store.head(&provider()).await.unwrap().seq;
    let redaction = redaction(&*bench.store, "b", &["nobody", "x"]).await;
    bench.store.commit(&provider(), redacting([redaction.clone()])).await.unwrap();
    bench.reopen().await;
    let store = &*bench.store;
    let after = store.statement(&provider(), id("b")).await.unwrap().unwrap();
    assert_eq!(after.bytes, redaction.bytes);
    assert_eq!((after.seq, after.id, after.stored, after.voided), (before.seq, before.id, before.stored, true));
    assert_eq!(store.head(&provider()).await.unwrap().seq, head);
    assert_eq!(scan(store, by(&["ann"])).await, ["c"]);
    assert_eq!(scan(store, by(&["nobody"])).await, ["b", "v"], "who voids it refers to it");
    assert_eq!(scan(store, by(&["x"])).await, ["a", "b", "v"]);
    assert_eq!(scan(store, by(&[])).await, ["a", "b", "v", "c"]);
}

pub(crate) async fn what_is_redacted_differs_from_what_was_sent(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log([statement("a", &["ann"])])).await.unwrap();
    store.commit(&provider(), redacting([redaction(store, "a", &[]).await])).await.unwrap();
    let again = store.commit(&provider(), log([statement("a", &["ann"])])).await;
    assert!(matches!(again, Err(StoreError::Differs(differs)) if differs == id("a")), "{again:?}");
    assert_eq!(scan(store, by(&["ann"])).await, [""; 0]);
}

pub(crate) async fn a_redaction_of_other_words_undoes_its_whole_commit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log([statement("a", &["ann"]), statement("b", &["ann"])])).await.unwrap();
    let good = redaction(store, "a", &[]).await;
    let late = Redaction { expected: Sha256::of("other"), ..redaction(store, "b", &[]).await };
    let gone = Redaction { id: id("c"), ..good.clone() };
    for bad in [late, gone, Redaction { ..good.clone() }] {
        let mut commit = redacting([good.clone(), bad]);
        commit.statements = vec![statement("d", &[])];
        commit.writes = vec![Write::Insert(book("k", "s", None))];
        let refused = store.commit(&provider(), commit).await;
        assert!(matches!(refused, Err(StoreError::Stale { kind: "statement", .. })), "{refused:?}");
    }
    assert_eq!(scan(store, by(&["ann"])).await, ["a", "b"]);
    assert_eq!(scan(store, by(&[])).await, ["a", "b"]);
    assert_eq!(store.record(&provider(), &BOOK, "k").await.unwrap(), None);
}

pub(crate) async fn those_that_refer_lose_and_gain_what_their_target_does(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let sent = [
        statement("end", &["ann", "x"]),
        referring("near", &["n"], "end"),
        referring("far", &["ann"], "near"),
        referring("further", &[], "far"),
    ];
    store.commit(&provider(), log(sent)).await.unwrap();
    assert_eq!(scan(store, by(&["ann"])).await, ["end", "near", "far", "further"]);
    store.commit(&provider(), redacting([redaction(store, "end", &["nobody", "x"]).await])).await.unwrap();
    assert_eq!(scan(store, by(&["ann"])).await, ["far", "further"], "one says so itself, one refers to it");
    assert_eq!(scan(store, by(&["nobody"])).await, ["end", "near", "far", "further"]);
    assert_eq!(scan(store, by(&["x", "n"])).await, ["near", "far", "further"]);
    store.commit(&provider(), redacting([redaction(store, "far", &["nobody"]).await])).await.unwrap();
    assert_eq!(scan(store, by(&["ann"])).await, [""; 0]);
    store.commit(&provider(), log([referring("late", &[], "near")])).await.unwrap();
    assert_eq!(scan(store, by(&["nobody", "n"])).await, ["near", "far", "further", "late"]);
}

pub(crate) async fn a_redaction_reaches_as_far_as_a_chain_is_followed(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log([statement("0", &["ann"])])).await.unwrap();
    let links = (1..=LONGEST_CHAIN + 1).map(|n| referring(&n.to_string(), &[], &(n - 1).to_string()));
    store.commit(&provider(), log(links)).await.unwrap();
    store.commit(&provider(), redacting([redaction(store, "0", &["nobody"]).await])).await.unwrap();
    assert_eq!(scan(store, by(&["ann"])).await, [""; 0]);
    assert_eq!(scan(store, by(&["nobody"])).await.len(), LONGEST_CHAIN + 1);
}

pub(crate) async fn a_redaction_and_what_is_written_beside_it_agree(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log([statement("a", &["ann"])])).await.unwrap();
    let mut together = redacting([redaction(store, "a", &["nobody"]).await]);
    together.statements = vec![referring("b", &[], "a")];
    let provider = provider();
    let around = (0..40).map(|n| store.commit(&provider, log([referring(&n.to_string(), &["n"], "a")])));
    let (around, together) = tokio::join!(join_all(around), store.commit(&provider, together));
    assert!(together.is_ok() && around.iter().all(Result::is_ok));
    assert_eq!(scan(store, by(&["ann"])).await, [""; 0], "nothing is found by the old words, whoever came first");
    assert_eq!(scan(store, by(&["nobody"])).await.len(), 42);
    let newest = Scan { order: Order::Newest, voided: VoidedStatements::Excluded, ..by(&["nobody", "n"]) };
    assert_eq!(scan(store, newest).await.len(), 40);
}

pub(crate) async fn a_forgotten_blob_is_gone_and_can_be_kept_again(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let name = store.keep(Bytes::from_static(b"hello")).await.unwrap();
    let other = store.keep(Bytes::from_static(b"other")).await.unwrap();
    store.forget(name).await.unwrap();
    store.forget(name).await.unwrap();
    assert_eq!((store.blob(name, 0..9).await.unwrap(), store.blob_len(name).await.unwrap()), (None, None));
    assert_eq!(store.blob_len(other).await.unwrap(), Some(5));
    store.keep(Bytes::from_static(b"hello")).await.unwrap();
    assert_eq!(store.blob(name, 0..9).await.unwrap(), Some(Bytes::from_static(b"hello")));
    assert!(store.scrub().await.unwrap());
}
