//! The titles and trees of the standards that are recognised but not yet played: cmi5 and Tin Can.

use super::href::Paths;
use super::imscp::Outline;
use super::xml::Node;
use super::{Item, Launch, Role};

/// The course structure of cmi5 (cmi5 §13): blocks and assignable units.
pub(super) fn cmi5(root: &Node, paths: &Paths) -> Outline {
    let title = root.child("course").and_then(title).unwrap_or_else(|| "cmi5 course".to_owned());
    Outline { title, items: units(root, paths) }
}

fn units(node: &Node, paths: &Paths) -> Vec<Item> {
    let of_course = node.children.iter().filter(|child| matches!(child.name.as_str(), "au" | "block"));
    of_course.map(|child| item(child, child.child("url"), units(child, paths), paths)).collect()
}

/// The activities of a `tincan.xml`.
pub(super) fn tincan(root: &Node, paths: &Paths) -> Outline {
    let activities = root.child("activities").into_iter().flat_map(|all| all.all("activity"));
    let items: Vec<Item> = activities
        .filter(|activity| {
            activity.attribute("type").is_none_or(|kind| kind.ends_with("/course"))
                || activity.child("launch").is_some()
        })
        .map(|activity| item(activity, activity.child("launch"), Vec::new(), paths))
        .collect();
    let title = items.first().map_or_else(|| "Tin Can activity".to_owned(), |item| item.title.clone());
    Outline { title, items }
}

fn item(node: &Node, url: Option<&Node>, items: Vec<Item>, paths: &Paths) -> Item {
    let id = node.attribute("id").unwrap_or_default().trim().to_owned();
    let found = url.and_then(|url| paths.find(&[], &url.text).ok());
    Item {
        title: title(node).unwrap_or_else(|| id.clone()),
        id,
        launch: found.map(|found| Launch { role: Role::Sco, path: found.path, suffix: found.suffix }),
        visible: true,
        mastery_score: node.attribute("masteryScore").map(str::to_owned),
        max_time_allowed: None,
        time_limit_action: None,
        launch_data: node.child("launchParameters").and_then(Node::words),
        prerequisites: None,
        items,
    }
}

/// `<title><langstring>…</langstring></title>` of cmi5, or `<name>…</name>` of Tin Can.
fn title(node: &Node) -> Option<String> {
    let title = node.child("title").or_else(|| node.child("name"))?;
    title.children.iter().find_map(Node::words).or_else(|| title.words())
}
