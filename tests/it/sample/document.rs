//! The activity document: complete, and in step with the package that it describes.

use super::{between, sample, texts, words};
use content::{self, Limits};
use credit::completeness;
use jiff::civil::date;
use std::collections::BTreeSet;
use std::io::Cursor;

fn document() -> credit::Activity {
    completeness::read(&sample().document().unwrap()).unwrap()
}

#[test]
fn the_document_lacks_nothing() {
    let document = document();
    let examined = content::examine(Cursor::new(sample().zip().unwrap()), &Limits::DEFAULT).unwrap();
    let package = examined.package.unwrap();
    let launchable: Vec<&str> = package.launchable().map(|item| item.id).collect();
    let gaps = completeness::gaps_with_package(&document, &launchable);
    assert!(gaps.is_empty(), "{gaps:#?}");
    assert_eq!(document.id, sample().id);
}

#[test]
fn it_says_that_it_is_a_sample_wherever_a_reader_might_take_it_for_real() {
    let document = document();
    assert!(document.sample);
    assert!(document.statements.notice.unwrap().contains("not medical advice"));
    assert!(document.statements.accreditation.contains("Placeholder"));
    assert!(document.offerings.iter().all(|offering| offering.designation.contains("Placeholder")));
    let invented = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains("(invented)"));
    assert!(document.faculty.iter().all(|person| invented(&person.affiliation)));
}

#[test]
fn it_can_be_taken_for_two_years() {
    let document = document();
    let open = |day| document.offerings.iter().all(|offering| offering.window.contains(day));
    assert!(open(date(2026, 11, 22)) && open(date(2028, 11, 22)));
}

#[test]
fn its_bibliography_is_the_reference_list_of_the_package() {
    let texts = texts();
    let summary = &texts["pages/summary.html"];
    let list = between(summary, "<ol id=\"references\">", "</ol>")[0];
    let mut shown = Vec::new();
    for entry in between(list, "<li id=\"", "</li>") {
        let (id, rest) = entry.split_once("\">").unwrap();
        let (citation, link) = rest.split_once("<a href=\"").unwrap();
        shown.push((id.to_owned(), words(citation), link.split('"').next().unwrap().to_owned()));
    }
    let document = document();
    let listed: Vec<_> =
        document.bibliography.into_iter().map(|entry| (entry.id.0, entry.citation, entry.url.unwrap())).collect();
    assert_eq!(listed, shown);
}

#[test]
fn its_objectives_are_those_of_the_package_and_each_is_assessed() {
    let texts = texts();
    let welcome = &texts["pages/welcome.html"];
    let list = between(welcome, "<ol class=\"objectives\">", "</ol>")[0];
    let shown: Vec<_> = between(list, "<li>", "</li>").into_iter().map(words).collect();
    let document = document();
    assert_eq!(document.objectives, shown);
    let assessed: BTreeSet<_> = document.assessment.unwrap().items.iter().filter_map(|item| item.objective).collect();
    assert_eq!(assessed, (0..shown.len()).collect());
}

#[test]
fn every_item_of_the_assessment_gives_its_reason_and_its_source() {
    let items = document().assessment.unwrap().items;
    assert_eq!(items.len(), 10);
    assert!(items.iter().all(|item| !item.references.is_empty() && item.rationale.len() > 60));
}
