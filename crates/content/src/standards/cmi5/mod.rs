//! cmi5: the course structure (cmi5 §13), read completely and held to the rules of its schema.

mod reading;
#[cfg(test)]
mod tests;

use super::Manifest;
use crate::findings::Findings;
use crate::href::Paths;
use crate::outline::{Branch, Outline, OutlineEntry};
use crate::package::Launch;
use crate::report;
use crate::xml::Node;
use base::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A text in one or more languages: `(language tag, text)`, in the order of the manifest. The tag may be empty.
pub type LanguageStrings = Vec<(String, String)>;

/// The course (§13.1.1) with what is in it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Course {
    /// The publisher's IRI.
    pub id: String,
    pub title: LanguageStrings,
    pub description: LanguageStrings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<Objective>,
    pub items: Vec<Item>,
}

/// An objective (§13.1.3), which blocks and AUs refer to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// An IRI.
    pub id: String,
    pub title: LanguageStrings,
    pub description: LanguageStrings,
}

/// A block or an AU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The publisher's IRI.
    pub id: String,
    /// In the first language of `titles`.
    pub title: String,
    pub titles: LanguageStrings,
    pub description: LanguageStrings,
    /// The identifiers of objectives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<String>,
    #[serde(flatten)]
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ItemKind {
    Block { items: Vec<Item> },
    Au(Box<AssignableUnit>),
}

/// What only an assignable unit (§13.1.4) has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignableUnit {
    pub start: Start,
    pub launch_method: LaunchMethod,
    pub move_on: MoveOn,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mastery_score: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_parameters: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlement_key: Option<String>,
    /// An IRI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity_type: Option<String>,
}

/// Where an AU is (§13.1.4 `url`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// In the package.
    File(Launch),
    /// On another server.
    Elsewhere(String),
    /// Nowhere, which a finding explains.
    Missing,
}

/// §13.1.4 `launchMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LaunchMethod {
    #[default]
    AnyWindow,
    OwnWindow,
}

/// §13.1.4 `moveOn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MoveOn {
    Passed,
    Completed,
    CompletedAndPassed,
    CompletedOrPassed,
    #[default]
    NotApplicable,
}

/// Reads the course structure whose root is `root` and whose file is called `file`.
pub(super) fn read(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    let course = reading::course(root, file, paths, findings);
    let title = course.title.first().map_or_else(|| "cmi5 course".to_owned(), |(_, title)| title.clone());
    Manifest { title, outline: Outline::Cmi5(course) }
}

impl Branch for Item {
    fn branches(&self) -> &[Self] {
        match &self.kind {
            ItemKind::Block { items } => items,
            ItemKind::Au(_) => &[],
        }
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let launch = match &self.kind {
            ItemKind::Au(unit) => match &unit.start {
                Start::File(launch) => Some(launch),
                Start::Elsewhere(_) | Start::Missing => None,
            },
            ItemKind::Block { .. } => None,
        };
        OutlineEntry { depth: 0, id: &self.id, title: &self.title, launch, visible: true, prerequisites: None }
    }

    fn item(&self) -> report::Item {
        let own = report::Item::of(self.entry());
        match &self.kind {
            ItemKind::Block { .. } => own,
            ItemKind::Au(unit) => report::Item {
                mastery_score: unit.mastery_score.as_ref().map(Decimal::to_string),
                launch_data: unit.launch_parameters.clone(),
                elsewhere: match &unit.start {
                    Start::Elsewhere(url) => Some(url.clone()),
                    Start::File(_) | Start::Missing => None,
                },
                ..own
            },
        }
    }
}
