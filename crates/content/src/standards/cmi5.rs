//! cmi5: the course structure (cmi5 §13). Recognized, not played.

use super::{Manifest, launch, title};
use crate::href::Paths;
use crate::outline::{Branch, Outline, OutlineEntry};
use crate::package::Launch;
use crate::report;
use crate::xml::Node;

/// A block, or an assignable unit (AU).
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub id: String,
    pub title: String,
    /// What it starts; `None` for a block, and for an AU whose page is not in the package.
    pub launch: Option<Launch>,
    /// `masteryScore`, 0 to 1, as written.
    pub mastery_score: Option<String>,
    /// `launchParameters`.
    pub launch_parameters: Option<String>,
    pub items: Vec<Item>,
}

/// Reads the course structure whose root is `root`.
pub(super) fn read(root: &Node, paths: &Paths) -> Manifest {
    let title = root.child("course").and_then(title).unwrap_or_else(|| "cmi5 course".to_owned());
    Manifest { title, outline: Outline::Cmi5(items(root, paths)) }
}

fn items(node: &Node, paths: &Paths) -> Vec<Item> {
    let of_course = node.children.iter().filter(|child| matches!(child.name.as_str(), "au" | "block"));
    of_course.map(|child| item(child, paths)).collect()
}

fn item(node: &Node, paths: &Paths) -> Item {
    let id = node.attribute("id").unwrap_or_default().trim().to_owned();
    Item {
        title: title(node).unwrap_or_else(|| id.clone()),
        id,
        launch: launch(node.child("url"), paths),
        mastery_score: node.attribute("masteryScore").map(str::to_owned),
        launch_parameters: node.child("launchParameters").and_then(Node::words),
        items: items(node, paths),
    }
}

impl Branch for Item {
    fn branches(&self) -> &[Self] {
        &self.items
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let Self { id, title, launch, .. } = self;
        OutlineEntry { depth: 0, id, title, launch: launch.as_ref(), visible: true, prerequisites: None }
    }

    fn item(&self) -> report::Item {
        report::Item {
            mastery_score: self.mastery_score.clone(),
            launch_data: self.launch_parameters.clone(),
            ..report::Item::of(self.entry())
        }
    }
}
