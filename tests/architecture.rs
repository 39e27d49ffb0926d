//! Guards what Cargo cannot see: who may import whom inside the server, what the pure crates never touch, and that files stay readable.
//!
//! The rules are read from the sources as they are written, so an edge that the design forbids fails here with its file
//! and line.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which crates of the workspace each one may depend on. Tests of a crate may use more.
const MAY_DEPEND: [(&str, &[&str]); 7] = [
    ("base", &[]),
    ("xapi", &["base"]),
    ("content", &["base"]),
    ("runtime", &["base", "xapi"]),
    ("credit", &["base", "xapi"]),
    ("store", &["base"]),
    ("verify", &["base", "credit", "xapi"]),
];

/// Who may name whom in the server: its own modules by `crate::`, the crates of the workspace by their names.
const MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("config", &["xapi"]),
    ("logging", &["config"]),
    ("service", &["base", "config", "content", "credit", "runtime", "store", "xapi"]),
    ("http", &["base", "config", "content", "credit", "runtime", "service", "store", "xapi"]),
    ("cli", &["base", "config", "content", "credit", "http", "logging", "service", "store", "xapi"]),
    ("lib", &[]),
    ("main", &["cli"]),
];

/// Crates that do no I/O, read no clock and no configuration, and never log.
const PURE: [&str; 4] = ["content", "credit", "runtime", "xapi"];

/// What no pure crate names outside its tests. `crates/clippy.toml` bans the functions; this finds the modules too.
const IMPURE: [&str; 13] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "tracing::",
    "tokio::",
    "actix_web",
    "metrics::",
];

/// The longest source file, in lines. One that outgrows it wants splitting.
const LONGEST: usize = 600;

/// One source file of the product, without its tests.
struct Source {
    /// From the root of the project.
    path: String,
    /// The crate of the workspace, or `enduring`.
    package: String,
    /// The modules that lead to it, as `service::learning::registrations`.
    module: Vec<String>,
    /// Its lines without comments and without items that only tests have.
    code: Vec<(usize, String)>,
    lines: usize,
}

impl Source {
    /// The top-level module that it belongs to.
    fn top(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = read_folder("enduring", "src");
    for (name, _) in MAY_DEPEND {
        found.extend(read_folder(name, &format!("crates/{name}/src")));
    }
    found
}

fn read_folder(package: &str, folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join(folder), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no sources were found under {folder}");
    paths.iter().map(|path| read(package, folder, path)).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn read(package: &str, folder: &str, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let relative = path.strip_prefix(root().join(folder)).unwrap().with_extension("");
    let mut module: Vec<String> = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    module.pop_if(|last| last == "mod" || last == "lib");
    let is_test = module.iter().any(|part| part == "tests");
    let code = if is_test { Vec::new() } else { without_tests(&text) };
    let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    Source { path, package: package.to_owned(), module, code, lines: text.lines().count() }
}

/// The numbered lines of a formatted source, without comments and without each item under `#[cfg(test)]`. What follows such an
/// item is there again.
fn without_tests(text: &str) -> Vec<(usize, String)> {
    let mut code = Vec::new();
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    while let Some((number, line)) = lines.next() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            let indent = line.len() - line.trim_start().len();
            // A formatted item ends on its own line, or on a closing brace below its first letter.
            for (_, line) in lines.by_ref() {
                let is_attribute = line.trim_start().starts_with("#[");
                let is_outermost = line.len() - line.trim_start().len() == indent;
                if is_outermost && !is_attribute && (line.ends_with(';') || line.trim_start().starts_with('}')) {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            code.push((number, line.to_owned()));
        }
    }
    code
}

/// The words that follow `prefix` in a line, as far as they are a path.
fn paths_after(line: &str, prefix: &str) -> Vec<Vec<String>> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let path = |text: &str| text.chars().take_while(|c| is_path(*c)).collect::<String>();
    let words = |path: String| path.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    line.split(prefix).skip(1).map(path).map(words).filter(|words| !words.is_empty()).collect()
}

/// Whether a line names the crate `name` at the beginning of a path.
fn names_crate(line: &str, name: &str) -> bool {
    let path = format!("{name}::");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$')
    })
}

/// Fails with every breach at once.
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// The breaches of a rule about single lines.
fn breaches(of: impl Fn(&Source) -> bool, rule: impl Fn(&Source, &str) -> Option<String>) -> Vec<String> {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| of(source)) {
        for (number, line) in &source.code {
            breaches.extend(rule(source, line).map(|breach| format!("{}:{number}: {breach}", source.path)));
        }
    }
    breaches
}

#[test]
fn an_item_of_tests_hides_nothing_that_follows_it() {
    let text = "use a;\n#[cfg(test)]\nmod tests;\nuse b;\n#[cfg(test)]\n#[rustfmt::skip]\nfn c(\n    d: u8,\n) {\n    e();\n}\n\
                // f\nimpl G {\n    #[cfg(test)]\n    fn h() {\n        i();\n    }\n    fn j() {}\n}\n";
    let left: Vec<_> = without_tests(text).into_iter().map(|(number, line)| (number, line.trim().to_owned())).collect();
    let expected = [(1, "use a;"), (4, "use b;"), (13, "impl G {"), (18, "fn j() {}"), (19, "}")];
    assert_eq!(left, expected.map(|(number, line)| (number, line.to_owned())));
}

#[test]
fn crates_depend_one_way() {
    let mut breaches = Vec::new();
    let known: Vec<&str> = MAY_DEPEND.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in MAY_DEPEND {
        let manifest = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        let sections = manifest.split("\n[").filter(|section| section.starts_with("dependencies]"));
        let dependencies = sections.flat_map(str::lines).filter_map(|line| line.split(['.', ' ', '=']).next());
        let forbidden = dependencies.filter(|dependency| known.contains(dependency) && !allowed.contains(dependency));
        breaches
            .extend(forbidden.map(|dependency| format!("crates/{name}/Cargo.toml: must not depend on {dependency}")));
    }
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let crates: BTreeSet<_> =
        folders.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(crates, known.iter().map(Into::into).collect(), "say in MAY_DEPEND what each crate may depend on");
    none(&breaches);
}

#[test]
fn imports_of_the_server_run_one_way() {
    let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    // A crate without a library is a program, which nobody can import; a module may share its name.
    let is_library = |name: &&str| root().join(format!("crates/{name}/src/lib.rs")).exists();
    let crates: Vec<_> = MAY_DEPEND.iter().map(|(name, _)| *name).filter(is_library).collect();
    let breaches = breaches(
        |source| source.package == "enduring",
        |source, line| {
            let row = MAY_IMPORT.iter().find(|(module, _)| *module == source.top());
            let (_, allowed) = row.unwrap_or_else(|| panic!("say in MAY_IMPORT what {} may import", source.top()));
            let modules = paths_after(line, "crate::").into_iter().filter_map(|path| path.into_iter().next());
            let modules = modules.filter(|name| known.contains(name.as_str()));
            let named =
                modules.chain(crates.iter().filter(|name| names_crate(line, name)).map(|name| (*name).to_owned()));
            let forbidden = named.filter(|name| name != source.top() && !allowed.contains(&name.as_str()));
            let forbidden: Vec<_> = forbidden.collect();
            (!forbidden.is_empty()).then(|| format!("{} must not import {}", source.top(), forbidden.join(", ")))
        },
    );
    none(&breaches);
}

#[test]
fn no_group_hides_an_import() {
    let grouped = |line: &str| line.contains("crate::{") || line.contains("use enduring::");
    let of = |source: &Source| source.package == "enduring" && source.top() != "main";
    none(&breaches(of, |_, line| grouped(line).then(|| "name each module of the crate on its own line".to_owned())));
}

#[test]
fn the_pure_crates_touch_nothing_outside() {
    let of = |source: &Source| PURE.contains(&source.package.as_str());
    none(&breaches(of, |_, line| {
        let name = IMPURE.iter().find(|name| line.contains(*name))?;
        Some(format!("a pure crate names {name}"))
    }));
}

#[test]
fn the_content_origin_never_meets_a_cookie() {
    let of = |source: &Source| source.path.starts_with("src/http/player");
    none(&breaches(of, |_, line| line.to_lowercase().contains("cookie").then(|| line.trim().to_owned())));
}

#[test]
fn only_the_edge_speaks_http() {
    let of = |source: &Source| source.package != "enduring" || !["http", "cli", "config"].contains(&source.top());
    none(&breaches(of, |_, line| line.contains("actix_web").then(|| "actix_web belongs to http".to_owned())));
}

#[test]
fn no_file_outgrows_its_reader() {
    let long = sources().into_iter().filter(|source| source.lines > LONGEST);
    none(&long.map(|source| format!("{} has {} lines", source.path, source.lines)).collect::<Vec<_>>());
}
