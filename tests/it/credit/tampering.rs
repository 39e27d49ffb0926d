//! Whoever can write to the store's files can change what stands there; `enduring verify` says where.

use super::office::Office;
use enduring::credit::bundle::Bundle;
use enduring::service::decisions;
use rusqlite::{Connection, params};
use std::path::PathBuf;

/// The store's own files, behind its back.
struct Files {
    database: Connection,
    blobs: PathBuf,
}

impl Files {
    fn of(office: &Office) -> Self {
        let data = &office.app().config.data;
        Self { database: Connection::open(data.join("enduring.db")).unwrap(), blobs: data.join("blobs") }
    }

    /// Changes `from` into `to`, once, in the bytes of a column of one row.
    fn change(&self, table: &str, column: &str, row: (&str, &[u8]), from: &str, to: &str) {
        let (key, value) = row;
        let read = format!("SELECT {column} FROM {table} WHERE {key}");
        let bytes: Vec<u8> = self.database.query_row(&read, params![value], |row| row.get(0)).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{text}");
        let changed = text.replacen(from, to, 1).into_bytes();
        let write = format!("UPDATE {table} SET {column} = ?2 WHERE {key}");
        assert_eq!(self.database.execute(&write, params![value, changed]).unwrap(), 1);
    }

    fn change_record(&self, kind: &str, key: &str, from: &str, to: &str) {
        let row = format!("kind = '{kind}' AND key = CAST(?1 AS TEXT)");
        self.change("record", "body", (&row, key.as_bytes()), from, to);
    }

    /// The file of a blob.
    fn blob(&self, name: &str) -> PathBuf {
        let mut waiting = vec![self.blobs.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let plain: String = path.to_string_lossy().chars().filter(|c| *c != '/').collect();
                match path.is_dir() {
                    true => waiting.push(path),
                    false if plain.ends_with(name) => return path,
                    false => {}
                }
            }
        }
        panic!("no blob {name}");
    }
}

async fn bundle(office: &Office, credit: &enduring::service::credits::CreditRecord) -> Bundle {
    decisions::bundle(office.app(), credit).await.unwrap()
}

fn names(differences: &[String], part: &str) -> bool {
    differences.iter().any(|message| message.contains(part))
}

#[actix_web::test]
async fn a_changed_statement_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let bundle = bundle(&office, &credit).await;
    let answered = bundle.statements.iter().find(|named| named.seq > 6).unwrap();
    let files = Files::of(&office);
    files.change("statement", "bytes", ("id = ?1", answered.id.0.as_bytes()), "2026-03-01", "2026-03-02");
    let differences = office.differences().await;
    assert!(names(&differences, &format!("Statement {} was changed", answered.id)), "{differences:?}");
}

#[actix_web::test]
async fn a_statement_that_is_gone_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let claimed = bundle(&office, &credit).await.statements.last().unwrap().id;
    let files = Files::of(&office);
    let place = "(SELECT place FROM statement WHERE id = ?1)";
    for removal in [format!("DELETE FROM token WHERE place = {place}"), "DELETE FROM statement WHERE id = ?1".into()] {
        files.database.execute(&removal, [claimed.0.as_bytes()]).unwrap();
    }
    let differences = office.differences().await;
    assert!(names(&differences, &format!("Statement {claimed} is gone")), "{differences:?}");
    assert!(names(&differences, "V12 (Credit claimed and attested) comes out otherwise today"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_ledger_entry_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    office.credited("Bo").await;
    let files = Files::of(&office);
    let entry = enduring::service::ledger::entry(office.app(), 1).await.unwrap().unwrap();
    let signature = entry.jws.rsplit('.').next().unwrap();
    let changed: String = signature.chars().rev().collect();
    assert_ne!(changed, signature);
    files.change_record("ledger-entry", "00000000000000000001", signature, &changed);
    assert_eq!(office.differences().await[0], "Entry 1: its signature does not fit its content.");
}

#[actix_web::test]
async fn a_ledger_that_was_cut_or_replaced_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    office.credited("Bo").await;
    let files = Files::of(&office);
    let removed = "DELETE FROM record_index WHERE kind = 'ledger-entry' AND record_key = '00000000000000000002'";
    files.database.execute(removed, []).unwrap();
    let differences = office.differences().await;
    assert!(names(&differences, "The ledger ends with entry 1"), "{differences:?}");
    assert!(names(&differences, "has a record and no entry of the ledger"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_bundle_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let path = Files::of(&office).blob(&credit.bundle.to_string());
    let text = std::fs::read_to_string(&path).unwrap();
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "the store may keep blobs read-only")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&path, permissions).unwrap();
    std::fs::write(&path, text.replacen("\"amount\":\"0.75\"", "\"amount\":\"9.75\"", 1)).unwrap();
    let differences = office.differences().await;
    assert!(names(&differences, "Its evidence bundle has the hash"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_record_or_activity_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let files = Files::of(&office);
    files.change_record("credit-record", &credit.id.to_string(), "\"0.75\"", "\"0.50\"");
    let differences = office.differences().await;
    assert!(names(&differences, "says something else than the ledger"), "{differences:?}");
    files.change_record(
        "activity-version",
        "af-stroke-prevention\u{1f}00000001",
        "\"minimum_score\":\"0.75\"",
        "\"minimum_score\":\"0.25\"",
    );
    let differences = office.differences().await;
    assert!(names(&differences, "Version 1 of activity af-stroke-prevention was changed"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_file_of_the_package_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    let package = enduring::service::packages::get(office.app(), office.version.package).await.unwrap();
    let path = Files::of(&office).blob(&package.package.files["index.html"].sha256.to_string());
    std::fs::remove_file(path).unwrap();
    let differences = office.differences().await;
    assert!(names(&differences, "The package's file index.html was changed or is gone"), "{differences:?}");
}
