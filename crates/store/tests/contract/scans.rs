//! Scans: bounds, order, limits, and intersections against an obviously correct search.

use super::cases::{Bench, Engine};
use super::model::*;
use base::log::{NewStatement, StatementId, Token};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use store::{Order, Scan, Seq, Store, StoredStatement, VoidedStatements};

pub(crate) async fn a_scan_keeps_to_its_bounds_order_and_limit(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    store.commit(&provider(), log(["a", "b", "c", "d", "e"].map(|name| statement(name, &["x"])))).await.unwrap();
    for facts in [&[][..], &["x"]] {
        let middle = Scan { after: Seq(1), upto: Seq(4), ..by(facts) };
        assert_eq!(scan(store, middle.clone()).await, ["b", "c", "d"]);
        assert_eq!(scan(store, Scan { order: Order::Newest, ..middle.clone() }).await, ["d", "c", "b"]);
        assert_eq!(scan(store, Scan { limit: 2, ..middle.clone() }).await, ["b", "c"]);
        assert_eq!(scan(store, Scan { limit: 0, ..middle.clone() }).await, [""; 0]);
        assert_eq!(scan(store, Scan { after: Seq(4), upto: Seq(1), ..middle }).await, [""; 0]);
    }
}

pub(crate) async fn a_scan_for_several_tokens_finds_what_has_them_all(bench: Bench<impl Engine>) {
    let store = &*bench.store;
    let sent = (0..200).map(|n| {
        let facts = [(2, "even"), (3, "third"), (50, "rare")].into_iter();
        let facts: Vec<&str> = facts.filter(|(step, _)| n % step == 0).map(|(_, fact)| fact).collect();
        statement(&n.to_string(), &facts)
    });
    store.commit(&provider(), log(sent)).await.unwrap();
    assert_eq!(scan(store, by(&["rare", "third", "even"])).await, ["0", "150"]);
    assert_eq!(scan(store, by(&["rare", "even", "never"])).await, [""; 0]);
    let newest = Scan { order: Order::Newest, limit: 3, ..by(&["even", "third"]) };
    assert_eq!(scan(store, newest).await, ["198", "192", "186"]);
    assert_eq!(scan(store, by(&["rare", "rare"])).await, ["0", "50", "100", "150"]);
}

/// A random statement of a small world: its number there, its facts, what it refers to, and whether it voids it.
#[derive(Debug, Clone)]
struct Sketch {
    number: usize,
    facts: Vec<&'static str>,
    target: Option<usize>,
    voids: bool,
}

const WORLD: usize = 14;
const FACTS: [&str; 4] = ["p", "q", "r", "s"];

impl Sketch {
    fn any() -> impl Strategy<Value = Vec<Self>> {
        let one = (proptest::sample::subsequence(&FACTS[..], 0..=4), proptest::option::of(0..WORLD), any::<bool>());
        let world = proptest::collection::vec(one, WORLD);
        let sketch = |(number, (facts, target, voids)): (usize, (Vec<&'static str>, Option<usize>, bool))| Self {
            number,
            facts,
            target,
            voids: voids && target.is_some(),
        };
        world.prop_map(move |world| world.into_iter().enumerate().map(sketch).collect::<Vec<_>>()).prop_shuffle()
    }

    fn prepare(&self) -> NewStatement {
        let name = self.number.to_string();
        let target = self.target.map(|target| id(&target.to_string()));
        NewStatement { refers_to: target, voiding: self.voids, ..statement(&name, &self.facts) }
    }
}

/// Every statement with the tokens by which it is found and whether it is voided, computed in a slow and simple way.
fn expected(log: &[NewStatement]) -> Vec<(BTreeSet<Token>, bool)> {
    let by_id: BTreeMap<StatementId, &NewStatement> = log.iter().map(|statement| (statement.id, statement)).collect();
    let found_by = |statement: &NewStatement| {
        let (mut tokens, mut seen, mut at) = (BTreeSet::new(), BTreeSet::new(), Some(statement));
        while let Some(statement) = at.filter(|statement| seen.insert(statement.id)) {
            tokens.extend(statement.tokens.iter().copied());
            at = statement.refers_to.and_then(|target| by_id.get(&target).copied());
        }
        tokens
    };
    let voided = |statement: &NewStatement| {
        !statement.voiding && log.iter().any(|other| other.voiding && other.refers_to == Some(statement.id))
    };
    log.iter().map(|statement| (found_by(statement), voided(statement))).collect()
}

fn full_search(log: &[NewStatement], scan: &Scan) -> Vec<(Seq, bool)> {
    let mut found: Vec<(Seq, bool)> = (1..)
        .map(Seq)
        .zip(expected(log))
        .filter(|(seq, (tokens, voided))| {
            scan.after < *seq
                && *seq <= scan.upto
                && scan.tokens.iter().all(|token| tokens.contains(token))
                && !(*voided && scan.voided == VoidedStatements::Excluded)
        })
        .map(|(seq, (_, voided))| (seq, voided))
        .collect();
    if scan.order == Order::Newest {
        found.reverse();
    }
    found.truncate(scan.limit);
    found
}

fn any_scan() -> impl Strategy<Value = Scan> {
    let facts = proptest::sample::subsequence(&FACTS[..], 0..=4);
    let last = u64::try_from(WORLD).unwrap();
    (facts, 0..=last, 0..=last + 2, any::<bool>(), any::<bool>(), 0..=WORLD).prop_map(
        |(facts, after, upto, newest, kept, limit)| Scan {
            after: Seq(after),
            upto: Seq(upto),
            order: if newest { Order::Newest } else { Order::Oldest },
            voided: if kept { VoidedStatements::Included } else { VoidedStatements::Excluded },
            limit,
            ..by(&facts)
        },
    )
}

async fn check(store: &dyn Store, commits: Vec<Vec<NewStatement>>, scans: Vec<Scan>) {
    let log: Vec<NewStatement> = commits.iter().flatten().cloned().collect();
    for commit in commits {
        store.commit(&provider(), super::model::log(commit)).await.unwrap();
    }
    for scan in scans {
        let found = store.scan(&provider(), scan.clone()).await.unwrap();
        let found: Vec<(Seq, bool)> = found.iter().map(|StoredStatement { seq, voided, .. }| (*seq, *voided)).collect();
        assert_eq!(found, full_search(&log, &scan), "{scan:?} over {log:?}");
    }
}

pub(crate) async fn scans_return_what_a_full_search_would<E: Engine>(_bench: Bench<E>) {
    let worlds = (Sketch::any(), 1..=WORLD, proptest::collection::vec(any_scan(), 24));
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Handle::current();
    let run = || {
        runner.run(&worlds, |(world, size, scans)| {
            let prepared: Vec<NewStatement> = world.iter().map(Sketch::prepare).collect();
            let commits = prepared.chunks(size).map(<[NewStatement]>::to_vec).collect();
            runtime.block_on(check(&*Bench::<E>::new().store, commits, scans));
            Ok(())
        })
    };
    tokio::task::block_in_place(run).unwrap();
}
