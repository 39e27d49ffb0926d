//! What is large travels a few megabytes at a time, whatever a page may have by number.

use crate::harness::ReplicaSet;
use base::clock::SystemClock;
use base::hash::Sha256;
use std::sync::Arc;
use store::archive::{Archive, LogEntry, PAGE_BYTES, Pieces};
use store::{Draft, Kind, Provider, Seq, StoreLocation, StoreRole};
use xapi::StatementId;

const LARGE: &Kind = &Kind { name: "large", indexes: &[] };
const BODY: usize = 1 << 20;
const COUNT: u64 = 10;

/// A store with this many large records, and this many large statements.
async fn filled(place: &str) -> (Arc<dyn Archive>, Provider) {
    let store = StoreLocation::named(place).unwrap().open(StoreRole::Server, Arc::new(SystemClock)).await.unwrap();
    let (provider, text) = (Provider::new("main"), format!("\"{}\"", "x".repeat(BODY - 2)));
    for number in 1..=COUNT {
        let statement = LogEntry {
            seq: Seq(number),
            id: StatementId(base::ids::random()),
            stored: jiff::Timestamp::from_second(1).unwrap(),
            digest: Sha256::of(text.as_bytes()),
            tokens: Vec::new(),
            refers_to: None,
            voiding: false,
            bytes: text.clone().into_bytes(),
        };
        let record =
            Draft { kind: LARGE, key: format!("{number:03}"), body: text.clone().into_bytes(), index: Vec::new() };
        let pieces = Pieces { statements: vec![statement], records: vec![(record, 7)], due: Vec::new() };
        store.take_in(&provider, pieces).await.unwrap();
    }
    (store, provider)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_pieces_is_a_short_one_and_none_is_left_out() {
    let (directory, database) = (tempfile::tempdir().unwrap(), ReplicaSet::database());
    for place in [directory.path().to_str().unwrap(), &database] {
        let (store, provider) = filled(place).await;
        let (mut statements, mut records): (Vec<Seq>, Vec<String>) = Default::default();
        for _ in 0..COUNT {
            let last = statements.last().copied().unwrap_or_default();
            let page = store.statements_after(&provider, last, 200).await.unwrap();
            assert!(page.len() * BODY <= PAGE_BYTES, "{} statements at once", page.len());
            statements.extend(page.iter().map(|entry| entry.seq));
            let last = records.last().map(|key| (LARGE.name.to_owned(), key.clone()));
            let page = store.records_after(&provider, last, 200).await.unwrap();
            assert!(page.len() * BODY <= PAGE_BYTES, "{} records at once", page.len());
            records.extend(page.into_iter().inspect(|record| assert_eq!(record.version, 7)).map(|record| record.key));
        }
        assert!(statements.iter().map(|seq| seq.0).eq(1..=COUNT), "{statements:?}");
        assert!(records.iter().map(|key| key.parse::<u64>().unwrap()).eq(1..=COUNT), "{records:?}");
        assert!(store.statements_after(&provider, Seq(COUNT), 200).await.unwrap().is_empty());
        store.close().await.unwrap();
    }
}
