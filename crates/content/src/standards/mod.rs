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
use super::xml::Node;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The standard that a package follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    Scorm12,
    Scorm2004,
    Cmi5,
    TinCan,
}

impl Standard {
    /// Whether the player of this version plays packages of it.
    pub fn is_played(self) -> bool {
        self == Self::Scorm12
    }
}

/// As people say it, without its edition.
impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scorm12 => "SCORM",
            Self::Scorm2004 => "SCORM 2004",
            Self::Cmi5 => "cmi5",
            Self::TinCan => "Tin Can (xAPI)",
        })
    }
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
        Standard::Cmi5 => cmi5::read(root, file, paths, findings),
        Standard::TinCan => tincan::read(root, file, paths, findings),
    }
}
