//! The same on MongoDB, by someone who has the driver.

use super::Prepared;
use crate::harness::{ReplicaSet, Tamperer};
use base::clock::SystemClock;
use enduring::service::transfer::{self, Ending};
use futures_util::TryStreamExt as _;
use mongodb::Client;
use mongodb::bson::{Document, doc};
use std::fmt::Write as _;
use std::sync::Arc;
use store::{StoreLocation, StoreRole};

/// How something is changed. Texts may have `$names`; documents are extended JSON.
enum Plant {
    /// The collection, which document, and how it is updated.
    Update(&'static str, &'static str, &'static str),
    Delete(&'static str, &'static str),
    Insert(&'static str, &'static str),
    /// Words in the bytes of a statement.
    Statement(&'static str, &'static str, &'static str),
    /// Words in the body of a record: its kind and key first.
    Record(&'static str, &'static str, &'static str, &'static str),
    /// Words in a blob.
    Blob(&'static str, &'static str, &'static str),
    NoBlob(&'static str),
}

use Plant::{Blob, Delete, Insert, NoBlob, Record, Statement, Update};

/// What is changed, how, and words of the finding that must be reported.
type Change = (&'static str, Plant, &'static str);

/// Statement five, which nothing refers to.
const FIVE: &str = r#"{"id": {"$uuid": "$five"}}"#;

fn log() -> Vec<Change> {
    vec![
        ("a word in a program's statement", Statement("$five", "answer 5", "answer 9"), "Statement $five (number"),
        (
            "a word in a statement that a credit rests on",
            Statement("$claimed", "2026-03-01", "2026-03-02"),
            "Statement $claimed was changed",
        ),
        (
            "the digest of a statement",
            Update(
                "statements",
                FIVE,
                r#"{"$set": {"digest": {"$binary": {"base64": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "subType": "00"}}}}"#,
            ),
            "its digest is not",
        ),
        (
            "a digest of the wrong length",
            Update("statements", FIVE, r#"{"$set": {"digest": {"$binary": {"base64": "AAAA", "subType": "00"}}}}"#),
            "cannot be read as a statement",
        ),
        (
            "when a statement was stored",
            Update("statements", FIVE, r#"{"$set": {"stored": {"$date": "2020-01-01T00:00:00Z"}}}"#),
            "its time of storing",
        ),
        (
            "tokens of a statement",
            Update(
                "statements",
                FIVE,
                r#"{"$set": {"tokens": {"$binary": {"base64": "AAAAAAAAAAAAAAAAAAAAAA==", "subType": "00"}}}}"#,
            ),
            "its list of facts",
        ),
        (
            "the keys of a statement",
            Update("statements", FIVE, r#"{"$set": {"keys": []}}"#),
            "is found by other facts than it has",
        ),
        (
            "an inherited key",
            Update("statements", r#"{"id": {"$uuid": "$two"}}"#, r#"{"$pop": {"keys": 1}}"#),
            "is found by other facts than it has",
        ),
        (
            "who did it, in a plain field",
            Update("statements", FIVE, r#"{"$set": {"actor": "mailto:bob@example.org"}}"#),
            "its plain field actor",
        ),
        (
            "a plain field that is gone",
            Update("statements", FIVE, r#"{"$unset": {"verb": 1}}"#),
            "its plain field verb",
        ),
        (
            "a plain result that nobody had",
            Update("statements", FIVE, r#"{"$set": {"result": {"success": true}}}"#),
            "its plain field result",
        ),
    ]
}

fn relations() -> Vec<Change> {
    vec![
        (
            "a reference to another statement",
            Update("statements", r#"{"id": {"$uuid": "$two"}}"#, r#"{"$set": {"refers_to": {"$uuid": "$six"}}}"#),
            "its reference to another statement",
        ),
        (
            "the id under which a statement is kept",
            Update("statements", FIVE, r#"{"$set": {"id": {"$uuid": "00000000-0000-4000-8000-000000000099"}}}"#),
            "its id is not what its bytes say",
        ),
        (
            "a gap in the numbers",
            Update("statements", r#"{"id": {"$uuid": "$six"}}"#, r#"{"$inc": {"seq": 5}}"#),
            "are missing from the log",
        ),
        ("a statement that is gone", Delete("statements", FIVE), "a statement was removed"),
        (
            "a statement under a credit that is gone",
            Delete("statements", r#"{"id": {"$uuid": "$claimed"}}"#),
            "Statement $claimed is gone from the log",
        ),
        (
            "the last statement that is gone",
            Delete("statements", r#"{"id": {"$uuid": "$six"}}"#),
            "The log of main ends with statement number",
        ),
        (
            "the end of the log",
            Update("heads", r#"{"_id": "main"}"#, r#"{"$inc": {"seq": -1}}"#),
            "its head says that it ends",
        ),
        ("the end of the log that is gone", Delete("heads", "{}"), "The log of main has no head"),
        (
            "a voided mark that nobody made",
            Update("statements", FIVE, r#"{"$set": {"voided": true}}"#),
            "and no statement voids it",
        ),
        (
            "a voided mark that is gone",
            Update("statements", r#"{"id": {"$uuid": "$three"}}"#, r#"{"$set": {"voided": false}}"#),
            "is not marked as voided",
        ),
        (
            "a statement that is said to void",
            Update("statements", r#"{"id": {"$uuid": "$two"}}"#, r#"{"$set": {"voiding": true}}"#),
            "its mark of a voiding statement",
        ),
    ]
}

/// The record of Ada's account.
const ACCOUNT: &str = r#"{"_id.kind": "account", "_id.key": "$adaacc"}"#;

fn records() -> Vec<Change> {
    vec![
        ("a record that is no JSON", Update("records", ACCOUNT, r#"{"$set": {"body": "{"}}"#), "does not fit its type"),
        ("a record without a version", Update("records", ACCOUNT, r#"{"$unset": {"version": 1}}"#), "cannot be read"),
        (
            "the list of a record's index entries",
            Update("records", ACCOUNT, r#"{"$set": {"entries": []}}"#),
            "otherwise than its content says",
        ),
        ("an account that is gone", Delete("records", ACCOUNT), "belongs to account $adaacc, which is gone"),
        (
            "a record that its index lost",
            Delete("entries", r#"{"_id.kind": "account", "record": "$adaacc"}"#),
            "is not in the index",
        ),
        (
            "an index entry without a record",
            Insert(
                "entries",
                r#"{"_id": {"provider": "main", "kind": "account", "index": "name", "key": "zz", "record": "nobody"}, "record": "nobody"}"#,
            ),
            "lists Record account nobody",
        ),
        (
            "an index entry that leads to another record",
            Update("entries", r#"{"_id.kind": "account", "record": "$adaacc"}"#, r#"{"$set": {"record": "$boacc"}}"#),
            "index",
        ),
        (
            "the name on a certificate",
            Record("credit-record", "$ada", "\"name\":\"Ada\"", "\"name\":\"Eve\""),
            "The name, profession and code of credit $ada",
        ),
        (
            "the amount of a credit",
            Record("credit-record", "$ada", "\"0.75\"", "\"9.75\""),
            "The record of credit $ada says something else than the ledger: amount",
        ),
        (
            "a salt that is gone while the name is not",
            Delete("records", r#"{"_id.kind": "credit-salt", "_id.key": "$ada"}"#),
            "the salt of its name, profession and code is gone",
        ),
        (
            "an entry of the ledger that is gone",
            Delete("records", r#"{"_id.kind": "ledger-entry", "_id.key": "$entry2"}"#),
            "it is number 3 where 2 belongs",
        ),
        (
            "the end of the ledger that is gone",
            Delete("records", r#"{"_id.kind": "ledger-end"}"#),
            "its own record says that it ends with entry 0",
        ),
        (
            "a word in a published activity",
            Record(
                "activity-version",
                "af-stroke-prevention\u{1f}00000001",
                "\"minimum_score\":\"0.75\"",
                "\"minimum_score\":\"0.25\"",
            ),
            "was changed: its document has another hash",
        ),
        (
            "a session that is gone",
            Delete("records", r#"{"_id.kind": "play-session", "_id.key": "$session"}"#),
            "leads to play-session $session, which is gone",
        ),
        (
            "work in a queue that is none",
            Insert(
                "due",
                r#"{"_id": {"provider": "main", "queue": "nothing", "key": "x"}, "queue": "nothing", "at": {"$date": "2020-01-01T00:00:00Z"},
                    "ready": {"$date": "2020-01-01T00:00:00Z"}, "ticket": {"$numberLong": "1"}, "claims": 0}"#,
            ),
            "is in a queue that no worker has",
        ),
        ("a collection more", Insert("extra", r#"{"a": 1}"#), "has a collection extra"),
        (
            "an evidence bundle",
            Blob("$bundle", "\"amount\":\"0.75\"", "\"amount\":\"9.75\""),
            "Its evidence bundle has the hash",
        ),
        ("a package's file that is gone", NoBlob("$file"), "The package's file index.html was changed or is gone"),
    ]
}

/// Copies every collection of `from` into the database `to`.
async fn copy(client: &Client, from: &str, to: &str) {
    let source = client.database(from);
    for name in source.list_collection_names().await.unwrap() {
        let out = doc! { "$out": { "db": to, "coll": &name } };
        let copied = source.collection::<Document>(&name).aggregate([doc! { "$match": {} }, out]).await.unwrap();
        copied.try_collect::<Vec<_>>().await.unwrap();
    }
}

async fn plant(prepared: &Prepared, tamperer: &Tamperer, what: &str, plant: &Plant) {
    let Tamperer::MongoDb(database) = tamperer else { panic!("not on MongoDB") };
    let read = |text: &str| serde_json::from_str::<Document>(&prepared.named(text)).unwrap();
    let of = |name: &str| database.collection::<Document>(name);
    let changed = match *plant {
        Update(name, which, update) => of(name).update_one(read(which), read(update)).await.unwrap().modified_count,
        Delete(name, which) => of(name).delete_many(read(which)).await.unwrap().deleted_count,
        Insert(name, document) => {
            of(name).insert_one(read(document)).await.unwrap();
            1
        }
        Statement(id, from, to) => {
            tamperer.change_statement(prepared.named(id).parse().map(xapi::StatementId).unwrap(), from, to).await;
            1
        }
        Record(kind, key, from, to) => {
            tamperer.change_record(kind, &prepared.named(key), from, to).await;
            1
        }
        Blob(name, from, to) => {
            tamperer.change_blob(prepared.named(name).parse().unwrap(), from, to).await;
            1
        }
        NoBlob(name) => {
            tamperer.remove_blob(prepared.named(name).parse().unwrap()).await;
            1
        }
    };
    assert!(changed > 0, "{what} changes nothing");
}

#[actix_web::test]
async fn every_change_that_is_planted_in_mongodb_is_named() {
    let (database, prepared) = (ReplicaSet::database(), Prepared::new().await);
    let open = async |name: &str| {
        StoreLocation::named(name).unwrap().open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap()
    };
    let data = prepared.data.path().join("data");
    let (from, to) = (open(data.to_str().unwrap()).await, open(&database).await);
    transfer::copy(&*from, &*to, Ending::Whole, &mut |_| {}).await.unwrap();
    from.close().await.unwrap();
    to.close().await.unwrap();
    let client = Client::with_uri_str(&database).await.unwrap();
    let name = client.default_database().unwrap().name().to_owned();
    assert_eq!(prepared.differences_in(&database).await, Vec::<String>::new());
    let (mut unseen, mut shown) = (Vec::new(), String::new());
    let changes: Vec<_> = log().into_iter().chain(relations()).chain(records()).collect();
    for (n, (what, change, found)) in changes.iter().enumerate() {
        let copied = format!("{name}-{n}");
        copy(&client, &name, &copied).await;
        let tamperer = Tamperer::MongoDb(client.database(&copied));
        plant(&prepared, &tamperer, what, change).await;
        let differences = prepared.differences_in(&database.replace(&name, &copied)).await;
        let words = prepared.named(found);
        match differences.iter().find(|message| message.contains(&words)) {
            Some(message) => writeln!(shown, "| {what} | {message} |").unwrap(),
            None => unseen.push(format!("{what} ({words}): {differences:#?}")),
        }
        client.database(&copied).drop().await.unwrap();
    }
    if let Some(file) = std::env::var_os("ENDURING_PLANTED_TABLE_MONGODB") {
        std::fs::write(file, &shown).unwrap();
    }
    assert!(unseen.is_empty(), "{} of {} were not named:\n{}", unseen.len(), changes.len(), unseen.join("\n"));
}
