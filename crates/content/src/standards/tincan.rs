//! Tin Can, which is xAPI before it had that name: the activities of a `tincan.xml`. Recognized, not played.

use super::{Manifest, launch, title};
use crate::href::Paths;
use crate::outline::{Branch, Outline, OutlineEntry};
use crate::package::Launch;
use crate::report;
use crate::xml::Node;

/// A course, or another activity that can be launched.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The activity's IRI.
    pub id: String,
    pub title: String,
    /// What it starts; `None` where its page is not in the package.
    pub launch: Option<Launch>,
}

/// Reads the `tincan.xml` whose root is `root`.
pub(super) fn read(root: &Node, paths: &Paths) -> Manifest {
    let all = root.child("activities").into_iter().flat_map(|all| all.all("activity"));
    let shown = all.filter(|activity| {
        activity.attribute("type").is_none_or(|kind| kind.ends_with("/course")) || activity.child("launch").is_some()
    });
    let activities: Vec<Activity> = shown.map(|node| activity(node, paths)).collect();
    let title = activities.first().map_or_else(|| "Tin Can activity".to_owned(), |activity| activity.title.clone());
    Manifest { title, outline: Outline::TinCan(activities) }
}

fn activity(node: &Node, paths: &Paths) -> Activity {
    let id = node.attribute("id").unwrap_or_default().trim().to_owned();
    Activity { title: title(node).unwrap_or_else(|| id.clone()), id, launch: launch(node.child("launch"), paths) }
}

impl Branch for Activity {
    fn branches(&self) -> &[Self] {
        &[]
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let Self { id, title, launch } = self;
        OutlineEntry { depth: 0, id, title, launch: launch.as_ref(), visible: true, prerequisites: None }
    }

    fn item(&self) -> report::Item {
        report::Item::of(self.entry())
    }
}
