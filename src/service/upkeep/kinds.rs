//! Every kind of record that this version stores: what a copy or an import must know of records that it did not write.

use crate::service::catalogue::{activities, packages};
use crate::service::crediting::{holds, proposals};
use crate::service::learning::{assessment, evaluation};
use crate::service::ledger::{credits, entries, keys, log_pages};
use crate::service::people::{credentials, portal, sign_in};
use crate::service::playing::{content_key, deliveries, sessions};
use crate::service::records::{definitions, document_resources, originals};
use crate::service::upkeep::{installation, readiness};
use crate::service::{Account, ActivityVersion, PackageVersion, Registration, audit, erasure};
use store::{Document, IndexKey, Kind};

/// The kind called `name`; `None` when a newer version wrote it.
pub(in crate::service) fn named(name: &str) -> Option<&'static Kind> {
    ALL.into_iter().map(|(kind, _)| kind).find(|kind| kind.name == name)
}

/// The names of all kinds, in order.
pub(in crate::service) fn names() -> Vec<&'static str> {
    let mut names = ALL.map(|(kind, _)| kind.name);
    names.sort_unstable();
    names.to_vec()
}

/// A record as its type has it: its key, and its entries in the indexes.
pub(in crate::service) struct Reading {
    pub(in crate::service) key: String,
    pub(in crate::service) index: Vec<IndexKey>,
}

type Reader = fn(&[u8]) -> serde_json::Result<Reading>;

fn read<D: Document>(body: &[u8]) -> serde_json::Result<Reading> {
    let document: D = serde_json::from_slice(body)?;
    Ok(Reading { key: document.key(), index: document.index() })
}

const fn of<D: Document>() -> (&'static Kind, Reader) {
    (D::KIND, read::<D>)
}

/// All of them, in no order, each with how its body is read.
const ALL: [(&Kind, Reader); 33] = [
    of::<Account>(),
    of::<ActivityVersion>(),
    of::<PackageVersion>(),
    of::<Registration>(),
    of::<activities::CurrentVersion>(),
    of::<audit::AuditEntry>(),
    of::<assessment::Attempt>(),
    of::<content_key::StoredContentKey>(),
    of::<credentials::Credential>(),
    of::<credits::CreditRecord>(),
    of::<credits::CreditSalt>(),
    of::<definitions::Definition>(),
    of::<deliveries::Delivery>(),
    of::<document_resources::DocumentRecord>(),
    of::<erasure::Erasure>(),
    of::<evaluation::Draft>(),
    of::<holds::Hold>(),
    of::<installation::Installation>(),
    of::<entries::End>(),
    of::<entries::StoredEntry>(),
    of::<keys::StoredKey>(),
    of::<log_pages::StoredLogEnd>(),
    of::<log_pages::StoredPage>(),
    of::<originals::Original>(),
    of::<packages::Refusal>(),
    of::<portal::UsedToken>(),
    of::<proposals::Proposal>(),
    of::<readiness::Probe>(),
    of::<sessions::Play>(),
    of::<sessions::Sco>(),
    of::<sessions::Session>(),
    of::<sessions::StoredCommit>(),
    of::<sign_in::SignInSession>(),
];

/// The body of a record of the kind called `name`, read as its type; `None` when this version has no such kind.
pub(in crate::service) fn reading(name: &str, body: &[u8]) -> Option<serde_json::Result<Reading>> {
    ALL.iter().find(|(kind, _)| kind.name == name).map(|(_, read)| read(body))
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
        let names: BTreeSet<&str> = ALL.iter().map(|(kind, _)| kind.name).collect();
        assert_eq!((written.len(), names.len()), (ALL.len(), ALL.len()), "{written:?}");
    }
}
