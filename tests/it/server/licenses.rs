//! `licenses/` lists what is shipped and has the full text of every license of it, as the packages themselves state them.
//!
//! `./scripts/licenses` writes the two files again.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program is built for others too; what it is made of differs by what their system provides.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What the names of files with the terms of a package begin with.
const TERMS: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

const HEAD: &str = "\
Enduring and what it is made of: each license and notice in full, as the packages state it. A text that several
packages share is here once, below their names. The page /about lists every package with its license.
";

/// Something that is part of the program.
#[derive(Debug)]
struct Package {
    name: String,
    version: String,
    license: String,
    folder: PathBuf,
    repository: String,
    authors: Vec<String>,
}

impl Package {
    fn called(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// The texts of the files with its terms, by their names.
    fn texts(&self) -> Vec<String> {
        let entries = |folder: &Path| {
            let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            paths.collect::<BTreeSet<_>>()
        };
        let is_terms = |path: &Path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_uppercase();
            TERMS.iter().any(|beginning| name.starts_with(beginning))
        };
        let found = entries(&self.folder).into_iter().filter(|path| is_terms(path));
        let files = found.flat_map(|path| if path.is_dir() { entries(&path) } else { BTreeSet::from([path]) });
        files.map(|path| tidy(&String::from_utf8_lossy(&fs::read(path).unwrap()))).collect()
    }
}

/// Without spaces at the ends of lines, and without empty lines at the ends of the text.
fn tidy(text: &str) -> String {
    let lines: Vec<_> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The most letters of an appendix of the Apache License that has nothing after it.
const APPENDIX: usize = 1_500;

/// Two texts with the same words are one, and so are two copies of the Apache License whose appendix is not filled in.
fn same(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (terms, appendix) = words.split_once("end of terms and conditions").unwrap_or((&words, ""));
    let is_blank =
        appendix.len() < APPENDIX && ["yyyy", "name of copyright"].iter().any(|mark| appendix.contains(mark));
    if is_blank || appendix.is_empty() { terms.replace("http:", "https:").trim().to_owned() } else { words }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What cargo prints.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Crates of others that are linked into the program.
fn crates() -> Vec<Package> {
    let tree = cargo(&["tree", "--locked", "--edges", "normal", "--prefix", "none", "--target", TARGET]);
    let linked = tree.lines().filter(|line| !line.is_empty()).map(|line| {
        let (name, rest) = line.split_once(" v").unwrap();
        (name.to_owned(), rest.split(' ').next().unwrap().to_owned())
    });
    let linked: BTreeSet<_> = linked.collect();
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let text = |package: &Value, name: &str| package[name].as_str().unwrap_or_default().to_owned();
    let others = metadata["packages"].as_array().unwrap().iter().filter(|package| !package["source"].is_null());
    let packages = others.map(|package| Package {
        name: text(package, "name"),
        version: text(package, "version"),
        license: text(package, "license").replace('/', " OR ").replace("  ", " "),
        folder: Path::new(&text(package, "manifest_path")).parent().unwrap().to_owned(),
        repository: text(package, "repository").trim_end_matches(".git").to_owned(),
        authors: package["authors"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
    });
    packages.filter(|package| linked.contains(&(package.name.clone(), package.version.clone()))).collect()
}

/// npm packages that the player and the certificates are made of.
fn modules() -> Vec<Package> {
    let lock = fs::read_to_string(root().join("web/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let packages = lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty());
    let module = |(path, package): (&String, &Value)| Package {
        name: path.rsplit_once("node_modules/").unwrap().1.to_owned(),
        version: package["version"].as_str().unwrap().to_owned(),
        license: package["license"].as_str().unwrap().to_owned(),
        folder: Path::new(env!("OUT_DIR")).join("web").join(path),
        repository: String::new(),
        authors: Vec::new(),
    };
    packages.map(module).collect()
}

fn shipped() -> Vec<Package> {
    let mut packages = crates();
    packages.extend(modules());
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages
}

/// Name, version and license of each package, one a line.
fn list(packages: &[Package]) -> String {
    let lines = packages.iter().map(|package| {
        assert!(!package.license.is_empty(), "{} names no license", package.called());
        format!("{}\t{}\t{}\n", package.name, package.version, package.license)
    });
    lines.collect()
}

/// The terms of a package that brings none: those of a package from the same repository, or else the license that it names.
fn terms_elsewhere(package: &Package, packages: &[Package], own: &str) -> Vec<String> {
    let from_there = |other: &&Package| !package.repository.is_empty() && other.repository == package.repository;
    let neighbors = packages.iter().filter(from_there).map(Package::texts);
    if let Some(texts) = { neighbors }.find(|texts| !texts.is_empty()) {
        return texts;
    }
    if package.license.contains("Apache-2.0") {
        return vec![own.to_owned()];
    }
    assert!(package.license.contains("MIT"), "write the terms of {} here", package.called());
    let authors = if package.authors.is_empty() {
        format!("the authors of {}", package.name)
    } else {
        package.authors.join(", ")
    };
    vec![tidy(&MIT.replace("AUTHORS", &authors))]
}

/// The text of each license and notice, once, below the packages that it is of.
fn texts(packages: &[Package]) -> String {
    let own = tidy(&fs::read_to_string(root().join("LICENSE")).unwrap());
    let mut order = vec![same(&own)];
    let mut texts = BTreeMap::from([(same(&own), (own.clone(), vec!["Enduring".to_owned()]))]);
    for package in packages {
        let mut terms = package.texts();
        if terms.is_empty() {
            terms = terms_elsewhere(package, packages, &own);
        }
        for text in terms.into_iter().filter(|text| !text.is_empty()) {
            let key = same(&text);
            let (_, names) = texts.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                (text, Vec::new())
            });
            if names.last() != Some(&package.called()) {
                names.push(package.called());
            }
        }
    }
    let sections = order.iter().map(|key| {
        let (text, names) = &texts[key];
        format!("\n{}\n{}\n{}\n\n{text}\n", "=".repeat(120), wrapped(names), "-".repeat(120))
    });
    HEAD.to_owned() + &sections.collect::<String>()
}

/// Names, joined by commas, in lines that a terminal shows whole.
fn wrapped(names: &[String]) -> String {
    let mut lines = vec![String::new()];
    for (at, name) in names.iter().enumerate() {
        let name = if at + 1 < names.len() { format!("{name},") } else { name.clone() };
        let line = lines.last_mut().unwrap();
        if line.is_empty() {
            *line = name;
        } else if line.len() + name.len() < 120 {
            *line = format!("{line} {name}");
        } else {
            lines.push(name);
        }
    }
    lines.join("\n")
}

/// Writes the file, if requested; otherwise returns whether it is up to date.
fn is_as(name: &str, expected: &str) -> bool {
    let path = root().join("licenses").join(name);
    if std::env::var_os("UPDATE_LICENSES").is_some() {
        fs::write(&path, expected).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_default() == expected
}

#[test]
fn the_list_and_the_texts_of_licenses_are_those_of_what_is_shipped() {
    let packages = shipped();
    let are_current = [is_as("packages.tsv", &list(&packages)), is_as("texts.txt", &texts(&packages))];
    assert_eq!(are_current, [true, true], "licenses/ is out of date; run ./scripts/licenses");
}

#[test]
fn texts_that_differ_in_a_name_are_kept_apart() {
    let apache = |appendix: &str| format!("Terms http://x\n END OF TERMS AND CONDITIONS\n{appendix}");
    assert_eq!(same(&apache("Copyright [yyyy] [name of copyright owner]")), same("terms  https://x"));
    assert_ne!(same(&apache("Copyright 2020 Someone")), same(&apache("Copyright {yyyy} {name}")));
    assert_ne!(same(&apache(&format!("Copyright [yyyy]{}", " word".repeat(500)))), same(&apache("Copyright [yyyy]")));
    assert_ne!(same("MIT\nCopyright A"), same("MIT\nCopyright B"));
}

/// As the Open Source Initiative publishes it.
const MIT: &str = r#"MIT License

Copyright (c) AUTHORS

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"#;
