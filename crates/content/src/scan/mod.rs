//! What the pages and scripts of a package say about the credit that it will lead to, found by reading through them once.
//!
//! Scripts are searched, never run. What is *there* is certain; what is *absent* is said only where every script could be
//! read, and as a warning: a script may build the names of elements from pieces.

mod patterns;

pub(crate) use patterns::signatures;

use crate::findings::{Code, Findings, cut};
use crate::outline::Outline;
use crate::package::{Launch, Role};
use crate::standards::scorm12;
use crate::tool;
use patterns::{Act, Finds, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// The most of one file that is searched, in bytes. The run-time files of the common tools are below 3 MB.
pub(crate) const LONGEST: u64 = 8 << 20;

/// How many files of a dispatch are searched; a course that merely has a file of that name has more.
const MOST_OF_DISPATCH: usize = 30;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The tool that made the package, whose signature is looked for.
    tool: Option<&'static str>,
    pub(crate) tool_version: Option<String>,
    /// Whether something that could name a status was not read.
    is_partial: bool,
    scripts: Vec<Reference>,
    frames: Vec<Reference>,
    styles: Vec<Reference>,
    media: Vec<Reference>,
    calls: Vec<Reference>,
    links: Vec<Reference>,
    maximum: Option<Reference>,
    /// How many files were searched.
    searched: usize,
    /// The address on another server that a file named for a dispatch has.
    dispatch: Option<Reference>,
    /// The first file that does each.
    acts: BTreeMap<Act, String>,
}

/// Something outside the package, or a value, and the file that names it.
#[derive(Debug)]
struct Reference {
    file: String,
    target: String,
}

impl Scan {
    /// For a package that `tool` made.
    pub(crate) fn of(tool: Option<&'static str>) -> Self {
        Self { tool, ..Self::default() }
    }

    /// Whether the file at `path` is of a kind that is searched; one that is too long is remembered as unread.
    pub(crate) fn wants(&mut self, path: &str, size: u64) -> bool {
        let Some(kind) = Kind::of(path) else { return false };
        let fits = kind != Kind::Program && size <= LONGEST;
        self.is_partial |= !fits;
        fits
    }

    /// Searches the file at `path`.
    pub(crate) fn read(&mut self, path: &str, bytes: &[u8]) {
        let Some(kind) = Kind::of(path) else { return };
        let found = Finds::of(kind, bytes);
        self.searched += 1;
        if kind == Kind::Page && self.tool_version.is_none() {
            self.tool_version = self.tool.and_then(|tool| tool::version(tool, bytes));
        }
        if self.dispatch.is_none() && path.to_ascii_lowercase().contains("dispatch") {
            let target = patterns::first_address(bytes);
            self.dispatch = target.map(|target| Reference { file: path.to_owned(), target });
        }
        let named =
            |targets: Vec<String>| targets.into_iter().map(|target| Reference { file: path.to_owned(), target });
        for act in found.acts {
            self.acts.entry(act).or_insert_with(|| path.to_owned());
        }
        self.scripts.extend(named(found.scripts));
        self.frames.extend(named(found.frames));
        self.styles.extend(named(found.styles));
        self.media.extend(named(found.media));
        self.calls.extend(named(found.calls));
        self.links.extend(named(found.links));
        self.maximum = self.maximum.take().or_else(|| named(found.maximum.into_iter().collect()).next());
    }

    /// Reports what was found about the package whose outline is `outline`.
    pub(crate) fn report(self, outline: &Outline, findings: &mut Findings) {
        let is_sco = |launch: &Launch| launch.role == Role::Sco;
        if !outline.entries().iter().any(|entry| entry.launch.is_some_and(is_sco)) {
            return;
        }
        let is_scorm = matches!(outline, Outline::Scorm12(_) | Outline::Scorm2004(_));
        if is_scorm && !self.acts.contains_key(&Act::NamesStatus) && !self.is_partial && self.scripts.is_empty() {
            let message = "No page or script of the package names lesson_status or completion_status, the elements by which \
                           SCORM content reports that it was completed or passed. Without a report, no learner gets credit.";
            findings.add(Code::CompletionNeverReported, "", message);
        }
        if let Outline::Scorm12(items) = outline {
            self.report_scores(items, findings);
        }
        if let Some(Reference { file, target }) = self.dispatch.as_ref().filter(|_| self.searched <= MOST_OF_DISPATCH) {
            let message = format!(
                "The package is a dispatch: it holds no course, and opens one at {}, where learners' records stay.",
                cut(target)
            );
            findings.add(Code::DispatchPackage, file.as_str(), message);
        }
        external(Code::ExternalScript, "A script", &self.scripts, findings);
        external(Code::ExternalFrame, "A frame", &self.frames, findings);
        external(Code::ExternalStyle, "A style sheet or a font", &self.styles, findings);
        external(Code::ExternalMedia, "A picture, a video or a sound", &self.media, findings);
        self.report_calls(findings);
        if let Some(file) = self.acts.get(&Act::KeepsJson) {
            let message = "A script keeps its state as JSON in cmi.suspend_data, which grows with every page and question. \
                           This server keeps 64,000 characters; others keep the 4,096 of SCORM 1.2.";
            findings.add(Code::SuspendDataGrows, file.as_str(), message);
        }
        if let Some(file) = self.acts.get(&Act::OpensWindow) {
            let message = "The page opens a window as soon as it loads, which browsers block until the learner clicks.";
            findings.add(Code::OpensWindowOnLoad, file.as_str(), message);
        }
        if let Some(file) = self.acts.get(&Act::PlaysSound) {
            let message = "The page plays sound as soon as it loads, which browsers block until the learner clicks.";
            findings.add(Code::PlaysSoundOnLoad, file.as_str(), message);
        }
    }

    /// The servers that scripts call and pages link to, each once, and what browsers block because it is not encrypted.
    fn report_calls(&self, findings: &mut Findings) {
        for (code, what, references) in
            [(Code::ExternalCall, "A script calls", &self.calls), (Code::ExternalLink, "A page links to", &self.links)]
        {
            let mut named = BTreeSet::new();
            for Reference { file, target } in references {
                let server = server(target);
                if named.insert(server) {
                    findings.add(code, file.as_str(), format!("{what} another server: {}.", cut(server)));
                }
            }
        }
        let loaded = [&self.scripts, &self.frames, &self.styles, &self.media, &self.calls].into_iter().flatten();
        let open = |target: &str| target.starts_with("http:") || target.starts_with("ws:");
        for Reference { file, target } in loaded.filter(|reference| open(&reference.target)) {
            findings.add(Code::MixedContent, file.as_str(), format!("{} is loaded without encryption.", cut(target)));
        }
    }

    /// What the scores of a package of SCORM 1.2 lead to.
    fn report_scores(&self, items: &[scorm12::Item], findings: &mut Findings) {
        let has_mastery = scos(items).iter().any(|item| item.values.mastery_score.is_some());
        if !has_mastery {
            let message = "No item states a mastery score, so the content alone decides who has passed: the server \
                           cannot check its word against the score.";
            findings.add(Code::MasteryScoreMissing, "", message);
        }
        if let Some(Reference { file, target }) = self.maximum.as_ref().filter(|_| has_mastery) {
            let message = format!(
                "A script sets the highest score to {}, while the mastery score counts on a scale of 0 to 100: learners \
                 who pass may be judged as failed.",
                cut(target)
            );
            findings.add(Code::ScoreScaleDiffers, file.as_str(), message);
        }
    }
}

/// Every item that starts a SCO.
fn scos(items: &[scorm12::Item]) -> Vec<&scorm12::Item> {
    let starts = |item: &&scorm12::Item| item.launch.as_ref().is_some_and(|launch| launch.role == Role::Sco);
    items.iter().flat_map(|item| Some(item).filter(starts).into_iter().chain(scos(&item.items))).collect()
}

/// The server of an address.
fn server(target: &str) -> &str {
    let (_, rest) = target.split_once("//").unwrap_or(("", target));
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Reports each of `references`.
fn external(code: Code, what: &str, references: &[Reference], findings: &mut Findings) {
    for reference in references {
        let message = format!("{what} comes from another server: {}.", cut(&reference.target));
        findings.add(code, reference.file.as_str(), message);
    }
}
