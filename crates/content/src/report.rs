//! The import report: what an examination found, in the form that designers and scripts read.

use super::outline::OutlineEntry;
use super::package::Launch;
use super::standards::Standard;
use serde::{Deserialize, Serialize};

/// What an import found: what `enduring package check --json` prints, and what every upload yields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Whether the package can be played. True exactly when no finding is an error.
    pub accepted: bool,
    /// Unknown when no manifest could be recognized.
    pub kind: Option<Standard>,
    /// The edition of SCORM 2004, or the version of another standard, as the manifest states it.
    pub edition: Option<String>,
    pub title: Option<String>,
    /// The tool that made the package, where it is known.
    pub tool: Option<String>,
    /// The version of that tool, where its pages or the manifest state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<String>,
    /// The tree of the default organization.
    pub items: Vec<Item>,
    pub findings: Vec<Finding>,
}

impl ImportReport {
    /// The tool with its version, as far as both are known; empty when neither is.
    pub fn made_with(&self) -> String {
        let parts = [self.tool.as_deref(), self.tool_version.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// One thing that the designer should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable; words joined by `-`, such as `launch-file-missing`.
    pub code: String,
    /// Where: a path in the package, `path:line:column` in an XML file, or an item's identifier. Empty for the whole upload.
    pub place: String,
    /// A plain sentence.
    pub message: String,
    /// What to do about it, as a plain sentence.
    pub remedy: String,
    /// How often it was found; `place` and `message` are about the first time.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: usize,
    /// Where else, for the next few times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Instance>,
}

/// One more place where the same was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub place: String,
    /// A plain sentence.
    pub message: String,
}

impl Finding {
    /// In how many places it was found that are not listed.
    pub fn unlisted(&self) -> usize {
        self.count.saturating_sub(1 + self.others.len())
    }
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_once(count: &usize) -> bool {
    *count == 1
}

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// A line of the tree, in one form for all standards: a heading, or something that can be launched. What a standard does
/// not know is `None`; [`super::Outline`] has each standard's own terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The identifier in the manifest.
    pub id: String,
    pub title: String,
    /// What it starts; `None` for a heading, and for an item that cannot be launched (which a finding explains).
    pub launch: Option<Launch>,
    /// The page on another server that it starts, as cmi5 allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// Whether a table of contents shows it.
    pub visible: bool,
    /// As its standard counts: SCORM 1.2 from 0 to 100, cmi5 from 0 to 1.
    pub mastery_score: Option<String>,
    /// As `HHHH:MM:SS.SS`.
    pub max_time_allowed: Option<String>,
    /// What happens when that time is over.
    pub time_limit_action: Option<String>,
    /// What content receives when it starts.
    pub launch_data: Option<String>,
    /// As written.
    pub prerequisites: Option<String>,
    pub items: Vec<Item>,
}

impl Item {
    /// What every standard says of it; without what is below it.
    pub(crate) fn of(entry: OutlineEntry<'_>) -> Self {
        Self {
            id: entry.id.to_owned(),
            title: entry.title.to_owned(),
            launch: entry.launch.cloned(),
            elsewhere: None,
            visible: entry.visible,
            mastery_score: None,
            max_time_allowed: None,
            time_limit_action: None,
            launch_data: None,
            prerequisites: entry.prerequisites.map(str::to_owned),
            items: Vec::new(),
        }
    }
}
