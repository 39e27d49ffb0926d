//! An accepted package: what the run-time plays, and how it is stored.

use super::outline::{Outline, OutlineEntry};
use super::report::Item;
use super::standards::{Standard, scorm12};
use base::hash::Sha256;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// An accepted package. Paths are NFC, with `/`, relative to the folder of the manifest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Record<String, Vec<Item>, BTreeMap<String, File>>")]
pub struct Package {
    pub title: String,
    pub outline: Outline,
    pub files: BTreeMap<String, File>,
}

/// One file of a package. Its bytes are the blob of this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub sha256: Sha256,
    /// In bytes.
    pub size: u64,
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

impl Package {
    /// The standard that it follows.
    pub fn standard(&self) -> Standard {
        self.outline.standard()
    }

    /// Every item that can be launched, in the order of the table of contents.
    pub fn launchable(&self) -> impl Iterator<Item = OutlineEntry<'_>> {
        self.outline.entries().into_iter().filter(|entry| entry.launch.is_some())
    }

    /// The item with this identifier, if it can be launched.
    pub fn item(&self, id: &str) -> Option<OutlineEntry<'_>> {
        self.launchable().find(|item| item.id == id)
    }
}

/// A package as it is stored: its outline as the report lists it, under the name of its standard.
#[derive(Serialize, Deserialize)]
struct Record<Title, Items, Files> {
    standard: Standard,
    title: Title,
    items: Items,
    files: Files,
}

impl Serialize for Package {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = Record {
            standard: self.standard(),
            title: self.title.as_str(),
            items: self.outline.items(),
            files: &self.files,
        };
        record.serialize(serializer)
    }
}

impl TryFrom<Record<String, Vec<Item>, BTreeMap<String, File>>> for Package {
    type Error = &'static str;

    fn try_from(record: Record<String, Vec<Item>, BTreeMap<String, File>>) -> Result<Self, Self::Error> {
        let Record { standard, title, items, files } = record;
        let outline = match standard {
            Standard::Scorm12 => Outline::Scorm12(items.into_iter().map(scorm12::Item::from).collect()),
            Standard::Scorm2004 | Standard::Cmi5 | Standard::TinCan => {
                return Err("this version of the server stores and plays packages of SCORM 1.2 alone");
            }
        };
        Ok(Self { title, outline, files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Written by the release before outlines had a type for each standard.
    const VERSION: &str = include_str!("../../../fixtures/records/package-version.json");

    #[test]
    fn a_package_that_an_earlier_release_stored_is_read_and_written_as_it_was() {
        let record: Value = serde_json::from_str(VERSION).unwrap();
        let package: Package = serde_json::from_value(record["package"].clone()).unwrap();
        let Outline::Scorm12(items) = &package.outline else { panic!("{:?}", package.outline) };
        let lesson = &items[0].items[0];
        assert_eq!((lesson.id.as_str(), lesson.values.mastery_score.as_deref()), ("lesson-1", Some("80")));
        let launchable: Vec<_> = package.launchable().map(|item| (item.id, item.depth, item.visible)).collect();
        assert_eq!(launchable, [("lesson-1", 1, true), ("handout", 0, false)]);
        assert!(package.item("lost").is_none());
        assert!(VERSION.contains(&serde_json::to_string(&package).unwrap()), "{package:?}");
    }

    #[test]
    fn a_package_of_a_standard_that_is_not_played_is_not_read() {
        let mut record: Value = serde_json::from_str(VERSION).unwrap();
        record["package"]["standard"] = "cmi5".into();
        let error = serde_json::from_value::<Package>(record["package"].take()).unwrap_err().to_string();
        assert!(error.contains("SCORM 1.2 alone"), "{error}");
    }
}
