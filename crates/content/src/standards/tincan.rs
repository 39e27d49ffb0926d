//! Tin Can, which is xAPI before it had that name: the activities of a `tincan.xml`.

use super::Manifest;
use crate::findings::{Code, Findings, cut};
use crate::href::{HrefError, Paths};
use crate::outline::{Branch, Outline, OutlineEntry};
use crate::package::{Launch, Role};
use crate::report;
use crate::xml::Node;
use base::iri::is_iri;
use serde::{Deserialize, Serialize};

/// An activity that can be launched, or a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The activity's IRI.
    pub id: String,
    /// The activity type, an IRI; empty where the file has none.
    pub activity_type: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it starts; `None` where its page is not in the package.
    pub launch: Option<Launch>,
}

/// Reads the `tincan.xml` whose root is `root` and whose file is called `file`.
pub(super) fn read(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    let all = root.child("activities").into_iter().flat_map(|all| all.all("activity"));
    let shown = all.filter(|activity| {
        activity.attribute("type").is_some_and(|kind| kind.ends_with("/course")) || activity.child("launch").is_some()
    });
    let activities: Vec<Activity> = shown.map(|node| activity(node, file, paths, findings)).collect();
    if activities.is_empty() {
        findings.add(Code::OrganizationMissing, file, "The file has no activity with a <launch>, so nothing to start.");
    }
    let title = activities.first().map_or_else(|| "Tin Can activity".to_owned(), |activity| activity.title.clone());
    Manifest { title, outline: Outline::TinCan(activities) }
}

fn activity(node: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Activity {
    let id = node.attribute("id").unwrap_or_default().trim().to_owned();
    let place = format!("{file}:{}:{}", node.place.line, node.place.column);
    if !is_iri(&id) {
        let message = format!("The id of the activity is \"{}\", which is not an absolute IRI.", cut(&id));
        findings.add(Code::IdNotIri, place.as_str(), message);
    }
    Activity {
        activity_type: node.attribute("type").unwrap_or_default().trim().to_owned(),
        title: node.child("name").and_then(Node::words).unwrap_or_else(|| id.clone()),
        description: node.child("description").and_then(Node::words),
        launch: node.child("launch").and_then(|launch| start(launch, &id, place, paths, findings)),
        id,
    }
}

fn start(node: &Node, id: &str, place: String, paths: &Paths, findings: &mut Findings) -> Option<Launch> {
    let href = node.text.trim();
    let (code, place, message) = match paths.find(&[], href) {
        Ok(found) => return Some(Launch { role: Role::Sco, path: found.path, suffix: found.suffix }),
        Err(HrefError::Empty) => {
            (Code::LaunchHrefMissing, place, "The launch of the activity names no page.".to_owned())
        }
        Err(HrefError::Missing(path)) => {
            let message = format!("The activity starts \"{}\", which is not in the package.", cut(&path));
            (Code::LaunchFileMissing, id.to_owned(), message)
        }
        Err(HrefError::External) => {
            let message = format!("The activity starts a page on another server: {}.", cut(href));
            (Code::LaunchExternal, id.to_owned(), message)
        }
        Err(HrefError::Escapes) => {
            (Code::PathEscapes, place, format!("The path \"{}\" leads out of the package.", cut(href)))
        }
        Err(HrefError::Unsafe) => (Code::LaunchUnsafe, place, format!("\"{}\" does not name a file.", cut(href))),
    };
    findings.add(code, place, message);
    None
}

impl Branch for Activity {
    fn branches(&self) -> &[Self] {
        &[]
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let Self { id, title, launch, .. } = self;
        OutlineEntry { depth: 0, id, title, launch: launch.as_ref(), visible: true, prerequisites: None }
    }

    fn item(&self) -> report::Item {
        report::Item::of(self.entry())
    }
}
