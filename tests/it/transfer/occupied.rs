//! A store that is in use is never written to.

use super::sample_store::{SampleStore, name};
use super::{command, done, exported, refused, verify};
use crate::harness::{ReplicaSet, Tamperer};
use mongodb::Client;
use rusqlite::Connection;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use xapi::StatementId;

/// A server of another installation.
struct Server(Child);

impl Server {
    /// Serves the store in `place`, a flag and its value.
    fn start(here: &Path, place: [&str; 2]) -> Self {
        let listen = ["--listen", "127.0.0.1:0", "--content-listen", "127.0.0.1:0", "--no-demo"];
        let urls = ["--url", "http://other.example", "--content-url", "http://content.example"];
        let mut server = command(here, &[&["serve"], &place[..], &listen, &urls].concat());
        let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut banner = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(banner.any(|line| line.is_empty()), "it did not start");
        Self(server)
    }

    fn stop(mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(asked.success() && self.0.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been asked to stop already.
        let _ended = self.0.kill().is_ok() && self.0.wait().is_ok();
    }
}

#[test]
fn nothing_is_written_to_another_installation() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    std::fs::write(here.join("all.jsonl"), exported(here, name(&source))).unwrap();
    let database = ReplicaSet::database();
    for place in [["--data", "other"], ["--store", database.as_str()]] {
        Server::start(here, place).stop();
        let before = exported(here, place[1]);
        for arguments in [["copy", "--from", name(&source)].as_slice(), &["import", "all.jsonl"]] {
            let message = refused(here, &[arguments, &["--to", place[1]]].concat());
            let sentence = "the target belongs to another installation (http://other.example, first served on 20";
            assert!(message.contains(sentence) && message.contains("nothing was written"), "{message}");
            assert_eq!(exported(here, place[1]), before, "{arguments:?} --to {}", place[1]);
        }
    }
}

#[test]
fn nothing_is_written_where_a_server_lives() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    let database = ReplicaSet::database();
    let refusals = [
        (["--data", "other"], "another process serves this data"),
        (["--store", database.as_str()], "the target belongs to another installation"),
    ];
    for (place, sentence) in refusals {
        let server = Server::start(here, place);
        let message = refused(here, &["copy", "--from", name(&source), "--to", place[1]]);
        assert!(message.contains(sentence), "{message}");
        server.stop();
        let records = exported(here, place[1]);
        assert!(!records.contains("ada@") && !records.contains("ledger-entry"), "{records}");
    }
}

/// Direct access to the data, without the program.
async fn tamperer(place: &Path, store: &str) -> Tamperer {
    if store.starts_with("mongodb") {
        return Tamperer::MongoDb(Client::with_uri_str(store).await.unwrap().default_database().unwrap());
    }
    let data = place.join(store);
    Tamperer::Files { database: Connection::open(data.join("enduring.db")).unwrap(), blobs: data.join("blobs") }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_changed_in_a_copy_is_named_and_nothing_is_written() {
    let (filled, directory) = (SampleStore::own(), tempfile::tempdir().unwrap());
    let (source, here) = (filled.data(), directory.path());
    let database = ReplicaSet::database();
    let export = exported(here, name(&source));
    std::fs::write(here.join("all.jsonl"), &export).unwrap();
    let lines = || export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let statement = lines().filter(|line| line["line"] == "statement").nth(1000).unwrap();
    let id = StatementId(statement["id"].as_str().unwrap().parse().unwrap());
    let credit = lines().find(|line| line["kind"] == "credit-record").unwrap();
    let blob = lines().find(|line| line["line"] == "blob").unwrap();
    let blob = blob["sha256"].as_str().unwrap();
    for store in ["copy", database.as_str()] {
        done(here, &["copy", "--from", name(&source), "--to", store]);
        let tamperer = tamperer(here, store).await;
        let assert_refused = |what: &str| {
            for arguments in [["copy", "--from", name(&source)].as_slice(), &["import", "all.jsonl"]] {
                let before = exported(here, store);
                let message = refused(here, &[arguments, &["--to", store]].concat());
                let sentence = format!("the target is in use or contains other data ({what})");
                assert!(message.contains(&sentence) && message.contains("nothing was written"), "{message}");
                assert_eq!(exported(here, store), before);
            }
        };
        tamperer.change_statement(id, "learner-", "Learner-").await;
        assert_refused(&format!("statement number {} is not the same in source and target", statement["seq"]));
        let key = credit["key"].as_str().unwrap();
        tamperer.change_record("credit-record", key, "0.75", "9.75").await;
        assert_refused(&format!("credit-record {key} is not the same in source and target"));
        tamperer.remove_blob(blob.parse().unwrap()).await;
        let message = refused(here, &["copy", "--from", name(&source), "--to", store]);
        assert!(message.contains(&format!("blob {blob} is not in the target")), "{message}");
    }
    verify(here, name(&source));
}
