//! Someone who can write to the store without the program can change its contents; `enduring verify` reports where.

use super::office::Office;
use crate::harness::Tamperer;
use credit::bundle::Bundle;
use enduring::service::crediting::decisions;

async fn tamperer(office: &Office) -> Tamperer {
    Tamperer::of(office.app()).await
}

async fn bundle(office: &Office, credit: &enduring::service::ledger::credits::CreditRecord) -> Bundle {
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
    tamperer(&office).await.change_statement(answered.id, "2026-03-01", "2026-03-02").await;
    let differences = office.differences().await;
    assert!(names(&differences, &format!("Statement {} was changed", answered.id)), "{differences:?}");
}

#[actix_web::test]
async fn a_statement_that_is_gone_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let claimed = bundle(&office, &credit).await.statements.last().unwrap().id;
    tamperer(&office).await.remove_statement(claimed).await;
    let differences = office.differences().await;
    assert!(names(&differences, &format!("Statement {claimed} is gone")), "{differences:?}");
    assert!(names(&differences, "V12 (Credit claimed and attested) has another result today"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_ledger_entry_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    office.credited("Bo").await;
    let entry = enduring::service::ledger::entries::entry(office.app(), 1).await.unwrap().unwrap();
    let signature = entry.jws.rsplit('.').next().unwrap();
    let changed: String = signature.chars().rev().collect();
    assert_ne!(changed, signature);
    tamperer(&office).await.change_record("ledger-entry", "00000000000000000001", signature, &changed).await;
    assert_eq!(office.differences().await[0], "Entry 1: its signature does not fit its content.");
}

#[actix_web::test]
async fn a_ledger_that_was_cut_or_replaced_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    office.credited("Bo").await;
    tamperer(&office).await.unlist_record("ledger-entry", "00000000000000000002").await;
    let differences = office.differences().await;
    assert!(names(&differences, "The ledger ends with entry 1"), "{differences:?}");
    assert!(names(&differences, "has a record and no entry of the ledger"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_bundle_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let (from, to) = ("\"amount\":\"0.75\"", "\"amount\":\"9.75\"");
    tamperer(&office).await.change_blob(credit.bundle, from, to).await;
    let differences = office.differences().await;
    assert!(names(&differences, "Its evidence bundle has the hash"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_record_or_activity_is_named() {
    let office = Office::open().await;
    let (_, credit) = office.credited("Ada").await;
    let tamperer = tamperer(&office).await;
    tamperer.change_record("credit-record", &credit.id.to_string(), "\"0.75\"", "\"0.50\"").await;
    let differences = office.differences().await;
    assert!(names(&differences, "says something else than the ledger"), "{differences:?}");
    let (from, to) = ("\"minimum_score\":\"0.75\"", "\"minimum_score\":\"0.25\"");
    tamperer.change_record("activity-version", "af-stroke-prevention\u{1f}00000001", from, to).await;
    let differences = office.differences().await;
    assert!(names(&differences, "Version 1 of activity af-stroke-prevention was changed"), "{differences:?}");
}

#[actix_web::test]
async fn a_changed_file_of_the_package_is_named() {
    let office = Office::open().await;
    office.credited("Ada").await;
    let package = enduring::service::catalogue::packages::get(office.app(), office.version.package).await.unwrap();
    tamperer(&office).await.remove_blob(package.package.files["index.html"].sha256).await;
    let differences = office.differences().await;
    assert!(names(&differences, "The package's file index.html was changed or is gone"), "{differences:?}");
}
