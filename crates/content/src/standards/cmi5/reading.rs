//! Reads a course structure. A structure that breaks the schema of §13.2 is refused: the standard says so (§13.2), and whoever
//! publishes one has a tool that checks it.

use super::{AssignableUnit, Course, Item, ItemKind, LanguageStrings, LaunchMethod, MoveOn, Objective, Start};
use crate::findings::{Code, Findings, cut};
use crate::href::{HrefError, Paths};
use crate::package::{Launch, Role};
use crate::xml::Node;
use base::decimal::Decimal;
use base::iri::is_iri;
use std::collections::BTreeSet;

const MOVE_ON: [(&str, MoveOn); 5] = [
    ("Passed", MoveOn::Passed),
    ("Completed", MoveOn::Completed),
    ("CompletedAndPassed", MoveOn::CompletedAndPassed),
    ("CompletedOrPassed", MoveOn::CompletedOrPassed),
    ("NotApplicable", MoveOn::NotApplicable),
];
const LAUNCH_METHODS: [(&str, LaunchMethod); 2] =
    [("AnyWindow", LaunchMethod::AnyWindow), ("OwnWindow", LaunchMethod::OwnWindow)];

/// The course of the structure whose root is `root`.
pub(super) fn course(root: &Node, file: &str, paths: &Paths, findings: &mut Findings) -> Course {
    let mut reader = Reader { file, paths, findings, ids: BTreeSet::new(), objectives: BTreeSet::new() };
    reader.course(root)
}

struct Reader<'a> {
    /// The name of the file.
    file: &'a str,
    paths: &'a Paths,
    findings: &'a mut Findings,
    /// Of blocks and AUs so far.
    ids: BTreeSet<String>,
    /// Of objectives.
    objectives: BTreeSet<String>,
}

impl Reader<'_> {
    fn find(&mut self, code: Code, node: &Node, message: impl Into<String>) {
        let (line, column) = (node.place.line, node.place.column);
        let place =
            if self.file.is_empty() { format!("{line}:{column}") } else { format!("{}:{line}:{column}", self.file) };
        self.findings.add(code, place, message);
    }

    fn invalid(&mut self, node: &Node, message: impl Into<String>) {
        self.find(Code::CourseStructureInvalid, node, message);
    }

    fn course(&mut self, root: &Node) -> Course {
        let Some(node) = root.child("course") else {
            self.invalid(root, "The course structure has no <course> element.");
            return Course::default();
        };
        self.order(node, &["title", "description", "objectives"], &["title", "description"]);
        let objectives: Vec<Objective> = node
            .child("objectives")
            .into_iter()
            .flat_map(|all| all.all("objective"))
            .map(|o| self.objective(o))
            .collect();
        let course = Course {
            id: self.iri(node, "id", "course"),
            title: strings(node.child("title")),
            description: strings(node.child("description")),
            objectives,
            items: self.items(root),
        };
        if course.items.is_empty() {
            self.invalid(root, "The course has no block and no AU, so nothing to start.");
        }
        course
    }

    fn objective(&mut self, node: &Node) -> Objective {
        let id = self.iri(node, "id", "objective");
        if !self.objectives.insert(id.clone()) {
            self.find(Code::IdTwice, node, format!("Two objectives have the id \"{}\".", cut(&id)));
        }
        Objective { id, title: strings(node.child("title")), description: strings(node.child("description")) }
    }

    fn items(&mut self, node: &Node) -> Vec<Item> {
        let of_course = node.children.iter().filter(|child| matches!(child.name.as_str(), "au" | "block"));
        of_course.map(|child| self.item(child)).collect()
    }

    fn item(&mut self, node: &Node) -> Item {
        let is_block = node.name == "block";
        let what = if is_block { "block" } else { "AU" };
        let id = self.iri(node, "id", what);
        if !id.is_empty() && !self.ids.insert(id.clone()) {
            self.find(Code::IdTwice, node, format!("The id \"{}\" is used twice.", cut(&id)));
        }
        let titles = strings(node.child("title"));
        let objectives = self.objectives_of(node);
        let kind = if is_block {
            self.order(
                node,
                &["title", "description", "objectives", "au|block"],
                &["title", "description", "au|block"],
            );
            ItemKind::Block { items: self.items(node) }
        } else {
            const ORDER: [&str; 6] =
                ["title", "description", "objectives", "url", "launchParameters", "entitlementKey"];
            self.order(node, &ORDER, &["title", "description", "url"]);
            ItemKind::Au(Box::new(self.unit(node, &id)))
        };
        let title = titles.first().map_or_else(|| id.clone(), |(_, title)| title.clone());
        Item { title, titles, description: strings(node.child("description")), objectives, kind, id }
    }

    fn unit(&mut self, node: &Node, id: &str) -> AssignableUnit {
        AssignableUnit {
            start: self.start(node, id),
            launch_method: self.word(node, "launchMethod", &LAUNCH_METHODS),
            move_on: self.word(node, "moveOn", &MOVE_ON),
            mastery_score: self.mastery_score(node),
            launch_parameters: text(node.child("launchParameters")),
            entitlement_key: text(node.child("entitlementKey")),
            activity_type: node.attribute("activityType").map(|_| self.iri(node, "activityType", "AU")),
        }
    }

    /// §13.1.4: a URL, relative to the package or with its own server.
    fn start(&mut self, node: &Node, id: &str) -> Start {
        let Some(url) = node.child("url") else { return Start::Missing };
        let href = url.text.trim();
        if href.is_empty() || href.contains(char::is_whitespace) {
            self.invalid(url, format!("The url \"{}\" is not a URL.", cut(href)));
            return Start::Missing;
        }
        match self.paths.find(&[], href) {
            Ok(found) => Start::File(Launch { role: Role::Sco, path: found.path, suffix: found.suffix }),
            Err(HrefError::External) if is_iri(href) => Start::Elsewhere(href.to_owned()),
            Err(HrefError::External | HrefError::Empty) => {
                self.invalid(url, format!("The url \"{}\" is not a URL.", cut(href)));
                Start::Missing
            }
            Err(HrefError::Missing(path)) => {
                let message = format!("The AU starts \"{}\", which is not in the package.", cut(&path));
                self.findings.add_as(crate::Severity::Error, Code::LaunchFileMissing, id, message);
                Start::Missing
            }
            Err(HrefError::Escapes) => {
                self.find(Code::PathEscapes, url, format!("The path \"{}\" leads out of the package.", cut(href)));
                Start::Missing
            }
            Err(HrefError::Unsafe) => {
                self.find(Code::LaunchUnsafe, url, format!("The url \"{}\" does not name a file.", cut(href)));
                Start::Missing
            }
        }
    }

    fn objectives_of(&mut self, node: &Node) -> Vec<String> {
        let mut ids = Vec::new();
        for reference in node.child("objectives").into_iter().flat_map(|all| all.all("objective")) {
            let id = reference.attribute("idref").unwrap_or_default().trim().to_owned();
            if !self.objectives.contains(&id) {
                let message = format!("The objective \"{}\" is not one of the course.", cut(&id));
                self.find(Code::ObjectiveMissing, reference, message);
            }
            ids.push(id);
        }
        ids
    }

    /// The IRI in an attribute; what is not one is reported, and kept as it is written.
    fn iri(&mut self, node: &Node, name: &str, what: &str) -> String {
        let id = node.attribute(name).unwrap_or_default().trim().to_owned();
        if !is_iri(&id) {
            let message = format!("The {name} of the {what} is \"{}\", which is not an absolute IRI.", cut(&id));
            self.find(Code::IdNotIri, node, message);
        }
        id
    }

    fn word<T: Copy + Default>(&mut self, node: &Node, name: &str, words: &[(&str, T)]) -> T {
        let Some(text) = node.attribute(name).map(str::trim) else { return T::default() };
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("The {name} is \"{}\", and should be one of {}.", cut(text), known.join(", "));
            self.invalid(node, message);
        }
        found.map(|(_, value)| *value).unwrap_or_default()
    }

    /// §13.1.4: a decimal from 0 to 1.
    fn mastery_score(&mut self, node: &Node) -> Option<Decimal> {
        let text = node.attribute("masteryScore")?.trim();
        let score = Decimal::read(text).filter(|score| (Decimal::of("0")..=Decimal::of("1")).contains(score));
        if score.is_none() {
            let message = format!("The masteryScore is \"{}\", and should be a number from 0 to 1.", cut(text));
            self.invalid(node, message);
        }
        score
    }

    /// Reports children of the course structure's own namespace that are missing or in another order than the schema's.
    fn order(&mut self, node: &Node, order: &[&str], required: &[&str]) {
        let rank = |name: &str| order.iter().position(|words| words.split('|').any(|word| word == name));
        let own = || node.children.iter().filter(|child| child.namespace == node.namespace);
        for name in required.iter().filter(|name| !own().any(|child| name.split('|').any(|word| word == child.name))) {
            let name = name.replace('|', "> or <");
            self.invalid(node, format!("A <{}> needs a <{name}>.", node.name));
        }
        let ranks: Vec<Option<usize>> = own().map(|child| rank(&child.name)).collect();
        let mut latest = 0;
        for (child, rank) in own().zip(ranks) {
            match rank {
                None => self.invalid(child, format!("A <{}> has no <{}>.", node.name, cut(&child.name))),
                Some(rank) if rank < latest => {
                    let message = format!("The <{}> comes too late in its <{}>.", child.name, node.name);
                    self.invalid(child, message);
                }
                Some(rank) => latest = rank,
            }
        }
    }
}

/// The `langstring` children of an element.
fn strings(node: Option<&Node>) -> LanguageStrings {
    let strings = node.into_iter().flat_map(|node| node.all("langstring"));
    strings
        .filter_map(|node| Some((node.attribute("lang").unwrap_or_default().trim().to_owned(), node.words()?)))
        .collect()
}

/// The text of an element as it is written, if there is any.
fn text(node: Option<&Node>) -> Option<String> {
    node.map(|node| node.text.trim().to_owned()).filter(|text| !text.is_empty())
}
