//! Course structures in, courses out.

use super::*;
use crate::Package;
use crate::xml;
use std::collections::BTreeMap;

/// The course of a structure with this content, and the codes of what was found.
fn course(content: &str) -> (Course, Vec<String>) {
    let text = format!(
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd" xmlns:x="urn:x">{content}</courseStructure>"#
    );
    let document = xml::read(text.as_bytes()).unwrap();
    let mut findings = Findings::default();
    let paths = Paths::of(["a.html"].into_iter());
    let Manifest { outline: Outline::Cmi5(course), .. } = read(&document.root, "cmi5.xml", &paths, &mut findings)
    else {
        panic!("another outline")
    };
    (course, findings.finish(None).into_iter().map(|finding| finding.code).collect())
}

const HEAD: &str = r#"<course id="urn:c"><title><langstring lang="en-US">Course</langstring>
    <langstring lang="de">Kurs</langstring></title><description><langstring lang="en-US">About it</langstring></description>
    <objectives><objective id="urn:o"><title><langstring>Aim</langstring></title><description/></objective></objectives></course>"#;

/// An AU with these attributes, this url, and this content after it.
fn au(attributes: &str, url: &str, after: &str) -> String {
    format!(
        r#"<au {attributes}><title><langstring>Unit</langstring></title><description/>
        <objectives><objective idref="urn:o"/></objectives><url>{url}</url>{after}</au>"#
    )
}

#[test]
fn a_course_is_read_whole() {
    let unit = au(
        r#"id="urn:a" moveOn="CompletedOrPassed" masteryScore="0.8" launchMethod="OwnWindow" activityType="urn:type""#,
        "\n a.html?x=1 ",
        "<launchParameters>p=1</launchParameters><entitlementKey>key</entitlementKey><x:more/>",
    );
    let block = format!(
        r#"{HEAD}<block id="urn:b"><title><langstring>Block</langstring></title><description/>{unit}</block>{}"#,
        au(r#"id="urn:e""#, "https://content.example/unit?a=b", "")
    );
    let (found, codes) = course(&block);
    assert_eq!(codes, [""; 0]);
    let strings = |lang: &str, text: &str| vec![(lang.to_owned(), text.to_owned())];
    let unit = AssignableUnit {
        start: Start::File(Launch { role: crate::Role::Sco, path: "a.html".to_owned(), suffix: "?x=1".to_owned() }),
        launch_method: LaunchMethod::OwnWindow,
        move_on: MoveOn::CompletedOrPassed,
        mastery_score: Some(Decimal::of("0.8")),
        launch_parameters: Some("p=1".to_owned()),
        entitlement_key: Some("key".to_owned()),
        activity_type: Some("urn:type".to_owned()),
    };
    let elsewhere = AssignableUnit {
        start: Start::Elsewhere("https://content.example/unit?a=b".to_owned()),
        launch_method: LaunchMethod::AnyWindow,
        move_on: MoveOn::NotApplicable,
        mastery_score: None,
        launch_parameters: None,
        entitlement_key: None,
        activity_type: None,
    };
    let item = |id: &str, title: &str, objectives: &[&str], kind| Item {
        id: id.to_owned(),
        title: title.to_owned(),
        titles: strings("", title),
        description: Vec::new(),
        objectives: objectives.iter().map(|&id| id.to_owned()).collect(),
        kind,
    };
    let inner = item("urn:a", "Unit", &["urn:o"], ItemKind::Au(Box::new(unit)));
    let expected = Course {
        id: "urn:c".to_owned(),
        title: [strings("en-US", "Course"), strings("de", "Kurs")].concat(),
        description: strings("en-US", "About it"),
        objectives: vec![Objective { id: "urn:o".to_owned(), title: strings("", "Aim"), description: Vec::new() }],
        items: vec![
            item("urn:b", "Block", &[], ItemKind::Block { items: vec![inner] }),
            item("urn:e", "Unit", &["urn:o"], ItemKind::Au(Box::new(elsewhere))),
        ],
    };
    assert_eq!(found, expected);
    let package = Package { title: "Course".to_owned(), outline: Outline::Cmi5(found), files: BTreeMap::new() };
    let stored = serde_json::to_string(&package).unwrap();
    assert_eq!(serde_json::from_str::<Package>(&stored).unwrap(), package);
}

#[test]
fn what_breaks_the_schema_is_named() {
    let unit = |attributes: &str, url: &str| format!("{HEAD}{}", au(attributes, url, ""));
    let twice = au(r#"id="urn:a""#, "a.html", "");
    for (content, code) in [
        (String::new(), "course-structure-invalid"),
        (HEAD.to_owned(), "course-structure-invalid"),
        (unit(r#"id="a""#, "a.html"), "id-not-iri"),
        (HEAD.replace("urn:c", "c") + &au(r#"id="urn:a""#, "a.html", ""), "id-not-iri"),
        (format!("{HEAD}{twice}{twice}"), "id-twice"),
        (unit(r#"id="urn:a""#, "b.html"), "launch-file-missing"),
        (unit(r#"id="urn:a""#, "../b.html"), "path-escapes"),
        (unit(r#"id="urn:a""#, "javascript:x()"), "launch-unsafe"),
        (unit(r#"id="urn:a""#, "http://a b"), "course-structure-invalid"),
        (unit(r#"id="urn:a""#, ""), "course-structure-invalid"),
        (unit(r#"id="urn:a" moveOn="passed""#, "a.html"), "course-structure-invalid"),
        (unit(r#"id="urn:a" masteryScore="80""#, "a.html"), "course-structure-invalid"),
        (
            unit(r#"id="urn:a""#, "a.html").replace("<title><langstring>Unit</langstring></title>", ""),
            "course-structure-invalid",
        ),
        (unit(r#"id="urn:a""#, "a.html").replace("<url>a.html</url></au>", "</au>"), "course-structure-invalid"),
        (format!("{HEAD}{}", au(r#"id="urn:a""#, "a.html", "<title/>")), "course-structure-invalid"),
        (format!("{HEAD}{}", au(r#"id="urn:a""#, "a.html", "<unknown/>")), "course-structure-invalid"),
        (unit(r#"id="urn:a""#, "a.html").replace("idref=\"urn:o\"", "idref=\"urn:p\""), "objective-missing"),
    ] {
        let (_, codes) = course(&content);
        assert_eq!(codes, [code], "{content}");
    }
}
