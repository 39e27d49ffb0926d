//! The standards, one module each: what their manifests say. SCORM 1.2 and SCORM 2004 share `imscp`, the content packages
//! of IMS that both build on.

pub mod cmi5;
pub mod imscp;
pub mod scorm12;
pub mod scorm2004;
pub mod tincan;

use super::findings::Findings;
use super::href::Paths;
use super::outline::Outline;
use super::package::{Launch, Role};
use super::xml::Node;
use serde::{Deserialize, Serialize};

/// The standard that a package follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    Scorm12,
    Scorm2004,
    Cmi5,
    TinCan,
}

/// What a manifest says about what learners see.
#[derive(Debug, PartialEq)]
pub(crate) struct Manifest {
    /// Never empty: a manifest without any title is called by its identifier or file.
    pub(crate) title: String,
    pub(crate) outline: Outline,
}

/// Reads the manifest whose root is `root` and whose file is called `file`.
pub(crate) fn read(root: &Node, standard: Standard, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    match standard {
        Standard::Scorm12 => scorm12::read(root, file, paths, findings),
        Standard::Scorm2004 => scorm2004::read(root, file, paths, findings),
        Standard::Cmi5 => cmi5::read(root, paths),
        Standard::TinCan => tincan::read(root, paths),
    }
}

/// `<title><langstring>…</langstring></title>` of cmi5, or `<name>…</name>` of Tin Can.
fn title(node: &Node) -> Option<String> {
    let title = node.child("title").or_else(|| node.child("name"))?;
    title.children.iter().find_map(Node::words).or_else(|| title.words())
}

/// What `url` starts, where that is a file of the package.
fn launch(url: Option<&Node>, paths: &Paths) -> Option<Launch> {
    let found = paths.find(&[], &url?.text).ok()?;
    Some(Launch { role: Role::Sco, path: found.path, suffix: found.suffix })
}
