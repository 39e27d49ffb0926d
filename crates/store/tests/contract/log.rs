//! Statements: order, identity, time, voiding and reference.

use super::cases::{Bench, Engine};
use super::model::*;
use base::hash::Sha256;
use base::log::{NewStatement, instant};
use jiff::ToSpan as _;
use store::{ClaimRequest, LONGEST_CHAIN, Order, Provider, Scan, Seq, StoreError, VoidedStatements};

pub(crate) async fn seq_counts_commits_in_order(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    assert_eq!(store.head(&provider()).await.unwrap().seq, Seq(0));
    let first = store.commit(&provider(), log([statement("a", &[]), statement("b", &[])])).await.unwrap();
    let second = store.commit(&provider(), log([statement("c", &[])])).await.unwrap();
    let seqs: Vec<u64> = first.statements.iter().chain(&second.statements).map(|s| s.seq.0).collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(store.head(&provider()).await.unwrap().seq, Seq(3));
    assert_eq!(scan(store, by(&[])).await, ["a", "b", "c"]);
}

pub(crate) async fn providers_do_not_see_each_other(bench: Bench<impl Engine>) {
    let (store, other) = (&*bench.store, Provider::new("lakeside"));
    store.commit(&provider(), log([statement("a", &["x"]), statement("b", &["x"])])).await.unwrap();
    store.commit(&other, log([statement("a", &["x"]), referring("c", &[], "b")])).await.unwrap();
    assert_eq!(store.head(&other).await.unwrap().seq, Seq(2));
    assert_eq!(names(&store.scan(&other, by(&["x"])).await.unwrap()), ["a"]);
    assert_eq!(scan(store, by(&["x"])).await, ["a", "b"]);
    assert_eq!(store.statement(&other, id("b")).await.unwrap(), None);
}

pub(crate) async fn bytes_come_back_exactly_as_stamped(bench: Bench<impl Engine>) {
    let sent = statement("a", &["x"]);
    let done = bench.store.commit(&provider(), log([sent.clone()])).await.unwrap().statements[0];
    let read = bench.store.statement(&provider(), id("a")).await.unwrap().unwrap();
    assert_eq!(read.bytes, sent.bytes.stamp(done.stored));
    assert!(String::from_utf8_lossy(&read.bytes).contains(&instant(read.stored)));
    assert_eq!((read.seq, read.stored, read.voided, read.id), (done.seq, done.stored, false, id("a")));
}

pub(crate) async fn an_equivalent_statement_changes_nothing(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let first = store.commit(&provider(), log([statement("a", &["x"])])).await.unwrap().statements[0];
    bench.clock.set(start() + 1.hour());
    let again = store.commit(&provider(), log([statement("b", &[]), statement("a", &["y"])])).await.unwrap();
    let [b, a] = again.statements[..] else { panic!("two statements were sent") };
    assert_eq!((a.seq, a.stored, a.new), (first.seq, first.stored, false));
    assert_eq!((b.seq, b.new), (Seq(2), true));
    let twice = store.commit(&provider(), log([statement("c", &[]), statement("c", &[])])).await.unwrap();
    assert_eq!(twice.statements[0].seq, twice.statements[1].seq);
    assert_eq!(scan(store, by(&[])).await, ["a", "b", "c"]);
    assert_eq!(scan(store, by(&["y"])).await, [""; 0]);
}

pub(crate) async fn a_statement_that_differs_refuses_its_whole_commit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log([statement("a", &["x"])])).await.unwrap();
    let mut other = statement("a", &["x"]);
    other.digest = Sha256::of("other");
    let refused = store.commit(&provider(), log([statement("b", &["x"]), other])).await;
    assert!(matches!(refused, Err(StoreError::Differs(differs)) if differs == id("a")));
    assert_eq!(scan(store, by(&["x"])).await, ["a"]);
    let next = store.commit(&provider(), log([statement("c", &["x"])])).await.unwrap();
    assert_eq!(next.statements[0].seq, Seq(2), "the number of a refused statement is not lost");
}

pub(crate) async fn stored_never_decreases_when_the_clock_does(mut bench: Bench<impl Engine>) {
    let first = bench.store.commit(&provider(), log([statement("a", &[])])).await.unwrap().statements[0];
    bench.clock.set(start() - 3.hours());
    let second = bench.store.commit(&provider(), log([statement("b", &[])])).await.unwrap().statements[0];
    bench.reopen().await;
    let third = bench.store.commit(&provider(), log([statement("c", &[])])).await.unwrap().statements[0];
    assert!(first.stored <= second.stored && second.stored <= third.stored);
    assert!(bench.store.head(&provider()).await.unwrap().consistent_through < third.stored + 1.millisecond());
}

pub(crate) async fn a_promise_is_kept_by_every_later_statement(bench: Bench<impl Engine>) {
    for (step, name) in [0, 5, -7_200, 1, 0].into_iter().zip(["a", "b", "c", "d", "e"]) {
        let promise = bench.store.head(&provider()).await.unwrap().consistent_through;
        bench.clock.set(start() + step.seconds());
        let done = bench.store.commit(&provider(), log([statement(name, &[])])).await.unwrap().statements[0];
        assert!(done.stored > promise, "{name} was stored at {}, but {promise} was said to be complete", done.stored);
    }
    bench.clock.set(start() + 1.hour());
    let last = bench.store.scan(&provider(), by(&[])).await.unwrap().pop().unwrap();
    assert!(bench.store.head(&provider()).await.unwrap().consistent_through >= last.stored, "promises do advance");
}

pub(crate) async fn seq_at_finds_the_last_statement_of_an_instant(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    for (minute, batch) in [vec!["a"], vec!["b", "c"], vec!["d"]].into_iter().enumerate() {
        bench.clock.set(start() + i64::try_from(minute).unwrap().minutes());
        store.commit(&provider(), log(batch.into_iter().map(|name| statement(name, &[])))).await.unwrap();
    }
    for (seconds, expected) in [(-1, 0), (0, 1), (59, 1), (60, 3), (61, 3), (120, 4), (999, 4)] {
        let found = store.seq_at(&provider(), start() + seconds.seconds()).await.unwrap();
        assert_eq!(found, Seq(expected), "{seconds} s after the first");
    }
}

pub(crate) async fn a_void_is_honored_whichever_comes_first(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let before = [voiding("void-a", "a"), statement("a", &["x"])];
    let after = [statement("b", &["x"]), voiding("void-b", "b")];
    for commit in before.into_iter().chain(after) {
        store.commit(&provider(), log([commit])).await.unwrap();
    }
    let together = [voiding("void-c", "c"), statement("c", &["x"]), statement("d", &["x"])];
    store.commit(&provider(), log(together)).await.unwrap();
    for name in ["a", "b", "c"] {
        assert!(store.statement(&provider(), id(name)).await.unwrap().unwrap().voided, "{name}");
    }
    let left = Scan { voided: VoidedStatements::Excluded, ..by(&["x"]) };
    assert_eq!(scan(store, left).await, ["void-a", "void-b", "void-c", "d"], "a void is found by what it voids");
    assert_eq!(scan(store, by(&["x"])).await, ["void-a", "a", "b", "void-b", "void-c", "c", "d"]);
}

pub(crate) async fn a_guarded_statement_is_voided_only_by_its_guard(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let guarded = |name| NewStatement { voidable_by: Some(token("guard")), ..statement(name, &["guard", "x"]) };
    let by_guard = |name, target| NewStatement { tokens: vec![token("guard")], ..voiding(name, target) };
    // A void by anyone else counts for nothing, whether it comes in the same commit or in one before.
    store.commit(&provider(), log([voiding("void-a", "a")])).await.unwrap();
    store.commit(&provider(), log([guarded("a"), voiding("void-b", "b"), guarded("b")])).await.unwrap();
    store.commit(&provider(), log([by_guard("void-c", "c")])).await.unwrap();
    store.commit(&provider(), log([guarded("c"), guarded("d"), by_guard("void-d", "d")])).await.unwrap();
    for (name, voided) in [("a", false), ("b", false), ("c", true), ("d", true)] {
        assert_eq!(store.statement(&provider(), id(name)).await.unwrap().unwrap().voided, voided, "{name}");
    }
}

pub(crate) async fn a_voiding_statement_is_never_voided(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let sent = [statement("a", &[]), voiding("v", "a"), voiding("w", "v"), voiding("y", "z"), voiding("z", "a")];
    store.commit(&provider(), log(sent)).await.unwrap();
    let left = scan(store, Scan { voided: VoidedStatements::Excluded, ..by(&[]) }).await;
    assert_eq!(left, ["v", "w", "y", "z"]);
}

pub(crate) async fn a_reference_is_found_by_its_target_whichever_comes_first(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let sent = [referring("early", &["said"], "a"), statement("a", &["x", "y"]), referring("late", &["said"], "a")];
    for commit in sent {
        store.commit(&provider(), log([commit])).await.unwrap();
    }
    assert_eq!(scan(store, by(&["x"])).await, ["early", "a", "late"]);
    assert_eq!(scan(store, by(&["y", "said"])).await, ["early", "late"]);
    assert_eq!(scan(store, by(&["said"])).await, ["early", "late"], "what refers gives nothing to its target");
}

pub(crate) async fn a_chain_of_references_is_found_by_its_end_in_every_order_of_arrival(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    for (n, order) in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate() {
        let (target, middle, first) = (format!("{n}-target"), format!("{n}-middle"), format!("{n}-first"));
        let chain = [
            statement(&target, &[&target]),
            referring(&middle, &[&middle], &target),
            referring(&first, &[&first], &middle),
        ];
        for link in order {
            store.commit(&provider(), log([chain[link].clone()])).await.unwrap();
        }
        let by_target = store.scan(&provider(), by(&[&target])).await.unwrap();
        assert_eq!(by_target.len(), 3, "arrived in the order {order:?}");
        assert_eq!(scan(store, by(&[&first, &middle, &target])).await, [first]);
    }
}

pub(crate) async fn a_chain_of_references_is_followed_so_far_and_no_further(bench: Bench<impl Engine>) {
    let (store, links) = (&*bench.store, LONGEST_CHAIN + 8);
    for way in ["down", "up"] {
        let name = |link: usize| format!("{way}-{link}");
        let chain = (0..=links).map(|link| referring(&name(link), &[&name(link)], &name(link + 1)));
        let mut chain: Vec<_> = chain.collect();
        if way == "up" {
            chain.reverse();
        }
        store.commit(&provider(), log(chain)).await.unwrap();
        for end in [links, links - 5] {
            let found = store.scan(&provider(), by(&[&name(end)])).await.unwrap().len();
            assert_eq!(found, LONGEST_CHAIN + 1, "arrived on the way {way}");
        }
    }
}

pub(crate) async fn references_in_a_circle_come_to_an_end(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let sent = [referring("a", &["x"], "b"), referring("b", &["y"], "a"), referring("self", &["z"], "self")];
    for commit in sent {
        store.commit(&provider(), log([commit])).await.unwrap();
    }
    assert_eq!(scan(store, by(&["x", "y"])).await, ["a", "b"]);
    assert_eq!(scan(store, by(&["z"])).await, ["self"]);
}

pub(crate) async fn everything_survives_reopening(mut bench: Bench<impl Engine>) {
    let sent = [statement("a", &["x"]), referring("r", &[], "a"), voiding("v", "b")];
    let mut commit = log(sent);
    commit.writes.push(store::Write::Insert(book("k", "s", Some("i"))));
    commit.due = due("d", start()).due;
    bench.store.commit(&provider(), commit).await.unwrap();
    let blob = bench.store.keep("bytes".into()).await.unwrap();
    bench.reopen().await;
    let store = &*bench.store;
    store.commit(&provider(), log([statement("b", &["x"])])).await.unwrap();
    assert_eq!(scan(store, by(&["x"])).await, ["a", "r", "v", "b"]);
    assert_eq!(
        scan(store, Scan { order: Order::Newest, voided: VoidedStatements::Excluded, ..by(&["x"]) }).await,
        ["v", "r", "a"]
    );
    assert!(store.record(&provider(), &BOOK, "k").await.unwrap().is_some());
    assert_eq!(store.due("decide", start()).await.unwrap(), 1);
    assert_eq!(store.blob_len(blob).await.unwrap(), Some(5));
}

pub(crate) async fn a_closed_store_refuses_everything(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let name = store.keep("bytes".into()).await.unwrap();
    store.close().await.unwrap();
    assert!(store.commit(&provider(), log([statement("a", &[])])).await.is_err());
    assert!(store.head(&provider()).await.is_err());
    assert!(store.scan(&provider(), by(&[])).await.is_err());
    assert!(store.record(&provider(), &BOOK, "k").await.is_err());
    assert!(store.claim(ClaimRequest::new("decide", start(), jiff::SignedDuration::from_secs(1), 1)).await.is_err());
    assert!(store.keep("bytes".into()).await.is_err());
    assert!(store.blob(name, 0..1).await.is_err());
}
