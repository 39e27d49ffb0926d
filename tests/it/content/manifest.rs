//! Manifests: what they may leave out, what is made of it, and where they are refused.

use super::zips::{MANIFEST, archive, course_of, file};
use super::{accepts, codes, refuses, report};
use content::standards::scorm12::Item;
use content::{Outline, Package, Role, Severity, Standard};

/// [`MANIFEST`] with `from`, which it must contain, replaced.
#[track_caller]
fn with(from: &str, to: &str) -> Vec<u8> {
    assert!(MANIFEST.contains(from), "{from}");
    course_of(MANIFEST.replace(from, to))
}

/// The items of a package of SCORM 1.2.
fn items(package: &Package) -> &[Item] {
    let Outline::Scorm12(items) = &package.outline else { panic!("{:?}", package.outline) };
    items
}

#[test]
fn what_breaks_xml_is_refused_with_line_and_column() {
    refuses(&with("</item>", ""), "xml-malformed", "imsmanifest.xml:6:3");
    refuses(&with("<title>Page", "<title>&nbsp;Page"), "xml-malformed", "imsmanifest.xml:5:51");
    refuses(&with("\"o\"><org", "\"o><org"), "xml-malformed", "imsmanifest.xml:4:3");
    refuses(&course_of(""), "xml-malformed", "imsmanifest.xml:1:1");
    refuses(&course_of(format!("{MANIFEST}<more/>")), "xml-malformed", "imsmanifest.xml:9:1");
    refuses(&course_of(format!("{MANIFEST}text")), "xml-malformed", "imsmanifest.xml:8:12");
    refuses(&course_of(&MANIFEST.as_bytes()[..300]), "xml-malformed", "imsmanifest.xml:4:30");
}

#[test]
fn document_types_and_excess_are_refused() {
    let dtd = |dtd: &str| MANIFEST.replace("<manifest", &format!("{dtd}\n<manifest"));
    refuses(&course_of(dtd("<!DOCTYPE manifest>")), "xml-dtd", "imsmanifest.xml:2:1");
    let entity = "<!DOCTYPE m [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";
    refuses(&course_of(dtd(entity)), "xml-dtd", "imsmanifest.xml:2:1");
    let deep = format!("<manifest>{}{}</manifest>", "<a>".repeat(70), "</a>".repeat(70));
    refuses(&course_of(deep), "xml-too-complex", "imsmanifest.xml:1:200");
    let wide = format!("<manifest>{}</manifest>", "<a/>".repeat(300_000));
    assert_eq!(codes(&report(&course_of(wide))), ["error:xml-too-complex"]);
    let items: String = "<item identifier=\"i\" identifierref=\"r\"/>".repeat(5_001);
    assert_eq!(codes(&report(&with("</organization>", &format!("{items}</organization>"))))[0], "error:items-too-many");
    let attributes = (0..200).fold(String::new(), |all, n| all + &format!(" a{n}=\"\""));
    refuses(&course_of(format!("<manifest{attributes}/>")), "xml-too-complex", "imsmanifest.xml:1:1");
}

#[test]
fn encodings_are_read_as_marked_or_declared() {
    let title = |bytes: Vec<u8>, expected: &[&str]| accepts(&course_of(bytes), expected).package.unwrap().title;
    let text = MANIFEST.replace("<title>Course", "<title>Café – ");
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let marked = format!("\u{feff}{}", text.replace("UTF-8", "UTF-16"));
    assert_eq!(title(utf16(&marked, u16::to_le_bytes), &[]), "Café –");
    assert_eq!(title(utf16(&marked, u16::to_be_bytes), &[]), "Café –");
    assert_eq!(title(utf16(&text, u16::to_le_bytes), &[]), "Café –");
    assert_eq!(title(format!("\u{feff}{text}").into_bytes(), &[]), "Café –");
    let windows = |declared: &str| {
        let text = text.replace("UTF-8", declared);
        text.chars().map(|c| if c == '–' { 0x96 } else { u8::try_from(c).unwrap() }).collect::<Vec<u8>>()
    };
    assert_eq!(title(windows("windows-1252"), &[]), "Café –");
    assert_eq!(title(windows("UTF-8"), &["warning:xml-encoding"]), "Café –");
    assert_eq!(title(format!("\r\n {text}").into_bytes(), &["warning:xml-leading-space"]), "Café –");
}

#[test]
fn prefixes_without_a_namespace_are_tolerated() {
    let unbound = with(" xmlns:adlcp=\"http://www.adlnet.org/xsd/adlcp_rootv1p2\"", "");
    let package = accepts(&unbound, &["warning:xml-prefix-unbound"]).package.unwrap();
    assert_eq!(items(&package)[0].launch.as_ref().unwrap().role, Role::Sco);
}

#[test]
fn the_page_that_a_wrong_href_most_likely_means_is_suggested() {
    let wrong = MANIFEST.replace("href=\"index.html\"", "href=\"html/Start.html\"");
    let found = |files: &[&str]| {
        let mut entries = vec![file("imsmanifest.xml", &wrong)];
        entries.extend(files.iter().map(|name| file(name, "")));
        let report = report(&archive(&entries));
        report.findings.into_iter().find(|finding| finding.code == "launch-file-missing").unwrap().message
    };
    assert!(found(&["content/start.html", "other.html"]).ends_with("It may mean \"content/start.html\"."));
    assert!(found(&["index_lms.html", "index.html"]).ends_with("It may mean \"index_lms.html\"."));
    assert!(found(&["other.html"]).ends_with("which is not in the package."));
}

#[test]
fn an_item_without_a_way_to_start_is_a_warning_until_it_is_the_only_one() {
    let other = "<item identifier=\"j\" identifierref=\"s\"><title>More</title></item>\n  </organization>";
    let resource = |resource: &str| format!("{resource}</resources>");
    let cases = [
        ("", "resource-missing"),
        ("<resource identifier=\"s\" adlcp:scormtype=\"sco\"/>", "launch-href-missing"),
        ("<resource identifier=\"s\" adlcp:scormtype=\"sco\" href=\"gone.html\"/>", "launch-file-missing"),
        ("<resource identifier=\"s\" adlcp:scormtype=\"sco\" href=\"https://example.org/\"/>", "launch-external"),
    ];
    for (broken, code) in cases {
        let manifest = MANIFEST.replace("</organization>", other).replace("</resources>", &resource(broken));
        let some = accepts(&course_of(&manifest), &[&format!("warning:{code}")]);
        assert!(items(&some.package.unwrap())[1].launch.is_none());
        let none = report(&course_of(manifest.replace("href=\"index.html\"", "href=\"gone.html\"")));
        assert!(!none.accepted, "{code}");
        let errors = none.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert!(errors.clone().any(|finding| finding.code == code), "{code}");
        assert!(errors.clone().any(|finding| finding.code == "launch-file-missing"), "{code}");
    }
}

#[test]
fn references_that_leave_the_package_are_refused() {
    let href = |href: &str| with("href=\"index.html\"", &format!("href=\"{href}\""));
    refuses(&href("../../etc/passwd"), "path-escapes", "imsmanifest.xml:7:14");
    refuses(&href("%2e%2e/x"), "path-escapes", "imsmanifest.xml:7:14");
    refuses(&href("javascript:alert(1)"), "launch-unsafe", "imsmanifest.xml:7:14");
    refuses(&href("data:text/html,x"), "launch-unsafe", "imsmanifest.xml:7:14");
    refuses(&href("//example.org/x"), "launch-unsafe", "imsmanifest.xml:7:14");
    refuses(&with("<resources>", "<resources xml:base=\"../\">"), "path-escapes", "imsmanifest.xml:7:3");
}

#[test]
fn hrefs_are_found_as_designers_mean_them() {
    let launched = |href: &str, base: &str, path: &str, expected: &[&str]| {
        let to = format!("<resource xml:base=\"{base}\" identifier=\"r\" adlcp:scormtype=\"sco\" href=\"{href}\"/>");
        let from = "<resource identifier=\"r\" type=\"webcontent\" adlcp:scormtype=\"sco\" href=\"index.html\"/>";
        let manifest =
            MANIFEST.replace(from, &to).replace("identifierref=\"r\"", "identifierref=\"r\" parameters=\"?b=2\"");
        let bytes = archive(&[file("imsmanifest.xml", manifest), file(path, "")]);
        let package = accepts(&bytes, expected).package.unwrap();
        let launch = items(&package)[0].launch.clone().unwrap();
        assert_eq!(launch.path, path);
        launch.suffix
    };
    assert_eq!(launched("start.html?a=1#top", "", "start.html", &[]), "?a=1&b=2#top");
    assert_eq!(launched("b%20c.html", "a/", "a/b c.html", &[]), "?b=2");
    assert_eq!(launched("b\\c.html", "a", "a/b/c.html", &["warning:href-backslash"]), "?b=2");
    assert_eq!(launched("START.html", "", "start.html", &["warning:href-case"]), "?b=2");
}

#[test]
fn white_space_around_identifiers_and_references_collapses() {
    let spaced = MANIFEST
        .replace("default=\"o\"", "default=\"\n o \"")
        .replace("<organization identifier=\"o\"", "<organization identifier=\" o\"")
        .replace("identifierref=\"r\"", "identifierref=\" r \"")
        .replace("<resource identifier=\"r\"", "<resource identifier=\"\tr \"")
        .replace("href=\"index.html\"", "href=\" index.html \"");
    let package = accepts(&archive(&[file("imsmanifest.xml", spaced), file("index.html", "")]), &[]).package.unwrap();
    assert_eq!(package.launchable().map(|item| item.launch.unwrap().path.clone()).collect::<Vec<_>>(), ["index.html"]);
}

#[test]
fn the_values_of_items_are_read_and_what_cannot_be_read_is_absent() {
    let values = "<title>Page</title><adlcp:masteryscore>80</adlcp:masteryscore>\
        <adlcp:maxtimeallowed>00:30:00</adlcp:maxtimeallowed>\
        <adlcp:timelimitaction>exit,no message</adlcp:timelimitaction>\
        <adlcp:dataFromLMS> a=1 </adlcp:dataFromLMS><adlcp:prerequisites type=\"aicc_script\">x&amp;y</adlcp:prerequisites>";
    let package = accepts(&with("<title>Page</title>", values), &[]).package.unwrap();
    let item = &items(&package)[0].values;
    let texts =
        [&item.mastery_score, &item.max_time_allowed, &item.time_limit_action, &item.launch_data, &item.prerequisites];
    assert_eq!(texts.map(|text| text.as_deref().unwrap()), ["80", "00:30:00", "exit,no message", "a=1", "x&y"]);
    let unreadable = with("<title>Page</title>", "<title>Page</title><adlcp:masteryscore>most</adlcp:masteryscore>");
    let package = accepts(&unreadable, &["warning:value-unreadable"]).package.unwrap();
    assert_eq!(items(&package)[0].values.mastery_score, None);
}

#[test]
fn identifiers_of_items_are_unique_whatever_the_manifest_says() {
    let twice = with(
        "</organization>",
        "<item identifier=\"i\" identifierref=\"r\"><title>B</title></item><item identifierref=\"r\"><title>C</title></item></organization>",
    );
    let package =
        accepts(&twice, &["warning:item-identifier-twice", "warning:item-identifier-missing"]).package.unwrap();
    let ids: Vec<_> = items(&package).iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["i", "i~2", "item-3"]);
}

#[test]
fn titles_and_organizations_have_a_second_choice() {
    let nameless = accepts(&with("<title>Course</title>", ""), &["warning:title-missing"]).package.unwrap();
    assert_eq!(nameless.title, "Page");
    let lost = with("default=\"o\"", "default=\"p\"");
    accepts(&lost, &["warning:organization-default-missing"]);
    let two =
        with("</organization>", "</organization><organization identifier=\"p\"><title>Other</title></organization>");
    assert_eq!(accepts(&two, &["info:organizations-ignored"]).package.unwrap().title, "Course");
    let empty = MANIFEST.replace("<item identifier=\"i\" identifierref=\"r\"><title>Page</title></item>", "");
    refuses(&course_of(empty), "organization-missing", "imsmanifest.xml:4:30");
}

#[test]
fn editions_are_distinguished_and_what_is_not_played_is_reported() {
    let stated = |version: &str| report(&with("<schemaversion>1.2<", &format!("<schemaversion>{version}<")));
    for (version, edition) in
        [("CAM 1.3", "2nd Edition"), ("2004 3rd Edition", "3rd Edition"), ("2004 4th Edition", "4th Edition")]
    {
        let report = stated(version);
        assert_eq!((report.kind, report.edition.as_deref()), (Some(Standard::Scorm2004), Some(edition)));
        assert!(codes(&report).contains(&"warning:standard-not-yet-played".to_owned()), "{:?}", codes(&report));
        assert_eq!(report.items.len(), 1);
    }
    let unknown = stated("7");
    assert_eq!((unknown.kind, unknown.accepted), (Some(Standard::Scorm12), true));
    assert_eq!(codes(&unknown), ["warning:schema-version-unknown"]);
    let missing = with("<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>", "");
    accepts(&missing, &["warning:schema-version-missing"]);
}

#[test]
fn other_standards_are_named_with_what_they_hold() {
    let cmi5 = "<courseStructure xmlns=\"https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd\">\
        <course id=\"urn:c\"><title><langstring lang=\"en\">Course</langstring></title><description/></course>\
        <block id=\"urn:b\"><title><langstring>Block</langstring></title><description/>\
        <au id=\"urn:a\"><title><langstring>Unit</langstring></title><description/><url>index.html</url></au></block>\
        </courseStructure>";
    let found = report(&archive(&[file("cmi5.xml", cmi5), file("index.html", "")]));
    assert_eq!((found.kind, found.title.as_deref()), (Some(Standard::Cmi5), Some("Course")));
    assert_eq!(found.items[0].items[0].title, "Unit");
    assert_eq!(codes(&found), ["warning:standard-not-yet-played"]);
    assert_eq!(codes(&report(cmi5.as_bytes())), ["error:manifest-alone"]);
    let elsewhere = cmi5.replace("index.html", "https://content.example/unit");
    assert_eq!(codes(&report(elsewhere.as_bytes())), ["warning:standard-not-yet-played"]);
    let tincan = "<tincan xmlns=\"http://projecttincan.com/tincan.xsd\"><activities><activity id=\"urn:x\" type=\"http://adlnet.gov/expapi/activities/course\"><name>Try</name><launch>index.html</launch></activity></activities></tincan>";
    let found = report(&archive(&[file("tincan.xml", tincan), file("index.html", "")]));
    assert_eq!((found.kind, found.title.as_deref()), (Some(Standard::TinCan), Some("Try")));
    assert_eq!(found.items[0].launch.as_ref().unwrap().path, "index.html");
    assert_eq!(codes(&report(MANIFEST.as_bytes())), ["error:manifest-alone"]);
    refuses(b"<courseStructure>\n</course>", "xml-malformed", "2:1");
    assert_eq!(codes(&report(b"<rss><channel/></rss>")), ["error:manifest-unknown"]);
}
