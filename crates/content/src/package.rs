//! An accepted package: what the run-time plays, and how it is stored.

use super::outline::{Outline, OutlineEntry};
use super::report::Item;
use super::standards::{Standard, cmi5, scorm12, scorm2004, tincan};
use base::hash::Sha256;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An accepted package. Paths are NFC, with `/`, relative to the folder of the manifest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Record<'_>")]
pub struct Package {
    pub title: String,
    pub outline: Outline,
    pub files: BTreeMap<String, File>,
}

/// The files of a package by their paths.
pub(crate) type Files = BTreeMap<String, File>;

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

/// A package as it is stored, under the name of its standard: SCORM 1.2 as the report lists it, the others with their outline.
#[derive(Serialize, Deserialize)]
#[serde(tag = "standard", rename_all = "lowercase")]
enum Record<'a> {
    Scorm12 { title: Cow<'a, str>, items: Vec<Item>, files: Cow<'a, Files> },
    Scorm2004 { title: Cow<'a, str>, organization: Cow<'a, Box<scorm2004::Organization>>, files: Cow<'a, Files> },
    Cmi5 { title: Cow<'a, str>, course: Cow<'a, cmi5::Course>, files: Cow<'a, Files> },
    TinCan { title: Cow<'a, str>, activities: Cow<'a, [tincan::Activity]>, files: Cow<'a, Files> },
}

impl Serialize for Package {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (title, files) = (Cow::Borrowed(self.title.as_str()), Cow::Borrowed(&self.files));
        let record = match &self.outline {
            Outline::Scorm12(_) => Record::Scorm12 { title, items: self.outline.items(), files },
            Outline::Scorm2004(organization) => {
                Record::Scorm2004 { title, organization: Cow::Borrowed(organization), files }
            }
            Outline::Cmi5(course) => Record::Cmi5 { title, course: Cow::Borrowed(course), files },
            Outline::TinCan(activities) => Record::TinCan { title, activities: Cow::Borrowed(activities), files },
        };
        record.serialize(serializer)
    }
}

impl From<Record<'_>> for Package {
    fn from(record: Record<'_>) -> Self {
        let (title, outline, files) = match record {
            Record::Scorm12 { title, items, files } => {
                (title, Outline::Scorm12(items.into_iter().map(scorm12::Item::from).collect()), files)
            }
            Record::Scorm2004 { title, organization, files } => {
                (title, Outline::Scorm2004(organization.into_owned()), files)
            }
            Record::Cmi5 { title, course, files } => (title, Outline::Cmi5(course.into_owned()), files),
            Record::TinCan { title, activities, files } => (title, Outline::TinCan(activities.into_owned()), files),
        };
        Self { title: title.into_owned(), outline, files: files.into_owned() }
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
}
