//! Versions of packages and activities: what is published, and never changed.

use crate::service::PackageVersionId;
use base::hash::Sha256;
use content::{ImportReport, Package};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Document, Index, IndexKey, Key, Kind};

/// An accepted upload. Never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageVersion {
    pub id: PackageVersionId,
    /// Of the bytes as uploaded.
    pub sha256: Sha256,
    /// In bytes, as uploaded.
    pub size: u64,
    /// The file's name as the designer knows it; empty when the client sent none, and before names were kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub package: Package,
    pub report: ImportReport,
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
    /// The key of this version's record. Versions of one activity sort in order.
    pub fn key_of(activity: &str, version: u32) -> String {
        Key::of(&[&activity, &format_args!("{version:08}")]).into()
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
