//! The contract on the embedded store, and promises that only it makes.

use super::cases::{self, Engine};
use super::model::*;
use base::clock::{Clock, FixedClock};
use std::path::Path;
use std::sync::Arc;
use store::{ClaimRequest, Seq, Store, StoreError, Write, embedded};
use tempfile::TempDir;

struct Embedded(TempDir);

impl Engine for Embedded {
    fn fresh() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        Arc::new(open(self.0.path(), clock).unwrap())
    }
}

cases::cases!(Embedded);

fn open(dir: &Path, clock: Arc<dyn Clock>) -> store::Result<embedded::EmbeddedStore> {
    embedded::open(dir, clock)
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(start()))
}

/// The sentence of a failure.
fn sentence<T>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Failed(sentence)) => sentence,
        Err(other) => panic!("another refusal: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn a_command_works_beside_a_server_but_does_not_append() {
    let dir = TempDir::new().unwrap();
    let server = open(dir.path(), clock()).unwrap();
    server.commit(&provider(), log([statement("a", &[])])).await.unwrap();
    let command = embedded::open_beside(dir.path(), clock()).unwrap();
    command.commit(&provider(), writes([Write::Insert(book("k", "s", Some("1")))])).await.unwrap();
    assert!(server.record(&provider(), &BOOK, "k").await.unwrap().is_some());
    let taken = server.commit(&provider(), writes([Write::Insert(book("l", "s", Some("1")))])).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })));
    let head = command.head(&provider()).await.unwrap();
    assert_eq!(head.seq, Seq(1));
    assert!(head.consistent_through < start(), "the server may store more at that instant");
    let refused = sentence(command.commit(&provider(), log([statement("b", &[])])).await);
    assert!(refused.contains("another process serves this data"), "{refused}");
    server.close().await.unwrap();
    command.commit(&provider(), log([statement("b", &[])])).await.unwrap();
    assert_eq!(command.head(&provider()).await.unwrap().seq, Seq(2));
}

#[tokio::test]
async fn a_second_server_is_refused() {
    let dir = TempDir::new().unwrap();
    let first = open(dir.path(), clock()).unwrap();
    let refused = sentence(open(dir.path(), clock()));
    assert!(refused.contains("another process serves this data"), "{refused}");
    first.close().await.unwrap();
    open(dir.path(), clock()).unwrap();
}

#[tokio::test]
async fn what_a_server_had_claimed_when_it_ended_is_ready_for_the_next() {
    let dir = TempDir::new().unwrap();
    let first = open(dir.path(), clock()).unwrap();
    first.commit(&provider(), due("k", start())).await.unwrap();
    let lease = jiff::SignedDuration::from_hours(1);
    let lapsed = first.claim(ClaimRequest::new("decide", start(), lease, 1)).await.unwrap().remove(0);
    drop(first);
    let second = open(dir.path(), clock()).unwrap();
    let claim = second.claim(ClaimRequest::new("decide", start(), lease, 1)).await.unwrap().remove(0);
    assert_eq!((claim.attempts, claim.ticket > lapsed.ticket), (1, true));
}

#[tokio::test]
async fn a_database_of_another_program_or_of_a_newer_version_is_left_alone() {
    for pragma in ["user_version = 7", "application_id = 42", "application_id = 0x454E4455; PRAGMA user_version = 999"]
    {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("enduring.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA {pragma}")).unwrap();
        let refused = sentence(open(dir.path(), clock()));
        assert!(refused.contains("another program or by a newer version"), "{refused}");
    }
}

#[tokio::test]
async fn a_failing_engine_stops_the_whole_store() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), clock()).unwrap();
    store.commit(&provider(), log([statement("a", &["x"])])).await.unwrap();
    let vandal = rusqlite::Connection::open(dir.path().join("enduring.db")).unwrap();
    vandal.execute_batch("DROP TABLE token").unwrap();
    assert!(store.commit(&provider(), log([statement("b", &["x"])])).await.is_err());
    // The thread reports that it has stopped just after it has reported the failure.
    while store.head(&provider()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let refused = sentence(store.commit(&provider(), log([statement("c", &["x"])])).await);
    assert!(refused.contains("restart the server"), "{refused}");
    assert!(sentence(store.keep("bytes".into()).await).contains("restart the server"));
}

#[tokio::test]
async fn keys_that_no_index_can_hold_are_refused() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), clock()).unwrap();
    let long = "k".repeat(513);
    let refused = sentence(store.commit(&provider(), writes([Write::Insert(book(&long, "s", None))])).await);
    assert!(refused.contains("longer than 512 bytes"), "{refused}");
    let refused = sentence(store.commit(&provider(), writes([Write::Insert(book("k", &long, None))])).await);
    assert!(refused.contains("longer than 512 bytes"), "{refused}");
}

#[tokio::test]
async fn what_a_killed_process_left_half_written_is_cleared_away() {
    let dir = TempDir::new().unwrap();
    let incoming = dir.path().join("blobs/incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    std::fs::write(incoming.join("abandoned"), "half").unwrap();
    let written = std::fs::File::create(incoming.join("written")).unwrap();
    written.lock().unwrap();
    open(dir.path(), clock()).unwrap();
    assert!(!incoming.join("abandoned").exists());
    assert!(incoming.join("written").exists(), "another process is writing it");
}

#[tokio::test]
async fn a_caller_that_goes_away_loses_nothing_and_blocks_nobody() {
    let dir = TempDir::new().unwrap();
    let store = Arc::new(open(dir.path(), clock()).unwrap());
    for n in 0..200 {
        let store = store.clone();
        let call = tokio::spawn(async move {
            store.scan(&provider(), by(&[])).await.unwrap();
            store.commit(&provider(), log([statement(&n.to_string(), &[])])).await.unwrap();
        });
        tokio::task::yield_now().await;
        call.abort();
    }
    let last = store.commit(&provider(), log([statement("last", &[])])).await.unwrap().statements[0];
    assert_eq!(store.scan(&provider(), by(&[])).await.unwrap().len(), usize::try_from(last.seq.0).unwrap());
}

#[tokio::test]
async fn a_closed_store_is_one_file_and_a_command_does_not_hold_up_the_server() {
    let dir = TempDir::new().unwrap();
    let log_length = || std::fs::metadata(dir.path().join("enduring.db-wal")).map_or(0, |wal| wal.len());
    let server = open(dir.path(), clock()).unwrap();
    server.commit(&provider(), log([statement("a", &["x"])])).await.unwrap();
    let command = embedded::open_beside(dir.path(), clock()).unwrap();
    command.commit(&provider(), writes([Write::Insert(book("k", "s", None))])).await.unwrap();
    command.close().await.unwrap();
    assert!(log_length() > 0, "the log is the server's to empty");
    server.close().await.unwrap();
    assert_eq!(log_length(), 0);
}

/// Whether the database's files contain `words` anywhere.
fn has_left(dir: &Path, words: &str) -> bool {
    let files = ["enduring.db", "enduring.db-wal"].map(|name| std::fs::read(dir.join(name)).unwrap_or_default());
    files.iter().any(|file| file.windows(words.len()).any(|window| window == words.as_bytes()))
}

#[tokio::test]
async fn what_was_redacted_or_deleted_is_in_no_file_once_it_is_scrubbed() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path(), clock()).unwrap();
    // Some are long enough for separate pages, and others are short.
    let words = |name: &str, length: usize| {
        let mut sent = statement(name, &["ann"]);
        sent.bytes.pieces[1] = format!(",\"said\":\"{}\"}}", "ann@example.org ".repeat(length)).into_bytes();
        sent
    };
    let sent: Vec<_> = (0..60).map(|n| words(&n.to_string(), if n % 7 == 0 { 2_000 } else { 3 })).collect();
    store.commit(&provider(), log(sent)).await.unwrap();
    let person = |version: &str| {
        let mut draft = book("ann", &format!("shelf of ann@example.org {version}"), None);
        draft.body = "ann@example.org".repeat(3_000).into_bytes();
        draft
    };
    store.commit(&provider(), writes([Write::Insert(person("1"))])).await.unwrap();
    store.commit(&provider(), writes([Write::Replace { version: 1, draft: person("2") }])).await.unwrap();
    assert!(has_left(dir.path(), "ann@example.org"));
    for n in 0..60 {
        let stored = store.statement(&provider(), id(&n.to_string())).await.unwrap().unwrap();
        let bytes = format!("{{\"name\":\"{n}\"}}");
        let redaction = store::Redaction {
            id: stored.id,
            expected: base::hash::Sha256::of(&stored.bytes),
            digest: base::hash::Sha256::of(&bytes),
            bytes: bytes.into(),
            tokens: Vec::new(),
        };
        let commit = store::Commit { redactions: vec![redaction], ..Default::default() };
        store.commit(&provider(), commit).await.unwrap();
    }
    let delete = Write::Delete { kind: &BOOK, key: "ann".to_owned(), version: 2 };
    store.commit(&provider(), writes([delete])).await.unwrap();
    assert!(store.scrub().await.unwrap());
    assert!(!has_left(dir.path(), "ann@example.org"));
}
