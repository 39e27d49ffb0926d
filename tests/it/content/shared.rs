//! Packages by others: each gets exactly the result that `fixtures/packages.tsv` states.

use super::codes;
use crate::harness::shared_packages;
use content::{ImportReport, Item};
use enduring::service::catalogue::packages::check;
use std::collections::BTreeSet;
use std::path::Path;

const TABLE: &str = include_str!("../../../fixtures/packages.tsv");

/// The rows of the table: file, verdict, standard, findings.
fn rows() -> impl Iterator<Item = [&'static str; 4]> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut cells = line.split('\t');
        [(); 4].map(|()| cells.next().unwrap_or_default())
    })
}

fn verdict(report: &ImportReport) -> &'static str {
    if report.accepted { "accepted" } else { "refused" }
}

fn standard(report: &ImportReport) -> String {
    let Some(kind) = report.kind else { return "-".to_owned() };
    let kind = serde_json::to_value(kind).unwrap();
    [kind.as_str().unwrap(), report.edition.as_deref().unwrap_or_default()].join(" ").trim().to_owned()
}

#[test]
fn each_package_gets_the_result_of_its_row() {
    let Some(folder) = shared_packages() else { return };
    let mut wrong = Vec::new();
    for [file, expected_verdict, expected_standard, expected_findings] in rows() {
        let report = check(&folder.join(file)).unwrap();
        let answer = [verdict(&report).to_owned(), standard(&report), codes(&report).join(" ")];
        if answer != [expected_verdict, expected_standard, expected_findings] {
            wrong.push(format!("{file}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_package_of_the_folder_has_a_row() {
    let Some(folder) = shared_packages() else { return };
    let known: BTreeSet<&str> = rows().map(|[file, ..]| file).collect();
    for part in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(&part).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
            assert!(known.contains(name), "{name} has no row in fixtures/packages.tsv");
        }
    }
}

/// The place of the one finding with this code.
fn place_of(report: &ImportReport, code: &str) -> String {
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.code == code).collect();
    assert_eq!(found.len(), 1, "{:#?}", report.findings);
    found[0].place.clone()
}

fn launches(items: &[Item]) -> Vec<String> {
    let of = |item: &Item| {
        let own = item.launch.iter().map(|launch| format!("{}{}", launch.path, launch.suffix));
        own.chain(launches(&item.items)).collect::<Vec<_>>()
    };
    items.iter().flat_map(of).collect()
}

fn count(items: &[Item]) -> usize {
    items.iter().map(|item| 1 + count(&item.items)).sum()
}

#[test]
fn findings_name_the_places_that_a_designer_looks_for() {
    let Some(folder) = shared_packages() else { return };
    let report = |file: &str| check(&folder.join(Path::new(file))).unwrap();
    let places = [
        ("odd/emp-MalformedXml_SCORM12.zip", "xml-malformed", "imsmanifest.xml:27:5"),
        ("odd/emp-ItemWithNonExistentResourceId_SCORM12.zip", "resource-missing", "item_1"),
        ("odd/emp-InvalidFileReferences_SCORM12.zip", "launch-file-missing", "item_1"),
        ("odd/emp-MissingLaunchUrl_SCORM12.zip", "launch-href-missing", "imsmanifest.xml:30:5"),
        ("odd/emp-MissingRequiredFields_SCORM12.zip", "title-missing", "imsmanifest.xml:18:5"),
        ("odd/emp-cts-CM-01-broken-default-org.zip", "organization-default-missing", "imsmanifest.xml:21:7"),
        ("hostile/href-dotdot.zip", "path-escapes", "imsmanifest.xml:66:5"),
        ("hostile/zip-bomb-300x.zip", "zip-ratio", "big.bin"),
        ("hostile/zip-lying-size.zip", "zip-size-differs", "liar.bin"),
        ("hostile/zip-names-cp437.zip", "name-encoding-guessed", "été_cours1.html"),
        ("hostile/zip-names-shiftjis.zip", "name-encoding-guessed", "試験問題一.html"),
    ];
    for (file, code, place) in places {
        assert_eq!(place_of(&report(file), code), place, "{file}");
    }
}

#[test]
fn reports_show_the_whole_tree_and_the_right_titles() {
    let Some(folder) = shared_packages() else { return };
    let report = |file: &str| check(&folder.join(Path::new(file))).unwrap();
    assert_eq!(count(&report("manifest-only/emp-ComplexNestedOrganization_SCORM12.zip").items), 11);
    assert!(report("hostile/manifest-windows-1252.zip").title.unwrap().starts_with("Café – "));
    assert!(launches(&report("hostile/href-percent-encoded-space.zip").items).contains(&"My Page 1.html".to_owned()));
    assert!(launches(&report("hostile/href-backslash.zip").items).contains(&"Playing/Playing.html".to_owned()));
    let minimum = launches(&report("scorm12/golf-RuntimeMinimumCalls_SCORM12.zip").items);
    assert!(minimum.contains(&"shared/assessmenttemplate.html?questions=Playing".to_owned()), "{minimum:?}");
    let text = serde_json::to_string(&report("hostile/xml-xxe-file.zip")).unwrap();
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    assert!(host.trim().is_empty() || !text.contains(host.trim()));
}

/// Small inputs of kinds that failed before.
#[test]
fn packages_with_legacy_names_and_loose_identifiers_are_accepted() {
    let Some(folder) = shared_packages() else { return };
    let cases = folder.parent().unwrap().join("cases");
    if !cases.is_dir() {
        println!("skipped: {} is not there", cases.display());
        return;
    }
    for (file, launched) in [
        ("names/b10-names-cp1252.zip", "présentation.html"),
        ("names/b10-names-cp850.zip", "ação.html"),
        ("names/b10-names-cp866.zip", "лекция.html"),
        ("b16-identifierref-spaces.zip", "index.html"),
    ] {
        let report = check(&cases.join(file)).unwrap();
        assert!(report.accepted, "{file}: {:#?}", report.findings);
        assert_eq!(launches(&report.items), [launched], "{file}");
    }
}

#[test]
fn an_export_whose_files_are_mostly_missing_is_refused_in_few_words() {
    let Some(folder) = shared_packages() else { return };
    let case = folder.parent().unwrap().join("cases/player/listed-missing-300.zip");
    if !case.is_file() {
        println!("skipped: {} is not there", case.display());
        return;
    }
    let report = check(&case).unwrap();
    let found: Vec<_> = report.findings.iter().map(|finding| (finding.code.as_str(), finding.count)).collect();
    assert_eq!(found[0], ("files-mostly-missing", 1));
    assert!(found.contains(&("file-missing", 300)) && found.len() < 8, "{found:?}");
}
