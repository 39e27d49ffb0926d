//! What broke off is repeated and goes on; and until it ends nobody uses the target.

use super::filled::{Filled, name};
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

/// How far the target's log goes, looked up behind the program's back; 0 while there is none.
async fn log_end(here: &Path, store: &str) -> u64 {
    if store.starts_with("mongodb") {
        let database = Client::with_uri_str(store).await.unwrap().default_database().unwrap();
        let head = database.collection::<Document>("heads").find_one(doc! { "_id": "main" }).await.unwrap();
        return head.map_or(0, |head| head.get_i64("seq").unwrap().unsigned_abs());
    }
    let count = |database: Connection| database.query_row("SELECT count(*) FROM statement", [], |row| row.get(0));
    Connection::open(here.join(store).join("enduring.db")).and_then(count).map_or(0, i64::unsigned_abs)
}

/// Waits until the target's log has so many statements.
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
enum When {
    /// It has said these words.
    Said(&'static str),
    /// The target's log has so many statements.
    Statements(u64),
}

/// Begins a command that takes everything into `store`, and kills it by SIGKILL.
async fn kill(here: &Path, arguments: &[&str], store: &str, when: When) {
    let mut child =
        command(here, arguments).args(["--to", store]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    match when {
        When::Said(words) => assert!(lines.any(|line| line.unwrap().starts_with(words)), "it never said {words}"),
        When::Statements(number) => reach(here, store, number).await,
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "{when:?}: it had ended before it was killed");
    let told = refused(here, &["verify", if store.starts_with("mongodb") { "--store" } else { "--data" }, store]);
    assert!(told.contains("a copy into this store is in progress"), "{when:?}: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_goes_on_where_it_stopped() {
    let (filled, directory) = (Filled::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    let export = exported(here, name(&source));
    let all = u64::try_from(export.lines().filter(|line| line.contains("\"line\":\"statement\"")).count()).unwrap();
    let database = ReplicaSet::database();
    for (from, to) in [(name(&source), database.as_str()), (database.as_str(), "back")] {
        let copy = ["copy", "--from", from];
        for when in [When::Said("copying"), When::Statements(600), When::Said("comparing")] {
            kill(here, &copy, to, when).await;
            let store = if to == database { "--store" } else { "--data" };
            let told =
                refused(here, &["serve", store, to, "--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0"]);
            assert!(told.contains("a copy into this store is in progress"), "{told}");
            let told = refused(here, &["export", "--from", to, "unfinished.jsonl"]);
            assert!(told.contains("the source is itself a copy that has not finished"), "{told}");
        }
        let end = log_end(here, to).await;
        assert_eq!(end, all, "it was compared when all was there");
        let ended = run(here, &["copy", "--from", from, "--to", to]);
        assert!(ended.status.success(), "{}", super::told(&ended));
        assert!(super::told(&ended).contains("looking at what an earlier try has left"), "{}", super::told(&ended));
        assert_eq!(exported(here, to), export);
        verify(here, to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_arrived_is_not_written_again() {
    let (filled, directory) = (Filled::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let copy = ["copy", "--from", name(&source)];
    kill(here, &copy, &database, When::Statements(800)).await;
    let before = turns(&database).await;
    done(here, &[&copy[..], &["--to", &database]].concat());
    let rest = log_end(here, &database).await - 800;
    let pages = i64::try_from(rest.div_ceil(200)).unwrap();
    assert!(turns(&database).await - before <= pages + 1, "as many transactions as what was missing needs");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_and_a_cut_file_is_refused_before_anything_is_written() {
    let (filled, directory) = (Filled::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let export = exported(here, name(&source));
    let (whole, last) = export.trim_end().rsplit_once('\n').unwrap();
    assert!(last.contains("\"line\":\"end\""));
    let (bytes, third) = (export.as_bytes(), export.len() / 3);
    for cut in [whole.as_bytes(), &bytes[..2 * third], &bytes[..third], b""] {
        std::fs::write(here.join("cut.jsonl"), cut).unwrap();
        let told = refused(here, &["import", "cut.jsonl", "--to", &database]);
        assert!(told.contains("the export ends early") || told.contains("not an export"), "{told}");
    }
    std::fs::write(here.join("all.jsonl"), &export).unwrap();
    for store in [database.as_str(), "imported"] {
        kill(here, &["import", "all.jsonl"], store, When::Statements(600)).await;
        done(here, &["import", "all.jsonl", "--to", store]);
        assert_eq!(exported(here, store), export);
        verify(here, store);
    }
}

#[test]
fn a_damaged_line_is_named_and_the_sound_file_completes() {
    let (filled, directory) = (Filled::own(), tempfile::tempdir().unwrap());
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
    let told = damaged(&cut);
    assert!(told.contains(&format!("line {} of the export cannot be read", number + 1)), "{told}");
    let mut moved = lines.clone();
    moved.swap(number, number + 1);
    let told = damaged(&moved);
    assert!(told.contains("it is not in the order of an export"), "{told}");
    let mut short = lines.clone();
    short.remove(lines.iter().position(|line| line.contains("\"line\":\"record\"")).unwrap());
    let told = damaged(&short);
    assert!(told.contains("it counts lines that are missing"), "{told}");
    std::fs::write(here.join("all.jsonl"), &export).unwrap();
    done(here, &["import", "all.jsonl", "--to", "target"]);
    assert_eq!(exported(here, "target"), export);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_has_lost_since_the_earlier_try_is_not_in_the_copy() {
    let source = Filled::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    for store in [database.as_str(), "copy"] {
        kill(here, &["copy", "--from", "data"], store, When::Statements(1)).await;
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
    let source = Filled::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    kill(here, &["copy", "--from", "data"], &database, When::Statements(600)).await;
    let agent = r#"{"mbox":"mailto:bo@hospital.example"}"#;
    done(here, &["learner", "pseudonymise", "--data", "data", "--agent", agent, "--reason", "They asked."]);
    let told = refused(here, &["copy", "--from", "data", "--to", &database]);
    assert!(told.contains("statement number") && told.contains("Make it empty (drop the database"), "{told}");
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
    let told = transfer::copy(&*from, &*to, Ending::Whole, &mut when_comparing).await.unwrap_err();
    from.close().await.unwrap();
    to.close().await.unwrap();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_written_to_meanwhile_is_told() {
    let source = Filled::own();
    let (here, database) = (source.directory(), ReplicaSet::database());
    let data = source.data();
    let create = |flag: &str, store: &str| {
        done(here, &["credential", "create", "--name", "late", "--scope", "all", flag, store]);
    };
    let told = disturbed(name(&data), &database, || create("--data", "data")).await;
    assert!(matches!(told, Error::Changed), "{told}");
    done(here, &["copy", "--from", "data", "--to", &database]);
    let copy = here.join("copy");
    let told = disturbed(&database, name(&copy), || create("--store", &database)).await;
    assert!(matches!(told, Error::Changed), "{told}");
    done(here, &["copy", "--from", &database, "--to", "copy"]);
    assert_eq!(exported(here, "copy"), exported(here, &database));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_copies_into_one_database_the_later_goes_on() {
    let (filled, directory) = (Filled::own(), tempfile::tempdir().unwrap());
    let (source, here, database) = (filled.data(), directory.path(), ReplicaSet::database());
    let own = Filled::own();
    let copy = ["copy", "--from", name(&source), "--to", &database];
    let second = || drop(done(here, &[&copy[..], &["--to-be-continued"]].concat()));
    let told = disturbed(name(&own.data()), &database, second).await;
    assert!(matches!(told, Error::Superseded), "{told}");
    done(here, &copy);
    assert_eq!(exported(here, &database), exported(here, name(&source)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_copy_of_another_source_is_left_as_it_is() {
    let (filled, directory, database) = (Filled::own(), tempfile::tempdir().unwrap(), ReplicaSet::database());
    let (source, here) = (filled.data(), directory.path());
    kill(here, &["copy", "--from", name(&source)], &database, When::Statements(600)).await;
    let before = log_end(here, &database).await;
    done(here, &["credential", "create", "--name", "other", "--scope", "all", "--data", "other"]);
    let told = refused(here, &["copy", "--from", "other", "--to", &database]);
    assert!(told.contains("the target contains a copy of another source"), "{told}");
    assert_eq!(log_end(here, &database).await, before);
    done(here, &["copy", "--from", name(&source), "--to", &database]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_database_goes_away_says_so_and_goes_on_when_it_is_back() {
    let mut set = tokio::task::block_in_place(|| ReplicaSet::of(1));
    let (source, database, member) = (Filled::own(), set.new_database(), set.members[0]);
    let here = source.directory();
    let mut copying = command(here, &["copy", "--from", "data", "--to", &database]);
    let copying = copying.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    reach(here, &database, 600).await;
    set.stop(member);
    let ended = copying.wait_with_output().unwrap();
    let told = super::told(&ended);
    assert!(told.contains("a store cannot be reached at the moment; repeat the command"), "{told}");
    assert_eq!(ended.status.code(), Some(1));
    set.start(member);
    let told = super::told(&run(here, &["copy", "--from", "data", "--to", &database]));
    assert!(told.contains("looking at what an earlier try has left"), "{told}");
    assert_eq!(exported(here, &database), exported(here, "data"));
}

#[test]
fn a_copy_that_is_to_be_continued_brings_what_was_gained_and_is_nobodys_until_then() {
    let (source, database) = (Filled::own(), ReplicaSet::database());
    let here = source.directory();
    done(here, &["copy", "--from", "data", "--to", &database, "--to-be-continued"]);
    let told = refused(here, &["verify", "--store", &database]);
    assert!(told.contains("a copy into this store is in progress"), "{told}");
    let agent = r#"{"mbox":"mailto:nobody@hospital.example"}"#;
    done(here, &["learner", "pseudonymise", "--data", "data", "--agent", agent, "--reason", "They asked."]);
    done(here, &["credential", "create", "--data", "data", "--name", "late", "--scope", "all"]);
    done(here, &["copy", "--from", "data", "--to", &database]);
    assert_eq!(exported(here, &database), exported(here, "data"));
    verify(here, &database);
}
