//! Due work: claims, leases, tickets.

use super::cases::{Bench, Engine};
use super::model::*;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use store::{Claim, ClaimRequest, Commit, Store, StoreError};

const LEASE: SignedDuration = SignedDuration::from_secs(30);

async fn claim(store: &dyn Store, now: Timestamp) -> Vec<Claim> {
    store.claim(ClaimRequest::new("decide", now, LEASE, 10)).await.unwrap()
}

fn done(claim: &Claim) -> Commit {
    Commit { done: vec![claim.clone()], ..Commit::default() }
}

pub(crate) async fn due_work_is_claimed_when_its_time_has_come(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), due("k", start() + 1.minute())).await.unwrap();
    assert_eq!(claim(store, start()).await, []);
    assert_eq!(store.due("decide", start()).await.unwrap(), 0);
    let now = start() + 1.minute();
    let claims = claim(store, now).await;
    assert_eq!((claims[0].provider.clone(), claims[0].key.as_str(), claims[0].attempts), (provider(), "k", 0));
    assert_eq!(claim(store, now).await, [], "it is claimed already");
    assert_eq!(store.due("decide", now).await.unwrap(), 1, "it counts until it is done");
    assert_eq!(store.claim(ClaimRequest::new("other", now, LEASE, 10)).await.unwrap(), []);
    store.commit(&provider(), done(&claims[0])).await.unwrap();
    assert_eq!(store.due("decide", now).await.unwrap(), 0);
    assert_eq!(claim(store, now + 1.hour()).await, []);
}

/// Such as what was made due while the clock was ahead.
pub(crate) async fn work_that_is_due_later_than_its_queue_allows_is_claimed_after_what_has_waited(
    bench: Bench<impl Engine>,
) {
    let store = &*bench.store;
    for (key, minute) in [("ahead", 60), ("soon", 2), ("waits", 0)] {
        store.commit(&provider(), due(key, start() + minute.minutes())).await.unwrap();
    }
    let horizon = SignedDuration::from_mins(2);
    let claim = async |now, limit| {
        let wanted = ClaimRequest { horizon, ..ClaimRequest::new("decide", now, LEASE, limit) };
        let claims = store.claim(wanted).await.unwrap();
        claims.into_iter().map(|claim| claim.key).collect::<Vec<_>>()
    };
    assert_eq!(claim(start(), 1).await, ["waits"]);
    assert_eq!(claim(start(), 10).await, ["ahead"]);
    assert_eq!(claim(start(), 10).await, [""; 0], "both are claimed, and the third is not due yet");
    assert_eq!(claim(start() + 1.second(), 10).await, [""; 0]);
    let mut later = claim(start() + 2.minutes(), 10).await;
    later.sort();
    assert_eq!(later, ["ahead", "soon", "waits"]);
    // A lease that was given while the clock was ahead does not last either.
    assert_eq!(claim(start() - 1.hour(), 10).await.len(), 3);
}

pub(crate) async fn a_lapsed_claim_is_given_to_another(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), due("k", start())).await.unwrap();
    let first = claim(store, start()).await.remove(0);
    assert_eq!(claim(store, start() + 29.seconds()).await, []);
    let second = claim(store, start() + 30.seconds()).await.remove(0);
    assert_eq!((second.attempts, second.ticket > first.ticket), (1, true));
    let refused = store.commit(&provider(), done(&first)).await;
    assert!(
        matches!(refused, Err(StoreError::Lapsed { queue, key }) if (queue.as_str(), key.as_str()) == ("decide", "k"))
    );
    store.commit(&provider(), done(&second)).await.unwrap();
}

pub(crate) async fn work_that_is_due_anew_voids_the_claim_on_it(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), due("k", start())).await.unwrap();
    let before = claim(store, start()).await.remove(0);
    store.commit(&provider(), due("k", start())).await.unwrap();
    assert!(matches!(store.commit(&provider(), done(&before)).await, Err(StoreError::Lapsed { .. })));
    let after = claim(store, start()).await.remove(0);
    assert_eq!(after.attempts, 0, "it is new work");
    let mut again = done(&after);
    again.due = due("k", start() + 1.hour()).due;
    store.commit(&provider(), again).await.unwrap();
    assert_eq!(claim(store, start()).await, []);
    assert_eq!(claim(store, start() + 1.hour()).await.len(), 1, "a worker may put its own work off");
}

pub(crate) async fn a_ticket_is_never_given_twice(mut bench: Bench<impl Engine>) {
    let mut last = 0;
    for _ in 0..3 {
        bench.store.commit(&provider(), due("k", start())).await.unwrap();
        let claim = claim(&*bench.store, start()).await.remove(0);
        assert!(claim.ticket > last, "the item was away in between, its tickets were not");
        last = claim.ticket;
        bench.store.commit(&provider(), done(&claim)).await.unwrap();
        bench.reopen().await;
    }
}

pub(crate) async fn a_void_claim_undoes_its_whole_commit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), due("k", start())).await.unwrap();
    let lapsed = claim(store, start()).await.remove(0);
    store.commit(&provider(), due("k", start())).await.unwrap();
    let mut commit = done(&lapsed);
    commit.statements = vec![statement("a", &[])];
    assert!(store.commit(&provider(), commit).await.is_err());
    assert_eq!(scan(store, by(&[])).await, [""; 0]);
}

pub(crate) async fn the_longest_waiting_is_claimed_first(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    for (minute, key) in [(3, "c"), (1, "a"), (2, "b")] {
        store.commit(&provider(), due(key, start() + minute.minutes())).await.unwrap();
    }
    let claims = store.claim(ClaimRequest::new("decide", start() + 1.hour(), LEASE, 2)).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}
