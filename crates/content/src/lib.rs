//! Packages, pure over bytes: what an upload is, what it holds, what is wrong with it.
//!
//! Uploads are untrusted. Names inside a zip never reach the file system; sizes are counted while inflating; DTDs are
//! refused. Every upload, accepted or refused, yields a [`Report`].

pub mod archive;
mod examine;
pub mod findings;
pub mod href;
pub mod imscp;
mod limits;
mod outline;
mod recognise;
mod tool;
mod values;
pub mod xml;

pub use examine::{Examined, examine};
pub use limits::Limits;

use base::hash::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The standard that a package follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    Scorm12,
    Scorm2004,
    Cmi5,
    TinCan,
}

/// What an import found: the answer of `enduring package check --json`, and of every upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the package can be played. True exactly when no finding is an error.
    pub accepted: bool,
    /// Unknown when no manifest could be recognised.
    pub kind: Option<Standard>,
    /// The edition of SCORM 2004, or the version of another standard, as the manifest states it.
    pub edition: Option<String>,
    pub title: Option<String>,
    /// The tool that made the package, where it can be told.
    pub tool: Option<String>,
    /// The tree of the default organization.
    pub items: Vec<Item>,
    pub findings: Vec<Finding>,
}

/// One thing that the designer should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable; words joined by `-`, such as `launch-file-missing`.
    pub code: String,
    /// Where: a path in the package, `path:line:column` in an XML file, or an item's identifier. Empty for the whole upload.
    pub place: String,
    /// A plain sentence.
    pub message: String,
    /// What to do about it, as a plain sentence.
    pub remedy: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// A node of the organization: a heading, or something that can be launched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The identifier in the manifest.
    pub id: String,
    pub title: String,
    /// What it starts; `None` for a heading, and for an item that cannot be launched (which a finding explains).
    pub launch: Option<Launch>,
    /// Whether a table of contents shows it (SCORM 1.2 CAM §2.3.2.5 `isvisible`).
    pub visible: bool,
    /// `adlcp:masteryscore`, 0 to 100.
    pub mastery_score: Option<String>,
    /// `adlcp:maxtimeallowed`, as `HHHH:MM:SS.SS`.
    pub max_time_allowed: Option<String>,
    /// `adlcp:timelimitaction`.
    pub time_limit_action: Option<String>,
    /// `adlcp:datafromlms`: the SCO's `cmi.launch_data`.
    pub launch_data: Option<String>,
    /// `adlcp:prerequisites`, as written.
    pub prerequisites: Option<String>,
    pub items: Vec<Item>,
}

/// What an item starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    pub role: Role,
    /// The file, exactly as a key of [`Package::files`].
    pub path: String,
    /// What follows the path in the launch URL: a query with its `?`, a fragment with its `#`, or nothing.
    pub suffix: String,
}

/// Whether launched content speaks to the run-time (SCORM 1.2 CAM §2.2.1 and §2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Sco,
    Asset,
}

/// One file of a package. Its bytes are the blob of this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub sha256: Sha256,
    /// In bytes.
    pub size: u64,
}

/// An accepted package: what the run-time plays. Paths are NFC, with `/`, relative to the folder of the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub standard: Standard,
    pub title: String,
    pub items: Vec<Item>,
    pub files: BTreeMap<String, File>,
}

impl Package {
    /// Every item that can be launched, in the order of the table of contents.
    pub fn launchable(&self) -> impl Iterator<Item = &Item> {
        let mut waiting: Vec<&Item> = self.items.iter().rev().collect();
        std::iter::from_fn(move || {
            loop {
                let item = waiting.pop()?;
                waiting.extend(item.items.iter().rev());
                if item.launch.is_some() {
                    return Some(item);
                }
            }
        })
    }

    /// The item with this identifier.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.launchable().find(|item| item.id == id)
    }
}
