//! An interrupted transfer is repeated and continues; until it is complete, nothing uses the target.

use super::sample_store::{SampleStore, name};
use super::{command, done, exported, refused, run, verify};
use crate::harness::ReplicaSet;
use base::clock::SystemClock;
use enduring::service::transfer::{self, Ending, Error, Stage};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use rusqlite::Connection;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::archive::Archive;
use store::{StoreLocation, StoreRole};

/// The end of the target's log, read without the program; 0 while there is none.
async fn log_end(here: &Path, store: &str) -> u64 {
    if store.starts_with("mongodb") {
        let database = Client::with_uri_str(store).await.unwrap().default_database().unwrap();
        let head = database.collection::<Document>("heads").find_one(doc! { "_id": "main" }).await.unwrap();
        return head.map_or(0, |head| head.get_i64("seq").unwrap().unsigned_abs());
    }
    let count = |database: Connection| database.query_row("SELECT count(*) FROM statement", [], |row| row.get(0));
    Connection::open(here.join(store).join("enduring.db")).and_then(count).map_or(0, i64::unsigned_abs)
}

/// Waits until the target's log has this many statements.
async fn reach(here: &Path, store: &str, number: u64) {
    let begun = Instant::now();
    while log_end(here, store).await < number {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not come to {number} statements");
    }
}

/// How many transactions the target's log has seen.
async fn turns(store: &str) -> i64 {
    let database = Client::with_uri_str(store).await.unwrap().default_database().unwrap();
    let head = database.collection::<Document>("heads").find_one(doc! { "_id": "main" }).await.unwrap().unwrap();
    head.get_i64("turn").unwrap()
}

/// When a command is killed.
#[derive(Debug, Clone, Copy)]
enum KillPoint {
    /// It has written these words.
    Output(&'static str),
    /// The target's log has this many statements.
    Statements(u64),
}

/// Begins a command that takes everything into `store`, and kills it by SIGKILL.
async fn kill(here: &Path, arguments: &[&str], store: &str, when: KillPoint) {
    let mut child =
        command(here, arguments).args(["--to", store]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    match when {
        KillPoint::Output(words) => {
            assert!(lines.any(|line| line.unwrap().starts_with(words)), "it never said {words}");
        }
        KillPoint::Statements(number) => reach(here, store, number).await,
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "{when:?}: it had ended before it was killed");
    let message = refused(here, &["verify", if store.starts_with("mongodb") { "--store" } else { "--data" }, store]);
    assert!(message.contains("a copy into this store is in progress"), "{when:?}: {message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_goes_on_where_it_stopped() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    let export = exported(here, name(&source));
    let all = u64::try_from(export.lines().filter(|line| line.contains("\"line\":\"statement\"")).count()).unwrap();
    let database = ReplicaSet::database();
    for (from, to) in [(name(&source), database.as_str()), (database.as_str(), "back")] {
        let copy = ["copy", "--from", from];
        for when in [KillPoint::Output("copying"), KillPoint::Statements(600), KillPoint::Output("comparing")] {
            kill(here, &copy, to, when).await;
            let store = if to == database { "--store" } else { "--data" };
            let message =
                refused(here, &["serve", store, to, "--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0"]);
            assert!(message.contains("a copy into this store is in progress"), "{message}");
            let message = refused(here, &["export", "--from", to, "unfinished.jsonl"]);
            assert!(message.contains("the source is itself a copy that has not finished"), "{message}");
        }
        let end = log_end(here, to).await;
        assert_eq!(end, all, "it was compared when all was there");
        let ended = run(here, &["copy", "--from", from, "--to", to]);
        assert!(ended.status.success(), "{}", super::stderr_of(&ended));
        assert!(
            super::stderr_of(&ended).contains("looking at what an earlier try has left"),
            "{}",
            super::stderr_of(&ended)
        );
        assert_eq!(exported(here, to), export);
        verify(here, to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_arrived_is_not_written_again() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let copy = ["copy", "--from", name(&source)];
    kill(here, &copy, &database, KillPoint::Statements(800)).await;
    let before = turns(&database).await;
    done(here, &[&copy[..], &["--to", &database]].concat());
    let rest = log_end(here, &database).await - 800;
    let pages = i64::try_from(rest.div_ceil(200)).unwrap();
    assert!(turns(&database).await - before <= pages + 1, "as many transactions as what was missing needs");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_and_a_cut_file_is_refused_before_anything_is_written() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let export = exported(here, name(&source));
    let (whole, last) = export.trim_end().rsplit_once('\n').unwrap();
    assert!(last.contains("\"line\":\"end\""));
    let (bytes, third) = (export.as_bytes(), export.len() / 3);
    for cut in [whole.as_bytes(), &bytes[..2 * third], &bytes[..third], b""] {
        std::fs::write(here.join("cut.jsonl"), cut).unwrap();
        let message = refused(here, &["import", "cut.jsonl", "--to", &database]);
        assert!(message.contains("the export ends early") || message.contains("not an export"), "{message}");
    }
    std::fs::write(here.join("all.jsonl"), &export).unwrap();
    for store in [database.as_str(), "imported"] {
        kill(here, &["import", "all.jsonl"], store, KillPoint::Statements(600)).await;
        done(here, &["import", "all.jsonl", "--to", store]);
        assert_eq!(exported(here, store), export);
        verify(here, store);
    }
}

#[test]
fn a_damaged_line_is_named_and_the_sound_file_completes() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    let export = exported(here, name(&source));
    let lines: Vec<&str> = export.lines().collect();
    let number = lines.iter().position(|line| line.contains("\"line\":\"statement\"")).unwrap() + 700;
    let damaged = |lines: &[&str]| {
        std::fs::write(here.join("damaged.jsonl"), lines.join("\n") + "\n").unwrap();
        refused(here, &["import", "damaged.jsonl", "--to", "target"])
    };
    let mut cut = lines.clone();
    cut[number] = cut[number].get(..100).unwrap();
    let message = damaged(&cut);
    assert!(message.contains(&format!("line {} of the export cannot be read", number + 1)), "{message}");
    let mut moved = lines.clone();
    moved.swap(number, number + 1);
    let message = damaged(&moved);
    assert!(message.contains("it is not in the order of an export"), "{message}");
    let mut short = lines.clone();
    short.remove(lines.iter().position(|line| line.contains("\"line\":\"record\"")).unwrap());
    let message = damaged(&short);
    assert!(message.contains("it counts lines that are missing"), "{message}");
    std::fs::write(here.join("all.jsonl"), &export).unwrap();
    done(here, &["import", "all.jsonl", "--to", "target"]);
    assert_eq!(exported(here, "target"), export);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_has_lost_since_the_earlier_try_is_not_in_the_copy() {
    let source = SampleStore::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    for store in [database.as_str(), "copy"] {
        kill(here, &["copy", "--from", "data"], store, KillPoint::Statements(1)).await;
        let served = Connection::open(here.join("data/enduring.db")).unwrap();
        let last = "(SELECT max(id) FROM record WHERE kind = 'xapi-document')";
        for change in [
            format!("DELETE FROM record_index WHERE record = {last}"),
            format!("DELETE FROM record WHERE id = {last}"),
            "DELETE FROM due WHERE (queue, key) = (SELECT queue, key FROM due LIMIT 1)".to_owned(),
            format!("UPDATE record SET version = version + 1, body = CAST('{{}}' AS BLOB) WHERE id = {last}"),
        ] {
            assert!(served.execute(&change, []).unwrap() > 0, "{change}");
        }
        drop(served);
        done(here, &["copy", "--from", "data", "--to", store]);
        assert_eq!(exported(here, store), exported(here, "data"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_redacted_since_the_earlier_try_is_copied_anew() {
    let source = SampleStore::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    kill(here, &["copy", "--from", "data"], &database, KillPoint::Statements(600)).await;
    let agent = r#"{"mbox":"mailto:bo@hospital.example"}"#;
    done(here, &["learner", "pseudonymise", "--data", "data", "--agent", agent, "--reason", "They asked."]);
    let message = refused(here, &["copy", "--from", "data", "--to", &database]);
    assert!(message.contains("statement number") && message.contains("Make it empty (drop the database"), "{message}");
    Client::with_uri_str(&database).await.unwrap().default_database().unwrap().drop().await.unwrap();
    done(here, &["copy", "--from", "data", "--to", &database]);
    assert_eq!(exported(here, &database), exported(here, "data"));
}

async fn open(name: &str) -> Arc<dyn Archive> {
    StoreLocation::named(name).unwrap().open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap()
}

/// What a copy in this process says when `meanwhile` is done as it begins to compare.
async fn disturbed(from: &str, to: &str, mut meanwhile: impl FnMut()) -> Error {
    let (from, to) = (open(from).await, open(to).await);
    let mut when_comparing = |progress: &transfer::Progress| {
        if progress.stage == Stage::Comparing && progress.counts.is_empty() {
            meanwhile();
        }
    };
    let message = transfer::copy(&*from, &*to, Ending::Whole, &mut when_comparing).await.unwrap_err();
    from.close().await.unwrap();
    to.close().await.unwrap();
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_written_to_meanwhile_is_reported() {
    let source = SampleStore::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    let data = source.data();
    let create = |flag: &str, store: &str| {
        done(here, &["credential", "create", "--name", "late", "--scope", "all", flag, store]);
    };
    let message = disturbed(name(&data), &database, || create("--data", "data")).await;
    assert!(matches!(message, Error::Changed), "{message}");
    done(here, &["copy", "--from", "data", "--to", &database]);
    let copy = here.join("copy");
    let message = disturbed(&database, name(&copy), || create("--store", &database)).await;
    assert!(matches!(message, Error::Changed), "{message}");
    done(here, &["copy", "--from", &database, "--to", "copy"]);
    assert_eq!(exported(here, "copy"), exported(here, &database));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_copies_into_one_database_the_later_goes_on() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let own = SampleStore::own();
    let copy = ["copy", "--from", name(&source), "--to", &database];
    let second = || drop(done(here, &[&copy[..], &["--to-be-continued"]].concat()));
    let message = disturbed(name(&own.data()), &database, second).await;
    assert!(matches!(message, Error::Superseded), "{message}");
    done(here, &copy);
    assert_eq!(exported(here, &database), exported(here, name(&source)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_copy_of_another_source_is_left_as_it_is() {
    let (filled, directory, database) = (SampleStore::own(), tempfile::tempdir().unwrap(), ReplicaSet::database());
    let (source, here) = (filled.data(), directory.path());
    kill(here, &["copy", "--from", name(&source)], &database, KillPoint::Statements(600)).await;
    let before = log_end(here, &database).await;
    done(here, &["credential", "create", "--name", "other", "--scope", "all", "--data", "other"]);
    let message = refused(here, &["copy", "--from", "other", "--to", &database]);
    assert!(message.contains("the target contains a copy of another source"), "{message}");
    assert_eq!(log_end(here, &database).await, before);
    done(here, &["copy", "--from", name(&source), "--to", &database]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_database_goes_away_says_so_and_goes_on_when_it_is_back() {
    let mut set = tokio::task::block_in_place(|| ReplicaSet::of(1));
    let (source, database, member) = (SampleStore::own(), set.new_database(), set.members[0]);
    let here = source.directory();
    let mut copying = command(here, &["copy", "--from", "data", "--to", &database]);
    let copying = copying.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    reach(here, &database, 600).await;
    set.stop(member);
    let ended = copying.wait_with_output().unwrap();
    let message = super::stderr_of(&ended);
    assert!(message.contains("a store cannot be reached at the moment; repeat the command"), "{message}");
    assert_eq!(ended.status.code(), Some(1));
    set.start(member);
    let message = super::stderr_of(&run(here, &["copy", "--from", "data", "--to", &database]));
    assert!(message.contains("looking at what an earlier try has left"), "{message}");
    assert_eq!(exported(here, &database), exported(here, "data"));
}

#[test]
fn a_copy_that_is_to_be_continued_brings_what_was_gained_and_is_nobodys_until_then() {
    let (source, database) = (SampleStore::own(), ReplicaSet::database());
    let here = source.directory();
    done(here, &["copy", "--from", "data", "--to", &database, "--to-be-continued"]);
    let message = refused(here, &["verify", "--store", &database]);
    assert!(message.contains("a copy into this store is in progress"), "{message}");
    let agent = r#"{"mbox":"mailto:nobody@hospital.example"}"#;
    done(here, &["learner", "pseudonymise", "--data", "data", "--agent", agent, "--reason", "They asked."]);
    done(here, &["credential", "create", "--data", "data", "--name", "late", "--scope", "all"]);
    done(here, &["copy", "--from", "data", "--to", &database]);
    assert_eq!(exported(here, &database), exported(here, "data"));
    verify(here, &database);
}
