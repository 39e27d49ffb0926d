//! What a package contains, in the terms of its standard, and what all standards have in common.

use super::package::Launch;
use super::report::Item;
use super::standards::{Standard, cmi5, scorm12, scorm2004, tincan};

/// The tree that a manifest describes: its default organization, its course structure, or its activities.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    Scorm12(Vec<scorm12::Item>),
    Scorm2004(Box<scorm2004::Organization>),
    Cmi5(cmi5::Course),
    TinCan(Vec<tincan::Activity>),
}

/// A line of a table of contents: a heading, or something that can be launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutlineEntry<'a> {
    /// How many lines that are shown it is below.
    pub depth: usize,
    /// The identifier in the manifest.
    pub id: &'a str,
    pub title: &'a str,
    /// What it starts; `None` for a heading, and for an item that cannot be launched.
    pub launch: Option<&'a Launch>,
    /// Whether a table of contents shows it.
    pub visible: bool,
    /// As written. Shown, never enforced.
    pub prerequisites: Option<&'a str>,
}

impl Outline {
    /// An outline with nothing in it.
    pub(crate) fn empty(standard: Standard) -> Self {
        match standard {
            Standard::Scorm12 => Self::Scorm12(Vec::new()),
            Standard::Scorm2004 => Self::Scorm2004(Box::default()),
            Standard::Cmi5 => Self::Cmi5(cmi5::Course::default()),
            Standard::TinCan => Self::TinCan(Vec::new()),
        }
    }

    /// The standard whose terms it uses.
    pub fn standard(&self) -> Standard {
        match self {
            Self::Scorm12(_) => Standard::Scorm12,
            Self::Scorm2004(_) => Standard::Scorm2004,
            Self::Cmi5(_) => Standard::Cmi5,
            Self::TinCan(_) => Standard::TinCan,
        }
    }

    /// Every line, each before those below it.
    pub fn entries(&self) -> Vec<OutlineEntry<'_>> {
        let mut entries = Vec::new();
        match self {
            Self::Scorm12(items) => collect(items, 0, &mut entries),
            Self::Scorm2004(organization) => collect(&organization.items, 0, &mut entries),
            Self::Cmi5(course) => collect(&course.items, 0, &mut entries),
            Self::TinCan(activities) => collect(activities, 0, &mut entries),
        }
        entries
    }

    /// Whether something of it can be started: a page of the package, or, as cmi5 allows, one on another server.
    pub(crate) fn can_start(&self) -> bool {
        let Self::Cmi5(course) = self else { return self.entries().iter().any(|entry| entry.launch.is_some()) };
        let mut waiting: Vec<&cmi5::Item> = course.items.iter().collect();
        while let Some(item) = waiting.pop() {
            match &item.kind {
                cmi5::ItemKind::Au(unit) if unit.start != cmi5::Start::Missing => return true,
                cmi5::ItemKind::Au(_) => {}
                cmi5::ItemKind::Block { items } => waiting.extend(items),
            }
        }
        false
    }

    /// The tree as reports and stored packages list it.
    pub(crate) fn items(&self) -> Vec<Item> {
        match self {
            Self::Scorm12(items) => listed(items),
            Self::Scorm2004(organization) => listed(&organization.items),
            Self::Cmi5(course) => listed(&course.items),
            Self::TinCan(activities) => listed(activities),
        }
    }
}

/// A node of a standard's outline.
pub(crate) trait Branch: Sized {
    /// The nodes below it.
    fn branches(&self) -> &[Self];

    /// Its line in a table of contents; the caller counts the depth.
    fn entry(&self) -> OutlineEntry<'_>;

    /// Its line in a report, without what is below it.
    fn item(&self) -> Item;
}

fn collect<'a, B: Branch>(branches: &'a [B], depth: usize, into: &mut Vec<OutlineEntry<'a>>) {
    for branch in branches {
        let entry = OutlineEntry { depth, ..branch.entry() };
        into.push(entry);
        collect(branch.branches(), depth + usize::from(entry.visible), into);
    }
}

fn listed<B: Branch>(branches: &[B]) -> Vec<Item> {
    branches.iter().map(|branch| Item { items: listed(branch.branches()), ..branch.item() }).collect()
}
