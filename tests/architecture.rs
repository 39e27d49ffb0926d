//! Guards the map of the house: who may import whom, what the pure folders never touch, and that files stay readable.
//!
//! The rules are read from the sources as they are written, so an edge that the design forbids fails here with its file
//! and line.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

/// Who may name whom by `crate::`. A module that is not listed on the right of its row is out of its reach.
const MAY_IMPORT: [(&str, &[&str]); 15] = [
    ("clock", &[]),
    ("ids", &[]),
    ("hash", &[]),
    ("config", &["xapi"]),
    ("logging", &["config"]),
    ("content", &["hash"]),
    ("xapi", &["hash"]),
    ("runtime", &["hash", "xapi"]),
    ("credit", &["hash", "xapi"]),
    ("store", &["clock", "hash", "ids", "xapi"]),
    ("service", &["clock", "config", "content", "credit", "hash", "ids", "runtime", "store", "xapi"]),
    ("http", &["clock", "config", "content", "credit", "hash", "ids", "runtime", "service", "store", "xapi"]),
    ("cli", &["clock", "config", "content", "credit", "hash", "http", "ids", "logging", "service", "store", "xapi"]),
    ("lib", &[]),
    ("main", &[]),
];

/// Folders that do no I/O, read no clock and no configuration, and never log.
const PURE: [&str; 4] = ["content", "credit", "runtime", "xapi"];

/// What no pure folder names outside its tests.
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

/// One source file of the library, without its tests.
struct Source {
    path: PathBuf,
    /// The top-level module it belongs to.
    module: String,
    /// Its lines up to the first test module, without comments.
    code: Vec<(usize, String)>,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the sources were not found under {}", root.display());
    paths.iter().map(|path| read(&root, path)).collect()
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

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let relative = path.strip_prefix(root).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
    let is_test = relative.components().any(|part| ["tests", "tests.rs"].contains(&part.as_os_str().to_str().unwrap()));
    let code = text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !is_test && !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect();
    let module = first.trim_end_matches(".rs").to_owned();
    Source { path: relative.to_owned(), module, code, lines: text.lines().count() }
}

/// The top-level modules that a line names by `crate::`.
fn imports(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    line.split("crate::").skip(1).map(word).filter(|name| !name.is_empty()).collect()
}

/// Fails with every breach at once.
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn imports_run_one_way() {
    let mut breaches = Vec::new();
    for source in sources() {
        let row = MAY_IMPORT.iter().find(|(module, _)| *module == source.module);
        let (_, allowed) = row.unwrap_or_else(|| panic!("say in MAY_IMPORT what {} may import", source.module));
        for (number, line) in &source.code {
            for name in imports(line).iter().filter(|name| **name != source.module && !allowed.contains(&name.as_str()))
            {
                breaches.push(format!(
                    "src/{}:{number}: {} must not import {name}",
                    source.path.display(),
                    source.module
                ));
            }
        }
    }
    none(&breaches);
}

#[test]
fn no_group_hides_an_import() {
    let grouped = |line: &str| line.contains("crate::{") || line.contains("use enduring::");
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.module != "main") {
        for (number, _) in source.code.iter().filter(|(_, line)| grouped(line)) {
            breaches
                .push(format!("src/{}:{number}: name each module of the crate on its own line", source.path.display()));
        }
    }
    none(&breaches);
}

#[test]
fn the_pure_folders_touch_nothing_outside() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.module.as_str())) {
        for (number, line) in &source.code {
            for name in IMPURE.iter().filter(|name| line.contains(*name)) {
                breaches.push(format!("src/{}:{number}: a pure folder names {name}", source.path.display()));
            }
        }
    }
    none(&breaches);
}

#[test]
fn the_content_origin_never_meets_a_cookie() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("http/player")) {
        for (number, line) in source.code.iter().filter(|(_, line)| line.to_lowercase().contains("cookie")) {
            breaches.push(format!("src/{}:{number}: {}", source.path.display(), line.trim()));
        }
    }
    none(&breaches);
}

#[test]
fn only_the_edge_speaks_http() {
    let inner = |module: &str| !["http", "cli", "config"].contains(&module);
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| inner(&source.module)) {
        for (number, _) in source.code.iter().filter(|(_, line)| line.contains("actix_web")) {
            breaches.push(format!("src/{}:{number}: actix_web belongs to http", source.path.display()));
        }
    }
    none(&breaches);
}

#[test]
fn no_file_outgrows_its_reader() {
    let long = sources().into_iter().filter(|source| source.lines > LONGEST);
    none(&long.map(|source| format!("src/{} has {} lines", source.path.display(), source.lines)).collect::<Vec<_>>());
}
