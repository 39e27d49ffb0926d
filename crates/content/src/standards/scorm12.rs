//! SCORM 1.2: what its content aggregation model (CAM §2.3) makes of a content package.

use super::Manifest;
use super::imscp::{self, Dialect, adlcp};
use crate::findings::{Code, Findings};
use crate::href::Paths;
use crate::outline::Outline;
use crate::report;
use crate::xml::Node;

/// An item of the organization.
pub type Item = imscp::Item<adlcp::Values>;

/// Reads the manifest whose root is `root` and whose file is called `file`.
pub(super) fn read(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    let organization = imscp::read(&Scorm12, root, file, paths, findings);
    Manifest { title: organization.title, outline: Outline::Scorm12(organization.items) }
}

struct Scorm12;

impl Dialect for Scorm12 {
    type Values = adlcp::Values;

    fn values(&self, node: &Node, place: String, findings: &mut Findings) -> adlcp::Values {
        const LAUNCH_DATA_LENGTH: usize = 255;
        adlcp::read(node, LAUNCH_DATA_LENGTH, place, findings)
    }

    fn scorm_type<'n>(&self, resource: &'n Node) -> Option<&'n str> {
        resource.attribute("scormtype").or_else(|| resource.attribute("scormType"))
    }

    fn misspelling(&self, resource: &Node) -> Option<(Code, &'static str)> {
        let other = resource.attribute("scormtype").is_none() && resource.attribute("scormType").is_some();
        other.then_some((Code::ScormTypeSpelling, "The resource's type is written scormType, as in SCORM 2004."))
    }
}

/// From the form in which packages are stored.
impl From<report::Item> for Item {
    fn from(item: report::Item) -> Self {
        Self {
            id: item.id,
            title: item.title,
            launch: item.launch,
            visible: item.visible,
            values: adlcp::Values {
                mastery_score: item.mastery_score,
                max_time_allowed: item.max_time_allowed,
                time_limit_action: item.time_limit_action,
                launch_data: item.launch_data,
                prerequisites: item.prerequisites,
            },
            items: item.items.into_iter().map(Self::from).collect(),
        }
    }
}
