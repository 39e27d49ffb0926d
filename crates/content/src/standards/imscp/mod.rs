//! The manifest of an IMS content package, as SCORM 1.2 (CAM §2.3) and SCORM 2004 (CAM §3.4) use it: the default
//! organization, its items, and the resources that they launch.

pub mod adlcp;

use crate::findings::{Code, Findings, cut};
use crate::href::{HrefError, Paths, ResolvedHref, Spelling};
use crate::package::{Launch, Role};
use crate::xml::{Node, Position};
use std::collections::BTreeMap;

/// An item of an organization: a heading, or something that can be launched.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<Values> {
    /// The identifier in the manifest, unique in its package.
    pub id: String,
    pub title: String,
    /// What it starts; `None` for a heading, and for an item that cannot be launched (which a finding explains).
    pub launch: Option<Launch>,
    /// Whether a table of contents shows it (SCORM 1.2 CAM §2.3.2.5 `isvisible`).
    pub visible: bool,
    /// What the standard's own elements say about it.
    pub values: Values,
    pub items: Vec<Item<Values>>,
}

/// What a standard that builds on content packages adds to them.
pub(super) trait Dialect {
    /// What its own elements say about an item.
    type Values;

    /// Reads them, from the item `node` at `place`.
    fn values(&self, node: &Node, place: String, findings: &mut Findings) -> Self::Values;

    /// Whether a resource is a SCO or an asset, as it is written.
    fn scorm_type<'n>(&self, resource: &'n Node) -> Option<&'n str>;

    /// What there is to say about the spelling of that.
    fn misspelling(&self, _resource: &Node) -> Option<(Code, &'static str)> {
        None
    }
}

/// What a manifest says about what learners see.
#[derive(Debug, PartialEq)]
pub(super) struct Organization<'a, Values> {
    /// Never empty: a manifest without any title is called by its identifier or file.
    pub(super) title: String,
    pub(super) items: Vec<Item<Values>>,
    /// The element, if there is one.
    pub(super) node: Option<&'a Node>,
}

/// Reads the manifest whose root is `root` and whose file is called `file`.
pub(super) fn read<'a, D: Dialect>(
    dialect: &'a D,
    root: &'a Node,
    file: &'a str,
    paths: &'a Paths,
    findings: &mut Findings,
) -> Organization<'a, D::Values> {
    let resources = BTreeMap::new();
    let mut reader =
        ManifestReader { file, paths, findings, resources, missing: Vec::new(), ids: BTreeMap::new(), dialect };
    reader.collect_resources(root);
    reader.report_missing_files(root);
    reader.organization(root)
}

struct ManifestReader<'a, 'f, D> {
    file: &'a str,
    paths: &'a Paths,
    findings: &'f mut Findings,
    resources: BTreeMap<String, Resource<'a>>,
    /// The files that are listed and not in the package, and where.
    missing: Vec<(Position, String)>,
    /// The identifiers of items so far, and for each the number that the last one made from it got.
    ids: BTreeMap<String, usize>,
    dialect: &'a D,
}

/// A `<resource>` with what it inherits.
#[derive(Clone, Copy)]
struct Resource<'a> {
    node: &'a Node,
    /// `xml:base` of the manifest, of the resources, and of the resource itself.
    base: [&'a str; 3],
}

impl<'a, D: Dialect> ManifestReader<'a, '_, D> {
    fn at(&self, place: Position) -> String {
        format!("{}:{}:{}", self.file, place.line, place.column)
    }

    fn find(&mut self, code: Code, place: Position, message: impl Into<String>) {
        let place = self.at(place);
        self.findings.add(code, place, message);
    }

    /// Collects the resources, and checks the files and dependencies that they name.
    fn collect_resources(&mut self, root: &'a Node) {
        for inner in root.all("manifest") {
            self.find(Code::SubmanifestIgnored, inner.place, "The manifest contains another one, which is not read.");
        }
        let lists = || root.all("resources");
        for list in lists() {
            self.check_base(list, [root.base(), list.base(), None]);
            for node in list.all("resource") {
                let base = [root.base(), list.base(), node.base()];
                if node.base().is_some() {
                    self.check_base(node, base);
                }
                let Some(id) = node.id_attribute("identifier") else { continue };
                let resource = Resource { node, base: base.map(Option::unwrap_or_default) };
                if self.resources.insert(id.clone(), resource).is_some() {
                    let message = format!("Two resources have the identifier \"{}\"; the last one counts.", cut(&id));
                    self.find(Code::ResourceIdentifierTwice, node.place, message);
                }
            }
        }
        for node in lists().flat_map(|list| list.all("resource")) {
            let id = node.id_attribute("identifier").unwrap_or_default();
            if let Some(resource) =
                self.resources.get(&id).copied().filter(|resource| std::ptr::eq(resource.node, node))
            {
                self.check_files(resource);
                self.check_dependencies(node);
            }
        }
    }

    /// Reports an `xml:base` that leads out of the package: once, not for each file below it.
    fn check_base(&mut self, node: &Node, base: [Option<&str>; 3]) {
        if climbs(base.map(Option::unwrap_or_default)) {
            let written: String = base.iter().flatten().copied().collect();
            let message = format!("The xml:base \"{}\" leads out of the package.", cut(&written));
            self.find(Code::PathEscapes, node.place, message);
        }
    }

    fn check_files(&mut self, resource: Resource<'a>) {
        for file in resource.node.all("file") {
            let href = file.attribute("href").unwrap_or_default();
            match self.paths.find(&resource.base, href) {
                Err(HrefError::Missing(path)) if Some(href) != resource.node.attribute("href") => {
                    self.missing.push((file.place, path));
                }
                Err(HrefError::Escapes) if !climbs(resource.base) => {
                    let message = format!("The path \"{}\" leads out of the package.", cut(href));
                    self.find(Code::PathEscapes, file.place, message);
                }
                Err(
                    HrefError::Missing(_)
                    | HrefError::Empty
                    | HrefError::Escapes
                    | HrefError::External
                    | HrefError::Unsafe,
                )
                | Ok(_) => {}
            }
        }
    }

    /// Reports the files that are missing. Where that is most of what the manifest lists, something else than the course was
    /// zipped.
    fn report_missing_files(&mut self, root: &Node) {
        const MANY: usize = 10;
        let missing = std::mem::take(&mut self.missing);
        for (place, path) in &missing {
            let message = format!("The file \"{}\" is listed, but is not in the package.", cut(path));
            self.find(Code::FileMissing, *place, message);
        }
        let resources = root.all("resources").flat_map(|all| all.all("resource"));
        let listed = resources.flat_map(|resource| resource.all("file")).count();
        if missing.len() >= MANY && missing.len() * 2 > listed {
            let message =
                format!("{} of the {listed} files that the manifest lists are not in the package.", missing.len());
            self.findings.add(Code::FilesMostlyMissing, self.file, message);
        }
    }

    fn check_dependencies(&mut self, resource: &'a Node) {
        for dependency in resource.all("dependency") {
            let id = dependency.id_attribute("identifierref").unwrap_or_default();
            if !self.resources.contains_key(&id) {
                let message = format!("A resource depends on \"{}\", which is not in the manifest.", cut(&id));
                self.find(Code::DependencyMissing, dependency.place, message);
            }
        }
    }

    fn organization(&mut self, root: &'a Node) -> Organization<'a, D::Values> {
        let organizations: Vec<&Node> = root.all("organizations").flat_map(|all| all.all("organization")).collect();
        let wanted = root.child("organizations").and_then(|all| all.id_attribute("default"));
        let fallback = root.id_attribute("identifier").unwrap_or_else(|| self.file.to_owned());
        let Some(chosen) = self.choose(root, &organizations, wanted.as_deref()) else {
            return Organization { title: metadata_title(root).unwrap_or(fallback), items: Vec::new(), node: None };
        };
        if organizations.len() > 1 {
            let message = format!("The manifest has {} organizations; the default one is shown.", organizations.len());
            self.find(Code::OrganizationsIgnored, chosen.place, message);
        }
        let items: Vec<_> = chosen.all("item").map(|item| self.item(item)).collect();
        if items.is_empty() {
            self.find(Code::OrganizationMissing, chosen.place, "The organization has no items.");
        }
        let title = chosen.child("title").and_then(Node::words).unwrap_or_else(|| {
            self.find(Code::TitleMissing, chosen.place, "The organization has no title.");
            metadata_title(root).or_else(|| Some(items.first()?.title.clone())).unwrap_or(fallback)
        });
        Organization { title, items, node: Some(chosen) }
    }

    /// The organization that learners see: the default, or else the first.
    fn choose(&mut self, root: &Node, organizations: &[&'a Node], wanted: Option<&str>) -> Option<&'a Node> {
        let Some(&first) = organizations.first() else {
            self.find(Code::OrganizationMissing, root.place, "The manifest has no organization, so nothing to show.");
            return None;
        };
        let nameless = organizations.iter().find(|organization| organization.id_attribute("identifier").is_none());
        if let Some(nameless) = nameless {
            let message = "An organization has no identifier.";
            self.find(Code::OrganizationIdentifierMissing, nameless.place, message);
        }
        let Some(wanted) = wanted else { return Some(first) };
        let named = organizations.iter().find(|organization| {
            organization.id_attribute("identifier").is_some_and(|identifier| identifier == wanted)
        });
        if named.is_none() && nameless.is_none() {
            let message = format!("The default organization \"{}\" does not exist; the first is shown.", cut(wanted));
            self.find(Code::OrganizationDefaultMissing, first.place, message);
        }
        Some(named.copied().unwrap_or(first))
    }

    fn item(&mut self, node: &'a Node) -> Item<D::Values> {
        let id = self.identifier(node);
        let title = node.child("title").and_then(Node::words).unwrap_or_else(|| {
            self.find(Code::TitleMissing, node.place, format!("The item \"{}\" has no title.", cut(&id)));
            id.clone()
        });
        let launch = match node.id_attribute("identifierref") {
            None => None,
            Some(resource) => self.launch(&id, &resource, node.attribute("parameters").unwrap_or_default()),
        };
        Item {
            launch,
            visible: node.attribute("isvisible").is_none_or(|visible| !visible.trim().eq_ignore_ascii_case("false")),
            values: self.dialect.values(node, self.at(node.place), self.findings),
            items: node.all("item").map(|item| self.item(item)).collect(),
            id,
            title,
        }
    }

    /// The item's identifier, unique among those of the package: progress is kept by it.
    fn identifier(&mut self, node: &Node) -> String {
        let written = node.id_attribute("identifier");
        if written.is_none() {
            self.find(Code::ItemIdentifierMissing, node.place, "An item has no identifier.");
        }
        let base = written.unwrap_or_else(|| format!("item-{}", self.ids.len() + 1));
        let mut id = base.clone();
        let mut uses = self.ids.get(&base).copied().unwrap_or_default();
        if uses == 1 {
            let message = format!("The identifier \"{}\" is used by several items.", cut(&base));
            self.find(Code::ItemIdentifierTwice, node.place, message);
        }
        while self.ids.contains_key(&id) {
            uses += 1;
            id = format!("{base}~{uses}");
        }
        self.ids.insert(base, uses.max(1));
        self.ids.entry(id.clone()).or_insert(1);
        id
    }

    /// What an item starts, or findings that say why it cannot be started.
    fn launch(&mut self, item: &str, resource: &str, parameters: &str) -> Option<Launch> {
        let Some(resource) = self.resources.get(resource).copied() else {
            let message =
                format!("The item refers to the resource \"{}\", which is not in the manifest.", cut(resource));
            self.findings.add(Code::ResourceMissing, item, message);
            return None;
        };
        let href = resource.node.attribute("href").unwrap_or_default();
        match self.paths.find(&resource.base, href) {
            Ok(found) => {
                self.spelling(&found, resource.node.place, href);
                let role = self.role(resource.node);
                Some(Launch { role, path: found.path, suffix: with_parameters(&found.suffix, parameters) })
            }
            // The xml:base has been reported already.
            Err(HrefError::Escapes) if climbs(resource.base) => None,
            Err(lost) => {
                self.lost(&lost, item, resource.node.place, href);
                None
            }
        }
    }

    fn lost(&mut self, lost: &HrefError, item: &str, place: Position, href: &str) {
        let href = cut(href);
        let at = self.at(place);
        let (code, place, message) = match lost {
            HrefError::Empty => {
                let message = format!("The resource that \"{}\" starts has no href, so there is no page.", cut(item));
                (Code::LaunchHrefMissing, at, message)
            }
            HrefError::Missing(path) => {
                let likely = self.paths.likely(path).map(|likely| format!(" It may mean \"{}\".", cut(likely)));
                let likely = likely.unwrap_or_default();
                let message = format!("The item starts \"{}\", which is not in the package.{likely}", cut(path));
                (Code::LaunchFileMissing, item.to_owned(), message)
            }
            HrefError::Escapes => (Code::PathEscapes, at, format!("The path \"{href}\" leads out of the package.")),
            HrefError::External => {
                (Code::LaunchExternal, item.to_owned(), format!("The item starts a page on another server: {href}."))
            }
            HrefError::Unsafe => (Code::LaunchUnsafe, at, format!("The href \"{href}\" does not name a file.")),
        };
        self.findings.add(code, place, message);
    }

    fn spelling(&mut self, found: &ResolvedHref, place: Position, href: &str) {
        let (code, what) = match found.spelling {
            Spelling::Right => return,
            Spelling::Backslash => (Code::HrefBackslash, "is written with backslashes"),
            Spelling::Case => (Code::HrefCase, "differs in upper and lower case"),
        };
        self.find(code, place, format!("The href \"{}\" {what}; the file is \"{}\".", cut(href), cut(&found.path)));
    }

    /// `adlcp:scormtype` in SCORM 1.2, `adlcp:scormType` in SCORM 2004.
    fn role(&mut self, resource: &Node) -> Role {
        if let Some((code, message)) = self.dialect.misspelling(resource) {
            self.find(code, resource.place, message);
        }
        match self.dialect.scorm_type(resource).map(|stated| stated.trim().to_ascii_lowercase()).as_deref() {
            Some("sco") => Role::Sco,
            Some("asset") => Role::Asset,
            Some(_) | None => {
                let message = "The resource does not say whether it is a SCO or an asset; it is shown as an asset, \
                               which reports nothing.";
                self.find(Code::ScormTypeMissing, resource.place, message);
                Role::Asset
            }
        }
    }
}

/// Whether these `xml:base` lead out of the package by themselves.
fn climbs(base: [&str; 3]) -> bool {
    Paths::default().find(&base, "x") == Err(HrefError::Escapes)
}

/// The title in the manifest's own IEEE LOM or IMS metadata: `lom/general/title/langstring` or `…/string`.
fn metadata_title(root: &Node) -> Option<String> {
    let general = root.child("metadata")?.child("lom")?.child("general")?;
    general.child("title")?.children.iter().find_map(Node::words)
}

/// `suffix` with an item's `parameters` added as SCORM 2004 CAM §3.4 says; SCORM 1.2 is silent.
fn with_parameters(suffix: &str, parameters: &str) -> String {
    let parameters = parameters.trim();
    let query = parameters.trim_start_matches(['?', '&']);
    if query.is_empty() {
        return suffix.to_owned();
    }
    if query.starts_with('#') {
        return if suffix.contains('#') { suffix.to_owned() } else { format!("{suffix}{query}") };
    }
    let (before, fragment) = suffix.split_at(suffix.find('#').unwrap_or(suffix.len()));
    let joint = if before.contains('?') { '&' } else { '?' };
    format!("{before}{joint}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_join_what_the_href_already_has() {
        assert_eq!(with_parameters("", ""), "");
        assert_eq!(with_parameters("", "?a=1"), "?a=1");
        assert_eq!(with_parameters("", "a=1"), "?a=1");
        assert_eq!(with_parameters("?b=2", "?a=1"), "?b=2&a=1");
        assert_eq!(with_parameters("?b=2#c", "&a=1"), "?b=2&a=1#c");
        assert_eq!(with_parameters("?b=2", "#c"), "?b=2#c");
        assert_eq!(with_parameters("#d", "#c"), "#d");
    }
}
