//! The records that several use cases share. Records of one use case stand beside it.

use base::hash::Sha256;
use content::{Package, Report};
pub use credit::Profession;
use credit::RuleSetName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use store::{Document, Index, IndexKey, Kind};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A person who can sign in. A learner's is the account name in every statement about them.
    AccountId
}
id! {
    /// One learner's instance of an activity: the xAPI registration.
    RegistrationId
}
id! {
    /// An immutable version of a package.
    PackageVersionId
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Learner,
    /// Instructional designer: uploads and previews packages.
    Designer,
    /// CME coordinator: publishes activities, settles holds, corrects and revokes credits.
    Coordinator,
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    /// Who vouches for them: a portal's `iss`, or `demo`.
    pub issuer: String,
    /// Their name at the issuer, never changing.
    pub subject: String,
    /// As a certificate shows it; a person without a name can take part but not be credited (V6).
    pub name: String,
    pub profession: Profession,
    pub roles: BTreeSet<Role>,
    pub created: Timestamp,
}

impl Document for Account {
    const KIND: &'static Kind = &Kind { name: "account", indexes: &[Index { name: "subject", unique: true }] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "subject", key: format!("{}\u{1f}{}", self.issuer, self.subject) }]
    }
}

/// An accepted upload. Never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageVersion {
    pub id: PackageVersionId,
    /// Of the bytes as uploaded.
    pub sha256: Sha256,
    /// In bytes, as uploaded.
    pub size: u64,
    pub package: Package,
    pub report: Report,
    pub imported: Timestamp,
    /// Who uploaded it: an account, or the name of a credential.
    pub by: String,
}

impl Document for PackageVersion {
    const KIND: &'static Kind = &Kind {
        name: "package-version",
        indexes: &[Index { name: "sha256", unique: true }, Index { name: "imported", unique: false }],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![
            IndexKey { index: "sha256", key: self.sha256.to_string() },
            IndexKey { index: "imported", key: xapi::instant(self.imported) },
        ]
    }
}

/// A published version of an activity. Never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityVersion {
    /// The activity's id, unique within the provider.
    pub activity: String,
    /// 1, 2, 3 …
    pub version: u32,
    /// Of the document's canonical bytes; what a decision pins.
    pub sha256: Sha256,
    /// The document of `schemas/activity.schema.json`, as published.
    pub document: credit::Activity,
    pub package: PackageVersionId,
    /// Of the package's bytes, so that a decision pins them too.
    pub package_sha256: Sha256,
    /// The identifiers of the items that a learner must complete, in order.
    pub required_items: Vec<String>,
    pub published: Timestamp,
    /// Who published it: an account, or the name of a credential.
    pub by: String,
}

impl ActivityVersion {
    /// The key of this version's record. Versions of one activity stand in order.
    pub fn key_of(activity: &str, version: u32) -> String {
        format!("{activity}\u{1f}{version:08}")
    }
}

impl Document for ActivityVersion {
    const KIND: &'static Kind = &Kind { name: "activity-version", indexes: &[Index { name: "version", unique: true }] };

    fn key(&self) -> String {
        Self::key_of(&self.activity, self.version)
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "version", key: self.key() }]
    }
}

/// One learner's instance of an activity. It pins the activity version, and through it the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub id: RegistrationId,
    pub learner: AccountId,
    pub activity: String,
    pub version: u32,
    pub created: Timestamp,
    /// The rule set in force when it began; none is named in records older than the second set. What decides is the log's
    /// own word on it.
    #[serde(default)]
    pub rules: RuleSetName,
}

impl Document for Registration {
    const KIND: &'static Kind = &Kind {
        name: "registration",
        indexes: &[
            Index { name: "learner", unique: false },
            Index { name: "activity", unique: false },
            Index { name: "learner-activity-version", unique: true },
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![
            IndexKey { index: "learner", key: format!("{}\u{1f}{}", self.learner, xapi::instant(self.created)) },
            IndexKey { index: "activity", key: format!("{}\u{1f}{}", self.activity, xapi::instant(self.created)) },
            IndexKey {
                index: "learner-activity-version",
                key: format!("{}\u{1f}{}\u{1f}{:08}", self.learner, self.activity, self.version),
            },
        ]
    }
}
