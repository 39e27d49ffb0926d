//! Every kind of record that this version keeps: what a copy or an import must know of records that it did not write.

use super::{
    Account, ActivityVersion, PackageVersion, Registration, activities, assessment, credentials, credits, definitions,
    deliveries, document_resources, erasure, evaluation, holds, installation, ledger, packages, portal, readiness,
    sessions, sign_in,
};
use store::{Document, Kind};

/// All of them, in no order.
const ALL: [&Kind; 27] = [
    Account::KIND,
    ActivityVersion::KIND,
    PackageVersion::KIND,
    Registration::KIND,
    activities::Current::KIND,
    assessment::Attempt::KIND,
    credentials::Credential::KIND,
    credits::CreditRecord::KIND,
    definitions::Definition::KIND,
    deliveries::Delivery::KIND,
    document_resources::Paper::KIND,
    erasure::Erasure::KIND,
    erasure::Original::KIND,
    evaluation::Draft::KIND,
    holds::Hold::KIND,
    installation::Installation::KIND,
    ledger::End::KIND,
    ledger::StoredEntry::KIND,
    ledger::StoredKey::KIND,
    packages::Refusal::KIND,
    portal::Used::KIND,
    readiness::Probe::KIND,
    sessions::Play::KIND,
    sessions::Sco::KIND,
    sessions::Session::KIND,
    sessions::StoredCommit::KIND,
    sign_in::Session::KIND,
];

/// The kind called `name`; `None` when a newer version wrote it.
pub(super) fn named(name: &str) -> Option<&'static Kind> {
    ALL.into_iter().find(|kind| kind.name == name)
}

/// How many there are.
#[cfg(test)]
pub(super) fn count() -> usize {
    ALL.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_document_of_the_house_is_listed_once() {
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service");
        let count = |path: &Path| {
            let source = std::fs::read_to_string(path).unwrap();
            source.lines().filter(|line| line.starts_with("impl Document for ")).count()
        };
        let files = std::fs::read_dir(services).unwrap().map(|entry| entry.unwrap().path());
        let written: usize = files.filter(|path| path.is_file()).map(|path| count(&path)).sum();
        let names: BTreeSet<&str> = ALL.iter().map(|kind| kind.name).collect();
        assert_eq!((written, names.len()), (ALL.len(), ALL.len()));
    }
}
