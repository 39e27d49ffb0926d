//! Guards what Cargo cannot see: who may import whom inside the server, that its use cases do not import each other in circles,
//! what the pure crates never touch, and that files stay readable.
//!
//! The rules are read from the sources as they are written, so an edge that the design forbids fails here with its file
//! and line.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
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
    ("http", &["base", "config", "content", "credit", "runtime", "service", "xapi"]),
    ("cli", &["base", "config", "content", "credit", "http", "logging", "service", "xapi"]),
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
        let before = line.get(..at).and_then(|before| before.chars().next_back());
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
fn http_reads_the_store_through_the_use_cases_only() {
    // A space after each line, so that a field at its end counts too.
    let reads = |line: &str| {
        [".store.", ".store ", ".store)", ".store,", ".store;"].iter().any(|field| format!("{line} ").contains(field))
    };
    let of = |source: &Source| source.package == "enduring" && source.top() == "http";
    none(&breaches(of, |_, line| reads(line).then(|| "http must call a use case instead of the store".to_owned())));
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
fn the_content_origin_never_meets_the_cookie_of_a_sign_in() {
    let of = |source: &Source| source.path.starts_with("src/http/player");
    none(&breaches(of, |_, line| {
        let foreign = ["session_cookie", "http::auth", "sign_in"].iter().any(|name| line.contains(name));
        foreign.then(|| line.trim().to_owned())
    }));
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

/// The folders of the use cases that count as one when circles are looked for: their files are the steps of one work.
const WHOLE: [&str; 4] = ["service::erasure", "service::reporting", "service::transfer", "service::verification"];

/// What a source of the use cases belongs to: a module of a folder, or a folder that counts as one.
fn use_case(module: &[String]) -> String {
    let folder = module.iter().take(2).cloned().collect::<Vec<_>>().join("::");
    let is_whole = WHOLE.contains(&folder.as_str());
    if is_whole { folder } else { module.iter().take(3).cloned().collect::<Vec<_>>().join("::") }
}

/// The folder of a use case.
fn folder_of(use_case: &str) -> String {
    use_case.split("::").take(2).collect::<Vec<_>>().join("::")
}

/// Who of the use cases imports whom.
fn imports_of_use_cases() -> BTreeMap<String, BTreeSet<String>> {
    let all = sources();
    // The root of the use cases joins all of them.
    let is_use_case = |source: &&Source| source.top() == "service" && source.module.len() > 1;
    let all: Vec<&Source> = all.iter().filter(|source| source.package == "enduring").filter(is_use_case).collect();
    // A folder's own `mod.rs` only names its modules.
    let is_folder =
        |name: &String| all.iter().any(|source| source.module.len() > 2 && source.module[..2].join("::") == *name);
    let known: BTreeSet<String> = all.iter().map(|source| use_case(&source.module)).collect();
    let known: BTreeSet<String> =
        known.into_iter().filter(|name| WHOLE.contains(&name.as_str()) || !is_folder(name)).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &all {
        let code: Vec<&str> = source.code.iter().map(|(_, line)| line.as_str()).collect();
        let code = code.join("\n");
        let from = use_case(&source.module);
        for to in known.iter().filter(|to| **to != from && imports_module(&code, to)) {
            imports.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    imports
}

#[test]
fn the_use_cases_do_not_import_each_other_in_circles() {
    let imports = imports_of_use_cases();
    assert!(imports.len() > 30, "imports of {} use cases were found", imports.len());
    none(&circles(&imports));
}

#[test]
fn the_folders_of_the_use_cases_do_not_import_each_other_in_circles() {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in imports_of_use_cases() {
        let from = folder_of(&from);
        let others = to.iter().map(|to| folder_of(to)).filter(|to| *to != from).collect::<Vec<_>>();
        imports.entry(from).or_default().extend(others);
    }
    none(&circles(&imports));
}

#[test]
fn due_work_is_made_in_one_place() {
    let queues = [r#""decide""#, r#""silent-session""#, r#""erase""#, r#""release-evidence""#];
    // A copy brings due work as it was written, from queues that it need not know.
    let is_elsewhere = |source: &Source| {
        source.package == "enduring"
            && source.module != ["service", "queues"]
            && !source.path.starts_with("src/service/transfer/")
    };
    none(&breaches(is_elsewhere, |source, line| {
        let named = source.top() == "service" && queues.iter().any(|queue| line.contains(queue));
        (named || line.contains("DueItem {")).then(|| "service::queues makes what is due".to_owned())
    }));
}

/// Whether a source names this module, alone or in a group of its folder: `crate::service::a::b` or `crate::service::a::{b, c}`.
fn imports_module(code: &str, module: &str) -> bool {
    let (folder, name) = module.rsplit_once("::").unwrap();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let ends = |text: &str| !text.chars().next().is_some_and(is_word);
    let alone = code.split(&format!("crate::{module}")).skip(1).any(ends);
    let group = format!("crate::{folder}::{{");
    let groups = code.split(&group).skip(1);
    let mut named = groups.flat_map(|group| group.split(';').next().unwrap_or_default().split(|c: char| !is_word(c)));
    alone || named.any(|word| word == name)
}

/// Each set of modules that can reach each other, as a sentence.
fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reach = |from: &String| {
        let mut reached: BTreeSet<&String> = BTreeSet::new();
        let mut waiting: Vec<&String> = imports.get(from).into_iter().flatten().collect();
        while let Some(next) = waiting.pop() {
            if reached.insert(next) {
                waiting.extend(imports.get(next).into_iter().flatten());
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> = imports.keys().map(|from| (from, reach(from))).collect();
    let mut circles: BTreeSet<Vec<&String>> = BTreeSet::new();
    for (from, there) in &reached {
        let back: Vec<_> = there.iter().filter(|to| reached.get(*to).is_some_and(|back| back.contains(from))).collect();
        if !back.is_empty() {
            circles.insert(back.into_iter().copied().collect());
        }
    }
    circles.into_iter().map(|circle| format!("these import each other: {circle:?}")).collect()
}

#[test]
fn a_circle_is_found() {
    let imports = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")];
    let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in imports {
        map.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    assert_eq!(circles(&map), [r#"these import each other: ["b", "c"]"#]);
    assert!(imports_module("use crate::service::a::{\n    x, b as y,\n};", "service::a::b"));
    assert!(!imports_module("use crate::service::a::bc;\nuse crate::service::a::{x};\nlet b = 1;", "service::a::b"));
}

#[test]
fn the_walkthroughs_name_files_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let roots = ["src/", "crates/", "tests/", "fixtures/", "web/", "scripts/", "docs/"];
    let quoted = text.split('`').skip(1).step_by(2).map(|path| path.split(' ').next().unwrap_or_default());
    let named: Vec<&str> = quoted.filter(|path| roots.iter().any(|root| path.starts_with(root))).collect();
    assert!(named.len() > 20, "{named:?}");
    none(&named.iter().filter(|path| !root().join(path).exists()).map(|path| (*path).to_owned()).collect::<Vec<_>>());
}
