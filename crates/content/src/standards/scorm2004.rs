//! SCORM 2004: its content packages (CAM §3.4), as far as a report shows them. Recognized, not played.

use super::Manifest;
use super::imscp::{self, Dialect, adlcp};
use crate::findings::Findings;
use crate::href::Paths;
use crate::outline::Outline;
use crate::xml::Node;

/// An item of the organization.
pub type Item = imscp::Item<adlcp::Values>;

/// Reads the manifest whose root is `root` and whose file is called `file`.
pub(super) fn read(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    let organization = imscp::read::<Scorm2004>(root, file, paths, findings);
    Manifest { title: organization.title, outline: Outline::Scorm2004(organization.items) }
}

struct Scorm2004;

impl Dialect for Scorm2004 {
    type Values = adlcp::Values;

    fn values(node: &Node, place: String, findings: &mut Findings) -> adlcp::Values {
        adlcp::read(node, None, place, findings)
    }

    fn scorm_type(resource: &Node) -> Option<&str> {
        resource.attribute("scormType").or_else(|| resource.attribute("scormtype"))
    }
}
