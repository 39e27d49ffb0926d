//! Out and back: every byte arrives, is compared, and verifies.

use super::sample_store::{SampleStore, name};
use super::{counts, done, exported, refused, run, stderr_of, verify};
use crate::harness::ReplicaSet;
use base::clock::SystemClock;
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use store::{Provider, Scan, Seq, Store as _, StoreLocation, StoreRole, StoredStatement};
use xapi::Token;

#[test]
fn everything_goes_to_mongodb_and_back_and_through_a_file_byte_by_byte() {
    let filled = SampleStore::own();
    let (source, target) = (filled.data(), tempfile::tempdir().unwrap());
    let (from, here) = (name(&source), target.path());
    let before = exported(here, from);
    let mongodb = ReplicaSet::database();

    let there = run(here, &["copy", "--from", from, "--to", &mongodb, "--json"]);
    assert!(there.status.success(), "{}", stderr_of(&there));
    let moved = counts(std::str::from_utf8(&there.stdout).unwrap());
    let sorts = ["statements", "blobs", "due", "account", "credit-record", "ledger-entry", "held-statement", "erasure"];
    for sort in sorts.into_iter().chain(["xapi-document", "installation", "signing-key", "play-session", "credential"])
    {
        assert!(moved.get(sort).is_some_and(|number| *number > 0), "no {sort} in {moved:?}");
    }
    let progress = stderr_of(&there);
    for words in ["copying\n", "comparing\n", "verifying\n", "Everything is as the ledger says."] {
        assert!(progress.contains(words), "{progress}");
    }
    assert_eq!(exported(here, &mongodb), before);
    let verified = verify(here, &mongodb);
    assert_eq!((&verified["credits"], verify(here, from)), (&serde_json::json!(2), verified.clone()));

    done(here, &["copy", "--from", &mongodb, "--to", "back"]);
    assert_eq!((exported(here, "back"), verify(here, "back")), (before.clone(), verified.clone()));

    std::fs::write(here.join("all.jsonl"), &before).unwrap();
    let again = ReplicaSet::database();
    for store in [again.as_str(), "imported"] {
        let arrived = done(here, &["import", "all.jsonl", "--to", store, "--json"]);
        assert_eq!(counts(&arrived), moved);
        assert_eq!((exported(here, store), verify(here, store)), (before.clone(), verified.clone()));
    }
}

#[test]
fn a_copy_that_has_ended_is_not_made_again_and_says_so() {
    let (filled, target) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), target.path());
    let first = done(here, &["copy", "--from", name(&source), "--to", "copy", "--json"]);
    let again = run(here, &["copy", "--from", name(&source), "--to", "copy", "--json"]);
    assert!(again.status.success(), "{}", stderr_of(&again));
    assert_eq!(String::from_utf8_lossy(&again.stdout), first);
    assert!(
        stderr_of(&again).contains("the target held all of it already; nothing was written"),
        "{}",
        stderr_of(&again)
    );
}

#[test]
fn an_export_says_whose_it_is_and_one_that_did_not_is_read_too() {
    let (filled, target) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), target.path());
    done(here, &["export", "--from", name(&source), "all.jsonl"]);
    let mode = std::fs::metadata(here.join("all.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the signing key is in it");
    let export = std::fs::read_to_string(here.join("all.jsonl")).unwrap();
    let (first, rest) = export.split_once('\n').unwrap();
    let first: Value = serde_json::from_str(first).unwrap();
    let origin = &first["providers"][0];
    assert_eq!((&first["format"], origin["provider"].as_str().unwrap()), (&serde_json::json!(2), "main"));
    assert!(origin["installation"].as_str().unwrap().contains("first_served"), "{origin}");
    std::fs::write(here.join("old.jsonl"), format!("{{\"line\":\"enduring\",\"format\":1}}\n{rest}")).unwrap();
    done(here, &["import", "old.jsonl", "--to", "old"]);
    assert_eq!(exported(here, "old"), export);
    std::fs::write(here.join("new.jsonl"), format!("{{\"line\":\"enduring\",\"format\":3}}\n{rest}")).unwrap();
    let message = refused(here, &["import", "new.jsonl", "--to", "new"]);
    assert!(message.contains("it is not an export that this version can read"), "{message}");
}

#[test]
fn verifying_a_copy_writes_nothing_where_there_is_no_ledger_yet() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    done(here, &["credential", "create", "--name", "first", "--scope", "all", "--data", "young"]);
    for _ in 0..2 {
        done(here, &["copy", "--from", "young", "--to", "copy"]);
        assert_eq!(exported(here, "copy"), exported(here, "young"));
    }
}

#[test]
fn a_source_that_is_not_there_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let message = refused(here, &["copy", "--from", "nowhere", "--to", "copy"]);
    assert!(message.contains("there is no directory nowhere"), "{message}");
    let message = refused(here, &["export", "--from", &ReplicaSet::database(), "all.jsonl"]);
    assert!(message.contains("the source is empty"), "{message}");
    assert_eq!(std::fs::read_dir(here).unwrap().count(), 0);
}

/// What is found by each token of statements that refer to others, are referred to, or neither.
async fn found(store: &str, tokens: &BTreeSet<Token>) -> Vec<Vec<StoredStatement>> {
    let store = StoreLocation::named(store).unwrap().open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap();
    let mut found = Vec::new();
    for token in tokens {
        found.push(store.scan(&Provider::new("main"), Scan::everything(vec![*token], 500)).await.unwrap());
    }
    store.close().await.unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voided_and_what_is_found_is_the_same_in_a_copy() {
    let (filled, directory, database) = (SampleStore::own(), tempfile::tempdir().unwrap(), ReplicaSet::database());
    let (source, here) = (filled.data(), directory.path());
    done(here, &["copy", "--from", name(&source), "--to", &database]);
    done(here, &["copy", "--from", &database, "--to", "back"]);
    let store = StoreLocation::named(&database).unwrap().open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap();
    let log = store.statements_after(&Provider::new("main"), Seq(0), usize::MAX >> 1).await.unwrap();
    store.close().await.unwrap();
    let targets: BTreeSet<_> = log.iter().filter_map(|entry| entry.refers_to).collect();
    let tied = log.iter().filter(|entry| entry.refers_to.is_some() || targets.contains(&entry.id));
    let tokens: BTreeSet<Token> = tied.flat_map(|entry| entry.tokens.iter().copied()).collect();
    let before = found(name(&source), &tokens).await;
    let voided: BTreeSet<_> = before.iter().flatten().filter(|stored| stored.voided).map(|stored| stored.seq).collect();
    assert!(voided.len() >= 2 && before.iter().any(|found| found.len() > 1), "{voided:?}");
    assert_eq!(found(&database, &tokens).await, before);
    assert_eq!(found(name(&here.join("back")), &tokens).await, before);
}

/// Whoever looks at an empty log is promised that nothing will be stored before that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_somebody_has_looked_at_is_empty_all_the_same() {
    let (filled, directory, database) = (SampleStore::own(), tempfile::tempdir().unwrap(), ReplicaSet::database());
    let store = store::mongodb::connect(&database, Arc::new(SystemClock)).await.unwrap();
    let promised = store.head(&Provider::new("main")).await.unwrap().consistent_through;
    assert!(promised > "2026-03-02T00:00:00Z".parse().unwrap(), "later than what is copied was stored: {promised}");
    store.close().await.unwrap();
    done(directory.path(), &["copy", "--from", name(&filled.data()), "--to", &database]);
}
