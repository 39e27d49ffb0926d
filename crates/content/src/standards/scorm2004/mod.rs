//! SCORM 2004, 2nd to 4th Edition: its content packages (CAM §3.4), with everything that sequencing needs (CAM §5).

mod reading;
pub mod sequencing;
#[cfg(test)]
mod tests;

use super::Manifest;
use super::imscp::{self, Dialect};
use crate::findings::Findings;
use crate::href::Paths;
use crate::outline::{Branch, Outline, OutlineEntry};
use crate::package::Launch;
use crate::report;
use crate::xml::Node;
use base::decimal::Decimal;
use reading::Reader;
use sequencing::{Sequencing, is_default};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The organization that learners see, which is the root of the activity tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Whether global objectives live as long as the learner (`adlseq:objectivesGlobalToSystem`), or as the attempt.
    pub objectives_global_to_system: bool,
    /// The same of shared data (`adlcp:sharedDataGlobalToSystem`, 4th Edition).
    pub shared_data_global_to_system: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub completion_threshold: CompletionThreshold,
    #[serde(default, skip_serializing_if = "is_default")]
    pub sequencing: Sequencing,
    pub items: Vec<Item>,
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            objectives_global_to_system: true,
            shared_data_global_to_system: true,
            completion_threshold: CompletionThreshold::default(),
            sequencing: Sequencing::default(),
            items: Vec::new(),
        }
    }
}

/// An item of the organization: a cluster, or an activity that can be launched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The identifier in the manifest, unique in its package.
    pub id: String,
    pub title: String,
    /// What it starts; `None` for a cluster, and for an item that cannot be launched (which a finding explains).
    pub launch: Option<Launch>,
    /// Whether a table of contents shows it (`isvisible`).
    pub visible: bool,
    #[serde(flatten)]
    pub values: Values,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

/// What the elements of ADL and of IMS Simple Sequencing say about an item.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Values {
    /// `adlcp:timeLimitAction`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit_action: Option<TimeLimitAction>,
    /// `adlcp:dataFromLMS`: the SCO's `cmi.launch_data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_data: Option<String>,
    /// `adlcp:completionThreshold`.
    #[serde(skip_serializing_if = "is_default")]
    pub completion_threshold: CompletionThreshold,
    /// `adlcp:data`: the stores that the SCO finds as `adl.data`, in their order (4th Edition).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared_data: Vec<SharedDataMap>,
    /// `adlnav:hideLMSUI`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden_controls: BTreeSet<Control>,
    #[serde(skip_serializing_if = "is_default")]
    pub sequencing: Sequencing,
}

/// What happens when the time of an attempt is over (CAM §3.4.1.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeLimitAction {
    #[serde(rename = "exit,message")]
    ExitWithMessage,
    #[serde(rename = "exit,no message")]
    ExitSilently,
    #[serde(rename = "continue,message")]
    ContinueWithMessage,
    #[serde(rename = "continue,no message")]
    ContinueSilently,
}

impl TimeLimitAction {
    const WORDS: [(&str, Self); 4] = [
        ("exit,message", Self::ExitWithMessage),
        ("exit,no message", Self::ExitSilently),
        ("continue,message", Self::ContinueWithMessage),
        ("continue,no message", Self::ContinueSilently),
    ];

    /// As the standard writes it.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.into_iter().find(|(_, action)| *action == self).map_or("", |(word, _)| word)
    }
}

/// When progress makes an activity complete (CAM §3.4.1.14). The 2nd and 3rd Edition write only the measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompletionThreshold {
    pub completed_by_measure: bool,
    /// 0 to 1.
    pub min_progress_measure: Decimal,
    /// The weight of the activity in its parent's progress, 0 to 1.
    pub progress_weight: Decimal,
}

impl Default for CompletionThreshold {
    fn default() -> Self {
        let whole = || Decimal::of("1.0");
        Self { completed_by_measure: false, min_progress_measure: whole(), progress_weight: whole() }
    }
}

/// A store that a SCO shares with others (`adlcp:map`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedDataMap {
    /// `targetID`.
    pub target: String,
    pub read: bool,
    pub write: bool,
}

/// A control of the player that content may ask to hide (CAM §5.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Control {
    Previous,
    Continue,
    Exit,
    ExitAll,
    Abandon,
    AbandonAll,
    SuspendAll,
}

impl Control {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "previous" => Self::Previous,
            "continue" => Self::Continue,
            "exit" => Self::Exit,
            "exitAll" => Self::ExitAll,
            "abandon" => Self::Abandon,
            "abandonAll" => Self::AbandonAll,
            "suspendAll" => Self::SuspendAll,
            _ => return None,
        })
    }
}

/// Reads the manifest whose root is `root` and whose file is called `file`.
pub(super) fn read(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Manifest {
    let collection = root.child_any_case("sequencingCollection").into_iter().flat_map(|all| &all.children);
    let collection = collection.filter_map(|node| Some((node.id_attribute("ID")?, node))).collect();
    let dialect = Scorm2004 { file, collection };
    let organization = imscp::read(&dialect, root, file, paths, findings);
    let items = organization.items.into_iter().map(Item::from).collect();
    let outline = match organization.node {
        None => Organization { items, ..Organization::default() },
        Some(node) => {
            let mut reader = Reader { file, findings };
            Organization {
                objectives_global_to_system: reader.flag(node, "objectivesGlobalToSystem", true),
                shared_data_global_to_system: reader.flag(node, "sharedDataGlobalToSystem", true),
                completion_threshold: completion_threshold(&mut reader, node),
                sequencing: reader.sequencing(node, &dialect.collection),
                items,
            }
        }
    };
    Manifest { title: organization.title, outline: Outline::Scorm2004(Box::new(outline)) }
}

struct Scorm2004<'a> {
    /// The name of the manifest.
    file: &'a str,
    /// The elements of `imsss:sequencingCollection`, by their ID.
    collection: BTreeMap<String, &'a Node>,
}

impl Dialect for Scorm2004<'_> {
    type Values = Values;

    fn values(&self, node: &Node, _place: String, findings: &mut Findings) -> Values {
        let mut reader = Reader { file: self.file, findings };
        let data = node.child_any_case("dataFromLMS").map(|data| data.text.trim().to_owned());
        Values {
            time_limit_action: node.child_any_case("timeLimitAction").and_then(|node| reader.time_limit_action(node)),
            launch_data: data.filter(|data| !data.is_empty()),
            completion_threshold: completion_threshold(&mut reader, node),
            shared_data: shared_data(&mut reader, node),
            hidden_controls: hidden_controls(node),
            sequencing: reader.sequencing(node, &self.collection),
        }
    }

    fn scorm_type<'n>(&self, resource: &'n Node) -> Option<&'n str> {
        resource.attribute("scormType").or_else(|| resource.attribute("scormtype"))
    }
}

fn completion_threshold(reader: &mut Reader<'_>, node: &Node) -> CompletionThreshold {
    let Some(node) = node.child_any_case("completionThreshold") else { return CompletionThreshold::default() };
    if let Some(measure) = reader.measure_text(node, "completionThreshold") {
        // The editions before the 4th have no attributes: whoever writes a threshold means it.
        return CompletionThreshold {
            completed_by_measure: true,
            min_progress_measure: measure,
            ..CompletionThreshold::default()
        };
    }
    CompletionThreshold {
        completed_by_measure: reader.flag(node, "completedByMeasure", false),
        min_progress_measure: reader.measure(node, "minProgressMeasure", "0", "1.0"),
        progress_weight: reader.measure(node, "progressWeight", "0", "1.0"),
    }
}

fn shared_data(reader: &mut Reader<'_>, node: &Node) -> Vec<SharedDataMap> {
    let maps = node.child_any_case("data").into_iter().flat_map(|data| data.all("map"));
    let read = |map: &Node| {
        Some(SharedDataMap {
            target: map.id_attribute("targetID")?,
            read: reader.flag(map, "readSharedData", true),
            write: reader.flag(map, "writeSharedData", true),
        })
    };
    maps.filter_map(read).collect()
}

fn hidden_controls(node: &Node) -> BTreeSet<Control> {
    let interface = node.child("presentation").and_then(|presentation| presentation.child("navigationInterface"));
    let hidden = interface.into_iter().flat_map(|interface| interface.all("hideLMSUI"));
    hidden.filter_map(|node| Control::read(node.text.trim())).collect()
}

impl From<imscp::Item<Values>> for Item {
    fn from(item: imscp::Item<Values>) -> Self {
        let imscp::Item { id, title, launch, visible, values, items } = item;
        Self { id, title, launch, visible, values, items: items.into_iter().map(Self::from).collect() }
    }
}

impl Branch for Item {
    fn branches(&self) -> &[Self] {
        &self.items
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let Self { id, title, launch, visible, .. } = self;
        OutlineEntry { depth: 0, id, title, launch: launch.as_ref(), visible: *visible, prerequisites: None }
    }

    fn item(&self) -> report::Item {
        let Values { time_limit_action, launch_data, sequencing, .. } = &self.values;
        let primary = sequencing.objectives.primary.as_ref().filter(|objective| objective.satisfied_by_measure);
        report::Item {
            mastery_score: primary.map(|objective| objective.min_normalized_measure.to_string()),
            max_time_allowed: sequencing.limits.attempt_absolute_duration_limit.clone(),
            time_limit_action: time_limit_action.map(|action| action.as_str().to_owned()),
            launch_data: launch_data.clone(),
            ..report::Item::of(self.entry())
        }
    }
}
