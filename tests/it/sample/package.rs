//! The package: what a designer would check before an upload.

use super::{between, sample, texts, values};
use content::{self, Limits, Outline, Severity, Standard};
use std::collections::BTreeSet;
use std::io::Cursor;

/// The fragments under `pages/`, without the folder and the ending, with their markup.
fn pages() -> Vec<(String, String)> {
    let in_pages = |path: &str| Some(path.strip_prefix("pages/")?.strip_suffix(".html")?.to_owned());
    texts().into_iter().filter_map(|(path, text)| Some((in_pages(&path)?, text))).collect()
}

#[test]
fn the_zip_is_accepted_without_a_warning() {
    let zip = sample().zip().unwrap();
    let examined = content::examine(Cursor::new(zip), &Limits::DEFAULT).unwrap();
    let worse: Vec<_> = examined.report.findings.iter().filter(|finding| finding.severity < Severity::Info).collect();
    assert!(worse.is_empty(), "{worse:#?}");
    let package = examined.package.unwrap();
    assert_eq!(package.standard(), Standard::Scorm12);
    assert!(package.item("ITEM-1").is_some());
    let Outline::Scorm12(items) = &package.outline else { panic!("{:?}", package.outline) };
    let item = items.iter().find(|item| item.id == "ITEM-1").unwrap();
    assert_eq!(item.values.mastery_score.as_deref(), Some("70"));
}

#[test]
fn the_zip_has_the_same_bytes_each_time() {
    assert_eq!(sample().zip().unwrap(), sample().zip().unwrap());
}

#[test]
fn the_manifest_lists_exactly_the_files() {
    let texts = texts();
    let listed: BTreeSet<_> = between(&texts["imsmanifest.xml"], "<file href=\"", "\"").into_iter().collect();
    let present: BTreeSet<_> = texts.keys().map(String::as_str).filter(|path| *path != "imsmanifest.xml").collect();
    assert_eq!(listed, present);
}

#[test]
fn every_page_is_in_the_table_of_pages_and_every_reference_to_a_file_resolves() {
    let texts = texts();
    let script = &texts["js/pages.js"];
    let listed: BTreeSet<_> = between(script, "{ id: \"", "\", title").into_iter().collect();
    let pages = pages();
    let present: BTreeSet<_> = pages.iter().map(|(page, _)| page.as_str()).collect();
    assert_eq!(listed, present);
    for (path, text) in texts.iter().filter(|(path, _)| path.starts_with("js/")) {
        for module in between(text, "from \"./", "\"") {
            assert!(texts.contains_key(&format!("js/{module}")), "{path} imports {module}");
        }
    }
    let index = &texts["index.html"];
    for file in values(index, "src").into_iter().chain(values(index, "href")).filter(|target| !target.starts_with('#'))
    {
        assert!(texts.contains_key(file), "index.html names {file}");
    }
}

#[test]
fn nothing_is_fetched_from_elsewhere_and_links_open_apart() {
    for (path, text) in texts() {
        for link in between(&text, "<a href=\"", ">") {
            assert!(
                link.starts_with("https://") && link.ends_with("target=\"_blank\" rel=\"noopener\""),
                "{path}: {link}"
            );
        }
        let fetched = text.replace("<a href=\"https://", "").replace("http://www.", "");
        assert!(!fetched.contains("href=\"http") && !fetched.contains("src=\"http"), "{path}");
        assert!(!fetched.contains("url(http") && !fetched.contains("@import"), "{path}");
    }
}

#[test]
fn ids_are_unique_and_what_points_to_them_resolves() {
    for (page, text) in pages() {
        let ids = values(&text, "id");
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{page}: {ids:?}");
        for target in values(&text, "aria-labelledby").into_iter().flat_map(str::split_whitespace) {
            assert!(unique.contains(target), "{page} has no #{target}");
        }
    }
}

#[test]
fn each_page_has_one_heading_of_the_first_level_and_each_figure_a_table() {
    for (page, text) in pages() {
        assert_eq!(text.matches("<h1>").count(), 1, "{page}");
        for figure in between(&text, "<figure", "</figure>") {
            assert!(
                figure.contains("role=\"img\"") && figure.contains("<desc") && figure.contains("<table>"),
                "{page}"
            );
        }
    }
}

#[test]
fn every_page_carries_the_notice_that_it_is_a_sample() {
    // The pages are shown inside index.html, whose header and footer stay.
    let texts = texts();
    let index = &texts["index.html"];
    assert!(index.contains("Not medical advice and not accredited."));
    assert!(index.contains("do not use them for the care of a patient"));
}

#[test]
fn every_citation_has_a_source_and_every_source_is_cited() {
    let pages = pages();
    let (_, summary) = pages.iter().find(|(page, _)| page == "summary").unwrap();
    let sources: BTreeSet<_> = values(summary, "id").into_iter().filter(|id| *id != "references").collect();
    let cited: BTreeSet<_> = pages.iter().flat_map(|(_, text)| values(text, "data-ref")).collect();
    assert_eq!(cited, sources);
}

#[test]
fn the_questions_that_count_are_the_questions_on_the_pages() {
    let texts = texts();
    let script = &texts["js/pages.js"];
    let listed: BTreeSet<_> = between(script, "{ id: \"", " },")
        .into_iter()
        .filter_map(|entry| entry.split_once("\", page: \""))
        .map(|(id, page)| (page.trim_end_matches('"').to_owned(), id.to_owned()))
        .collect();
    let mut present = BTreeSet::new();
    for (page, text) in pages() {
        for form in between(&text, "<form class=\"question\"", "</form>") {
            let id = values(form, "data-question")[0];
            present.insert((page.clone(), id.to_owned()));
            check_question(id, form);
        }
    }
    assert_eq!(listed, present);
    assert!(script.contains("mastery = 70;"), "the same number as in imsmanifest.xml");
}

/// The key names choices that exist, and every outcome can be explained (SCORM 1.2 RTE 3.4.4: a choice is one character).
fn check_question(id: &str, form: &str) {
    let choices = values(form, "value");
    let key = values(form, "data-correct")[0];
    assert!(id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "{id} is a CMIIdentifier");
    match values(form, "data-type")[0] {
        "numeric" => assert!(key.parse::<u8>().is_ok(), "{id}"),
        "choice" | "true-false" => {
            assert!(choices.iter().all(|choice| choice.len() == 1), "{id}: {choices:?}");
            assert!(key.split(',').all(|part| choices.contains(&part)), "{id}: {key}");
        }
        other => panic!("{id} has the type {other}"),
    }
    if id.starts_with("check-") {
        let explained = values(form, "data-when");
        let whole = explained.contains(&"right") && explained.contains(&"wrong");
        let each = choices.iter().all(|choice| explained.contains(choice) || explained.contains(&"wrong"));
        assert!(whole || (each && (explained.contains(&key) || explained.contains(&"right"))), "{id}: {explained:?}");
    }
}

#[test]
fn every_decision_of_the_case_has_an_outcome() {
    let texts = texts();
    let case = &texts["pages/case.html"];
    for form in between(case, "<form class=\"question\"", "</form>") {
        let id = values(form, "data-question")[0];
        let key = values(form, "data-correct")[0];
        let outcomes = between(case, &format!("data-of=\"{id}\" data-when=\""), "\"");
        let answered = |choice: &str| {
            outcomes.contains(&choice) || outcomes.contains(&if choice == key { "right" } else { "wrong" })
        };
        let single = form.contains("type=\"radio\"");
        let responses = if single { values(form, "value") } else { vec![key, "wrong"] };
        assert!(responses.into_iter().all(answered), "{id}: {outcomes:?}");
    }
}
