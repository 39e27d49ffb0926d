//! A package version as scripts see it: what the API returns and `enduring package import --json` prints.

use crate::service::{PackageVersion, PackageVersionId};
use base::hash::Sha256;
use content::{ImportReport, Item, Standard};
use jiff::Timestamp;
use serde::Serialize;

/// A package version without its table of files.
#[derive(Debug, Clone, Serialize)]
pub struct PackageView<'a> {
    pub id: PackageVersionId,
    /// A version never changes; another upload is another package.
    pub version: u32,
    pub kind: Standard,
    pub title: &'a str,
    /// The uploaded file's name; left out when the client sent none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub file_name: &'a str,
    pub sha256: Sha256,
    /// In bytes, as uploaded.
    pub size: u64,
    /// How many files it has.
    pub files: usize,
    pub imported: Timestamp,
    pub by: &'a str,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<&'a [Item]>,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<&'a ImportReport>,
}

impl<'a> PackageView<'a> {
    /// For a list.
    pub fn brief(version: &'a PackageVersion) -> Self {
        Self {
            id: version.id,
            version: 1,
            kind: version.package.standard(),
            title: &version.package.title,
            file_name: &version.name,
            sha256: version.sha256,
            size: version.size,
            files: version.package.files.len(),
            imported: version.imported,
            by: &version.by,
            items: None,
            report: None,
        }
    }

    /// In full, with its items and its report.
    pub fn whole(version: &'a PackageVersion) -> Self {
        Self { items: Some(&version.report.items), report: Some(&version.report), ..Self::brief(version) }
    }
}
