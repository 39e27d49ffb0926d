//! How packages and their reports look on pages.

use crate::http::pages;
use crate::http::pages::Formats;
use crate::http::pages::presenter::{Badge, FindingKind, Tone};
use crate::service::catalogue::packages::Refusal;
use crate::service::{ActivityVersion, PackageVersion};
use askama::Template;
use askama::filters::HtmlSafe;
use content::{Finding, ImportReport, Item, Launch, Role, Severity};

/// One package or refusal of the list.
pub(super) struct PackageRow {
    pub(super) href: String,
    pub(super) title: String,
    /// The name of the file, where it is known and says more than the title.
    pub(super) file: String,
    pub(super) standard: String,
    pub(super) tool: String,
    /// The titles of the activities that use it.
    pub(super) used_by: Vec<String>,
    pub(super) size: String,
    pub(super) when: String,
    /// A summary of the report: `2 warnings`.
    pub(super) note: String,
}

impl PackageRow {
    /// What the check of an accepted package found.
    pub(super) fn findings(&self) -> Badge {
        if self.note.is_empty() { Badge::new(Tone::Good, "None") } else { Badge::new(Tone::Warn, self.note.clone()) }
    }

    /// `activities` are the current versions of all of them.
    pub(super) fn accepted(version: &PackageVersion, activities: &[ActivityVersion], formats: &Formats) -> Self {
        let users = activities.iter().filter(|activity| activity.package == version.id);
        Self {
            href: format!("/studio/packages/{}", version.id),
            title: version.package.title.clone(),
            file: version.name.clone(),
            tool: version.report.made_with(),
            used_by: users.map(|activity| activity.document.title.clone()).collect(),
            standard: standard(&version.report),
            size: pages::bytes(version.size),
            when: formats.moment(version.imported),
            note: counted(&version.report, Severity::Warning),
        }
    }

    pub(super) fn refused(refusal: &Refusal, formats: &Formats) -> Self {
        Self {
            href: format!("/studio/refused/{}", refusal.sha256),
            title: name(refusal),
            file: String::new(),
            tool: refusal.report.made_with(),
            used_by: Vec::new(),
            standard: standard(&refusal.report),
            size: pages::bytes(refusal.size),
            when: formats.moment(refusal.refused),
            note: refusal.report.findings.first().map(|finding| finding.message.clone()).unwrap_or_default(),
        }
    }
}

impl PackageRow {
    /// Whether every word of `query` is in what the row shows.
    pub(super) fn matches(&self, query: &str) -> bool {
        let shown = [&self.title, &self.file, &self.standard, &self.tool].into_iter().chain(&self.used_by);
        let shown = shown.map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n");
        query.to_lowercase().split_whitespace().all(|word| shown.contains(word))
    }
}

/// The name of a refused upload: its file, or its title, or else a default.
pub(super) fn name(refusal: &Refusal) -> String {
    let title = || refusal.report.title.clone().unwrap_or_else(|| "Unnamed upload".to_owned());
    if refusal.name.is_empty() { title() } else { refusal.name.clone() }
}

/// The standard with its edition, as people say it.
pub(super) fn standard(report: &ImportReport) -> String {
    let Some(kind) = report.kind else { return "Not recognized".to_owned() };
    [kind.to_string(), report.edition.clone().unwrap_or_default()].join(" ").trim().to_owned()
}

/// How many findings of this severity there are, in words; empty when there are none.
pub(super) fn counted(report: &ImportReport, severity: Severity) -> String {
    let count = report.findings.iter().filter(|finding| finding.severity == severity).count();
    FindingKind::from(severity).counted(count)
}

/// The findings of one kind, under a heading.
pub(super) struct FindingGroup {
    pub(super) kind: FindingKind,
    pub(super) findings: Vec<Finding>,
}

/// The findings by severity, most severe first; severities without any are omitted.
pub(super) fn groups(report: &ImportReport) -> Vec<FindingGroup> {
    let group = |severity| {
        let of_kind = report.findings.iter().filter(|finding| finding.severity == severity);
        FindingGroup { kind: severity.into(), findings: of_kind.cloned().collect() }
    };
    let groups = [Severity::Error, Severity::Warning, Severity::Info].map(group);
    groups.into_iter().filter(|group| !group.findings.is_empty()).collect()
}

/// The items of an organization as nested lists.
#[derive(Template)]
#[template(path = "studio/tree.html")]
pub(super) struct Tree<'a> {
    pub(super) items: &'a [Item],
    /// The identifiers of items that a finding says cannot be launched.
    pub(super) broken: &'a [String],
}

// The template escapes what it shows.
impl HtmlSafe for Tree<'_> {}

impl Tree<'_> {
    fn below<'a>(&'a self, item: &'a Item) -> Tree<'a> {
        Tree { items: &item.items, broken: self.broken }
    }

    fn badge(&self, item: &Item) -> Badge {
        match &item.launch {
            Some(Launch { role: Role::Sco, .. }) => Badge::new(Tone::Accent, "SCO"),
            Some(Launch { role: Role::Asset, .. }) => Badge::new(Tone::Neutral, "Asset"),
            None if item.elsewhere.is_some() => Badge::new(Tone::Neutral, "Another server"),
            None if self.is_broken(item) => Badge::new(Tone::Bad, "Cannot start"),
            None => Badge::new(Tone::Neutral, "Heading"),
        }
    }

    fn is_broken(&self, item: &Item) -> bool {
        // A report names the first few of many; a heading has something below it.
        self.broken.contains(&item.id) || item.items.is_empty()
    }
}

/// The items that findings name.
pub(super) fn broken(report: &ImportReport) -> Vec<String> {
    let grave = report.findings.iter().filter(|finding| finding.severity != Severity::Info);
    grave
        .flat_map(|finding| [&finding.place].into_iter().chain(finding.others.iter().map(|other| &other.place)))
        .cloned()
        .collect()
}
