//! Every kind of record that this version stores: what a copy or an import must know of records that it did not write.

use crate::service::catalogue::{activities, packages};
use crate::service::crediting::{holds, proposals};
use crate::service::learning::{assessment, evaluation};
use crate::service::ledger::{credits, entries, keys};
use crate::service::people::{credentials, portal, sign_in};
use crate::service::playing::{deliveries, sessions};
use crate::service::records::{definitions, document_resources, originals};
use crate::service::upkeep::{installation, readiness};
use crate::service::{Account, ActivityVersion, PackageVersion, Registration, audit, erasure};
use store::{Document, Kind};

/// All of them, in no order.
const ALL: [&Kind; 29] = [
    Account::KIND,
    ActivityVersion::KIND,
    PackageVersion::KIND,
    Registration::KIND,
    activities::CurrentVersion::KIND,
    audit::AuditEntry::KIND,
    assessment::Attempt::KIND,
    credentials::Credential::KIND,
    credits::CreditRecord::KIND,
    definitions::Definition::KIND,
    deliveries::Delivery::KIND,
    document_resources::DocumentRecord::KIND,
    erasure::Erasure::KIND,
    evaluation::Draft::KIND,
    holds::Hold::KIND,
    installation::Installation::KIND,
    entries::End::KIND,
    entries::StoredEntry::KIND,
    keys::StoredKey::KIND,
    originals::Original::KIND,
    packages::Refusal::KIND,
    portal::UsedToken::KIND,
    proposals::Proposal::KIND,
    readiness::Probe::KIND,
    sessions::Play::KIND,
    sessions::Sco::KIND,
    sessions::Session::KIND,
    sessions::StoredCommit::KIND,
    sign_in::SignInSession::KIND,
];

/// The kind called `name`; `None` when a newer version wrote it.
pub(in crate::service) fn named(name: &str) -> Option<&'static Kind> {
    ALL.into_iter().find(|kind| kind.name == name)
}

/// How many there are.
#[cfg(test)]
pub(in crate::service) fn count() -> usize {
    ALL.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Says that a copy is in progress, and is not copied itself.
    const NOT_COPIED: &str = "CopyMark";

    /// The types that the sources under `folder` keep as records.
    fn documents_under(folder: &Path) -> Vec<String> {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { documents_under(&path) } else { documents_in(&path) }).collect()
    }

    fn documents_in(path: &Path) -> Vec<String> {
        let source = std::fs::read_to_string(path).unwrap();
        let lines = source.lines().filter(|line| line.starts_with("impl"));
        lines.filter_map(|line| Some(line.split_once("Document for ")?.1.trim_end_matches(" {").to_owned())).collect()
    }

    #[test]
    fn every_kind_of_record_is_listed_once() {
        let mut written = documents_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        written.retain(|name| name != NOT_COPIED);
        let names: BTreeSet<&str> = ALL.iter().map(|kind| kind.name).collect();
        assert_eq!((written.len(), names.len()), (ALL.len(), ALL.len()), "{written:?}");
    }
}
