//! Records that an earlier release stored, in `fixtures/records`: read, and written again, byte for byte.

use enduring::service::catalogue::packages::Refusal;
use enduring::service::{Account, PackageVersion};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn same<T: DeserializeOwned + Serialize>(stored: &str) -> T {
    let record: T = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&record).unwrap(), stored.trim_end());
    record
}

#[test]
fn an_account_without_the_parts_of_its_name_stays_as_it_was() {
    let account: Account = same(include_str!("../../../fixtures/records/account.json"));
    assert_eq!(account.family_name_first(), "Alex Morgan, MD");
}

#[test]
fn package_versions_and_refusals_of_an_earlier_release_are_read_and_written_as_they_were() {
    let version: PackageVersion = same(include_str!("../../../fixtures/records/package-version.json"));
    assert_eq!(version.package.item("lesson-1").unwrap().title, "Lesson 1");
    let scorm2004: Refusal = same(include_str!("../../../fixtures/records/package-refusal-scorm2004.json"));
    assert_eq!(scorm2004.report.items.len(), 3);
    let cmi5: Refusal = same(include_str!("../../../fixtures/records/package-refusal-cmi5.json"));
    assert_eq!(cmi5.report.items[0].items[0].mastery_score.as_deref(), Some("0.85"));
}
