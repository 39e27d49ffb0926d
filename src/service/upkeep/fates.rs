//! What an erasure does to each kind of record, in one table: `docs/privacy.md` says the same for people.

use crate::service::catalogue::{activities, packages};
use crate::service::crediting::{holds, proposals};
use crate::service::learning::{assessment, evaluation};
use crate::service::ledger::{credits, entries, keys, log_pages};
use crate::service::people::{credentials, portal, sign_in};
use crate::service::playing::{content_key, deliveries, sessions};
use crate::service::records::{definitions, document_resources, originals};
use crate::service::upkeep::{installation, readiness};
use crate::service::{Account, ActivityVersion, PackageVersion, Registration, audit, erasure};
use store::{Document as _, Kind};

/// What becomes of the records of a kind that are about a person who is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Removed by the erasure.
    Removed,
    /// Assigned to the pseudonym by the erasure; if a credit rests on them, when that evidence is released.
    Pseudonymized,
    /// Removed by the erasure; if a credit rests on them, when that evidence is released.
    Held,
    /// Kept as they are until the evidence is released, and without a name from then on.
    NamedUntilReleased,
    /// Never changed: at most they contain opaque account ids.
    Opaque,
}

/// Every kind with its fate.
pub const FATES: &[(&Kind, Fate)] = &[
    (Account::KIND, Fate::Removed),
    (ActivityVersion::KIND, Fate::Opaque),
    (PackageVersion::KIND, Fate::Opaque),
    (Registration::KIND, Fate::Pseudonymized),
    (activities::CurrentVersion::KIND, Fate::Opaque),
    (audit::AuditEntry::KIND, Fate::Opaque),
    (assessment::Attempt::KIND, Fate::Removed),
    (content_key::StoredContentKey::KIND, Fate::Opaque),
    (credentials::Credential::KIND, Fate::Opaque),
    (credits::CreditRecord::KIND, Fate::NamedUntilReleased),
    (credits::CreditSalt::KIND, Fate::Held),
    (definitions::Definition::KIND, Fate::Opaque),
    (deliveries::Delivery::KIND, Fate::Held),
    (document_resources::DocumentRecord::KIND, Fate::Removed),
    (evaluation::Draft::KIND, Fate::Removed),
    // It names the person only while it is in progress.
    (erasure::Erasure::KIND, Fate::Opaque),
    (originals::Original::KIND, Fate::Held),
    (holds::Hold::KIND, Fate::Removed),
    (installation::Installation::KIND, Fate::Opaque),
    (entries::End::KIND, Fate::Opaque),
    (entries::StoredEntry::KIND, Fate::Opaque),
    (keys::StoredKey::KIND, Fate::Opaque),
    (log_pages::StoredLogEnd::KIND, Fate::Opaque),
    // The salts of what is rewritten are removed from it.
    (log_pages::StoredPage::KIND, Fate::Opaque),
    (packages::Refusal::KIND, Fate::Opaque),
    (portal::UsedToken::KIND, Fate::Opaque),
    (proposals::Proposal::KIND, Fate::Opaque),
    (readiness::Probe::KIND, Fate::Opaque),
    (sessions::Play::KIND, Fate::Removed),
    (sessions::Sco::KIND, Fate::Removed),
    (sessions::Session::KIND, Fate::Held),
    (sessions::StoredCommit::KIND, Fate::Held),
    (sign_in::SignInSession::KIND, Fate::Removed),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::upkeep::kinds;

    #[test]
    fn every_kind_has_its_fate_and_people_can_read_of_it() {
        let page = include_str!("../../../docs/privacy.md");
        for (kind, _) in FATES {
            assert!(kinds::named(kind.name).is_some(), "{} is not kept", kind.name);
            assert!(page.contains(&format!("`{}`", kind.name)), "docs/privacy.md says nothing of {}", kind.name);
        }
        let mut names: Vec<&str> = FATES.iter().map(|(kind, _)| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), kinds::count(), "a kind has no fate");
    }
}
