//! `docs/packages.md` says what the program does.

use content::findings::Code;
use content::{Limits, Severity};

const PAGE: &str = include_str!("../../../docs/packages.md");

#[test]
fn every_code_is_explained_with_its_severity_and_its_remedy() {
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let begin = format!("| `{}` | {severity} | ", code.as_str());
        let end = format!(" | {} |", code.remedy().replace('|', "\\|"));
        let row = PAGE.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("docs/packages.md has no row that begins with {begin}"));
        assert!(row.ends_with(&end), "{row}\nshould end with{end}");
    }
    let rows = PAGE.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Code::ALL.len(), "docs/packages.md explains codes that there are not");
}

#[test]
fn the_limits_are_those_of_the_program() {
    let Limits { upload, entries, directory, file, total, ratio, ratio_from, path, depth, manifest } = Limits::DEFAULT;
    let stated = [
        format!("| the upload | {} GiB (2,147,483,648 bytes) |", upload >> 30),
        format!("| one file, unzipped | {} GiB |", file >> 30),
        format!("| all files together, unzipped | {} GiB |", total >> 30),
        format!("| files and folders | {},000 |", entries / 1000),
        format!("| the archive's directory, with all names | {} MiB |", directory >> 20),
        format!("| growth of a file larger than {} MiB | {ratio}-fold |", ratio_from >> 20),
        format!("| a path | {path} bytes of UTF-8, {depth} folders deep |"),
        format!("| the manifest | {} MiB,", manifest >> 20),
    ];
    for row in stated {
        assert!(PAGE.contains(&row), "docs/packages.md does not say: {row}");
    }
}
