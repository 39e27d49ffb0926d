//! How packages and their reports look on pages.

use crate::http::pages;
use crate::service::catalogue::packages::Refusal;
use crate::service::{App, PackageVersion};
use askama::Template;
use askama::filters::HtmlSafe;
use content::{Finding, Item, Launch, Report, Role, Severity, Standard};
use jiff::tz::TimeZone;

/// The provider's time zone.
pub(super) fn zone(app: &App) -> TimeZone {
    // The configuration was checked at the start; should the zone have gone since, times are shown in UTC and say so.
    TimeZone::get(&app.config.provider.time_zone).unwrap_or(TimeZone::UTC)
}

/// One package or refusal of the list.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) standard: String,
    pub(super) size: String,
    pub(super) when: String,
    /// What there is to read in the report: `2 warnings`.
    pub(super) note: String,
}

impl Row {
    pub(super) fn accepted(version: &PackageVersion, zone: &TimeZone) -> Self {
        Self {
            href: format!("/studio/packages/{}", version.id),
            title: version.package.title.clone(),
            standard: standard(&version.report),
            size: pages::bytes(version.size),
            when: pages::moment(version.imported, zone),
            note: counted(&version.report, Severity::Warning),
        }
    }

    pub(super) fn refused(refusal: &Refusal, zone: &TimeZone) -> Self {
        Self {
            href: format!("/studio/refused/{}", refusal.sha256),
            title: name(refusal),
            standard: standard(&refusal.report),
            size: pages::bytes(refusal.size),
            when: pages::moment(refusal.refused, zone),
            note: refusal.report.findings.first().map(|finding| finding.message.clone()).unwrap_or_default(),
        }
    }
}

/// What to call a refused upload: its file, or its title, or what little is known.
pub(super) fn name(refusal: &Refusal) -> String {
    let title = || refusal.report.title.clone().unwrap_or_else(|| "Unnamed upload".to_owned());
    if refusal.name.is_empty() { title() } else { refusal.name.clone() }
}

/// The standard with its edition, as people say it.
pub(super) fn standard(report: &Report) -> String {
    let name = match report.kind {
        None => return "Not recognised".to_owned(),
        Some(Standard::Scorm12) => return "SCORM 1.2".to_owned(),
        Some(Standard::Scorm2004) => "SCORM 2004",
        Some(Standard::Cmi5) => "cmi5",
        Some(Standard::TinCan) => "Tin Can (xAPI)",
    };
    report.edition.as_ref().map_or_else(|| name.to_owned(), |edition| format!("{name} {edition}"))
}

/// How many findings of this severity there are, in words; empty when there are none.
pub(super) fn counted(report: &Report, severity: Severity) -> String {
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "remark",
    };
    match report.findings.iter().filter(|finding| finding.severity == severity).count() {
        0 => String::new(),
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}

/// The findings of one severity, under a heading.
pub(super) struct Group {
    pub(super) heading: &'static str,
    pub(super) state: &'static str,
    pub(super) word: &'static str,
    pub(super) findings: Vec<Finding>,
}

/// The findings by severity, gravest first; severities without any are left out.
pub(super) fn groups(report: &Report) -> Vec<Group> {
    const KINDS: [(Severity, &str, &str, &str); 3] = [
        (Severity::Error, "Errors", "error", "Error"),
        (Severity::Warning, "Warnings", "warning", "Warning"),
        (Severity::Info, "Good to know", "info", "Remark"),
    ];
    let group = |(severity, heading, state, word)| {
        let of_kind = report.findings.iter().filter(|finding| finding.severity == severity);
        Group { heading, state, word, findings: of_kind.cloned().collect() }
    };
    KINDS.into_iter().map(group).filter(|group| !group.findings.is_empty()).collect()
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

    fn what(&self, item: &Item) -> &'static str {
        match &item.launch {
            Some(Launch { role: Role::Sco, .. }) => "SCO",
            Some(Launch { role: Role::Asset, .. }) => "Asset",
            None if self.is_broken(item) => "Cannot start",
            None => "Heading",
        }
    }

    fn tone(&self, item: &Item) -> &'static str {
        match &item.launch {
            Some(Launch { role: Role::Sco, .. }) => "accent",
            None if self.is_broken(item) => "bad",
            Some(Launch { role: Role::Asset, .. }) | None => "",
        }
    }

    fn is_broken(&self, item: &Item) -> bool {
        self.broken.contains(&item.id)
    }
}

/// The items that findings name.
pub(super) fn broken(report: &Report) -> Vec<String> {
    report.findings.iter().filter(|finding| finding.severity != Severity::Info).map(|f| f.place.clone()).collect()
}
